//! What the document's sections hold, one function a section (M31–M38, K14, K20).

use super::super::steps::expansion::Levels;
use super::super::steps::health::Tallies;
use super::super::steps::{self, View, accounts, count};
use super::super::{Block, Table, migration, text};
use crate::engine::Care;
use crate::engine::flags::Flag;
use crate::engine::score::Edges;
use crate::engine::tiering::Thresholds;
use crate::model::finding::Finding;
use crate::model::motions::motion;
use crate::model::policy::{Motion, Policy};
use crate::model::signal::{Condition, Op, When};
use crate::model::tier::{Rule, Scheme, Tier};

pub(super) fn summary(view: View, care: &Care, tallies: &Tallies, levels: &Levels) -> Vec<Block> {
    let rule = match view.outcome.rule {
        Rule::Arr if view.policy.tiers.rule == Rule::Arr => "ARR alone, as the team chose",
        Rule::Arr => "ARR alone (fewer than two strategic factors are fed)",
        Rule::Score => "the tier score",
        _ => "ARR row and strategic bin",
    };
    let words = format!(
        "{} with {} ARR are placed in four service tiers by {rule}. Concentration: {}. {}.",
        accounts(view.book().len()),
        view.short(view.book().total_cents()),
        steps::axes::concentration_line(view),
        steps::capacity::verdict(view)
    );
    let mut blocks = vec![Block::Text(words)];
    blocks.extend(aims(view.policy).map(Block::Text));
    blocks.push(Block::Table(steps::tiers::tier_table(view)));
    if care.health.components.iter().any(|component| component.on) {
        blocks.push(Block::Text(format!(
            "Health: {}.",
            steps::health::verdict(view, care, &tallies.book)
        )));
    }
    if care.expansion.factors.iter().any(|factor| factor.on) {
        blocks.push(Block::Text(format!(
            "Expansion: {}.",
            steps::expansion::verdict(view, levels)
        )));
    }
    blocks
}

/// What the team said of its aims and of how it works today (K4).
fn aims(policy: &Policy) -> Option<String> {
    let book = policy.book.as_ref()?;
    let nrr = book.target_nrr.map(|nrr| format!("Target NRR: {}.", text::percent(nrr)));
    let motion = book.current_motion.map(|motion| {
        let words = match motion {
            Motion::AllHighTouch => "every account has a named CSM",
            Motion::AllAutomated => "no account has a named CSM",
            Motion::Mixed => "some accounts have a named CSM",
        };
        format!("Today {words}.")
    });
    let said: Vec<String> = nrr.into_iter().chain(motion).collect();
    (!said.is_empty()).then(|| said.join(" "))
}

pub(super) fn axes(view: View) -> Vec<Block> {
    let axis = &view.outcome.axis;
    let (rows, value) = match view.outcome.rule {
        Rule::Arr | Rule::Score => (
            "Rows, which do not decide tiers here:",
            "Strategic value, which does not decide tiers here,",
        ),
        _ => ("Rows:", "Strategic value"),
    };
    let mut lines = vec![format!("ARR axis: {}.", axis.reason)];
    if let Some(cuts) = axis.cuts {
        lines.push(format!(
            "{rows} low under {}, mid from there to under {}, high from there up.",
            view.exact(cuts.low),
            view.exact(cuts.high)
        ));
    }
    let edges = Edges::of(view.policy.strategic.bins);
    lines.push(format!(
        "{value} is the weighted sum of the factors below, 0 to 1: low under {:.2}, high above {:.2}, medium between, both edges included.",
        edges.low_below(),
        edges.high_above()
    ));
    let mut blocks = vec![
        Block::List(lines),
        Block::Table(steps::axes::band_table(view)),
        Block::Table(steps::axes::factor_table(view)),
    ];
    blocks.extend(steps::scored::blocks(view));
    blocks
}

