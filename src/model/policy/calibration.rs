//! Where calibration may look for cuts and bin edges, and what stood before it changed them (S11).

use serde::{Deserialize, Serialize};

use super::{Bins, Cuts, Method, TierCuts, is_default};

/// The rails of calibration. They bind new values; what the model holds today may lie outside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rails {
    /// Quantiles between which the lowest cut may lie, 0..1; P40–P75; P20–P40 with method quartile, P20–P50 with rule `arr`.
    #[serde(skip_serializing_if = "is_default")]
    pub low_cut: Option<[f64; 2]>,
    /// Quantiles between which the highest cut may lie, 0..1; P80–P97, or P65–P85 with method quartile.
    #[serde(skip_serializing_if = "is_default")]
    pub high_cut: Option<[f64; 2]>,
    /// Between which the low bin edge may lie.
    pub low_edge: [f64; 2],
    /// Between which the high bin edge may lie.
    pub high_edge: [f64; 2],
    /// How far the edges must be apart.
    pub edge_distance: f64,
    /// Largest share of accounts in High-Touch, 0..1.
    pub high_touch_max: f64,
}

impl Default for Rails {
    fn default() -> Self {
        Rails {
            low_cut: None,
            high_cut: None,
            low_edge: [0.20, 0.45],
            high_edge: [0.40, 0.80],
            edge_distance: 0.15,
            high_touch_max: 0.20,
        }
    }
}

/// Cuts and bins as they stood before an option was applied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Previous {
    /// How the ARR cuts had come about.
    pub method: Method,
    /// The date of the book on which they were placed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placed: Option<jiff::civil::Date>,
    /// The ARR cuts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cuts: Option<Cuts>,
    /// The bin edges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bins: Option<Bins>,
    /// The cuts of rule `arr`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arr_cuts: Option<TierCuts>,
}
