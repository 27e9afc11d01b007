//! `explain_account`: everything about one account on one screen, and the smallest changes that would move it.

use serde_json::json;

use super::session::{Session, Step, view};
use super::signals::{account_problem, meant};
use super::{Answer, Common, Context};
use crate::engine::{self, explain};
use crate::error::{Problem, Result};
use crate::model::book::Book;
use crate::report::steps;

/// Explains one account, by id, or by name where only one account has it.
pub fn explain(context: &Context, common: &Common, account: Option<&str>) -> Result<Answer> {
    let session = Session::look(context, common)?;
    let loaded = session.load_after(Step::Axes)?;
    let account = found(&loaded.book, account)?;
    let outcome = session.settled(&loaded)?;
    let care = engine::care(&loaded, &session.policy, &outcome);
    let changes = explain::nearest_changes(&loaded.book, &session.policy, &outcome, account);
    let answer = steps::explain::answer(view(&loaded, &session.policy, &outcome), &care, account, &changes);
    session.tell(&answer, &loaded.content())
}

fn found(book: &Book, wanted: Option<&str>) -> Result<usize> {
    let Some(wanted) = wanted.filter(|wanted| !wanted.trim().is_empty()) else {
        let largest = book.by_arr().next().map(|account| book.id(account)).unwrap_or_default();
        return Err(Problem::new("missing_argument", "no account is named")
            .at("account")
            .expected("an account id of the book, or a name that only one account has")
            .fix(json!({"account": largest}))
            .into());
    };
    if let Some(account) = book.find(wanted.trim()) {
        return Ok(account);
    }
    let lower = wanted.trim().to_lowercase();
    let mut alike = (0..book.len()).filter(|i| book.name(*i).to_lowercase() == lower || book.id(*i).to_lowercase() == lower);
    if let (Some(only), None) = (alike.next(), alike.next()) {
        return Ok(only);
    }
    let problem = account_problem(book, wanted, "account".into(), true);
    Err(match meant(book, wanted.trim()) {
        Some(account) => problem.fix(json!({"account": book.id(account)})),
        None => problem.next("explain_account with one of these ids, or list_accounts to see more"),
    }
    .into())
}