pub(super) fn tiers(view: View) -> Vec<Block> {
    let mut table = Table::new(&["Tier", "Entry", "Treatment", ">Accounts per CSM"]);
    for demand in &view.outcome.plan.tiers {
        table.push([
            demand.tier.name(view.policy.tiers.scheme).to_string(),
            entry(view, demand.tier),
            treatment(view.policy.tiers.scheme, demand.tier),
            steps::capacity::book_text(demand.book),
        ]);
    }
    let mut blocks = vec![Block::Table(table)];
    let empty = |tier: &Tier| view.outcome.segmentation.total(*tier).accounts == 0;
    for (tier, why) in view.policy.tiers.documented_empty.iter().filter(|(tier, _)| empty(tier)) {
        blocks.push(Block::Text(format!(
            "{} is empty: {}.",
            tier.name(view.policy.tiers.scheme),
            text::clean(why)
        )));
    }
    blocks
}

/// Who serves the tier.
fn treatment(scheme: Scheme, tier: Tier) -> String {
    let [_, coverage, ..] = motion(scheme, tier).filled(tier);
    coverage
}

/// What puts an account into a tier, in words.
fn entry(view: View, tier: Tier) -> String {
    match view.outcome.segmentation.thresholds {
        Thresholds::Arr(None) => if tier == Tier::Plg { "every account" } else { "none" }.to_string(),
        Thresholds::Arr(Some(cuts)) => match tier {
            Tier::HighTouch => format!("ARR from {}", view.exact(cuts.high_touch)),
            Tier::MidTouch => format!(
                "ARR from {} to under {}",
                view.exact(cuts.mid_touch),
                view.exact(cuts.high_touch)
            ),
            Tier::TechTouch => format!(
                "ARR from {} to under {}",
                view.exact(cuts.tech_touch),
                view.exact(cuts.mid_touch)
            ),
            Tier::Plg => format!("ARR under {}", view.exact(cuts.tech_touch)),
        },
        Thresholds::Score => steps::scored::entry(tier).to_string(),
        Thresholds::Grid { .. } => match tier {
            Tier::HighTouch => "high strategic value with ARR in the high or mid row",
            Tier::MidTouch => "high ARR otherwise; mid ARR with medium value; low ARR with high value",
            Tier::TechTouch => "mid ARR with low value; low ARR with medium value",
            Tier::Plg => "low ARR with low value",
        }
        .to_string(),
    }
}

pub(super) fn flags(view: View) -> Vec<Block> {
    let mut table = Table::new(&["Flag", ">Accounts", "Set when", "Unlocks"]);
    for flag in &view.outcome.flags.flags {
        table.push([
            flag.name.clone(),
            count(flag.accounts()),
            set_when(flag),
            flag.unlocks.to_string(),
        ]);
    }
    let mut blocks = vec![
        Block::Text("Flags add to a tier and never change it.".into()),
        Block::Table(table),
    ];
    if !view.outcome.flags.idle.is_empty() {
        blocks.push(Block::Text(format!("No column sets {}.", view.outcome.flags.idle.join(", "))));
    }
    let comment = |c: &crate::engine::flags::Comment| format!("{}: {}", view.named(c.account), c.text);
    let comments: Vec<String> = view
        .outcome
        .flags
        .comments
        .iter()
        .take(steps::ROWS_MAX)
        .map(comment)
        .collect();
    blocks.push(Block::List(comments));
    blocks
}

fn set_when(flag: &Flag) -> String {
    let columns = when_text(&flag.when);
    match (flag.by_health, columns.is_empty()) {
        (false, _) => columns,
        (true, true) => "health is at risk".to_string(),
        (true, false) => format!("{columns} or scored health is at risk"),
    }
}

