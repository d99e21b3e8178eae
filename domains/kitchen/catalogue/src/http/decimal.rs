//! Quantities on the wire: decimal text, because a JSON number would pass through binary fractions
//! in most clients.

use std::borrow::Cow;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Type, schema::Schema},
};

/// Most digits before the point.
const WHOLE_DIGITS: usize = 7;
/// Most digits after it.
const FRACTION_DIGITS: usize = 6;

/// An amount of more than zero, as text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Amount(pub(crate) Decimal);

/// A fact of zero or more, as text. Answers may have more digits than requests.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fact(pub(crate) Decimal);

/// Plain digits with at most one point; no sign, no exponent, no white space.
fn parse_decimal(text: &str) -> Option<Decimal> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str, most: usize| {
        (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let plain = digits(whole, WHOLE_DIGITS) && digits(fraction, FRACTION_DIGITS);
    plain.then(|| Decimal::from_str_exact(text).ok()).flatten().map(|value| value.normalize())
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        parse_decimal(&text)
            .filter(|value| !value.is_zero())
            .map(Self)
            .ok_or_else(|| de::Error::custom("a text such as \"12.5\", more than zero"))
    }
}

impl<'de> Deserialize<'de> for Fact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        parse_decimal(&text)
            .map(Self)
            .ok_or_else(|| de::Error::custom("a text such as \"12.5\", zero or more"))
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.normalize())
    }
}

impl Serialize for Fact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.normalize())
    }
}

fn text(pattern: &str, example: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(pattern))
        .examples([serde_json::json!(example)])
        .into()
}

impl PartialSchema for Amount {
    fn schema() -> RefOr<Schema> {
        text(r"^([1-9][0-9]{0,6}(\.[0-9]{1,6})?|0\.[0-9]{0,5}[1-9])$", "12.5")
    }
}

impl ToSchema for Amount {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("DecimalAmount")
    }
}

impl PartialSchema for Fact {
    fn schema() -> RefOr<Schema> {
        text(r"^[0-9]{1,7}(\.[0-9]{1,6})?$", "12.5")
    }
}

impl ToSchema for Fact {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("DecimalFact")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_plain_decimal_text_of_more_than_zero() {
        for good in ["1", "12.5", "0.000001", "9999999.999999", "007"] {
            assert!(serde_json::from_value::<Amount>(good.into()).is_ok(), "{good}");
        }
        for refused in ["0", "0.0", "-1", "+1", "1e3", " 1", "1.", ".5", "12345678", "1,5", "", "٣"]
        {
            assert!(serde_json::from_value::<Amount>(refused.into()).is_err(), "{refused}");
        }
        assert!(serde_json::from_value::<Amount>(1.into()).is_err());
        assert!(serde_json::from_value::<Fact>("0".into()).is_ok());
    }

    #[test]
    fn answers_have_no_needless_zeros() {
        let value: Decimal = "12.500".parse().unwrap();
        assert_eq!(serde_json::to_value(Amount(value)).unwrap(), "12.5");
    }
}
