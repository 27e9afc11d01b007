//! A component from its parts: over what is known, and between the worst and the best of what is not (S13).

use std::sync::Arc;

use super::DUST;
use crate::engine::cells::Columns;
use crate::engine::scores::Scores;
use crate::engine::series::Series;
use crate::model::signal::Signal;

/// What the parts of a component come to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Whole {
    /// Whether each part has cells.
    pub(super) on: Vec<bool>,
    /// The score of each account over the parts that are known, 0..1, and the share of the parts in force that is.
    pub(super) known: Series<Option<(f64, f64)>>,
    /// The lowest and the highest score of each account over all parts.
    pub(super) range: Series<(f64, f64)>,
}

/// A part with its weight, and what it scores with the lowest that it could; nothing where it has no cells.
struct Part {
    weight: f64,
    scored: Option<(Scores, Series<f64>)>,
}

impl Whole {
    /// Of these signals with their weights; worked out once.
    pub(super) fn of(columns: &Columns, signals: &[(f64, Signal)]) -> Arc<Whole> {
        let memo = columns.book().memo();
        memo.get(format!("component {signals:?}"), || {
            let parts: Vec<Part> = signals
                .iter()
                .map(|(weight, signal)| part(columns, *weight, signal))
                .collect();
            Whole {
                on: parts.iter().map(|part| part.scored.is_some()).collect(),
                known: known(columns.book().len(), &parts),
                range: range(columns.book().len(), &parts),
            }
        })
    }
}

fn part(columns: &Columns, weight: f64, signal: &Signal) -> Part {
    let fed = signal.columns().iter().any(|column| columns.exists(column));
    let scores = fed.then(|| columns.scores_and_floors(signal));
    Part {
        weight,
        scored: scores.filter(|(scores, _)| scores.covered() > 0),
    }
}

/// The score of each account over the parts that are known, and the share of those in force that is.
fn known(n: usize, parts: &[Part]) -> Series<Option<(f64, f64)>> {
    let on = || parts.iter().filter_map(|part| Some((part.weight, &part.scored.as_ref()?.0)));
    let whole: f64 = on().map(|(weight, _)| weight).sum();
    let sums = on().fold(Series::constant((0.0, 0.0), n), |sums, (weight, scores)| {
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
fn range(n: usize, parts: &[Part]) -> Series<(f64, f64)> {
    if parts.is_empty() {
        return Series::constant((0.0, 1.0), n);
    }
    parts.iter().fold(Series::constant((0.0, 0.0), n), |range, part| {
        let weight = part.weight;
        match &part.scored {
            None => range.map(|(low, high)| (low + weight * 0.0, high + weight * 1.0)),
            Some((scores, floors)) => {
                let ends = floors.zip(scores, |floor, score| (*floor, score.high));
                range.zip(&ends, |(low, high), (from, to)| (low + weight * from, high + weight * to))
            }
        }
    })
}
