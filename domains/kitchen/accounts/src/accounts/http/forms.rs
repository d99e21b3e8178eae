//! Accounts on the wire.

use bk_guard::Word;
use bk_kitchen_core::{Tier, text};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::accounts::{
    AccountChanges, CreateAccount,
    account::{self as model, AccountStatus, NewAddress},
};

/// An account of the tenant.
#[derive(Debug, Serialize, ToSchema)]
pub struct Account {
    /// The id of the account.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000010")]
    pub id: Uuid,
    /// What labels and pack lists call it.
    #[schema(example = "A-0007")]
    pub reference: String,
    /// The name of the household or team.
    #[schema(example = "The Harper household")]
    pub name: String,
    /// Whether it may order.
    pub status: AccountStatusWord,
    /// The service level of the account.
    pub tier: TierWord,
    /// The person who was invited with the account.
    pub primary_user_id: Uuid,
    /// The account manager, or null.
    pub manager_user_id: Option<Uuid>,
    /// The preset its orders resolve with, or null.
    pub default_preset_id: Option<Uuid>,
    /// Notes for drivers.
    #[schema(example = "Leave at the side door")]
    pub delivery_notes: String,
    /// When it was created.
    pub created_at: DateTime<Utc>,
}

impl From<model::Account> for Account {
    fn from(account: model::Account) -> Self {
        Self {
            id: account.id.uuid(),
            reference: account.reference,
            name: account.name,
            status: account.status.into(),
            tier: account.tier.into(),
            primary_user_id: account.primary_user_id.uuid(),
            manager_user_id: account.manager_user_id.map(Into::into),
            default_preset_id: account.default_preset_id.map(Into::into),
            delivery_notes: account.delivery_notes,
            created_at: account.created_at,
        }
    }
}

/// A service level.
pub(crate) type TierWord = Word<Tier>;
/// Whether an account may order.
pub(crate) type AccountStatusWord = Word<AccountStatus>;

/// An account to create, with its first person.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountForm {
    /// The name of the household or team.
    #[validate(length(min = 1, max = 120), custom(function = text::line))]
    #[schema(
        example = "The Harper household",
        min_length = 1,
        max_length = 120,
        pattern = "^[^\\x00-\\x1f\\x7f]+$"
    )]
    pub name: String,
    /// The service level of the account.
    pub tier: TierWord,
    /// The preset its orders resolve with.
    pub default_preset_id: Option<Uuid>,
    /// The account manager; staff who see only assigned accounts always become it themselves.
    pub manager_user_id: Option<Uuid>,
    /// The delivery address.
    #[validate(nested)]
    pub address: Option<AddressForm>,
    /// Notes for drivers.
    #[serde(default)]
    #[validate(length(max = 1000), custom(function = text::paragraph))]
    #[schema(
        example = "Leave at the side door",
        max_length = 1000,
        pattern = "^[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f]*$"
    )]
    pub delivery_notes: String,
    /// Its first person, who is invited.
    #[validate(nested)]
    pub client: ClientForm,
}

impl AccountForm {
    pub(super) fn into_command(self) -> CreateAccount {
        CreateAccount {
            name: self.name,
            tier: self.tier.0,
            default_preset_id: self.default_preset_id.map(Into::into),
            manager_user_id: self.manager_user_id.map(Into::into),
            address: self.address.map(Into::into),
            delivery_notes: self.delivery_notes,
            client_email: self.client.email,
            client_name: self.client.display_name,
        }
    }
}

/// The first person of an account.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientForm {
    /// The e-mail address that the invitation goes to.
    #[validate(email, length(max = 254))]
    #[schema(example = "sam.harper@example.com", format = Email, max_length = 254)]
    pub email: String,
    /// The display name of the person.
    #[validate(length(min = 1, max = 120), custom(function = text::line))]
    #[schema(
        example = "Sam Harper",
        min_length = 1,
        max_length = 120,
        pattern = "^[^\\x00-\\x1f\\x7f]+$"
    )]
    pub display_name: String,
}

/// An address of the tenant.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddressForm {
    /// Street and number.
    #[validate(length(min = 1, max = 200), custom(function = text::line))]
    #[schema(
        example = "12 Jacaranda Street",
        min_length = 1,
        max_length = 200,
        pattern = "^[^\\x00-\\x1f\\x7f]+$"
    )]
    pub line1: String,
    /// Unit, building.
    #[serde(default)]
    #[validate(length(max = 200), custom(function = text::line))]
    #[schema(example = "Unit 3", max_length = 200, pattern = "^[^\\x00-\\x1f\\x7f]*$")]
    pub line2: String,
    /// Town or suburb.
    #[validate(length(min = 1, max = 100), custom(function = text::line))]
    #[schema(
        example = "New Farm",
        min_length = 1,
        max_length = 100,
        pattern = "^[^\\x00-\\x1f\\x7f]+$"
    )]
    pub city: String,
    /// State or region.
    #[serde(default)]
    #[validate(length(max = 100), custom(function = text::line))]
    #[schema(example = "QLD", max_length = 100, pattern = "^[^\\x00-\\x1f\\x7f]*$")]
    pub region: String,
    /// Postcode of the address form.
    #[validate(length(min = 1, max = 20), custom(function = text::line))]
    #[schema(
        example = "4005",
        min_length = 1,
        max_length = 20,
        pattern = "^[^\\x00-\\x1f\\x7f]+$"
    )]
    pub postcode: String,
    /// ISO 3166-1 alpha-2.
    #[validate(custom(function = text::country))]
    #[schema(example = "AU", pattern = "^[A-Z]{2}$", min_length = 2, max_length = 2)]
    pub country: String,
}

impl From<AddressForm> for NewAddress {
    fn from(form: AddressForm) -> Self {
        Self {
            line1: form.line1,
            line2: form.line2,
            city: form.city,
            region: form.region,
            postcode: form.postcode,
            country: form.country,
        }
    }
}

/// Changes of an account; what is absent stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountChange {
    /// The name of the household or team.
    #[validate(length(min = 1, max = 120), custom(function = text::line))]
    #[schema(
        example = "The Harper household",
        min_length = 1,
        max_length = 120,
        pattern = "^[^\\x00-\\x1f\\x7f]+$"
    )]
    pub name: Option<String>,
    /// Whether it may order.
    pub status: Option<AccountStatusWord>,
    /// The service level of the account.
    pub tier: Option<TierWord>,
    /// The preset its orders resolve with.
    pub default_preset_id: Option<Uuid>,
    /// Notes for drivers.
    #[validate(length(max = 1000), custom(function = text::paragraph))]
    #[schema(
        example = "Ring twice",
        max_length = 1000,
        pattern = "^[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f]*$"
    )]
    pub delivery_notes: Option<String>,
}

impl AccountChange {
    pub(super) fn into_command(self) -> AccountChanges {
        AccountChanges {
            name: self.name,
            status: self.status.map(|word| word.0),
            tier: self.tier.map(|word| word.0),
            default_preset_id: self.default_preset_id.map(Into::into),
            delivery_notes: self.delivery_notes,
        }
    }
}

/// The manager of an account.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ManagerForm {
    /// A member of staff, or null for none.
    pub manager_user_id: Option<Uuid>,
}
