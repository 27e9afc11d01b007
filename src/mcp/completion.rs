//! Completions: what may be meant by what was typed so far into an argument of a prompt or an address of a resource.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rmcp::ErrorData;
use rmcp::model::{CompleteRequestParams, CompletionInfo, Reference};

use super::{prompts, resources};
use crate::app::complete::{self, Accounts, Stamp};
use crate::app::{Context, shelf};
use crate::error::Result;

/// The model whose accounts are offered: that of a call which names none.
const MODEL: &str = "segmentation";
/// How long a look through the workspace is believed, so that a key costs no second look.
const LOOK_FRESH: Duration = Duration::from_secs(10);

/// What was found for the key before, so that the next one is answered at once.
#[derive(Default)]
pub(super) struct Known {
    books: Mutex<Option<(Instant, Arc<Vec<String>>)>>,
    accounts: Mutex<Option<(Stamp, Arc<Accounts>)>>,
}

/// Values and how many there are; nothing where nothing can be offered.
pub(super) fn complete(
    known: &Known,
    context: &Context,
    request: &CompleteRequestParams,
) -> std::result::Result<CompletionInfo, ErrorData> {
    let (name, typed) = (request.argument.name.as_str(), request.argument.value.as_str());
    let offered = match &request.r#ref {
        Reference::Prompt(prompt) => match (prompt.name.as_str(), name) {
            (prompts::SEGMENT, "book") => known.books(context).map(|books| paths_like(&books, typed)),
            (prompts::SEGMENT, "csms") => Ok(whole(tiers_like(typed))),
            (prompts::REVIEW, "account") => known.accounts(context).map(|accounts| match accounts {
                Some(accounts) => accounts.like(typed, CompletionInfo::MAX_VALUES),
                None => (Vec::new(), 0),
            }),
            (prompts::SEGMENT | prompts::REVIEW, _) => Ok((Vec::new(), 0)),
            (other, _) => return Err(prompts::unknown(other)),
        },
        Reference::Resource(template) => match (template.uri.as_str(), name) {
            (resources::MODEL | resources::REPORT, "model") => Ok(whole(like(shelf::models(context), typed))),
            (resources::REPORT, "name") => {
                let model = request.context.as_ref().and_then(|context| context.get_argument("model"));
                Ok(whole(like(reports(context, model.map(String::as_str)), typed)))
            }
            (resources::MODEL | resources::REPORT, _) => Ok((Vec::new(), 0)),
            _ => {
                let message = format!(
                    "unknown resource template; there are {} and {}",
                    resources::MODEL,
                    resources::REPORT
                );
                return Err(ErrorData::invalid_params(message, None));
            }
        },
        _ => {
            return Err(ErrorData::invalid_params(
                "`ref` is neither a prompt nor a resource template",
                None,
            ));
        }
    };
    // A book that cannot be read is no reason to trouble somebody who types: the tool that reads it says what is wrong.
    let (mut values, total) = offered.unwrap_or_else(|error| {
        tracing::debug!(%error, "nothing can be offered");
        (Vec::new(), 0)
    });
    values.truncate(CompletionInfo::MAX_VALUES);
    let has_more = total > values.len();
    let total = u32::try_from(total).ok();
    CompletionInfo::with_pagination(values, total, has_more).map_err(|error| ErrorData::internal_error(error, None))
}

impl Known {
    fn books(&self, context: &Context) -> Result<Arc<Vec<String>>> {
        let mut last = self.books.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((when, books)) = last.as_ref().filter(|(when, _)| when.elapsed() < LOOK_FRESH) {
            tracing::trace!(age = ?when.elapsed(), "the workspace was looked through before");
            return Ok(Arc::clone(books));
        }
        let books = Arc::new(complete::books(context)?);
        *last = Some((Instant::now(), Arc::clone(&books)));
        Ok(books)
    }

    /// The accounts of the loaded book, read anew when the book or the model has changed; none where no book is loaded.
    fn accounts(&self, context: &Context) -> Result<Option<Arc<Accounts>>> {
        let Some(stamp) = complete::stamp(context, MODEL)? else {
            return Ok(None);
        };
        let mut last = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, accounts)) = last.as_ref().filter(|(before, _)| *before == stamp) {
            return Ok(Some(Arc::clone(accounts)));
        }
        let accounts = Arc::new(complete::accounts(context, MODEL)?);
        *last = Some((stamp, Arc::clone(&accounts)));
        Ok(Some(accounts))
    }
}

fn whole(values: Vec<String>) -> (Vec<String>, usize) {
    let total = values.len();
    (values, total)
}

/// Names that begin with what was typed, then names that contain it.
fn like(names: Vec<String>, typed: &str) -> Vec<String> {
    let typed = typed.to_lowercase();
    let (begin, others): (Vec<String>, Vec<String>) = names.into_iter().partition(|name| name.to_lowercase().starts_with(&typed));
    let contain = others.into_iter().filter(|name| name.to_lowercase().contains(&typed));
    begin.into_iter().chain(contain).collect()
}

/// Paths in the order of their rank, by beginning of the path, of the file's name, or by what they contain.
fn paths_like(paths: &[String], typed: &str) -> (Vec<String>, usize) {
    let wanted = typed.trim().trim_start_matches("./");
    whole(like(paths.to_vec(), wanted))
}

/// `high_touch=3,mid` goes on as `high_touch=3,mid_touch=`.
fn tiers_like(typed: &str) -> Vec<String> {
    let (before, last) = typed.rfind(',').map_or(("", typed), |at| typed.split_at(at + 1));
    let last = last.trim_start();
    let is_new = |tier: &&str| tier.starts_with(last) && !before.contains(&format!("{tier}="));
    complete::tiers()
        .into_iter()
        .filter(is_new)
        .map(|tier| format!("{before}{tier}="))
        .collect()
}

/// Reports of a model, or of all models while none is chosen.
fn reports(context: &Context, model: Option<&str>) -> Vec<String> {
    let models = match model {
        Some(model) => vec![model.to_string()],
        None => shelf::models(context),
    };
    let mut names: Vec<String> = models.iter().flat_map(|model| shelf::reports(context, model)).collect();
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_go_on_after_a_comma_and_come_once() {
        assert_eq!(tiers_like("h"), ["high_touch="]);
        assert_eq!(tiers_like("high_touch=3,m"), ["high_touch=3,mid_touch="]);
        assert_eq!(
            tiers_like("plg=1,"),
            ["plg=1,high_touch=", "plg=1,mid_touch=", "plg=1,tech_touch="]
        );
        assert!(tiers_like("6").is_empty());
    }

    #[test]
    fn what_begins_so_comes_before_what_contains_it() {
        let paths = ["old/accounts.csv", "accounts.csv", "notes.csv"].map(String::from);
        assert_eq!(paths_like(&paths, "./Acc").0, ["accounts.csv", "old/accounts.csv"]);
        assert_eq!(paths_like(&paths, "").1, 3);
        assert!(paths_like(&paths, "/etc").0.is_empty());
    }
}
