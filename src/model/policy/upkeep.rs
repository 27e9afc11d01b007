//! What keeps a model honest over time: limits of the gates, triggers, the baseline, decisions (S12, S16).

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::model::money::Money;
use crate::model::tier::{Rule, Tier};
use crate::model::tier_score::Part;

/// Limits of the gates (S12).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateLimits {
    /// Highest share of accounts in Mid-Touch, 0..1 (M24).
    #[serde(default = "default_mid_touch_max")]
    pub mid_touch_max: f64,
    /// Shares of accounts that may change tier at ARR ±10%.
    #[serde(default)]
    pub stability: StabilityLimits,
}

impl Default for GateLimits {
    fn default() -> Self {
        GateLimits {
            mid_touch_max: default_mid_touch_max(),
            stability: StabilityLimits::default(),
        }
    }
}

/// Up to `pass` the gate passes; above it, it warns when hysteresis is at least 10% or the share is up to `warn`, and else fails (S12).
/// Fewer than three accounts never fail it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StabilityLimits {
    /// Share of accounts, 0..1.
    pub pass: f64,
    /// Share of accounts, 0..1, at least `pass`.
    pub warn: f64,
}

impl Default for StabilityLimits {
    fn default() -> Self {
        StabilityLimits { pass: 0.10, warn: 0.20 }
    }
}

/// When to calibrate again (M48–M53).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Triggers {
    /// Months between baselines (M48).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline_months: Option<u32>,
    /// A tier's ARR has moved by this share of what it was at the baseline, 0.2 for 20% (M49).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier_arr_move: Option<f64>,
    /// CSM headcount has moved by this share of what it was at the baseline (M50).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headcount_move: Option<f64>,
    /// A tier's churn over its target, as a ratio, two quarters running (M51).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier_churn_over_target: Option<f64>,
    /// A launched product line changes what strategic means (M52).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_line_launch: Option<bool>,
    /// Months that must lie between two calibrations, whatever fires (M53).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months_between_min: Option<u32>,
}

impl Default for Triggers {
    fn default() -> Self {
        Triggers {
            baseline_months: Some(12),
            tier_arr_move: Some(0.20),
            headcount_move: Some(0.15),
            tier_churn_over_target: Some(1.5),
            product_line_launch: Some(true),
            months_between_min: Some(3),
        }
    }
}

/// The book on which cuts and bins were decided: what drift is measured from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// The book's date.
    pub as_of: Date,
    /// Accounts in the book.
    pub accounts: usize,
    /// ARR of the book.
    pub arr: Money,
    /// The rule in force.
    pub rule: Rule,
    /// ARR by tier.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tiers: BTreeMap<Tier, Money>,
    /// Factors that were on: they stay on, and others off, until the team says otherwise (S16).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub factors_on: Option<Vec<String>>,
    /// Parts of the tier score that were on; they stay as factors do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts_on: Option<Vec<Part>>,
    /// Headcount, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub csms: Option<f64>,
}

/// One decision with its numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The book's date when it was taken.
    pub date: Date,
    /// The tool.
    pub step: String,
    /// What and why.
    pub text: String,
}

fn default_mid_touch_max() -> f64 {
    0.60
}
