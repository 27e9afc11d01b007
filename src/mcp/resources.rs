//! Reports and model documents as resources: `keep-segment://MODEL/model` and `keep-segment://MODEL/reports/NAME`.

use rmcp::ErrorData;
use rmcp::model::{ReadResourceResult, Resource, ResourceContents, ResourceTemplate};
use serde_json::json;

use crate::app::shelf::{self, Item};
use crate::app::{self, Context};
use crate::error::Error;

const SCHEME: &str = "keep-segment://";
/// Template of a report's address.
pub(super) const REPORT: &str = "keep-segment://{model}/reports/{name}";
/// Template of a model document's address.
pub(super) const MODEL: &str = "keep-segment://{model}/model";

/// What there is at the moment.
pub(super) fn all(context: &Context) -> Vec<Resource> {
    shelf::list(context).into_iter().map(described).collect()
}

/// How addresses are made.
pub(super) fn templates() -> Vec<ResourceTemplate> {
    vec![
        ResourceTemplate::new(MODEL, "model")
            .with_title("Model document")
            .with_description("Every decision of a model, as TOML: cuts, weights, flags, judgements, headcount")
            .with_mime_type("application/toml"),
        ResourceTemplate::new(REPORT, "report")
            .with_title("Report")
            .with_description("A report that a tool wrote: the segmentation document, segments.csv, or a step in full"),
    ]
}

/// Reads a resource; the path is looked up in what there is, so that it cannot lead anywhere else.
pub(super) fn read(context: &Context, uri: &str) -> Result<ReadResourceResult, ErrorData> {
    let (model, report) = parsed(uri).ok_or_else(|| {
        let message = format!("no resource has this address; there are {MODEL} and {REPORT}");
        ErrorData::resource_not_found(message, Some(json!({ "uri": uri })))
    })?;
    let (item, text) = shelf::read(context, &model, report.as_deref()).map_err(|error| refused(&error, uri))?;
    let contents = ResourceContents::text(text, uri).with_mime_type(item.mime);
    Ok(ReadResourceResult::new(vec![contents]))
}

/// The link to a report that an answer names by its path; none for what lies outside the state folder.
pub(super) fn link(context: &Context, path: &str) -> Option<Resource> {
    app::shelf::item_at(context, path).map(|item| described(item).with_title("Full report"))
}

fn refused(error: &Error, uri: &str) -> ErrorData {
    let data = Some(json!({ "uri": uri }));
    match error.code() {
        "resource_not_found" | "bad_argument" => ErrorData::resource_not_found(error.to_string(), data),
        _ => ErrorData::internal_error(error.to_string(), data),
    }
}

fn described(item: Item) -> Resource {
    let uri = address(&item.model, item.report.as_deref());
    let resource = match item.report {
        None => Resource::new(uri, format!("{}.toml", item.model))
            .with_title(format!("Model {}", item.model))
            .with_description("Every decision of the model"),
        Some(name) => Resource::new(uri, name.clone()).with_title(format!("Report {name} of {}", item.model)),
    };
    resource.with_mime_type(item.mime).with_size(item.bytes)
}

fn address(model: &str, report: Option<&str>) -> String {
    match report {
        None => format!("{SCHEME}{model}/model"),
        Some(name) => format!("{SCHEME}{model}/reports/{}", encoded(name)),
    }
}

/// Model and report of an address.
fn parsed(uri: &str) -> Option<(String, Option<String>)> {
    let (model, rest) = uri.strip_prefix(SCHEME)?.split_once('/')?;
    match rest.split_once('/') {
        None if rest == "model" => Some((decoded(model)?, None)),
        Some(("reports", name)) if !name.is_empty() => Some((decoded(model)?, Some(decoded(name)?))),
        _ => None,
    }
}

fn encoded(name: &str) -> String {
    let mut out = String::new();
    for byte in name.bytes() {
        match byte {
            b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        bytes.push(digit(rest.next())? * 16 + digit(rest.next())?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_back_to_its_item() {
        for (model, report) in [
            ("segmentation", None),
            ("q3", Some("tiers.md")),
            ("q3", Some("cs-segmentation-model-müller-2026-06-30.md")),
            ("q3", Some("a b%2F#?.csv")),
        ] {
            let uri = address(model, report);
            assert!(uri.is_ascii() && !uri.contains(' '), "{uri}");
            assert_eq!(parsed(&uri), Some((model.to_string(), report.map(str::to_string))));
        }
    }

    #[test]
    fn what_is_no_address_is_none() {
        for uri in [
            "",
            "file:///etc/passwd",
            "keep-segment://m",
            "keep-segment://m/",
            "keep-segment://m/models",
            "keep-segment://m/reports/",
            "keep-segment://m/set-aside/x.csv",
            "keep-segment://m/reports/%zz",
            "keep-segment://m/reports/%ff",
        ] {
            assert_eq!(parsed(uri), None, "{uri}");
        }
    }
}
