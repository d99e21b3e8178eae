//! What people may do in the kitchen domain. `own.*` is for customers and their own account only.

bk_kernel::permissions! {
    /// See the menu with the own account's suitability.
    OwnMenuRead = "own.menu.read", "See the menu";
    /// See what packs are on offer and which one holds.
    OwnPacksRead = "own.packs.read", "See own packs and the packs on offer";
    /// Buy a pack.
    OwnPacksBuy = "own.packs.buy", "Buy packs";
    /// See the own account's orders.
    OwnOrdersRead = "own.orders.read", "See own orders";
    /// Draft and confirm orders.
    OwnOrdersWrite = "own.orders.write", "Draft and confirm own orders";

    /// Read ingredients, recipes, dishes, components, presets and menus.
    MenuRead = "menu.read", "See ingredients, recipes, dishes and menus";
    /// Change them.
    MenuWrite = "menu.write", "Change ingredients, recipes, dishes and menus";
    /// Read pack products and plans.
    CatalogueRead = "catalogue.read", "See pack products and plans";
    /// Change them.
    CatalogueWrite = "catalogue.write", "Change pack products and plans";
    /// Read accounts: one's own unless `accounts.all` is held too.
    AccountsRead = "accounts.read", "See assigned accounts, their packs and preferences";
    /// Change them.
    AccountsWrite = "accounts.write", "Create and change assigned accounts";
    /// Lifts the restriction to assigned accounts.
    AccountsAll = "accounts.all", "See and change every account, not only assigned ones";
    /// Read weeks and orders.
    OrdersRead = "orders.read", "See weeks and orders";
    /// Cancel orders.
    OrdersWrite = "orders.write", "Cancel orders";
    /// Lock a week after its cutoff.
    WeeksLock = "weeks.lock", "Lock a week after its cutoff";
    /// Read production plans, labels and pack lists.
    ProductionRead = "production.read", "See production plans, labels and pack lists";
}
