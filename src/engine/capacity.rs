//! Capacity: how many CSMs the tiers need, against how many there are (S10, M20, M21).

use super::tiering::{Segmentation, TierTotal};
use crate::model::policy::{BookSize, Policy, hundredths};
use crate::model::tier::Tier;

/// Demand against headcount.
#[derive(Debug, Clone, PartialEq)]
pub struct CapacityPlan {
    /// Demand by tier, in list order.
    pub tiers: Vec<TierDemand>,
    /// CSMs needed with the largest books. Rounded up once over all tiers, or per tier when headcount is given per tier (S10).
    pub needed_low: u64,
    /// CSMs needed with typical books: the number that answers show.
    pub needed_typical: u64,
    /// CSMs needed with the smallest books.
    pub needed_high: u64,
    /// CSMs there are; none when nobody said.
    pub available: Option<f64>,
    /// How they compare.
    pub status: Option<Status>,
}

/// Demand of one tier.
#[derive(Debug, Clone, PartialEq)]
pub struct TierDemand {
    /// The tier.
    pub tier: Tier,
    /// Its accounts and ARR.
    pub total: TierTotal,
    /// Accounts per CSM.
    pub book: BookSize,
    /// FTE with the largest books.
    pub low: Ratio,
    /// FTE with typical books.
    pub typical: Ratio,
    /// FTE with the smallest books.
    pub high: Ratio,
    /// CSMs there are for it, when headcount is given per tier.
    pub available: Option<f64>,
}

/// Available CSMs against demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Between the low and the high demand.
    Fits,
    /// Below the low demand.
    Shortage,
    /// Above the high demand.
    Slack,
}

/// An exact fraction of CSMs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratio {
    num: i128,
    den: i128,
}

impl Ratio {
    /// `num` over `den`; `den` is above zero.
    pub fn new(num: i128, den: i128) -> Ratio {
        debug_assert!(den > 0);
        Ratio { num, den }
    }

    fn plus(self, other: Ratio) -> Ratio {
        Ratio {
            num: self.num * other.den + other.num * self.den,
            den: self.den * other.den,
        }
    }

    /// Rounded up to whole CSMs.
    pub fn ceil(self) -> u64 {
        u64::try_from((self.num + self.den - 1) / self.den).unwrap_or(u64::MAX)
    }

    /// As a float, for display.
    pub fn value(self) -> f64 {
        self.num as f64 / self.den as f64
    }
}

impl Status {
    /// The code: `fits`.
    pub fn code(self) -> &'static str {
        match self {
            Status::Fits => "fits",
            Status::Shortage => "shortage",
            Status::Slack => "slack",
        }
    }
}

/// Accounts in the typical book: the midpoint rounded up (12, 60, 350); none where an end is open, and then no CSM is counted.
pub fn typical_book(book: BookSize) -> Option<u32> {
    match (book.min, book.max) {
        (Some(min), Some(max)) => Some((min + max).div_ceil(2)),
        _ => None,
    }
}

/// The plan for a segmentation.
pub fn plan(policy: &Policy, segmentation: &Segmentation) -> CapacityPlan {
    let capacity = &policy.capacity;
    let tiers: Vec<TierDemand> = Tier::ALL
        .into_iter()
        .map(|tier| {
            demand(
                tier,
                segmentation.total(tier),
                capacity.book_size(tier),
                capacity.csms_by_tier.get(&tier).copied(),
            )
        })
        .collect();
    let by_tier = !capacity.csms_by_tier.is_empty();
    let needed = |pick: fn(&TierDemand) -> Ratio| match by_tier {
        true => tiers.iter().map(|t| pick(t).ceil()).sum(),
        false => tiers.iter().map(pick).fold(Ratio::new(0, 1), Ratio::plus).ceil(),
    };
    let (low, typical, high) = (needed(|t| t.low), needed(|t| t.typical), needed(|t| t.high));
    let available = capacity.headcount();
    let status = available.map(|csms| match csms {
        csms if csms < low as f64 => Status::Shortage,
        csms if csms > high as f64 => Status::Slack,
        _ => Status::Fits,
    });
    CapacityPlan {
        tiers,
        needed_low: low,
        needed_typical: typical,
        needed_high: high,
        available,
        status,
    }
}

/// The share of CSM time that each tier takes in the typical plan, in list order; all 0 where no tier needs a CSM.
pub fn fte_shares(plan: &CapacityPlan) -> [f64; 4] {
    let fte = Tier::ALL.map(|tier| plan.tiers.get(tier.index()).map_or(0.0, |demand| demand.typical.value()));
    let whole: f64 = fte.iter().sum();
    fte.map(|fte| if whole > 0.0 { fte / whole } else { 0.0 })
}

impl CapacityPlan {
    /// CSMs missing at typical demand; negative when there are more than enough.
    pub fn gap(&self) -> Option<f64> {
        self.available
            .map(|available| hundredths(self.needed_typical as f64 - available))
    }

