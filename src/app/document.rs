//! `write_report`: writes the segmentation document as Markdown and as a page, and `segments.csv`.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::session::{Session, Step, view};
use super::{Answer, Common, Context};
use crate::error::{Problem, Result};
use crate::model::finding::Finding;
use crate::report::document::{self, Document, SECTIONS, Status};
use crate::report::steps::{StepAnswer, View, gates};
use crate::report::{Block, Report, Section, html, segments, text};
use crate::store::{check_target_inside, revision};
use crate::{engine, io};

/// What a call says about the report.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReportRequest {
    /// Which files; all when empty.
    pub formats: Vec<Format>,
    /// For the title and the file's name.
    pub company: Option<String>,
    /// Folder, relative to the workspace; the model's report folder when not given.
    pub out: Option<String>,
}

/// A file of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The document with its eight sections.
    Markdown,
    /// The same as one page with pictures.
    Html,
    /// One row per account.
    Csv,
}

impl Format {
    /// The code: `md`.
    pub fn code(self) -> &'static str {
        match self {
            Format::Markdown => "md",
            Format::Html => "html",
            Format::Csv => "csv",
        }
    }
}

/// Writes the report.
pub fn write(context: &Context, common: &Common, request: &ReportRequest) -> Result<Answer> {
    let mut session = Session::open(context, common)?;
    let loaded = session.load_after(Step::Axes)?;
    let outcome = session.settled(&loaded)?;
    let folder = match &request.out {
        Some(out) => inside(context, out)?,
        None => session.paths.reports.clone(),
    };
    let policy = session.policy.clone();
    let revision = revision(&session.file.text_of(&policy)?, &loaded.content());
    let view = view(&loaded, &policy, &outcome);
    let company = request.company.as_deref();
    let formats = if request.formats.is_empty() {
        &[Format::Markdown, Format::Html, Format::Csv][..]
    } else {
        &request.formats
    };
    let book = context.workspace.join(&loaded.book.table.source.path);
    let care = engine::care(&loaded, &policy, &outcome);
    let document = Document::of(view, &care, company, &revision);
    let mut files = Vec::new();
    for format in formats {
        let (begins, content) = match format {
            Format::Markdown => (document::BEGINS, document.markdown()),
            Format::Html => (html::BEGINS, html::draw(&document)?),
            Format::Csv => (segments::BEGINS, segments::csv(view, &care)),
        };
        let path = folder.join(file_name(*format, company, &view));
        check_target_inside(&path, begins, &book, "out")?;
        files.push((*format, io::shown(&context.folders(), &path)));
        session.put(path, begins, content);
    }
    let answer = answer(view, &files);
    let mut done = session.finish(&answer, &loaded.content(), "report")?;
    let report = files.first().map(|(_, path)| path.clone());
    if let Some(envelope) = &mut done.json {
        envelope["report"] = json!(report);
        done.text = envelope.to_string();
    }
    done.report = report;
    Ok(done)
}

fn answer(view: View, files: &[(Format, String)]) -> StepAnswer {
    let status = Status::of(view);
    let written: Vec<String> = files.iter().map(|(_, path)| path.clone()).collect();
    let verdict = gates::verdict(view);
    let mut findings = Vec::new();
    if let Status::Draft(failing) = &status {
        findings.push(Finding::critical(
            "draft",
            format!("the report is stamped DRAFT: {} fail", failing.join(", ")),
        ));
    }
    let report = Report {
        step: "write_report".into(),
        verdict,
        findings,
        sections: vec![Section::key("Files", vec![Block::List(written)])],
        next: match status {
            Status::Approved(_) => vec!["hand the report over; calibrate again when one of its triggers fires".into()],
            Status::Draft(_) => vec!["validate shows each failing gate and where to go back to".into()],
        },
    };
    let entry = |(format, path): &(Format, String)| json!({"path": path, "format": format.code()});
    let data = json!({
        "files": files.iter().map(entry).collect::<Vec<Value>>(),
        "sections": SECTIONS,
        "status": status.code(),
    });
    StepAnswer { report, data }
}

/// `cs-segmentation-model-acme-2026-06-30.md` (M31).
fn file_name(format: Format, company: Option<&str>, view: &View) -> String {
    if format == Format::Csv {
        return "segments.csv".to_string();
    }
    let slug: String = text::clean(company.unwrap_or(""))
        .to_lowercase()
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '-' })
        .take(40)
        .collect();
    let slug = slug.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    let company = if slug.is_empty() { String::new() } else { format!("{slug}-") };
    format!("cs-segmentation-model-{company}{}.{}", view.book().as_of, format.code())
}

/// A folder for output: inside the workspace or an allowed folder, whether or not it exists yet.
fn inside(context: &Context, out: &str) -> Result<PathBuf> {
    let wanted = context.workspace.join(out);
    let escapes = Path::new(out)
        .components()
        .any(|part| matches!(part, std::path::Component::ParentDir));
    let mut existing = wanted.as_path();
    while !existing.exists() {
        existing = existing.parent().unwrap_or(&context.workspace);
    }
    let real = io::canonical_dir(existing)?;
    let allowed = std::iter::once(&context.workspace)
        .chain(&context.allowed)
        .any(|root| real.starts_with(root));
    if escapes || !allowed {
        return Err(Problem::new(
            "path_not_allowed",
            format!("`{out}` lies outside the workspace and the allowed folders"),
        )
        .at("out")
        .expected("a folder inside the workspace; leave out away for the default")
        .next("write_report again")
        .into());
    }
    Ok(wanted)
}
