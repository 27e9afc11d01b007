//! `score_expansion`: levels, the five factors, who is blocked by health, and where the ARR to expand lies.

use serde_json::{Map, Value, json};

use super::health::score_text;
use super::{StepAnswer, View, accounts, amount, count, put_list, share};
use crate::engine::Care;
use crate::engine::expansion::Expansion;
use crate::model::expansion::{Level, looks_for};
use crate::model::finding::Finding;
use crate::model::health::UNKNOWN;
use crate::model::tier::Tier;
use crate::parallel;
use crate::report::{Block, Report, Section, Table, text};

/// The answer of `score_expansion`.
pub fn answer(view: View, care: &Care) -> StepAnswer {
    let levels = Levels::of(view, &care.expansion);
    let blocked = blocked(view, care);
    let mut sections = vec![
        Section::key("Levels", vec![Block::Table(level_table(view, &levels.book))]),
        Section::key("Factors", vec![Block::Table(factor_table(view, care))]),
        Section::new("HIGH by tier", vec![Block::Table(tier_table(view, &levels))]),
    ];
    if !blocked.is_empty() {
        sections.push(Section::key(
            "Blocked by health",
            vec![Block::Table(blocked_table(view, care, &blocked))],
        ));
    }
    let high = ready(view, care);
    if !high.is_empty() {
        sections.push(Section::full_only(
            "Ready to expand",
            vec![Block::Table(ready_table(view, care, &high))],
        ));
    }
    let report = Report {
        step: "score_expansion".into(),
        verdict: verdict(view, &levels),
        findings: findings(view, care, &levels.book, &blocked),
        sections,
        next: vec!["list_accounts with where.expansion high, or explain_account for one account".into()],
    };
    StepAnswer {
        report,
        data: data(view, care, &levels, &blocked, &high),
    }
}

/// Accounts and ARR of a level; none is unknown.
#[derive(Clone, Copy)]
struct LevelTotal {
    level: Option<Level>,
    accounts: usize,
    arr_cents: i128,
}

impl LevelTotal {
    fn code(&self) -> &'static str {
        self.level.map_or(UNKNOWN, Level::code)
    }
}

/// The levels over the whole book and in each tier, unknown last.
pub struct Levels {
    book: [LevelTotal; 4],
    by_tier: [[LevelTotal; 4]; 4],
    /// Accounts that health keeps from HIGH.
    blocked: usize,
}

impl Levels {
    /// Of all accounts, in one pass over them.
    pub fn of(view: View, expansion: &Expansion) -> Levels {
        let [high, medium, low] = Level::ALL.map(Some);
        let empty = [high, medium, low, None].map(|level| LevelTotal {
            level,
            accounts: 0,
            arr_cents: 0,
        });
        let segmentation = &view.outcome.segmentation;
        let parts = parallel::in_parts(expansion.accounts.len(), parallel::LEAST, |accounts| {
            let (mut by_tier, mut blocked) = ([empty; 4], 0);
            for account in accounts {
                let Some(found) = expansion.of(account) else { continue };
                let of_tier = by_tier.get_mut(segmentation.tier(account).index());
                let total = of_tier.and_then(|levels| levels.iter_mut().find(|total| total.level == found.level));
                if let Some(total) = total {
                    total.accounts += 1;
                    total.arr_cents += i128::from(view.book().arr(account).0);
                }
                blocked += usize::from(found.blocked);
            }
            (by_tier, blocked)
        });
        let add = |to: &mut [LevelTotal; 4], more: &[LevelTotal; 4]| {
            for (total, more) in to.iter_mut().zip(more) {
                total.accounts += more.accounts;
                total.arr_cents += more.arr_cents;
            }
        };
        let mut levels = Levels {
            book: empty,
            by_tier: [empty; 4],
            blocked: 0,
        };
        for (by_tier, blocked) in parts {
            levels.blocked += blocked;
            for (of_tier, more) in levels.by_tier.iter_mut().zip(&by_tier) {
                add(of_tier, more);
                add(&mut levels.book, more);
            }
        }
        levels
    }

    /// Accounts and ARR that are ready to expand, of a tier.
    fn high(&self, tier: Tier) -> (usize, i128) {
        let of_tier = self.by_tier.get(tier.index()).and_then(|levels| levels.first());
        of_tier.map_or((0, 0), |high| (high.accounts, high.arr_cents))
    }
}

/// Accounts that health keeps from HIGH, largest first.
pub fn blocked(view: View, care: &Care) -> Vec<usize> {
    let blocked = |account: &usize| care.expansion.of(*account).is_some_and(|found| found.blocked);
    view.book().by_arr().filter(blocked).collect()
}

