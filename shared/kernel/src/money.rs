//! Money: integer minor units with an ISO 4217 currency. There is no floating point here and no
//! implicit conversion between currencies (docs/product.md, section 2).

use std::{fmt, str::FromStr};

use arrayvec::ArrayString;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why an amount or a currency was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MoneyError {
    /// The currency is not three upper-case ASCII letters.
    #[error("a currency is three upper-case letters (ISO 4217)")]
    Currency,
    /// The two amounts are in different currencies.
    #[error("amounts of different currencies cannot be combined")]
    Mismatch,
    /// The result does not fit 64 bits.
    #[error("the amount is too large")]
    Overflow,
}

/// An ISO 4217 alphabetic currency code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency(ArrayString<3>);

impl Currency {
    /// The code as text, upper case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let code = ArrayString::from(text).map_err(|_| MoneyError::Currency)?;
        let is_code = code.is_full() && code.bytes().all(|byte| byte.is_ascii_uppercase());
        if is_code { Ok(Self(code)) } else { Err(MoneyError::Currency) }
    }
}

impl TryFrom<String> for Currency {
    type Error = MoneyError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.as_str().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An amount in minor units (cents, fils, whole yen) of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units; negative for money going out.
    pub amount_minor: i64,
    /// The currency of the amount.
    pub currency: Currency,
}

impl Money {
    /// An amount of a currency.
    #[must_use]
    pub const fn new(amount_minor: i64, currency: Currency) -> Self {
        Self { amount_minor, currency }
    }

    /// The sum of two amounts of one currency.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::Mismatch);
        }
        let amount_minor =
            self.amount_minor.checked_add(other.amount_minor).ok_or(MoneyError::Overflow)?;
        Ok(Self { amount_minor, ..self })
    }

    /// `part` of `whole` equal parts of this amount, rounded down to the minor unit: the default
    /// refund of a part-used pack (docs/product.md, section 2). A `whole` of zero yields zero.
    pub fn share_floor(self, part: u32, whole: u32) -> Result<Self, MoneyError> {
        let product = i128::from(self.amount_minor) * i128::from(part);
        let share = product.checked_div_euclid(i128::from(whole)).unwrap_or(0);
        let amount_minor = i64::try_from(share).map_err(|_| MoneyError::Overflow)?;
        Ok(Self { amount_minor, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_rounds_down_to_the_minor_unit() {
        let price = Money::new(13_000, "AUD".parse().unwrap());
        assert_eq!(price.share_floor(3, 7).unwrap().amount_minor, 5_571);
        assert_eq!(price.share_floor(7, 7).unwrap(), price);
        assert_eq!(price.share_floor(1, 0).unwrap().amount_minor, 0);
    }

    #[test]
    fn currencies_never_mix() {
        let a = Money::new(1, "AUD".parse().unwrap());
        let b = Money::new(1, "USD".parse().unwrap());
        assert_eq!(a.checked_add(b), Err(MoneyError::Mismatch));
    }

    #[test]
    fn a_currency_is_three_upper_case_letters() {
        for bad in ["", "aud", "AU", "AUDD", "A1D"] {
            assert_eq!(bad.parse::<Currency>(), Err(MoneyError::Currency), "{bad}");
        }
    }
}
