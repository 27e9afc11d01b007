//! The combinations that no other beats in all four criteria at once (S11), among those that fit about as well as the best.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::space::Key;

/// A combination by its criteria: misfit, accounts that move, accounts near a cut, ARR in High-Touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// Hundredths of a CSM between need and headcount.
    pub misfit: u64,
    /// Accounts whose tier changes.
    pub moved: i32,
    /// Accounts that change tier at ARR ±10%.
    pub near: i32,
    /// ARR in High-Touch, in cents.
    pub cents: i64,
    /// Digits of the cuts.
    pub digits: u32,
    /// Which combination.
    pub key: Key,
    /// CSMs needed.
    pub needed: u64,
}

impl Offer {
    /// What decides between offers that are equal in all criteria: rounder cuts, then lower ones (S11).
    pub(super) fn tie(&self, other: &Offer) -> Ordering {
        (self.digits, self.key).cmp(&(other.digits, other.key))
    }
}

/// Offers that are worse than the best by more than this, in hundredths of a CSM, are of no use to anybody.
pub(super) const WITHIN: u64 = 100;
/// Offers wait until there are this many, then all that are beaten go.
const WAITING_MAX: usize = 1 << 16;
/// Cells on each side of the grid that turns most beaten offers away at once.
const CELLS: usize = 256;

/// The front so far, and offers that wait to be weighed.
pub(super) struct Front {
    offers: Vec<Offer>,
    waiting: Vec<Offer>,
    best: u64,
    /// No offer above this misfit is taken, whatever the best.
    most: u64,
    shift: u32,
    /// For the misfits best, best + 50 and best + 100: the most ARR among weighed offers at most that far off that move
    /// fewer accounts and leave fewer near a cut than the cell stands for.
    beaten: [Vec<i64>; 3],
}

impl Front {
    /// An empty front over a book of so many accounts.
    pub(super) fn new(accounts: usize, most: u64) -> Front {
        let mut shift = 0;
        while accounts >> shift >= CELLS {
            shift += 1;
        }
        Front {
            offers: Vec::new(),
            waiting: Vec::new(),
            best: u64::MAX,
            most,
            shift,
            beaten: std::array::from_fn(|_| vec![i64::MIN; CELLS * CELLS]),
        }
    }

    /// The largest misfit that is still of use.
    pub(super) fn limit(&self) -> u64 {
        self.best.saturating_add(WITHIN).min(self.most)
    }

    /// Whether an offer cannot be on the front. Not every beaten offer is recognised.
    #[inline]
    pub(super) fn is_beaten(&self, misfit: u64, moved: i32, near: i32, cents: i64) -> bool {
        if misfit > self.limit() {
            return true;
        }
        let level = (misfit.saturating_sub(self.best) / 50).min(2) as usize;
        let cell = ((moved >> self.shift) as usize) * CELLS + (near >> self.shift) as usize;
        misfit >= self.best
            && self
                .beaten
                .get(level)
                .and_then(|grid| grid.get(cell))
                .is_some_and(|most| *most >= cents)
    }

    /// Takes an offer in.
    pub(super) fn offer(&mut self, offer: Offer) {
        if offer.misfit < self.best {
            self.best = offer.misfit;
            self.beaten.iter_mut().for_each(|grid| grid.fill(i64::MIN));
        }
        self.waiting.push(offer);
        if self.waiting.len() >= WAITING_MAX {
            self.weigh();
        }
    }

    /// The front, in the order of the criteria.
    pub(super) fn into_offers(mut self) -> Vec<Offer> {
        self.weigh();
        self.offers
    }

    fn weigh(&mut self) {
        let limit = self.limit();
        let mut offers = std::mem::take(&mut self.offers);
        offers.append(&mut self.waiting);
        offers.retain(|offer| offer.misfit <= limit);
        self.offers = unbeaten(offers);
        for (level, grid) in self.beaten.iter_mut().enumerate() {
            let most = self.best.saturating_add(level as u64 * 50);
            fill(grid, self.offers.iter().filter(|offer| offer.misfit <= most), self.shift);
        }
    }
}

/// Marks each cell with the most ARR of the offers in cells that are strictly lower both ways.
fn fill<'o>(grid: &mut [i64], offers: impl Iterator<Item = &'o Offer>, shift: u32) {
    grid.fill(i64::MIN);
    for offer in offers {
        let (moved, near) = ((offer.moved >> shift) as usize + 1, (offer.near >> shift) as usize + 1);
        if moved < CELLS
            && near < CELLS
            && let Some(most) = grid.get_mut(moved * CELLS + near)
        {
            *most = (*most).max(offer.cents);
        }
    }
    for at in 0..grid.len() {
        let left = at.checked_sub(1).filter(|_| !at.is_multiple_of(CELLS));
        let around = [left, at.checked_sub(CELLS)].into_iter().flatten();
        let most = around.filter_map(|at| grid.get(at).copied()).max().unwrap_or(i64::MIN);
        if let Some(cell) = grid.get_mut(at) {
            *cell = (*cell).max(most);
        }
    }
}

