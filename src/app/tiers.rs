//! `assign_tiers`: the rule, the names, the flags, and one tier per account.

use std::collections::BTreeMap;

use serde_json::{Map, json};

use super::book::merge;
use super::session::{Session, Step, view};
use super::signals::{best, column_problem};
use super::{Answer, Common, Context};
use crate::engine::cells::Columns;
use crate::engine::tier_score::TierScore;
use crate::engine::{self, resolve};
use crate::error::{Error, Problem, Result};
use crate::model::book::Book;
use crate::model::policy::{FlagRule, Policy};
use crate::model::presets;
use crate::model::signal::When;
use crate::model::tier::{Rule, Scheme, Tier};
use crate::report::steps;

/// What a call says about tiers. Maps are merged key by key; none removes a key.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TiersEdit {
    /// The rule.
    pub rule: Option<Rule>,
    /// The names.
    pub scheme: Option<Scheme>,
    /// Flags: conditions, the default trigger again (inner none), or off (outer none).
    pub flags: BTreeMap<String, Option<Option<When>>>,
    /// Why a tier may be empty.
    pub documented_empty: BTreeMap<Tier, Option<String>>,
}

/// Places every account.
pub fn assign(context: &Context, common: &Common, edit: &TiersEdit) -> Result<Answer> {
    let mut session = Session::open(context, common)?;
    let loaded = session.load_after(Step::Axes)?;
    apply(&mut session.policy, edit);
    let mut problems = flag_problems(&loaded.book, edit);
    if let Err(error) = session.check(&[("flags", "flags"), ("tiers.documented_empty", "documented_empty")]) {
        problems.extend(error.problems().iter().cloned());
    }
    problems.extend(arr_readers(&session.policy, &loaded.book));
    Error::unless_none(problems)?;
    resolve::tiers(&mut session.policy, &loaded.book);
    let outcome = engine::run(&loaded, &session.policy);
    let answer = steps::tiers::answer(view(&loaded, &session.policy, &outcome));
    session.finish(&answer, &loaded.content(), "tiers")
}

fn apply(policy: &mut Policy, edit: &TiersEdit) {
    policy.tiers.rule = edit.rule.unwrap_or(policy.tiers.rule);
    policy.tiers.scheme = edit.scheme.unwrap_or(policy.tiers.scheme);
    merge(&mut policy.tiers.documented_empty, &edit.documented_empty);
    for (name, rule) in &edit.flags {
        let canonical = presets::FLAGS.iter().any(|(flag, _)| flag == name);
        match rule {
            Some(Some(when)) => {
                policy.flags.insert(
                    name.clone(),
                    FlagRule {
                        when: Some(when.clone()),
                        off: false,
                    },
                );
            }
            None if canonical => {
                policy.flags.insert(name.clone(), FlagRule { when: None, off: true });
            }
            Some(None) | None => {
                policy.flags.remove(name);
            }
        }
    }
}

/// Signals of the tier score that read ARR alone: ARR has a part of its own there.
fn arr_readers(policy: &Policy, book: &Book) -> Vec<Problem> {
    let parts = match policy.tiers.rule {
        Rule::Score => TierScore::arr_readers(&Columns::new(book), policy),
        _ => Vec::new(),
    };
    let refused = parts.into_iter().map(|part| {
        let message = format!(
            "{} would read ARR alone, which the ARR percentile counts already",
            part.code()
        );
        Problem::new("signal_reads_arr", message)
            .at(format!("tiers.score.signals.{}", part.code()))
            .expected("another column, or ARR against one, in the model file")
            .next("assign_tiers, after the signal in the model file reads something else")
    });
    refused.collect()
}

fn flag_problems(book: &Book, edit: &TiersEdit) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, when) in edit
        .flags
        .iter()
        .filter_map(|(name, rule)| Some((name, rule.as_ref()?.as_ref()?)))
    {
        let mut mended = when.clone();
        let mut found = Vec::new();
        for (condition, mended) in when.conditions().iter().zip(mended.conditions_mut()) {
            let Some(problem) = column_problem(book, &condition.column, format!("flags.{name}.when")) else {
                continue;
            };
            mended.column = best(&problem).unwrap_or_else(|| condition.column.clone());
            found.push(problem);
        }
        if let Some(first) = found.first_mut() {
            first.fix = Some(json!({"flags": Map::from_iter([(name.clone(), json!({"when": mended}))])}));
        }
        problems.extend(found);
    }
    problems
}
