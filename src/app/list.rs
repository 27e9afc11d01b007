//! `list_accounts`: the accounts that a filter picks, sorted, a page at a time.

use std::cmp::Ordering;

use serde::Deserialize;
use serde_json::{Map, json};

use super::session::{Session, Step, view};
use super::{Answer, Common, Context};
use crate::engine::margin::Margins;
use crate::engine::{self, Care, Outcome};
use crate::error::{Error, Problem, Result, candidates};
use crate::model::book::Book;
use crate::model::expansion::Level;
use crate::model::finding::Finding;
use crate::model::health::UNKNOWN;
use crate::model::policy::Policy;
use crate::model::tier::{Bin, Row, Rule, Tier};
use crate::report::steps;
use crate::report::steps::list::{Page, Shows};
use crate::report::steps::portfolio::light;
use crate::store;

/// What is asked of the list. Within a filter any of its words will do; all filters must hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ListRequest {
    /// Tiers.
    pub tier: Vec<String>,
    /// Flags.
    pub flag: Vec<String>,
    /// Strategic bins.
    pub bin: Vec<String>,
    /// ARR rows.
    pub row: Vec<String>,
    /// Health statuses.
    pub health: Vec<String>,
    /// Expansion levels.
    pub expansion: Vec<String>,
    /// Whether the account changes tier at ARR ±10%.
    pub near_cut: Option<bool>,
    /// The order; by ARR unless said.
    pub sort: Sort,
    /// Which end first; each order has its own.
    pub order: Option<Order>,
    /// Accounts on a page.
    pub limit: Option<u64>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// Orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Largest first.
    #[default]
    Arr,
    /// From A.
    Name,
    /// Highest first.
    StrategicValue,
    /// Healthiest first.
    Health,
    /// Nearest to a change of tier by ARR first.
    Margin,
}

impl Sort {
    /// What the list shows beside tier and ARR.
    fn shows(self) -> Shows {
        match self {
            Sort::Arr | Sort::Name => Shows::Care,
            Sort::StrategicValue => Shows::Value,
            Sort::Health => Shows::Health,
            Sort::Margin => Shows::Margin,
        }
    }
}

/// Which end comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Smallest first.
    Asc,
    /// Largest first.
    Desc,
}

/// What every preset's bands say, whatever it calls them.
const LIGHTS: [&str; 3] = ["green", "yellow", "red"];
const LIMIT: u64 = 20;
const LIMIT_MAX: u64 = 50;
/// Rows that a box holds with all that stands around them.
const BOX_MAX: u64 = 20;

/// Lists accounts.
pub fn list(context: &Context, common: &Common, request: &ListRequest) -> Result<Answer> {
    let session = Session::look(context, common)?;
    let loaded = session.load_after(Step::Axes)?;
    let outcome = session.settled(&loaded)?;
    let care = engine::care(&loaded, &session.policy, &outcome);
    Error::unless_none(filter_problems(request, &outcome, &care))?;
    let revision = session.revision(&loaded)?;
    let query = fingerprint(request, &revision);
    let from = match &request.cursor {
        Some(cursor) => offset(cursor, &query)?,
        None => 0,
    };
    let mut picked: Vec<usize> = loaded
        .book
        .by_id()
        .filter(|account| picks(request, &outcome, &care, *account))
        .collect();
    sort(&mut picked, request, &loaded.book, &session.policy, &outcome, &care);
    let limit = request.limit.unwrap_or(LIMIT);
    let most = if session.draws_box() { BOX_MAX } else { LIMIT_MAX };
    let clamped = limit.clamp(1, most);
    let mut findings = Vec::new();
    if limit != clamped {
        let text = format!("limit {limit} is taken as {clamped}: a box holds {BOX_MAX} accounts, format json {LIMIT_MAX}");
        findings.push(Finding::info("limit_clamped", text));
    }
    if outcome.rule != Rule::Grid && (request.sort == Sort::StrategicValue || !request.bin.is_empty()) {
        let text = format!(
            "bins and strategic value are blank under rule {}: the list has neither",
            outcome.rule.code()
        );
        findings.push(Finding::info("no_bins", text));
    }
    let end = from.saturating_add(clamped as usize);
    let total = picked.len();
    let page = Page {
        from,
        total,
        arr_cents: picked.iter().map(|account| i128::from(loaded.book.arr(*account).0)).sum(),
        accounts: picked.into_iter().skip(from).take(clamped as usize).collect(),
        sort: request.sort.shows(),
        next_cursor: (end < total).then(|| format!("{query}-{end}")),
        findings,
    };
    let answer = steps::list::answer(view(&loaded, &session.policy, &outcome), &care, &page);
    session.tell(&answer, &loaded.content())
}

/// What a cursor hangs on: the filters, the order, and the revision of model and book.
fn fingerprint(request: &ListRequest, revision: &str) -> String {
    let asked = ListRequest {
        limit: None,
        cursor: None,
        ..request.clone()
    };
    store::revision(&format!("{asked:?}"), revision)
}

fn offset(cursor: &str, query: &str) -> Result<usize> {
    let parts = cursor.split_once('-');
    let offset = parts.and_then(|(made_for, offset)| Some((made_for, offset.parse::<usize>().ok()?)));
    match offset {
        Some((made_for, offset)) if made_for == query => Ok(offset),
        _ => Err(Problem::new(
            "stale_cursor",
            "the cursor belongs to another filter or order, or the book or the model has changed since",
        )
        .at("cursor")
        .expected("the next_cursor of an answer to the same where, sort and order; without cursor the list begins anew")
        .next("list_accounts without cursor")
        .into()),
    }
}

