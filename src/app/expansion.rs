//! `score_expansion`: takes signals and cuts, and says how ready each account is to expand.

use std::collections::BTreeMap;

use super::book::merge;
use super::session::{Session, Step, view};
use super::signals::Feeds;
use super::{Answer, Common, Context};
use crate::engine;
use crate::error::{Error, Result};
use crate::model::expansion::FACTORS;
use crate::model::policy::ExpansionCuts;
use crate::model::signal::Signal;
use crate::report::steps;

/// What a call says about expansion.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ExpansionEdit {
    /// Signals by factor; none restores the default.
    pub signals: BTreeMap<String, Option<Signal>>,
    /// Hits that HIGH takes.
    pub high: Option<u8>,
    /// Hits that MEDIUM takes.
    pub medium: Option<u8>,
}

/// Says how ready each account is to expand.
pub fn score(context: &Context, common: &Common, edit: &ExpansionEdit) -> Result<Answer> {
    let mut session = Session::open(context, common)?;
    let loaded = session.load_after(Step::Axes)?;
    let feeds = Feeds {
        what: "factor",
        unknown: "unknown_factor",
        of: "expansion",
        names: FACTORS.to_vec(),
        arr_alone: Some("revenue does not say who is ready to expand"),
    };
    let signals = edit.signals.iter();
    let mut problems: Vec<_> = signals
        .flat_map(|(name, signal)| feeds.problems(&loaded.book, name, signal.as_ref()))
        .collect();
    let mut model = session.policy.expansion.clone().unwrap_or_default();
    let known = |name: &String| FACTORS.contains(&name.as_str());
    let named = edit.signals.iter().filter(|(name, _)| known(name));
    merge(
        &mut model.signals,
        &named.map(|(name, signal)| (name.clone(), signal.clone())).collect(),
    );
    model.cuts = ExpansionCuts {
        high: edit.high.unwrap_or(model.cuts.high),
        medium: edit.medium.unwrap_or(model.cuts.medium),
    };
    session.policy.expansion = Some(model);
    if let Err(error) = session.check(&[("expansion.cuts", "cuts"), ("expansion.signals", "signals")]) {
        problems.extend(error.problems().iter().cloned());
    }
    Error::unless_none(problems)?;
    let outcome = session.settled(&loaded)?;
    let care = engine::care(&loaded, &session.policy, &outcome);
    let answer = steps::expansion::answer(view(&loaded, &session.policy, &outcome), &care);
    session.finish(&answer, &loaded.content(), "expansion")
}