fn ready(view: View, care: &Care) -> Vec<usize> {
    let high = |account: &usize| {
        care.expansion
            .of(*account)
            .is_some_and(|found| found.level == Some(Level::High))
    };
    view.book().by_arr().filter(high).collect()
}

/// Accounts by level and ARR ready to expand in one line, also used by the report document.
pub fn verdict(view: View, levels: &Levels) -> String {
    let counts: Vec<String> = levels
        .book
        .iter()
        .map(|total| format!("{} {}", count(total.accounts), total.code()))
        .collect();
    let arr = levels.book.first().map_or(0, |high| high.arr_cents);
    format!(
        "{}: {}; {} ARR ready to expand, {} blocked by health",
        accounts(view.book().len()),
        counts.join(", "),
        view.short(arr),
        count(levels.blocked)
    )
}

fn findings(view: View, care: &Care, levels: &[LevelTotal], blocked: &[usize]) -> Vec<Finding> {
    let expansion = &care.expansion;
    let on = expansion.factors.iter().filter(|factor| factor.on).count();
    let mut findings = Vec::new();
    if on == 0 {
        let needs: Vec<&str> = expansion
            .factors
            .iter()
            .map(|f| f.source.trim_start_matches("off: needs "))
            .collect();
        let text = format!("no factor is fed, so every account is unknown: it needs {}", needs.join("; "));
        findings.push(Finding::critical("no_expansion_data", text));
    } else if on < usize::from(expansion.cuts.high) {
        let text = format!(
            "{on} of 5 factors are fed and HIGH takes {} hits: no account can be HIGH; feed more, or lower cuts.high",
            expansion.cuts.high
        );
        findings.push(Finding::warning("high_out_of_reach", text));
    }
    if !blocked.is_empty() {
        let cents: i128 = blocked.iter().map(|account| i128::from(view.book().arr(*account).0)).sum();
        let text = format!(
            "HIGH by their hits and at risk: {} ({}); retention first, no expansion talk until health is back",
            accounts(blocked.len()),
            view.short(cents)
        );
        findings.push(Finding::warning("expansion_blocked", text));
    }
    if expansion
        .factors
        .iter()
        .any(|factor| factor.on && factor.name == "seat_utilization")
    {
        let text = match view
            .policy
            .expansion
            .as_ref()
            .is_some_and(|e| e.signals.contains_key("seat_utilization"))
        {
            true => "seats: read by your own signal",
            false => {
                "seats: more than 80% of licensed seats in use counts as ready; many unused seats do not, though one source \
                 counts them as room to grow"
            }
        };
        findings.push(Finding::info("seat_signal", text));
    }
    let could = |account: usize| {
        expansion.of(account).is_some_and(|found| {
            found.level.is_some_and(|level| level != Level::High)
                && !found.blocked
                && found.hits + found.unknown >= expansion.cuts.high
                && found.unknown > 0
        })
    };
    let open = (0..view.book().len()).filter(|account| could(*account)).count();
    if on > 0 && open > 0 {
        let text = format!("{} could be HIGH if what is unknown of them were known", accounts(open));
        findings.push(Finding::info("expansion_uncertain", text));
    }
    let unknown = levels.last().map_or(0, |total| total.accounts);
    if on > 0 && unknown > 0 {
        findings.push(Finding::info(
            "expansion_unknown",
            format!("nothing is known of {}", accounts(unknown)),
        ));
    }
    findings
}

fn level_table(view: View, levels: &[LevelTotal]) -> Table {
    let mut table = Table::new(&["Level", ">Accounts", ">ARR", ">Share of ARR"]);
    for total in levels {
        table.push([
            total.code().to_string(),
            count(total.accounts),
            view.short(total.arr_cents),
            text::percent(view.arr_share(total.arr_cents)),
        ]);
    }
    table
}

/// The factors with what each looks for, also used by the report document.
pub fn factor_table(view: View, care: &Care) -> Table {
    let mut table = Table::new(&["Factor", ">Coverage", ">Hits", "Hits when", "Source"]);
    let own = |name: &str| {
        view.policy
            .expansion
            .as_ref()
            .is_some_and(|model| model.signals.contains_key(name))
    };
    for factor in &care.expansion.factors {
        table.push([
            factor.name.to_string(),
            if factor.on {
                text::percent(factor.coverage)
            } else {
                "off".into()
            },
            if factor.on { count(factor.hits) } else { "-".into() },
            if own(factor.name) {
                "your signal scores 0.5 or more"
            } else {
                looks_for(factor.name)
            }
            .to_string(),
            text::clean(&factor.source),
        ]);
    }
    table
}

