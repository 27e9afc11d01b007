//! Where else the price of a subscription may stand: in the lines of the subscription, or in a list of prices.

use std::collections::{HashMap, HashSet};

use super::keys::given_column;
use super::price::{Price, Priced};
use super::words;
use crate::error::{Problem, Result};
use crate::io::quoted;
use crate::model::load::{Join, JoinKind, Joined, KEYS_KEPT, LeftOut, LoadPlan};
use crate::model::table::Table;
use crate::model::values::present;

/// The joined tables in which prices are looked up.
#[derive(Default)]
pub(crate) struct Lookups<'t> {
    items: Option<Part<'t>>,
    prices: Option<Part<'t>>,
}

/// A table of items or prices, with its rows by key.
struct Part<'t> {
    table: &'t Table,
    key: usize,
    price: Price<'t>,
    rows: HashMap<&'t str, Vec<usize>>,
}

impl<'t> Lookups<'t> {
    /// The tables of items and prices among the joins. Errors: `column_not_found`, `join_key_not_found`, those of [`Price::of`].
    pub(crate) fn of(joins: &[Join], tables: &'t [Table], plan: &LoadPlan) -> Result<Lookups<'t>> {
        let of_kind = |kind: JoinKind, names: &[&str]| {
            let found = joins.iter().zip(tables).enumerate().find(|(_, (join, _))| join.kind == kind);
            found
                .map(|(at, (join, table))| {
                    let place = format!("joins.{at}");
                    Part::of(join, table, names, plan, &place).map_err(|e| e.under(joins, at))
                })
                .transpose()
        };
        Ok(Lookups {
            items: of_kind(JoinKind::Items, &words::SUBSCRIPTION_OF)?,
            prices: of_kind(JoinKind::Prices, &words::PRICE_OWN_ID)?,
        })
    }

    /// Whether a row may be priced although it has no amount of its own.
    pub(super) fn has_prices(&self) -> bool {
        self.items.is_some() || self.prices.is_some()
    }

    /// Stops with a question where lines of live subscriptions have more than one unit. Error: `question_quantity`.
    pub(super) fn check_quantity(&self, live: &HashSet<&str>) -> Result<()> {
        let Some(items) = &self.items else { return Ok(()) };
        items
            .price
            .check_quantity(|row| live.contains(items.table.cell(row, items.key).trim()))
    }

    /// What a subscription costs a year, by currency: the sum of its lines where it has lines, else by its own row.
    pub(super) fn priced(&self, price: &Price, row: usize, own_id: &str) -> Vec<Priced> {
        let lines = self
            .items
            .as_ref()
            .and_then(|items| Some((items, items.rows.get(own_id.trim())?)));
        let Some((items, rows)) = lines else {
            return vec![self.row(price, row)];
        };
        let mut sums: Vec<Priced> = Vec::new();
        for line in rows {
            let priced = self.row(&items.price, *line);
            let same = |sum: &&mut Priced| sum.currency == priced.currency;
            match sums.iter_mut().find(same) {
                Some(sum) => {
                    // A line without a price would make the subscription cheaper than it is.
                    sum.cents = sum.cents.zip(priced.cents).and_then(|(a, b)| a.checked_add(b));
                    sum.open |= priced.open;
                }
                None => sums.push(priced),
            }
        }
        sums
    }

    /// A row's own price, else that of the price it names, times its units.
    fn row(&self, price: &Price, row: usize) -> Priced {
        let own = price.own(row);
        if own.cents.is_some() {
            return own;
        }
        let Some(prices) = &self.prices else { return own };
        let Some(rows) = price.id_of(row).and_then(|id| prices.rows.get(id)) else {
            return own;
        };
        let every = price.yearly(row);
        let for_it = |listed: &&usize| every.is_none() || prices.price.yearly(**listed).is_none_or(|other| Some(other) == every);
        let mut listed: Vec<Priced> = rows.iter().filter(for_it).map(|row| prices.price.own(*row)).collect();
        listed.retain(|price| own.currency.is_none() || price.currency.is_none() || price.currency == own.currency);
        let Some(one) = listed.first() else { return own };
        let open = listed.iter().any(|other| other != one);
        let cents = one.cents.zip(price.units(row)).filter(|_| !open);
        Priced {
            cents: cents.and_then(|(cents, units)| cents.checked_mul(units)),
            currency: one.currency.clone().or(own.currency),
            open,
        }
    }

    /// The error for a live subscription that several prices of the list fit.
    pub(super) fn which_price(&self, place: &str) -> Problem {
        let path = self.prices.as_ref().map_or("", |prices| prices.table.source.path.as_str());
        let message = format!(
            "{} holds several prices of what a live subscription ({place}) names, and nothing tells which is meant",
            quoted(path)
        );
        Problem::new("several_prices", message)
            .at("joins")
            .expected("a currency (or an interval) in the rows that name the price, or one row a price in that file")
    }

    /// The certificate of a table of items: lines of subscriptions that are not there are unmatched.
    pub(super) fn items_report(&self, subscriptions: &Table) -> Joined {
        let Some(items) = &self.items else { return Joined::default() };
        let mut report = items.report(JoinKind::Items);
        if let Some(column) = words::find(subscriptions, &words::SUBSCRIPTION_ID) {
            let known: HashSet<&str> = subscriptions.column(column).filter_map(present).collect();
            let lost = items
                .table
                .column(items.key)
                .map(str::trim)
                .filter(|cell| !known.contains(cell));
            let (rows, keys) = keys_of(lost);
            report.rows_unmatched = rows;
            report.n_keys_unmatched = keys.len();
            report.keys_unmatched = first(&keys);
        }
        report.rows_used = report.rows_read - report.rows_unmatched;
        report
    }

    /// The certificate of a table of prices: those that no row names are left out, those that it lacks are listed.
    pub(super) fn prices_report(&self, subscriptions: &Table, plan: &LoadPlan) -> Result<Joined> {
        let Some(prices) = &self.prices else {
            return Ok(Joined::default());
        };
        let mut report = prices.report(JoinKind::Prices);
        let of_rows = Price::of(subscriptions, plan)?;
        let items = self.items.iter().flat_map(|items| items.price.ids());
        let (mut used, mut lost): (HashSet<usize>, Vec<&str>) = (HashSet::new(), Vec::new());
        for id in items.chain(of_rows.ids()) {
            match prices.rows.get(id) {
                Some(rows) => used.extend(rows),
                None => lost.push(id),
            }
        }
        let (rows, keys) = keys_of(lost.into_iter());
        report.rows_missing = rows;
        report.keys_missing = first(&keys);
        report.n_keys_missing = keys.len();
        report.rows_used = used.len();
        let unused = report.rows_read - used.len();
        if unused > 0 {
            report.left_out.push(LeftOut {
                reason: "unused",
                rows: unused,
                arr_cents: 0,
            });
        }
        Ok(report)
    }
}

/// How many keys there are, and each of them once, in order.
fn keys_of<'a>(cells: impl Iterator<Item = &'a str>) -> (usize, Vec<&'a str>) {
    let (mut n, mut seen, mut keys) = (0, HashSet::new(), Vec::new());
    for cell in cells {
        n += 1;
        if seen.insert(cell) {
            keys.push(cell);
        }
    }
    (n, keys)
}

