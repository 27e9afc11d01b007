//! The touch budget: hours that the motions of the tiers take in a year, against the hours that the CSMs have.

use super::capacity::CapacityPlan;
use crate::model::policy::Capacity;
use crate::model::presets::touches;
use crate::model::tier::Tier;

/// Hours of a tier in a year.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TierHours {
    /// The tier.
    pub tier: Tier,
    /// Hours for one account.
    pub per_account: f64,
    /// Hours for all of its accounts.
    pub needed: f64,
    /// Hours of the CSMs that are there for it, when headcount is given by tier.
    pub available: Option<f64>,
}

/// Hours of the team in a year.
#[derive(Debug, Clone, PartialEq)]
pub struct TouchBudget {
    /// By tier, in list order.
    pub tiers: Vec<TierHours>,
    /// Hours that all tiers take.
    pub needed: f64,
    /// Hours that the CSMs have for customers; none without a headcount.
    pub available: Option<f64>,
}

/// The budget of a plan (K10–K13 for how often; minutes and hours are the team's to set).
pub fn budget(plan: &CapacityPlan, capacity: &Capacity) -> TouchBudget {
    let hours = |csms: f64| csms * capacity.hours_per_csm;
    let tiers: Vec<TierHours> = plan
        .tiers
        .iter()
        .map(|demand| {
            let per_account = hours_per_account(demand.tier, capacity);
            TierHours {
                tier: demand.tier,
                per_account,
                needed: per_account * demand.total.accounts as f64,
                available: demand.available.map(hours),
            }
        })
        .collect();
    TouchBudget {
        needed: tiers.iter().map(|tier| tier.needed).sum(),
        available: plan.available.map(hours),
        tiers,
    }
}

fn hours_per_account(tier: Tier, capacity: &Capacity) -> f64 {
    let minutes = touches(tier)
        .iter()
        .map(|touch| f64::from(touch.per_year) * capacity.minutes.get(touch.code).copied().unwrap_or(touch.minutes));
    // A sum of nothing is -0.0.
    minutes.fold(0.0, |sum, more| sum + more) / 60.0
}
