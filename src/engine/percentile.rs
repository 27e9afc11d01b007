//! ARR percentiles over the accounts that pay, and the amount from which on a percentile is reached, exact both ways (H48).

use super::stats::Amounts;

/// A percentile in millionths of the whole.
pub type Millionths = u32;

/// The whole: no account lies above it.
pub const WHOLE: Millionths = 1_000_000;

/// Percentile ranks. An amount in the book stands at the share of paying accounts that pay less, plus half of those that
/// pay the same; between two amounts of the book it rises in a straight line, from 0 for nothing. Equal amounts stand equal,
/// more never stands lower, and a cent makes no leap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Percentiles {
    /// The distinct amounts, each with twice the accounts below it plus those at it.
    steps: Vec<(i64, i128)>,
    /// Twice the accounts that pay.
    whole: i128,
}

impl Percentiles {
    /// The ranks of these amounts.
    pub fn new(amounts: &Amounts) -> Percentiles {
        let mut steps: Vec<(i64, i128)> = Vec::new();
        for (below, cents) in amounts.iter().enumerate() {
            match steps.last_mut() {
                Some((last, twice)) if *last == cents => *twice += 1,
                _ => steps.push((cents, 2 * below as i128 + 1)),
            }
        }
        Percentiles {
            steps,
            whole: 2 * amounts.len() as i128,
        }
    }

    /// Where an amount stands; 0 for nothing, and where nobody pays.
    pub fn of(&self, cents: i64) -> Millionths {
        let at = self.steps.partition_point(|(step, _)| *step < cents);
        match self.steps.get(at) {
            _ if cents <= 0 => 0,
            Some(above) => {
                let below = self.below(at);
                let (run, rise) = (i128::from(above.0 - below.0), above.1 - below.1);
                self.rounded(below.1 * run + rise * i128::from(cents - below.0), run)
            }
            None => self.steps.last().map_or(0, |top| self.rounded(top.1, 1)),
        }
    }

    /// The smallest amount that stands at `need` or above; none when no amount does.
    pub fn least(&self, need: Millionths) -> Option<i64> {
        let at = self.steps.partition_point(|(_, twice)| self.rounded(*twice, 1) < need);
        let above = self.steps.get(at)?;
        let below = self.below(at);
        let (run, rise) = (i128::from(above.0 - below.0), above.1 - below.1);
        // rounded(n, run) >= need, solved for n, and n for the amount.
        let numerator = ceil(self.whole * run * (2 * i128::from(need) - 1), 2 * i128::from(WHOLE));
        let step = ceil(numerator - below.1 * run, rise).max(1);
        Some(below.0.saturating_add(i64::try_from(step).unwrap_or(i64::MAX)))
    }

    /// The step before one: nothing stands before the first.
    fn below(&self, at: usize) -> (i64, i128) {
        at.checked_sub(1)
            .and_then(|before| self.steps.get(before).copied())
            .unwrap_or((0, 0))
    }

    /// `twice / run` of the whole in millionths, rounded half up.
    fn rounded(&self, twice: i128, run: i128) -> Millionths {
        let whole = self.whole * run;
        let scaled = (2 * i128::from(WHOLE) * twice + whole).div_euclid(2 * whole);
        Millionths::try_from(scaled).unwrap_or(WHOLE)
    }
}

fn ceil(num: i128, den: i128) -> i128 {
    num.div_euclid(den) + i128::from(num.rem_euclid(den) != 0)
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
        for (cents, percentile) in [
            (0, 0),
            (50, 62_500),
            (100, 125_000),
            (200, 500_000),
            (300, 687_500),
            (400, 875_000),
            (900, 875_000),
        ] {
            assert_eq!(book.of(cents), percentile, "{cents}");
        }
        assert_eq!(percentiles(&[7, 7, 7]).of(7), WHOLE / 2, "one price tells nobody apart");
        assert_eq!(percentiles(&[0]).of(5), 0, "nobody pays");
    }

    proptest! {
        #[test]
        fn more_never_stands_lower_and_the_least_amount_is_exact(cents in prop::collection::vec(0_i64..300, 0..12), need in 1_u32..=WHOLE) {
            let book = percentiles(&cents);
            let ranks: Vec<Millionths> = (0..400).map(|cents| book.of(cents)).collect();
            prop_assert!(ranks.is_sorted());
            let least = ranks.iter().position(|rank| *rank >= need).map(|cents| cents as i64);
            prop_assert_eq!(book.least(need), least);
        }

        #[test]
        fn no_amount_is_too_large(cents in prop::collection::vec(1..i64::MAX, 1..5), need in 1_u32..=WHOLE) {
            let book = percentiles(&cents);
            if let Some(least) = book.least(need) {
                prop_assert!(book.of(least) >= need && book.of(least - 1) < need);
            }
        }
    }
}
