//! `calibrate_capacity`: takes headcount and book sizes, and sets demand against them.

use std::collections::BTreeMap;

use super::book::merge;
use super::session::{Session, Step, view};
use super::what_if::{self, Change};
use super::{Answer, Common, Context, calibration};
use crate::error::Result;
use crate::model::book::Book;
use crate::model::policy::{BookPreset, BookSize, Policy, hundredths};
use crate::model::tier::Tier;
use crate::report::steps;

/// What a call says about capacity. Maps are merged key by key; none removes a key.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CapacityEdit {
    /// CSMs in all.
    pub csms: Option<f64>,
    /// CSMs by tier.
    pub csms_by_tier: BTreeMap<Tier, Option<f64>>,
    /// Book sizes by tier; what is not said of a tier stays.
    pub book_sizes: BTreeMap<Tier, Option<BookSize>>,
    /// Book sizes to start from.
    pub preset: Option<BookPreset>,
    /// The id of an option to take, or `previous`.
    pub apply: Option<String>,
    /// The revision with which the options were shown.
    pub revision: Option<String>,
    /// A change to look at without making it.
    pub compare: Option<Change>,
}

/// Sets demand against headcount, and finds the cuts and bins that would fit it.
pub fn calibrate(context: &Context, common: &Common, edit: &CapacityEdit) -> Result<Answer> {
    if let Some(change) = &edit.compare {
        return what_if::compare(context, common, edit, change);
    }
    let mut session = Session::open(context, common)?;
    let loaded = session.load_after(Step::Axes)?;
    apply(&mut session.policy, &loaded.book, edit);
    session.check(&[
        ("capacity.csms_by_tier", "csms_by_tier"),
        ("capacity.csms", "csms"),
        ("capacity.book_sizes", "book_sizes"),
    ])?;
    let mut outcome = session.settled(&loaded)?;
    let mut applied = None;
    if let Some(id) = &edit.apply {
        if id != calibration::PREVIOUS {
            calibration::check_revision(edit.revision.as_deref(), &session.revision(&loaded)?)?;
        }
        let (after, done) = calibration::apply(context, &mut session.policy, &loaded, &outcome, id)?;
        outcome = after;
        applied = Some(done);
    }
    let found = calibration::search(context, &loaded, &session.policy, &outcome)?;
    let revision = session.revision(&loaded)?;
    let view = view(&loaded, &session.policy, &outcome);
    let answer = steps::capacity::answer(view, &found, applied.as_ref(), &revision);
    session.finish(&answer, &loaded.content(), "capacity")
}

/// Writes headcount and book sizes. A total alone takes the place of per-tier numbers, and the other way round.
pub(super) fn apply(policy: &mut Policy, book: &Book, edit: &CapacityEdit) {
    let before = policy.capacity.clone();
    let capacity = &mut policy.capacity;
    let by_tier = edit
        .csms_by_tier
        .iter()
        .map(|(tier, csms)| (*tier, csms.map(hundredths)))
        .collect();
    merge(&mut capacity.csms_by_tier, &by_tier);
    if edit.csms.is_some() {
        capacity.csms = edit.csms.map(hundredths);
        if edit.csms_by_tier.is_empty() {
            capacity.csms_by_tier.clear();
        }
    } else if !edit.csms_by_tier.is_empty() {
        capacity.csms = None;
    }
    capacity.preset = edit.preset.or(capacity.preset);
    for (tier, size) in &edit.book_sizes {
        let Some(size) = size else {
            capacity.book_sizes.remove(tier);
            continue;
        };
        let now = capacity
            .book_sizes
            .get(tier)
            .copied()
            .unwrap_or(BookSize { min: None, max: None });
        capacity.book_sizes.insert(
            *tier,
            BookSize {
                min: size.min.or(now.min),
                max: size.max.or(now.max),
            },
        );
    }
    let (was, now) = (before.headcount(), policy.capacity.headcount());
    if let Some(baseline) = &mut policy.baseline
        && baseline.csms.is_none()
    {
        baseline.csms = now;
    }
    if let (Some(now), true) = (now, was != now) {
        let from = was.map(|was| format!(", before {was}")).unwrap_or_default();
        policy.decide(book.as_of, "calibrate_capacity", format!("CSM headcount {now}{from}"));
    }
}
