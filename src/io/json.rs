//! JSON into a table: lists of objects, objects of columns, JSON Lines; nested objects become columns with dots.

use serde_json::Value;

use super::builder::{Builder, check_width};
use super::header::LOOKED_AT;
use super::json_shape::{Found, Row, search};
use super::pick::{self, Offer};
use super::quoted;
use crate::error::{Problem, Result};
use crate::model::control::Control;
use crate::model::table::{Counted, Source, Table};

/// Bytes of the largest JSON document that is one value; JSON Lines may be as large as any file.
const DOCUMENT_BYTES_MAX: usize = 256 << 20;

/// The table of accounts in this text. Errors: `json_unreadable`, `json_too_deep`, `file_too_large`, `no_table`, those of
/// [`pick::pick`] and [`Builder`].
pub(crate) fn read(text: &str, source: Source, encoding: &str, sheet: Option<&str>, control: &Control) -> Result<Table> {
    match read_strictly(text, source.clone(), encoding, sheet, control) {
        Err(error) if error.code() == "json_unreadable" => match without_nan(text) {
            Some(mended) => read_strictly(&mended, source, encoding, sheet, control),
            None => Err(error),
        },
        done => done,
    }
}

fn read_strictly(text: &str, mut source: Source, encoding: &str, sheet: Option<&str>, control: &Control) -> Result<Table> {
    let name = source.path.clone();
    let mut values = Values::new(text, &name);
    let Some(first) = values.next()? else {
        return Builder::new(source, 0, control).finish();
    };
    if let Some(second) = values.next()? {
        source.format = format!("json lines ({encoding})");
        return lines(values, [first, second], source, control);
    }
    if text.len() > DOCUMENT_BYTES_MAX {
        let message = format!("{} is one JSON value of more than 256 MiB", quoted(&name));
        return Err(Problem::new("file_too_large", message)
            .at("path")
            .expected("JSON Lines (one object a line), or CSV")
            .into());
    }
    source.format = format!("json ({encoding})");
    source.counted = Counted::Record;
    document(first.value, source, sheet, control)
}

/// The tables of one value, and the one among them that is meant.
fn document(value: Value, source: Source, sheet: Option<&str>, control: &Control) -> Result<Table> {
    let found = search(value);
    if found.is_empty() {
        let message = format!("{} holds no list of objects and no object of columns", quoted(&source.path));
        return Err(Problem::new("no_table", message)
            .at("path")
            .expected("[{\"name\": \"Acme\", \"arr\": 12000}, ..], or the same under a key such as `records`")
            .into());
    }
    let offers: Vec<Offer> = found
        .iter()
        .map(|found| Offer::new(found.name.clone(), &found.first_rows(LOOKED_AT)))
        .collect();
    let picked = pick::pick(&offers, sheet, &source.path, "list")?;
    let Some(Found { columns, rows, .. }) = found.into_iter().nth(picked.at) else {
        return Builder::new(source, 0, control).finish();
    };
    let mut builder = match columns.is_empty() {
        true => Builder::new(source, rows.len() as u64, control),
        false => Builder::with_header(source, columns.clone(), rows.len() as u64, control)?,
    };
    builder.notes(picked.note);
    let mut cells = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        row.spread(columns.len(), &mut cells);
        builder.push(at as u64 + 1, cells.iter().copied())?;
    }
    builder.finish()
}

/// One object a line; a row's place is its line.
fn lines(mut values: Values, first: [Placed; 2], source: Source, control: &Control) -> Result<Table> {
    let name = source.path.clone();
    let mut columns = super::json_shape::Columns::default();
    let mut rows: Vec<(u64, Row)> = Vec::new();
    let mut take = |placed: Placed| -> Result<()> {
        match placed.value {
            Value::Object(record) => {
                rows.push((placed.line, columns.row(record)));
                check_width(columns.len(), &name)
            }
            other => {
                let what = kind(&other);
                let message = format!("line {} of {} holds {what}, not an object", placed.line, quoted(&name));
                Err(Problem::new("json_unreadable", message)
                    .at(format!("{name}:{}", placed.line))
                    .expected("one object a line")
                    .into())
            }
        }
    };
    for placed in first {
        take(placed)?;
    }
    while let Some(placed) = values.next()? {
        control.at("reading rows", values.at as u64, values.text.len() as u64)?;
        take(placed)?;
    }
    let headers = columns.headers();
    let width = headers.len();
    let mut builder = Builder::with_header(source, headers, rows.len() as u64, control)?;
    let mut cells = Vec::new();
    for (line, row) in &rows {
        row.spread(width, &mut cells);
        builder.push(*line, cells.iter().copied())?;
    }
    builder.finish()
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A value with the line on which it starts.
struct Placed {
    line: u64,
    value: Value,
}

/// The values of a text, one after another.
struct Values<'t> {
    text: &'t str,
    name: &'t str,
    at: usize,
    line: u64,
}

