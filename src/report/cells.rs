//! Cells of a CSV file, written straight into its text: a million rows want no string of their own for each.

use std::fmt::Write;

/// A text, in quotes where it holds what would end a cell.
pub(super) fn text(out: &mut String, cell: &str) {
    let splits = |b: u8| (b == b',') | (b == b'"') | (b == b'\n') | (b == b'\r');
    // All of a short text is looked at sooner than up to where one stands.
    if !cell.bytes().fold(false, |found, byte| found | splits(byte)) {
        out.push_str(cell);
        return;
    }
    out.push('"');
    for (at, part) in cell.split('"').enumerate() {
        out.push_str(if at > 0 { "\"\"" } else { "" });
        out.push_str(part);
    }
    out.push('"');
}

/// Hundredths with two decimals: `-1234.50`.
pub(super) fn hundredths(out: &mut String, n: i64) {
    out.push_str(if n < 0 { "-" } else { "" });
    let n = n.unsigned_abs();
    whole(out, n / 100);
    pair(out, n % 100);
}

/// Ten-thousandths with four decimals: `0.3400`.
pub(super) fn ten_thousandths(out: &mut String, n: u64) {
    whole(out, n / 10_000);
    pair(out, n / 100 % 100);
    pair(out, n % 100);
}

/// A share with its sign and four decimals, as `{:+.4}` writes it: `+0.1234`.
pub(super) fn signed(out: &mut String, share: f64) {
    const PLACES: f64 = 10_000.0;
    // Below this the product is exact enough to see on which side of a half it lies.
    const LARGE: f64 = 1e6;
    const NEAR_HALF: f64 = 1e-4;
    let scaled = share.abs() * PLACES;
    let fraction = scaled.fract();
    if share.abs() < LARGE && (fraction - 0.5).abs() > NEAR_HALF {
        out.push(if share.is_sign_negative() { '-' } else { '+' });
        return ten_thousandths(out, scaled.round() as u64);
    }
    // Writing into a string cannot fail.
    let _ = write!(out, "{share:+.4}");
}

/// What stands before the decimals, and the point.
fn whole(out: &mut String, n: u64) {
    out.push_str(itoa::Buffer::new().format(n));
    out.push('.');
}

/// Two digits of a number below 100.
fn pair(out: &mut String, n: u64) {
    let digit = |n: u64| char::from(b'0' + (n % 10) as u8);
    out.push(digit(n / 10));
    out.push(digit(n));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(write: impl Fn(&mut String)) -> String {
        let mut out = String::new();
        write(&mut out);
        out
    }

    proptest! {
        #[test]
        fn numbers_are_written_as_the_standard_library_does(n in any::<i64>(), points in 0_u16..=10_000, share in -20.0_f64..20.0, cents in 1_i64..5_000, to in 0_i64..5_000) {
            let plain = crate::model::money::Money(n).plain();
            prop_assert_eq!(written(|out| hundredths(out, n)), plain);
            prop_assert_eq!(written(|out| ten_thousandths(out, points.into())), format!("{:.4}", f64::from(points) / 10_000.0));
            prop_assert_eq!(written(|out| hundredths(out, points.into())), format!("{:.2}", f64::from(points) / 100.0));
            for share in [share, (to - cents) as f64 / cents as f64, f64::from(points) / 20_000.0, share * 1e9] {
                prop_assert_eq!(written(|out| signed(out, share)), format!("{share:+.4}"));
            }
        }

        #[test]
        fn texts_are_quoted_as_the_csv_crate_does(cell in "[a,\"\n\r; é]{0,6}") {
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record([cell.as_str(), "x"]).unwrap();
            let expected = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            prop_assert_eq!(format!("{},x\n", written(|out| text(out, &cell))), expected);
        }
    }
}
