//! The tier score as data: its groups, parts and bands, and the default signals of its parts (H48, H49).

use serde::{Deserialize, Serialize};

use super::presets::{self, Known};
use super::role::Role;
use super::signal::{Line, Signal};
use super::tier::Tier;

/// The groups of the tier score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// What the account pays, for how long, and how.
    Value,
    /// What it could pay.
    Potential,
    /// What it is worth besides.
    Strategic,
}

/// The parts of the tier score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Where its ARR stands among the accounts that pay; the engine works it out.
    ArrPercentile,
    /// Contract length.
    ContractLength,
    /// How reliably it pays.
    Payment,
    /// Growth.
    Growth,
    /// Room for more seats.
    SeatCapacity,
    /// Fit with the product.
    Fit,
    /// Brand.
    Brand,
    /// Worth as a reference.
    Reference,
    /// Influence on the product.
    Influence,
}

/// Where the tiers start, in hundredths of a point, best first; under the last it is self-serve. Half-open: 79.99 stays
/// below 80 (H49, X23).
pub const BANDS: [(Tier, u16); 3] = [(Tier::HighTouch, 8_000), (Tier::MidTouch, 6_000), (Tier::TechTouch, 4_000)];

impl Group {
    /// The groups in the order of the source.
    pub const ALL: [Group; 3] = [Group::Value, Group::Potential, Group::Strategic];

    /// The code: `potential`.
    pub fn code(self) -> &'static str {
        match self {
            Group::Value => "value",
            Group::Potential => "potential",
            Group::Strategic => "strategic",
        }
    }
}

impl Part {
    /// The parts in the order of the source.
    pub const ALL: [Part; 9] = [
        Part::ArrPercentile,
        Part::ContractLength,
        Part::Payment,
        Part::Growth,
        Part::SeatCapacity,
        Part::Fit,
        Part::Brand,
        Part::Reference,
        Part::Influence,
    ];

    /// The code: `seat_capacity`.
    pub fn code(self) -> &'static str {
        match self {
            Part::ArrPercentile => "arr_percentile",
            Part::ContractLength => "contract_length",
            Part::Payment => "payment",
            Part::Growth => "growth",
            Part::SeatCapacity => "seat_capacity",
            Part::Fit => "fit",
            Part::Brand => "brand",
            Part::Reference => "reference",
            Part::Influence => "influence",
        }
    }

    /// The columns that would feed it by default, for saying what is missing.
    pub fn feeders(self) -> &'static str {
        match self {
            Part::ArrPercentile => "arr",
            Part::ContractLength => "term_months",
            Part::Growth => "usage_trend",
            Part::SeatCapacity => "seats_used and seats_licensed",
            Part::Brand => presets::feeders("strategic_logo"),
            Part::Reference => presets::feeders("reference_value"),
            Part::Influence => presets::feeders("product_influence"),
            Part::Payment | Part::Fit => "a signal of your own in [tiers.score.signals]",
        }
    }

    /// The default signal, when the book has a column for it. Nothing says by default how an account pays or fits.
    pub fn signal(self, book: &dyn Known) -> Option<Signal> {
        let scale = |role: Role, from: f64, to: f64| {
            book.has(role).then(|| Signal::Scale {
                column: format!("role:{role}"),
                line: Line { from, to, max: 1.0 },
                blank: None,
            })
        };
        match self {
            Part::ContractLength => scale(Role::TermMonths, 0.0, 36.0),
            Part::Growth => scale(Role::UsageTrend, 0.0, 0.25),
            // The other way round than expansion_potential: here unused seats are room to grow (X16).
            Part::SeatCapacity => scale(Role::SeatUtilization, 1.0, 0.0),
            Part::Brand => presets::signal("strategic_logo", book),
            Part::Reference => presets::signal("reference_value", book),
            Part::Influence => presets::signal("product_influence", book),
            Part::ArrPercentile | Part::Payment | Part::Fit => None,
        }
    }
}
