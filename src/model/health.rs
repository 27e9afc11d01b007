//! What the sources prescribe for health as data: presets of components, bands, default signals, signs of a cold start.

use serde::{Deserialize, Serialize};

use super::policy::Component;
use super::presets::Known;
use super::role::Role;
use super::signal::{Case, Condition, Line, Literal, Op, Signal};
use super::tier::Tier;

/// Named sets of components, weights and bands (S13; X1 and X7 say where the sources disagree).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// Usage 30, adoption 20, support 20, relationship 15, satisfaction 15; bands 80/60/40 (K7, K8).
    Keep,
    /// Usage 35, engagement 25, growth 20, support 20; bands 85/70/50/30 (H2, H8).
    Health,
    /// 45/15/20/15/5 over usage, engagement, growth, support and financial (H3).
    SelfServe,
    /// 30/30/15/15/10 (H3).
    Enterprise,
    /// 50/15/20/10/5 (H3).
    UsageBased,
    /// 20/40/15/20/5 (H3).
    HighTouchServices,
    /// The components of `keep` under three bands, 80 and 60 (A6).
    Analyst,
    /// Behavioural, relational and sentiment, weighted by tier (U1, H74).
    ByTier,
    /// The score that the book holds already (K7: a formal one comes first).
    Book,
}

/// A status and where it begins. Each preset has its own, best first (X1, X23: half-open).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Band {
    /// The code: `at_risk`.
    pub code: &'static str,
    /// The lowest score that has it, in hundredths of a point.
    pub from: u16,
    /// What it says of the account.
    pub kind: BandKind,
}

/// What a band says, whatever it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BandKind {
    /// Nothing to do: what is missing must not put an account here.
    Good,
    /// To be watched.
    Middle,
    /// ARR at risk.
    AtRisk,
}

/// The status of accounts of which too little is known.
pub const UNKNOWN: &str = "unknown";

const KEEP: [Band; 4] = [
    band("healthy", 8000, BandKind::Good),
    band("stable", 6000, BandKind::Middle),
    band("at_risk", 4000, BandKind::AtRisk),
    band("critical", 0, BandKind::AtRisk),
];

const HEALTH: [Band; 5] = [
    band("thriving", 8500, BandKind::Good),
    band("healthy", 7000, BandKind::Good),
    band("neutral", 5000, BandKind::Middle),
    band("at_risk", 3000, BandKind::AtRisk),
    band("critical", 0, BandKind::AtRisk),
];

const ANALYST: [Band; 3] = [
    band("green", 8000, BandKind::Good),
    band("yellow", 6000, BandKind::Middle),
    band("red", 0, BandKind::AtRisk),
];

const fn band(code: &'static str, from: u16, kind: BandKind) -> Band {
    Band { code, from, kind }
}

/// The signs of a cold start, of equal weight (U1): first value seen, users active, kickoff held.
pub const COLD_START: [&str; 3] = ["first_value", "users_active", "kickoff"];

/// Components that a young account cannot have filled yet: the signs of a cold start stand in for them (U1, H9).
pub fn takes_time(component: &str) -> bool {
    matches!(component, "product_usage" | "feature_adoption" | "usage" | "behavioural")
}

/// Words that say yes and nothing else.
pub(super) const YES: [&str; 12] = [
    "yes",
    "y",
    "true",
    "1",
    "x",
    "done",
    "complete",
    "completed",
    "live",
    "held",
    "reached",
    "ja",
];

/// DAU/MAU that scores 100: the target of G1, the top of H59's range.
const DAU_MAU_TARGET: f64 = 0.40;
/// The share of seats in use that scores 100 (K9).
const SEATS_TARGET: f64 = 0.80;
/// A change of use that scores 0 or 100: the drop that H39 acts on, and as much the other way.
const TREND_ENDS: f64 = 0.25;

impl Preset {
    /// All presets.
    pub const ALL: [Preset; 9] = [
        Preset::Keep,
        Preset::Health,
        Preset::SelfServe,
        Preset::Enterprise,
        Preset::UsageBased,
        Preset::HighTouchServices,
        Preset::Analyst,
        Preset::ByTier,
        Preset::Book,
    ];

