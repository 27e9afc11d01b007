//! How well the values of a column fit its role: what they show in a few words, and how much that moves the confidence.

use super::dictionary::says_left;
use super::quoted;
use super::sample::Sample;
use crate::model::money::grouped;
use crate::model::role::Role;
use crate::model::values::{self, currency_code};

/// What the values of a column say about it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fit {
    /// Added to the confidence that the header gives.
    pub(super) shift: f64,
    /// `220 amounts`.
    pub(super) words: String,
}

/// As sure as the header alone, and a little more.
const WELL: f64 = 0.01;
/// Less than the step from a role's own name to a vendor's name for it.
const BADLY: f64 = -0.05;
/// More than that step: another column with a weaker header comes first.
const WRONG: f64 = -0.25;

/// How the values fit the role.
pub(super) fn fit(sample: &Sample, role: Role) -> Fit {
    if sample.cells.is_empty() {
        let words = if sample.rows == 0 { "" } else { "no cell is filled" };
        return Fit {
            shift: 4.0 * BADLY,
            words: words.into(),
        };
    }
    match role {
        Role::Id => ids(sample),
        Role::Name => names(sample),
        Role::Currency => currencies(sample),
        Role::Arr | Role::Mrr | Role::CommittedArr | Role::Tcv | Role::Tam => {
            kind(sample, sample.count(values::is_amount), "amount", "amounts")
        }
        Role::Health
        | Role::ChurnRisk
        | Role::Usage
        | Role::UsageTrend
        | Role::Adoption
        | Role::Csat
        | Role::Nps
        | Role::SeatUtilization => scaled(sample),
        Role::CompanyGrowth | Role::ApiGrowth if sample.cells.iter().any(|c| values::is_number(c)) => scaled(sample),
        Role::Tickets | Role::SeatsLicensed | Role::SeatsUsed | Role::ProductCount | Role::FeatureRequests | Role::Teams => {
            kind(sample, sample.count(values::is_number), "number", "numbers")
        }
        Role::Created | Role::Renewal | Role::Modified => kind(sample, sample.count(|c| sample.is_date(c)), "date", "dates"),
        Role::TermMonths => kind(sample, sample.count(|c| values::term_months(c).is_some()), "term", "terms"),
        Role::Churned
        | Role::Deleted
        | Role::ExecAccess
        | Role::CompanyGrowth
        | Role::ApiGrowth
        | Role::Kickoff
        | Role::GoLive
        | Role::Escalations
        | Role::CaseStudy
        | Role::Reference
        | Role::DesignPartner
        | Role::Regulated => flags(sample),
        Role::Status | Role::Segment | Role::Plan | Role::CurrentTier | Role::Industry | Role::Owner => words(sample),
        Role::LogoTier | Role::Parent | Role::Products | Role::Tags | Role::Champion => Fit {
            shift: 0.0,
            words: said(sample, &different(sample)),
        },
    }
}

/// Confidence is shown in whole percent.
pub(super) fn rounded(confidence: f64) -> f64 {
    (confidence.clamp(0.01, 0.99) * 100.0).round() / 100.0
}

/// `220 unique ids`, and whose they are.
pub(super) fn ids(sample: &Sample) -> Fit {
    const FEW: usize = 4;
    let (filled, different) = (sample.cells.len(), sample.different());
    let shape = sample.shape();
    let whose = shape.map(|shape| format!(" ({})", shape.whose)).unwrap_or_default();
    let repeat = filled >= FEW && different * 2 < filled;
    let shift = match shape.and_then(|shape| shape.of_accounts) {
        Some(false) => WRONG,
        _ if repeat => BADLY,
        Some(true) => 5.0 * WELL,
        _ if different == filled => WELL,
        _ => 0.0,
    };
    let what = match () {
        () if shift == WRONG => format!("ids of something else{whose}"),
        () if filled == 1 => format!("1 id{whose}"),
        () if different == filled => format!("{} unique ids{whose}", grouped(filled as u64)),
        () => format!(
            "{} different ids{whose} in {} cells",
            grouped(different as u64),
            grouped(filled as u64)
        ),
    };
    Fit {
        shift,
        words: said(sample, &what),
    }
}

