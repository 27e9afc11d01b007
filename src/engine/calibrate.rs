//! Calibration: the cuts and bins that fit the team, found by looking at every combination inside the rails (S11).

mod choose;
mod demand;
mod front;
mod infeasible;
mod reach;
mod space;
mod sweep;
mod tables;

use super::Outcome;
use super::nudge::Nudged;
use super::score::Strategic;
use super::stats::Amounts;
use super::tiering::{Segmentation, Thresholds, TierTotal};
use crate::error::Result;
use crate::model::book::Book;
use crate::model::control::Control;
use crate::model::policy::Policy;
use crate::model::tier::Tier;
use demand::Demand;
use front::Front;
pub use front::Offer;
pub use infeasible::{Infeasible, Reached};
use reach::{KEPT, Reach};
pub use space::{Bounds, Constraint, Key, Space};
use sweep::{Combination, Interest, Limits, Visitor, sweep};
use tables::{Seen, Tables, Tally};

/// What calibration found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Calibration {
    /// What was searched; none without a headcount, or where nobody pays.
    pub searched: Option<Searched>,
    /// At most five, ids from A.
    pub options: Vec<Choice>,
    /// Distance of need and headcount as the model stands, in hundredths of a CSM.
    pub today_misfit_hundredths: u64,
    /// What stands in the way when no combination keeps to all constraints.
    pub infeasible: Option<Infeasible>,
    /// Headcounts around today's with the smallest gap that any combination leaves.
    pub curve: Vec<CurvePoint>,
    /// What one more CSM would do.
    pub one_more: Option<OneMore>,
}

/// The searched space, so that anyone can check the result by brute force.
#[derive(Debug, Clone, PartialEq)]
pub struct Searched {
    /// The candidates.
    pub space: Space,
    /// Combinations that were looked at.
    pub combinations: u64,
    /// Fewest accounts in High-Touch.
    pub high_touch_least: i32,
    /// Those of use that no other beats, in the order of the criteria.
    pub front: Vec<Offer>,
}

/// A way to place cuts and bins.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// `A` to `E`.
    pub id: char,
    /// In what it leads: `best fit, most stable`.
    pub title: String,
    /// Its cuts and edges.
    pub thresholds: Thresholds,
    /// CSMs needed.
    pub needed: u64,
    /// Needed minus available, in hundredths.
    pub gap_hundredths: i64,
    /// Accounts whose tier in the model changes.
    pub moved: usize,
    /// Their ARR.
    pub moved_cents: i128,
    /// Accounts whose tier changes at ARR ±10%.
    pub near: usize,
    /// Accounts and ARR by tier.
    pub totals: [TierTotal; 4],
    /// Distance of need and headcount, in hundredths of a CSM; with headcount by tier, added up over tiers.
    pub misfit_hundredths: u64,
    /// Whether these are the cuts and edges that the model holds.
    pub is_today: bool,
    /// Why its gap is larger than today's, where it is.
    pub note: Option<String>,
}

/// A headcount with the smallest gap that it leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurvePoint {
    /// CSMs.
    pub csms: u64,
    /// Least distance of need and headcount, in CSMs.
    pub best_gap: u64,
}

/// What one more CSM does for High-Touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OneMore {
    /// Accounts that move up to High-Touch.
    pub accounts: usize,
    /// Their ARR.
    pub arr_cents: i128,
}

/// Fewest High-Touch accounts of an option, if the book has them to give: one or two accounts are no tier.
const HIGH_TOUCH_LEAST: i32 = 3;

/// All that a search looks at.
pub struct Question<'a> {
    /// The book.
    pub book: &'a Book,
    /// Its paying amounts.
    pub amounts: &'a Amounts,
    /// Strategic value.
    pub strategic: &'a Strategic,
    /// Tiers as the model has them.
    pub segmentation: &'a Segmentation,
    /// The model.
    pub policy: &'a Policy,
}

impl<'a> Question<'a> {
    /// The question that a model puts over a book, with what follows from both.
    pub fn new(book: &'a Book, policy: &'a Policy, outcome: &'a Outcome) -> Self {
        Question {
            book,
            amounts: &outcome.amounts,
            strategic: &outcome.strategic,
            segmentation: &outcome.segmentation,
            policy,
        }
    }
}

