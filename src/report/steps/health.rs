//! `score_health`: statuses, components, at-risk ARR by tier, the three dimensions, and what to do first.

use serde_json::{Map, Value, json};

use super::{StepAnswer, View, accounts, amount, count, health_findings, portfolio, put_list, share};
use crate::engine::Care;
use crate::engine::health::{ComponentScore, Health};
use crate::model::health::UNKNOWN;
use crate::model::policy::hundredths;
use crate::model::tier::Tier;
use crate::parallel;
use crate::report::{Block, Report, Section, Table, text};

/// The answer of `score_health`; `tiered`: tiers are assigned.
pub fn answer(view: View, care: &Care, tiered: bool) -> StepAnswer {
    let tallies = Tallies::of(view, &care.health);
    let mut sections = Vec::new();
    if tiered {
        sections.push(Section::key(
            "At risk by tier",
            vec![Block::Table(tier_table(view, &tallies))],
        ));
        sections.extend(portfolio::first(view, care));
    }
    sections.push(Section::key(
        "Statuses",
        vec![Block::Table(status_table(view, &tallies.book))],
    ));
    sections.push(Section::key("Components", vec![Block::Table(component_table(&care.health))]));
    if tiered {
        sections.extend(portfolio::sections(view, care));
    }
    sections.push(Section::full_only(
        "What pulls accounts at risk down",
        vec![Block::Table(driver_table(view, &care.health, tiered))],
    ));
    let next = match tiered {
        true => "score_expansion, explain_account for one account, or list_accounts with where.health",
        false => "define_axes and assign_tiers: health is then shown by tier",
    };
    let report = Report {
        step: "score_health".into(),
        verdict: verdict(view, care, &tallies.book),
        findings: health_findings::all(view, &care.health, &tallies.book, tiered),
        sections,
        next: vec![next.into()],
    };
    StepAnswer {
        report,
        data: data(view, care, &tallies, tiered),
    }
}

/// Accounts and ARR of a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusTotal {
    /// The code.
    pub status: &'static str,
    /// Accounts.
    pub accounts: usize,
    /// Their ARR in cents.
    pub arr_cents: i128,
    /// Those that what is missing keeps out of a better one.
    pub provisional: usize,
}

/// The statuses over some accounts, best first, `unknown` last.
pub struct Tally {
    /// One a status.
    pub statuses: Vec<StatusTotal>,
    /// ARR of accounts at risk, in cents.
    pub at_risk_cents: i128,
    /// Accounts at risk.
    pub at_risk: usize,
    cold: usize,
}

impl Tally {
    fn take_in(&mut self, other: &Tally) {
        for (total, more) in self.statuses.iter_mut().zip(&other.statuses) {
            total.accounts += more.accounts;
            total.arr_cents += more.arr_cents;
            total.provisional += more.provisional;
        }
        self.at_risk_cents += other.at_risk_cents;
        self.at_risk += other.at_risk;
        self.cold += other.cold;
    }

    fn empty(health: &Health) -> Tally {
        let codes = health.preset.bands().iter().map(|band| band.code).chain([UNKNOWN]);
        let empty = |status| StatusTotal {
            status,
            accounts: 0,
            arr_cents: 0,
            provisional: 0,
        };
        Tally {
            statuses: codes.map(empty).collect(),
            at_risk_cents: 0,
            at_risk: 0,
            cold: 0,
        }
    }

    fn add(&mut self, health: &Health, account: usize, cents: i64) {
        let Some(of_account) = health.of(account) else { return };
        let (code, cents) = (health.status(account), i128::from(cents));
        if let Some(total) = self.statuses.iter_mut().find(|total| total.status == code) {
            total.accounts += 1;
            total.arr_cents += cents;
            total.provisional += usize::from(of_account.provisional);
        }
        if health.is_at_risk(account) {
            self.at_risk += 1;
            self.at_risk_cents += cents;
        }
        self.cold += usize::from(of_account.cold_start);
    }

    /// The codes of the statuses that some account has.
    pub fn shown(&self) -> Vec<&'static str> {
        let held = self.statuses.iter().filter(|total| total.accounts > 0);
        held.map(|total| total.status).collect()
    }

    /// Accounts with this status.
    pub fn accounts(&self, status: &str) -> usize {
        self.statuses
            .iter()
            .find(|total| total.status == status)
            .map_or(0, |total| total.accounts)
    }
}

/// Accounts by status and ARR at risk in one line, also used by the report document.
pub fn verdict(view: View, care: &Care, tally: &Tally) -> String {
    let health = &care.health;
    let own = view.policy.health.as_ref().is_some_and(|model| !model.components.is_empty());
    let counts: Vec<String> = tally
        .statuses
        .iter()
        .filter(|total| total.accounts > 0)
        .map(|total| format!("{} {}", count(total.accounts), words(total.status)))
        .collect();
    format!(
        "{}: {}; {} at risk ({} of ARR), {}",
        accounts(health.accounts.len()),
        counts.join(", "),
        view.short(tally.at_risk_cents),
        text::percent(view.arr_share(tally.at_risk_cents)),
        if own {
            format!("own components, bands of {}", health.preset.code())
        } else {
            format!("preset {}", health.preset.code())
        }
    )
}

