//! Order statistics over ARR: exact where amounts are concerned, floats only for shares.

use std::sync::Arc;

use super::series::Series;
use crate::model::book::Book;
use crate::parallel;

/// The positive amounts of a book in cents, sorted, with prefix sums: the base of every cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amounts {
    sorted: Vec<i64>,
    /// The sum of the first amounts, for every so many.
    sums: Vec<i128>,
}

/// Amounts between two sums that are kept: a sum of any number of them then takes few steps, and little room.
const STRIDE: usize = 64;

/// A point of the distribution in thousandths: P92.5 is 925.
pub type Permille = i64;

impl Amounts {
    /// Keeps and sorts the amounts above zero; the accounts that pay nothing have no say in cuts (S5).
    pub fn of(cents: &[i64]) -> Amounts {
        let mut sorted: Vec<i64> = cents.iter().copied().filter(|c| *c > 0).collect();
        sorted.sort_unstable();
        Amounts::sorted(sorted)
    }

    fn sorted(sorted: Vec<i64>) -> Amounts {
        let mut sum = 0_i128;
        let mut sums = vec![0];
        for part in sorted.chunks(STRIDE) {
            sum += part.iter().map(|cents| i128::from(*cents)).sum::<i128>();
            sums.push(sum);
        }
        Amounts { sorted, sums }
    }

    /// The sum of the first `n` amounts.
    fn sum_of(&self, n: usize) -> i128 {
        let kept = n / STRIDE;
        let rest = self.sorted.get(kept * STRIDE..n).unwrap_or_default();
        let sum = self.sums.get(kept).copied().unwrap_or(0);
        sum + rest.iter().map(|cents| i128::from(*cents)).sum::<i128>()
    }

    /// The amounts of a book; worked out once.
    pub fn of_book(book: &Book) -> Arc<Amounts> {
        let n = book.len();
        let rising = |place: usize| {
            book.nth_by_arr(n - 1 - place)
                .map(|i| book.arr(i).0)
                .filter(|cents| *cents > 0)
        };
        book.memo().get("amounts", || Amounts::sorted(parallel::picked(n, rising)))
    }

    /// The amounts, lowest first.
    pub fn iter(&self) -> impl Iterator<Item = i64> + '_ {
        self.sorted.iter().copied()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.sorted.len()
    }

    /// Whether nobody pays.
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// Their sum in cents.
    pub fn total(&self) -> i128 {
        self.sums.last().copied().unwrap_or(0)
    }

    /// The smallest in cents, or 0.
    pub fn min(&self) -> i64 {
        self.sorted.first().copied().unwrap_or(0)
    }

    /// The largest in cents, or 0.
    pub fn max(&self) -> i64 {
        self.sorted.last().copied().unwrap_or(0)
    }

    /// How many lie below `cents`.
    pub fn below(&self, cents: i64) -> usize {
        self.sorted.partition_point(|x| *x < cents)
    }

    /// Linear (type 7) quantile in cents, rounded half up (S5, S18). 0 when nobody pays.
    pub fn quantile(&self, at: Permille) -> i64 {
        let Some(last) = self.sorted.len().checked_sub(1) else {
            return 0;
        };
        let position = i128::from(at.clamp(0, 1000)) * last as i128;
        let (index, rest) = ((position / 1000) as usize, position % 1000);
        let low = i128::from(self.at(index));
        let step = i128::from(self.at((index + 1).min(last))) - low;
        ((low * 2000 + step * rest * 2 + 1000).div_euclid(2000)) as i64
    }

    /// Share of the sum that the `k` largest hold, 0..1; `None` when nobody pays.
    pub fn top_share(&self, k: usize) -> Option<f64> {
        let from = self.sorted.len().saturating_sub(k);
        let held = self.total() - self.sum_of(from);
        (self.total() > 0).then(|| held as f64 / self.total() as f64)
    }

    /// Sum of the `k` largest, in cents.
    pub fn top_sum(&self, k: usize) -> i128 {
        let from = self.sorted.len().saturating_sub(k);
        self.total() - self.sum_of(from)
    }

    /// Gini coefficient over the amounts, 0 all equal to nearly 1 one holds all; `None` when nobody pays.
    pub fn gini(&self) -> Option<f64> {
        let n = self.sorted.len() as i128;
        let weighted: i128 = (1_i128..)
            .zip(&self.sorted)
            .map(|(i, x)| (2 * i - n - 1) * i128::from(*x))
            .sum();
        (self.total() > 0).then(|| weighted as f64 / (n * self.total()) as f64)
    }

    /// Accounts that ±10% would carry across a cut: 9x < 10c ≤ 10x or 10x < 10c ≤ 11x (S5).
    pub fn carried(&self, cut: i64) -> usize {
        let cut = i128::from(cut);
        let first = self.sorted.partition_point(|x| 11 * i128::from(*x) < 10 * cut);
        let end = self.sorted.partition_point(|x| 9 * i128::from(*x) < 10 * cut);
        end - first
    }

    /// Gaps between neighbouring distinct amounts, lowest first: (amount below, amount above, how many lie below the gap).
    pub fn gaps(&self) -> impl Iterator<Item = (i64, i64, usize)> + '_ {
        let pairs = self.sorted.iter().zip(self.sorted.iter().skip(1)).enumerate();
        pairs.filter(|(_, (a, b))| a < b).map(|(i, (a, b))| (*a, *b, i + 1))
    }

    /// How many different amounts there are, counted up to `enough`.
    pub fn distinct(&self, enough: usize) -> usize {
        usize::from(!self.is_empty()) + self.gaps().take(enough.saturating_sub(1)).count()
    }

    fn at(&self, index: usize) -> i64 {
        self.sorted.get(index).copied().unwrap_or(0)
    }
}

