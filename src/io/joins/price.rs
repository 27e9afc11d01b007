//! What a row of subscriptions, lines or prices costs a year, by its own columns.

use serde_json::json;

use super::words;
use crate::error::{Problem, Result};
use crate::io::answers::{ARR_UNIT, QUANTITY};
use crate::io::formats;
use crate::io::{dictionary, quoted};
use crate::model::load::LoadPlan;
use crate::model::table::Table;
use crate::model::values::{self, Decimal, present};

/// What a row costs a year.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Priced {
    pub(super) cents: Option<i64>,
    pub(super) currency: Option<String>,
    /// The price list names several prices, and nothing tells which is meant.
    pub(super) open: bool,
}

/// The columns that tell what a row costs.
pub(super) struct Price<'t> {
    table: &'t Table,
    amount: Option<Amount>,
    interval: Option<usize>,
    interval_count: Option<usize>,
    quantity: Option<usize>,
    currency: Option<usize>,
    /// Prices that are paid once are no recurring revenue.
    kind: Option<usize>,
    price_id: Option<usize>,
    /// Said or known: amounts are for one unit.
    per_unit: Option<bool>,
}

#[derive(Clone, Copy)]
struct Amount {
    column: usize,
    decimal: Decimal,
    in_cents: bool,
    /// Months that the amount is for; none where an interval tells.
    months: Option<i64>,
}

impl<'t> Price<'t> {
    /// The columns by their names. Errors: `question_arr_unit`, `question_arr_dots`.
    pub(super) fn of(table: &'t Table, plan: &LoadPlan) -> Result<Price<'t>> {
        let find = |names: &[&str]| words::find(table, names);
        let interval = find(&words::INTERVAL);
        let annual = find(&words::ANNUAL).map(|column| (column, Some(12)));
        let monthly = find(&words::MONTHLY).map(|column| (column, Some(1)));
        let other = find(&words::AMOUNT)
            .filter(|column| is_amounts(table, *column))
            .map(|column| (column, None));
        let amount = match annual.or(monthly).or(other) {
            Some((column, months)) => Some(Amount {
                column,
                decimal: formats::decimal_of(table, column, plan)?,
                in_cents: in_cents(table, column, plan)?,
                months,
            }),
            None => None,
        };
        let header = amount.and_then(|amount| table.headers().get(amount.column));
        let words = header.map(|header| dictionary::header(header).words).unwrap_or_default();
        let explicit = ["unit", "price", "plan"].iter().any(|word| words.iter().any(|w| w == word)) || is_stripe(table);
        let per_unit = match plan.answers.get(QUANTITY).map(String::as_str) {
            Some(answer) => Some(answer == "per_unit"),
            None if amount.is_some_and(|amount| amount.months.is_some()) => Some(false),
            None => explicit.then_some(true),
        };
        Ok(Price {
            table,
            amount,
            interval,
            interval_count: find(&words::INTERVAL_COUNT),
            quantity: find(&words::QUANTITY),
            currency: find(&words::CURRENCY),
            kind: find(&words::PRICE_KIND),
            price_id: find(&words::PRICE_ID),
            per_unit,
        })
    }

    pub(super) fn has_amount(&self) -> bool {
        self.amount.is_some()
    }

    /// How amounts become ARR, in words.
    pub(super) fn words(&self) -> &'static str {
        match self.amount {
            Some(Amount { months: Some(12), .. }) => "as the year's amount",
            Some(Amount { months: Some(_), .. }) => "12 times the month's amount",
            _ => "amounts brought to a year by their interval",
        }
    }

