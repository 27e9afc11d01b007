//! The rubric gate under rule `score`: weights of the tier score in force, parts in range, nothing that counts ARR twice.

use super::{Evidence, Gate, Verdict, gate};
use crate::engine::cells::Columns;
use crate::engine::tier_score::TierScore;

pub(super) fn consistent(e: &Evidence, scored: &TierScore) -> Gate {
    let given: f64 = scored.parts.iter().map(|p| p.score.weight_given).sum();
    let used: f64 = scored.parts.iter().map(|p| p.score.weight_used).sum();
    let readers = TierScore::arr_readers(&Columns::new(&e.loaded.book), e.policy);
    let sums = |sum: f64| (sum - 1.0).abs() <= 1e-9;
    let (on, of) = (scored.on().count(), scored.parts.len());
    let (verdict, detail) = match readers.first() {
        _ if !sums(given) || !sums(used) => (
            Verdict::Fail,
            format!("weights of the tier score sum to {given}, in force to {used}; both must be 1"),
        ),
        Some(part) => (Verdict::Fail, format!("the signal of {} reads ARR alone", part.code())),
        None if !scored.on().all(|p| p.score.scores.are_shares()) => {
            (Verdict::Fail, "a part of the tier score lies outside 0..1".into())
        }
        None if scored.is_arr_alone() => (
            Verdict::Warn,
            format!("{on} of {of} parts fed: the tier score is the ARR percentile alone"),
        ),
        None => (
            Verdict::Pass,
            format!("{on} of {of} parts of the tier score fed, one set of weights"),
        ),
    };
    gate("rubric_consistent", "Rubric consistent", "assign_tiers", verdict, detail)
}