fn first(keys: &[&str]) -> Vec<String> {
    keys.iter().take(KEYS_KEPT).map(|key| key.to_string()).collect()
}

impl<'t> Part<'t> {
    fn of(join: &Join, table: &'t Table, names: &[&str], plan: &LoadPlan, place: &str) -> Result<Part<'t>> {
        let given = join
            .key
            .as_deref()
            .map(|header| given_column(table, header, &format!("{place}.key")))
            .transpose()?;
        let Some(key) = given.or_else(|| words::find(table, names)) else {
            let message = format!(
                "no column of {} says which {} a row is of",
                quoted(&table.source.path),
                what(join.kind)
            );
            return Err(Problem::new("join_key_not_found", message)
                .at(format!("{place}.key"))
                .found(table.headers().iter().map(|header| quoted(header)))
                .expected("the header of its ids")
                .into());
        };
        let mut rows: HashMap<&str, Vec<usize>> = HashMap::new();
        for (row, cell) in table.column(key).enumerate() {
            if let Some(id) = present(cell) {
                rows.entry(id).or_default().push(row);
            }
        }
        Ok(Part {
            table,
            key,
            price: Price::of(table, plan)?,
            rows,
        })
    }

    fn report(&self, kind: JoinKind) -> Joined {
        let source = &self.table.source;
        let header = self.table.headers().get(self.key);
        Joined {
            path: source.path.clone(),
            kind: kind.code(),
            format: source.format.clone(),
            sha256: source.sha256.clone(),
            key: header.map(|header| quoted(header)).unwrap_or_default(),
            rows_read: self.table.n_rows(),
            ..Joined::default()
        }
    }
}

fn what(kind: JoinKind) -> &'static str {
    match kind {
        JoinKind::Items => "subscription",
        _ => "price or plan",
    }
}