/// Searches the cuts and bins that fit the headcount. Error: `cancelled`.
pub fn search(question: &Question, control: &Control) -> Result<Calibration> {
    let policy = question.policy;
    let (Some(demand), Some(space)) = (
        Demand::new(&policy.capacity, question.book.len()),
        Space::new(question.amounts, policy, question.segmentation.thresholds, &[]),
    ) else {
        return Ok(Calibration::default());
    };
    let accounts = seen(question);
    let tables = Tables::new(&space, &accounts, policy.tiers.hysteresis);
    let limits = limits(question);
    let today = demand.tally_of(question.segmentation.totals.map(|total| total.accounts));
    let today_misfit = demand.misfit(&today, demand.needed(&today));
    let most_of_least = HIGH_TOUCH_LEAST.min(limits.high_touch_most).max(limits.least_high_touch());
    for least in (limits.least_high_touch()..=most_of_least).rev() {
        let limits = limits.with_high_touch(least);
        let most = if keeps(&today, limits) { today_misfit } else { u64::MAX };
        let mut found = Found::new(&space, &demand, accounts.len(), most);
        let combinations = sweep(&space, &tables, &demand, limits, control, &mut found)?;
        if found.reach.is_empty() {
            continue;
        }
        return Ok(found.into_calibration(question, &accounts, combinations, limits, today_misfit));
    }
    let (combinations, infeasible) = infeasible::explain(question, &demand, &accounts, limits, control)?;
    Ok(Calibration {
        searched: Some(Searched {
            space,
            combinations,
            high_touch_least: limits.least_high_touch(),
            front: Vec::new(),
        }),
        infeasible: Some(infeasible),
        ..Calibration::default()
    })
}

fn seen(question: &Question) -> Vec<Seen> {
    let accounts = question.book.arr_cents().iter().zip(&question.strategic.value).enumerate();
    accounts
        .map(|(at, (cents, value))| Seen {
            cents: *cents,
            value: *value,
            today: question.segmentation.today.get(at).copied().flatten(),
            now: question.segmentation.tier(at),
        })
        .collect()
}

/// Hard constraints: no empty tier unless documented (M39), Mid-Touch at most 60% (M24), High-Touch at most 20%.
fn limits(question: &Question) -> Limits {
    let documented = &question.policy.tiers.documented_empty;
    let n = question.book.len();
    // The largest count whose share is still allowed, by the same division as the gate's.
    let most = |share: f64| {
        let about = (share * n as f64) as usize;
        let allowed = |count: &usize| *count as f64 / n.max(1) as f64 <= share;
        (about.saturating_sub(1)..=(about + 1).min(n))
            .rev()
            .find(allowed)
            .unwrap_or(0) as i32
    };
    Limits {
        least: Tier::ALL.map(|tier| i32::from(!documented.contains_key(&tier))),
        high_touch_most: most(question.policy.rails.high_touch_max),
        mid_touch_most: most(question.policy.gates.mid_touch_max),
    }
}

fn keeps(tally: &Tally, limits: Limits) -> bool {
    let [_, mid_touch, ..] = tally.tiers;
    mid_touch <= limits.mid_touch_most && tally.tiers.iter().zip(limits.least).all(|(n, least)| *n >= least)
}

/// What a sweep gathers: the front, and the most ARR in High-Touch for each number of CSMs needed.
struct Found<'s> {
    space: &'s Space,
    demand: &'s Demand,
    front: Front,
    digits: [Vec<u32>; 3],
    reach: Reach,
}

impl<'s> Found<'s> {
    fn new(space: &'s Space, demand: &'s Demand, accounts: usize, most: u64) -> Self {
        let digits = |cuts: &[i64]| cuts.iter().map(|cut| super::cuts::digits(*cut)).collect();
        Found {
            front: Front::new(accounts, most),
            digits: [digits(&space.lows), digits(&space.mids), digits(&space.highs)],
            reach: Reach::new(whole(demand.available())),
            space,
            demand,
        }
    }

    fn digits_of(&self, key: Key) -> u32 {
        // Of equal combinations the one that stands comes first.
        if key == self.space.today {
            return 0;
        }
        let [lows, mids, highs] = &self.digits;
        let of = |list: &[u32], at: u16| list.get(usize::from(at)).copied().unwrap_or(0);
        let mid = if mids.is_empty() { 0 } else { of(mids, key.first) };
        of(lows, key.low) + mid + of(highs, key.high)
    }

    fn into_calibration(
        self,
        question: &Question,
        accounts: &[Seen],
        combinations: u64,
        limits: Limits,
        today_misfit: u64,
    ) -> Calibration {
        let Found {
            space,
            demand,
            front,
            reach,
            ..
        } = self;
        let front = front.into_offers();
        let options = choose::options(&front);
        let choice = |(id, (title, offer)): (char, (String, Offer))| {
            let thresholds = space.thresholds(offer.key);
            let mut choice = measured(question, accounts, thresholds);
            debug_assert_eq!((choice.moved, choice.near), (offer.moved as usize, offer.near as usize));
            choice.id = id;
            choice.title = title;
            choice.needed = offer.needed;
            choice.gap_hundredths = (offer.needed as i64).saturating_mul(100) - demand.available();
            choice.misfit_hundredths = offer.misfit;
            choice.is_today = offer.key == space.today;
            choice.note = note(question, &choice, today_misfit, limits);
            choice
        };
        Calibration {
            options: ('A'..).zip(options).map(choice).collect(),
            infeasible: None,
            today_misfit_hundredths: today_misfit,
            curve: if demand.is_by_tier() { Vec::new() } else { reach.curve() },
            one_more: (!demand.is_by_tier())
                .then(|| one_more(question, accounts, space, &reach, whole(demand.available())))
                .flatten(),
            searched: Some(Searched {
                space: space.clone(),
                combinations,
                high_touch_least: limits.least_high_touch(),
                front,
            }),
        }
    }
}

