//! What the sources prescribe as data: the starter rubric, default signals and triggers, book sizes, share ranges, touches.

use super::role::Role;
use super::signal::{Case, Condition, Line, Literal, Op, Signal, When};
use super::tier::Tier;

/// What a preset may ask about the book.
pub trait Known {
    /// Whether a column plays the role.
    fn has(&self, role: Role) -> bool;
    /// Whether that column holds dates.
    fn holds_dates(&self, role: Role) -> bool;
    /// Whether a cell of that column is one of these texts, which are in small letters.
    fn holds_one(&self, role: Role, texts: &[&str]) -> bool;
}

/// Industries that count as regulated (S6a), in small letters, in the words of several languages.
pub const REGULATED: [&str; 56] = [
    "healthcare",
    "health care",
    "hospital & health care",
    "hospitals and health care",
    "finance",
    "financial services",
    "banking",
    "insurance",
    "government",
    "government administration",
    "public sector",
    "healthcare & life sciences",
    "banking & financial services",
    "finance & insurance",
    "finance and insurance",
    "health",
    "bank",
    "banks",
    "banking and insurance",
    // German
    "gesundheit",
    "gesundheitswesen",
    "banken",
    "bankwesen",
    "versicherung",
    "versicherungen",
    "banken und versicherungen",
    "finanzen",
    "finanzwesen",
    "finanzdienstleistungen",
    "finanzdienstleister",
    "behörde",
    "behörden",
    "öffentlich",
    "öffentlicher dienst",
    "öffentlicher sektor",
    "öffentliche verwaltung",
    "öffentliche hand",
    // French
    "santé",
    "banque",
    "banques",
    "assurance",
    "assurances",
    "banque et assurance",
    "services financiers",
    "secteur public",
    "administration publique",
    // Spanish
    "salud",
    "sanidad",
    "banca",
    "seguros",
    "banca y seguros",
    "finanzas",
    "servicios financieros",
    "gobierno",
    "sector público",
    "administración pública",
];

/// The texts of a logo tier that the default rule of strategic_logo knows, in small letters.
pub fn logo_levels() -> Vec<&'static str> {
    logo_scores().into_iter().map(|(level, _)| level).collect()
}

/// The default signal of a factor of the starter rubric (S6a), when the book has a column for it.
pub fn signal(factor: &str, book: &dyn Known) -> Option<Signal> {
    let column = |role: Role| format!("role:{role}");
    match factor {
        "strategic_logo" if book.holds_one(Role::LogoTier, &logo_levels()) => Some(Signal::Levels {
            column: column(Role::LogoTier),
            scores: logo_scores()
                .into_iter()
                .map(|(level, score)| (level.to_string(), score))
                .collect(),
            otherwise: 0.0,
            blank: None,
        }),
        "expansion_potential" if book.has(Role::SeatUtilization) => Some(Signal::Scale {
            column: column(Role::SeatUtilization),
            line: Line {
                from: 0.5,
                to: 0.9,
                max: 1.0,
            },
            blank: None,
        }),
        "expansion_potential" if book.has(Role::Tam) => Some(Signal::Ratio {
            over: [column(Role::Arr), column(Role::Tam)],
            line: Line {
                from: 1.0,
                to: 0.0,
                max: 1.0,
            },
            blank: None,
        }),
        // The name of a programme is a yes too.
        "product_influence" => cases(book, vec![(vec![yes(Role::DesignPartner)], 1.0)]),
        "reference_value" => cases(
            book,
            vec![
                (vec![yes(Role::CaseStudy)], 1.0),
                (vec![yes(Role::Reference)], 1.0),
                (vec![at_least(Role::Nps, 50.0), at_least(Role::Health, 80.0)], 0.6),
                (vec![at_least(Role::Nps, 30.0)], 0.2),
            ],
        ),
        "regulatory_exposure" => cases(
            book,
            vec![(vec![yes(Role::Regulated)], 1.0), (vec![regulated_industry()], 0.6)],
        ),
        _ => None,
    }
}

/// The columns that would feed a factor of the starter rubric, for saying what is missing.
pub fn feeders(factor: &str) -> &'static str {
    match factor {
        "strategic_logo" => "logo_tier",
        "expansion_potential" => "seats_used and seats_licensed, or tam",
        "product_influence" => "design_partner",
        "reference_value" => "case_study, reference or nps",
        "regulatory_exposure" => "regulated or industry",
        _ => "a signal of your own",
    }
}

/// The eight canonical flags (M15) with what each unlocks.
pub const FLAGS: [(&str, &str); 8] = [
    ("strategic_champion", "advocacy programme, early features, speaker bureau"),
    ("expansion_ready", "quarterly expansion review, AE and CSM paired"),
    ("regulated_industry", "compliance artifacts, audit SLA, security review"),
    ("design_partner", "roadmap input, monthly product touchpoint, beta access"),
    ("at_risk_retention", "retention playbook, executive sponsor, discount desk"),
    ("reference_account", "sales routing, quarterly hygiene check"),
    ("m_and_a_transition", "transition playbook, legal novation"),
    ("multi_product", "cross-sell hygiene, one QBR for all products"),
];