/// Statuses, components, at-risk ARR by tier, the three dimensions and what to do first (K7, A6–A8).
pub(super) fn health(view: View, care: &Care, tallies: &Tallies) -> Vec<Block> {
    if care.health.components.iter().all(|component| !component.on) {
        return vec![Block::Text("No column of the book feeds health.".into())];
    }
    let mut blocks = vec![
        Block::Text(format!("{}.", steps::health::verdict(view, care, &tallies.book))),
        Block::Table(steps::health::component_table(&care.health)),
        Block::Table(steps::health::tier_table(view, tallies)),
        Block::Table(steps::portfolio::group_table(view, care)),
    ];
    let actions = care.portfolio.actions.len();
    if actions > 0 {
        blocks.push(Block::Table(steps::portfolio::action_table(view, care, ACTIONS_MAX)));
    }
    if actions > ACTIONS_MAX {
        blocks.push(Block::Text(format!(
            "These are {} of {} accounts that call for something; the report of score_health has the others.",
            count(ACTIONS_MAX),
            count(actions)
        )));
    }
    if view.outcome.health.is_none() {
        blocks.push(Block::Text(
            "Health is shown by its defaults. The flag at_risk_retention goes by its own trigger until score_health is called."
                .into(),
        ));
    }
    blocks
}

/// The document shows the accounts to begin with; the report of `score_health` has more.
const ACTIONS_MAX: usize = 50;

pub(super) fn expansion(view: View, care: &Care, levels: &Levels) -> Vec<Block> {
    if care.expansion.factors.iter().all(|factor| !factor.on) {
        return vec![Block::Text("No column of the book says who is ready to expand.".into())];
    }
    vec![
        Block::Text(format!("{}.", steps::expansion::verdict(view, levels))),
        Block::Table(steps::expansion::factor_table(view, care)),
        Block::Table(steps::expansion::tier_table(view, levels)),
    ]
}

fn when_text(when: &When) -> String {
    let joint = match when {
        When::All(_) => " and ",
        When::Any(_) => " or ",
    };
    when.conditions().iter().map(condition_text).collect::<Vec<_>>().join(joint)
}

fn condition_text(condition: &Condition) -> String {
    let column = condition.column.strip_prefix("role:").unwrap_or(&condition.column);
    let op = match condition.op {
        Op::Eq => "is",
        Op::Ne => "is not",
        Op::Lt => "<",
        Op::Le => "<=",
        Op::Gt => ">",
        Op::Ge => ">=",
        Op::In => "is one of",
        Op::Present => return format!("{column} is filled"),
        Op::Contains => "contains",
    };
    let value = condition.value.as_ref().map(|value| value.text()).unwrap_or_default();
    format!("{column} {op} {}", text::cut(&text::clean(&value), 60))
}

pub(super) fn customers(view: View) -> Vec<Block> {
    let value = match view.outcome.rule {
        Rule::Score => ">Tier score",
        _ => ">Strategic value",
    };
    let mut table = Table::new(&["Account", ">ARR", value, "Primary segment", "Override flags"]);
    let largest: Vec<usize> = view.book().by_arr().take(steps::ROWS_MAX).collect();
    for (account, name) in largest.iter().copied().zip(view.told_apart(&largest)) {
        let flags: Vec<&str> = view.outcome.flags.of(account).collect();
        table.push([
            name,
            view.book().arr(account).full(&view.book().currency),
            match view.outcome.rule {
                Rule::Grid => format!("{:.4}", view.outcome.strategic.value_of(account)),
                _ => steps::scored::score_text(view, account).unwrap_or_else(|| "-".into()),
            },
            view.outcome
                .segmentation
                .tier(account)
                .name(view.policy.tiers.scheme)
                .to_string(),
            flags.join(", "),
        ]);
    }
    let mut blocks = vec![Block::Table(table)];
    if let Some(more) = view.book().len().checked_sub(steps::ROWS_MAX).filter(|more| *more > 0) {
        blocks.push(Block::Text(format!("{} more in segments.csv.", accounts(more))));
    }
    blocks.push(Block::Table(steps::tiers::held_table(view)));
    blocks
}

