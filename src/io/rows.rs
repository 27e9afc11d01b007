//! One row at a time: who it is, what it pays, and whether it is an account at all (S1, S2).

use jiff::civil::Date;

use super::answers::{self, BLANK_ARR, LEFT_BUT_LIVE};
use super::arr::{self, ArrFrom};
use super::codes::Codes;
use super::columns::Inferred;
use super::dictionary::{in_cents, is_footer, is_total, says_left};
use super::draft::Draft;
use super::joins::{Line, NOT_STARTED, Standing, State};
use super::quoted;
use crate::model::format::Formats;
use crate::model::load::{LoadPlan, Reason};
use crate::model::role::Role;
use crate::model::table::Table;
use crate::model::values::{self, DateStyle, present, trim};
use crate::parallel;

/// Reads every row that holds anything, in file order.
pub(crate) fn read<'t>(
    table: &'t Table,
    inferred: &Inferred,
    from: ArrFrom,
    standing: Standing,
    plan: &LoadPlan,
    codes: &mut Codes,
) -> Vec<Draft<'t>> {
    let reader = Reader::new(table, inferred, from, standing, plan);
    // A column of currencies may hold anything, and which of its many texts get a number hangs on all rows before.
    let stated = reader.standing.currency.or(reader.currency).is_some();
    let least = if stated { usize::MAX } else { parallel::LEAST };
    let filled = |row: &usize| table.row(*row).any(|cell| !trim(cell).is_empty());
    let parts = parallel::in_parts(table.n_rows(), least, |rows| {
        let mut codes = Codes::default();
        let drafts: Vec<Draft> = rows.filter(filled).map(|row| reader.draft(row, &mut codes)).collect();
        (drafts, codes)
    });
    let named = |(mut part, named): (Vec<Draft<'t>>, Codes)| {
        // Currencies are numbered in the order in which rows name them; one that none names has its number.
        if named.len() > 0 {
            let entries = codes.take_in(&named);
            for draft in &mut part {
                draft.currency = entries.get(usize::from(draft.currency)).copied().unwrap_or(draft.currency);
            }
        }
        part
    };
    let mut drafts = parallel::joined_up(parts.into_iter().map(named).collect());
    reader.footers(&mut drafts);
    drafts
}

/// Puts what subscription rows are worth a year in place of the amounts as they stand; what is not live is set aside.
pub(crate) fn roll_up(drafts: &mut [Draft], lines: &[Line], codes: &mut Codes) {
    for draft in drafts.iter_mut() {
        let fate = draft.fate;
        if matches!(fate, Some(Reason::NotARow | Reason::Deleted)) {
            continue;
        }
        let Some(line) = lines.get(draft.row) else { continue };
        draft.cents = line.cents;
        if let Some(code) = &line.currency {
            draft.currency = codes.named(code);
        }
        draft.not_started = line.state == State::Out(NOT_STARTED);
        (draft.fate, draft.note) = match (line.state, line.cents) {
            (State::Out(reason), _) => (Some(Reason::Churned), format!("subscription: {reason}")),
            (State::Trial, _) => {
                draft.cents = Some(0);
                (None, String::new())
            }
            (State::Live, None) => (Some(Reason::UnparseableArr), "amount or interval cannot be read".into()),
            (State::Live, Some(cents)) if cents < 0 => (Some(Reason::NegativeArr), String::new()),
            (State::Live, Some(_)) => (None, String::new()),
        };
    }
}

