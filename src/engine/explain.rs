//! The smallest single changes that would move one account up or down a tier, exact to the cent and the ten-thousandth.

use super::Outcome;
use super::cells::Columns;
use super::margin::Margins;
use super::nudge::turning_points;
use super::score::{self, BasisPoints, FactorScore, Strategic, basis_points};
use super::tier_score::TierScore;
use super::tiering::{Beside, Thresholds};
use crate::model::book::Book;
use crate::model::money::Money;
use crate::model::policy::Policy;
use crate::model::signal::{Literal, Signal};
use crate::model::tier::{Rule, Tier};
use crate::model::tier_score::Part;

/// A change of one input that moves an account.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// What changes.
    pub input: Input,
    /// The tier then.
    pub tier: Tier,
}

/// An input of an account and its two values.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// ARR in cents.
    Arr {
        /// Now.
        from: i64,
        /// Then.
        to: i64,
    },
    /// A factor's score, in ten-thousandths.
    Factor {
        /// Its name.
        name: String,
        /// Now; none: unknown, which counts 0.
        from: Option<f64>,
        /// Then.
        to: BasisPoints,
    },
}

impl Change {
    /// How large the change is: of ARR as a share of it, of a factor in points of 0..1.
    pub fn size(&self) -> f64 {
        match &self.input {
            Input::Arr { from: 0, .. } => f64::INFINITY,
            Input::Arr { from, to } => (*to as f64 - *from as f64).abs() / (*from as f64).abs(),
            Input::Factor { from, to, .. } => (f64::from(*to) / 10_000.0 - from.unwrap_or(0.0)).abs(),
        }
    }
}

/// The smallest change that moves the account to a better tier, then the one to a worse tier; those that there are.
pub fn nearest_changes(book: &Book, policy: &Policy, outcome: &Outcome, account: usize) -> Vec<Change> {
    let segmentation = &outcome.segmentation;
    let cents = book.arr(account).0;
    let value = outcome.strategic.value.get(account).copied().unwrap_or(0);
    let margins = Margins::of_account(segmentation, policy.tiers.hysteresis, account, cents, value);
    let now = segmentation.tier(account);
    let arr_value = ArrValue::of(book, policy, outcome, account);
    let by_arr = match &arr_value {
        Some(value) => by_valued_arr(book, policy, outcome, value, account),
        None => [margins.arr_up, margins.arr_down]
            .into_iter()
            .flatten()
            .map(|c| (c.to_cents, c.tier))
            .collect(),
    };
    let mut changes: Vec<Change> = by_arr
        .into_iter()
        .map(|(to, tier)| Change {
            input: Input::Arr { from: cents, to },
            tier,
        })
        .collect();
    if matches!(segmentation.thresholds, Thresholds::Grid { .. }) {
        let served = |value: BasisPoints| {
            let today = segmentation.today.get(account).copied().flatten();
            segmentation.thresholds.served(cents, value, today, policy.tiers.hysteresis)
        };
        let ends = [margins.value_up, margins.value_down].into_iter().flatten();
        for end in ends {
            changes.extend(by_factors(&outcome.strategic, account, end.to > value, end.to, &served));
        }
    }
    if let Some(scored) = &outcome.tier_score {
        changes.extend(by_parts(book, policy, outcome, scored, account));
    }
    let smallest = |better: bool| {
        let way = changes.iter().filter(|change| (change.tier < now) == better);
        way.min_by(|a, b| a.size().total_cmp(&b.size())).cloned()
    };
    [smallest(true), smallest(false)].into_iter().flatten().collect()
}