    /// Stops with a question where live rows have more than one unit and nothing says what the amount is for.
    pub(super) fn check_quantity(&self, is_live: impl Fn(usize) -> bool) -> Result<()> {
        let (None, Some(quantity), Some(amount)) = (self.per_unit, self.quantity, self.amount) else {
            return Ok(());
        };
        let several = |row: &usize| self.number(*row, quantity).is_some_and(|n| n > 1) && is_live(*row);
        let Some(row) = (0..self.table.n_rows()).find(several) else {
            return Ok(());
        };
        let header = |column: usize| {
            self.table
                .headers()
                .get(column)
                .map(|header| quoted(header))
                .unwrap_or_default()
        };
        let message = format!(
            "{} of {} has quantities above 1 (first on {}): is {} for one unit or for all of them?",
            header(quantity),
            quoted(&self.table.source.path),
            self.table.place(row),
            header(amount.column)
        );
        Err(Problem::new("question_quantity", message)
            .at(format!("answers.{QUANTITY}"))
            .expected("per_unit or total")
            .fix(json!({"answers": {QUANTITY: "per_unit"}}))
            .into())
    }

    /// What the row costs a year by its own columns: amount × quantity, brought to a year, rounded half up to the cent.
    pub(super) fn own(&self, row: usize) -> Priced {
        let stated = self.currency_of(row);
        let Some(amount) = self.amount else {
            return Priced {
                currency: stated,
                ..Priced::default()
            };
        };
        let read = amount.decimal.money(self.table.cell(row, amount.column));
        let currency = stated.or_else(|| read.as_ref().and_then(|read| read.currency).map(str::to_string));
        let once = self
            .kind
            .is_some_and(|column| words::ONE_TIME.contains(&self.table.cell(row, column).to_lowercase().as_str()));
        if once {
            return Priced {
                cents: Some(0),
                currency,
                open: false,
            };
        }
        let factor = match amount.months {
            Some(months) => Some((12, months)),
            None => self.yearly(row),
        };
        let units = match self.per_unit {
            Some(true) => self.units(row),
            _ => Some(1),
        };
        let cents = read.and_then(|read| {
            // `2999` in a column of cents was read as 2999 whole units; currencies without cents count in whole units.
            let whole = currency.as_deref().is_some_and(values::has_no_cents);
            let cents = if amount.in_cents && !whole {
                read.cents / 100
            } else {
                read.cents
            };
            let (times, over) = factor?;
            let product = i128::from(cents) * i128::from(units?) * i128::from(times);
            let half = i128::from(over) / 2 * if product < 0 { -1 } else { 1 };
            i64::try_from((product + half) / i128::from(over)).ok()
        });
        Priced {
            cents,
            currency,
            open: false,
        }
    }

    /// The currency that a row names beside its amount.
    fn currency_of(&self, row: usize) -> Option<String> {
        let code = present(self.table.cell(row, self.currency?))?;
        Some(values::currency_code(code).map_or_else(|| code.to_uppercase(), str::to_string))
    }

    /// The cell of the amount, as it stands.
    pub(super) fn text_of(&self, row: usize) -> &'t str {
        self.amount.map_or("", |amount| self.table.cell(row, amount.column))
    }

    /// How often a year the interval of a row fits, as a fraction: a month twelve times, three months four.
    pub(super) fn yearly(&self, row: usize) -> Option<(i64, i64)> {
        let text = self.interval.and_then(|column| present(self.table.cell(row, column)))?;
        let count = match self.interval_count {
            Some(column) => self.number(row, column).unwrap_or(1),
            None => 1,
        };
        let (times, over) = yearly(text)?;
        (count > 0).then(|| (times, over * count))
    }

    /// The price or plan that a row names.
    pub(super) fn id_of(&self, row: usize) -> Option<&'t str> {
        present(self.table.cell(row, self.price_id?))
    }

    /// The prices or plans that rows without an amount of their own name, a row at a time.
    pub(super) fn ids(&self) -> impl Iterator<Item = &'t str> + '_ {
        let unpriced = |row: &usize| self.own(*row).cents.is_none();
        (0..self.table.n_rows()).filter(unpriced).filter_map(|row| self.id_of(row))
    }

    /// Units that a row names; one where it names none.
    pub(super) fn units(&self, row: usize) -> Option<i64> {
        match self.quantity {
            Some(column) if present(self.table.cell(row, column)).is_some() => self.number(row, column),
            _ => Some(1),
        }
    }

    fn number(&self, row: usize, column: usize) -> Option<i64> {
        let number = values::number(self.table.cell(row, column))?;
        (number.fract() == 0.0 && (0.0..1e9).contains(&number)).then_some(number as i64)
    }
}

