//! CSMs that a combination needs, as the plan counts them, fast enough for a hundred million of them (S10).

use super::tables::Tally;
use crate::engine::capacity::typical_book;
use crate::model::policy::{Capacity, hundredths};
use crate::model::tier::Tier;

/// Accounts per CSM and the CSMs there are.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Demand {
    /// Typical book by tier; none where no CSM is counted.
    books: [Option<u32>; 4],
    /// All books divide it.
    denominator: i128,
    /// The denominator, where demand fits 64 bits and is carried in the tallies.
    narrow: Option<i64>,
    /// CSMs there are, in hundredths: in all, or by tier.
    available: Available,
}

#[derive(Debug, Clone, PartialEq)]
enum Available {
    Total(i64),
    ByTier([i64; 4]),
}

impl Demand {
    /// The demand of a book of `accounts`; none without a headcount.
    pub(super) fn new(capacity: &Capacity, accounts: usize) -> Option<Demand> {
        let books = Tier::ALL.map(|tier| typical_book(capacity.book_size(tier)).filter(|size| *size > 0));
        let denominator = books
            .iter()
            .flatten()
            .fold(1_i128, |lcm, book| least_common(lcm, i128::from(*book)));
        let whole = |csms: f64| (hundredths(csms) * 100.0).round() as i64;
        let available = match capacity.csms_by_tier.is_empty() {
            true => Available::Total(whole(capacity.csms?)),
            false => Available::ByTier(Tier::ALL.map(|tier| capacity.csms_by_tier.get(&tier).map_or(0, |csms| whole(*csms)))),
        };
        let most = denominator.checked_mul(accounts as i128 + 1);
        let fits = most.is_some_and(|most| most < i128::from(i64::MAX / 4)) && matches!(available, Available::Total(_));
        Some(Demand {
            books,
            denominator,
            narrow: i64::try_from(denominator).ok().filter(|_| fits),
            available,
        })
    }

    /// What an account of each tier adds to a tally's demand.
    pub(super) fn weights(&self) -> [i64; 4] {
        let Some(denominator) = self.narrow else { return [0; 4] };
        self.books.map(|book| book.map_or(0, |book| denominator / i64::from(book)))
    }

    /// The tally of so many accounts by tier.
    pub(super) fn tally_of(&self, tiers: [usize; 4]) -> Tally {
        let tiers = tiers.map(|n| n as i32);
        let demand = tiers
            .iter()
            .zip(self.weights())
            .map(|(n, weight)| i64::from(*n).wrapping_mul(weight));
        Tally {
            tiers,
            demand: demand.fold(0, i64::wrapping_add),
            ..Tally::default()
        }
    }

    /// Demand above which so many CSMs are not enough; none where demand is not carried in the tallies.
    pub(super) fn upto(&self, csms: u64) -> Option<i64> {
        let csms = i64::try_from(csms).unwrap_or(i64::MAX);
        self.narrow.map(|denominator| csms.saturating_mul(denominator))
    }

    /// CSMs needed, from the tiers alone: rounded up once, or for each tier when headcount is given by tier.
    pub(super) fn needed(&self, tally: &Tally) -> u64 {
        if let Some(denominator) = self.narrow {
            return (tally.demand / denominator + i64::from(tally.demand % denominator != 0)) as u64;
        }
        let whole = |part: i128, of: i128| u64::try_from((part + of - 1) / of).unwrap_or(u64::MAX);
        let tiers = tally.tiers.iter().zip(self.books);
        match self.available {
            Available::ByTier(_) => tiers
                .map(|(n, book)| book.map_or(0, |book| whole(i128::from(*n), i128::from(book))))
                .sum(),
            Available::Total(_) => {
                let parts = tiers.map(|(n, book)| book.map_or(0, |book| i128::from(*n) * (self.denominator / i128::from(book))));
                whole(parts.sum(), self.denominator)
            }
        }
    }

    /// How far need and headcount are apart, in hundredths of a CSM: in all, or added up over tiers when headcount is by tier.
    #[inline]
    pub(super) fn misfit(&self, tally: &Tally, needed: u64) -> u64 {
        match &self.available {
            Available::Total(available) => (needed as i64 * 100).abs_diff(*available),
            Available::ByTier(available) => {
                let tiers = tally.tiers.iter().zip(self.books).zip(available);
                tiers
                    .map(|((n, book), available)| {
                        let needed = book.map_or(0, |book| (*n as u32).div_ceil(book));
                        (i64::from(needed) * 100).abs_diff(*available)
                    })
                    .sum()
            }
        }
    }

    /// Whether headcount is given by tier.
    pub(super) fn is_by_tier(&self) -> bool {
        matches!(self.available, Available::ByTier(_))
    }

    /// CSMs there are, in hundredths.
    pub(super) fn available(&self) -> i64 {
        match &self.available {
            Available::Total(available) => *available,
            Available::ByTier(available) => available.iter().sum(),
        }
    }
}

fn least_common(a: i128, b: i128) -> i128 {
    let (mut x, mut y) = (a, b);
    while y != 0 {
        (x, y) = (y, x % y);
    }
    a / x * b
}
