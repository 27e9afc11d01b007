//! Weights and signals of rule `score` in the model document (H48).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::signal::Signal;
use crate::model::tier_score::{Group, Part};

/// `[tiers.score]`: the weights sum to 1 over the groups, and over the parts of each group.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScoreRule {
    /// What the account pays.
    pub value: ValueWeights,
    /// What it could pay.
    pub potential: PotentialWeights,
    /// What it is worth besides.
    pub strategic: StrategicWeights,
    /// Signals by part; they replace the default ones.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub signals: BTreeMap<Part, Signal>,
}

/// Weights of the value group.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ValueWeights {
    /// Of the group in the score, 0..1.
    pub weight: f64,
    /// Of the ARR percentile in the group, 0..1.
    pub arr_percentile: f64,
    /// Of the contract length.
    pub contract_length: f64,
    /// Of the payment.
    pub payment: f64,
}

impl Default for ValueWeights {
    fn default() -> Self {
        ValueWeights {
            weight: 0.40,
            arr_percentile: 0.50,
            contract_length: 0.25,
            payment: 0.25,
        }
    }
}

/// Weights of the potential group.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PotentialWeights {
    /// Of the group in the score, 0..1.
    pub weight: f64,
    /// Of growth in the group, 0..1.
    pub growth: f64,
    /// Of room for more seats.
    pub seat_capacity: f64,
    /// Of the fit.
    pub fit: f64,
}

impl Default for PotentialWeights {
    fn default() -> Self {
        PotentialWeights {
            weight: 0.35,
            growth: 0.40,
            seat_capacity: 0.30,
            fit: 0.30,
        }
    }
}

/// Weights of the strategic group.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StrategicWeights {
    /// Of the group in the score, 0..1.
    pub weight: f64,
    /// Of the brand in the group, 0..1.
    pub brand: f64,
    /// Of the worth as a reference.
    pub reference: f64,
    /// Of the influence on the product.
    pub influence: f64,
}

impl Default for StrategicWeights {
    fn default() -> Self {
        StrategicWeights {
            weight: 0.25,
            brand: 0.35,
            reference: 0.35,
            influence: 0.30,
        }
    }
}

/// A group with its weight and those of its parts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GroupWeights {
    /// The group.
    pub group: Group,
    /// Its weight in the score.
    pub weight: f64,
    /// Its parts with their weights in the group.
    pub parts: [(Part, f64); 3],
}

impl ScoreRule {
    /// All weights, in the order of the source.
    pub fn groups(&self) -> [GroupWeights; 3] {
        let (value, potential, strategic) = (self.value, self.potential, self.strategic);
        let group = |group, weight, parts| GroupWeights { group, weight, parts };
        [
            group(
                Group::Value,
                value.weight,
                [
                    (Part::ArrPercentile, value.arr_percentile),
                    (Part::ContractLength, value.contract_length),
                    (Part::Payment, value.payment),
                ],
            ),
            group(
                Group::Potential,
                potential.weight,
                [
                    (Part::Growth, potential.growth),
                    (Part::SeatCapacity, potential.seat_capacity),
                    (Part::Fit, potential.fit),
                ],
            ),
            group(
                Group::Strategic,
                strategic.weight,
                [
                    (Part::Brand, strategic.brand),
                    (Part::Reference, strategic.reference),
                    (Part::Influence, strategic.influence),
                ],
            ),
        ]
    }
}
