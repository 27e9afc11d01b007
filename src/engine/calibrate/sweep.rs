//! Walks over every combination of cuts and edges, and shows those that no constraint forbids (S11).

use super::demand::Demand;
use super::space::{Key, Space};
use super::tables::{Lanes, Tables, Tally};
use crate::error::Result;
use crate::model::control::Control;
use crate::model::tier::Rule;

/// What a combination must keep to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limits {
    /// Fewest accounts by tier.
    pub(super) least: [i32; 4],
    /// Most accounts in High-Touch; the combination that the model holds today may have more.
    pub(super) high_touch_most: i32,
    /// Most accounts in Mid-Touch.
    pub(super) mid_touch_most: i32,
}

/// A combination with what it comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Combination {
    pub(super) key: Key,
    pub(super) tally: Tally,
    /// CSMs that it needs.
    pub(super) needed: u64,
}

/// Who looks at combinations.
pub(super) trait Visitor {
    /// What is worth a look by now.
    fn interest(&self) -> Interest;

    /// Takes a look.
    fn see(&mut self, combination: &Combination);
}

/// Which combinations are worth a look, by their demand and ARR in High-Touch alone: most are not, and are passed over before
/// anything else is added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Interest {
    /// All whose demand lies above the first and up to the second.
    pub(super) within: (i64, i64),
    /// Of those with less demand: all above this.
    pub(super) below_over: i64,
    /// Of those with less demand: all with at least so much ARR in High-Touch, in cents.
    pub(super) below_cents: i64,
    /// Of those with more demand: all up to this.
    pub(super) above_upto: i64,
}

impl Interest {
    /// Every combination.
    pub(super) const ALL: Interest = Interest {
        within: (i64::MIN, i64::MAX),
        below_over: i64::MIN,
        below_cents: i64::MIN,
        above_upto: i64::MAX,
    };
}

const LOOKING: &str = "looking for cuts that fit";

/// Shows every combination that keeps to the limits, in an order that means nothing. Returns how many were looked at.
pub(super) fn sweep(
    space: &Space,
    tables: &Tables,
    demand: &Demand,
    limits: Limits,
    control: &Control,
    visitor: &mut impl Visitor,
) -> Result<u64> {
    let mut looked_at = 0;
    let mut work = [Lanes::default(), Lanes::default()];
    let (mut low, mut high) = (Vec::new(), Vec::new());
    let edges = Pairs::of(space);
    for (at, _) in space.lows.iter().enumerate() {
        control.at(LOOKING, at as u64, space.lows.len() as u64)?;
        for key in cuts_above(space, at) {
            tables.tally(space.thresholds(key), &mut work);
            let [low_lanes, high_lanes] = &work;
            low_lanes.tallies(demand.weights(), &mut low);
            high_lanes.tallies(demand.weights(), &mut high);
            let mut row = Row {
                space,
                demand,
                limits,
                key,
                interest: visitor.interest(),
                visitor: &mut *visitor,
            };
            looked_at += edges.walk(space.rule, &low, &high, &mut row);
        }
    }
    Ok(looked_at)
}

/// The cuts that rise from this lowest one. Under rule `arr` they are three.
fn cuts_above(space: &Space, low: usize) -> impl Iterator<Item = Key> + '_ {
    let n_between = if space.rule == Rule::Arr { space.mids.len() } else { 1 };
    let keys = (0..space.highs.len()).flat_map(move |high| {
        (0..n_between).map(move |between| Key {
            low: low as u16,
            high: high as u16,
            first: between as u16,
            second: 0,
        })
    });
    keys.filter(|key| space.rises(*key))
}

/// Which high edges go with each low edge: all from some place on, and perhaps today's.
struct Pairs(Vec<(usize, Option<usize>)>);

impl Pairs {
    fn of(space: &Space) -> Pairs {
        let of = |first: usize| {
            let apart = |second: usize| space.apart(first as u16, second as u16);
            let n = space.high_edges.len();
            let own = usize::from(space.today.second);
            // Edges rise, so all from the first far enough on are; today's pair may stand closer.
            let from = (0..n).find(|second| apart(*second) && (*second != own || second + 1 == n || apart(second + 1)));
            let from = from.unwrap_or(n);
            (from, Some(own).filter(|own| *own < from && apart(*own)))
        };
        Pairs((0..space.low_edges.len()).map(of).collect())
    }

    fn walk<V: Visitor>(&self, rule: Rule, low: &[Tally], high: &[Tally], row: &mut Row<V>) -> u64 {
        if rule == Rule::Arr {
            if let (Some(low), Some(high)) = (low.first(), high.first()) {
                row.consider(low, high);
            }
            return 1;
        }
        let mut looked_at = 0;
        for (first, (low, (from, own))) in low.iter().zip(&self.0).enumerate() {
            row.key.first = first as u16;
            for (second, high) in high.iter().enumerate().skip(*from) {
                row.key.second = second as u16;
                row.consider(low, high);
            }
            looked_at += (high.len() - from) as u64;
            if let Some((own, high)) = own.and_then(|own| Some((own, high.get(own)?))) {
                row.key.second = own as u16;
                row.consider(low, high);
                looked_at += 1;
            }
        }
        looked_at
    }
}

/// The combinations of one pair of cuts.
struct Row<'s, V> {
    space: &'s Space,
    demand: &'s Demand,
    limits: Limits,
    key: Key,
    interest: Interest,
    visitor: &'s mut V,
}

impl<V: Visitor> Row<'_, V> {
    #[inline]
    fn consider(&mut self, low: &Tally, high: &Tally) {
        let demand = low.demand.wrapping_add(high.demand);
        let Interest {
            within: (over, upto),
            below_over,
            below_cents,
            above_upto,
        } = self.interest;
        let is_of_use = match (demand > over, demand <= upto) {
            (true, true) => true,
            (true, false) => demand <= above_upto,
            (false, _) => demand > below_over || low.cents + high.cents >= below_cents,
        };
        if is_of_use {
            self.weigh(&low.plus(high));
        }
    }

    fn weigh(&mut self, tally: &Tally) {
        let [high_touch, mid_touch, ..] = tally.tiers;
        let enough = tally.tiers.iter().zip(&self.limits.least).all(|(n, least)| n >= least);
        if !enough || mid_touch > self.limits.mid_touch_most {
            return;
        }
        if high_touch > self.limits.high_touch_most && self.key != self.space.today {
            return;
        }
        self.visitor.see(&Combination {
            key: self.key,
            tally: *tally,
            needed: self.demand.needed(tally),
        });
        self.interest = self.visitor.interest();
    }
}

impl Limits {
    /// Accounts in High-Touch at the least.
    pub(super) fn least_high_touch(&self) -> i32 {
        let [high_touch, ..] = self.least;
        high_touch
    }

    /// The same with at least so many accounts in High-Touch.
    pub(super) fn with_high_touch(self, least: i32) -> Limits {
        let [_, mid_touch, tech_touch, plg] = self.least;
        Limits {
            least: [least, mid_touch, tech_touch, plg],
            ..self
        }
    }
}
