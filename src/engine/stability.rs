//! Stability: which accounts change tier when their ARR moves by a tenth, a seeded sample, and cut moves that would calm it (S12, M30).

use std::collections::HashMap;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde::Serialize;

use super::cuts::{digits, round_amounts};
use super::nudge::Nudged;
use super::score::Strategic;
use super::stats::Amounts;
use super::tiering::{Beside, Segmentation, Thresholds};
use crate::model::book::Book;
use crate::model::money::Money;
use crate::model::policy::{Cuts, TierCuts};
use crate::model::tier::Tier;
use crate::parallel;

/// How firmly the accounts stand in their tiers.
#[derive(Debug, Clone, PartialEq)]
pub struct Stability {
    /// Accounts that change tier at ARR ±10% (S12), largest first, as positions in the book.
    pub near: Vec<usize>,
    /// Their share of accounts, 0..1; 0 for an empty book.
    pub account_share: f64,
    /// Their share of ARR, 0..1; 0 where there is none.
    pub arr_share: f64,
    /// The three accounts that the seed draws.
    pub sample: Vec<Sampled>,
    /// Cut moves within ±10% after which fewer accounts are near.
    pub moves: Vec<CutMove>,
}

/// An account of the sample (M30).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sampled {
    /// Account id.
    pub account: String,
    /// `down` at −10%, `up` at +10%, `none` when neither changes the tier.
    pub direction: &'static str,
    /// The tier now.
    pub from: Tier,
    /// The tier then.
    pub to: Tier,
}

/// A proposed move of one cut.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CutMove {
    /// Which cut: `low`, `high`, or the tier that starts there.
    pub cut: &'static str,
    /// Where it lies.
    pub from: Money,
    /// Where it would lie.
    pub to: Money,
    /// Accounts near a cut now.
    pub before: usize,
    /// Accounts near a cut after the move.
    pub after: usize,
}

/// Accounts in the sample of M30.
const SAMPLE: usize = 3;

/// Measures stability over every account, and draws the sample.
pub fn measure(book: &Book, amounts: &Amounts, strategic: &Strategic, segmentation: &Segmentation, seed: u64) -> Stability {
    let near: Vec<usize> = book.by_arr().filter(|i| segmentation.is_near(*i)).collect();
    let near_cents: i128 = near.iter().map(|i| i128::from(book.arr(*i).0)).sum();
    let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
    Stability {
        account_share: share(near.len() as f64, book.len() as f64),
        arr_share: share(near_cents as f64, book.total_cents() as f64),
        sample: sample(book, strategic, segmentation, seed),
        moves: moves(book, amounts, strategic, segmentation.thresholds, near.len()),
        near,
    }
}

fn sample(book: &Book, strategic: &Strategic, segmentation: &Segmentation, seed: u64) -> Vec<Sampled> {
    // The last of those that are left takes the place of one that is drawn.
    let mut moved: HashMap<usize, usize> = HashMap::new();
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut drawn = Vec::with_capacity(SAMPLE);
    for left in (1..=book.len()).rev().take(SAMPLE) {
        let at = ((u128::from(generator.next_u64()) * left as u128) >> 64) as usize;
        let place = |at: usize| moved.get(&at).copied().or_else(|| book.nth_by_id(at));
        let (found, last) = (place(at), place(left - 1));
        drawn.extend(found);
        moved.extend(last.map(|last| (at, last)));
    }
    drawn
        .into_iter()
        .map(|account| sampled(book, strategic, segmentation, account))
        .collect()
}

fn sampled(book: &Book, strategic: &Strategic, segmentation: &Segmentation, account: usize) -> Sampled {
    let value = segmentation.beside(account, strategic);
    let cents = book.arr(account).0;
    let from = segmentation.thresholds.tier(cents, value);
    let [down, up] = segmentation.thresholds.nudged(cents, value);
    let (direction, to) = match (down != from, up != from) {
        (true, _) => ("down", down),
        (false, true) => ("up", up),
        (false, false) => ("none", from),
    };
    Sampled {
        account: book.id(account).to_string(),
        direction,
        from,
        to,
    }
}

/// For each cut, the round amount within ±10% that leaves the fewest accounts near, if that is fewer than now.
fn moves(book: &Book, amounts: &Amounts, strategic: &Strategic, thresholds: Thresholds, before: usize) -> Vec<CutMove> {
    let mut moves = Vec::new();
    for (cut, from) in thresholds.arr_cuts() {
        let candidates = round_amounts(from - from / 10, from.saturating_add(from / 10), 2);
        let steadiest = candidates
            .into_iter()
            .min_by_key(|to| (amounts.carried(*to), digits(*to), (to - from).abs(), *to));
        let Some(to) = steadiest.filter(|to| amounts.carried(*to) < amounts.carried(from)) else {
            continue;
        };
        let Some(moved) = with_cut(thresholds, cut, Money(to)) else {
            continue;
        };
        let after = count_near(book, strategic, moved);
        if after < before {
            moves.push(CutMove {
                cut,
                from: Money(from),
                to: Money(to),
                before,
                after,
            });
        }
    }
    moves
}

fn count_near(book: &Book, strategic: &Strategic, thresholds: Thresholds) -> usize {
    let nudged = Nudged::of(thresholds);
    let counted = parallel::in_parts(book.len(), parallel::LEAST, |accounts| {
        let values = strategic.value.get(accounts.clone()).unwrap_or_default();
        let amounts = book.arr_cents().get(accounts).unwrap_or_default();
        let pairs = amounts.iter().zip(values);
        pairs
            .filter(|(cents, value)| nudged.changes(thresholds, **cents, Beside::Value(**value)))
            .count()
    });
    counted.into_iter().sum()
}

/// The thresholds with one ARR cut elsewhere; none when the cuts would no longer rise.
fn with_cut(thresholds: Thresholds, cut: &str, to: Money) -> Option<Thresholds> {
    match thresholds {
        Thresholds::Grid { cuts: Some(cuts), edges } => {
            let moved = if cut == "low" {
                Cuts { low: to, ..cuts }
            } else {
                Cuts { high: to, ..cuts }
            };
            (moved.low < moved.high).then_some(Thresholds::Grid {
                cuts: Some(moved),
                edges,
            })
        }
        Thresholds::Arr(Some(cuts)) => {
            let moved = match cut {
                "tech_touch" => TierCuts { tech_touch: to, ..cuts },
                "mid_touch" => TierCuts { mid_touch: to, ..cuts },
                _ => TierCuts { high_touch: to, ..cuts },
            };
            let rising = moved.tech_touch < moved.mid_touch && moved.mid_touch < moved.high_touch;
            rising.then_some(Thresholds::Arr(Some(moved)))
        }
        _ => None,
    }
}
