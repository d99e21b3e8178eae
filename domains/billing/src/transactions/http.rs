//! Routes for reading purchases and payments.

use actix_web::{get, web};
use bk_guard::{Allowed, Guarded, Json, ListQuery, Page, Path, Policy, Problem, Routes, Word};
use bk_kernel::{self as kernel, Code};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use super::{read_transactions, transaction};
use crate::{
    Billing,
    ledger::{Entry, EntryKind},
    permissions::{BillingRead, OwnBillingRead},
    purchases::{Purchase, PurchaseFilter, PurchaseState, ReviewReason},
};

pub(crate) fn routes(routes: &mut Routes<'_>) {
    routes.mount(list_own_transactions).mount(list_transactions).mount(get_transaction);
}

/// List the own account's purchases
///
/// Newest first. A caller without an account sees an empty list.
#[utoipa::path(tag = "transactions", params(ListQuery), responses(Page<OwnTransaction>))]
#[get("/client/billing/transactions")]
pub(crate) async fn list_own_transactions(
    who: Allowed<OwnBillingRead>,
    query: ListQuery,
    billing: web::Data<Billing>,
) -> Result<Page<OwnTransaction>, Problem> {
    let input = (who.clone(), billing.accounts(), query.page());
    let page = billing.db().read(&who, input, async |tx, (who, accounts, (limit, cursor))| {
        read_transactions::list_own_transactions(&who, &tx, &*accounts, limit, cursor).await
    });
    let page: kernel::Page<Purchase> = page.await?;
    Ok(page.map(OwnTransaction::from).into())
}

impl Guarded for list_own_transactions {
    const POLICY: Policy = Policy::client::<OwnBillingRead>();
}

/// List purchases
///
/// All of the kitchen's purchases, newest first.
#[utoipa::path(
    tag = "transactions",
    params(ListQuery<TransactionFilter>),
    responses(Page<TransactionSummary>)
)]
#[get("/admin/billing/transactions")]
pub(crate) async fn list_transactions(
    who: Allowed<BillingRead>,
    query: ListQuery<TransactionFilter>,
    billing: web::Data<Billing>,
) -> Result<Page<TransactionSummary>, Problem> {
    let page = query.page();
    let input = (who.clone(), PurchaseFilter::from(query.filter), page);
    let page = billing.db().read(&who, input, async |tx, (who, filter, (limit, cursor))| {
        read_transactions::list_transactions(&who, &tx, filter, limit, cursor).await
    });
    let page: kernel::Page<Purchase> = page.await?;
    Ok(page.map(TransactionSummary::from).into())
}

impl Guarded for list_transactions {
    const POLICY: Policy = Policy::admin::<BillingRead>();
}

/// Get a purchase
///
/// With every payment and refund posted for it.
#[utoipa::path(
    tag = "transactions",
    params(("id" = Uuid, Path, description = "The purchase")),
    responses(Json<Transaction>)
)]
#[get("/admin/billing/transactions/{id}")]
pub(crate) async fn get_transaction(
    who: Allowed<BillingRead>,
    id: Path<Uuid>,
    billing: web::Data<Billing>,
) -> Result<Json<Transaction>, Problem> {
    let found = billing.db().read(&who, (who.clone(), id.0.into()), async |tx, (who, id)| {
        read_transactions::get_transaction(&who, &tx, id).await
    });
    let found: Option<transaction::Transaction> = found.await?;
    let transaction = found.ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(Json(transaction.into()))
}

impl Guarded for get_transaction {
    const POLICY: Policy = Policy::admin::<BillingRead>();
}

/// Which purchases to list.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct TransactionFilter {
    /// Only purchases in this state.
    #[param(inline, example = "PAID")]
    state: Option<PurchaseStateWord>,
    /// Only purchases of this account.
    #[param(example = "019ab0c2-7d1e-7f00-8000-000000000002")]
    account_id: Option<Uuid>,
}