    /// The code: `by_tier`.
    pub fn code(self) -> &'static str {
        match self {
            Preset::Keep => "keep",
            Preset::Health => "health",
            Preset::SelfServe => "self_serve",
            Preset::Enterprise => "enterprise",
            Preset::UsageBased => "usage_based",
            Preset::HighTouchServices => "high_touch_services",
            Preset::Analyst => "analyst",
            Preset::ByTier => "by_tier",
            Preset::Book => "book",
        }
    }

    /// Its bands, best first; the last begins at 0.
    pub fn bands(self) -> &'static [Band] {
        match self {
            Preset::Keep | Preset::ByTier | Preset::Book => &KEEP,
            Preset::Health | Preset::SelfServe | Preset::Enterprise | Preset::UsageBased | Preset::HighTouchServices => &HEALTH,
            Preset::Analyst => &ANALYST,
        }
    }

    /// Its components with their weights.
    pub fn components(self) -> Vec<Component> {
        let by_model = |weights: [f64; 5]| {
            let names = ["usage", "engagement", "growth", "support", "financial"];
            names
                .into_iter()
                .zip(weights)
                .map(|(name, weight)| plain(name, weight))
                .collect()
        };
        match self {
            Preset::Keep | Preset::Analyst => [
                ("product_usage", 0.30),
                ("feature_adoption", 0.20),
                ("support_health", 0.20),
                ("relationship_quality", 0.15),
                ("satisfaction", 0.15),
            ]
            .map(|(name, weight)| plain(name, weight))
            .to_vec(),
            Preset::Health => [("usage", 0.35), ("engagement", 0.25), ("growth", 0.20), ("support", 0.20)]
                .map(|(name, weight)| plain(name, weight))
                .to_vec(),
            Preset::SelfServe => by_model([0.45, 0.15, 0.20, 0.15, 0.05]),
            Preset::Enterprise => by_model([0.30, 0.30, 0.15, 0.15, 0.10]),
            Preset::UsageBased => by_model([0.50, 0.15, 0.20, 0.10, 0.05]),
            Preset::HighTouchServices => by_model([0.20, 0.40, 0.15, 0.20, 0.05]),
            Preset::ByTier => vec![
                tiered("behavioural", [0.50, 0.55, 0.70, 0.80]),
                tiered("relational", [0.35, 0.30, 0.15, 0.05]),
                tiered("sentiment", [0.15, 0.15, 0.15, 0.15]),
            ],
            Preset::Book => vec![plain("health_score", 1.0)],
        }
    }
}

fn plain(name: &str, weight: f64) -> Component {
    Component {
        name: name.into(),
        weight,
        by_tier: std::collections::BTreeMap::new(),
    }
}

/// Weights from High-Touch down; that of Tech-Touch stands where no tier is known.
fn tiered(name: &str, weights: [f64; 4]) -> Component {
    let [_, _, tech_touch, _] = weights;
    Component {
        by_tier: Tier::ALL.into_iter().zip(weights).collect(),
        ..plain(name, tech_touch)
    }
}

/// The default parts of a component or of a sign of a cold start, each with its weight in it; a part whose column is not
/// there has no cells. Empty for names that have no default.
pub fn parts(component: &str) -> Vec<(f64, Signal)> {
    match component {
        "product_usage" => vec![(1.0, usage())],
        "feature_adoption" => vec![(1.0, adoption())],
        "support_health" => vec![(0.5, csat()), (0.5, escalations())],
        "relationship_quality" | "relational" => vec![(0.5, present(Role::ExecAccess)), (0.5, present(Role::Champion))],
        "satisfaction" => vec![(1.0, nps())],
        "health_score" => vec![(1.0, line(Role::Health, 0.0, 100.0))],
        // H4: of the sub-weights those that a column can feed.
        "usage" => vec![(0.5, usage()), (0.5, adoption())],
        "engagement" => vec![(0.4, nps()), (0.3, present(Role::ExecAccess)), (0.3, present(Role::Champion))],
        "growth" => vec![
            (0.6, line(Role::SeatUtilization, 0.0, SEATS_TARGET)),
            (0.4, line(Role::UsageTrend, -TREND_ENDS, TREND_ENDS)),
        ],
        "support" => vec![(0.6, csat()), (0.4, escalations())],
        "behavioural" => vec![(0.6, usage()), (0.4, adoption())],
        "sentiment" => vec![(0.5, nps()), (0.5, csat())],
        "first_value" => vec![(1.0, done(Role::GoLive))],
        "kickoff" => vec![(1.0, done(Role::Kickoff))],
        "users_active" => vec![(1.0, cases(vec![(vec![is_above(Role::Usage, 0.0)], 1.0)]))],
        _ => Vec::new(),
    }
}

/// The column of a component that is scored on its way to a target, and the default target.
pub fn target(component: &str) -> Option<(Role, f64)> {
    match component {
        "product_usage" => Some((Role::Usage, DAU_MAU_TARGET)),
        "feature_adoption" => Some((Role::Adoption, 1.0)),
        _ => None,
    }
}

