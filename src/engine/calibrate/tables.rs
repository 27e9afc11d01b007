//! Two-dimensional prefix sums: accounts and ARR below any turning point of any cut, beyond any bin edge (S11).
//!
//! For fixed cuts, everything that is counted is a sum of one part that depends on the low edge and one that depends on the
//! high edge: accounts in the low bin, plus accounts in the high bin, plus what is left over in between. So a search over both
//! edges adds two numbers for each combination, however many accounts there are.

use super::space::Space;
use crate::engine::nudge::turning_points;
use crate::engine::score::BasisPoints;
use crate::engine::tiering::Thresholds;
use crate::model::tier::Tier;

/// An account as the search sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) cents: i64,
    pub(super) value: BasisPoints,
    /// Its tier in the book, where hysteresis may hold it.
    pub(super) today: Option<Tier>,
    /// Its tier in the model as it stands.
    pub(super) now: Tier,
}

/// Accounts that hysteresis and the count of moves cannot tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Group {
    today: Option<Tier>,
    now: Tier,
}

/// The prefix sums. A row holds, for each group, a lane for all accounts below its amount, then one for each low edge (accounts
/// under it), then one for each high edge (accounts over it).
pub(super) struct Tables {
    groups: Vec<Group>,
    /// Amounts of the rows, ascending; the first lies below every account, the last above.
    amounts: Vec<i64>,
    lanes: usize,
    counts: Vec<u32>,
    cents: Vec<i64>,
    n_low: usize,
    n_high: usize,
    hysteresis: f64,
    /// ARR is halved so often that the book's fits 64 bits.
    halved: u32,
}

/// What is counted for one low edge, or one high edge; the sum of two is a combination.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Accounts by tier.
    pub(super) tiers: [i32; 4],
    /// Accounts whose tier differs from the model's today.
    pub(super) moved: i32,
    /// Accounts that change tier at ARR ±10%.
    pub(super) near: i32,
    /// ARR in High-Touch.
    pub(super) cents: i64,
    /// Demand in units that the search chooses.
    pub(super) demand: i64,
}

impl Tally {
    /// A low edge with a high edge.
    #[inline]
    pub(super) fn plus(&self, other: &Tally) -> Tally {
        let ([a, b, c, d], [e, f, g, h]) = (self.tiers, other.tiers);
        Tally {
            tiers: [a + e, b + f, c + g, d + h],
            moved: self.moved + other.moved,
            near: self.near + other.near,
            cents: self.cents + other.cents,
            demand: self.demand.wrapping_add(other.demand),
        }
    }
}

/// Quantities of a tally that are counts: four tiers, moved, near.
const COUNTS: usize = 6;
const MOVED: usize = 4;
const NEAR: usize = 5;

/// Tallies under work, one list of lanes for each quantity.
#[derive(Default)]
pub(super) struct Lanes {
    counts: [Vec<i32>; COUNTS],
    cents: Vec<i64>,
}

impl Tables {
    /// Counts the accounts.
    pub(super) fn new(space: &Space, accounts: &[Seen], hysteresis: f64) -> Tables {
        let group_of = |seen: &Seen| Group {
            today: seen.today,
            now: seen.now,
        };
        let mut groups: Vec<Group> = Vec::new();
        for group in accounts.iter().map(group_of) {
            if !groups.contains(&group) {
                groups.push(group);
            }
        }
        let mut amounts: Vec<i64> = [&space.lows, &space.mids, &space.highs]
            .into_iter()
            .flatten()
            .flat_map(|cut| turning_points(*cut, hysteresis))
            .chain([i64::MIN, i64::MAX])
            .collect();
        amounts.sort_unstable();
        amounts.dedup();
        let (n_low, n_high) = (space.low_edges.len(), space.high_edges.len());
        let mut tables = Tables {
            lanes: 1 + n_low + n_high,
            groups,
            amounts,
            counts: Vec::new(),
            cents: Vec::new(),
            n_low,
            n_high,
            hysteresis,
            halved: halved(accounts),
        };
        tables.fill(space, accounts);
        tables
    }

