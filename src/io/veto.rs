//! Whether the values of a column let it play a role: a header says what a column should be, its cells what it is.

use super::{dictionary, quoted};
use crate::model::role::Role;
use crate::model::table::Table;
use crate::model::values::{self, present};

/// The reason why rounded ids are no ids.
pub(super) const DESTROYED: &str = "a spreadsheet has rounded the ids";

/// Why the values of a column cannot play this role; `None` when they can.
pub(super) fn veto(table: &Table, role: Role, column: usize) -> Option<String> {
    let sample = Sample::of(table, column);
    if sample.rows == 0 {
        return None;
    }
    let mostly = |test: &dyn Fn(&str) -> bool| sample.cells.iter().filter(|c| test(c)).count() * 2 >= sample.cells.len();
    let dates = values::date_style(sample.cells.iter().copied());
    let is_date = |c: &str| values::date(c, dates).is_some();
    let is_number = values::is_number;
    let is_flag = |c: &str| values::truthy(c).is_some();
    let example = sample.cells.first().map(|c| quoted(c)).unwrap_or_default();
    let unless = |ok: bool, what: &str| (!ok).then(|| format!("most cells are no {what}, such as {example}"));
    match role {
        Role::Id if sample.cells.len() * 2 < sample.rows => Some("most cells are blank".into()),
        Role::Id if mostly(&rounded_id) => Some(DESTROYED.into()),
        Role::Arr | Role::Mrr if sample.cells.is_empty() => Some("the column is empty".into()),
        Role::Arr | Role::Mrr | Role::CommittedArr | Role::Tcv | Role::Tam => {
            let wrong = sample
                .cells
                .iter()
                .find(|c| !values::is_amount(c))
                .copied()
                .unwrap_or_default();
            let ok = mostly(&values::is_amount);
            (!ok).then(|| format!("most cells are no amounts that can be read, such as {}", quoted(wrong)))
        }
        Role::Health
        | Role::ChurnRisk
        | Role::Usage
        | Role::UsageTrend
        | Role::Adoption
        | Role::Tickets
        | Role::Csat
        | Role::Nps => unless(mostly(&is_number), "numbers"),
        Role::SeatsLicensed | Role::SeatsUsed | Role::SeatUtilization | Role::ProductCount => {
            unless(mostly(&is_number), "numbers")
        }
        Role::TermMonths => unless(mostly(&|c| values::term_months(c).is_some()), "terms in months"),
        Role::Escalations => unless(mostly(&|c| is_number(c) || is_flag(c)), "numbers"),
        Role::Created | Role::Renewal | Role::Modified => unless(mostly(&is_date), "dates"),
        Role::Churned | Role::Deleted => unless(mostly(&|c| is_flag(c) || is_date(c) || left(c)), "dates or yes and no"),
        Role::Status | Role::Segment | Role::Industry | Role::Plan => {
            unless(sample.cells.is_empty() || !mostly(&is_date), "words")
        }
        _ => None,
    }
}

fn left(cell: &str) -> bool {
    dictionary::says_left(cell)
        || ["active", "live", "retained", "current"]
            .iter()
            .any(|w| w.eq_ignore_ascii_case(cell))
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

/// Filled cells of a column, evenly spread over its rows.
struct Sample<'t> {
    rows: usize,
    cells: Vec<&'t str>,
}

impl<'t> Sample<'t> {
    fn of(table: &'t Table, column: usize) -> Self {
        const LOOKED_AT_MAX: usize = 2_000;
        let n = table.n_rows();
        let step = n.div_ceil(LOOKED_AT_MAX).max(1);
        let mut sample = Sample {
            rows: 0,
            cells: Vec::new(),
        };
        for row in (0..n).step_by(step) {
            sample.rows += 1;
            sample.cells.extend(present(table.cell(row, column)));
        }
        if sample.cells.is_empty() && step > 1 {
            sample
                .cells
                .extend(table.column(column).filter_map(present).take(LOOKED_AT_MAX));
        }
        sample
    }
}
