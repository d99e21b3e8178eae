//! Currencies, formatted amounts and Stripe's fee. Amounts are integers in minor units of their currency.
//!
//! The currencies and their decimals are Stripe's. They differ from ISO 4217 (Stripe counts MGA without decimals
//! and ISK with two), so a crate of ISO currencies would be wrong here.

/// The largest amount of one payment, in minor units.
pub(crate) const MAX_AMOUNT: i64 = 99_999_999;

/// Currencies that Stripe accepts payments in.
const CURRENCIES: &str = "aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl \
    bsd bwp byn bzd cad cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd \
    gnf gtq gyd hkd hnl htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd \
    lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr \
    pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs tnd top try ttd twd tzs \
    uah ugx usd uyu uzs vnd vuv wst xaf xcd xof xpf yer zar zmw";
/// Currencies whose smallest unit is the whole one.
const ZERO_DECIMAL_CURRENCIES: &str =
    "bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf";
const THREE_DECIMAL_CURRENCIES: &str = "bhd jod kwd omr tnd";

/// Returns whether `currency` is the lower-case code of a currency that Stripe accepts payments in.
pub(crate) fn is_currency(currency: &str) -> bool {
    contains(CURRENCIES, currency)
}

/// Formats an amount for display: `1,299.00 AUD`, `1,299 JPY`.
pub(crate) fn format_amount(amount_minor: i64, currency: &str) -> String {
    let decimals = decimals(currency);
    let scale = 10_u64.pow(decimals);
    let magnitude = amount_minor.unsigned_abs();
    let sign = if amount_minor < 0 { "-" } else { "" };
    let whole = group_thousands(magnitude / scale);
    let code = currency.to_ascii_uppercase();
    if decimals == 0 {
        return format!("{sign}{whole} {code}");
    }
    let width = decimals as usize;
    format!("{sign}{whole}.{:0width$} {code}", magnitude % scale)
}

/// Returns the fee that Stripe keeps of a successful charge: 1.7 % plus 30 minor units, at most the charge.
pub(crate) fn fee(amount_minor: i64) -> i64 {
    (amount_minor.saturating_mul(17) / 1000).saturating_add(30).min(amount_minor)
}

fn decimals(currency: &str) -> u32 {
    if contains(ZERO_DECIMAL_CURRENCIES, currency) {
        0
    } else if contains(THREE_DECIMAL_CURRENCIES, currency) {
        3
    } else {
        2
    }
}

fn contains(currencies: &str, currency: &str) -> bool {
    currencies.split_ascii_whitespace().any(|listed| listed == currency)
}

fn group_thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_with_the_currencys_own_decimals() {
        assert_eq!(format_amount(129_900, "aud"), "1,299.00 AUD");
        assert_eq!(format_amount(5, "usd"), "0.05 USD");
        assert_eq!(format_amount(1_234_567, "jpy"), "1,234,567 JPY");
        assert_eq!(format_amount(1_234, "kwd"), "1.234 KWD");
        assert_eq!(format_amount(-1_050, "eur"), "-10.50 EUR");
    }

    #[test]
    fn the_fee_never_exceeds_the_charge() {
        assert_eq!(fee(10_000), 200);
        assert_eq!(fee(12), 12);
        assert_eq!(fee(0), 0);
    }

    #[test]
    fn only_lower_case_known_codes_are_currencies() {
        assert!(is_currency("aud"));
        assert!(!is_currency("AUD"));
        assert!(!is_currency("xyz"));
    }
}
