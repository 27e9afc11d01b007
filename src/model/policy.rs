//! The model document: everything that a team decides about its segmentation, as typed values.

mod calibration;
mod capacity;
mod health;
mod migration;
mod score_rule;
mod upkeep;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::load::Join;
use super::money::Money;
use super::role::Role;
use super::signal::{Signal, When};
use super::tier::{Rule, Scheme, Tier};
pub use calibration::{Previous, Rails};
pub use capacity::{BookPreset, BookSize, Capacity, hundredths};
pub use health::{Component, Expansion, ExpansionCuts, Health};
pub use migration::{Approval, Migration, TierMove};
pub use score_rule::{GroupWeights, PotentialWeights, ScoreRule, StrategicWeights, ValueWeights};
pub use upkeep::{Baseline, Decision, GateLimits, StabilityLimits, Triggers};

/// Version of the document's shape; required in the file.
pub const SCHEMA: u32 = 1;
/// Seed of the stability sample unless the team sets its own.
pub const DEFAULT_SEED: u64 = 20_260_101;

/// `segmentation.toml`. Sections that are not there take the defaults; unknown keys are errors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Shape of the document.
    pub schema: u32,
    /// Seed of the stability sample (S17).
    #[serde(default = "default_seed")]
    pub seed: u64,
    /// The account book.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub book: Option<BookChoice>,
    /// ARR axis.
    #[serde(default)]
    pub axis: Axis,
    /// Strategic axis.
    #[serde(default)]
    pub strategic: Strategic,
    /// Tier rule and names.
    #[serde(default)]
    pub tiers: Tiers,
    /// The team's flags by name; they join or replace the eight of M15.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub flags: BTreeMap<String, FlagRule>,
    /// Pairs that deserve a comment on the account.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub comments: Vec<CommentRule>,
    /// How health is scored, once it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health: Option<Health>,
    /// How readiness to expand is told, once it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expansion: Option<Expansion>,
    /// Headcount and book sizes.
    #[serde(default)]
    pub capacity: Capacity,
    /// Where calibration may look for cuts and bin edges.
    #[serde(default, skip_serializing_if = "is_default")]
    pub rails: Rails,
    /// Limits of the gates.
    #[serde(default)]
    pub gates: GateLimits,
    /// When to calibrate again (M48–M53); the gate fails when they are deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub triggers: Option<Triggers>,
    /// How accounts move between tiers over time; none when the section was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub migration: Option<Migration>,
    /// Cuts and bins before the last option was applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Previous>,
    /// The book on which cuts and bins were decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Baseline>,
    /// What was decided, when, with the numbers (M25).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<Decision>,
}

/// Where the book is and how to read it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BookChoice {
    /// Relative to the workspace, or absolute.
    pub path: String,
    /// The sheet, or the table among several in one file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The date at which the book is read.
    #[serde(deserialize_with = "super::decode::date")]
    pub as_of: Date,
    /// Keep accounts that have left.
    #[serde(default, skip_serializing_if = "is_default")]
    pub keep_churned: bool,
    /// Texts of the status column that mean no customer, such as a trial.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_customers: Vec<String>,
    /// Net revenue retention aimed at, 1.1 for 110%.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_nrr: Option<f64>,
    /// How the team works today (K4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_motion: Option<Motion>,
    /// The header that plays a role; wins over what the reader finds.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<Role, String>,
    /// Answers to the reader's questions.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answers: BTreeMap<String, String>,
    /// Book-currency units per unit of the foreign currency, by currency code.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rates: BTreeMap<String, f64>,
    /// Files that are joined to the book.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joins: Vec<Join>,
}

/// How the team works today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Motion {
    /// Every account has a named CSM.
    AllHighTouch,
    /// No account has.
    AllAutomated,
    /// Some have.
    Mixed,
}

/// How ARR cuts come about (S5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Chosen from the distribution.
    #[default]
    Auto,
    /// Near P60 and P90.
    Log,
    /// Near P25 and P75.
    Quartile,
    /// As the team says.
    Given,
    /// No account pays: there is nothing to cut.
    None,
}

impl Method {
    /// The code: `quartile`.
    pub fn code(self) -> &'static str {
        match self {
            Method::Auto => "auto",
            Method::Log => "log",
            Method::Quartile => "quartile",
            Method::Given => "given",
            Method::None => "none",
        }
    }
}

/// The ARR axis. Cuts stay until `define_axes` derives them again (S16).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Axis {
    /// How the cuts came about; `auto` until they exist.
    #[serde(default)]
    pub method: Method,
    /// Round the cuts and keep them away from accounts.
    #[serde(default = "yes")]
    pub snap: bool,
    /// Date of the book on which the cuts were placed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placed: Option<Date>,
    /// The cuts, once they exist.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cuts: Option<Cuts>,
}

impl Default for Axis {
    fn default() -> Self {
        Axis {
            method: Method::Auto,
            snap: true,
            placed: None,
            cuts: None,
        }
    }
}

