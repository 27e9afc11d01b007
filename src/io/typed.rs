//! Numbers that a file types as numbers, as texts that cannot be taken for anything else.

/// The text of such a number. A file's own numbers have a decimal point, whatever the texts beside them have: with a fourth
/// decimal `186.1250` no longer looks like a hundred and eighty-six thousand.
pub(crate) fn number_text(mut text: String) -> String {
    let decimals = text.split_once('.').map(|(_, decimals)| decimals);
    if decimals.is_some_and(|decimals| decimals.len() == 3 && decimals.bytes().all(|b| b.is_ascii_digit())) {
        text.push('0');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_decimals_get_a_fourth_and_all_else_stays() {
        for (text, wanted) in [
            ("186.125", "186.1250"),
            ("-1.500", "-1.5000"),
            ("186.12", "186.12"),
            ("186", "186"),
            ("1.1256", "1.1256"),
            ("1.5e3", "1.5e3"),
        ] {
            assert_eq!(number_text(text.to_string()), wanted);
        }
    }
}
