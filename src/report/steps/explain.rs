//! `explain_account`: why this tier, what would change it, health with its drivers, expansion, flags and motion, on one screen.

use serde_json::{Map, Value, json};

use super::{StepAnswer, View, amount, expansion, portfolio, scored, share};
use crate::engine::Care;
use crate::engine::explain::{Change, Input};
use crate::engine::health::{Driver, points};
use crate::engine::margin::Margins;
use crate::engine::score::FactorScore;
use crate::engine::tiering::Thresholds;
use crate::model::money::Money;
use crate::model::motions::motion;
use crate::model::policy::hundredths;
use crate::model::tier::{Bin, Rule, Tier, cell};
use crate::report::{Block, Report, Section, Table, boxed, text};

/// The answer of `explain_account`.
pub fn answer(view: View, care: &Care, account: usize, changes: &[Change]) -> StepAnswer {
    let why = why(view, account);
    let mut sections = vec![Section::key("Why this tier", vec![Block::List(why.clone())])];
    if !factors(view, account).is_empty() {
        sections.push(Section::key("Factors", vec![Block::Table(factor_table(view, account))]));
    }
    let changes_said: Vec<String> = changes.iter().map(|change| change_line(view, account, change)).collect();
    let nearest: Vec<String> = no_way_up(view, account, changes).into_iter().chain(changes_said).collect();
    sections.push(Section::key("Smallest change that would move it", vec![Block::List(nearest)]));
    let mut lines = care_lines(view, care, account);
    lines.extend(flag_lines(view, account));
    sections.push(Section::key("Health, expansion, flags", vec![Block::List(lines)]));
    sections.push(Section::key("Motion", vec![Block::List(motion_lines(view, account))]));
    let mut report = Report {
        step: "explain_account".into(),
        verdict: verdict(view, care, account),
        findings: Vec::new(),
        sections,
        next: vec![next(view, account)],
    };
    if !boxed::fits(&report) {
        report.next = vec!["explain_account with format json shows what this box could not hold".into()];
    }
    StepAnswer {
        report,
        data: data(view, care, account, changes, &why),
    }
}

fn verdict(view: View, care: &Care, account: usize) -> String {
    let (id, name) = (view.book().id(account), view.book().name(account));
    let id = if id == name {
        String::new()
    } else {
        format!(" ({})", text::name(id))
    };
    format!(
        "{}{id}: {}, {} ARR; health {}, expansion {}",
        view.named(account),
        tier(view, account).name(view.policy.tiers.scheme),
        view.exact(view.book().arr(account)),
        health_short(care, account),
        care.expansion.level(account)
    )
}

fn tier(view: View, account: usize) -> Tier {
    view.outcome.segmentation.tier(account)
}

fn health_short(care: &Care, account: usize) -> String {
    let status = super::health::words(care.health.status(account));
    match care.health.points(account) {
        Some(points) => format!("{points:.2} {status}"),
        None => status,
    }
}

fn why(view: View, account: usize) -> Vec<String> {
    let segmentation = &view.outcome.segmentation;
    let arr = view.book().arr(account);
    let mut lines = Vec::new();
    let held = segmentation.held.iter().find(|(held, _)| *held == account);
    let by_rule = held.map_or(tier(view, account), |(_, would_be)| *would_be);
    match segmentation.thresholds {
        Thresholds::Grid { cuts, edges } => {
            let row = segmentation.row(account);
            let band = view.outcome.axis.band_of(arr.0);
            lines.push(match cuts {
                Some(cuts) => format!(
                    "ARR {} (band {band}) lies in the {} row: mid from {}, high from {}",
                    view.exact(arr),
                    row.code(),
                    view.exact(cuts.low),
                    view.exact(cuts.high)
                ),
                None => "no account pays, so every account lies in the low row".to_string(),
            });
            let bin = segmentation.bin(account).unwrap_or(Bin::Low);
            lines.push(format!(
                "strategic value {:.4} is {}: low under {:.2}, high above {:.2}",
                view.outcome.strategic.value_of(account),
                bin.code(),
                edges.low_below(),
                edges.high_above()
            ));
            lines.push(format!(
                "{} row and {} bin make {}",
                row.code(),
                bin.code(),
                view.tier_label(cell(row, bin))
            ));
            lines.extend(unknown_line(view, account));
        }
        Thresholds::Arr(Some(cuts)) => lines.push(format!(
            "ARR {} decides alone: Tech-Touch from {}, Mid-Touch from {}, High-Touch from {}",
            view.exact(arr),
            view.exact(cuts.tech_touch),
            view.exact(cuts.mid_touch),
            view.exact(cuts.high_touch)
        )),
        Thresholds::Score => lines.push(format!(
            "tier score {}: High-Touch from 80, Mid-Touch from 60, Tech-Touch from 40",
            scored::score_text(view, account).unwrap_or_default()
        )),
        Thresholds::Arr(None) => lines.push("no account pays, so every account is self-serve".into()),
    }
    if held.is_some() {
        lines.push(format!(
            "held in {}, its tier in the book: by the cuts it would be {}, and ARR has not passed one by more than {}",
            view.tier_label(tier(view, account)),
            view.tier_label(by_rule),
            text::percent(view.policy.tiers.hysteresis)
        ));
    }
    if segmentation.is_near(account) {
        lines.push("near a cut: by the cuts alone, ARR 10% higher or lower would change its tier".into());
    }
    lines
}

