//! `score_health`: takes a preset, components and signals, and scores the health of every account.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::book::merge;
use super::session::{Session, Step, view};
use super::signals::Feeds;
use super::{Answer, Common, Context};
use crate::engine::cells::Columns;
use crate::engine::{self, Outcome, resolve};
use crate::error::{Error, Result};
use crate::model::book::Book;
use crate::model::health::{COLD_START, Preset, called_for};
use crate::model::policy::{Component, Policy};
use crate::model::signal::Signal;
use crate::report::steps;

/// What a call says about health.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HealthEdit {
    /// Components, weights and bands to start from; the team's own components go with it.
    pub preset: Option<Preset>,
    /// The team's own components, all of them; an empty list goes back to those of the preset.
    pub components: Option<Vec<Component>>,
    /// Signals by component or sign of a cold start; none restores the default.
    pub signals: BTreeMap<String, Option<Signal>>,
}

/// Scores the health of every account.
pub fn score(context: &Context, common: &Common, edit: &HealthEdit) -> Result<Answer> {
    let mut session = Session::open(context, common)?;
    let loaded = session.load_after(Step::Book)?;
    apply(&mut session.policy, &loaded.book, edit);
    let mut problems = signal_problems(&session.policy, &loaded.book, edit);
    let named = problems.iter().any(|problem| problem.code == "unknown_component");
    let checked = session.check(&[("health.components", "components"), ("health.signals", "signals")]);
    if let Err(error) = checked {
        // The call's own names are reported above, with a fix.
        let own = error
            .problems()
            .iter()
            .filter(|problem| !(named && problem.code == "unknown_component"));
        problems.extend(own.cloned());
    }
    Error::unless_none(problems)?;
    let outcome = engine::run(&loaded, &session.policy);
    let tiered = has_tiers(&session.policy, &outcome);
    let care = match &session.policy.health {
        // Without tiers no account has the weights of one.
        Some(model) if !tiered => {
            let health = engine::health::score(&Columns::new(&loaded.book), model, None);
            engine::care_with(&loaded, &session.policy, &outcome, Cow::Owned(health))
        }
        _ => engine::care(&loaded, &session.policy, &outcome),
    };
    let answer = steps::health::answer(view(&loaded, &session.policy, &outcome), &care, tiered);
    session.finish(&answer, &loaded.content(), "health")
}

/// Whether tiers are assigned by the rule in force.
pub(super) fn has_tiers(policy: &Policy, outcome: &Outcome) -> bool {
    resolve::has_axis(policy) && resolve::has_tiers(policy, outcome.rule, outcome.amounts.is_empty())
}

fn apply(policy: &mut Policy, book: &Book, edit: &HealthEdit) {
    let first = policy.health.is_none();
    let mut health = policy.health.clone().unwrap_or_default();
    let before = health.preset;
    let preset = edit.preset.or(before).unwrap_or_else(|| called_for(&Columns::new(book)));
    health.preset = Some(preset);
    let own: Vec<String> = health.components.iter().map(|component| component.name.clone()).collect();
    if edit.preset.is_some() {
        health.components.clear();
    }
    if let Some(components) = &edit.components {
        health.components.clone_from(components);
    }
    // Signals of components that are gone go with them, unless a preset knows them: then they wait for it.
    let gone = |name: &String| own.contains(name) && !health.components.iter().any(|component| component.name == *name);
    let preset_has = |name: &String| Preset::ALL.iter().any(|p| p.components().iter().any(|c| c.name == *name));
    health.signals.retain(|name, _| !gone(name) || preset_has(name));
    merge(&mut health.signals, &edit.signals);
    let why = match (edit.preset, before) {
        (Some(asked), before) if before != Some(asked) => Some("as asked for"),
        (None, _) if first && preset == Preset::Book => {
            Some("the book has a score of its own, and less than half of preset keep would be fed (K7)")
        }
        (None, _) if first => Some("by default (K7)"),
        _ => None,
    };
    if let Some(why) = why {
        policy.decide(
            book.as_of,
            "score_health",
            format!("health by preset {}: {why}", preset.code()),
        );
    }
    policy.health = Some(health);
}

fn signal_problems(policy: &Policy, book: &Book, edit: &HealthEdit) -> Vec<crate::error::Problem> {
    let Some(health) = &policy.health else { return Vec::new() };
    let components = health
        .preset
        .map(|preset| health.components_under(preset))
        .unwrap_or_default();
    let feeds = Feeds {
        what: "component",
        unknown: "unknown_component",
        of: "the health score",
        names: components.iter().map(|c| c.name.as_str()).chain(COLD_START).collect(),
        arr_alone: None,
    };
    let signals = edit.signals.iter().filter(|(_, signal)| signal.is_some());
    signals
        .flat_map(|(name, signal)| feeds.problems(book, name, signal.as_ref()))
        .collect()
}