impl<'t> Values<'t> {
    fn new(text: &'t str, name: &'t str) -> Self {
        Values {
            text,
            name,
            at: 0,
            line: 1,
        }
    }

    /// The next value. Some writers put commas between lines.
    fn next(&mut self) -> Result<Option<Placed>> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let skipped = rest.len()
            - rest
                .trim_start_matches(|c: char| c.is_whitespace() || (c == ',' && self.at > 0))
                .len();
        self.advance(skipped);
        let rest = self.text.get(self.at..).unwrap_or_default();
        if rest.is_empty() {
            return Ok(None);
        }
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        let line = self.line;
        match values.next() {
            None => Ok(None),
            Some(Ok(value)) => {
                let taken = values.byte_offset();
                self.advance(taken);
                Ok(Some(Placed { line, value }))
            }
            Some(Err(error)) => Err(self.unreadable(&error).into()),
        }
    }

    fn advance(&mut self, bytes: usize) {
        let passed = self.text.get(self.at..self.at + bytes).unwrap_or_default();
        self.line += passed.matches('\n').count() as u64;
        self.at += bytes;
    }

    fn unreadable(&self, error: &serde_json::Error) -> Problem {
        let line = self.line + (error.line() as u64).saturating_sub(1);
        let place = format!("{}:{line}:{}", self.name, error.column());
        let said = error.to_string();
        if said.starts_with("recursion limit exceeded") {
            let message = format!("{} nests objects more than 127 deep", quoted(self.name));
            return Problem::new("json_too_deep", message)
                .at(place)
                .expected("accounts as objects of few levels");
        }
        let why = said.split(" at line ").next().unwrap_or(&said);
        Problem::new(
            "json_unreadable",
            format!("{} is no JSON from line {line} on: {why}", quoted(self.name)),
        )
        .at(place)
        .expected("JSON, or JSON Lines with one object a line")
    }
}

