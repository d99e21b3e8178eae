//! Accounts with their addresses, packs and preferences.

use bk_kitchen_wallet::packs::PackEventKind;
use bk_persistence::TenantTx;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use uuid::Uuid;

use super::{
    catalogue::{preset_id, product_id},
    data::{Account, BoughtPack, DemoTenant},
    ids::Ids,
    past_week::PAST_ORDERS,
    seed::{DemoError, DemoPeople},
    store::{Rows, insert, row},
};

/// Why meals are missing from a pack whose orders are not part of the demo.
const OPENING_BALANCE: &str = "opening balance";

/// Rows by table, in the order in which they refer to each other.
#[derive(Default)]
struct AccountRows {
    accounts: Rows,
    users: Rows,
    addresses: Rows,
    profiles: Rows,
    rules: Rows,
    packs: Rows,
    events: Rows,
}

/// The id of the account in this place of the file.
pub(super) fn account_id(ids: &Ids<'_>, place: usize, account: &Account) -> Uuid {
    ids.at(place, "account", &account.key)
}

/// Seeds the accounts of a tenant.
pub(super) async fn seed_accounts(
    tx: &TenantTx,
    tenant: &DemoTenant,
    ids: &Ids<'_>,
    people: &DemoPeople,
    now: DateTime<Utc>,
) -> Result<(), DemoError> {
    let mut rows = AccountRows::default();
    for (place, account) in tenant.accounts.iter().enumerate() {
        rows.account(tenant, ids, people, (place, account), now)?;
        rows.preferences(ids, (place, account), now);
        rows.packs(tenant, ids, (place, account), now)?;
    }
    insert(tx, "kitchen_accounts", rows.accounts).await?;
    insert(tx, "kitchen_account_users", rows.users).await?;
    insert(tx, "kitchen_addresses", rows.addresses).await?;
    insert(tx, "kitchen_preference_profiles", rows.profiles).await?;
    insert(tx, "kitchen_preference_rules", rows.rules).await?;
    insert(tx, "kitchen_packs", rows.packs).await?;
    insert(tx, "kitchen_pack_events", rows.events).await?;
    Ok(())
}

impl AccountRows {
    fn account(
        &mut self,
        tenant: &DemoTenant,
        ids: &Ids<'_>,
        people: &DemoPeople,
        (place, account): (usize, &Account),
        now: DateTime<Utc>,
    ) -> Result<(), DemoError> {
        let id = account_id(ids, place, account);
        let user = people.client_users.get(&account.login);
        let user = user.ok_or_else(|| DemoError::NoLogin(account.login.clone()))?.uuid();
        self.accounts.push(row(json!({
            "id": id,
            "reference": format!("A-{:04}", place + 1),
            "name": account.name,
            "status": account.status,
            "tier": account.tier,
            "primary_user_id": user,
            "manager_user_id": people.manager.uuid(),
            "default_preset_id": preset_id(ids, &account.default_preset),
            "delivery_notes": account.delivery_notes,
            "version": 1,
            "created_at": now,
            "updated_at": now,
        })));
        self.users.push(row(json!({ "user_id": user, "account_id": id, "added_at": now })));
        self.addresses.push(row(json!({
            "id": ids.at(place, "address", &account.key),
            "account_id": id,
            "line1": account.address.line1,
            "line2": account.address.line2,
            "city": account.address.city,
            "region": account.address.region,
            "postcode": account.postcode,
            "country": tenant.country,
            "is_default": true,
            "created_at": now,
        })));
        Ok(())
    }

    fn preferences(
        &mut self,
        ids: &Ids<'_>,
        (place, account): (usize, &Account),
        now: DateTime<Utc>,
    ) {
        let profile = ids.at(place, "profile", &account.key);
        self.profiles.push(row(json!({
            "id": profile,
            "account_id": account_id(ids, place, account),
            "name": "Default",
            "is_default": true,
            "dietary_plan": "",
            "notes": "",
            "version": 1,
            "created_at": now,
            "updated_at": now,
        })));
        let rules = account.preferences.iter().enumerate().map(|(position, rule)| {
            row(json!({
                "profile_id": profile,
                "position": position,
                "kind": rule.kind,
                "value": rule.value,
            }))
        });
        self.rules.extend(rules);
    }

    fn packs(
        &mut self,
        tenant: &DemoTenant,
        ids: &Ids<'_>,
        (place, account): (usize, &Account),
        now: DateTime<Utc>,
    ) -> Result<(), DemoError> {
        for (nth, bought) in account.packs.iter().enumerate() {
            let product = tenant.pack_products.iter().find(|product| product.sku == bought.sku);
            let product = product.ok_or_else(|| DemoError::NoProduct(bought.sku.clone()))?;
            let key = format!("{}/{nth}", account.key);
            let id = ids.at(self.packs.len(), "pack", &key);
            let purchased_at = now - TimeDelta::days(bought.bought_days_ago);
            self.packs.push(row(json!({
                "id": id,
                "account_id": account_id(ids, place, account),
                "product_id": product_id(tenant, ids, &product.sku),
                "purchase_id": ids.at(self.packs.len(), "purchase", &key),
                "title": product.title,
                "meals_total": product.meals,
                "meal_size_g": product.meal_size_g,
                "price_minor": product.price_minor,
                "currency": tenant.currency,
                "purchased_at": purchased_at,
            })));
            let used = used_before_past_week(account, bought, product.meal_size_g, nth);
            self.event(ids, (id, PackEventKind::Purchased, product.meals, None), purchased_at);
            if used > 0 {
                let what = (id, PackEventKind::Adjusted, -used, Some(OPENING_BALANCE));
                self.event(ids, what, purchased_at);
            }
            if used == product.meals {
                self.event(ids, (id, PackEventKind::Exhausted, 0, None), purchased_at);
            }
        }
        Ok(())
    }

    fn event(
        &mut self,
        ids: &Ids<'_>,
        (pack, kind, delta, reason): (Uuid, PackEventKind, i32, Option<&str>),
        at: DateTime<Utc>,
    ) {
        let place = self.events.len();
        self.events.push(row(json!({
            "id": ids.at(place, "pack event", &place.to_string()),
            "pack_id": pack,
            "kind": kind,
            "delta": delta,
            "reason": reason,
            "at": at,
        })));
    }
}

/// Meals that left the pack before the past week, whose order takes its own from the oldest pack of
/// its size.
fn used_before_past_week(account: &Account, bought: &BoughtPack, size_g: i32, nth: usize) -> i32 {
    let past = PAST_ORDERS.iter().find(|past| past.login == account.login);
    let taken = past
        .filter(|past| nth == 0 && past.size.grams() == size_g)
        .map_or(0, super::past_week::PastOrder::meals);
    bought.used - taken
}
