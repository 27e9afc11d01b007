//! The segmentation document: the eight sections of M31–M38 in order, then what follows from them. Drawn as Markdown here, as a
//! page by [`super::html`].

mod handoffs;
mod parts;

pub use handoffs::{Saved, saved};
pub(super) use parts::finding_line;

use super::steps::expansion::Levels;
use super::steps::health::Tallies;
use super::steps::{self, View};
use super::{Block, Section, markdown, text};
use crate::engine::Care;
use crate::engine::gates::Approved;
use crate::model::finding::Finding;

/// Whether the document may say APPROVED, or which gates stand against it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// No gate fails.
    Approved(Approved),
    /// Ids of the gates that fail.
    Draft(Vec<&'static str>),
}

impl Status {
    /// The status of an outcome.
    pub fn of(view: View) -> Status {
        match view.outcome.gates.approved() {
            Some(proof) => Status::Approved(proof),
            None => Status::Draft(view.outcome.gates.failing().map(|gate| gate.id).collect()),
        }
    }

    /// The code: `approved`.
    pub fn code(&self) -> &'static str {
        match self {
            Status::Approved(_) => "approved",
            Status::Draft(_) => "draft",
        }
    }
}

/// Titles of the document's sections, in order.
pub const SECTIONS: [&str; 16] = [
    "Model Summary",
    "Axis Definitions",
    "Tier Definitions",
    "Override Flag Library",
    "Customer Table",
    "Capacity Roll-Up",
    "Re-Calibration Triggers",
    "Calibration Confidence",
    "Gates",
    "Findings",
    "Health",
    "Expansion",
    "Motions",
    "Decisions",
    "Hand-Offs",
    "Time Saved",
];

/// How every document begins, by which a file is known as ours.
pub const BEGINS: &str = "# Customer segmentation model";

/// The document's content, worked out once for all its drawings.
pub struct Document<'a> {
    /// What it speaks of.
    pub view: View<'a>,
    /// Health, expansion and what they call for.
    pub care: &'a Care<'a>,
    /// The statuses of health.
    pub tallies: Tallies,
    /// Whether it may say APPROVED.
    pub status: Status,
    /// Of the model and the book.
    pub revision: &'a str,
    /// What the steps noticed, gravest first.
    pub findings: Vec<Finding>,
    /// What each section holds.
    pub parts: Parts,
    company: String,
}

/// The blocks of the sections.
pub struct Parts {
    /// One paragraph and the tiers.
    pub summary: Vec<Block>,
    /// ARR axis and strategic value.
    pub axes: Vec<Block>,
    /// Entry, treatment and book size by tier.
    pub tiers: Vec<Block>,
    /// The grid; nothing under another rule.
    pub grid: Vec<Block>,
    /// The three rules side by side.
    pub rules: Vec<Block>,
    /// Override flags.
    pub flags: Vec<Block>,
    /// The largest accounts.
    pub customers: Vec<Block>,
    /// Demand against headcount, and the resource map.
    pub capacity: Vec<Block>,
    /// When to calibrate again, how accounts move.
    pub triggers: Vec<Block>,
    /// How sure it is, and what is missing.
    pub confidence: Vec<Block>,
    /// The nine gates.
    pub gates: Vec<Block>,
    /// How firmly accounts stand.
    pub stability: Vec<Block>,
    /// What the steps noticed.
    pub findings: Vec<Block>,
    /// Statuses, groups and first actions.
    pub health: Vec<Block>,
    /// Who is ready to expand.
    pub expansion: Vec<Block>,
    /// How each tier is served.
    pub motions: Vec<Block>,
    /// What was decided, by date.
    pub decisions: Vec<Block>,
    /// What goes on to other work.
    pub handoffs: Vec<Block>,
    /// Hours and money against work by hand.
    pub saved: Vec<Block>,
}

impl<'a> Document<'a> {
    /// Works the content out.
    pub fn of(view: View<'a>, care: &'a Care<'a>, company: Option<&str>, revision: &'a str) -> Document<'a> {
        let mut findings = steps::all_findings(view);
        findings.sort_by_key(|finding| finding.severity);
        let (tallies, levels) = (Tallies::of(view, &care.health), Levels::of(view, &care.expansion));
        let parts = Parts {
            summary: parts::summary(view, care, &tallies, &levels),
            axes: parts::axes(view),
            tiers: parts::tiers(view),
            grid: steps::tiers::grid_table(view).map(Block::Table).into_iter().collect(),
            rules: steps::rules::Rules::of(view).blocks(view),
            flags: parts::flags(view),
            customers: parts::customers(view),
            capacity: parts::capacity(view),
            triggers: parts::triggers(view),
            confidence: parts::confidence(view),
            gates: vec![Block::List(steps::gates::gate_lines(view))],
            stability: vec![Block::List(steps::gates::stability_lines(view))],
            findings: parts::findings(&findings),
            health: parts::health(view, care, &tallies),
            expansion: parts::expansion(view, care, &levels),
            motions: steps::motions::blocks(view),
            decisions: parts::decisions(view.policy),
            handoffs: handoffs::blocks(view),
            saved: handoffs::saved_blocks(view),
        };
        Document {
            view,
            care,
            tallies,
            status: Status::of(view),
            revision,
            findings,
            parts,
            company: text::clean(company.unwrap_or("")),
        }
    }

    /// "Customer segmentation model for Acme, as of 2026-06-30".
    pub fn title(&self) -> String {
        let whose = match self.company.is_empty() {
            true => String::new(),
            false => format!(" for {}", self.company),
        };
        format!("Customer segmentation model{whose}, as of {}", self.view.book().as_of)
    }

    /// What is stamped on it: the word, and why.
    pub fn stamp(&self) -> (&'static str, String) {
        match &self.status {
            Status::Approved(_) => ("APPROVED", "no gate fails.".to_string()),
            Status::Draft(failing) => (
                "DRAFT",
                format!("not to be shipped while these gates fail: {}.", failing.join(", ")),
            ),
        }
    }

    /// Where it comes from.
    pub fn source(&self) -> String {
        format!(
            "Book {}, model revision {}. {}.",
            text::name(&self.view.book().table.source.path),
            self.revision,
            self.view.loaded.arr_source
        )
    }

    /// The whole document as Markdown.
    pub fn markdown(&self) -> String {
        let (stamp, why) = self.stamp();
        let mut out = format!(
            "# {}\n\n**{stamp}**: {why}\n\n{}\n",
            text::markdown(&self.title()),
            markdown::prose(&self.source())
        );
        for (title, blocks) in SECTIONS.into_iter().zip(self.bodies()) {
            let section = markdown::section(&Section::new(title, blocks)).unwrap_or_default();
            out.push_str(&format!("\n{}\n", section.trim_end()));
        }
        out
    }

    fn bodies(&self) -> [Vec<Block>; 16] {
        let parts = &self.parts;
        [
            parts.summary.clone(),
            parts.axes.clone(),
            [&parts.tiers[..], &parts.grid, &parts.rules].concat(),
            parts.flags.clone(),
            parts.customers.clone(),
            parts.capacity.clone(),
            parts.triggers.clone(),
            parts.confidence.clone(),
            [&parts.gates[..], &parts.stability].concat(),
            parts.findings.clone(),
            parts.health.clone(),
            parts.expansion.clone(),
            parts.motions.clone(),
            parts.decisions.clone(),
            parts.handoffs.clone(),
            parts.saved.clone(),
        ]
    }
}
