//! ARR percentiles over the accounts that pay: where an account stands, and where it would stand with another amount (H48).

use super::stats::Amounts;
use crate::model::book::Book;

/// Percentile ranks: the share of paying accounts that pay less, plus half of those that pay the same, the account itself
/// among these. Equal amounts stand equal, and more never stands lower.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Percentiles {
    /// The distinct amounts, lowest first.
    steps: Vec<Step>,
    /// Accounts that pay.
    paying: usize,
    /// The steps at even shares of these accounts, where searches start.
    marks: Vec<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Step {
    cents: i64,
    /// Accounts that pay less.
    below: u32,
    /// Accounts that pay this.
    at: u32,
}

impl Percentiles {
    /// The ranks of these amounts.
    pub fn new(amounts: &Amounts) -> Percentiles {
        let mut steps: Vec<Step> = Vec::new();
        for (below, cents) in (0..).zip(amounts.iter()) {
            match steps.last_mut() {
                Some(last) if last.cents == cents => last.at += 1,
                _ => steps.push(Step { cents, below, at: 1 }),
            }
        }
        steps.shrink_to_fit();
        const MARKS: usize = 1 << 12;
        let paying = amounts.len();
        let last = MARKS.min(paying);
        let step = |mark: usize| steps.partition_point(|step| (step.below + step.at) as usize <= mark * paying / last.max(1));
        Percentiles {
            marks: (0..=last).map(step).collect(),
            paying,
            steps,
        }
    }

    /// Where an account that pays `own` would stand if it paid `cents`, the others as they are, 0..1; 0 for nothing.
    pub fn rank(&self, own: i64, cents: i64) -> f64 {
        if cents <= 0 {
            return 0.0;
        }
        self.rank_at(self.steps.partition_point(|step| step.cents < cents), own, cents)
    }

    /// Where every account of the book stands with what it pays, in input order.
    pub fn of_all(&self, book: &Book) -> Vec<f64> {
        let mut ranks = vec![0.0; book.len()];
        let mut at = 0;
        for account in book.by_arr().rev() {
            let cents = book.arr(account).0;
            while self.steps.get(at).is_some_and(|step| step.cents < cents) {
                at += 1;
            }
            if let Some(slot) = ranks.get_mut(account).filter(|_| cents > 0) {
                *slot = self.rank_at(at, cents, cents);
            }
        }
        ranks
    }

    /// [`Percentiles::rank`] of an amount above 0 that is at, or before, the step at this place and after the one before it.
    fn rank_at(&self, at: usize, own: i64, cents: i64) -> f64 {
        let itself = |holds: bool| usize::from(own > 0 && holds);
        let (below, same) = match self.steps.get(at) {
            Some(step) if step.cents == cents => (step.below as usize, step.at as usize),
            Some(step) => (step.below as usize, 0),
            None => (self.paying, 0),
        };
        let (below, same) = (below - itself(own < cents), same - itself(own == cents) + 1);
        let whole = self.paying - itself(true) + 1;
        (2 * below + same) as f64 / (2 * whole) as f64
    }

    /// The smallest amount above 0 with which an account that pays `own` stands where something holds that holds for all
    /// that stand higher; none when no amount does. The nearer `near` is to the rank from which on it holds, the sooner it
    /// is found.
    pub fn least(&self, own: i64, near: f64, holds: impl Fn(f64) -> bool) -> Option<i64> {
        let step_holds = |at: usize| self.steps.get(at).is_none_or(|step| holds(self.rank_at(at, own, step.cents)));
        let at = first_from(self.step_near(near), self.steps.len(), step_holds);
        let after = at.checked_sub(1).and_then(|before| self.steps.get(before));
        // Between two amounts of the book every amount stands the same.
        let between = after.map_or(1, |step| step.cents.saturating_add(1));
        let reached = self.steps.get(at).map(|step| step.cents);
        let between_holds = || holds(self.rank_at(at, own, between));
        match reached {
            Some(cents) if between >= cents || !between_holds() => Some(cents),
            _ => between_holds().then_some(between),
        }
    }

    /// About which step stands at this rank.
    fn step_near(&self, rank: f64) -> usize {
        let marks = self.marks.len().saturating_sub(1);
        let mark = (rank * marks as f64).clamp(0.0, marks as f64) as usize;
        self.marks.get(mark).copied().unwrap_or(0)
    }
}

/// The first of the places below `end` from which on something holds, or `end`; searched outwards from a guess.
fn first_from(guess: usize, end: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut from, mut to, mut stride) = (0, end, 1);
    let mut at = guess.min(end);
    // Nothing holds below `from`, and it holds from `to` on.
    while from < to {
        if at < to && holds(at) {
            to = at;
            if at.saturating_sub(stride) <= from {
                break;
            }
            at -= stride;
        } else if at < to {
            from = at + 1;
            if from + stride >= to {
                break;
            }
            at = from + stride;
        } else {
            at = to - 1;
            continue;
        }
        stride *= 2;
    }
    while from < to {
        let middle = usize::midpoint(from, to);
        match holds(middle) {
            true => to = middle,
            false => from = middle + 1,
        }
    }
    from
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn percentiles(cents: &[i64]) -> Percentiles {
        Percentiles::new(&Amounts::of(cents))
    }

    #[test]
    fn a_percentile_counts_who_pays_less_and_half_of_who_pays_the_same() {
        let book = percentiles(&[0, 0, 100, 200, 200, 400]);
        for (cents, percentile) in [(0, 0.0), (100, 0.125), (200, 0.5), (400, 0.875)] {
            assert_eq!(book.rank(cents, cents), percentile, "{cents}");
        }
        assert_eq!(percentiles(&[7, 7, 7]).rank(7, 7), 0.5, "one price tells nobody apart");
        assert_eq!(percentiles(&[0]).rank(0, 5), 0.5, "the only one that would pay");
    }

    proptest! {
        /// What is said of another amount is what a book with that amount in it says.
        #[test]
        fn another_amount_stands_as_in_a_book_that_has_it(cents in prop::collection::vec(0_i64..60, 1..12), other in 0_i64..70) {
            let book = percentiles(&cents);
            let mut changed = cents.clone();
            changed[0] = other;
            prop_assert_eq!(book.rank(cents[0], other), percentiles(&changed).rank(other, other));
        }

        #[test]
        fn more_never_stands_lower_and_the_least_amount_is_exact(cents in prop::collection::vec(0_i64..60, 1..12), need in 0.0_f64..=1.0) {
            let book = percentiles(&cents);
            let own = cents[0];
            let ranks: Vec<f64> = (0..100).map(|cents| book.rank(own, cents)).collect();
            prop_assert!(ranks.is_sorted());
            let least = (1..100).find(|cents| book.rank(own, *cents) >= need);
            for near in [0.0, need / 2.0, need, 1.0, f64::NAN] {
                prop_assert_eq!(book.least(own, near, |rank| rank >= need), least);
            }
        }
    }
}
