//! Currencies by code and sign.

use super::trim;

/// ISO 4217 codes of currencies that invoices are written in.
const CODES: [&str; 58] = [
    "USD", "EUR", "GBP", "JPY", "INR", "CAD", "AUD", "NZD", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "BGN", "ILS",
    "TRY", "ZAR", "BRL", "MXN", "ARS", "CLP", "COP", "PEN", "CNY", "HKD", "TWD", "KRW", "SGD", "MYR", "THB", "IDR", "PHP", "VND",
    "AED", "SAR", "QAR", "KWD", "EGP", "NGN", "KES", "UAH", "ISK", "PKR", "BDT", "LKR", "RUB", "MAD", "UYU", "RSD", "GHS", "JOD",
    "BHD", "OMR", "KZT", "GEL",
];

/// Currencies whose smallest unit is the whole one, so that billing systems that count in smallest units mean whole ones.
const NO_CENTS: [&str; 6] = ["JPY", "KRW", "CLP", "VND", "ISK", "UGX"];

/// Signs before or after an amount; the longer come first. A sign that several currencies use names none.
const SIGNS: [(&str, Option<&str>); 34] = [
    ("US$", Some("USD")),
    ("CA$", Some("CAD")),
    ("AU$", Some("AUD")),
    ("NZ$", Some("NZD")),
    ("HK$", Some("HKD")),
    ("NT$", Some("TWD")),
    ("MX$", Some("MXN")),
    ("CN¥", Some("CNY")),
    ("C$", Some("CAD")),
    ("A$", Some("AUD")),
    ("S$", Some("SGD")),
    ("R$", Some("BRL")),
    ("$", None),
    ("＄", None),
    ("€", Some("EUR")),
    ("£", Some("GBP")),
    ("¥", Some("JPY")),
    ("￥", Some("JPY")),
    ("₹", Some("INR")),
    ("Rs.", Some("INR")),
    ("Rs", Some("INR")),
    ("₩", Some("KRW")),
    ("₪", Some("ILS")),
    ("₺", Some("TRY")),
    ("₽", Some("RUB")),
    ("₴", Some("UAH")),
    ("₦", Some("NGN")),
    ("₫", Some("VND")),
    ("฿", Some("THB")),
    ("zł", Some("PLN")),
    ("Kč", Some("CZK")),
    ("Ft", Some("HUF")),
    ("kr.", None),
    ("kr", None),
];

/// The currency that a text names by code or sign, in capitals; `$` names none.
pub fn currency_code(text: &str) -> Option<&'static str> {
    let text = trim(text);
    let signed = SIGNS.iter().find(|(sign, _)| *sign == text).and_then(|(_, code)| *code);
    signed.or_else(|| CODES.iter().copied().find(|code| code.eq_ignore_ascii_case(text)))
}

/// Whether a currency has no cents: what Stripe counts for it are whole units.
pub fn has_no_cents(code: &str) -> bool {
    NO_CENTS.iter().any(|known| known.eq_ignore_ascii_case(code))
}

/// Takes one currency off either end.
pub(super) fn strip(text: &str) -> Option<(Option<&'static str>, &str)> {
    // A letter next to more letters is part of a word: the `Rs` of `Rsomething` is no sign.
    let bounded = |rest: &str, c: Option<char>| !rest.is_empty() && !c.is_some_and(char::is_alphabetic);
    for (sign, code) in SIGNS {
        if let Some(rest) = text.strip_prefix(sign).filter(|rest| bounded(rest, rest.chars().next())) {
            return Some((code, rest));
        }
        if let Some(rest) = text
            .strip_suffix(sign)
            .filter(|rest| bounded(rest, rest.chars().next_back()) || !sign.is_ascii())
        {
            return Some((code, rest));
        }
    }
    if let Some((head, rest)) = text.split_at_checked(3)
        && bounded(rest, rest.chars().next())
        && let Some(code) = currency_code(head)
    {
        return Some((Some(code), rest));
    }
    let (rest, tail) = text.split_at_checked(text.len().checked_sub(3)?)?;
    let code = currency_code(tail)?;
    bounded(rest, rest.chars().next_back()).then_some((Some(code), rest))
}
