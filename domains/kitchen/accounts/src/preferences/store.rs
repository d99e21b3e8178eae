//! Rows of preference profiles, to and from the model.

use bk_kernel::{AccountId, ProfileId};
use bk_persistence::store::*;
use chrono::{DateTime, Utc};

use super::{
    entity::{profile, rule},
    rule::{Rule, RuleSet},
};

/// The kind and the value of a rule, as stored.
#[derive(FromQueryResult)]
struct RuleRow {
    kind: String,
    value: String,
}

/// The rules of the account's default profile; empty when it has none.
pub(super) async fn default_rules(tx: &TenantTx, account: AccountId) -> Result<RuleSet, DbError> {
    let rows: Vec<RuleRow> = tenant_sql(
        tx,
        "SELECT r.kind, r.value
           FROM kitchen_preference_profiles p
           JOIN kitchen_preference_rules r ON r.tenant_id = p.tenant_id AND r.profile_id = p.id
          WHERE p.tenant_id = $1 AND p.account_id = $2 AND p.is_default AND p.user_id IS NULL
          ORDER BY r.position",
    )
    .bind_id(account)
    .all(tx)
    .await?;
    // A rule that cannot be read must not be taken for no rule: the order would pass unchecked.
    let rules: Option<Vec<Rule>> = rows.iter().map(rule_from_row).collect();
    rules.and_then(|rules| RuleSet::new(rules).ok()).ok_or_else(|| corrupt_row("preference rule"))
}

fn rule_from_row(row: &RuleRow) -> Option<Rule> {
    Rule::parse(row.kind.parse().ok()?, &row.value).ok()
}

/// Gives an account its default profile, with these rules.
pub(super) async fn insert_default_profile(
    tx: &TenantTx,
    id: ProfileId,
    account: AccountId,
    rules: &RuleSet,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let tenant_id = tx.tenant_id().uuid();
    let row = profile::ActiveModel {
        tenant_id: Set(tenant_id),
        id: Set(id.uuid()),
        account_id: Set(account.uuid()),
        user_id: Set(None),
        name: Set("Default".to_owned()),
        is_default: Set(true),
        dietary_plan: Set(String::new()),
        notes: Set(String::new()),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    profile::Entity::insert(row).exec_without_returning(tx).await?;
    if rules.is_empty() {
        return Ok(());
    }
    let rows = rules.iter().zip(0..).map(|(rule, position)| rule::ActiveModel {
        tenant_id: Set(tenant_id),
        profile_id: Set(id.uuid()),
        position: Set(position),
        kind: Set(rule.kind().as_str().to_owned()),
        value: Set(rule.target().as_str().to_owned()),
    });
    rule::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}