fn unknown_line(view: View, account: usize) -> Option<String> {
    let strategic = &view.outcome.strategic;
    let unknown = strategic.unknown_factors(account);
    (!unknown.is_empty()).then(|| {
        let ceiling = strategic.ceiling.get(account).copied().unwrap_or(0);
        format!(
            "unknown and counted 0: {}; if known it could reach {:.4}",
            unknown.join(", "),
            f64::from(ceiling) / 10_000.0
        )
    })
}

fn factor_table(view: View, account: usize) -> Table {
    let mut table = Table::new(&["Factor", ">Score × weight", ">Points", "Source"]);
    for (name, score, weight, source) in factors(view, account) {
        table.push([
            name,
            format!(
                "{} × {weight:.2}",
                score.map_or("unknown".into(), |score| format!("{score:.2}"))
            ),
            match view.outcome.rule {
                Rule::Score => format!("{:.2}", score.unwrap_or(0.0) * weight * 100.0),
                _ => format!("{:.4}", score.unwrap_or(0.0) * weight),
            },
            text::clean(&source),
        ]);
    }
    table
}

/// Name, score, weight and source of what decides beside ARR rows: the factors that are on, or the parts of the tier score.
fn factors(view: View, account: usize) -> Vec<(String, Option<f64>, f64, String)> {
    let on: Vec<&FactorScore> = match (view.outcome.rule, &view.outcome.tier_score) {
        (Rule::Grid, _) => view.outcome.strategic.factors.iter().filter(|factor| factor.on).collect(),
        (_, Some(scored)) => scored.on().map(|part| &part.score).collect(),
        _ => Vec::new(),
    };
    let judged = view.policy.strategic.judgements.get(view.book().id(account));
    let judged = judged.filter(|_| view.outcome.rule == Rule::Grid);
    on.into_iter()
        .map(|factor| {
            let known = !factor.scores.is_unknown(account);
            let score = factor.scores.at(account).map(|score| score.low).filter(|_| known);
            let source = match judged.filter(|judgement| judgement.scores.contains_key(&factor.name)) {
                Some(judgement) if judgement.why.is_empty() => "judged".to_string(),
                Some(judgement) => format!("judged: {}", judgement.why),
                None => factor.source.to_string(),
            };
            (factor.name.clone(), score, factor.weight_used, source)
        })
        .collect()
}

/// Why no single change lifts an account that could stand higher, with what the next tier would take.
fn no_way_up(view: View, account: usize, changes: &[Change]) -> Option<String> {
    let now = tier(view, account);
    if now == Tier::HighTouch || changes.iter().any(|change| change.tier < now) {
        return None;
    }
    let value = view.outcome.strategic.value.get(account).copied().unwrap_or(0);
    let margins = Margins::of_account(
        &view.outcome.segmentation,
        view.policy.tiers.hysteresis,
        account,
        view.book().arr(account).0,
        value,
    );
    Some(match margins.value_up {
        Some(up) => format!(
            "up to {}: no single factor is enough; strategic value would have to rise from {:.4} to {:.4}",
            view.tier_label(up.tier),
            f64::from(value) / 10_000.0,
            f64::from(up.to) / 10_000.0
        ),
        None => "up: no change of ARR or of one factor alone is enough".to_string(),
    })
}