impl Visitor for Found<'_> {
    fn interest(&self) -> Interest {
        let around = whole(self.demand.available());
        // The curve needs all needs around the headcount, the front all that fit about as well as the best.
        let either = (self.front.limit() / 100 + 1).max(KEPT);
        let upto = |csms: u64| self.demand.upto(csms);
        let first = around.saturating_sub(either);
        let (Some(over), Some(last)) = (upto(first.saturating_sub(1)), upto(around.saturating_add(either))) else {
            return Interest::ALL;
        };
        let (below_need, below_cents) = self.reach.below();
        Interest {
            within: (if first == 0 { i64::MIN } else { over }, last),
            below_over: below_need.and_then(upto).unwrap_or(i64::MIN),
            below_cents,
            above_upto: self.reach.above().and_then(|need| upto(need - 1)).unwrap_or(i64::MAX),
        }
    }

    #[inline]
    fn see(&mut self, combination: &Combination) {
        let Combination { key, tally, needed } = *combination;
        let misfit = self.demand.misfit(&tally, needed);
        let is_news = self.reach.is_news(needed, tally.cents);
        let beaten = self.front.is_beaten(misfit, tally.moved, tally.near, tally.cents);
        if beaten && !is_news {
            return;
        }
        let offer = Offer {
            misfit,
            moved: tally.moved,
            near: tally.near,
            cents: tally.cents,
            digits: self.digits_of(key),
            key,
            needed,
        };
        if is_news {
            self.reach.take(offer);
        }
        if !beaten {
            self.front.offer(offer);
        }
    }
}

/// Places every account by these thresholds, and counts what differs from the model.
fn measured(question: &Question, accounts: &[Seen], thresholds: Thresholds) -> Choice {
    let mut choice = Choice {
        id: 'A',
        title: String::new(),
        thresholds,
        needed: 0,
        gap_hundredths: 0,
        moved: 0,
        moved_cents: 0,
        near: 0,
        misfit_hundredths: 0,
        is_today: false,
        totals: [TierTotal::default(); 4],
        note: None,
    };
    let nudged = Nudged::of(thresholds);
    for seen in accounts {
        let tier = thresholds.served(seen.cents, seen.value, seen.today, question.policy.tiers.hysteresis);
        choice.near += usize::from(nudged.changes(thresholds, seen.cents, seen.value.into()));
        if tier != seen.now {
            choice.moved += 1;
            choice.moved_cents += i128::from(seen.cents);
        }
        if let Some(total) = choice.totals.get_mut(tier.index()) {
            total.accounts += 1;
            total.arr_cents += i128::from(seen.cents);
        }
    }
    choice
}

/// What has to be known of an option beside its numbers.
fn note(question: &Question, choice: &Choice, today_misfit: u64, limits: Limits) -> Option<String> {
    let high_touch = choice.totals.first().map_or(0, |total| total.accounts);
    if choice.is_today && high_touch as i32 > limits.high_touch_most {
        let most = limits.high_touch_most;
        return Some(format!(
            "as it stands, High-Touch holds {high_touch} accounts, and its rail allows {most}"
        ));
    }
    (choice.misfit_hundredths > today_misfit).then(|| why_larger(question, limits))
}

/// What in the model as it stands no option may keep.
fn why_larger(question: &Question, limits: Limits) -> String {
    let least = limits.least_high_touch();
    let high_touch = question.segmentation.total(Tier::HighTouch).accounts;
    let empty: Vec<&str> = Tier::ALL
        .into_iter()
        .zip(limits.least)
        .filter(|(tier, least)| question.segmentation.total(*tier).accounts == 0 && *least > 0)
        .map(|(tier, _)| tier.label())
        .collect();
    match empty.is_empty() {
        false => format!("today's gap is smaller because {} is empty", empty.join(" and ")),
        true if (high_touch as i32) < least => {
            format!("today's gap is smaller because High-Touch holds only {high_touch} of at least {least} accounts")
        }
        true => "today's gap is smaller because Mid-Touch holds more than its limit".to_string(),
    }
}

/// Compares the most ARR in High-Touch that the headcount can serve with the most that one more CSM could.
fn one_more(question: &Question, accounts: &[Seen], space: &Space, reach: &Reach, csms: u64) -> Option<OneMore> {
    let [now, then] = [reach.most_with(csms)?, reach.most_with(csms + 1)?].map(|offer| space.thresholds(offer.key));
    let served = |thresholds: Thresholds, seen: &Seen| {
        thresholds.served(seen.cents, seen.value, seen.today, question.policy.tiers.hysteresis)
    };
    let up = accounts
        .iter()
        .filter(|seen| served(then, seen) == Tier::HighTouch && served(now, seen) != Tier::HighTouch);
    let (accounts, arr_cents) = up.fold((0, 0), |(n, cents), seen| (n + 1, cents + i128::from(seen.cents)));
    (accounts > 0).then_some(OneMore { accounts, arr_cents })
}

/// CSMs in whole ones, from hundredths.
fn whole(hundredths: i64) -> u64 {
    u64::try_from(hundredths / 100).unwrap_or(0)
}
