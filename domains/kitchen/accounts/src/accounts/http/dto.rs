//! Wire forms of accounts.

use bk_kitchen_core::text;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::accounts::account::{Account, NewAddress};

/// An account.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountDto {
    /// Its id.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000010")]
    pub id: Uuid,
    /// What labels and pack lists call it.
    #[schema(example = "A-0007")]
    pub reference: String,
    /// Its name.
    #[schema(example = "The Harper household")]
    pub name: String,
    /// `ACTIVE`, `PAUSED`, `SUSPENDED` or `CLOSED`.
    #[schema(example = "ACTIVE")]
    pub status: String,
    /// `BASE`, `MID` or `HIGH`.
    #[schema(example = "MID")]
    pub tier: String,
    /// Its first person.
    pub primary_user_id: Uuid,
    /// Who looks after it, or null.
    pub manager_user_id: Option<Uuid>,
    /// The preset its orders resolve with, or null.
    pub default_preset_id: Option<Uuid>,
    /// For drivers.
    #[schema(example = "Leave at the side door")]
    pub delivery_notes: String,
    /// When it was created.
    pub created_at: DateTime<Utc>,
}

impl From<Account> for AccountDto {
    fn from(account: Account) -> Self {
        Self {
            id: account.id.uuid(),
            reference: account.reference,
            name: account.name,
            status: account.status.as_str().to_owned(),
            tier: account.tier.as_str().to_owned(),
            primary_user_id: account.primary_user_id.uuid(),
            manager_user_id: account.manager_user_id.map(Into::into),
            default_preset_id: account.default_preset_id.map(Into::into),
            delivery_notes: account.delivery_notes,
            created_at: account.created_at,
        }
    }
}

/// A page of accounts.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountsDto {
    /// The accounts, oldest first.
    pub items: Vec<AccountDto>,
    /// Where the next page starts, or null.
    pub next_cursor: Option<String>,
}

/// The service level of an account.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(example = "MID")]
pub enum TierDto {
    /// What every account may have.
    Base,
    /// The middle.
    Mid,
    /// Everything.
    High,
}

/// Whether an account may order.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AccountStatusDto {
    /// In use.
    Active,
    /// The customer takes a break.
    Paused,
    /// The kitchen stopped it.
    Suspended,
    /// Ended, for good.
    Closed,
}

/// An account to create.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateAccountDto {
    /// Its name.
    #[validate(length(min = 1, max = 120), custom(function = text::line))]
    #[schema(
        example = "The Harper household",
        min_length = 1,
        max_length = 120,
        pattern = "^[^\\x00-\\x1f\\x7f]+$"
    )]
    pub name: String,
    /// Its service level.
    pub tier: TierDto,
    /// The preset its orders resolve with.
    pub default_preset_id: Option<Uuid>,
    /// Who looks after it; whoever may only see assigned accounts always becomes it themselves.
    pub manager_user_id: Option<Uuid>,
    /// Where to deliver.
    #[validate(nested)]
    pub address: Option<AddressDto>,
    /// For drivers.
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
    pub client: ClientDto,
}

/// The first person of an account.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientDto {
    /// Where the invitation goes.
    #[validate(email, length(max = 254))]
    #[schema(example = "sam.harper@example.com", format = Email, max_length = 254)]
    pub email: String,
    /// What to call them.
    #[validate(length(min = 1, max = 120), custom(function = text::line))]
    #[schema(
        example = "Sam Harper",
        min_length = 1,
        max_length = 120,
        pattern = "^[^\\x00-\\x1f\\x7f]+$"
    )]
    pub display_name: String,
}

/// An address.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddressDto {
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
    /// Postcode.
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

impl From<AddressDto> for NewAddress {
    fn from(dto: AddressDto) -> Self {
        Self {
            line1: dto.line1,
            line2: dto.line2,
            city: dto.city,
            region: dto.region,
            postcode: dto.postcode,
            country: dto.country,
        }
    }
}

/// Changes of an account; what is absent stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateAccountDto {
    /// Its name.
    #[validate(length(min = 1, max = 120), custom(function = text::line))]
    #[schema(
        example = "The Harper household",
        min_length = 1,
        max_length = 120,
        pattern = "^[^\\x00-\\x1f\\x7f]+$"
    )]
    pub name: Option<String>,
    /// Whether it may order.
    #[schema(example = "PAUSED", inline)]
    pub status: Option<AccountStatusDto>,
    /// Its service level.
    #[schema(example = "HIGH", inline)]
    pub tier: Option<TierDto>,
    /// The preset its orders resolve with.
    pub default_preset_id: Option<Uuid>,
    /// For drivers.
    #[validate(length(max = 1000), custom(function = text::paragraph))]
    #[schema(
        example = "Ring twice",
        max_length = 1000,
        pattern = "^[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f]*$"
    )]
    pub delivery_notes: Option<String>,
}

/// The manager of an account.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignManagerDto {
    /// A member of staff, or null for nobody.
    pub manager_user_id: Option<Uuid>,
}
