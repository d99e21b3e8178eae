//! Routes for reading purchases and payments.

use actix_web::{get, web};
use bk_guard::{Allowed, Guarded, Json, PageQuery, Path, Policy, Problem, Query, Routes};
use bk_kernel::{Code, Money, Page};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use super::{
    read_transactions::{get_one, list_all, list_own},
    transaction::{Entry, EntryKind, Filter, Transaction},
};
use crate::{
    Billing,
    permissions::{BillingRead, OwnBillingRead},
    purchase::{Attention, Purchase, PurchaseState},
};

pub(crate) fn routes(routes: &mut Routes<'_>) {
    routes.mount(list_own_transactions).mount(list_transactions).mount(get_transaction);
}

/// List the own account's purchases
///
/// Newest first. A caller without an account sees an empty list.
#[utoipa::path(
    tag = "transactions",
    params(PageQuery),
    responses((status = 200, description = "A page of purchases", body = OwnTransactionPageDto))
)]
#[get("/client/billing/transactions")]
pub(crate) async fn list_own_transactions(
    who: Allowed<OwnBillingRead>,
    query: Query<PageQuery>,
    billing: web::Data<Billing>,
) -> Result<Json<OwnTransactionPageDto>, Problem> {
    let page = query.0.page()?;
    let caller = (who.caller.tenant_id(), who.caller.actor.user_id);
    let own = list_own(billing.db(), billing.accounts(), who.permit, caller, page).await?;
    let Page { items, next_cursor } = own.map(OwnTransactionDto::from);
    Ok(Json(OwnTransactionPageDto { items, next_cursor }))
}

impl Guarded for list_own_transactions {
    const POLICY: Policy = Policy::client::<OwnBillingRead>();
}

/// List purchases
///
/// All of the kitchen's purchases, newest first.
#[utoipa::path(
    tag = "transactions",
    params(TransactionFilter, PageQuery),
    responses((status = 200, description = "A page of purchases", body = TransactionPageDto))
)]
#[get("/admin/billing/transactions")]
pub(crate) async fn list_transactions(
    who: Allowed<BillingRead>,
    query: Query<TransactionQuery>,
    billing: web::Data<Billing>,
) -> Result<Json<TransactionPageDto>, Problem> {
    let TransactionQuery { state, account_id, limit, cursor } = query.0;
    let page = PageQuery { limit, cursor }.page()?;
    let filter = Filter { state: state.map(Into::into), account: account_id.map(Into::into) };
    let all = list_all(billing.db(), who.permit, who.caller.tenant_id(), filter, page).await?;
    let Page { items, next_cursor } = all.map(TransactionDto::from);
    Ok(Json(TransactionPageDto { items, next_cursor }))
}

impl Guarded for list_transactions {
    const POLICY: Policy = Policy::admin::<BillingRead>();
}

/// Read a purchase
///
/// With every payment and refund posted for it.
#[utoipa::path(
    tag = "transactions",
    params(("id" = Uuid, Path, description = "The purchase")),
    responses((status = 200, description = "The purchase", body = TransactionDetailDto))
)]
#[get("/admin/billing/transactions/{id}")]
pub(crate) async fn get_transaction(
    who: Allowed<BillingRead>,
    id: Path<Uuid>,
    billing: web::Data<Billing>,
) -> Result<Json<TransactionDetailDto>, Problem> {
    let found = get_one(billing.db(), who.permit, who.caller.tenant_id(), id.0.into()).await?;
    let transaction = found.ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(Json(transaction.into()))
}

impl Guarded for get_transaction {
    const POLICY: Policy = Policy::admin::<BillingRead>();
}

/// Which purchases.
#[derive(Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct TransactionQuery {
    state: Option<PurchaseStateDto>,
    account_id: Option<Uuid>,
    #[validate(range(min = 1, max = 100, message = "between 1 and 100"))]
    limit: Option<u16>,
    cursor: Option<String>,
}

/// The filters of the list, for the document; [`PageQuery`] describes the rest of
/// [`TransactionQuery`].
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "for the document")]
pub(crate) struct TransactionFilter {
    /// Only purchases in this state.
    #[param(inline, example = "PAID")]
    state: Option<PurchaseStateDto>,
    /// Only purchases of this account.
    #[param(example = "019ab0c2-7d1e-7f00-8000-000000000002")]
    account_id: Option<Uuid>,
}

/// How far a purchase got.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(example = "PAID")]
pub(crate) enum PurchaseStateDto {
    /// The payment page is open, or about to be.
    Pending,
    /// The payment is confirmed.
    Paid,
    /// The page closed without a payment.
    Cancelled,
    /// All of the money went back.
    Refunded,
    /// A part of the money went back.
    PartiallyRefunded,
}

/// Why people should look at a purchase.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum AttentionDto {
    /// Another amount or currency than the price.
    AmountMismatch,
    /// The payment is labelled as another purchase's.
    MetadataMismatch,
    /// Real money in a test deployment, or the other way round.
    LivemodeMismatch,
    /// Paid, but no payment is named.
    PaymentMissing,
}

/// Which way the money went.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(example = "PAYMENT")]
pub(crate) enum EntryKindDto {
    /// From the customer.
    Payment,
    /// Back to the customer.
    Refund,
}

/// An amount of money.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Money)]
pub(crate) struct MoneyDto {
    /// Minor units: cents, whole yen.
    #[schema(example = 13_000)]
    amount: i64,
    /// ISO 4217.
    #[schema(example = "AUD", pattern = "^[A-Z]{3}$")]
    currency: String,
}

