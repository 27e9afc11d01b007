//! `validate`: runs the nine gates.

use super::session::{Session, Step, view};
use super::{Answer, Common, Context};
use crate::error::Result;
use crate::report::steps;

/// What a call says about the gates.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GatesEdit {
    /// Seed of the sample.
    pub seed: Option<u64>,
    /// Share of accounts near a cut up to which stability passes.
    pub stability_pass: Option<f64>,
    /// Share up to which it warns.
    pub stability_warn: Option<f64>,
}

/// Runs the gates.
pub fn validate(context: &Context, common: &Common, edit: &GatesEdit) -> Result<Answer> {
    let mut session = Session::open(context, common)?;
    let loaded = session.load_after(Step::Axes)?;
    let policy = &mut session.policy;
    policy.seed = edit.seed.unwrap_or(policy.seed);
    policy.gates.stability.pass = edit.stability_pass.unwrap_or(policy.gates.stability.pass);
    policy.gates.stability.warn = edit.stability_warn.unwrap_or(policy.gates.stability.warn);
    session.check(&[("gates.stability", "stability_limits")])?;
    let outcome = session.settled(&loaded)?;
    let answer = steps::gates::answer(view(&loaded, &session.policy, &outcome));
    session.finish(&answer, &loaded.content(), "gates")
}
