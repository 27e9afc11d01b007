//! Health and expansion in the model document (S13, S14).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::health::Preset;
use crate::model::signal::Signal;
use crate::model::tier::Tier;

/// How health is scored. The section is there from the first `score_health` on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Health {
    /// Components, weights and bands to start from; the book decides until it is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<Preset>,
    /// The team's own components; they replace those of the preset.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<Component>,
    /// Signals by component, or by sign of a cold start; they replace the default ones.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub signals: BTreeMap<String, Signal>,
    /// Accounts younger than this are scored by the signs of a cold start, in days (U1).
    #[serde(skip_serializing_if = "is_default_days")]
    pub cold_start_days: i32,
}

impl Default for Health {
    fn default() -> Self {
        Health {
            preset: None,
            components: Vec::new(),
            signals: BTreeMap::new(),
            cold_start_days: COLD_START_DAYS,
        }
    }
}

impl Health {
    /// The components in force under a preset: the team's own, else its.
    pub fn components_under(&self, preset: Preset) -> Vec<Component> {
        match self.components.is_empty() {
            true => preset.components(),
            false => self.components.clone(),
        }
    }
}

/// A component of the health score (H1).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// `snake_case`.
    pub name: String,
    /// Share of the score, 0..1; the weights of all components sum to 1.
    pub weight: f64,
    /// The weight in single tiers, where it is another (U1, H74); they too sum to 1 in each tier.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub by_tier: BTreeMap<Tier, f64>,
}

impl Component {
    /// The weight in a tier.
    pub fn weight_in(&self, tier: Tier) -> f64 {
        self.by_tier.get(&tier).copied().unwrap_or(self.weight)
    }
}

/// How readiness to expand is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Expansion {
    /// Signals by factor; they replace the default ones. A factor hits from a score of 0.5 on.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub signals: BTreeMap<String, Signal>,
    /// Hits that a level takes.
    pub cuts: ExpansionCuts,
}

/// Hits from which on an account is HIGH or MEDIUM (S14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExpansionCuts {
    /// HIGH from here.
    pub high: u8,
    /// MEDIUM from here.
    pub medium: u8,
}

impl Default for ExpansionCuts {
    fn default() -> Self {
        ExpansionCuts { high: 3, medium: 1 }
    }
}

/// U1.
const COLD_START_DAYS: i32 = 90;

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_default_days(days: &i32) -> bool {
    *days == COLD_START_DAYS
}