/// A purchase, as its customer sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnTransactionDto {
    /// The purchase.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000003")]
    id: Uuid,
    /// The pack product.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000004")]
    product_id: Uuid,
    /// Its title when it was bought.
    #[schema(example = "10 meals, 300 g")]
    title: String,
    /// Meals bought.
    #[schema(example = 10, minimum = 1)]
    meals: i32,
    /// Grams per meal.
    #[schema(example = 300, minimum = 1)]
    meal_size_g: i32,
    /// The price.
    price: MoneyDto,
    /// How far it got.
    state: PurchaseStateDto,
    /// When it was started.
    created_at: DateTime<Utc>,
    /// When the payment was recorded.
    paid_at: Option<DateTime<Utc>>,
}

/// A page of the own purchases.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnTransactionPageDto {
    /// The purchases.
    items: Vec<OwnTransactionDto>,
    /// Where the next page starts, or null at the end.
    #[schema(example = json!(null))]
    next_cursor: Option<String>,
}

/// A purchase, as staff see it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TransactionDto {
    /// The purchase.
    #[serde(flatten)]
    purchase: OwnTransactionDto,
    /// Whose.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000002")]
    account_id: Uuid,
    /// Who started it.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000005")]
    user_id: Uuid,
    /// When its payment page closes.
    expires_at: DateTime<Utc>,
    /// Why somebody should look at it: the payment provider contradicts what was sold.
    #[schema(inline, example = json!(null))]
    attention: Option<AttentionDto>,
    /// The provider's checkout session.
    #[schema(example = "cs_test_1")]
    stripe_session_id: Option<String>,
}

/// A page of purchases.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TransactionPageDto {
    /// The purchases.
    items: Vec<TransactionDto>,
    /// Where the next page starts, or null at the end.
    #[schema(example = json!(null))]
    next_cursor: Option<String>,
}

/// A purchase with its money.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TransactionDetailDto {
    /// The purchase.
    #[serde(flatten)]
    transaction: TransactionDto,
    /// Payments and refunds, in the order of posting.
    entries: Vec<LedgerEntryDto>,
}

/// Money that moved.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LedgerEntryDto {
    /// The entry.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000006")]
    id: Uuid,
    /// Which way.
    kind: EntryKindDto,
    /// Positive for payments, negative for refunds.
    amount: MoneyDto,
    /// The provider's object it was posted for.
    #[schema(example = "pi_1TestPayment")]
    stripe_object: String,
    /// Whether it was real money.
    #[schema(example = false)]
    livemode: bool,
    /// When it was posted.
    at: DateTime<Utc>,
}

impl From<Money> for MoneyDto {
    fn from(money: Money) -> Self {
        Self { amount: money.amount_minor, currency: money.currency.into() }
    }
}

impl From<Purchase> for OwnTransactionDto {
    fn from(purchase: Purchase) -> Self {
        Self {
            id: purchase.id.uuid(),
            product_id: purchase.product_id.uuid(),
            title: purchase.title,
            meals: purchase.meals,
            meal_size_g: purchase.meal_size_g,
            price: purchase.price.into(),
            state: purchase.state.into(),
            created_at: purchase.created_at,
            paid_at: purchase.paid_at,
        }
    }
}

impl From<Purchase> for TransactionDto {
    fn from(purchase: Purchase) -> Self {
        Self {
            account_id: purchase.account_id.uuid(),
            user_id: purchase.user_id.uuid(),
            expires_at: purchase.expires_at,
            attention: purchase.attention.map(AttentionDto::from),
            stripe_session_id: purchase.page.as_ref().map(|page| page.session_id.clone()),
            purchase: purchase.into(),
        }
    }
}

impl From<Transaction> for TransactionDetailDto {
    fn from(transaction: Transaction) -> Self {
        let Transaction { purchase, entries } = transaction;
        Self {
            transaction: purchase.into(),
            entries: entries.into_iter().map(LedgerEntryDto::from).collect(),
        }
    }
}

impl From<Entry> for LedgerEntryDto {
    fn from(entry: Entry) -> Self {
        Self {
            id: entry.id,
            kind: entry.kind.into(),
            amount: entry.amount.into(),
            stripe_object: entry.stripe_object,
            livemode: entry.livemode,
            at: entry.at,
        }
    }
}

impl From<PurchaseState> for PurchaseStateDto {
    fn from(value: PurchaseState) -> Self {
        match value {
            PurchaseState::Pending => Self::Pending,
            PurchaseState::Paid => Self::Paid,
            PurchaseState::Cancelled => Self::Cancelled,
            PurchaseState::Refunded => Self::Refunded,
            PurchaseState::PartiallyRefunded => Self::PartiallyRefunded,
        }
    }
}

impl From<PurchaseStateDto> for PurchaseState {
    fn from(value: PurchaseStateDto) -> Self {
        match value {
            PurchaseStateDto::Pending => Self::Pending,
            PurchaseStateDto::Paid => Self::Paid,
            PurchaseStateDto::Cancelled => Self::Cancelled,
            PurchaseStateDto::Refunded => Self::Refunded,
            PurchaseStateDto::PartiallyRefunded => Self::PartiallyRefunded,
        }
    }
}

impl From<Attention> for AttentionDto {
    fn from(value: Attention) -> Self {
        match value {
            Attention::AmountMismatch => Self::AmountMismatch,
            Attention::MetadataMismatch => Self::MetadataMismatch,
            Attention::LivemodeMismatch => Self::LivemodeMismatch,
            Attention::PaymentMissing => Self::PaymentMissing,
        }
    }
}

impl From<EntryKind> for EntryKindDto {
    fn from(value: EntryKind) -> Self {
        match value {
            EntryKind::Payment => Self::Payment,
            EntryKind::Refund => Self::Refund,
        }
    }
}