    /// The sentence that every plan prints (M43).
    pub fn sentence(&self) -> String {
        match (self.available, self.gap()) {
            (Some(available), Some(gap)) => {
                format!(
                    "CSMs needed = {}, CSMs available = {available}, gap = {gap}",
                    self.needed_typical
                )
            }
            _ => format!(
                "CSMs needed = {}, CSMs available = not given, gap = unknown",
                self.needed_typical
            ),
        }
    }

    /// Tiers in which not even the largest book earns a CSM's cost: ARR per CSM under cost/.25 (U5), with that ARR in cents.
    pub fn unaffordable(&self, csm_cost_cents: i64) -> Vec<(Tier, i128)> {
        let floor = i128::from(csm_cost_cents) * 4;
        let arr_at_largest = |t: &TierDemand| {
            let accounts = i128::try_from(t.total.accounts).ok().filter(|n| *n > 0)?;
            Some((t.tier, t.total.arr_cents * i128::from(t.book.max?) / accounts))
        };
        self.tiers
            .iter()
            .filter_map(arr_at_largest)
            .filter(|(_, arr)| *arr < floor)
            .collect()
    }
}

impl TierDemand {
    /// ARR per CSM at typical demand, in cents; none where the tier needs no CSM.
    pub fn arr_per_csm(&self) -> Option<f64> {
        (self.typical.num > 0).then(|| self.total.arr_cents as f64 / self.typical.value())
    }
}

fn demand(tier: Tier, total: TierTotal, book: BookSize, available: Option<f64>) -> TierDemand {
    let accounts = total.accounts as i128;
    let over = |size: Option<u32>| match size {
        Some(size) if size > 0 && book.min.is_some() => Ratio::new(accounts, i128::from(size)),
        _ => Ratio::new(0, 1),
    };
    TierDemand {
        tier,
        total,
        book,
        low: over(book.max),
        typical: over(typical_book(book)),
        high: over(book.min),
        available,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::policy::Capacity;
    use crate::model::tier::Rule;

    fn plan_of(counts: [usize; 4], capacity: Capacity) -> CapacityPlan {
        let totals = counts.map(|accounts| TierTotal {
            accounts,
            arr_cents: accounts as i128 * 1_000_000,
        });
        let segmentation = Segmentation {
            rule: Rule::Grid,
            thresholds: crate::engine::tiering::Thresholds::Arr(None),
            rows: Vec::new(),
            bins: Vec::new(),
            starts: Vec::new(),
            tiers: Vec::new(),
            near: Vec::new(),
            held: Vec::new(),
            moved: Vec::new(),
            today: Vec::new(),
            unread_tiers: 0,
            totals,
        };
        plan(
            &Policy {
                capacity,
                ..Policy::default()
            },
            &segmentation,
        )
    }

    #[test]
    fn totals_are_rounded_up_once_and_self_serve_counts_only_at_the_small_end() {
        let plan = plan_of(
            [12, 60, 350, 900],
            Capacity {
                csms: Some(3.0),
                ..Capacity::default()
            },
        );
        assert_eq!((plan.needed_low, plan.needed_typical, plan.needed_high), (3, 3, 6));
        assert_eq!(plan.status, Some(Status::Fits));
        assert_eq!(plan.sentence(), "CSMs needed = 3, CSMs available = 3, gap = 0");
    }

    #[test]
    fn per_tier_headcount_rounds_each_tier() {
        let by_tier = [(Tier::HighTouch, 1.0), (Tier::MidTouch, 0.5)].into_iter().collect();
        let plan = plan_of(
            [13, 1, 1, 0],
            Capacity {
                csms_by_tier: by_tier,
                ..Capacity::default()
            },
        );
        assert_eq!((plan.needed_typical, plan.available, plan.gap()), (4, Some(1.5), Some(2.5)));
    }

    /// G26: the ratios of A10 give other shares of time than the 45/35/15/5 that stand beside them.
    #[test]
    fn shares_of_time_follow_from_book_sizes() {
        let size = |n| BookSize {
            min: Some(n),
            max: Some(n),
        };
        let sizes = [
            (Tier::HighTouch, size(10)),
            (Tier::MidTouch, size(30)),
            (Tier::TechTouch, size(60)),
        ];
        let plan = plan_of(
            [18, 52, 95, 220],
            Capacity {
                book_sizes: sizes.into_iter().collect(),
                ..Capacity::default()
            },
        );
        let percent = fte_shares(&plan).map(|share| (share * 100.0).round());
        assert_eq!(percent, [35.0, 34.0, 31.0, 0.0]);
        assert_eq!(fte_shares(&plan_of([0, 0, 0, 9], Capacity::default())), [0.0; 4]);
    }

    #[test]
    fn no_csms_is_an_answer() {
        let plan = plan_of(
            [1, 0, 0, 0],
            Capacity {
                csms: Some(0.0),
                ..Capacity::default()
            },
        );
        assert_eq!((plan.status, plan.gap()), (Some(Status::Shortage), Some(1.0)));
    }
}