/// Accounts and ARR ready to expand by tier (A9), also used by the report document.
pub fn tier_table(view: View, levels: &Levels) -> Table {
    let mut table = Table::new(&["Tier", ">HIGH", ">ARR", ">Share of the tier"]);
    for tier in Tier::ALL {
        let (high, cents) = levels.high(tier);
        table.push([
            tier.name(view.policy.tiers.scheme).to_string(),
            count(high),
            view.short(cents),
            text::percent(tier_share(view, tier, cents)),
        ]);
    }
    table
}

fn tier_share(view: View, tier: Tier, cents: i128) -> f64 {
    let total = view.outcome.segmentation.total(tier).arr_cents;
    if total > 0 { cents as f64 / total as f64 } else { 0.0 }
}

fn blocked_table(view: View, care: &Care, blocked: &[usize]) -> Table {
    let mut table = Table::new(&["Account", ">ARR", ">Hits", ">Health"]);
    for account in blocked.iter().take(super::ROWS_MAX) {
        table.push([
            text::clean(view.book().name(*account)),
            view.book().arr(*account).full(&view.book().currency),
            care.expansion
                .of(*account)
                .map_or(String::new(), |found| found.hits.to_string()),
            score_text(&care.health, *account),
        ]);
    }
    table
}

fn ready_table(view: View, care: &Care, high: &[usize]) -> Table {
    let mut table = Table::new(&["Account", ">ARR", "Tier", "Hits"]);
    for account in high.iter().take(super::ROWS_MAX) {
        table.push([
            text::clean(view.book().name(*account)),
            view.exact(view.book().arr(*account)),
            view.tier_label(view.outcome.segmentation.tier(*account)).to_string(),
            hits(&care.expansion, *account).join(", "),
        ]);
    }
    table
}

/// The factors that hit an account.
pub fn hits(expansion: &Expansion, account: usize) -> Vec<&'static str> {
    let hit = |factor: &&crate::engine::expansion::FactorHits| factor.hit.get(account) == Some(Some(true));
    expansion.factors.iter().filter(hit).map(|factor| factor.name).collect()
}

/// The factors of which nothing is known for an account.
pub fn unknown(expansion: &Expansion, account: usize) -> Vec<&'static str> {
    let open = |factor: &&crate::engine::expansion::FactorHits| factor.hit.get(account) == Some(None);
    expansion.factors.iter().filter(open).map(|factor| factor.name).collect()
}

fn data(view: View, care: &Care, levels: &Levels, blocked: &[usize], high: &[usize]) -> Value {
    let totals = &levels.book;
    let counts: Map<String, Value> = totals
        .iter()
        .map(|total| (total.code().to_string(), json!(total.accounts)))
        .collect();
    let arr: Map<String, Value> = totals
        .iter()
        .map(|total| (total.code().to_string(), amount(total.arr_cents)))
        .collect();
    let factors: Vec<Value> = care
        .expansion
        .factors
        .iter()
        .map(|factor| {
            json!({
                "name": factor.name,
                "on": factor.on,
                "coverage": share(factor.coverage),
                "hits": factor.hits,
                "source": factor.source,
            })
        })
        .collect();
    let by_tier = |tier: Tier| {
        let (accounts, cents) = levels.high(tier);
        json!({
            "tier": tier.code(),
            "high": accounts,
            "high_arr": amount(cents),
            "high_arr_share": share(tier_share(view, tier, cents)),
        })
    };
    let entry = |account: &usize| {
        json!({
            "account": view.book().id(*account),
            "name": view.book().name(*account),
            "arr": view.book().arr(*account),
            "hits": hits(&care.expansion, *account),
            "health": care.health.points(*account),
        })
    };
    let mut data = Map::new();
    data.insert("levels".into(), Value::Object(counts));
    data.insert("arr".into(), Value::Object(arr));
    data.insert("factors".into(), Value::Array(factors));
    data.insert(
        "cuts".into(),
        json!({"high": care.expansion.cuts.high, "medium": care.expansion.cuts.medium}),
    );
    data.insert("by_tier".into(), Value::Array(Tier::ALL.into_iter().map(by_tier).collect()));
    put_list(&mut data, "blocked_by_health", blocked.iter().map(entry));
    put_list(&mut data, "ready", high.iter().map(entry));
    Value::Object(data)
}