    fn fill(&mut self, space: &Space, accounts: &[Seen]) {
        let width = self.n_low + self.n_high + 2;
        let per_row = self.groups.len() * width;
        let mut fresh = vec![(0_u32, 0_i64); self.amounts.len() * per_row];
        let last = self.amounts.len().saturating_sub(1);
        for seen in accounts {
            let same = |group: &Group| group.today == seen.today && group.now == seen.now;
            let group = self.groups.iter().position(same).unwrap_or(0);
            let row = self.amounts.partition_point(|amount| *amount <= seen.cents).min(last);
            let base = row * per_row + group * width;
            // By the first low edge above its value, and by how many high edges lie below it.
            let low = space.low_edges.partition_point(|edge| *edge <= seen.value);
            let high = self.n_low + 1 + space.high_edges.partition_point(|edge| *edge < seen.value);
            for at in [base + low, base + high] {
                if let Some((count, cents)) = fresh.get_mut(at) {
                    *count += 1;
                    *cents += seen.cents >> self.halved;
                }
            }
        }
        let size = self.amounts.len() * self.groups.len() * self.lanes;
        self.counts.reserve_exact(size);
        self.cents.reserve_exact(size);
        let mut below = vec![(0, 0); per_row];
        for row in fresh.chunks(per_row.max(1)) {
            for (sum, more) in below.iter_mut().zip(row) {
                *sum = (sum.0 + more.0, sum.1 + more.1);
            }
            for group in below.chunks(width) {
                let (low, high) = group.split_at(self.n_low + 1);
                self.push_row(low, high);
            }
        }
    }

    /// Turns the slots of a group into lanes: all, under each low edge, over each high edge.
    fn push_row(&mut self, low: &[(u32, i64)], high: &[(u32, i64)]) {
        let add = |(a, b): (u32, i64), (c, d): &(u32, i64)| (a + c, b + d);
        let all = low.iter().fold((0, 0), add);
        self.push(all);
        let mut under = (0, 0);
        for slot in low.iter().take(self.n_low) {
            under = add(under, slot);
            self.push(under);
        }
        // An account lies over the first `at` high edges.
        let start = self.counts.len();
        let mut over = (0, 0);
        for slot in high.iter().skip(1).rev() {
            over = add(over, slot);
            self.push(over);
        }
        for list in [self.counts.get_mut(start..)].into_iter().flatten() {
            list.reverse();
        }
        for list in [self.cents.get_mut(start..)].into_iter().flatten() {
            list.reverse();
        }
    }

    fn push(&mut self, (count, cents): (u32, i64)) {
        self.counts.push(count);
        self.cents.push(cents);
    }

    /// Adds up, for these cuts, what each low edge and each high edge contributes; without edges, the only low lane holds all.
    pub(super) fn tally(&self, thresholds: Thresholds, work: &mut [Lanes; 2]) {
        let cuts = thresholds.arr_cuts();
        let mut points: Vec<i64> = cuts
            .iter()
            .flat_map(|(_, cut)| turning_points(*cut, self.hysteresis))
            .chain([i64::MIN, i64::MAX])
            .collect();
        points.sort_unstable();
        points.dedup();
        let [low, high] = work;
        low.reset(self.n_low.max(1));
        high.reset(self.n_high.max(1));
        let row = |cents: i64| self.amounts.binary_search(&cents).unwrap_or(0);
        for (from, to) in points.iter().zip(points.iter().skip(1)) {
            // Within the stretch all amounts stand alike, so its lower end speaks for them.
            let standing = (*from).max(0);
            let (below, upto) = (row(*from), row(*to));
            for (at, group) in self.groups.iter().enumerate() {
                let Some(stretch) = self.stretch(below, upto, at) else {
                    continue;
                };
                if stretch.is_empty() {
                    continue;
                }
                let fates = self.fates(thresholds, standing, *group);
                low.add(&stretch, Side::Low, fates);
                high.add(&stretch, Side::High, fates);
            }
        }
    }

    /// How an account of this group fares in each bin: its tier, whether it moved, whether it is near a cut.
    fn fates(&self, thresholds: Thresholds, cents: i64, group: Group) -> [Fate; 3] {
        // A value for each bin; the edges of the thresholds are set aside, since lanes stand for them.
        const BINS: [BasisPoints; 3] = [0, 4_500, 10_000];
        let thresholds = match thresholds {
            Thresholds::Grid { cuts, .. } => Thresholds::Grid {
                cuts,
                edges: crate::engine::score::START,
            },
            other @ (Thresholds::Arr(_) | Thresholds::Score) => other,
        };
        BINS.map(|value| {
            let tier = thresholds.served(cents, value, group.today, self.hysteresis);
            Fate {
                tier,
                moved: tier != group.now,
                near: thresholds.is_near(cents, value),
            }
        })
    }

    fn stretch(&self, below: usize, upto: usize, group: usize) -> Option<Stretch<'_>> {
        let at = |row: usize| {
            let start = (row * self.groups.len() + group) * self.lanes;
            start..start + self.lanes
        };
        Some(Stretch {
            counts: [self.counts.get(at(below))?, self.counts.get(at(upto))?],
            cents: [self.cents.get(at(below))?, self.cents.get(at(upto))?],
            n_low: self.n_low,
        })
    }
}

