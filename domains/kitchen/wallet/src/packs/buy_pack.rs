//! Buying a pack: what may be bought by whom, then the payment page.

use bk_contracts::{
    checkout::{CheckoutError, PackCheckout, StartedCheckout},
    identity::UserDirectory,
};
use bk_kernel::{Authorized, OperationContext, PackProductId};
use bk_kitchen_accounts::accounts::{self, AccountStatus};
use bk_kitchen_core::{KitchenState, permissions::OwnPacksBuy};
use bk_persistence::{DbError, TenantTx};
use thiserror::Error;
use url::Url;

use crate::products;

/// What to buy and where the payment page returns to.
#[derive(Debug, Clone)]
pub struct BuyPack {
    /// The product that is bought.
    pub product_id: PackProductId,
    /// After paying.
    pub success_url: String,
    /// After leaving without paying.
    pub cancel_url: String,
    /// The caller's `Idempotency-Key`.
    pub request_key: Option<String>,
}

/// Why no payment page was opened.
#[derive(Debug, Error)]
pub enum BuyPackError {
    /// There is no such product for sale, or the person has no account.
    #[error("no such product")]
    NotFound,
    /// The account may not buy.
    #[error("the account is {0}")]
    Account(AccountStatus),
    /// A return address is not on the tenant's allowlist.
    #[error("{field} is not allowed")]
    ReturnUrl {
        /// `success_url` or `cancel_url`.
        field: &'static str,
    },
    /// The payment page could not be opened.
    #[error(transparent)]
    Checkout(#[from] CheckoutError),
    /// The product or the account could not be read.
    #[error("the product or the account could not be read")]
    Db(#[from] DbError),
}

/// Opens a payment page for a pack. Nothing is granted until the payment is verified. The transaction
/// ends before the payment provider is asked.
pub async fn buy_pack(
    ctx: &Authorized<OwnPacksBuy>,
    kitchen: &KitchenState,
    buy: BuyPack,
) -> Result<StartedCheckout, BuyPackError> {
    let deps = kitchen.deps();
    let settings = deps.tenants.settings(ctx.tenant_id()).await?.ok_or(BuyPackError::NotFound)?;
    for (field, url) in [("success_url", &buy.success_url), ("cancel_url", &buy.cancel_url)] {
        let allowed = origin(url).is_some_and(|origin| {
            settings.return_origins.contains(&origin) || deps.return_origins.contains(&origin)
        });
        if !allowed {
            return Err(BuyPackError::ReturnUrl { field });
        }
    }
    let input = (ctx.clone(), deps.users.clone(), buy);
    let checkout = kitchen
        .db()
        .read(ctx, input, async |tx, (ctx, users, buy)| {
            pack_checkout(&ctx, &tx, &*users, buy).await
        })
        .await?;
    Ok(deps.checkout.start_pack(ctx, checkout).await?)
}

async fn pack_checkout(
    ctx: &OperationContext,
    tx: &TenantTx,
    users: &dyn UserDirectory,
    buy: BuyPack,
) -> Result<PackCheckout, BuyPackError> {
    let user_id = ctx.user_id().ok_or(BuyPackError::NotFound)?;
    let account = accounts::account_of(tx, user_id).await?.ok_or(BuyPackError::NotFound)?;
    if account.status != AccountStatus::Active {
        return Err(BuyPackError::Account(account.status));
    }
    let product = products::pack_product_for_sale(tx, buy.product_id).await?;
    let product = product.ok_or(BuyPackError::NotFound)?;
    let person = users.summaries(tx, &[user_id]).await?.pop().ok_or(BuyPackError::NotFound)?;
    Ok(PackCheckout {
        account_id: account.id,
        user_id,
        email: person.email,
        product_id: product.id,
        title: product.content.title,
        meals: product.content.meals,
        meal_size_g: product.content.meal_size.grams(),
        price: product.content.price,
        success_url: buy.success_url,
        cancel_url: buy.cancel_url,
        request_key: buy.request_key,
    })
}

/// The origin of a web address without user name and password (RFC 6454).
fn origin(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let web = matches!(url.scheme(), "https" | "http");
    let bare = url.username().is_empty() && url.password().is_none();
    (web && bare).then(|| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_web_addresses_have_an_origin() {
        assert_eq!(origin("https://shop.example/ok?a=b").as_deref(), Some("https://shop.example"));
        assert_eq!(origin("http://localhost:3000/x").as_deref(), Some("http://localhost:3000"));
        for refused in
            ["javascript:alert(1)", "https://a@shop.example/", "/ok", "data:text/html,x", ""]
        {
            assert_eq!(origin(refused), None, "{refused}");
        }
    }
}
