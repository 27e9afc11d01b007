//! A row on its way into the book.

use std::borrow::Cow;

use crate::model::load::Reason;
use crate::model::table::Table;
use crate::parallel;

/// Who a row is about, what it pays, and what becomes of it.
#[derive(Debug, Clone)]
pub(crate) struct Draft<'t> {
    /// Row of the table.
    pub(crate) row: usize,
    /// Id cell, or blank.
    pub(crate) id: &'t str,
    /// Name cell, or blank.
    pub(crate) name: &'t str,
    /// Annual amount in cents, where one can be read.
    pub(crate) cents: Option<i64>,
    /// Currency of the amount, an entry of [`Codes`](super::codes::Codes).
    pub(crate) currency: u16,
    /// Whether the amount is committed ARR.
    pub(crate) committed: bool,
    /// Why the row is set aside, if it is.
    pub(crate) fate: Option<Reason>,
    /// What a person needs to know about that.
    pub(crate) note: String,
    /// Whether it is set aside because its subscriptions are yet to begin.
    pub(crate) not_started: bool,
    /// Marked as left by this column, although its subscriptions are live.
    pub(crate) left_but_live: Option<usize>,
}

impl Draft<'_> {
    /// Sets the row aside.
    pub(crate) fn set_aside(&mut self, reason: Reason, note: String) {
        self.fate = Some(reason);
        self.note = note;
    }

    /// Whether more than who it is and what it pays is to be said of the row.
    fn is_remarkable(&self) -> bool {
        self.fate.is_some() || self.committed || self.not_started || self.left_but_live.is_some()
    }

    /// The id, else the name, else the line: how messages call the row.
    pub(crate) fn label(&self, table: &Table) -> Cow<'_, str> {
        match (self.id, self.name) {
            ("", "") => format!("row {}", table.line(self.row)).into(),
            ("", name) => name.into(),
            (id, _) => id.into(),
        }
    }
}

/// The rows of which more is to be said, in file order.
pub(crate) fn remarkable<'d, 't>(drafts: &'d [Draft<'t>]) -> Vec<&'d Draft<'t>> {
    parallel::picked(drafts.len(), |at| drafts.get(at).filter(|draft| draft.is_remarkable()))
}