fn names(sample: &Sample) -> Fit {
    let filled = sample.cells.len();
    // One account may be called `42`.
    let numbers = filled > 1 && sample.all(values::is_number);
    let (shift, what) = match sample.shape() {
        Some(shape) => (WRONG, format!("ids and no names ({})", shape.whose)),
        None if numbers => (WRONG, "all numbers".into()),
        None if sample.different() == filled => (WELL, format!("{} different", grouped(filled as u64))),
        None => (0.0, different(sample)),
    };
    Fit {
        shift,
        words: said(sample, &what),
    }
}

fn currencies(sample: &Sample) -> Fit {
    let odd = sample.cells.iter().find(|cell| currency_code(cell).is_none());
    let (shift, what) = match odd {
        None if sample.different() == 1 => (
            WELL,
            format!("all {}", sample.cells.first().map(|c| quoted(c)).unwrap_or_default()),
        ),
        None => (WELL, format!("{} currency codes", grouped(sample.different() as u64))),
        Some(odd) => (3.0 * BADLY, format!("{} is no currency code", quoted(odd))),
    };
    Fit {
        shift,
        words: said(sample, &what),
    }
}

/// Yes and no, dates, or words.
fn flags(sample: &Sample) -> Fit {
    let filled = sample.cells.len();
    if sample.all(|c| values::truthy(c).is_some()) {
        return kind(sample, filled, "yes/no", "yes/no");
    }
    let dates = sample.count(|c| sample.is_date(c));
    match () {
        () if dates * 2 >= filled => kind(sample, dates, "date", "dates"),
        () if sample.all(values::is_number) => kind(sample, filled, "number", "numbers"),
        () => {
            let left = sample.count(says_left) > 0;
            Fit {
                shift: if left { WELL } else { 0.0 },
                words: said(sample, &different(sample)),
            }
        }
    }
}

/// Words that sort accounts into groups: where all differ, they sort nothing.
fn words(sample: &Sample) -> Fit {
    const MANY: usize = 20;
    let filled = sample.cells.len();
    let sorts_nothing = filled >= MANY && sample.different() == filled;
    Fit {
        shift: if sorts_nothing { 2.0 * BADLY } else { WELL },
        words: said(sample, &different(sample)),
    }
}

/// Numbers whose range is said with their scale: that they are numbers needs no words.
fn scaled(sample: &Sample) -> Fit {
    let (filled, numbers) = (sample.cells.len(), sample.count(values::is_number));
    let fit = kind(sample, numbers, "number", "numbers");
    let words = match (numbers == filled, filled < sample.rows) {
        (false, _) => fit.words,
        (true, false) => String::new(),
        (true, true) => filled_of(sample),
    };
    Fit { words, ..fit }
}

fn different(sample: &Sample) -> String {
    format!("{} different", grouped(sample.different() as u64))
}

/// Cells of one kind: `220 amounts`, or how many of the filled ones are.
fn kind(sample: &Sample, fits: usize, one: &str, many: &str) -> Fit {
    let filled = sample.cells.len();
    let shift = match () {
        () if fits * 20 >= filled * 19 => WELL,
        () if fits * 4 < filled * 3 => BADLY,
        () => 0.0,
    };
    let full = filled == sample.rows;
    let name = if fits == 1 { one } else { many };
    let count = grouped(fits as u64);
    let what = match fits == filled {
        true if full => format!("{count} {name}"),
        true => format!("all {many}"),
        false if full => format!("{count} {name} in {} cells", grouped(filled as u64)),
        false => format!("{count} {name}"),
    };
    Fit {
        shift,
        words: said(sample, &what),
    }
}

/// What was seen, after how many cells are filled where some are not.
fn said(sample: &Sample, what: &str) -> String {
    match sample.cells.len() < sample.rows {
        true => format!("{}, {what}", filled_of(sample)),
        false if sample.partial => format!("{what} in a sample"),
        false => what.to_string(),
    }
}

fn filled_of(sample: &Sample) -> String {
    let sampled = if sample.partial { " sampled cells" } else { "" };
    let (filled, rows) = (grouped(sample.cells.len() as u64), grouped(sample.rows as u64));
    format!("{filled} of {rows}{sampled} filled")
}