/// `at_risk` as people write it.
pub fn words(code: &str) -> String {
    code.replace('_', " ")
}

fn status_table(view: View, tally: &Tally) -> Table {
    let mut table = Table::new(&["Status", ">Accounts", ">ARR", ">Provisional"]);
    for total in tally.statuses.iter().filter(|total| total.accounts > 0) {
        table.push([
            words(total.status),
            count(total.accounts),
            view.short(total.arr_cents),
            count(total.provisional),
        ]);
    }
    table
}

/// The components with their weights, also used by the report document.
pub fn component_table(health: &Health) -> Table {
    let mut table = Table::new(&["Component", ">Weight", ">Coverage", ">Mean", "Source"]);
    for component in &health.components {
        table.push([
            component.name.clone(),
            if component.on {
                format!("{:.2}", component.weight_used)
            } else {
                "off".into()
            },
            if component.on {
                text::percent(component.coverage)
            } else {
                "-".into()
            },
            component.mean.map_or("-".into(), |mean| format!("{mean:.1}")),
            text::clean(&component.source),
        ]);
    }
    table
}

/// Statuses, at-risk ARR and its share by tier, also used by the report document.
pub fn tier_table(view: View, tallies: &Tallies) -> Table {
    let mut table = Table::new(&["Tier", ">At risk", ">At-risk ARR", ">Share of ARR", ">Mean score", ">Unknown"]);
    for (tier, of_tier) in Tier::ALL.into_iter().zip(&tallies.by_tier) {
        if view.outcome.segmentation.total(tier).accounts == 0 {
            continue;
        }
        table.push([
            tier.name(view.policy.tiers.scheme).to_string(),
            count(of_tier.tally.at_risk),
            view.short(of_tier.tally.at_risk_cents),
            text::percent(of_tier.at_risk_share),
            of_tier.mean.map_or("-".into(), |mean| format!("{mean:.1}")),
            count(of_tier.tally.accounts(UNKNOWN)),
        ]);
    }
    table
}

/// Statuses by tier with counts, also used by the page.
pub fn status_by_tier_table(view: View, tallies: &Tallies) -> Table {
    let shown = tallies.book.shown();
    let mut headings = vec!["Tier".to_string()];
    headings.extend(shown.iter().map(|status| format!(">{}", words(status))));
    let mut table = Table::new(&headings.iter().map(String::as_str).collect::<Vec<_>>());
    for (tier, of_tier) in Tier::ALL.into_iter().zip(&tallies.by_tier) {
        if view.outcome.segmentation.total(tier).accounts == 0 {
            continue;
        }
        let mut row = vec![tier.name(view.policy.tiers.scheme).to_string()];
        row.extend(shown.iter().map(|status| count(of_tier.tally.accounts(status))));
        table.push(row);
    }
    table
}

/// The statuses over the whole book, and of each tier in list order.
pub struct Tallies {
    /// The whole book.
    pub book: Tally,
    /// The tiers.
    pub by_tier: [OfTier; 4],
}

/// Health of the accounts of a tier.
pub struct OfTier {
    /// Statuses.
    pub tally: Tally,
    /// Share of the tier's ARR at risk, 0..1.
    pub at_risk_share: f64,
    /// Mean score of the accounts whose status is known, in points.
    pub mean: Option<f64>,
}

/// The statuses of a tier, and the scores whose status is known: their sum in hundredths of a point, and how many they are.
struct Sums(Tally, u64, u64);

impl Tallies {
    /// Of all accounts, in one pass over them.
    pub fn of(view: View, health: &Health) -> Tallies {
        let segmentation = &view.outcome.segmentation;
        let amounts = view.book().arr_cents();
        let empty = || Tier::ALL.map(|_| Sums(Tally::empty(health), 0, 0));
        let parts = parallel::in_parts(amounts.len(), parallel::LEAST, |accounts| {
            let mut tiers = empty();
            for account in accounts {
                let Some(Sums(tally, sum, n)) = tiers.get_mut(segmentation.tier(account).index()) else {
                    continue;
                };
                tally.add(health, account, amounts.get(account).copied().unwrap_or(0));
                let known = health.of(account).filter(|health| health.status.is_some());
                if let Some(score) = known.and_then(|health| health.score) {
                    *sum += u64::from(score);
                    *n += 1;
                }
            }
            tiers
        });
        let mut tiers = empty();
        for part in parts {
            for (Sums(tally, sum, n), more) in tiers.iter_mut().zip(&part) {
                tally.take_in(&more.0);
                (*sum, *n) = (*sum + more.1, *n + more.2);
            }
        }
        let mut totals = Tier::ALL.map(|tier| segmentation.total(tier).arr_cents).into_iter();
        let by_tier = tiers.map(|Sums(tally, sum, n)| {
            let total = totals.next().unwrap_or(0);
            OfTier {
                at_risk_share: if total > 0 {
                    tally.at_risk_cents as f64 / total as f64
                } else {
                    0.0
                },
                mean: (n > 0).then(|| sum as f64 / (n * 100) as f64),
                tally,
            }
        });
        let mut book = Tally::empty(health);
        by_tier.iter().for_each(|tier| book.take_in(&tier.tally));
        Tallies { book, by_tier }
    }
}

