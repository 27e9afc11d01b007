//! Readiness to expand: five factors, each hit, not hit or unknown, and a level that bad health blocks (S14).

use super::cells::Columns;
use super::health::Health;
use super::score::{describe, headers};
use super::series::Series;
use crate::model::expansion::{self, FACTORS, Level};
use crate::model::policy::{Expansion as Model, ExpansionCuts};
use crate::parallel;

/// Readiness of every account.
#[derive(Debug, Clone, PartialEq)]
pub struct Expansion {
    /// The five factors.
    pub factors: Vec<FactorHits>,
    /// Input order.
    pub accounts: Vec<AccountExpansion>,
    /// Hits that the levels take.
    pub cuts: ExpansionCuts,
}

/// A factor over the whole book.
#[derive(Debug, Clone, PartialEq)]
pub struct FactorHits {
    /// Its name.
    pub name: &'static str,
    /// Share of accounts of which it is known.
    pub coverage: f64,
    /// Accounts that it hits.
    pub hits: usize,
    /// Whether any account has a cell for it.
    pub on: bool,
    /// Where it comes from, or what it needs.
    pub source: String,
    /// By account; none: unknown.
    pub hit: Series<Option<bool>>,
}

/// Readiness of one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountExpansion {
    /// None: every factor is unknown.
    pub level: Option<Level>,
    /// Factors that hit.
    pub hits: u8,
    /// Factors that are unknown.
    pub unknown: u8,
    /// HIGH by its hits, and at risk by its health: retention comes first (U3).
    pub blocked: bool,
}

/// A factor hits from this score on.
const HIT: f64 = 0.5;

/// Reads the five factors and gives each account its level.
pub fn expand(columns: &Columns, model: &Model, health: &Health) -> Expansion {
    let factors = parallel::over(columns.book().len(), FACTORS.to_vec(), |name| factor(columns, model, name));
    let cuts = model.cuts;
    let account = |i: usize| {
        let states = factors.iter().map(|factor| factor.hit.get(i).flatten());
        let count = |wanted: Option<bool>| states.clone().filter(|state| *state == wanted).count() as u8;
        let (hits, unknown) = (count(Some(true)), count(None));
        let by_hits = match hits {
            _ if usize::from(unknown) == FACTORS.len() => None,
            n if n >= cuts.high => Some(Level::High),
            n if n >= cuts.medium => Some(Level::Medium),
            _ => Some(Level::Low),
        };
        let blocked = by_hits == Some(Level::High) && health.is_at_risk(i);
        AccountExpansion {
            level: if blocked { Some(Level::Medium) } else { by_hits },
            hits,
            unknown,
            blocked,
        }
    };
    let accounts = parallel::collect(columns.book().len(), account);
    Expansion { factors, accounts, cuts }
}

impl Expansion {
    /// Readiness of an account.
    pub fn of(&self, account: usize) -> Option<&AccountExpansion> {
        self.accounts.get(account)
    }

    /// The level of an account as a code.
    pub fn level(&self, account: usize) -> &'static str {
        let level = self.of(account).and_then(|account| account.level);
        level.map_or(crate::model::health::UNKNOWN, Level::code)
    }
}

fn factor(columns: &Columns, model: &Model, name: &'static str) -> FactorHits {
    let book = columns.book();
    let own = model.signals.get(name).cloned();
    let by_default = own.is_none();
    let signal = own.or_else(|| expansion::signal(name));
    let fed = signal.filter(|signal| signal.columns().iter().any(|column| columns.exists(column)));
    let hit: Series<Option<bool>> = match &fed {
        None => Series::constant(None, book.len()),
        Some(signal) => columns
            .scores(signal)
            .map_few(|score| match (score.low >= HIT, score.high >= HIT) {
                (true, _) => Some(true),
                (false, false) => Some(false),
                (false, true) => None,
            }),
    };
    let known = hit.count(Option::is_some);
    let on = known > 0;
    let source = match &fed {
        Some(signal) if on => describe(&headers(book, [signal]), by_default),
        Some(_) => "off: its columns are blank".into(),
        None => format!("off: needs {}", expansion::feeders(name)),
    };
    FactorHits {
        name,
        coverage: known as f64 / book.len().max(1) as f64,
        hits: hit.count(|state| *state == Some(true)),
        on,
        source,
        hit,
    }
}
