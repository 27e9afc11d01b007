//! The table of accounts, largest first: plain to read, and with the page's script to search, filter and sort.

use crate::model::tier::{Rule, Tier};
use crate::parallel;
use crate::report::charts::status_class;
use crate::report::document::Document;
use crate::report::steps::health::{score_text, words};
use crate::report::steps::{self, View, count, scored};
use crate::report::text;

use super::parts::Part;

/// The page stays under three megabytes with this many rows.
pub(super) const ROWS_MAX: usize = 5_000;
/// The widest name or id.
const NAME_MAX: usize = 80;

/// The table.
pub(super) struct AccountTable {
    pub(super) caption: String,
    pub(super) value: &'static str,
    pub(super) tiers: Vec<&'static str>,
    pub(super) statuses: Vec<String>,
    pub(super) rows: Vec<AccountRow>,
}

pub(super) struct AccountRow {
    pub(super) name: String,
    pub(super) id: String,
    pub(super) arr: String,
    pub(super) cents: i64,
    pub(super) tier: &'static str,
    pub(super) tier_place: usize,
    pub(super) value: String,
    pub(super) flags: String,
    pub(super) score: String,
    pub(super) status: String,
    pub(super) status_class: String,
    pub(super) expansion: &'static str,
    pub(super) near: &'static str,
}

pub(super) fn parts(document: &Document) -> Vec<Part> {
    let view = document.view;
    let all = view.book().len();
    let caption = match all > ROWS_MAX {
        true => format!(
            "The {} largest of {} accounts; segments.csv has them all",
            count(ROWS_MAX),
            count(all)
        ),
        false => format!("{}, largest first", steps::accounts(all)),
    };
    let account = |place: usize| view.book().nth_by_arr(place).map(|account| row(document, account));
    let n_shown = all.min(ROWS_MAX);
    // A row of the page is worth many passes over an account.
    const LEAST: usize = 256;
    let parts = parallel::in_parts(n_shown, LEAST, |places| places.filter_map(account).collect());
    let rows: Vec<AccountRow> = parallel::joined_up(parts);
    let scheme = view.policy.tiers.scheme;
    let health = &document.care.health;
    let statuses = health
        .preset
        .bands()
        .iter()
        .map(|band| band.code)
        .chain([crate::model::health::UNKNOWN]);
    vec![Part::Accounts(AccountTable {
        caption,
        value: match view.outcome.rule {
            Rule::Score => "Tier score",
            _ => "Strategic value",
        },
        tiers: Tier::ALL.iter().map(|tier| tier.name(scheme)).collect(),
        statuses: statuses.map(words).collect(),
        rows,
    })]
}

fn row(document: &Document, account: usize) -> AccountRow {
    let (view, care) = (document.view, &document.care);
    let book = view.book();
    let tier = view.outcome.segmentation.tier(account);
    let status = care.health.status(account);
    AccountRow {
        name: text::cut(&text::clean(book.name(account)), NAME_MAX),
        id: text::cut(&text::clean(book.id(account)), NAME_MAX),
        arr: book.arr(account).full(&book.currency),
        cents: book.arr(account).0,
        tier: tier.name(view.policy.tiers.scheme),
        tier_place: tier.index() + 1,
        value: value(view, account),
        flags: view.outcome.flags.of(account).collect::<Vec<_>>().join(", "),
        score: score_text(&care.health, account),
        status: words(status),
        status_class: status_class(&care.health, status),
        expansion: care.expansion.level(account),
        near: if view.outcome.segmentation.is_near(account) {
            "yes"
        } else {
            ""
        },
    }
}

/// What decides beside ARR, as `segments.csv` has it.
fn value(view: View, account: usize) -> String {
    match view.outcome.rule {
        Rule::Grid => format!("{:.4}", view.outcome.strategic.value_of(account)),
        _ => scored::score_text(view, account).unwrap_or_default(),
    }
}
