//! Options that fit the team: found, taken by their id, and taken back (S11).

use std::sync::Arc;

use serde_json::json;

use super::{Context, session};
use crate::engine::calibrate::{self, Calibration, Choice, Question};
use crate::engine::{self, Outcome, resolve};
use crate::error::{Error, Problem, Result};
use crate::io::quoted;
use crate::model::load::Loaded;
use crate::model::policy::Policy;
use crate::model::tier::Rule;
use crate::report::steps::options::{self, Applied};

/// What to call instead of an option's id to take the last one back.
pub(super) const PREVIOUS: &str = "previous";

/// Searches the options for a model as it stands.
pub(super) fn search(context: &Context, loaded: &Loaded, policy: &Policy, outcome: &Outcome) -> Result<Calibration> {
    let question = Question::new(&loaded.book, policy, outcome);
    calibrate::search(&question, &context.control.part(session::LOADED, 1.0))
}

/// Writes an option, or what stood before the last one, into the model, with a dated decision (M25).
///
/// Errors: `unknown_option`, `nothing_to_undo`, `cancelled`.
pub(super) fn apply(
    context: &Context,
    policy: &mut Policy,
    loaded: &Loaded,
    before: &Outcome,
    id: &str,
) -> Result<(Arc<Outcome>, Applied)> {
    if before.rule == Rule::Score {
        let message = "rule score has fixed bands, so no option can be applied or taken back";
        return Err(Problem::new("unknown_option", message)
            .at("apply")
            .expected("rule grid or arr, whose cuts and bins calibration places")
            .next("assign_tiers with {\"rule\": \"grid\"} or {\"rule\": \"arr\"}, then calibrate_capacity")
            .into());
    }
    let (id, title) = match id {
        PREVIOUS => {
            if !resolve::undo(policy, &loaded.book) {
                return Err(Problem::new("nothing_to_undo", "no option has been applied to this model")
                    .at("apply")
                    .expected("`previous` after an option was applied")
                    .next("calibrate_capacity")
                    .into());
            }
            (PREVIOUS.to_string(), "what stood before".to_string())
        }
        id => {
            let found = search(context, loaded, policy, before)?;
            let option = find(&found, id)?;
            resolve::take(policy, &loaded.book, option.thresholds);
            (option.id.to_string(), option.title.clone())
        }
    };
    let after = engine::run(loaded, policy);
    let applied = options::applied(&id, &title, loaded, before, &after);
    policy.decide(loaded.book.as_of, "calibrate_capacity", applied.decision.clone());
    Ok((after, applied))
}

fn find<'c>(calibration: &'c Calibration, id: &str) -> Result<&'c Choice> {
    let matches = |option: &&Choice| id.eq_ignore_ascii_case(&option.id.to_string());
    calibration.options.iter().find(matches).ok_or_else(|| {
        let ids: Vec<String> = calibration.options.iter().map(|option| option.id.to_string()).collect();
        let why = match (&calibration.searched, &calibration.infeasible) {
            (None, _) => ": without a headcount, or where nobody pays, there is nothing to fit",
            (_, Some(_)) => ": no combination keeps to every limit",
            _ => "",
        };
        let problem = Problem::new("unknown_option", format!("no option {}{why}", quoted(id)))
            .at("apply")
            .found(
                calibration
                    .options
                    .iter()
                    .map(|option| format!("{} ({})", option.id, option.title)),
            )
            .expected(format!(
                "{}`{PREVIOUS}`",
                ids.iter().map(|id| format!("{id}, ")).collect::<String>()
            ))
            .next(match calibration.searched {
                None => "calibrate_capacity with csms, the CSM headcount",
                Some(_) => "calibrate_capacity without apply lists the options",
            });
        Error::from(problem)
    })
}

/// An option is a promise about one model and one book: it is taken only while both are as they were.
///
/// Errors: `missing_argument`, `stale_option`.
pub(super) fn check_revision(given: Option<&str>, now: &str) -> Result<()> {
    let Some(given) = given else {
        return Err(Problem::new(
            "missing_argument",
            "`apply` takes an option as it was shown, so it needs that answer's `revision`",
        )
        .at("revision")
        .expected("the revision printed with the options")
        .next("calibrate_capacity without apply shows the options with their revision")
        .into());
    };
    if given == now {
        return Ok(());
    }
    let message = format!(
        "the options were for revision {}, and the model or the book has changed since",
        quoted(given)
    );
    Err(Problem::new("stale_option", message)
        .at("revision")
        .expected("the revision of the model and book as they are now, after looking at the options anew")
        .fix(json!({"apply": null, "revision": null}))
        .next("calibrate_capacity")
        .into())
}
