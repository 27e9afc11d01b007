//! Notes that may answer what a person is asked: which of a few words stand in a text, and never what it says (K3).

/// A word as it is shown, and how it may be written.
const WORDS: [(&str, &[&str]); 10] = [
    ("CSM", &["csm", "csms"]),
    (
        "customer success",
        &["customer success", "customer-success", "customer_success"],
    ),
    ("headcount", &["headcount", "head count", "head-count"]),
    ("NRR", &["nrr", "net revenue retention", "net retention"]),
    ("GRR", &["grr", "gross revenue retention", "gross retention"]),
    ("expansion", &["expansion"]),
    ("upsell", &["upsell", "up-sell"]),
    ("high-touch", &["high-touch", "high touch"]),
    ("tech-touch", &["tech-touch", "tech touch", "low-touch", "digital-touch"]),
    ("book size", &["book size", "accounts per csm"]),
];

/// The words that stand in a text, in the order of the list.
pub(super) fn words(text: &str) -> Vec<&'static str> {
    let lower = text.to_lowercase();
    let stands = |written: &&str| {
        lower.match_indices(*written).any(|(at, _)| {
            let before = lower.get(..at).and_then(|text| text.chars().next_back());
            let after = lower.get(at + written.len()..).and_then(|text| text.chars().next());
            ![before, after].into_iter().flatten().any(char::is_alphanumeric)
        })
    };
    let found = WORDS.iter().filter(|(_, writings)| writings.iter().any(&stands));
    found.map(|(shown, _)| *shown).collect()
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn whole_words_count_and_parts_do_not() {
        for (text, wanted) in [
            ("We have 8 CSMs; NRR is 110%.", vec!["CSM", "NRR"]),
            ("# Customer-Success\nhead count", vec!["customer success", "headcount"]),
            ("csmith ran narrate.sh, unexpansional", vec![]),
            ("net revenue retention", vec!["NRR"]),
            ("ÄÖ expansion", vec!["expansion"]),
            ("", vec![]),
        ] {
            assert_eq!(words(text), wanted, "{text}");
        }
    }
}