/// The offers that none beats: at most equal in misfit, moves and near, at least equal in ARR. Of equal ones the first by
/// [`Offer::tie`] stays.
pub(super) fn unbeaten(mut offers: Vec<Offer>) -> Vec<Offer> {
    offers.sort_unstable_by(|a, b| (a.misfit, a.moved).cmp(&(b.misfit, b.moved)).then_with(|| within(a, b)));
    let mut front: Vec<Offer> = Vec::new();
    for level in offers.chunk_by(|a, b| a.misfit == b.misfit) {
        front = front_with(front, level);
    }
    front.sort_unstable_by(|a, b| (a.misfit, a.moved).cmp(&(b.misfit, b.moved)).then_with(|| within(a, b)));
    front
}

/// Near, then most ARR, then the tie.
fn within(a: &Offer, b: &Offer) -> Ordering {
    a.near.cmp(&b.near).then(b.cents.cmp(&a.cents)).then_with(|| a.tie(b))
}

/// Adds the offers of one misfit to those of lower ones. All stand in order of moves; a staircase from near to ARR tells
/// whether one that moves no more accounts is as good.
fn front_with(lower: Vec<Offer>, level: &[Offer]) -> Vec<Offer> {
    let mut stairs: BTreeMap<i32, i64> = BTreeMap::new();
    let mut front: Vec<Offer> = Vec::new();
    let mut all: Vec<&Offer> = lower.iter().chain(level).collect();
    let order = |a: &&Offer, b: &&Offer| {
        let criteria = |o: &Offer| (o.moved, o.near, -i128::from(o.cents), o.misfit);
        criteria(a).cmp(&criteria(b)).then_with(|| a.tie(b))
    };
    all.sort_unstable_by(order);
    let own = level.first().map(|offer| offer.misfit);
    for offer in all {
        let as_good = stairs
            .range(..=offer.near)
            .next_back()
            .is_some_and(|(_, cents)| *cents >= offer.cents);
        if Some(offer.misfit) != own || !as_good {
            front.push(*offer);
        }
        if as_good {
            continue;
        }
        let worse: Vec<i32> = stairs
            .range(offer.near..)
            .take_while(|(_, cents)| **cents <= offer.cents)
            .map(|(near, _)| *near)
            .collect();
        worse.iter().for_each(|near| {
            stairs.remove(near);
        });
        stairs.insert(offer.near, offer.cents);
    }
    front
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn beats(a: &Offer, b: &Offer) -> bool {
        let as_good = a.misfit <= b.misfit && a.moved <= b.moved && a.near <= b.near && a.cents >= b.cents;
        let vector = |o: &Offer| (o.misfit, o.moved, o.near, o.cents);
        as_good && (vector(a) != vector(b) || a.tie(b).is_lt())
    }

    proptest! {
        #[test]
        fn the_front_is_what_no_other_beats(raw in prop::collection::vec((0_u64..4, 0_i32..6, 0_i32..6, 0_i64..6, 1_u32..3), 1..60)) {
            let offers: Vec<Offer> = raw.iter().zip(0_u16..).map(|((misfit, moved, near, cents, digits), at)| Offer {
                misfit: misfit * 50,
                moved: *moved,
                near: *near,
                cents: *cents,
                digits: *digits,
                key: Key { low: at, ..Key::default() },
                needed: 0,
            }).collect();
            let best = offers.iter().map(|o| o.misfit).min().unwrap();
            let useful: Vec<Offer> = offers.iter().copied().filter(|o| o.misfit <= best + WITHIN).collect();
            let mut wanted: Vec<Offer> = useful.iter().copied().filter(|o| !useful.iter().any(|other| beats(other, o))).collect();
            wanted.sort_unstable_by_key(|o| o.key);
            let mut front = Front::new(6, u64::MAX);
            for (at, offer) in offers.iter().enumerate() {
                if !front.is_beaten(offer.misfit, offer.moved, offer.near, offer.cents) {
                    front.offer(*offer);
                }
                if at % 7 == 0 {
                    front.weigh();
                }
            }
            let mut found = front.into_offers();
            found.sort_unstable_by_key(|o| o.key);
            prop_assert_eq!(found, wanted);
        }
    }
}