fn change_line(view: View, account: usize, change: &Change) -> String {
    let way = if change.tier < tier(view, account) { "up" } else { "down" };
    let what = match &change.input {
        Input::Arr { from, to } => {
            let share = match from {
                0 => String::new(),
                from => format!(" ({:+.1}%)", (*to - *from) as f64 / *from as f64 * 100.0),
            };
            format!("ARR from {} to {}{share}", view.exact(Money(*from)), view.exact(Money(*to)))
        }
        Input::Factor { name, from, to } => format!(
            "{name} from {} to {:.4}",
            from.map_or("unknown".into(), |from| format!("{from:.4}")),
            f64::from(*to) / 10_000.0
        ),
    };
    format!("{way} to {}: {what}", view.tier_label(change.tier))
}

fn care_lines(view: View, care: &Care, account: usize) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(health) = care.health.of(account) {
        let mut notes = vec![format!("{} of the weight in force known", text::percent(health.coverage))];
        if health.score.is_some() && health.floor < health.score.unwrap_or(0) {
            let missing = if health.coverage < 0.9999 {
                "what is missing"
            } else {
                "what no column of the book feeds"
            };
            notes.push(format!(
                "{:.2} to {:.2} with {missing}",
                points(health.floor),
                points(health.ceiling)
            ));
        }
        notes.extend(
            health
                .provisional
                .then(|| "provisional: what is missing keeps it out of a better status".to_string()),
        );
        if health.cold_start {
            let signs = if health.by_signs {
                "; signs of a start stand in for usage"
            } else {
                ""
            };
            notes.push(format!("young{signs}"));
        }
        lines.push(format!("health {}: {}", health_short(care, account), notes.join("; ")));
    }
    let drivers = drivers(view, care, account);
    let costly: Vec<String> = drivers
        .iter()
        .filter(|driver| driver.points >= 0.005)
        .map(|driver| format!("{} -{:.2}", driver.component.name, driver.points))
        .collect();
    if !costly.is_empty() {
        lines.push(format!("pulled down by {}", costly.join(", ")));
    }
    let blank: Vec<&str> = drivers
        .iter()
        .filter(|driver| driver.score.is_none())
        .map(|driver| driver.component.name.as_str())
        .collect();
    if !blank.is_empty() {
        lines.push(format!("health has no cell for {}", blank.join(", ")));
    }
    let stage = care.portfolio.stages.get(account).map_or("unknown", |stage| stage.code());
    let hits = expansion::hits(&care.expansion, account);
    let blocked = care.expansion.of(account).is_some_and(|found| found.blocked);
    let open = expansion::unknown(&care.expansion, account);
    let open = if open.is_empty() {
        String::new()
    } else {
        format!("; unknown: {}", open.join(", "))
    };
    lines.push(format!(
        "stage {}; expansion {}: {}{open}{}",
        stage.replace('_', " "),
        care.expansion.level(account),
        match hits.is_empty() {
            true => "no factor hits".to_string(),
            false => format!("{} hit", hits.join(", ")),
        },
        if blocked { "; HIGH is blocked by health" } else { "" }
    ));
    let action = care.portfolio.actions.iter().find(|action| action.account == account);
    if let Some((play, more)) = action.and_then(|action| Some((action.first()?, action.plays.iter().count() - 1))) {
        let more = if more == 0 {
            String::new()
        } else {
            format!("; {more} more to do")
        };
        let (due, owner) = (portfolio::due(play.due_hours), play.owner);
        lines.push(format!("do within {due} ({owner}): {}: {}{more}", play.when, play.action));
    }
    lines
}

fn drivers<'c>(view: View, care: &'c Care, account: usize) -> Vec<Driver<'c>> {
    care.health.drivers(account, Some(tier(view, account)))
}

fn flag_lines(view: View, account: usize) -> Vec<String> {
    let flags: Vec<&str> = view.outcome.flags.of(account).collect();
    let mut lines = Vec::new();
    if !flags.is_empty() {
        lines.push(format!("flags {}", flags.join(", ")));
    }
    lines.extend(comments(view, account).map(text::clean));
    lines
}

fn comments<'v>(view: View<'v>, account: usize) -> impl Iterator<Item = &'v str> {
    let comments = view.outcome.flags.comments.iter();
    comments
        .filter(move |comment| comment.account == account)
        .map(|comment| comment.text.as_ref())
}

fn motion_lines(view: View, account: usize) -> Vec<String> {
    let [_, coverage, cadence, _, _, _] = motion_of(view, account);
    vec![format!("{coverage}; {cadence}")]
}

/// Ratio, coverage, cadence, channels, playbooks, escalation of the tier under the scheme in force.
fn motion_of(view: View, account: usize) -> [String; 6] {
    let tier = tier(view, account);
    motion(view.policy.tiers.scheme, tier).filled(tier)
}

