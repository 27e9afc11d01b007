//! Which numbers of CSMs the combinations need, around the headcount, and the most ARR in High-Touch for each (S11).

use super::CurvePoint;
use super::front::Offer;

/// Headcounts on either side of today's in the curve.
const CURVE: u64 = 5;
/// Needs on either side that are kept one by one: a headcount at the end of the curve may have its nearest need beyond it.
pub(super) const KEPT: u64 = CURVE + 1;

/// Needs that can be reached.
pub(super) struct Reach {
    /// CSMs there are, rounded down.
    around: u64,
    /// From `around - KEPT` on, the combination with the most ARR in High-Touch.
    kept: Vec<Option<Offer>>,
    /// Of the needs below those, the combination with the most ARR in High-Touch.
    below: Option<Offer>,
    /// The largest need below those.
    below_need: Option<u64>,
    /// The smallest need above those.
    above_need: Option<u64>,
}

impl Reach {
    /// Nothing is reached yet.
    pub(super) fn new(around: u64) -> Reach {
        Reach {
            around,
            kept: vec![None; (2 * KEPT + 1) as usize],
            below: None,
            below_need: None,
            above_need: None,
        }
    }

    /// The largest need below those that are kept one by one, and the most ARR for any of them.
    pub(super) fn below(&self) -> (Option<u64>, i64) {
        (self.below_need, self.below.map_or(i64::MIN, |offer| offer.cents))
    }

    /// The smallest need above those that are kept one by one.
    pub(super) fn above(&self) -> Option<u64> {
        self.above_need
    }

    /// Whether nothing is reached.
    pub(super) fn is_empty(&self) -> bool {
        self.below_need.is_none() && self.above_need.is_none() && self.kept.iter().all(Option::is_none)
    }

    /// Whether a combination changes what is known. It may say yes to one that does not.
    pub(super) fn is_news(&self, needed: u64, cents: i64) -> bool {
        match (needed + KEPT).checked_sub(self.around) {
            None => self.below_need.is_none_or(|known| needed > known) || cents >= self.below().1,
            Some(at) => match self.kept.get(at as usize) {
                Some(slot) => slot.is_none_or(|known| cents >= known.cents),
                None => self.above_need.is_none_or(|known| needed < known),
            },
        }
    }

    /// Takes a combination in.
    pub(super) fn take(&mut self, offer: Offer) {
        let Some(at) = (offer.needed + KEPT).checked_sub(self.around) else {
            self.below_need = self.below_need.max(Some(offer.needed));
            return keep(&mut self.below, offer);
        };
        match self.kept.get_mut(at as usize) {
            Some(slot) => keep(slot, offer),
            None => self.above_need = Some(self.above_need.map_or(offer.needed, |known| known.min(offer.needed))),
        }
    }

    /// Headcounts around today's with the smallest gap that any combination leaves.
    pub(super) fn curve(&self) -> Vec<CurvePoint> {
        let kept = self.kept.iter().flatten().map(|offer| offer.needed);
        let needs: Vec<u64> = kept.chain(self.below_need).chain(self.above_need).collect();
        let headcounts = self.around.saturating_sub(CURVE)..=self.around + CURVE;
        headcounts
            .filter_map(|csms| {
                let best_gap = needs.iter().map(|need| need.abs_diff(csms)).min()?;
                Some(CurvePoint { csms, best_gap })
            })
            .collect()
    }

    /// The combination with the most ARR in High-Touch that so many CSMs can serve.
    pub(super) fn most_with(&self, csms: u64) -> Option<Offer> {
        let kept = self.kept.iter().flatten().filter(|offer| offer.needed <= csms);
        let within = kept.chain(&self.below).copied();
        within.min_by(|a, b| order(a).cmp(&order(b)).then_with(|| a.tie(b)))
    }
}

fn keep(slot: &mut Option<Offer>, offer: Offer) {
    let better = |known: Offer| order(&offer).cmp(&order(&known)).then_with(|| offer.tie(&known)).is_lt();
    if slot.is_none_or(better) {
        *slot = Some(offer);
    }
}

/// The most ARR first, then the fewest CSMs.
fn order(offer: &Offer) -> (i128, u64) {
    (-i128::from(offer.cents), offer.needed)
}