/// How far a purchase got.
type PurchaseStateWord = Word<PurchaseState>;

/// Why staff should review a purchase.
type ReviewReasonWord = Word<ReviewReason>;

/// Which way the money went.
type EntryKindWord = Word<EntryKind>;

/// An amount of money.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Money {
    /// Minor units: cents, whole yen.
    #[schema(example = 13_000)]
    amount: i64,
    /// ISO 4217.
    #[schema(example = "AUD", pattern = "^[A-Z]{3}$")]
    currency: String,
}

/// A purchase, as its customer sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnTransaction {
    /// The id of the purchase.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000003")]
    id: Uuid,
    /// The pack product.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000004")]
    product_id: Uuid,
    /// The title of the product when it was bought.
    #[schema(example = "10 meals, 300 g")]
    title: String,
    /// Meals bought.
    #[schema(example = 10, minimum = 1)]
    meals: i32,
    /// Grams per meal.
    #[schema(example = 300, minimum = 1)]
    meal_size_g: i32,
    /// The price for which it was bought.
    price: Money,
    /// How far the purchase got.
    state: PurchaseStateWord,
    /// When the purchase was started.
    created_at: DateTime<Utc>,
    /// When the payment was recorded.
    paid_at: Option<DateTime<Utc>>,
}

/// A purchase, as staff see it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TransactionSummary {
    /// What its customer sees.
    #[serde(flatten)]
    purchase: OwnTransaction,
    /// The account that bought.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000002")]
    account_id: Uuid,
    /// The person who started the purchase.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000005")]
    user_id: Uuid,
    /// When the payment page closes.
    expires_at: DateTime<Utc>,
    /// Why staff should review it: the payment provider contradicts what was sold.
    #[schema(inline, example = json!(null))]
    attention: Option<ReviewReasonWord>,
    /// The provider's checkout session.
    #[schema(example = "cs_test_1")]
    stripe_session_id: Option<String>,
}

/// A purchase with its money.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Transaction {
    /// The purchase, as lists show it.
    #[serde(flatten)]
    summary: TransactionSummary,
    /// Payments and refunds, in the order of posting.
    entries: Vec<LedgerEntry>,
}

/// Money that moved.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LedgerEntry {
    /// The id of the entry.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000006")]
    id: Uuid,
    /// Which way the money went.
    kind: EntryKindWord,
    /// Positive for payments, negative for refunds.
    amount: Money,
    /// The provider's object that the entry was posted for.
    #[schema(example = "pi_1TestPayment")]
    stripe_object: String,
    /// Whether it was real money.
    #[schema(example = false)]
    livemode: bool,
    /// When the entry was posted.
    at: DateTime<Utc>,
}

impl From<TransactionFilter> for PurchaseFilter {
    fn from(filter: TransactionFilter) -> Self {
        Self {
            state: filter.state.map(|word| word.0),
            account_id: filter.account_id.map(Into::into),
        }
    }
}

impl From<kernel::Money> for Money {
    fn from(money: kernel::Money) -> Self {
        Self { amount: money.amount_minor, currency: money.currency.into() }
    }
}

impl From<Purchase> for OwnTransaction {
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

impl From<Purchase> for TransactionSummary {
    fn from(purchase: Purchase) -> Self {
        Self {
            account_id: purchase.account_id.uuid(),
            user_id: purchase.user_id.uuid(),
            expires_at: purchase.expires_at,
            attention: purchase.review_reason.map(Word),
            stripe_session_id: purchase.page.as_ref().map(|page| page.session_id.clone()),
            purchase: purchase.into(),
        }
    }
}

impl From<transaction::Transaction> for Transaction {
    fn from(transaction: transaction::Transaction) -> Self {
        let transaction::Transaction { purchase, entries } = transaction;
        Self {
            summary: purchase.into(),
            entries: entries.into_iter().map(LedgerEntry::from).collect(),
        }
    }
}

impl From<Entry> for LedgerEntry {
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