/// The text with null in place of bare `NaN` and `Infinity`, which Python writes where a number is missing.
fn without_nan(text: &str) -> Option<String> {
    const WORDS: [&str; 3] = ["-Infinity", "Infinity", "NaN"];
    let mut out = String::with_capacity(text.len());
    let (mut inside, mut escaped, mut found) = (false, false, false);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let word = WORDS.iter().find(|word| !inside && rest.starts_with(**word));
        let taken = word.map_or(c.len_utf8(), |word| word.len());
        match word {
            Some(_) => out.push_str("null"),
            None => out.push(c),
        }
        found |= word.is_some();
        inside ^= c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        rest = rest.get(taken..).unwrap_or_default();
    }
    found.then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::{table, table_of};

    fn cells(text: &str) -> (Vec<String>, Vec<Vec<String>>, Vec<u64>) {
        let found = table_of(text.as_bytes(), "t.json").unwrap_or_else(|e| panic!("{e}\n{text}"));
        let rows = (0..found.n_rows())
            .map(|row| found.row(row).map(str::to_string).collect())
            .collect();
        (
            found.headers().to_vec(),
            rows,
            (0..found.n_rows()).map(|row| found.line(row)).collect(),
        )
    }

    #[test]
    fn every_shape_of_the_same_accounts_gives_the_same_cells() {
        for text in [
            r#"[{"name": "A", "arr": 1200.5}, {"name": "B", "arr": null}]"#,
            r#"{"records": [{"name": "A", "arr": 1200.5}, {"name": "B"}], "done": true}"#,
            r#"{"meta": {"page": 1}, "data": {"items": [{"name": "A", "arr": 1200.5}, {"name": "B", "arr": null}]}}"#,
            r#"{"name": ["A", "B"], "arr": [1200.5, null]}"#,
            r#"{"name": {"0": "A", "1": "B"}, "arr": {"0": 1200.5, "1": null}}"#,
            r#"{"columns": ["name", "arr"], "index": [0, 1], "data": [["A", 1200.5], ["B", null]]}"#,
            r#"[["name", "arr"], ["A", 1200.5], ["B", null]]"#,
            "{\"name\": \"A\", \"arr\": 1200.5}\n{\"name\": \"B\", \"arr\": NaN}\n",
            "{\"name\": \"A\", \"arr\": 1200.5},\n\n{\"name\": \"B\"}",
        ] {
            let (headers, rows, _) = cells(text);
            assert_eq!(headers, ["name", "arr"], "{text}");
            assert_eq!(rows, [["A", "1200.5"], ["B", ""]], "{text}");
        }
    }

    #[test]
    fn nested_objects_become_columns_with_dots() {
        let text = r#"{"customers": [
            {"id": 7, "usage": {"dau": 0.4, "seats": {"used": 9}}, "tags": ["a", "b"], "products": [{"n": 1}, {"n": 2}], "on": true},
            {"id": 8, "plan": "Pro", "tags": []}
        ]}"#;
        let (headers, rows, places) = cells(text);
        assert_eq!(
            headers,
            ["id", "usage.dau", "usage.seats.used", "tags", "products", "on", "plan"]
        );
        assert_eq!(rows[0], ["7", "0.4", "9", "a; b", "2", "true", ""]);
        assert_eq!(
            (rows[1].as_slice(), places),
            (["8", "", "", "", "", "", "Pro"].map(String::from).as_slice(), vec![1, 2])
        );
    }

    #[test]
    fn accounts_under_their_ids_keep_them() {
        let (headers, rows, _) = cells(r#"{"A-1": {"name": "A", "arr": 5}, "A-2": {"name": "B", "arr": 6}}"#);
        assert_eq!(headers, ["id", "name", "arr"]);
        assert_eq!(rows, [["A-1", "A", "5"], ["A-2", "B", "6"]]);
    }

    #[test]
    fn lines_keep_their_places_and_errors_name_theirs() {
        let (_, _, places) = cells("{\"name\": \"A\"}\n\n{\"name\":\n \"B\"}\n{\"name\": \"C\"}");
        assert_eq!(places, [1, 3, 5]);
        let deep = format!("{}1{}", "[".repeat(500), "]".repeat(500));
        for (text, code, place) in [
            ("[{\"a\": 1},\n {\"a\": }]", "json_unreadable", "t.json:2"),
            ("{\"a\": 1}\n{\"a\": 1}\n{\"a\" 5}\n", "json_unreadable", "t.json:3"),
            ("{\"a\": 1}\n[1]\n", "json_unreadable", "t.json:2"),
            ("[1, 2, 3]", "no_table", "path"),
            ("[{\"a\": {\"list\": ", "json_unreadable", "t.json:1"),
            (deep.as_str(), "json_too_deep", "t.json:1"),
        ] {
            let source = Source {
                path: "t.json".into(),
                ..Source::default()
            };
            let error = read(text, source, "UTF-8", None, &Control::default()).unwrap_err();
            assert_eq!(error.code(), code, "{text}");
            assert!(error.problems()[0].place.as_deref().unwrap().starts_with(place), "{error}");
        }
    }

    #[test]
    fn columns_by_row_number_keep_their_rows() {
        let (_, rows, _) = cells(r#"{"name": {"0": "A", "1": "B", "2": "C"}, "arr": {"0": 1, "2": 3}}"#);
        assert_eq!(rows, [["A", "1"], ["B", ""], ["C", "3"]]);
    }

    #[test]
    fn too_many_keys_are_refused_before_they_take_room() {
        let record = |i: usize| {
            let by_user: Vec<String> = (0..10).map(|k| format!("\"u{}\": 1", i * 10 + k)).collect();
            format!(
                "{{\"name\": \"A{i}\", \"arr\": 5, \"usage_by_user\": {{{}}}}}",
                by_user.join(", ")
            )
        };
        let records: Vec<String> = (0..6_000).map(record).collect();
        for text in [format!("[{}]", records.join(",")), records.join("\n")] {
            assert_eq!(table_of(text.as_bytes(), "t.json").unwrap_err().code(), "too_many_columns");
        }
    }

    #[test]
    fn the_list_that_is_meant_can_be_named() {
        let text = br#"{"plans": [{"plan": "Pro"}], "accounts": [{"name": "A", "arr": 5}]}"#;
        let chosen = table_of(text, "t.json").unwrap();
        assert_eq!(
            (chosen.headers(), chosen.notes.len()),
            (["name", "arr"].map(String::from).as_slice(), 1)
        );
        let named = table(text, "t.json", Some("plans"), &Control::default()).unwrap();
        assert_eq!(named.headers(), ["plan"]);
    }
}
