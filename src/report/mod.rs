//! What a step has to say, before anyone decides how it looks: verdict, findings, sections, next steps.

pub mod boxed;
mod cells;
pub mod charts;
pub mod checklist;
pub mod document;
pub mod html;
pub mod markdown;
pub mod migration;
pub mod picture;
pub mod segments;
pub mod steps;
pub mod text;

use crate::model::finding::Finding;

/// The answer of one step. Boxes and Markdown are two drawings of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Report {
    /// The tool's name, shown in the header.
    pub step: String,
    /// One line with the numbers.
    pub verdict: String,
    /// Sorted by severity before drawing.
    pub findings: Vec<Finding>,
    /// In reading order.
    pub sections: Vec<Section>,
    /// What to do next, one line each: the tool and why.
    pub next: Vec<String>,
}

/// A titled part of a report.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Section {
    /// Heading.
    pub title: String,
    /// Kept in the box when not everything fits.
    pub key: bool,
    /// Shown in the full report only, never in a box.
    pub full_only: bool,
    /// Content in reading order.
    pub blocks: Vec<Block>,
}

/// A piece of content.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A paragraph.
    Text(String),
    /// Bullet points.
    List(Vec<String>),
    /// A table; boxes show its first four columns.
    Table(Table),
    /// Lines drawn with signs of one width, shown as they are.
    Picture(Vec<String>),
}

/// A table of texts, already formatted.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// Headings with alignment.
    pub columns: Vec<Column>,
    /// As many cells a row as there are columns.
    pub rows: Vec<Vec<String>>,
}

/// A heading of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The heading.
    pub name: String,
    /// Numbers stand right.
    pub right: bool,
}

impl Section {
    /// A section kept in the box when not everything fits.
    pub fn key(title: impl Into<String>, blocks: Vec<Block>) -> Self {
        Section {
            title: title.into(),
            key: true,
            full_only: false,
            blocks,
        }
    }

    /// A section shown in the box when everything fits.
    pub fn new(title: impl Into<String>, blocks: Vec<Block>) -> Self {
        Section {
            title: title.into(),
            key: false,
            full_only: false,
            blocks,
        }
    }

    /// A section for the full report only.
    pub fn full_only(title: impl Into<String>, blocks: Vec<Block>) -> Self {
        Section {
            title: title.into(),
            key: false,
            full_only: true,
            blocks,
        }
    }
}

impl Table {
    /// An empty table; a heading that starts with `>` stands right: `["Tier", ">Accounts"]`.
    pub fn new(headings: &[&str]) -> Self {
        let column = |heading: &&str| match heading.strip_prefix('>') {
            Some(name) => Column {
                name: name.to_string(),
                right: true,
            },
            None => Column {
                name: (*heading).to_string(),
                right: false,
            },
        };
        Table {
            columns: headings.iter().map(column).collect(),
            rows: Vec::new(),
        }
    }

    /// Appends a row.
    pub fn push<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// The table with this row appended.
    #[must_use]
    pub fn with<S: Into<String>>(mut self, cells: impl IntoIterator<Item = S>) -> Self {
        self.push(cells);
        self
    }
}

/// Findings gravest first, otherwise as they came.
pub fn by_severity(findings: &[Finding]) -> Vec<&Finding> {
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort_by_key(|f| f.severity);
    sorted
}