/// The middle value, between the two middle ones of an even number; none of nothing.
pub fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    match values.len() % 2 {
        0 => Some(f64::midpoint(*values.get(values.len() / 2 - 1)?, upper)),
        _ => Some(upper),
    }
}

/// Spearman's rank correlation of two lists of ranks; `None` when either does not vary.
pub fn spearman(rank_x: &[f64], rank_y: &[f64]) -> Option<f64> {
    let mean = (rank_x.len() as f64 + 1.0) / 2.0;
    let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
    for (a, b) in rank_x.iter().zip(rank_y) {
        xy += (a - mean) * (b - mean);
        xx += (a - mean) * (a - mean);
        yy += (b - mean) * (b - mean);
    }
    (xx > 0.0 && yy > 0.0).then(|| xy / (xx * yy).sqrt())
}

/// The rank of each account's ARR from 1, ties at their mean rank; worked out once.
pub fn arr_ranks(book: &Book) -> Arc<Vec<f64>> {
    let rank = || {
        let rising: Vec<usize> = book.by_arr().rev().collect();
        let mut ranked = vec![0.0; rising.len()];
        let mut before = 0;
        for tied in rising.chunk_by(|a, b| book.arr(*a) == book.arr(*b)) {
            for account in tied {
                if let Some(slot) = ranked.get_mut(*account) {
                    *slot = before as f64 + (tied.len() as f64 + 1.0) / 2.0;
                }
            }
            before += tied.len();
        }
        ranked
    };
    book.memo().get("arr ranks", rank)
}

/// The rank of each value from 1, ties at their mean rank.
pub fn ranks(values: &[f64]) -> Vec<f64> {
    let order: Vec<(f64, u32)> = values.iter().copied().zip(0..).collect();
    let order = parallel::sorted(order, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut ranked = vec![0.0; values.len()];
    let mut before = 0;
    for tied in order.chunk_by(|a, b| a.0 == b.0) {
        let rank = before as f64 + (tied.len() as f64 + 1.0) / 2.0;
        for (_, i) in tied {
            if let Some(slot) = ranked.get_mut(*i as usize) {
                *slot = rank;
            }
        }
        before += tied.len();
    }
    ranked
}

/// [`ranks`] of a series, of which each different value is sorted once.
pub fn ranks_of(values: &Series<f64>) -> Vec<f64> {
    let Some((different, codes)) = values.codes() else {
        return ranks(&values.to_vec());
    };
    let counts: Vec<usize> = values.counted().into_iter().map(|(_, n)| n).collect();
    let mut order: Vec<(f64, usize, usize)> = different
        .iter()
        .zip(counts)
        .enumerate()
        .map(|(code, (value, n))| (*value, code, n))
        .collect();
    order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let mut rank_of = vec![0.0; different.len()];
    let mut before = 0;
    for tied in order.chunk_by(|a, b| a.0 == b.0) {
        let n: usize = tied.iter().map(|(_, _, n)| n).sum();
        for (_, code, _) in tied {
            if let Some(slot) = rank_of.get_mut(*code) {
                *slot = before as f64 + (n as f64 + 1.0) / 2.0;
            }
        }
        before += n;
    }
    codes
        .iter()
        .map(|code| rank_of.get(usize::from(*code)).copied().unwrap_or_default())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_linear_and_rounded_half_up() {
        let amounts = Amounts::of(&[0, 100, 200, 300, 400]);
        assert_eq!(
            (amounts.quantile(0), amounts.quantile(250), amounts.quantile(1000)),
            (100, 175, 400)
        );
        assert_eq!(Amounts::of(&[1, 2]).quantile(500), 2, "1.5 cents is 2");
        assert_eq!(Amounts::of(&[]).quantile(500), 0);
    }

    #[test]
    fn gini_and_shares_have_their_ends() {
        assert_eq!(Amounts::of(&[5, 5, 5]).gini(), Some(0.0));
        assert_eq!(Amounts::of(&[0, 0]).gini(), None);
        let share = Amounts::of(&[90, 5, 5]).top_share(1);
        assert_eq!(share, Some(0.9));
        assert!((Amounts::of(&[1, 3]).gini().unwrap() - 0.25).abs() < 1e-12);
    }

    #[test]
    fn accounts_carried_across_a_cut_are_counted_on_both_sides() {
        let amounts = Amounts::of(&[90, 91, 99, 100, 110, 111, 112]);
        let by_hand = |cut: i64| {
            [90_i64, 91, 99, 100, 110, 111, 112]
                .iter()
                .filter(|x| (9 * **x < 10 * cut && cut <= **x) || (**x < cut && 10 * cut <= 11 * **x))
                .count()
        };
        for cut in 80..130 {
            assert_eq!(amounts.carried(cut), by_hand(cut), "{cut}");
        }
    }

    #[test]
    fn ranks_of_a_series_are_those_of_its_values() {
        let values: Vec<f64> = vec![0.5, 0.0, 1.0, 0.5, -0.0, 0.25];
        let codes: Vec<u16> = [0, 1, 2, 5, 4, 0, 2, 1, 4].into();
        let plain: Vec<f64> = codes.iter().map(|code| values[usize::from(*code)]).collect();
        assert_eq!(ranks_of(&Series::of_codes(values, Arc::new(codes))), ranks(&plain));
        assert_eq!(ranks_of(&Series::of_each(plain.clone())), ranks(&plain));
    }

    #[test]
    fn rank_correlation_is_one_for_any_rising_relation() {
        assert_eq!(spearman(&ranks(&[1.0, 2.0, 9.0]), &ranks(&[10.0, 20.0, 21.0])), Some(1.0));
        assert_eq!(spearman(&ranks(&[1.0, 2.0, 9.0]), &ranks(&[3.0, 3.0, 3.0])), None);
    }
}
