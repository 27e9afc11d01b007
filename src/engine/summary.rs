//! What the scores of a factor come to over the book: coverage, mean, and rank correlation with ARR (S6).

use super::scores::Scores;
use super::stats::{arr_ranks, ranks_of, spearman};
use crate::model::book::Book;

/// What the scores of a factor come to.
#[derive(Clone, Copy)]
pub(super) struct Summary {
    pub(super) coverage: f64,
    pub(super) mean: f64,
    pub(super) rho: Option<f64>,
}

impl Summary {
    pub(super) fn of(book: &Book, scores: &Scores, correlates: bool) -> Summary {
        let n = book.len().max(1) as f64;
        let low = || scores.map(|score| score.low);
        Summary {
            coverage: scores.covered() as f64 / n,
            // In the order of ids, so that the order of rows does not show in the last digit.
            mean: book.by_id().map(|i| scores.low(i)).sum::<f64>() / n,
            rho: correlates.then(|| spearman(&ranks_of(&low()), &arr_ranks(book))).flatten(),
        }
    }
}