/// For each factor that is on, the score nearest to its own with which the strategic value reaches an edge.
fn by_factors(
    strategic: &Strategic,
    account: usize,
    up: bool,
    edge: BasisPoints,
    served: &impl Fn(BasisPoints) -> Tier,
) -> Vec<Change> {
    let own: Vec<(f64, f64)> = strategic
        .factors
        .iter()
        .filter(|factor| factor.on)
        .map(|factor| (factor.weight_used, factor.scores.low(account)))
        .collect();
    // In the order of the rubric, as every composite is added up.
    let value_with = |at: usize, score: f64| {
        let parts = own.iter().enumerate();
        basis_points(parts.fold(0.0, |sum, (i, (weight, own))| {
            sum + weight * if i == at { score } else { *own }
        }))
    };
    let reaches = |at: usize, points: u16| {
        let value = value_with(at, f64::from(points) / 10_000.0);
        if up { value >= edge } else { value <= edge }
    };
    let on = strategic.factors.iter().filter(|factor| factor.on);
    on.enumerate()
        .filter_map(|(at, factor)| {
            let to = match up {
                true => first(|points| reaches(at, points)),
                false => first(|points| !reaches(at, points)).checked_sub(1)?,
            };
            if to > POINTS_MAX {
                return None;
            }
            let from = own
                .get(at)
                .map(|(_, score)| *score)
                .filter(|_| !factor.scores.is_unknown(account));
            Some(Change {
                input: Input::Factor {
                    name: factor.name.clone(),
                    from,
                    to,
                },
                tier: served(value_with(at, f64::from(to) / 10_000.0)),
            })
        })
        .collect()
}

/// For each part of the tier score that is fed, the scores nearest to its own that move the account up and down.
fn by_parts(book: &Book, policy: &Policy, outcome: &Outcome, scored: &TierScore, account: usize) -> Vec<Change> {
    let segmentation = &outcome.segmentation;
    let (cents, now) = (book.arr(account).0, segmentation.tier(account));
    let today = segmentation.today.get(account).copied().flatten();
    let parts = scored.parts.iter().enumerate();
    let fed = parts.filter(|(_, p)| p.score.on && p.part != Part::ArrPercentile);
    fed.flat_map(|(at, part)| {
        let tier_at = |points: u16| {
            let rest = scored.rest_with(account, at, f64::from(points) / f64::from(POINTS_MAX));
            let starts = Beside::Starts(scored.ladder.starts(cents, rest));
            segmentation.thresholds.served(cents, starts, today, policy.tiers.hysteresis)
        };
        let up = first(|points| tier_at(points) < now);
        let down = first(|points| tier_at(points) <= now).checked_sub(1);
        let own = part.score.scores.at(account).map(|score| score.low);
        let from = own.filter(|_| !part.score.scores.is_unknown(account));
        let ends = [Some(up).filter(|up| *up <= POINTS_MAX), down];
        let change = |to: u16| Change {
            input: Input::Factor {
                name: part.score.name.clone(),
                from,
                to,
            },
            tier: tier_at(to),
        };
        ends.into_iter().flatten().map(change).collect::<Vec<_>>()
    })
    .collect()
}

/// Strategic value as a function of ARR, where a signal reads it: `1 − arr / tam` falls as ARR rises.
struct ArrValue<'a> {
    book: &'a Book,
    account: usize,
    /// Weight, and the score now or the signal that reads ARR, in the order of the rubric.
    parts: Vec<(f64, Result<f64, Signal>)>,
}

