//! Margins: how far an account is from its nearest change of tier, and how far a weight can move before any account changes bin.

use serde::Serialize;

use super::nudge::turning_points;
use super::score::{self, BasisPoints, Edges, Strategic};
use super::scores::weighted;
use super::tiering::{Beside, Segmentation, Thresholds};
use crate::model::tier::{Bin, Tier};

/// A change of ARR that changes the tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArrChange {
    /// The amount from which on the tier differs, in cents.
    pub to_cents: i64,
    /// The tier then.
    pub tier: Tier,
}

/// A change of strategic value that changes the tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValueChange {
    /// The strategic value from which on the tier differs.
    pub to: BasisPoints,
    /// The tier then.
    pub tier: Tier,
}

/// The nearest changes of an account's tier, down and up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Margins {
    /// Less ARR.
    pub arr_down: Option<ArrChange>,
    /// More ARR.
    pub arr_up: Option<ArrChange>,
    /// Less strategic value.
    pub value_down: Option<ValueChange>,
    /// More strategic value.
    pub value_up: Option<ValueChange>,
}

impl Margins {
    /// The margins of an account of a segmentation, in the tier in which it is served: hysteresis counts.
    pub fn of_account(segmentation: &Segmentation, hysteresis: f64, account: usize, cents: i64, value: BasisPoints) -> Margins {
        let today = segmentation.today.get(account).copied().flatten();
        let beside = segmentation
            .starts
            .get(account)
            .map_or(Beside::Value(value), |starts| Beside::Starts(*starts));
        Margins::of(segmentation.thresholds, today, hysteresis, cents, beside)
    }

    /// The margins of an account that pays `cents` and scores `beside`, and whose tier in the book is known or not.
    pub fn of(thresholds: Thresholds, today: Option<Tier>, hysteresis: f64, cents: i64, beside: impl Into<Beside>) -> Margins {
        let beside = beside.into();
        let served = |cents: i64, beside: Beside| thresholds.served(cents, beside, today, hysteresis);
        let now = served(cents, beside);
        let at_arr = |to_cents: i64| {
            let tier = served(to_cents, beside);
            (tier != now).then_some(ArrChange { to_cents, tier })
        };
        let at_value = |to: BasisPoints| {
            let tier = served(cents, to.into());
            (tier != now).then_some(ValueChange { to, tier })
        };
        let (cuts, mut turns) = (thresholds.cuts_of(beside), [0_i64; 15]);
        let n = match today {
            None => fill(&mut turns, cuts.into_iter().flatten()),
            Some(_) => fill(
                &mut turns,
                cuts.into_iter().flatten().flat_map(|cut| turning_points(cut, hysteresis)),
            ),
        };
        let turns = turns.get_mut(..n).unwrap_or_default();
        turns.sort_unstable();
        let cuts = || turns.iter().copied();
        let (mut value_down, mut value_up) = (None, None);
        if let (Thresholds::Grid { edges, .. }, Beside::Value(value)) = (thresholds, beside) {
            let starts = [edges.low, edges.high.saturating_add(1)]
                .into_iter()
                .filter(|edge| *edge <= 10_000);
            value_up = starts.clone().filter(|edge| *edge > value).find_map(at_value);
            value_down = starts
                .filter(|edge| *edge > 0 && *edge <= value)
                .rev()
                .find_map(|edge| at_value(edge - 1));
        }
        Margins {
            arr_up: cuts().filter(|cut| *cut > cents).find_map(at_arr),
            arr_down: cuts()
                .filter(|cut| *cut > 0 && *cut <= cents)
                .rev()
                .find_map(|cut| at_arr(cut - 1)),
            value_down,
            value_up,
        }
    }

    /// The nearest change of ARR as a share of it, below 0 for less; none without one, or without ARR. Of two at the same
    /// distance the one down.
    pub fn nearest_arr(&self, cents: i64) -> Option<(f64, ArrChange)> {
        if cents <= 0 {
            return None;
        }
        let changes = [self.arr_down, self.arr_up].into_iter().flatten();
        let nearest = changes.min_by_key(|change| (i128::from(change.to_cents) - i128::from(cents)).abs())?;
        Some(((nearest.to_cents as f64 - cents as f64) / cents as f64, nearest))
    }

    /// The nearest change of strategic value in points of 0..1, below 0 for less.
    pub fn nearest_value(&self, value: BasisPoints) -> Option<(f64, ValueChange)> {
        let changes = [self.value_down, self.value_up].into_iter().flatten();
        let nearest = changes.min_by_key(|change| change.to.abs_diff(value))?;
        Some(((f64::from(nearest.to) - f64::from(value)) / 10_000.0, nearest))
    }
}

/// Puts values into their places; how many there were.
fn fill(places: &mut [i64], values: impl Iterator<Item = i64>) -> usize {
    places.iter_mut().zip(values).map(|(place, value)| *place = value).count()
}

/// How far a factor's weight can move, the others sharing the rest in proportion, before any account changes bin.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WeightRange {
    /// The factor.
    pub factor: String,
    /// The weight in force, 0..1.
    pub weight: f64,
    /// From this weight on no account is in another bin, in steps of 0.001.
    pub from: f64,
    /// Up to this weight.
    pub to: f64,
}

/// The ranges of all factors that are on; none with fewer than two, where there is nothing to share.
pub fn weight_ranges(strategic: &Strategic, edges: Edges) -> Vec<WeightRange> {
    if strategic.n_on() < 2 {
        return Vec::new();
    }
    let bins: Vec<Bin> = strategic.value.iter().map(|value| edges.bin(*value)).collect();
    let on = strategic.factors.iter().enumerate().filter(|(_, factor)| factor.on);
    on.map(|(at, factor)| {
        let unchanged = |weight: f64| same_bins(strategic, edges, &bins, at, weight);
        WeightRange {
            factor: factor.name.clone(),
            weight: factor.weight_used,
            from: furthest(factor.weight_used, 0.0, unchanged),
            to: furthest(factor.weight_used, 1.0, unchanged),
        }
    })
    .collect()
}