/// `$1` before `795.00` in a row with a cell too many: an amount whose comma was taken for a delimiter.
fn cut_at_comma(text: &str, next: &str) -> bool {
    let digits = text.trim_start_matches(|c: char| !c.is_ascii_digit());
    let head = (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    let (whole, rest) = next.trim().split_once('.').unwrap_or((next.trim(), ""));
    let tail = whole.len() == 3 && rest.len() <= 2 && whole.bytes().chain(rest.bytes()).all(|b| b.is_ascii_digit());
    head && tail
}

fn is_half_of_amount(table: &Table, row: usize, column: usize) -> bool {
    let next = match column + 1 == table.n_read() {
        true => table.surplus(row).1,
        false => table.cell(row, column + 1),
    };
    column < table.n_read() && cut_at_comma(trim(table.cell(row, column)), next)
}

/// How many blank cells at the end of a row are a habit of the file; none where amounts that were cut explain them.
fn usual_surplus(table: &Table, inferred: &Inferred) -> usize {
    let usual = table.usual_surplus();
    if usual == 0 {
        return 0;
    }
    let amounts = [Role::Arr, Role::Mrr, Role::CommittedArr, Role::Tcv];
    let columns: Vec<usize> = amounts
        .iter()
        .filter_map(|role| inferred.roles.get(role))
        .map(|found| found.column)
        .collect();
    let as_usual = || (0..table.n_rows()).filter(|row| table.surplus(*row).0 == usual);
    let cut = as_usual().filter(|row| columns.iter().any(|column| is_half_of_amount(table, *row, *column)));
    if cut.count() * 2 > as_usual().count() { 0 } else { usual }
}

struct Reader<'t, 'i> {
    table: &'t Table,
    id: Option<usize>,
    name: Option<usize>,
    arr: Option<usize>,
    mrr: Option<usize>,
    committed: Option<usize>,
    /// Value and term, where ARR comes from them.
    contract: Option<(usize, usize)>,
    blank_is_zero: bool,
    currency: Option<usize>,
    status: Option<usize>,
    /// How an account's joined subscriptions stand: they decide over any flag.
    standing: Standing,
    /// Marks of having left count where subscriptions are live.
    marks_win: bool,
    churned: Option<(usize, DateStyle)>,
    deleted: Option<(usize, DateStyle)>,
    in_cents: [bool; 3],
    /// Blank cells at the end of a row that say nothing: most rows have as many.
    usual_surplus: usize,
    formats: &'i Formats,
    as_of: Date,
    keep_churned: bool,
    not_customers: &'i [String],
}

/// An amount that was read, or the text that is none.
enum Cell<'t> {
    Blank,
    Amount { cents: i64, currency: u16, committed: bool },
    Unreadable(&'t str, &'static str),
}

impl<'t, 'i> Reader<'t, 'i> {
    fn new(table: &'t Table, inferred: &'i Inferred, from: ArrFrom, standing: Standing, plan: &'i LoadPlan) -> Self {
        let Inferred { roles, formats, .. } = inferred;
        let in_answer = arr::unit_answered(table, inferred);
        let of = |role: Role| roles.get(&role).map(|c| c.column);
        let dated = |role: Role| of(role).map(|column| (column, formats.dates(column, || table.counted(column))));
        let cents = |role: Role| {
            // What was worked out from a joined file is in whole units already.
            let header = of(role).filter(|c| *c < table.n_read()).and_then(|c| table.headers().get(c));
            match plan.answers.get("arr_unit").map(String::as_str) {
                Some(answer) if in_answer.contains(&role) => header.is_some() && answer == "cents",
                _ => header.is_some_and(|h| in_cents(h)),
            }
        };
        Reader {
            table,
            id: of(Role::Id),
            name: of(Role::Name),
            arr: of(Role::Arr),
            mrr: of(Role::Mrr),
            committed: of(Role::CommittedArr),
            contract: (from == ArrFrom::ContractOverTerm)
                .then(|| of(Role::Tcv).zip(of(Role::TermMonths)))
                .flatten(),
            blank_is_zero: answers::is(plan, BLANK_ARR, "zero"),
            currency: of(Role::Currency),
            status: of(Role::Status),
            standing,
            marks_win: answers::is(plan, LEFT_BUT_LIVE, "set_aside"),
            churned: dated(Role::Churned),
            deleted: dated(Role::Deleted),
            in_cents: [cents(Role::Arr), cents(Role::Mrr), cents(Role::CommittedArr)],
            usual_surplus: usual_surplus(table, inferred),
            formats,
            as_of: plan.as_of,
            keep_churned: plan.keep_churned,
            not_customers: &plan.not_customers,
        }
    }

