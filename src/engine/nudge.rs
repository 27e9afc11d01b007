//! ARR a tenth lower or higher, in integers: which amounts that carries across a cut (S12, S17).

use super::tiering::{Beside, Thresholds};
use crate::model::money::Money;
use crate::model::policy::{Cuts, TierCuts};

/// The smallest amount that reaches a cut when it counts so many tenths.
pub(super) fn reached_at(cut: i64, tenths: i64) -> i64 {
    match cut.checked_mul(10) {
        Some(ten) => ten.div_euclid(tenths) + i64::from(ten.rem_euclid(tenths) != 0),
        None => i64::try_from((i128::from(cut) * 10 + i128::from(tenths) - 1).div_euclid(i128::from(tenths))).unwrap_or(i64::MAX),
    }
}

/// Thresholds as they stand to ARR that is 10% lower, and 10% higher: worked out once for many accounts.
#[derive(Debug, Clone, Copy)]
pub struct Nudged {
    tenths: [Thresholds; 2],
    /// For each cut from which amount on, and below which, 10% may carry an account across it.
    reach: [(i64, i64); 3],
}

impl Nudged {
    /// Of these thresholds.
    pub fn of(thresholds: Thresholds) -> Nudged {
        // No start is looked at: under rule `score` each account has its own.
        let cuts = thresholds.cuts_of(Beside::Value(0)).map(Option::unwrap_or_default);
        let reach = cuts.map(|cut| (reached_at(cut, 11), reached_at(cut, 9)));
        let tenths = [9, 11].map(|tenths| {
            let at = |cut: Money| Money(reached_at(cut.0, tenths));
            match thresholds {
                Thresholds::Grid { cuts, edges } => Thresholds::Grid {
                    cuts: cuts.map(|cuts| Cuts {
                        low: at(cuts.low),
                        high: at(cuts.high),
                    }),
                    edges,
                },
                Thresholds::Arr(cuts) => Thresholds::Arr(cuts.map(|cuts| TierCuts {
                    tech_touch: at(cuts.tech_touch),
                    mid_touch: at(cuts.mid_touch),
                    high_touch: at(cuts.high_touch),
                    ..cuts
                })),
                // Every account has cuts of its own.
                Thresholds::Score => Thresholds::Score,
            }
        });
        Nudged { tenths, reach }
    }

    /// Whether the tier by the thresholds changes at ARR −10% or +10%.
    pub fn changes(&self, thresholds: Thresholds, cents: i64, value: Beside) -> bool {
        if thresholds == Thresholds::Score {
            let plain = thresholds.tier(cents, value);
            return thresholds.nudged(cents, value).iter().any(|nudged| *nudged != plain);
        }
        // Most accounts are far from every cut.
        let is_near = self.reach.iter().any(|(from, to)| (*from..*to).contains(&cents));
        let changes = || {
            let plain = thresholds.tier(cents, value);
            self.tenths.iter().any(|nudged| nudged.tier(cents, value) != plain)
        };
        is_near && changes()
    }
}

/// The lowest amounts from which an account stands differently towards a cut: at −10%, at the cut, at +10%, and where
/// hysteresis begins and ends to hold. Between two neighbouring ones over all cuts, all that counts is the bin.
pub fn turning_points(cut: i64, hysteresis: f64) -> [i64; 5] {
    let cut = i128::from(cut);
    let parts = (hysteresis * 10_000.0).round() as i128;
    let up = |num: i128, den: i128| num.div_euclid(den) + i128::from(num.rem_euclid(den) != 0);
    let points = [
        up(cut * 10, 11),
        cut,
        up(cut * 10, 9),
        up(cut * (10_000 - parts), 10_000),
        (cut * (10_000 + parts)).div_euclid(10_000) + 1,
    ];
    points.map(|cents| i64::try_from(cents).unwrap_or(i64::MAX))
}