/// The last step of 0.001 on the way from a weight to an end up to which nothing changes. An account that has left its bin
/// does not come back, since its value moves one way only.
fn furthest(weight: f64, end: f64, unchanged: impl Fn(f64) -> bool) -> f64 {
    const STEPS: f64 = 1_000.0;
    let (mut good, mut bad) = match end > weight {
        true => ((weight * STEPS).ceil(), end * STEPS),
        false => ((weight * STEPS).floor(), end * STEPS),
    };
    if !unchanged(good / STEPS) {
        return weight;
    }
    if unchanged(bad / STEPS) {
        return end;
    }
    while (good - bad).abs() > 1.0 {
        let middle = f64::midpoint(good, bad).round();
        if middle == good || middle == bad {
            break;
        }
        if unchanged(middle / STEPS) {
            good = middle;
        } else {
            bad = middle;
        }
    }
    good / STEPS
}

fn same_bins(strategic: &Strategic, edges: Edges, bins: &[Bin], factor: usize, weight: f64) -> bool {
    let own = strategic.factors.get(factor).map_or(0.0, |f| f.weight_used);
    let rest = 1.0 - own;
    let on = || strategic.factors.iter().enumerate().filter(|(_, f)| f.on);
    let weights = || {
        on().map(|(at, f)| match at == factor {
            true => (weight, &*f.scores),
            false => (f.weight_used / rest * (1.0 - weight), &*f.scores),
        })
    };
    // Most weights that change a bin change one among the first accounts.
    const CHUNK: usize = 1 << 12;
    let mut sums = vec![0.0; CHUNK.min(bins.len())];
    bins.chunks(CHUNK).enumerate().all(|(at, bins)| {
        sums.fill(0.0);
        weighted(weights(), at * CHUNK, &mut sums, |score| score.low);
        sums.iter()
            .zip(bins)
            .all(|(sum, bin)| edges.bin(score::basis_points(*sum)) == *bin)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::engine::tier_score::Start;
    use crate::model::money::Money;
    use crate::model::policy::{BinMethod, Cuts, TierCuts};

    proptest! {
        /// One cent, or one ten-thousandth, less of a change keeps the tier; the change itself makes it another.
        #[test]
        fn margins_are_exact(cents in 0_i64..5_000, value in 0_u16..=10_000, low in 1_i64..2_000, more in 1_i64..2_000, first in 0_u16..5_000, second in 5_000_u16..=10_000, arr in any::<bool>(), today in prop::option::of(0_usize..4)) {
            let today = today.map(|tier| Tier::ALL[tier]);
            let grid = Thresholds::Grid {
                cuts: Some(Cuts { low: Money(low), high: Money(low + more) }),
                edges: Edges { low: first, high: second },
            };
            let by_arr = Thresholds::Arr(Some(TierCuts {
                tech_touch: Money(low),
                mid_touch: Money(low + more),
                high_touch: Money(low + 2 * more),
                method: BinMethod::Given,
            }));
            let thresholds = if arr { by_arr } else { grid };
            let tier = |cents, value| thresholds.served(cents, value, today, 0.1);
            let now = tier(cents, value);
            let margins = Margins::of(thresholds, today, 0.1, cents, value);
            let up = (cents..10_000).find(|c| tier(*c, value) != now);
            let down = (0..cents).rev().find(|c| tier(*c, value) != now);
            prop_assert_eq!(margins.arr_up.map(|c| c.to_cents), up);
            prop_assert_eq!(margins.arr_down.map(|c| c.to_cents), down);
            let up = (value..=10_000).find(|v| tier(cents, *v) != now);
            let down = (0..value).rev().find(|v| tier(cents, *v) != now);
            prop_assert_eq!(margins.value_up.map(|c| c.to), up);
            prop_assert_eq!(margins.value_down.map(|c| c.to), down);
            if let Some((share, change)) = margins.nearest_arr(cents) {
                prop_assert_eq!(change.to_cents < cents, share < 0.0);
                prop_assert!(change.tier != now);
            }
        }

        /// Under rule `score` each account has starts of its own, and ARR is what a margin is about.
        #[test]
        fn margins_of_scores_are_exact(cents in 0_i64..5_000, starts in prop::collection::vec(0_i64..6_000, 3), today in prop::option::of(0_usize..4)) {
            let today = today.map(|tier| Tier::ALL[tier]);
            let mut starts = starts;
            starts.sort_unstable_by(|a, b| b.cmp(a));
            // The ends of the range stand for a tier that ARR does not keep an account out of, or does not carry it to.
            let start = |at: usize| match starts[at] {
                0..500 => Start::Always,
                5_500.. => Start::Never,
                from => Start::At(from),
            };
            let beside = Beside::Starts([start(0), start(1), start(2)]);
            let tier = |cents| Thresholds::Score.served(cents, beside, today, 0.1);
            let now = tier(cents);
            let margins = Margins::of(Thresholds::Score, today, 0.1, cents, beside);
            prop_assert_eq!(margins.arr_up.map(|c| c.to_cents), (cents..10_000).find(|c| tier(*c) != now));
            prop_assert_eq!(margins.arr_down.map(|c| c.to_cents), (0..cents).rev().find(|c| tier(*c) != now));
            prop_assert_eq!((margins.value_up, margins.value_down), (None, None));
        }
    }
}
