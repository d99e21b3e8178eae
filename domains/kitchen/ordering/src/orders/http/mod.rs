//! `/client/orders`, `/admin/orders`, and orders below `/admin/accounts`.

mod admin;
mod client;
mod errors;
mod forms;

use bk_guard::Routes;

/// Mounts this slice. `current` comes before `{id}`.
pub(crate) fn routes(routes: &mut Routes<'_>) {
    routes
        .mount(client::get_current_order)
        .mount(client::update_current_order)
        .mount(client::confirm_order)
        .mount(client::list_own_orders)
        .mount(client::get_own_order)
        .mount(admin::list_orders)
        .mount(admin::list_account_orders)
        .mount(admin::get_order)
        .mount(admin::cancel_order);
}
