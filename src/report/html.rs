//! The document as one page to forward: no request leaves it, and without its script all of it can be read.

mod accounts;
mod grid;
mod overview;
mod parts;

use askama::Template;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use self::parts::Part;
use super::Block;
use super::charts;
use super::document::Document;
use super::text::{self, Span};
use crate::error::{Problem, Result};
use crate::model::tier::Rule;

/// How every page begins, by which a file is known as ours.
pub const BEGINS: &str = "<!DOCTYPE html>\n<!-- keep-segment: customer segmentation model -->\n";

const STYLE: &str = include_str!("../../templates/style.css");
const SCRIPT: &str = include_str!("../../templates/script.js");

/// The longest title; a company is not a paragraph.
const TITLE_MAX: usize = 120;

#[derive(Template)]
#[template(path = "report.html")]
struct Page {
    begins: &'static str,
    policy: String,
    style: &'static str,
    script: &'static str,
    title: String,
    stamp: &'static str,
    stamp_class: &'static str,
    why: String,
    source: Part,
    tiles: Vec<overview::Tile>,
    sections: Vec<Section>,
}

struct Section {
    id: &'static str,
    title: &'static str,
    parts: Vec<Part>,
}

/// The whole page.
pub fn draw(document: &Document) -> Result<String> {
    let (stamp, why) = document.stamp();
    let page = Page {
        begins: BEGINS,
        policy: format!(
            "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
            hash(STYLE),
            hash(SCRIPT)
        ),
        style: STYLE,
        script: SCRIPT,
        title: text::cut(&document.title(), TITLE_MAX),
        stamp,
        stamp_class: document.status.code(),
        why,
        source: Part::text(&document.source()),
        tiles: overview::tiles(document),
        sections: sections(document)?,
    };
    page.render()
        .map_err(|e| Problem::new("internal", format!("the page could not be drawn: {e}")).into())
}

/// What a content security policy calls a style or script that may run.
fn hash(content: &str) -> String {
    format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(content.as_bytes())))
}

fn sections(document: &Document) -> Result<Vec<Section>> {
    let (parts, view) = (&document.parts, document.view);
    let mut sections = vec![
        section("overview", "Overview", overview::parts(document)?),
        section("grid", "ARR by strategic value", grid::parts(document)),
        section("arr", "How ARR is spread", arr(document)?),
        section("capacity", "Tiers against capacity", capacity(document)?),
        section("near", "Accounts near a cut", near(document)),
        section("health", "Health", health(document)?),
        section("expansion", "Expansion", parts::of("Expansion", &parts.expansion)),
        section("accounts", "Accounts", accounts::parts(document)),
        section("tiers", "Tier definitions", parts::of("Definitions", &parts.tiers)),
        section("motions", "Motions", parts::of("Motions", &parts.motions)),
    ];
    if !parts.rules.is_empty() {
        sections.push(section("rules", "The three rules", parts::of("Rules", &parts.rules)));
    }
    let gates = [Block::Table(super::steps::gates::detail_table(view))];
    let rest: [(&str, &str, &[Block]); 8] = [
        ("flags", "Override flags", &parts.flags),
        ("triggers", "Re-calibration and migration", &parts.triggers),
        ("confidence", "Calibration confidence", &parts.confidence),
        ("gates", "Gates", &gates),
        ("findings", "Findings", &parts.findings),
        ("decisions", "Decisions", &parts.decisions),
        ("handoffs", "Hand-offs", &parts.handoffs),
        ("saved", "Time saved", &parts.saved),
    ];
    for (id, title, blocks) in rest {
        sections.push(section(id, title, parts::of(title, blocks)));
    }
    // Under other rules than the grid there is no strategic axis to draw.
    sections.retain(|section| !section.parts.is_empty() && (section.id != "grid" || view.outcome.rule == Rule::Grid));
    Ok(sections)
}

fn section(id: &'static str, title: &'static str, parts: Vec<Part>) -> Section {
    Section { id, title, parts }
}

fn arr(document: &Document) -> Result<Vec<Part>> {
    let figures = [charts::concentration(document.view)?, charts::distribution(document.view)?];
    let figures: Vec<_> = figures.into_iter().flatten().collect();
    let mut parts = vec![match figures.is_empty() {
        true => Part::text("No account pays, so there is no distribution to draw."),
        false => Part::figures(figures),
    }];
    // The bands stand beside the chart where there is one.
    let bands = Block::Table(super::steps::axes::band_table(document.view));
    let drawn = document.view.outcome.amounts.distinct(2) > 1;
    let rest = document.parts.axes.iter().filter(|block| !drawn || **block != bands);
    parts.extend(parts::of("Axes", &rest.cloned().collect::<Vec<_>>()));
    Ok(parts)
}

fn capacity(document: &Document) -> Result<Vec<Part>> {
    let mut parts = parts::of("Capacity", &document.parts.capacity);
    // The second block is the table of demand, which stands beside the chart.
    let figure = Part::figures(vec![charts::capacity(document.view)?]);
    match parts.get_mut(1) {
        Some(table @ Part::Table(_)) => *table = figure,
        _ => parts.push(figure),
    }
    Ok(parts)
}

fn near(document: &Document) -> Vec<Part> {
    let mut parts = parts::of("Stability", &document.parts.stability);
    let table = super::steps::gates::near_table(document.view);
    let all = document.view.outcome.stability.near.len();
    parts.extend(parts::first_rows("Accounts near a cut", table, 25, all));
    parts
}

fn health(document: &Document) -> Result<Vec<Part>> {
    let mut parts = parts::of("Health", &document.parts.health);
    if document.care.health.components.iter().any(|component| component.on) {
        let figure = charts::health(document.view, &document.care.health, &document.tallies)?;
        parts.insert(1.min(parts.len()), Part::figures(vec![figure]));
    }
    Ok(parts)
}