/// low < `low` ≤ mid < `high` ≤ high, in major units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cuts {
    /// Where the mid row starts.
    pub low: Money,
    /// Where the high row starts.
    pub high: Money,
}

/// Cuts of rule `arr`: each tier starts at its amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierCuts {
    /// High-Touch starts here.
    pub high_touch: Money,
    /// Mid-Touch starts here.
    pub mid_touch: Money,
    /// Tech-Touch starts here.
    pub tech_touch: Money,
    /// Whether the tool placed them.
    #[serde(default = "given")]
    pub method: BinMethod,
}

/// The strategic axis (S6).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Strategic {
    /// 3 to 5 factors whose weights sum to 1.
    #[serde(default = "starter_factors")]
    pub factors: Vec<Factor>,
    /// The edges, once they are decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bins: Option<Bins>,
    /// Signals by factor; they replace the default ones.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub signals: BTreeMap<String, Signal>,
    /// Judgements by account id; they win over signals.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub judgements: BTreeMap<String, Judgement>,
}

impl Default for Strategic {
    fn default() -> Self {
        Strategic {
            factors: starter_factors(),
            bins: None,
            signals: BTreeMap::new(),
            judgements: BTreeMap::new(),
        }
    }
}

/// A factor of strategic value (M9).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Factor {
    /// `snake_case`.
    pub name: String,
    /// Share of the composite, 0..1.
    pub weight: f64,
    /// Turned on without a signal (judgements feed it), or off in spite of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<bool>,
}

/// Bin edges on the composite: below the first is low, above the second high (M10).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bins {
    /// Below is low.
    pub low_below: f64,
    /// Above is high.
    pub high_above: f64,
    /// Whether the tool placed them.
    #[serde(default = "given")]
    pub method: BinMethod,
}

/// Who placed bin edges or the cuts of rule `arr`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BinMethod {
    /// The rule of S6.
    Auto,
    /// The team.
    Given,
}

/// A person's scores for one account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Judgement {
    /// Score 0..1 by factor.
    pub scores: BTreeMap<String, f64>,
    /// The reason.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// The tier rule and what goes with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tiers {
    /// Which rule.
    #[serde(default)]
    pub rule: Rule,
    /// Which names.
    #[serde(default)]
    pub scheme: Scheme,
    /// An account keeps today's tier while its ARR has not passed the cut by more than this share (S16); 0 switches it off.
    #[serde(default = "default_hysteresis")]
    pub hysteresis: f64,
    /// Cuts of rule `arr`, once they exist.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arr_cuts: Option<TierCuts>,
    /// Why a tier may be empty (M39).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub documented_empty: BTreeMap<Tier, String>,
    /// Weights and signals of rule `score`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub score: ScoreRule,
}

impl Default for Tiers {
    fn default() -> Self {
        Tiers {
            rule: Rule::Auto,
            scheme: Scheme::Service,
            hysteresis: default_hysteresis(),
            arr_cuts: None,
            documented_empty: BTreeMap::new(),
            score: ScoreRule::default(),
        }
    }
}

/// When a flag is set, or that it is switched off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlagRule {
    /// The conditions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
    /// Switches one of the default flags off.
    #[serde(default, skip_serializing_if = "is_default")]
    pub off: bool,
}

/// A flag with another flag, or with a tier, that deserves a comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommentRule {
    /// The flag.
    pub flag: String,
    /// The other flag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with_flag: Option<String>,
    /// The tiers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<Tier>,
    /// What to say.
    pub text: String,
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            schema: SCHEMA,
            seed: DEFAULT_SEED,
            book: None,
            axis: Axis::default(),
            strategic: Strategic::default(),
            tiers: Tiers::default(),
            flags: BTreeMap::new(),
            comments: Vec::new(),
            health: None,
            expansion: None,
            capacity: Capacity::default(),
            rails: Rails::default(),
            gates: GateLimits::default(),
            triggers: Some(Triggers::default()),
            migration: Some(Migration::default()),
            previous: None,
            baseline: None,
            decisions: Vec::new(),
        }
    }
}

impl Policy {
    /// Adds a decision unless the same one is there already.
    pub fn decide(&mut self, date: Date, step: &str, text: impl Into<String>) {
        let decision = Decision {
            date,
            step: step.to_string(),
            text: text.into(),
        };
        if !self.decisions.contains(&decision) {
            self.decisions.push(decision);
        }
    }
}

/// The starter rubric (M9): five factors, weights summing to 1.
fn starter_factors() -> Vec<Factor> {
    [
        ("strategic_logo", 0.25),
        ("expansion_potential", 0.25),
        ("product_influence", 0.20),
        ("reference_value", 0.15),
        ("regulatory_exposure", 0.15),
    ]
    .into_iter()
    .map(|(name, weight)| Factor {
        name: name.to_string(),
        weight,
        on: None,
    })
    .collect()
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn yes() -> bool {
    true
}

fn given() -> BinMethod {
    BinMethod::Given
}

fn default_seed() -> u64 {
    DEFAULT_SEED
}

fn default_hysteresis() -> f64 {
    0.10
}