fn next(view: View, account: usize) -> String {
    let unknown = view.outcome.strategic.unknown_factors(account);
    match unknown.first().filter(|_| view.outcome.rule == Rule::Grid) {
        Some(factor) => format!(
            "score_strategic with a judgement of {factor} for {}",
            text::name(view.book().id(account))
        ),
        None => "calibrate_capacity with compare shows what another cut or weight would do".into(),
    }
}

fn data(view: View, care: &Care, account: usize, changes: &[Change], why: &[String]) -> Value {
    let factor = |(name, score, weight, source): (String, Option<f64>, f64, String)| {
        json!({
            "name": name,
            "score": score.map(|score| (score * 10_000.0).round() / 10_000.0),
            "weight": share(weight),
            "points": share(score.unwrap_or(0.0) * weight),
            "source": source,
        })
    };
    let grid = matches!(view.outcome.segmentation.thresholds, Thresholds::Grid { .. });
    let factors: Vec<Value> = factors(view, account).into_iter().map(factor).collect();
    let found = care.expansion.of(account);
    let [ratio, coverage, cadence, channels, playbooks, escalation] = motion_of(view, account);
    let flags: Vec<&str> = view.outcome.flags.of(account).collect();
    let action = care.portfolio.actions.iter().find(|action| action.account == account);
    let plays: Vec<Value> = action
        .into_iter()
        .flat_map(|action| action.plays.iter())
        .map(portfolio::play_json)
        .collect();
    let fields = [
        ("account", json!(view.book().id(account))),
        ("name", json!(view.book().name(account))),
        ("arr", amount(i128::from(view.book().arr(account).0))),
        ("tier", json!(tier(view, account).code())),
        ("row", json!(view.outcome.segmentation.row(account).code())),
        ("bin", json!(view.outcome.segmentation.bin(account).map(Bin::code))),
        (
            "strategic_value",
            if grid {
                share(view.outcome.strategic.value_of(account))
            } else {
                Value::Null
            },
        ),
        (
            "tier_score",
            json!(scored::score_text(view, account).and_then(|score| score.parse::<f64>().ok())),
        ),
        ("near_cut", json!(view.outcome.segmentation.is_near(account))),
        ("why", json!(why)),
        ("factors", Value::Array(factors)),
        ("nearest_change", Value::Array(changes.iter().map(change_json).collect())),
        ("health", health_json(view, care, account)),
        (
            "expansion",
            json!({
                "level": care.expansion.level(account),
                "hits": expansion::hits(&care.expansion, account),
                "unknown": found.map(|found| found.unknown),
                "blocked_by_health": found.is_some_and(|found| found.blocked),
            }),
        ),
        ("stage", json!(care.portfolio.stages.get(account).map(|stage| stage.code()))),
        ("plays", Value::Array(plays)),
        ("flags", json!(flags)),
        ("comments", json!(comments(view, account).collect::<Vec<_>>())),
        (
            "motion",
            json!({
                "ratio": ratio,
                "coverage": coverage,
                "cadence": cadence,
                "channels": channels,
                "playbooks": playbooks,
                "escalation": escalation,
            }),
        ),
    ];
    Value::Object(
        fields
            .into_iter()
            .map(|(key, value)| (key.to_string(), value))
            .collect::<Map<_, _>>(),
    )
}

fn change_json(change: &Change) -> Value {
    match &change.input {
        Input::Arr { from, to } => json!({
            "input": "arr",
            "from": Money(*from),
            "to": Money(*to),
            "tier": change.tier.code(),
        }),
        Input::Factor { name, from, to } => json!({
            "input": name,
            "from": from.map(|from| (from * 10_000.0).round() / 10_000.0),
            "to": f64::from(*to) / 10_000.0,
            "tier": change.tier.code(),
        }),
    }
}

fn health_json(view: View, care: &Care, account: usize) -> Value {
    let Some(health) = care.health.of(account) else {
        return Value::Null;
    };
    let driver = |driver: &Driver| {
        json!({
            "component": driver.component.name,
            "score": driver.score.map(hundredths),
            "by_signs": driver.by_signs,
            "weight": share(driver.component.used_in(Some(tier(view, account)))),
            "points_lost": driver.score.map(|_| hundredths(driver.points)),
        })
    };
    json!({
        "score": care.health.points(account),
        "status": care.health.status(account),
        "coverage": share(health.coverage),
        "provisional": health.provisional,
        "cold_start": health.cold_start,
        "floor": points(health.floor),
        "ceiling": points(health.ceiling),
        "drivers": drivers(view, care, account).iter().map(driver).collect::<Vec<_>>(),
    })
}
