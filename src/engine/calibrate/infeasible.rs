//! No combination keeps to every constraint: which one stands in the way, and how close one can come (S11).

use super::Question;
use super::demand::Demand;
use super::space::{Constraint, Space};
use super::sweep::{Combination, Interest, Limits, Visitor, sweep};
use super::tables::{Seen, Tables};
use crate::engine::score;
use crate::error::Result;
use crate::model::control::Control;
use crate::model::money::Money;
use crate::model::tier::Tier;

/// What stands in the way.
#[derive(Debug, Clone, PartialEq)]
pub struct Infeasible {
    /// The constraint to relax.
    pub constraint: Constraint,
    /// The best value that it can take while all others hold, or the best that giving up more than one allows.
    pub best: Reached,
    /// Whether relaxing it alone is enough.
    pub alone: bool,
}

/// A value that can be reached.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reached {
    /// A cut.
    Amount(Money),
    /// A bin edge, a distance of edges, or a share of accounts, 0..1.
    Share(f64),
    /// How many of the four tiers hold accounts.
    Tiers(usize),
}

/// Relaxes one constraint after the other, and in the end all up to the one that makes it possible. Returns how many
/// combinations were looked at, too.
pub(super) fn explain(
    question: &Question,
    demand: &Demand,
    accounts: &[Seen],
    limits: Limits,
    control: &Control,
) -> Result<(u64, Infeasible)> {
    let mut looked_at = 0;
    let mut best = |constraint: Constraint, relaxed: &[Constraint]| -> Result<Option<Reached>> {
        let (n, reached) = reach(question, demand, accounts, limits, (constraint, relaxed), control)?;
        looked_at += n;
        Ok(reached)
    };
    for constraint in Constraint::ALL {
        if let Some(best) = best(constraint, &[constraint])? {
            let alone = Infeasible {
                constraint,
                best,
                alone: true,
            };
            return Ok((looked_at, alone));
        }
    }
    for n in 2..=Constraint::ALL.len() {
        let relaxed = Constraint::ALL.get(..n).unwrap_or(&Constraint::ALL);
        let Some(constraint) = relaxed.last().copied() else { continue };
        if let Some(best) = best(constraint, relaxed)? {
            let together = Infeasible {
                constraint,
                best,
                alone: false,
            };
            return Ok((looked_at, together));
        }
    }
    // With everything relaxed the combination that the model holds is left.
    let nothing = Infeasible {
        constraint: Constraint::NoEmptyTiers,
        best: Reached::Tiers(0),
        alone: false,
    };
    Ok((looked_at, nothing))
}

/// The value of the constraint that lies nearest to what it asks for, over all combinations that keep to the others.
fn reach(
    question: &Question,
    demand: &Demand,
    accounts: &[Seen],
    mut limits: Limits,
    (constraint, relaxed): (Constraint, &[Constraint]),
    control: &Control,
) -> Result<(u64, Option<Reached>)> {
    let Some(space) = Space::new(question.amounts, question.policy, question.segmentation.thresholds, relaxed) else {
        return Ok((0, None));
    };
    for constraint in relaxed {
        match constraint {
            Constraint::HighTouchShare => limits.high_touch_most = i32::MAX,
            Constraint::MidTouchShare => limits.mid_touch_most = i32::MAX,
            Constraint::NoEmptyTiers => limits.least = [0; 4],
            _ => {}
        }
    }
    let tables = Tables::new(&space, accounts, question.policy.tiers.hysteresis);
    let mut nearest = Nearest {
        constraint,
        space: &space,
        found: None,
    };
    let looked_at = sweep(&space, &tables, demand, limits, control, &mut nearest)?;
    let best = nearest
        .found
        .map(|(_, combination)| reached(constraint, &space, &combination, accounts.len()));
    Ok((looked_at, best))
}

/// Keeps the combination that lies nearest to what the constraint asks for.
struct Nearest<'s> {
    constraint: Constraint,
    space: &'s Space,
    found: Option<(i64, Combination)>,
}

impl Visitor for Nearest<'_> {
    fn interest(&self) -> Interest {
        Interest::ALL
    }

    fn see(&mut self, combination: &Combination) {
        let distance = distance(self.constraint, self.space, combination);
        let better = |(least, known): (i64, Combination)| (distance, combination.key) < (least, known.key);
        if self.found.is_none_or(better) {
            self.found = Some((distance, *combination));
        }
    }
}

/// How far a combination is from what the constraint asks for, in a unit of its own.
fn distance(constraint: Constraint, space: &Space, combination: &Combination) -> i64 {
    let outside = |value: i64, (from, to): (i64, i64)| (from - value).max(value - to).max(0);
    let wide = |(from, to): (u16, u16)| (i64::from(from), i64::from(to));
    let key = combination.key;
    let cut = |list: &[i64], at: u16| list.get(usize::from(at)).copied().unwrap_or(0);
    let edge = |list: &[u16], at: u16| i64::from(list.get(usize::from(at)).copied().unwrap_or(0));
    let (low, high) = (edge(&space.low_edges, key.first), edge(&space.high_edges, key.second));
    let accounts = |tier: Tier| i64::from(combination.tally.tiers.get(tier.index()).copied().unwrap_or(0));
    match constraint {
        Constraint::LowCut => outside(cut(&space.lows, key.low), space.bounds.low_cut),
        Constraint::HighCut => outside(cut(&space.highs, key.high), space.bounds.high_cut),
        Constraint::LowEdge => outside(low, wide(space.bounds.low_edge)),
        Constraint::HighEdge => outside(high, wide(space.bounds.high_edge)),
        Constraint::EdgeDistance => low - high,
        Constraint::HighTouchShare => accounts(Tier::HighTouch),
        Constraint::MidTouchShare => accounts(Tier::MidTouch),
        Constraint::NoEmptyTiers => -(filled(combination) as i64),
    }
}

fn filled(combination: &Combination) -> usize {
    combination.tally.tiers.iter().filter(|n| **n > 0).count()
}

fn reached(constraint: Constraint, space: &Space, combination: &Combination, accounts: usize) -> Reached {
    let key = combination.key;
    let cut = |list: &[i64], at: u16| Reached::Amount(Money(list.get(usize::from(at)).copied().unwrap_or(0)));
    let edge = |list: &[u16], at: u16| score::share(list.get(usize::from(at)).copied().unwrap_or(0));
    let (low, high) = (edge(&space.low_edges, key.first), edge(&space.high_edges, key.second));
    let share = |tier: Tier| {
        let n = combination.tally.tiers.get(tier.index()).copied().unwrap_or(0);
        Reached::Share(f64::from(n) / accounts.max(1) as f64)
    };
    match constraint {
        Constraint::LowCut => cut(&space.lows, key.low),
        Constraint::HighCut => cut(&space.highs, key.high),
        Constraint::LowEdge => Reached::Share(low),
        Constraint::HighEdge => Reached::Share(high),
        Constraint::EdgeDistance => Reached::Share(((high - low) * 10_000.0).round() / 10_000.0),
        Constraint::HighTouchShare => share(Tier::HighTouch),
        Constraint::MidTouchShare => share(Tier::MidTouch),
        Constraint::NoEmptyTiers => Reached::Tiers(filled(combination)),
    }
}