/// The default trigger of a canonical flag (S8), over the columns that the book has.
pub fn trigger(flag: &str, book: &dyn Known) -> Option<When> {
    let conditions = match flag {
        "strategic_champion" if book.holds_dates(Role::CaseStudy) => {
            vec![Condition::new("role:case_study", Op::Ge, Some("as_of-365d".into()))]
        }
        "strategic_champion" => vec![yes(Role::CaseStudy)],
        "expansion_ready" => vec![above(Role::SeatUtilization, 0.8)],
        "regulated_industry" => vec![yes(Role::Regulated), regulated_industry()],
        "design_partner" => vec![yes(Role::DesignPartner)],
        "at_risk_retention" => vec![below(Role::Health, 60.0), at_least(Role::ChurnRisk, 0.5)],
        "reference_account" => vec![yes(Role::Reference)],
        "m_and_a_transition" => [Role::Status, Role::Tags]
            .map(|role| {
                let words = ["m&a", "merger", "merging with", "acquired by", "being acquired"]
                    .map(Literal::from)
                    .to_vec();
                Condition::new(&format!("role:{role}"), Op::Contains, Some(Literal::List(words)))
            })
            .to_vec(),
        "multi_product" => vec![above(Role::ProductCount, 1.0)],
        _ => Vec::new(),
    };
    let fed: Vec<Condition> = conditions.into_iter().filter(|c| reads_known(c, book)).collect();
    (!fed.is_empty()).then_some(When::Any(fed))
}

/// Shares of accounts and of ARR that rule `arr` aims at (K5), as (from, to).
pub fn share_ranges(tier: Tier) -> ((f64, f64), (f64, f64)) {
    match tier {
        Tier::HighTouch => ((0.05, 0.10), (0.50, 0.60)),
        Tier::MidTouch => ((0.20, 0.30), (0.30, 0.40)),
        Tier::TechTouch => ((0.30, 0.40), (0.10, 0.20)),
        Tier::Plg => ((0.30, 0.40), (0.05, 0.10)),
    }
}

/// ARR per CSM in major units that the sources aim at (K15; H63 for the whole team), as (from, to).
pub fn arr_per_csm_range(tier: Tier) -> Option<(f64, f64)> {
    match tier {
        Tier::HighTouch => Some((0.0, 500_000.0)),
        Tier::MidTouch => Some((1_000_000.0, 2_000_000.0)),
        Tier::TechTouch => Some((2_000_000.0, 5_000_000.0)),
        Tier::Plg => None,
    }
}

/// ARR per CSM over the whole book that H63 aims at, in major units.
pub const ARR_PER_CSM_ALL: (f64, f64) = (2_000_000.0, 5_000_000.0);

/// Something that a motion does for an account, again and again.
pub struct Touch {
    /// What, as the model's `capacity.minutes` calls it.
    pub code: &'static str,
    /// How often in a year.
    pub per_year: u32,
    /// Minutes each time, with preparation, unless the team says otherwise.
    pub minutes: f64,
}

/// What the motion of a tier does in a year (K10–K13). The sources say how often; how long is an assumption to edit.
pub fn touches(tier: Tier) -> &'static [Touch] {
    const fn touch(code: &'static str, per_year: u32, minutes: f64) -> Touch {
        Touch { code, per_year, minutes }
    }
    const HIGH_TOUCH: [Touch; 3] = [
        touch("business_review", 12, 90.0),
        touch("qbr", 4, 240.0),
        touch("sponsor_call", 2, 60.0),
    ];
    const MID_TOUCH: [Touch; 2] = [touch("check_in", 6, 45.0), touch("qbr", 2, 240.0)];
    const TECH_TOUCH: [Touch; 1] = [touch("email_qbr", 4, 15.0)];
    match tier {
        Tier::HighTouch => &HIGH_TOUCH,
        Tier::MidTouch => &MID_TOUCH,
        Tier::TechTouch => &TECH_TOUCH,
        Tier::Plg => &[],
    }
}

fn logo_scores() -> [(&'static str, f64); 13] {
    [
        ("a", 1.0),
        ("b", 0.6),
        ("c", 0.3),
        ("1", 1.0),
        ("2", 0.6),
        ("3", 0.3),
        ("yes", 1.0),
        ("y", 1.0),
        ("true", 1.0),
        ("tier 1", 1.0),
        ("tier 2", 0.6),
        ("tier 3", 0.3),
        ("no", 0.0),
    ]
}

fn cases(book: &dyn Known, cases: Vec<(Vec<Condition>, f64)>) -> Option<Signal> {
    let fed: Vec<Case> = cases
        .into_iter()
        .filter(|(when, _)| when.iter().all(|c| reads_known(c, book)))
        .map(|(when, score)| Case { when, score })
        .collect();
    (!fed.is_empty()).then_some(Signal::Cases {
        cases: fed,
        otherwise: 0.0,
        blank: None,
    })
}

fn reads_known(condition: &Condition, book: &dyn Known) -> bool {
    let role = condition.column.strip_prefix("role:").and_then(Role::parse);
    role.is_some_and(|role| book.has(role))
}

fn yes(role: Role) -> Condition {
    Condition::new(&format!("role:{role}"), Op::Eq, Some(Literal::Bool(true)))
}

fn at_least(role: Role, value: f64) -> Condition {
    Condition::new(&format!("role:{role}"), Op::Ge, Some(Literal::Number(value)))
}

fn above(role: Role, value: f64) -> Condition {
    Condition::new(&format!("role:{role}"), Op::Gt, Some(Literal::Number(value)))
}

fn below(role: Role, value: f64) -> Condition {
    Condition::new(&format!("role:{role}"), Op::Lt, Some(Literal::Number(value)))
}

fn regulated_industry() -> Condition {
    Condition::new(
        "role:industry",
        Op::In,
        Some(Literal::List(REGULATED.map(Literal::from).to_vec())),
    )
}
