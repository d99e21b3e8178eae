//! What people may be permitted to do with money.

bk_kernel::permissions! {
    /// Read the purchases and payments of the own account.
    OwnBillingRead = "own.billing.read", "See the own account's purchases and payments";
    /// Read all purchases and payments of the tenant.
    BillingRead = "billing.read", "See all purchases and payments";
    /// See the payment provider's events, replay them, reconcile.
    BillingOperate = "billing.operate", "See and replay payment events, reconcile with the payment provider";
}
