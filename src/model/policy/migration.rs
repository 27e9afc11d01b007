//! When accounts move between tiers over time (K16–K19, H52, A13). Kept and shown; nothing acts on it until there is history.

use serde::{Deserialize, Serialize};

use crate::model::money::Money;
use crate::model::tier::Tier;

/// `[migration]`: rules for moves between tiers. They change no result: they are for when two quarters can be compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Migration {
    /// Up when ARR has crossed the cut at renewal (K16).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_at_renewal: Option<bool>,
    /// Up when an expansion carries ARR across the cut (K16).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_on_expansion: Option<bool>,
    /// Up after so many quarters running with high expansion potential (K17).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_after_high_quarters: Option<u32>,
    /// Down when ARR is under the cut at renewal (K18).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down_at_renewal: Option<bool>,
    /// From High-Touch to Mid-Touch, after a review, when so many quarters brought no sign of expansion (K19).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down_after_quiet_quarters: Option<u32>,
    /// An account whose health is under this is served as at risk, without asking anyone, 0..100 (H52).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_risk_below: Option<f64>,
    /// It is served as before when its health has stayed above this, 0..100 (H52).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovered_above: Option<f64>,
    /// For so many days (H52).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovered_days: Option<u32>,
    /// Share of Tech-Touch accounts that should reach Mid-Touch in a year (A13).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tech_to_mid_a_year: Option<f64>,
    /// Amounts at which an account moves up whatever the cuts say (H52).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moves: Vec<TierMove>,
}

/// A move at an amount.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierMove {
    /// The tier that it moves to.
    pub to: Tier,
    /// ARR above which it moves, in major units.
    pub arr_above: Money,
    /// Whether somebody has to agree.
    pub approval: Approval,
}

/// Who agrees to a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Approval {
    /// Nobody has to.
    Automatic,
    /// A person has to.
    Manual,
}

impl Migration {
    /// Whether it holds no rule that could move an account.
    pub fn is_empty(&self) -> bool {
        let yes = |on: Option<bool>| on == Some(true);
        !(yes(self.up_at_renewal)
            || yes(self.up_on_expansion)
            || self.up_after_high_quarters.is_some()
            || yes(self.down_at_renewal)
            || self.down_after_quiet_quarters.is_some()
            || self.at_risk_below.is_some()
            || !self.moves.is_empty())
    }
}

impl Default for Migration {
    fn default() -> Self {
        let to = |to, major: i64, approval| TierMove {
            to,
            arr_above: Money(major * 100),
            approval,
        };
        Migration {
            up_at_renewal: Some(true),
            up_on_expansion: Some(true),
            up_after_high_quarters: Some(2),
            down_at_renewal: Some(true),
            down_after_quiet_quarters: Some(4),
            at_risk_below: Some(40.0),
            recovered_above: Some(60.0),
            recovered_days: Some(60),
            tech_to_mid_a_year: Some(0.15),
            moves: vec![
                to(Tier::MidTouch, 25_000, Approval::Automatic),
                to(Tier::HighTouch, 100_000, Approval::Manual),
            ],
        }
    }
}
