//! What a signal gives each account: a score, or an interval where cells are blank.

use super::series::Series;

/// What a signal gives one account. Unknown is an interval of 0..1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// With the unknown at 0.
    pub low: f64,
    /// With the unknown at 1.
    pub high: f64,
    /// Whether the cells are there; a value that stands in for a blank does not count.
    pub covered: bool,
}

/// Scores of one factor over all accounts.
pub type Scores = Series<Score>;

/// Numbers of all accounts; none where the cell is blank or the column is not there.
pub type Numbers = Series<Option<f64>>;

impl Score {
    /// A score, or the whole interval for an unknown one.
    pub(super) fn of(score: Option<f64>, covered: bool) -> Score {
        Score {
            low: score.unwrap_or(0.0),
            high: score.unwrap_or(1.0),
            covered,
        }
    }

    /// Whether nobody knows it.
    pub fn is_unknown(self) -> bool {
        self.low != self.high
    }
}

impl Scores {
    /// An account's score with the unknown at 0.
    pub fn low(&self, account: usize) -> f64 {
        self.at(account).map_or(0.0, |score| score.low)
    }

    /// Puts a person's score in place of the signal's.
    pub fn judge(&mut self, account: usize, score: f64) {
        self.set(account, Score::of(Some(score), true));
    }

    /// All unknown, for a factor that only judgements feed.
    pub fn unknown(n: usize) -> Scores {
        Series::constant(Score::of(None, false), n)
    }

    /// Whether nobody knows this account's score.
    pub fn is_unknown(&self, account: usize) -> bool {
        self.at(account).is_some_and(|score| score.is_unknown())
    }

    /// Adds the scores of the accounts from `first` on, each times `weight`.
    pub fn add_weighted(&self, first: usize, sums: &mut [f64], weight: f64, pick: fn(&Score) -> f64) {
        let Some((values, codes)) = self.codes() else {
            sums.iter_mut()
                .zip(self.from(first))
                .for_each(|(sum, score)| *sum += weight * pick(score));
            return;
        };
        let parts: Vec<f64> = values.iter().map(|score| weight * pick(score)).collect();
        for (sum, code) in sums.iter_mut().zip(codes.get(first..).unwrap_or_default()) {
            *sum += parts.get(usize::from(*code)).copied().unwrap_or(0.0);
        }
    }

    /// Whether every account's score lies in 0..1.
    pub fn are_shares(&self) -> bool {
        let is_share = |score: &Score| (0.0..=1.0).contains(&score.low);
        // A value that no account has need not be one.
        self.values().iter().all(is_share) || self.iter().all(is_share)
    }

    /// How many accounts have their cells.
    pub fn covered(&self) -> usize {
        self.count(|score| score.covered)
    }
}

/// Adds up weights times scores of the accounts from `first` on, in the order of the rubric.
pub(super) fn weighted<'s>(
    factors: impl Iterator<Item = (f64, &'s Scores)>,
    first: usize,
    sums: &mut [f64],
    pick: fn(&Score) -> f64,
) {
    factors.for_each(|(weight, scores)| scores.add_weighted(first, sums, weight, pick));
}
