//! Amounts of money: whole cents, written in major units.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An amount in whole cents of the book's currency. Serialized in major units (1250 or 844.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub struct Money(pub i64);

impl Money {
    /// The amount with two decimals and no grouping, as `segments.csv` has it: `1250.00`.
    pub fn plain(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        format!("{sign}{}.{:02}", cents / 100, cents % 100)
    }

    /// Every digit, grouped, cents only where there are any: `$12,345` or `$844.20`.
    pub fn full(self, currency: &str) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        let major = grouped(cents / 100);
        match cents % 100 {
            0 => format!("{sign}{}{major}", symbol(currency)),
            rest => format!("{sign}{}{major}.{rest:02}", symbol(currency)),
        }
    }

    /// The shortest exact form: `$12K`, `$1.25M`, else [`Money::full`]. Two amounts never share it.
    pub fn exact(self, currency: &str) -> String {
        for (unit, suffix) in [(100_000_000_i64, "M"), (100_000, "K")] {
            let thousandths = unit / 100;
            if self.0 >= unit && self.0 % thousandths == 0 {
                let hundredths = self.0 / thousandths;
                return format!("{}{}{suffix}", symbol(currency), trimmed(hundredths));
            }
        }
        self.full(currency)
    }

    /// Three figures for headlines: `$5.60M`, `$410K`, `$1.2K`, `$844`.
    pub fn short(self, currency: &str) -> String {
        short_text(i128::from(self.0), currency)
    }
}

/// A total of many amounts, three figures for headlines.
pub fn short_text(cents: i128, currency: &str) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let major = cents.unsigned_abs() as f64 / 100.0;
    let (value, suffix) = match major {
        m if m >= 999_950_000_000.0 => (m / 1e12, "T"),
        m if m >= 999_950_000.0 => (m / 1e9, "B"),
        m if m >= 999_950.0 => (m / 1e6, "M"),
        m if m >= 1_000.0 => (m / 1e3, "K"),
        m => (m, ""),
    };
    let decimals = match suffix {
        "" => 0,
        "M" | "B" | "T" if value < 10.0 => 2,
        _ if value < 100.0 => 1,
        _ => 0,
    };
    format!("{sign}{}{value:.decimals$}{suffix}", symbol(currency))
}

/// A total in major units, for JSON; exact up to 2^53 cents.
pub fn major_units(cents: i128) -> f64 {
    cents as f64 / 100.0
}

/// A total of many amounts with two decimals, grouped: `5,600,000.00`.
pub fn grouped_text(cents: i128) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    let major = u64::try_from(cents / 100).unwrap_or(u64::MAX);
    format!("{sign}{}.{:02}", grouped(major), cents % 100)
}

/// A total of many amounts with two decimals and no grouping.
pub fn plain_text(cents: i128) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

/// Digits in groups of three: `1,234,567`.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// "1 account", "2,000 accounts".
pub fn counted(n: usize, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(n as u64))
}

/// The sign of a common currency, else its code and a blank.
pub fn symbol(currency: &str) -> String {
    match currency {
        "" | "USD" => "$".into(),
        "EUR" => "€".into(),
        "GBP" => "£".into(),
        "JPY" => "¥".into(),
        "INR" => "₹".into(),
        other => format!("{other} "),
    }
}

/// 125 hundredths as `1.25`, 120 as `1.2`, 100 as `1`.
fn trimmed(hundredths: i64) -> String {
    let whole = grouped((hundredths / 100).unsigned_abs());
    match hundredths % 100 {
        0 => whole,
        rest if rest % 10 == 0 => format!("{whole}.{}", rest / 10),
        rest => format!("{whole}.{rest:02}"),
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.plain())
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Beyond 2^53 cents a float would lose the cents, so the amount is written as text.
        const EXACT_CENTS_MAX: u64 = 1 << 53;
        if self.0 % 100 == 0 {
            serializer.serialize_i64(self.0 / 100)
        } else if self.0.unsigned_abs() > EXACT_CENTS_MAX {
            serializer.serialize_str(&self.plain())
        } else {
            serializer.serialize_f64(self.0 as f64 / 100.0)
        }
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Money;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an amount in major units, such as 12000 or \"$12,000\"")
            }
            fn visit_i64<E: de::Error>(self, v: i64) -> Result<Money, E> {
                v.checked_mul(100)
                    .map(Money)
                    .ok_or_else(|| E::custom("the amount is too large"))
            }
            fn visit_u64<E: de::Error>(self, v: u64) -> Result<Money, E> {
                i64::try_from(v)
                    .map_err(|_| E::custom("the amount is too large"))
                    .and_then(|v| self.visit_i64(v))
            }
            fn visit_f64<E: de::Error>(self, v: f64) -> Result<Money, E> {
                let cents = (v * 100.0).round();
                if !cents.is_finite() || cents.abs() > 9e15 {
                    return Err(E::custom("the amount is too large"));
                }
                Ok(Money(cents as i64))
            }
            fn visit_str<E: de::Error>(self, v: &str) -> Result<Money, E> {
                super::values::money(v)
                    .map(|m| Money(m.cents))
                    .ok_or_else(|| E::custom(format!("`{v}` is not an amount")))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_print_as_people_write_them() {
        let cases = [
            (0, "0.00", "$0", "$0", "$0"),
            (84_420, "844.20", "$844.20", "$844.20", "$844"),
            (1_200_000, "12000.00", "$12,000", "$12K", "$12.0K"),
            (1_234_500, "12345.00", "$12,345", "$12,345", "$12.3K"),
            (125_000_000, "1250000.00", "$1,250,000", "$1.25M", "$1.25M"),
            (560_000_000, "5600000.00", "$5,600,000", "$5.6M", "$5.60M"),
            (99_999_500, "999995.00", "$999,995", "$999,995", "$1.00M"),
        ];
        for (cents, plain, full, exact, short) in cases {
            let money = Money(cents);
            assert_eq!((money.plain().as_str(), money.full("USD").as_str()), (plain, full));
            assert_eq!((money.exact("USD").as_str(), money.short("USD").as_str()), (exact, short));
        }
    }

    #[test]
    fn serialized_amounts_come_back_to_the_cent() {
        for cents in [0, 1, 99, 100, 84_420, 123_456_789] {
            let text = serde_json::to_string(&Money(cents)).unwrap();
            assert_eq!(serde_json::from_str::<Money>(&text).unwrap(), Money(cents), "{text}");
        }
    }
}
