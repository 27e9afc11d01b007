//! Readiness to expand as data: the five factors with what each looks for (K9, S14).

use super::health::YES;
use super::role::Role;
use super::signal::{Case, Condition, Literal, Op, Signal};

/// The five factors, in the order of every list.
pub const FACTORS: [&str; 5] = [
    "seat_utilization",
    "feature_requests",
    "company_growth",
    "multi_team",
    "api_growth",
];

/// How ready an account is, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Three hits or more.
    High,
    /// One or two.
    Medium,
    /// None.
    Low,
}

impl Level {
    /// All levels.
    pub const ALL: [Level; 3] = [Level::High, Level::Medium, Level::Low];

    /// The code: `high`.
    pub fn code(self) -> &'static str {
        match self {
            Level::High => "high",
            Level::Medium => "medium",
            Level::Low => "low",
        }
    }
}

/// Seats in use over seats sold above which an account is ready (K9; K11 starts at 0.70).
const SEATS_READY: f64 = 0.80;
/// Requests for features of a higher plan (K9).
const REQUESTS: f64 = 3.0;
/// Growth of the company and of API use: the sources give no number, a tenth and a quarter are ours to edit.
const COMPANY_GROWTH: f64 = 0.10;
const API_GROWTH: f64 = 0.25;

/// The default signal of a factor: it hits from a score of 0.5 on.
pub fn signal(factor: &str) -> Option<Signal> {
    Some(match factor {
        "seat_utilization" => hit(vec![above(Role::SeatUtilization, Op::Gt, SEATS_READY)]),
        "feature_requests" => hit(vec![above(Role::FeatureRequests, Op::Ge, REQUESTS)]),
        "company_growth" => growth(Role::CompanyGrowth, COMPANY_GROWTH),
        "multi_team" => hit(vec![above(Role::Teams, Op::Gt, 1.0)]),
        "api_growth" => growth(Role::ApiGrowth, API_GROWTH),
        _ => return None,
    })
}

/// What a factor looks for by default, in words (X16: the seat signal is read the other way round elsewhere).
pub fn looks_for(factor: &str) -> &'static str {
    match factor {
        "seat_utilization" => "seats used over seats sold above 80%",
        "feature_requests" => "3 or more requests for features of a higher plan",
        "company_growth" => "the company grows by 10% or more, or a yes",
        "multi_team" => "more than one team uses the product",
        "api_growth" => "API use grows by 25% or more, or a yes",
        _ => "a signal of your own",
    }
}

/// What would feed a factor.
pub fn feeders(factor: &str) -> &'static str {
    match factor {
        "seat_utilization" => "seats_used and seats_licensed",
        "feature_requests" => "feature_requests",
        "company_growth" => "company_growth",
        "multi_team" => "teams",
        "api_growth" => "api_growth",
        _ => "a signal of your own",
    }
}

fn hit(when: Vec<Condition>) -> Signal {
    cases(vec![(when, 1.0)])
}

/// A number from `enough` on, or a plain yes: `flat` and `declining` are none.
fn growth(role: Role, enough: f64) -> Signal {
    const SAYS: [&str; 6] = ["growing", "grows", "up", "spike", "spiking", "rising"];
    let column = format!("role:{role}");
    let words = YES.iter().filter(|word| **word != "1").chain(&SAYS);
    let yes = Condition::new(
        &column,
        Op::In,
        Some(Literal::List(words.map(|word| Literal::from(*word)).collect())),
    );
    cases(vec![(vec![above(role, Op::Ge, enough)], 1.0), (vec![yes], 1.0)])
}

fn above(role: Role, op: Op, number: f64) -> Condition {
    Condition::new(&format!("role:{role}"), op, Some(Literal::Number(number)))
}

fn cases(cases: Vec<(Vec<Condition>, f64)>) -> Signal {
    Signal::Cases {
        cases: cases.into_iter().map(|(when, score)| Case { when, score }).collect(),
        otherwise: 0.0,
        blank: None,
    }
}