/// What would feed a component, for saying what is missing.
pub fn feeders(component: &str) -> &'static str {
    match component {
        "product_usage" => "usage (DAU/MAU)",
        "feature_adoption" => "adoption",
        "support_health" | "support" => "csat or escalations",
        "relationship_quality" | "relational" => "exec_access or champion",
        "satisfaction" => "nps",
        "health_score" => "health",
        "usage" | "behavioural" => "usage or adoption",
        "engagement" => "nps, exec_access or champion",
        "growth" => "seat utilization or usage_trend",
        "sentiment" => "nps or csat",
        _ => "a signal of your own",
    }
}

/// The preset that a book calls for (K7): `keep` when at least half of its weight is fed, else the book's own score where
/// it has one.
pub fn called_for(book: &dyn Known) -> Preset {
    let fed = |name: &str| parts(name).iter().any(|(_, signal)| reads(signal, book));
    let weight: f64 = Preset::Keep
        .components()
        .iter()
        .filter(|component| fed(&component.name))
        .map(|component| component.weight)
        .sum();
    match weight < 0.5 && book.has(Role::Health) {
        true => Preset::Book,
        false => Preset::Keep,
    }
}

/// Whether the book has every column that a default signal reads.
fn reads(signal: &Signal, book: &dyn Known) -> bool {
    let known = |column: &&str| {
        column
            .strip_prefix("role:")
            .and_then(Role::parse)
            .is_some_and(|r| book.has(r))
    };
    signal.columns().iter().all(known)
}

fn line(role: Role, from: f64, to: f64) -> Signal {
    Signal::Scale {
        column: format!("role:{role}"),
        line: Line { from, to, max: 1.0 },
        blank: None,
    }
}

fn usage() -> Signal {
    line(Role::Usage, 0.0, DAU_MAU_TARGET)
}

fn adoption() -> Signal {
    line(Role::Adoption, 0.0, 1.0)
}

fn csat() -> Signal {
    line(Role::Csat, 0.0, 1.0)
}

fn nps() -> Signal {
    line(Role::Nps, -100.0, 100.0)
}

/// None open is 1, one is half, more are 0; the sources give no scale for them.
fn escalations() -> Signal {
    let column = "role:escalations";
    let closed = Condition::new(column, Op::In, Some(words(&["closed", "resolved", "solved", "none open"])));
    let none = Condition::new(column, Op::Le, Some(Literal::Number(0.0)));
    let no = Condition::new(column, Op::Eq, Some(Literal::Bool(false)));
    let few = Condition::new(column, Op::Lt, Some(Literal::Number(2.0)));
    cases(vec![
        (vec![closed], 1.0),
        (vec![none], 1.0),
        (vec![no], 1.0),
        (vec![few], 0.5),
    ])
}

/// A yes, or the name of the person; words that say that nobody is there, or no longer, are a no.
fn present(role: Role) -> Signal {
    const IS: [&str; 12] = [
        "left",
        "gone",
        "lost",
        "tbd",
        "tba",
        "unknown",
        "?",
        "vacant",
        "open",
        "not active",
        "no access",
        "to be found",
    ];
    const SAYS: [&str; 11] = [
        "left the",
        "departed",
        "former",
        "inactive",
        "no longer",
        "not identified",
        "none identified",
        "no champion",
        "no sponsor",
        "disengaged",
        "vacant",
    ];
    let column = format!("role:{role}");
    let is_gone = Condition::new(&column, Op::In, Some(words(&IS)));
    let says_gone = Condition::new(&column, Op::Contains, Some(words(&SAYS)));
    let there = Condition::new(&column, Op::Eq, Some(Literal::Bool(true)));
    cases(vec![(vec![is_gone], 0.0), (vec![says_gone], 0.0), (vec![there], 1.0)])
}

/// A plain yes, or a date that has come: `in progress` and `TBD` are neither.
fn done(role: Role) -> Signal {
    let column = format!("role:{role}");
    let yes = Condition::new(&column, Op::In, Some(words(&YES)));
    let come = Condition::new(&column, Op::Le, Some("as_of".into()));
    cases(vec![(vec![yes], 1.0), (vec![come], 1.0)])
}

fn words(words: &[&str]) -> Literal {
    Literal::List(words.iter().map(|word| Literal::from(*word)).collect())
}

fn is_above(role: Role, value: f64) -> Condition {
    Condition::new(&format!("role:{role}"), Op::Gt, Some(Literal::Number(value)))
}

fn cases(cases: Vec<(Vec<Condition>, f64)>) -> Signal {
    Signal::Cases {
        cases: cases.into_iter().map(|(when, score)| Case { when, score }).collect(),
        otherwise: 0.0,
        blank: None,
    }
}