/// Every word that a filter does not know; the fix holds all filters, with the likeliest words in place of those.
fn filter_problems(request: &ListRequest, outcome: &Outcome, care: &Care) -> Vec<Problem> {
    let statuses: Vec<&str> = care.health.preset.bands().iter().map(|band| band.code).collect();
    let statuses: Vec<&str> = statuses.into_iter().chain([UNKNOWN]).chain(LIGHTS).collect();
    let levels: Vec<&str> = Level::ALL.map(Level::code).into_iter().chain([UNKNOWN]).collect();
    let flags = outcome.flags.flags.iter().map(|flag| flag.name.as_str());
    let flags: Vec<&str> = flags.chain(outcome.flags.idle.iter().copied()).collect();
    let filters = [
        ("tier", &request.tier, Tier::ALL.map(Tier::code).to_vec()),
        ("flag", &request.flag, flags),
        ("bin", &request.bin, Bin::ALL.map(Bin::code).to_vec()),
        ("row", &request.row, Row::DRAWN.map(Row::code).to_vec()),
        ("health", &request.health, statuses),
        ("expansion", &request.expansion, levels),
    ];
    let mut problems = Vec::new();
    let mut mended = Map::new();
    let mut whole = true;
    for (key, asked, known) in filters {
        let mut words = Vec::new();
        for word in asked {
            if known.contains(&word.as_str()) {
                words.push(word.clone());
                continue;
            }
            let near = candidates(word, known.iter().copied(), 1);
            whole &= !near.is_empty();
            words.extend(near.first().map(|near| (*near).to_string()));
            let codes: Vec<String> = known.iter().map(|code| format!("`{code}`")).collect();
            problems.push(
                Problem::new("bad_argument", format!("no {key} `{word}`"))
                    .at(format!("where.{key}"))
                    .expected(codes.join(", ")),
            );
        }
        if !words.is_empty() {
            mended.insert(key.into(), json!(words));
        }
    }
    if let Some(near_cut) = request.near_cut {
        mended.insert("near_cut".into(), json!(near_cut));
    }
    if let (Some(first), true) = (problems.first_mut(), whole) {
        first.fix = Some(json!({"where": mended}));
    }
    problems
}

fn picks(request: &ListRequest, outcome: &Outcome, care: &Care, account: usize) -> bool {
    let any = |asked: &[String], has: &str| asked.is_empty() || asked.iter().any(|word| word == has);
    let segmentation = &outcome.segmentation;
    any(&request.tier, segmentation.tier(account).code())
        && (request.flag.is_empty() || request.flag.iter().any(|flag| outcome.flags.has(account, flag)))
        && any(&request.bin, segmentation.bin(account).map_or("", Bin::code))
        && any(&request.row, segmentation.row(account).code())
        && (any(&request.health, care.health.status(account))
            || request.health.iter().any(|word| word == light(care.health.kind(account))))
        && any(&request.expansion, care.expansion.level(account))
        && request.near_cut.is_none_or(|near| near == segmentation.is_near(account))
}

/// Ties are in order of ids, and what has no value comes last, whichever end comes first.
fn sort(picked: &mut [usize], request: &ListRequest, book: &Book, policy: &Policy, outcome: &Outcome, care: &Care) {
    let usual = match request.sort {
        Sort::Arr | Sort::StrategicValue | Sort::Health => Order::Desc,
        Sort::Name | Sort::Margin => Order::Asc,
    };
    let order = request.order.unwrap_or(usual);
    let value = |account: usize| outcome.strategic.value.get(account).copied().unwrap_or(0);
    let turned = |ordering: Ordering| if order == Order::Desc { ordering.reverse() } else { ordering };
    match request.sort {
        Sort::Arr => picked.sort_by(|a, b| turned(book.arr(*a).cmp(&book.arr(*b)))),
        Sort::Name => picked.sort_by(|a, b| turned(book.name(*a).to_lowercase().cmp(&book.name(*b).to_lowercase()))),
        Sort::StrategicValue if outcome.rule != Rule::Grid => {}
        Sort::StrategicValue => picked.sort_by(|a, b| turned(value(*a).cmp(&value(*b)))),
        Sort::Health => picked.sort_by_cached_key(|account| {
            let score = care
                .health
                .of(*account)
                .filter(|health| health.status.is_some())
                .and_then(|health| health.score);
            (score.is_none(), directed(score.map(i64::from).unwrap_or(0), order))
        }),
        Sort::Margin => picked.sort_by_cached_key(|account| {
            let cents = book.arr(*account).0;
            let margins = Margins::of_account(
                &outcome.segmentation,
                policy.tiers.hysteresis,
                *account,
                cents,
                value(*account),
            );
            // Parts per billion: whole numbers have an order.
            let distance = margins.nearest_arr(cents).map(|(share, _)| (share.abs() * 1e9) as i64);
            (distance.is_none(), directed(distance.unwrap_or(0), order))
        }),
    }
}

fn directed(key: i64, order: Order) -> i64 {
    if order == Order::Desc { -key } else { key }
}