impl<'a> ArrValue<'a> {
    /// None where no factor that counts reads ARR.
    fn of(book: &'a Book, policy: &Policy, outcome: &Outcome, account: usize) -> Option<ArrValue<'a>> {
        if outcome.rule != Rule::Grid {
            return None;
        }
        let columns = Columns::new(book);
        let judged = policy.strategic.judgements.get(book.id(account));
        let reads = |signal: &Signal| {
            signal
                .columns()
                .iter()
                .any(|c| book.column(c).is_some_and(|c| book.is_arr(&c)))
        };
        let part = |factor: &FactorScore| {
            let own = factor.scores.low(account);
            let is_judged = judged.is_some_and(|judgement| judgement.scores.contains_key(&factor.name));
            let signal = score::signal_of(&columns, policy, &factor.name).filter(|signal| !is_judged && reads(signal));
            (factor.weight_used, signal.map_or(Ok(own), Err))
        };
        let on = outcome.strategic.factors.iter().filter(|factor| factor.on);
        let parts: Vec<(f64, Result<f64, Signal>)> = on.map(part).collect();
        parts
            .iter()
            .any(|(_, part)| part.is_err())
            .then_some(ArrValue { book, account, parts })
    }

    fn at(&self, cents: i64) -> BasisPoints {
        let alone = self.book.alone(self.account, Money(cents));
        let columns = Columns::new(&alone);
        let score = |part: &Result<f64, Signal>| match part {
            Ok(score) => *score,
            Err(signal) => columns.scores(signal).low(0),
        };
        basis_points(self.parts.iter().fold(0.0, |sum, (weight, part)| sum + weight * score(part)))
    }

    /// Amounts at which a condition on ARR turns.
    fn turns(&self) -> Vec<i64> {
        let cents = |value: &Literal| match value {
            Literal::Number(major) => Some((major * 100.0).round() as i64),
            _ => None,
        };
        let signals = self.parts.iter().filter_map(|(_, part)| part.as_ref().err());
        let cases = signals.flat_map(Signal::parts).filter_map(|signal| match signal {
            Signal::Cases { cases, .. } => Some(cases.iter().flat_map(|case| &case.when)),
            _ => None,
        });
        let values = cases.flatten().filter_map(|condition| cents(condition.value.as_ref()?));
        values.flat_map(|cents| [cents, cents + 1]).collect()
    }
}

/// The nearest amounts of ARR that move an account whose strategic value moves with it: between two amounts at which
/// something turns, the value goes one way.
fn by_valued_arr(book: &Book, policy: &Policy, outcome: &Outcome, value: &ArrValue, account: usize) -> Vec<(i64, Tier)> {
    let segmentation = &outcome.segmentation;
    let (own, now) = (book.arr(account).0, segmentation.tier(account));
    let today = segmentation.today.get(account).copied().flatten();
    let hysteresis = policy.tiers.hysteresis;
    let tier_at = |cents: i64| segmentation.thresholds.served(cents, value.at(cents), today, hysteresis);
    let cuts = segmentation
        .thresholds
        .arr_cuts()
        .into_iter()
        .flat_map(|(_, cut)| turning_points(cut, hysteresis));
    let most = book.arr_cents().iter().copied().max().unwrap_or(0).saturating_mul(4).max(own);
    let mut turns: Vec<i64> = cuts.chain(value.turns()).filter(|cents| (0..most).contains(cents)).collect();
    turns.extend([0, most]);
    turns.sort_unstable();
    let above: Vec<i64> = turns.iter().copied().filter(|cents| *cents > own).collect();
    let below: Vec<i64> = turns
        .iter()
        .rev()
        .map(|cents| cents - 1)
        .chain([0])
        .filter(|cents| (0..own).contains(cents))
        .collect();
    let mut found = Vec::new();
    for better in [true, false] {
        let moves = |cents: i64| if better { tier_at(cents) < now } else { tier_at(cents) > now };
        found.extend(walked(own, &above, 1, moves));
        found.extend(walked(own, &below, -1, moves));
    }
    found.into_iter().map(|cents| (cents, tier_at(cents))).collect()
}

/// The first amount on the way over these stops at which something holds; `step` leads on from a stop.
fn walked(from: i64, stops: &[i64], step: i64, holds: impl Fn(i64) -> bool) -> Option<i64> {
    let mut last = from;
    for stop in stops {
        // All the way up to the stop, then the stop itself, where something turns.
        let before = stop - step;
        if (before - last) * step > 0
            && let Some(found) = bisected(last, before, &holds)
        {
            return Some(found);
        }
        if holds(*stop) {
            return Some(*stop);
        }
        last = *stop;
    }
    None
}

/// The amount nearest to `from`, on the way to `end`, from which on something holds; none when it does not at the end.
fn bisected(from: i64, end: i64, mut holds: impl FnMut(i64) -> bool) -> Option<i64> {
    if from == end || !holds(end) {
        return None;
    }
    let (mut no, mut yes) = (from, end);
    while no.abs_diff(yes) > 1 {
        let middle = i64::midpoint(no, yes);
        match holds(middle) {
            true => yes = middle,
            false => no = middle,
        }
    }
    Some(yes)
}

const POINTS_MAX: u16 = 10_000;

/// The first score for which something holds that holds for all above it; beyond the last when it holds for none.
fn first(holds: impl Fn(u16) -> bool) -> u16 {
    let (mut from, mut to) = (0, POINTS_MAX + 1);
    while from < to {
        let middle = u16::midpoint(from, to);
        match holds(middle) {
            true => to = middle,
            false => from = middle + 1,
        }
    }
    from
}
