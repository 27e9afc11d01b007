//! Headcount and book sizes in the model document (S10).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::money::Money;
use crate::model::tier::Tier;

/// Headcount and book sizes (S10).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capacity {
    /// CSMs in all; halves are allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub csms: Option<f64>,
    /// CSMs by tier; their sum is the total.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub csms_by_tier: BTreeMap<Tier, f64>,
    /// Book sizes to start from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<BookPreset>,
    /// Own book sizes by tier.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub book_sizes: BTreeMap<Tier, BookSize>,
    /// Minutes that a touch of a motion takes, by its code (`qbr`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub minutes: BTreeMap<String, f64>,
    /// Hours a year that a CSM has for customers.
    #[serde(default = "default_hours_per_csm", skip_serializing_if = "is_default_hours")]
    pub hours_per_csm: f64,
    /// What a CSM costs a year in major units of the book's currency, loaded (U5).
    #[serde(default = "default_csm_cost")]
    pub csm_cost: Money,
}

impl Default for Capacity {
    fn default() -> Self {
        Capacity {
            csms: None,
            csms_by_tier: BTreeMap::new(),
            preset: None,
            book_sizes: BTreeMap::new(),
            minutes: BTreeMap::new(),
            hours_per_csm: default_hours_per_csm(),
            csm_cost: default_csm_cost(),
        }
    }
}

impl Capacity {
    /// CSMs in all, when anybody said: the total, or the sum over tiers.
    pub fn headcount(&self) -> Option<f64> {
        match self.csms_by_tier.is_empty() {
            true => self.csms,
            false => Some(hundredths(self.csms_by_tier.values().sum())),
        }
    }

    /// Accounts per CSM of a tier: the team's sizes over the preset's (M20 unless another is chosen).
    pub fn book_size(&self, tier: Tier) -> BookSize {
        let preset = book_size(self.preset.unwrap_or(BookPreset::Service), tier);
        match self.book_sizes.get(&tier) {
            Some(own) => BookSize {
                min: own.min.or(preset.min),
                max: own.max.or(preset.max),
            },
            None => preset,
        }
    }
}

/// Headcount without float dust: people count CSMs in halves and quarters.
pub fn hundredths(csms: f64) -> f64 {
    (csms * 100.0).round() / 100.0
}

/// Named sets of book sizes (X3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BookPreset {
    /// 8–15, 40–80, 200–500, 1000+ (M20).
    Service,
    /// 5–8, 15–25, 50–100, none (K10–K13).
    Keep,
    /// 10–15, 30–50, 100–200, 1000+ (H53).
    Health,
}

/// Accounts per CSM, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BookSize {
    /// Smallest book; none: the tier needs no CSM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<u32>,
    /// Largest book; none: no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
}

/// 44 working weeks of 25 hours with or for customers: an assumption, the team's to edit.
fn default_hours_per_csm() -> f64 {
    1_100.0
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_default_hours(hours: &f64) -> bool {
    *hours == default_hours_per_csm()
}

fn default_csm_cost() -> Money {
    Money(15_000_000)
}

/// Accounts per CSM of a preset (M20, K10–K13, H53).
fn book_size(preset: BookPreset, tier: Tier) -> BookSize {
    let size = |min, max| BookSize { min, max };
    match (preset, tier) {
        (BookPreset::Service, Tier::HighTouch) => size(Some(8), Some(15)),
        (BookPreset::Service, Tier::MidTouch) => size(Some(40), Some(80)),
        (BookPreset::Service, Tier::TechTouch) => size(Some(200), Some(500)),
        (BookPreset::Service | BookPreset::Health, Tier::Plg) => size(Some(1000), None),
        (BookPreset::Keep, Tier::HighTouch) => size(Some(5), Some(8)),
        (BookPreset::Keep, Tier::MidTouch) => size(Some(15), Some(25)),
        (BookPreset::Keep, Tier::TechTouch) => size(Some(50), Some(100)),
        (BookPreset::Keep, Tier::Plg) => size(None, None),
        (BookPreset::Health, Tier::HighTouch) => size(Some(10), Some(15)),
        (BookPreset::Health, Tier::MidTouch) => size(Some(30), Some(50)),
        (BookPreset::Health, Tier::TechTouch) => size(Some(100), Some(200)),
    }
}