fn halved(accounts: &[Seen]) -> u32 {
    let total: i128 = accounts.iter().map(|seen| i128::from(seen.cents)).sum();
    (0..64).find(|halved| i64::try_from(total >> halved).is_ok()).unwrap_or(64)
}

/// What becomes of an account.
#[derive(Debug, Clone, Copy)]
struct Fate {
    tier: Tier,
    moved: bool,
    near: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Low,
    High,
}

/// The accounts of one group between two amounts.
struct Stretch<'t> {
    counts: [&'t [u32]; 2],
    cents: [&'t [i64]; 2],
    n_low: usize,
}

impl Stretch<'_> {
    fn all(&self) -> (i32, i64) {
        let [below, upto] = self.counts.map(|row| row.first().copied().unwrap_or(0));
        let [below_cents, upto_cents] = self.cents.map(|row| row.first().copied().unwrap_or(0));
        ((upto - below) as i32, upto_cents - below_cents)
    }

    fn is_empty(&self) -> bool {
        self.all().0 == 0
    }

    fn lanes(&self, side: Side) -> std::ops::Range<usize> {
        let end = self.counts.first().map_or(0, |row| row.len());
        match side {
            Side::Low => 1..1 + self.n_low,
            Side::High => 1 + self.n_low..end,
        }
    }
}

impl Lanes {
    fn reset(&mut self, lanes: usize) {
        for list in &mut self.counts {
            list.clear();
            list.resize(lanes, 0);
        }
        self.cents.clear();
        self.cents.resize(lanes, 0);
    }

    /// Adds a stretch: its medium bin is what is neither in the low nor in the high one.
    fn add(&mut self, stretch: &Stretch, side: Side, fates: [Fate; 3]) {
        let (all, all_cents) = stretch.all();
        let holds = |quantity: usize, fate: Fate| match quantity {
            MOVED => fate.moved,
            NEAR => fate.near,
            tier => fate.tier.index() == tier,
        };
        let [low, medium, high] = fates;
        let own = if side == Side::Low { low } else { high };
        for (quantity, lanes) in self.counts.iter_mut().enumerate() {
            let (here, between) = (holds(quantity, own), holds(quantity, medium));
            if side == Side::Low && between {
                lanes.iter_mut().for_each(|lane| *lane += all);
            }
            if here != between {
                add_difference(lanes, stretch, side, here);
            }
        }
        let (here, between) = (own.tier == Tier::HighTouch, medium.tier == Tier::HighTouch);
        if side == Side::Low && between {
            self.cents.iter_mut().for_each(|lane| *lane += all_cents);
        }
        if here != between {
            let [below, upto] = stretch.cents.map(|row| row.get(stretch.lanes(side)).unwrap_or_default());
            let lanes = self.cents.iter_mut().zip(below).zip(upto);
            match here {
                true => lanes.for_each(|((lane, below), upto)| *lane += upto - below),
                false => lanes.for_each(|((lane, below), upto)| *lane -= upto - below),
            }
        }
    }

    /// The tallies, with the demand that these weights give to a tier's accounts.
    pub(super) fn tallies(&self, weights: [i64; 4], into: &mut Vec<Tally>) {
        into.clear();
        let [high_touch, mid_touch, tech_touch, plg, moved, near] = &self.counts;
        let tiers = high_touch.iter().zip(mid_touch).zip(tech_touch.iter().zip(plg));
        let rest = moved.iter().zip(near).zip(&self.cents);
        into.extend(tiers.zip(rest).map(|(((a, b), (c, d)), ((moved, near), cents))| {
            let tiers = [*a, *b, *c, *d];
            let demand = tiers
                .iter()
                .zip(weights)
                .map(|(n, weight)| i64::from(*n).wrapping_mul(weight));
            Tally {
                tiers,
                moved: *moved,
                near: *near,
                cents: *cents,
                demand: demand.fold(0, i64::wrapping_add),
            }
        }));
    }
}

/// Adds the accounts of the stretch to each lane, or takes them away: a product with a sign would cost more than both.
fn add_difference(lanes: &mut [i32], stretch: &Stretch, side: Side, more: bool) {
    let [below, upto] = stretch.counts.map(|row| row.get(stretch.lanes(side)).unwrap_or_default());
    let lanes = lanes.iter_mut().zip(below).zip(upto);
    match more {
        true => lanes.for_each(|((lane, below), upto)| *lane += upto.wrapping_sub(*below) as i32),
        false => lanes.for_each(|((lane, below), upto)| *lane -= upto.wrapping_sub(*below) as i32),
    }
}
