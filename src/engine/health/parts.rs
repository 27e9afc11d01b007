//! A component from its parts: over what is known, and between the worst and the best of what is not (S13).

use std::sync::Arc;

use super::{DUST, Part};
use crate::engine::scores::Scores;
use crate::engine::series::Series;

/// What a part scores, and the lowest that it could.
pub(super) struct PartScores {
    pub(super) scores: Arc<Scores>,
    pub(super) floors: Arc<Series<f64>>,
}

/// The score of each account over the parts that are known, and the share of those in force that is.
pub(super) fn known(n: usize, parts: &[(Part, Option<PartScores>)]) -> Series<Option<(f64, f64)>> {
    let on = || parts.iter().filter(|(part, _)| part.on);
    let whole: f64 = on().map(|(part, _)| part.weight).sum();
    let scored = on().filter_map(|(part, scored)| Some((part.weight, &*scored.as_ref()?.scores)));
    let sums = scored.fold(Series::constant((0.0, 0.0), n), |sums, (weight, scores)| {
        sums.zip(scores, |(sum, known), score| match score.is_unknown() {
            true => (*sum, *known),
            false => (sum + weight * score.low, known + weight),
        })
    });
    sums.map(|(sum, known)| match *known {
        none if none <= 0.0 => None,
        // Untouched weights stay as they are: dividing by 0.9999999 would move ties.
        all if (all - 1.0).abs() < DUST => Some((*sum, 1.0)),
        some => Some((sum / some, some / whole)),
    })
}

/// The lowest and the highest score of each account over all parts.
pub(super) fn range(n: usize, parts: &[(Part, Option<PartScores>)]) -> Series<(f64, f64)> {
    if parts.is_empty() {
        return Series::constant((0.0, 1.0), n);
    }
    parts.iter().fold(Series::constant((0.0, 0.0), n), |range, (part, scored)| {
        let weight = part.weight;
        match scored.as_ref().filter(|_| part.on) {
            None => range.map(|(low, high)| (low + weight * 0.0, high + weight * 1.0)),
            Some(scored) => {
                let ends = scored.floors.zip(&scored.scores, |floor, score| (*floor, score.high));
                range.zip(&ends, |(low, high), (from, to)| (low + weight * from, high + weight * to))
            }
        }
    })
}
