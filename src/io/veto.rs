//! Whether the values of a column let it play a role: a header says what a column should be, its cells what it is.

use super::dictionary::{self, Match};
use super::quoted;
use super::sample::Sample;
use crate::model::role::Role;
use crate::model::values;

/// The reason why rounded ids are no ids.
pub(super) const DESTROYED: &str = "a spreadsheet has rounded the ids";

/// Why the values of a column cannot play the role that its header suggests; `None` when they can.
pub(super) fn veto(sample: &Sample, role: Role, how: Match) -> Option<String> {
    if sample.rows == 0 {
        return None;
    }
    let is_date = |c: &str| sample.is_date(c);
    let is_number = values::is_number;
    let is_flag = |c: &str| values::truthy(c).is_some();
    let example = sample.cells.first().map(|c| quoted(c)).unwrap_or_default();
    let unless = |ok: bool, what: &str| (!ok).then(|| format!("most cells are no {what}, such as {example}"));
    match role {
        Role::Id if sample.cells.len() * 2 < sample.rows => Some("most cells are blank".into()),
        Role::Id if sample.mostly(rounded_id) => Some(DESTROYED.into()),
        // `account` says nothing of ids: its cells have to.
        Role::Id if how == Match::Weak => unless(sample.looks_like_ids(), "ids"),
        Role::Arr | Role::Mrr if sample.cells.is_empty() => Some("the column is empty".into()),
        Role::Arr | Role::Mrr | Role::CommittedArr | Role::Tcv | Role::Tam => {
            let wrong = sample
                .cells
                .iter()
                .find(|c| !values::is_amount(c))
                .copied()
                .unwrap_or_default();
            let ok = sample.mostly(values::is_amount);
            (!ok).then(|| format!("most cells are no amounts that can be read, such as {}", quoted(wrong)))
        }
        Role::Health
        | Role::ChurnRisk
        | Role::Usage
        | Role::UsageTrend
        | Role::Adoption
        | Role::Tickets
        | Role::Csat
        | Role::Nps => unless(sample.mostly(is_number), "numbers"),
        Role::SeatsLicensed | Role::SeatsUsed | Role::SeatUtilization | Role::ProductCount => {
            unless(sample.mostly(is_number), "numbers")
        }
        Role::TermMonths => unless(sample.mostly(|c| values::term_months(c).is_some()), "terms in months"),
        Role::FeatureRequests | Role::Teams => unless(sample.mostly(is_number), "numbers"),
        Role::CompanyGrowth | Role::ApiGrowth | Role::Escalations => {
            unless(sample.mostly(|c| is_number(c) || is_flag(c)), "numbers")
        }
        Role::Created | Role::Renewal | Role::Modified => unless(sample.mostly(is_date), "dates"),
        Role::Kickoff | Role::GoLive => unless(sample.mostly(|c| is_flag(c) || is_date(c)), "dates or yes and no"),
        Role::Churned | Role::Deleted => unless(
            sample.mostly(|c| is_flag(c) || is_date(c) || dictionary::says_left(c) || dictionary::says_here(c)),
            "dates or yes and no",
        ),
        Role::Status | Role::Segment | Role::Industry | Role::Plan => {
            unless(sample.cells.is_empty() || !sample.mostly(is_date), "words")
        }
        _ => None,
    }
}

/// `7.00000E+15`: digits are gone.
fn rounded_id(cell: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let parts = cell
        .split_once(['E', 'e'])
        .and_then(|(mantissa, power)| Some((mantissa, power.strip_prefix('+')?)));
    parts.is_some_and(|(mantissa, power)| {
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
        whole.len() == 1 && digits(whole) && digits(fraction) && digits(power)
    })
}