pub(super) fn capacity(view: View) -> Vec<Block> {
    let mut blocks = vec![
        Block::Text(format!("{}.", steps::capacity::verdict(view))),
        Block::Table(steps::capacity::demand_table(view)),
        Block::List(
            steps::capacity::findings(view)
                .into_iter()
                .map(|finding| finding.text)
                .collect(),
        ),
    ];
    for section in steps::resources::sections(view) {
        blocks.push(Block::Text(format!("{}:", section.title)));
        blocks.extend(section.blocks);
    }
    blocks
}

pub(super) fn triggers(view: View) -> Vec<Block> {
    let mut blocks = recalibration(view.policy);
    let scheme = view.policy.tiers.scheme;
    blocks.extend(migration::blocks(
        view.policy.migration.as_ref(),
        scheme,
        &view.book().currency,
    ));
    blocks
}

fn recalibration(policy: &Policy) -> Vec<Block> {
    let Some(triggers) = &policy.triggers else {
        return vec![Block::Text(
            "None: the [triggers] section was deleted from the model file.".into(),
        )];
    };
    let percent = |share: f64| text::percent(share);
    let lines = [
        triggers
            .baseline_months
            .map(|months| format!("a new baseline every {months} months")),
        triggers
            .tier_arr_move
            .map(|share| format!("a tier's ARR moves {} up or down", percent(share))),
        triggers
            .headcount_move
            .map(|share| format!("CSM headcount changes by {}", percent(share))),
        triggers
            .tier_churn_over_target
            .map(|times| format!("a tier churns over {times} times its target, two quarters running")),
        triggers
            .product_line_launch
            .filter(|on| *on)
            .map(|_| "a product line launch changes what a tier means".to_string()),
        triggers
            .months_between_min
            .map(|months| format!("in steady state never more often than every {months} months")),
    ];
    vec![
        Block::Text("Calibrate again when:".into()),
        Block::List(lines.into_iter().flatten().collect()),
    ]
}

pub(super) fn confidence(view: View) -> Vec<Block> {
    let gates = &view.outcome.gates;
    let coverage = text::percent(view.outcome.strategic.coverage());
    let why = match view.outcome.segmentation.rule {
        Rule::Arr => "tiers follow ARR alone, and what strategic value would add is not in them".to_string(),
        Rule::Score => steps::scored::known(view),
        _ => format!("{coverage} of strategic value, by weight, is known from data or judgements"),
    };
    let mut blocks = vec![Block::Text(format!("Confidence is {}: {why}.", gates.confidence.code()))];
    if gates.gaps.is_empty() {
        blocks.push(Block::Text("No input is missing.".into()));
    } else {
        blocks.push(Block::List(gates.gaps.clone()));
    }
    blocks.push(Block::Text("How the book was read:".into()));
    blocks.push(Block::List(steps::book::reading(view.loaded, view.policy)));
    blocks
}

/// Everything that the steps noticed: what a box had no room for stands here.
pub(super) fn findings(all: &[Finding]) -> Vec<Block> {
    match all.is_empty() {
        true => vec![Block::Text("None.".into())],
        false => vec![Block::List(all.iter().map(finding_line).collect())],
    }
}

/// A finding with its severity in words.
pub(in crate::report) fn finding_line(finding: &Finding) -> String {
    format!("{}: {}", text::severity(finding.severity), finding.text)
}

pub(super) fn decisions(policy: &Policy) -> Vec<Block> {
    let mut table = Table::new(&["Date", "Step", "Decision"]);
    for decision in &policy.decisions {
        table.push([decision.date.to_string(), decision.step.clone(), text::clean(&decision.text)]);
    }
    let mut judged = Table::new(&["Account", "Scores", "Why"]);
    for (account, judgement) in policy.strategic.judgements.iter().take(steps::ROWS_MAX) {
        let scores: Vec<String> = judgement
            .scores
            .iter()
            .map(|(factor, score)| format!("{factor} {score}"))
            .collect();
        judged.push([text::clean(account), scores.join(", "), text::clean(&judgement.why)]);
    }
    vec![Block::Table(table), Block::Table(judged)]
}
