//! What a workspace's state folder holds for a client to read: the model documents and the reports that tools wrote.

use std::path::{Component, Path};

use super::Context;
use crate::error::{Problem, Result, candidates};
use crate::store::shelf::{self, Shelved};
use crate::store::{ModelPaths, STATE_FOLDER};

/// Something that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The model that it belongs to.
    pub model: String,
    /// The report's file name; none for the model document itself.
    pub report: Option<String>,
    /// Its media type.
    pub mime: &'static str,
    /// Its size.
    pub bytes: u64,
}

/// Names of the models of the workspace.
pub fn models(context: &Context) -> Vec<String> {
    shelf::models(&context.workspace)
}

/// Names of a model's reports; none where the model's name cannot be one.
pub fn reports(context: &Context, model: &str) -> Vec<String> {
    let reports = ModelPaths::new(&context.workspace, model).map(|paths| shelf::reports(&paths));
    reports.unwrap_or_default().into_iter().map(|report| report.name).collect()
}

/// Everything that can be read, model by model, the document first.
pub fn list(context: &Context) -> Vec<Item> {
    let models = models(context).into_iter();
    models.flat_map(|model| items(context, &model)).collect()
}

/// The text of a report, or of the model document. Error: `resource_not_found`.
pub fn read(context: &Context, model: &str, report: Option<&str>) -> Result<(Item, String)> {
    let wanted = item(context, model, report);
    let Some(item) = wanted else {
        return Err(missing(context, model, report).into());
    };
    let paths = ModelPaths::new(&context.workspace, model)?;
    let path = match &item.report {
        Some(name) => paths.reports.join(name),
        None => paths.document,
    };
    let shown = path.strip_prefix(&context.workspace).unwrap_or(&path).display().to_string();
    let text = shelf::read_text(&path, &shown)?;
    Ok((item, text))
}

/// The item at a path relative to the workspace, as answers name reports; none for what lies elsewhere.
pub fn item_at(context: &Context, path: &str) -> Option<Item> {
    let parts: Vec<&str> = Path::new(path)
        .components()
        .map(|part| match part {
            Component::Normal(part) => part.to_str(),
            _ => None,
        })
        .collect::<Option<_>>()?;
    match parts.as_slice() {
        [STATE_FOLDER, model, "reports", name] => item(context, model, Some(name)),
        _ => None,
    }
}

/// One item, looked up by its name: a folder may hold more than a list shows.
fn item(context: &Context, model: &str, report: Option<&str>) -> Option<Item> {
    let paths = ModelPaths::new(&context.workspace, model).ok()?;
    match report {
        None => document(&paths, model),
        Some(name) => shelf::report(&paths, name).map(|found| shelved(model, found)),
    }
}

fn items(context: &Context, model: &str) -> Vec<Item> {
    let Ok(paths) = ModelPaths::new(&context.workspace, model) else {
        return Vec::new();
    };
    let reports = shelf::reports(&paths).into_iter().map(|found| shelved(model, found));
    document(&paths, model).into_iter().chain(reports).collect()
}

fn document(paths: &ModelPaths, model: &str) -> Option<Item> {
    shelf::document_bytes(paths).map(|bytes| Item {
        model: model.to_string(),
        report: None,
        mime: "application/toml",
        bytes,
    })
}

fn shelved(model: &str, Shelved { name, bytes }: Shelved) -> Item {
    Item {
        model: model.to_string(),
        mime: mime(&name),
        report: Some(name),
        bytes,
    }
}

fn mime(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    match ending.as_deref() {
        Some("md") => "text/markdown",
        Some("csv") => "text/csv",
        Some("html") => "text/html",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("toml") => "application/toml",
        _ => "text/plain",
    }
}

fn missing(context: &Context, model: &str, report: Option<&str>) -> Problem {
    let models = models(context);
    let Some(report) = report.filter(|_| models.iter().any(|known| known == model)) else {
        let what = match models.iter().any(|known| known == model) {
            true => format!("the model `{model}` has no document"),
            false => format!("there is no model `{model}`"),
        };
        return Problem::new("resource_not_found", what)
            .found(models.iter().map(|name| format!("`{name}`")))
            .expected("a model of the workspace; load_book makes one");
    };
    let names = reports(context, model);
    let near = candidates(report, names.iter().map(String::as_str), 5);
    let found = if near.is_empty() {
        names.iter().map(String::as_str).collect()
    } else {
        near
    };
    Problem::new("resource_not_found", format!("the model `{model}` has no report `{report}`"))
        .found(found.into_iter().map(|name| format!("`{name}`")))
        .expected("a report that a tool wrote; write_report writes the document and segments.csv")
}