fn driver_table(view: View, health: &Health, tiered: bool) -> Table {
    let mut table = Table::new(&["Account", ">ARR", ">Score", "Points lost"]);
    let at_risk = view.book().by_arr().filter(|account| health.is_at_risk(*account));
    for account in at_risk.take(super::ROWS_MAX) {
        let tier = tiered.then(|| view.outcome.segmentation.tier(account));
        table.push([
            text::clean(view.book().name(account)),
            view.exact(view.book().arr(account)),
            score_text(health, account),
            drivers_line(health, account, tier),
        ]);
    }
    table
}

/// "product_usage -12.0, satisfaction -8.5": what costs an account most points.
pub fn drivers_line(health: &Health, account: usize, tier: Option<Tier>) -> String {
    const SHOWN: usize = 3;
    let drivers = health.drivers(account, tier);
    let costly = drivers.iter().filter(|driver| driver.points >= 0.05).take(SHOWN);
    costly
        .map(|driver| format!("{} -{:.1}", driver.component.name, driver.points))
        .collect::<Vec<_>>()
        .join(", ")
}

/// The score of an account with two decimals, or a dash.
pub fn score_text(health: &Health, account: usize) -> String {
    health.points(account).map_or("-".into(), |points| format!("{points:.2}"))
}

fn component_json(component: &ComponentScore) -> Value {
    json!({
        "name": component.name,
        "on": component.on,
        "weight": share(component.weight_used),
        "weight_given": share(component.weight_given),
        "coverage": share(component.coverage),
        "mean": component.mean.map(hundredths),
        "source": component.source,
    })
}

fn data(view: View, care: &Care, tallies: &Tallies, tiered: bool) -> Value {
    let (health, tally) = (&care.health, &tallies.book);
    let status = |total: &StatusTotal| {
        json!({
            "status": total.status,
            "accounts": total.accounts,
            "arr": amount(total.arr_cents),
            "provisional": total.provisional,
        })
    };
    let tier = |(tier, of_tier): (Tier, &OfTier)| {
        let total = view.outcome.segmentation.total(tier);
        let mut statuses = Map::new();
        for total in &of_tier.tally.statuses {
            statuses.insert(total.status.into(), json!(total.accounts));
        }
        let weights: Map<String, Value> = health
            .components
            .iter()
            .map(|component| (component.name.clone(), share(component.used_in(Some(tier)))))
            .collect();
        json!({
            "tier": tier.code(),
            "accounts": total.accounts,
            "arr": amount(total.arr_cents),
            "statuses": statuses,
            "at_risk_accounts": of_tier.tally.at_risk,
            "at_risk_arr": amount(of_tier.tally.at_risk_cents),
            "at_risk_share": share(of_tier.at_risk_share),
            "mean": of_tier.mean.map(hundredths),
            "weights": weights,
        })
    };
    let tiers: Vec<Value> = if tiered {
        Tier::ALL.into_iter().zip(&tallies.by_tier).map(tier).collect()
    } else {
        Vec::new()
    };
    let mut data = Map::new();
    data.insert("preset".into(), json!(health.preset.code()));
    data.insert("statuses".into(), Value::Array(tally.statuses.iter().map(status).collect()));
    data.insert(
        "components".into(),
        Value::Array(health.components.iter().map(component_json).collect()),
    );
    data.insert("by_tier".into(), Value::Array(tiers));
    data.insert("at_risk_arr".into(), amount(tally.at_risk_cents));
    data.insert("at_risk_share".into(), share(view.arr_share(tally.at_risk_cents)));
    data.insert("unknown".into(), json!(tally.accounts(UNKNOWN)));
    data.insert("cold_start".into(), json!(tally.cold));
    if tiered {
        portfolio::put(&mut data, view, care);
    }
    let at_risk: Vec<usize> = view.book().by_arr().filter(|account| health.is_at_risk(*account)).collect();
    let entry = |account: &usize| {
        let tier = tiered.then(|| view.outcome.segmentation.tier(*account));
        let drivers = health.drivers(*account, tier);
        let costly = drivers.iter().filter(|driver| driver.points > 0.0);
        let driver = |driver: &crate::engine::health::Driver| json!({"component": driver.component.name, "points": hundredths(driver.points)});
        json!({
            "account": view.book().id(*account),
            "name": view.book().name(*account),
            "arr": view.book().arr(*account),
            "score": health.points(*account),
            "status": health.status(*account),
            "drivers": costly.take(3).map(driver).collect::<Vec<_>>(),
        })
    };
    put_list(&mut data, "at_risk", at_risk.iter().map(entry));
    Value::Object(data)
}