/// How often a year an interval fits.
fn yearly(text: &str) -> Option<(i64, i64)> {
    let word = text.to_lowercase().replace(['-', '_', ' '], "");
    Some(match word.as_str() {
        "day" | "daily" | "days" => (365, 1),
        "week" | "weekly" | "weeks" => (52, 1),
        "biweekly" | "fortnightly" => (26, 1),
        "month" | "monthly" | "months" | "mo" | "m" | "1month" | "monatlich" | "monat" | "mensuel" | "mensual" | "mois"
        | "mes" => (12, 1),
        "quarter" | "quarterly" | "quarters" | "q" | "3months" | "vierteljährlich" | "trimestriel" | "trimestral" => (4, 1),
        "semiannual" | "semiannually" | "halfyearly" | "halfyear" | "biannual" | "6months" | "halbjährlich" | "semestriel"
        | "semestral" => (2, 1),
        "year" | "yearly" | "annual" | "annually" | "years" | "y" | "yr" | "12months" | "jährlich" | "jahr" | "annuel"
        | "anual" | "an" | "año" => (1, 1),
        "biennial" | "2years" | "24months" => (1, 2),
        "triennial" | "3years" | "36months" => (1, 3),
        _ => return None,
    })
}

fn is_amounts(table: &Table, column: usize) -> bool {
    const LOOKED_AT: usize = 500;
    let filled = || table.column(column).filter_map(present).take(LOOKED_AT);
    filled().count() > 0 && filled().filter(|cell| values::is_amount(cell)).count() * 2 >= filled().count()
}

/// The tables of Stripe's interface, which counts in the smallest unit of each currency and says so nowhere.
fn is_stripe(table: &Table) -> bool {
    let headers: Vec<String> = table
        .headers()
        .iter()
        .map(|header| dictionary::header(header).words.join(" "))
        .collect();
    let has = |name: &str| headers.iter().any(|header| header == name);
    has("livemode") || has("unit amount decimal") || has("billing scheme") || (has("plan oid") && has("plan amount"))
}

/// Whether a column counts in cents: its header says so, Stripe wrote it, or a person said so. Error: `question_arr_unit`,
/// where whole numbers stand beside a lower-case currency and an interval, as Stripe's interface writes them.
fn in_cents(table: &Table, column: usize, plan: &LoadPlan) -> Result<bool> {
    if let Some(answer) = plan.answers.get(ARR_UNIT) {
        return Ok(answer == "cents");
    }
    let header = table.headers().get(column).map(String::as_str).unwrap_or_default();
    if dictionary::in_cents(header) || (is_stripe(table) && whole(table, column)) {
        return Ok(true);
    }
    let currency = words::find(table, &words::CURRENCY);
    let lower = |column: usize| {
        let mut codes = table.column(column).filter_map(present).take(500).peekable();
        codes.peek().is_some() && codes.all(|code| code.len() == 3 && code.bytes().all(|b| b.is_ascii_lowercase()))
    };
    let counted = words::find(table, &words::INTERVAL_COUNT).is_some();
    if counted && currency.is_some_and(lower) && whole(table, column) {
        let message = format!(
            "{} of {} holds whole numbers beside an interval, as billing systems count cents: does it?",
            quoted(header),
            quoted(&table.source.path)
        );
        return Err(Problem::new("question_arr_unit", message)
            .at(format!("answers.{ARR_UNIT}"))
            .expected("cents or units")
            .fix(json!({"answers": {ARR_UNIT: "cents"}}))
            .into());
    }
    Ok(false)
}

fn whole(table: &Table, column: usize) -> bool {
    table
        .column(column)
        .filter_map(present)
        .take(500)
        .all(|cell| cell.bytes().all(|b| b.is_ascii_digit()))
}