    fn cell(&self, row: usize, column: Option<usize>) -> &'t str {
        column.and_then(|column| present(self.table.cell(row, column))).unwrap_or("")
    }

    fn draft(&self, row: usize, codes: &mut Codes) -> Draft<'t> {
        let (id, name) = (self.cell(row, self.id), self.cell(row, self.name));
        let mut draft = Draft {
            row,
            id,
            name,
            cents: None,
            currency: 0,
            committed: false,
            fate: None,
            note: String::new(),
            not_started: false,
            left_but_live: None,
        };
        if let Some(what) = self.no_account(row, id, name) {
            draft.set_aside(Reason::NotARow, what.into());
            return draft;
        }
        let mark = self.marked(row);
        let state = self.cell(row, self.standing.state);
        if state == "live" && !self.marks_win {
            draft.left_but_live = mark.as_ref().map(|(column, _)| *column);
        }
        let left = match state {
            "live" if self.marks_win => mark.map(|(_, note)| note),
            "live" | "trial" => None,
            NOT_STARTED => Some(format!("not started: its subscriptions begin after {}", self.as_of)),
            "ended" => Some("no subscription is live".into()),
            _ => mark.map(|(_, note)| note),
        };
        let amount = self.amount(row, left.is_some(), codes);
        if let Cell::Amount {
            cents,
            currency,
            committed,
        } = amount
        {
            (draft.cents, draft.currency, draft.committed) = (Some(cents), currency, committed);
        }
        if self.is_set(row, self.deleted) {
            draft.set_aside(Reason::Deleted, String::new());
        } else if self.is_no_customer(row) {
            draft.set_aside(
                Reason::NotCustomer,
                format!("status: {}", quoted(self.cell(row, self.status))),
            );
        } else if let Some(note) = left.filter(|_| !self.keep_churned) {
            draft.set_aside(Reason::Churned, note);
            draft.not_started = state == NOT_STARTED;
        } else {
            match amount {
                Cell::Blank => draft.set_aside(Reason::MissingArr, String::new()),
                Cell::Unreadable(text, why) => draft.set_aside(Reason::UnparseableArr, format!("{} {why}", quoted(text))),
                Cell::Amount { cents, .. } if cents < 0 => draft.set_aside(Reason::NegativeArr, String::new()),
                Cell::Amount { .. } => {}
            }
        }
        draft
    }

    /// ARR, else 12 × MRR; where that is blank or zero, committed ARR of an account that has not left (M1).
    fn amount(&self, row: usize, left: bool, codes: &mut Codes) -> Cell<'t> {
        let [arr_cents, mrr_cents, committed_cents] = self.in_cents;
        let mut read = match self.contract {
            Some((value, term)) => self.over_term(row, value, term, codes),
            None => self.one_amount(row, self.arr, 1, arr_cents, codes),
        };
        if matches!(read, Cell::Blank) {
            read = self.one_amount(row, self.mrr, 12, mrr_cents, codes);
        }
        let nothing_live = matches!(read, Cell::Blank | Cell::Amount { cents: 0, .. });
        if nothing_live && !left {
            match self.one_amount(row, self.committed, 1, committed_cents, codes) {
                Cell::Blank | Cell::Amount { cents: 0, .. } => {}
                Cell::Amount { cents, currency, .. } => {
                    return Cell::Amount {
                        cents,
                        currency,
                        committed: true,
                    };
                }
                unreadable if matches!(read, Cell::Blank) => return unreadable,
                Cell::Unreadable(..) => {}
            }
        }
        if self.blank_is_zero && matches!(read, Cell::Blank) && !left {
            return Cell::Amount {
                cents: 0,
                currency: Codes::BARE,
                committed: false,
            };
        }
        read
    }

    /// The value of a contract, twelve months of its term, rounded half up to the cent.
    fn over_term(&self, row: usize, value: usize, term: usize, codes: &mut Codes) -> Cell<'t> {
        let whole = self.one_amount(row, Some(value), 12, false, codes);
        let Cell::Amount { cents, currency, .. } = whole else {
            return whole;
        };
        let text = self.cell(row, Some(term));
        match values::term_months(text) {
            Some(months) => Cell::Amount {
                cents: (cents + months / 2) / months,
                currency,
                committed: false,
            },
            None => Cell::Unreadable(text, "is no term in months"),
        }
    }

    fn one_amount(&self, row: usize, column: Option<usize>, times: i64, in_cents: bool, codes: &mut Codes) -> Cell<'t> {
        let text = self.cell(row, column);
        if text.is_empty() {
            return Cell::Blank;
        }
        if column.is_some_and(|column| self.is_cut(row, column)) {
            return Cell::Unreadable(text, "is cut at a comma: amounts with thousands separators need quotes");
        }
        let decimal = column.map_or_else(Default::default, |column| {
            self.formats.decimal(column, || self.table.counted(column))
        });
        let Some(amount) = decimal.money(text) else {
            return Cell::Unreadable(text, "is no amount that can be read");
        };
        // `12345` in a column of cents was read as 12345 whole units.
        let cents = if in_cents { amount.cents / 100 } else { amount.cents };
        let Some(cents) = cents.checked_mul(times) else {
            return Cell::Unreadable(text, "is too large");
        };
        let joined = column.is_some_and(|column| column >= self.table.n_read());
        let stated = self.cell(row, self.standing.currency.filter(|_| joined).or(self.currency));
        let currency = match (stated, amount.currency) {
            ("", Some(code)) => codes.named(code),
            ("", None) if text.contains('$') => Codes::DOLLAR,
            ("", None) => Codes::BARE,
            (stated, None) => codes.named(stated),
            (stated, Some(code)) => {
                let named = codes.named(stated);
                if named != codes.named(code) {
                    return Cell::Unreadable(text, "names another currency than its row");
                }
                named
            }
        };
        Cell::Amount {
            cents,
            currency,
            committed: false,
        }
    }

    /// Whether an amount lost what follows its comma to the next cell, which then made the row longer.
    fn is_cut(&self, row: usize, column: usize) -> bool {
        let (surplus, first) = self.table.surplus(row);
        let longer = surplus > self.usual_surplus || !trim(first).is_empty();
        longer && is_half_of_amount(self.table, row, column)
    }

    /// The column that marks the account as left at `as_of`, if one does, and in which words.
    fn marked(&self, row: usize) -> Option<(usize, String)> {
        if let Some((column, _)) = self.churned
            && self.is_set(row, self.churned)
        {
            return Some((column, format!("churned: {}", quoted(self.cell(row, Some(column))))));
        }
        let status = self.cell(row, self.status);
        let marked = self.status.filter(|_| says_left(status))?;
        Some((marked, format!("status: {}", quoted(status))))
    }

    /// Whether the team has said that accounts of this status are no customers.
    fn is_no_customer(&self, row: usize) -> bool {
        let status = self.cell(row, self.status);
        let is_it = |text: &String| !status.is_empty() && text.trim().to_lowercase() == status.to_lowercase();
        self.not_customers.iter().any(is_it)
    }

    /// Yes, or a date that has come.
    fn is_set(&self, row: usize, flag: Option<(usize, DateStyle)>) -> bool {
        let Some((column, order)) = flag else { return false };
        let cell = self.cell(row, Some(column));
        if cell.is_empty() {
            return false;
        }
        values::truthy(cell)
            .unwrap_or_else(|| values::date(cell, order).map_or_else(|| says_left(cell), |date| date <= self.as_of))
    }

    /// Repeated headers and totals.
    fn no_account(&self, row: usize, id: &str, name: &str) -> Option<&'static str> {
        let label = [id, name].into_iter().find(|l| !l.is_empty());
        let label = label.or_else(|| self.table.row(row).find_map(present)).unwrap_or("");
        if is_total(label) && self.texts(row) <= 2 {
            return Some("a total");
        }
        if self.is_alone(row) && is_footer(label) {
            return Some("a footer");
        }
        let headers = self.table.headers();
        let same = |cell: &str, header: &String| present(cell).is_none_or(|text| text.eq_ignore_ascii_case(header));
        let repeats =
            headers.iter().any(|h| h.eq_ignore_ascii_case(label)) && self.table.row(row).zip(headers).all(|(c, h)| same(c, h));
        repeats.then_some("the header again")
    }

    /// Whether one cell of the row is filled and no more.
    fn is_alone(&self, row: usize) -> bool {
        let mut filled = self.table.row(row).filter_map(present);
        filled.next().is_some() && filled.next().is_none()
    }

    /// Filled cells that are no numbers: a firm called Total has more of them than a total has.
    fn texts(&self, row: usize) -> usize {
        self.table
            .row(row)
            .filter_map(present)
            .filter(|cell| !values::is_number(cell))
            .count()
    }

    /// Lines at the end with one filled cell, and an unlabelled sum of all amounts.
    fn footers(&self, drafts: &mut [Draft]) {
        const COLUMNS_MIN: usize = 3; // in a narrower table one filled cell is an ordinary row without an amount
        const LINES_MAX: usize = 10; // more of them are a list of accounts without amounts
        if self.table.n_columns() < COLUMNS_MIN {
            return;
        }
        let alone = |d: &&Draft| d.fate == Some(Reason::NotARow) || self.is_alone(d.row);
        let lines = drafts.iter().rev().take(LINES_MAX + 1).take_while(alone).count();
        if lines > LINES_MAX || lines == drafts.len() {
            return;
        }
        for at in (drafts.len() - lines..drafts.len()).rev() {
            let (before, rest) = drafts.split_at_mut(at);
            let Some(draft) = rest.first_mut().filter(|d| d.fate != Some(Reason::NotARow)) else {
                continue;
            };
            let sum = |all: bool| {
                before
                    .iter()
                    .filter(|d| all || d.fate.is_none())
                    .filter_map(|d| d.cents)
                    .map(i128::from)
                    .sum::<i128>()
            };
            match draft.cents.map(i128::from) {
                Some(cents) if cents != sum(true) && cents != sum(false) => return,
                Some(_) => draft.set_aside(Reason::NotARow, "the sum of the rows above".into()),
                None => draft.set_aside(Reason::NotARow, "a footer".into()),
            }
            draft.cents = None;
        }
    }
}

#[cfg(test)]
mod tests;
