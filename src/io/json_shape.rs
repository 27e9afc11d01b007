//! The tables inside a JSON value: where lists of records lie, and how a record becomes a row.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::builder::COLUMNS_MAX;
use super::header;
use super::typed::number_text;

/// A table found in a value.
pub(crate) struct Found {
    /// The keys that lead to it, joined with dots; `records` at the top.
    pub(crate) name: String,
    /// Headers; none when the first rows have to be looked through for them.
    pub(crate) columns: Vec<String>,
    /// Rows, which hold no more than what is there.
    pub(crate) rows: Vec<Row>,
}

/// A row: the cells that are not blank, each with its column.
#[derive(Default)]
pub(crate) struct Row {
    filled: Vec<(u32, String)>,
    /// The column after the last one that was set, blank or not.
    end: u32,
}

impl Row {
    /// A row of cells from the first column on.
    fn of(cells: impl Iterator<Item = String>) -> Row {
        let mut row = Row::default();
        cells.enumerate().for_each(|(at, cell)| row.set(at, cell));
        row
    }

    /// What is set last counts.
    fn set(&mut self, at: usize, cell: String) {
        let Ok(column) = u32::try_from(at) else { return };
        self.end = self.end.max(column.saturating_add(1));
        if !cell.is_empty() {
            self.filled.push((column, cell));
        }
    }

    /// The cells as they stand in a table, at least `width` of them; `spread` is what they are spread out in.
    pub(crate) fn spread<'r>(&'r self, width: usize, spread: &mut Vec<&'r str>) {
        spread.clear();
        spread.resize(width.max(self.end as usize), "");
        for (column, cell) in &self.filled {
            if let Some(slot) = spread.get_mut(*column as usize) {
                *slot = cell;
            }
        }
    }
}

/// Columns in the order in which records first name them.
#[derive(Default)]
pub(crate) struct Columns {
    order: Vec<String>,
    index: HashMap<String, usize>,
}

/// Lists lie no deeper than this under a document's top.
const DEPTH_MAX: usize = 4;

/// Every table in a value.
pub(crate) fn search(value: Value) -> Vec<Found> {
    let mut found = Vec::new();
    walk(value, String::new(), 0, &mut found);
    found
}

impl Found {
    /// Header and first rows, for choosing among several tables.
    pub(crate) fn first_rows(&self, n: usize) -> Vec<Vec<String>> {
        let header = (!self.columns.is_empty()).then(|| self.columns.clone());
        let rows = self.rows.iter().map(|row| {
            let mut cells = Vec::new();
            row.spread(0, &mut cells);
            cells.into_iter().map(str::to_string).collect()
        });
        header.into_iter().chain(rows).take(n).collect()
    }
}

impl Columns {
    /// The cells of a record.
    pub(crate) fn row(&mut self, record: Map<String, Value>) -> Row {
        let mut row = Row::default();
        self.fill(record, "", &mut row);
        row
    }

    /// How many columns are known: never more than one too many, since then the file is refused.
    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    /// The headers.
    pub(crate) fn headers(self) -> Vec<String> {
        self.order
    }

    fn fill(&mut self, record: Map<String, Value>, prefix: &str, row: &mut Row) {
        for (key, value) in record {
            let path = match prefix {
                "" => key,
                prefix => format!("{prefix}.{key}"),
            };
            match value {
                Value::Object(inner) if !inner.is_empty() => self.fill(inner, &path, row),
                value => {
                    if let Some(at) = self.place(path) {
                        row.set(at, text(value));
                    }
                }
            }
        }
    }

    fn place(&mut self, path: String) -> Option<usize> {
        if let Some(at) = self.index.get(&path) {
            return Some(*at);
        }
        if self.order.len() > COLUMNS_MAX {
            return None;
        }
        self.order.push(path.clone());
        self.index.insert(path, self.order.len() - 1);
        Some(self.order.len() - 1)
    }
}

fn walk(value: Value, name: String, depth: usize, found: &mut Vec<Found>) {
    match value {
        Value::Array(items) => found.extend(list(items, name)),
        Value::Object(map) => object(map, name, depth, found),
        _ => {}
    }
}

fn object(map: Map<String, Value>, name: String, depth: usize, found: &mut Vec<Found>) {
    if let Some(table) = split(&map) {
        found.push(Found {
            name: titled(name),
            ..table
        });
        return;
    }
    if is_columns(&map) {
        found.push(columns(map, titled(name)));
        return;
    }
    if is_keyed(&map) {
        found.push(keyed(map, titled(name)));
        return;
    }
    // One account by itself is a book of one row.
    let single = depth == 0
        && !map
            .values()
            .any(|value| matches!(value, Value::Array(items) if items.iter().any(Value::is_object)));
    if single && header::find(&[map.keys().cloned().collect::<Vec<_>>()]).worth > 0 {
        let mut columns = Columns::default();
        let rows = vec![columns.row(map)];
        found.push(Found {
            name: titled(name),
            columns: columns.headers(),
            rows,
        });
        return;
    }
    if depth < DEPTH_MAX {
        for (key, value) in map {
            let path = if name.is_empty() { key } else { format!("{name}.{key}") };
            walk(value, path, depth + 1, found);
        }
    }
}

fn titled(name: String) -> String {
    if name.is_empty() { "records".to_string() } else { name }
}

/// A list of objects, or a list of lists.
fn list(items: Vec<Value>, name: String) -> Option<Found> {
    let objects = items.iter().filter(|item| item.is_object()).count();
    let lists = items.iter().filter(|item| item.is_array()).count();
    if objects * 2 > items.len() {
        let mut columns = Columns::default();
        let rows = items
            .into_iter()
            .map(|item| match item {
                Value::Object(record) => columns.row(record),
                other => Row::of(std::iter::once(text(other))),
            })
            .collect();
        return Some(Found {
            name: titled(name),
            columns: columns.headers(),
            rows,
        });
    }
    let wide = items.iter().any(|item| item.as_array().is_some_and(|row| row.len() > 1));
    (lists == items.len() && wide).then(|| Found {
        name: titled(name),
        columns: Vec::new(),
        rows: items.into_iter().map(cells).collect(),
    })
}

fn cells(row: Value) -> Row {
    match row {
        Value::Array(cells) => Row::of(cells.into_iter().map(text)),
        other => Row::of(std::iter::once(text(other))),
    }
}

/// `{"columns": [..], "data": [[..], ..]}`, as pandas splits a table.
fn split(map: &Map<String, Value>) -> Option<Found> {
    let columns: Option<Vec<String>> = map
        .get("columns")?
        .as_array()?
        .iter()
        .map(|name| name.as_str().map(str::to_string))
        .collect();
    let rows: Vec<Row> = map.get("data")?.as_array()?.iter().cloned().map(cells).collect();
    Some(Found {
        name: String::new(),
        columns: columns?,
        rows,
    })
}

/// Lists of the same length under headers, or objects whose keys count the rows.
fn is_columns(map: &Map<String, Value>) -> bool {
    let scalars = |items: &Vec<Value>| items.iter().all(|item| !item.is_object() && !item.is_array());
    let length = |value: &Value| value.as_array().filter(|items| scalars(items)).map(Vec::len);
    let first = map.values().next().and_then(length);
    let lists = map.len() > 1 && first.is_some_and(|n| n > 0) && map.values().all(|value| length(value) == first);
    let counted = |value: &Value| {
        value
            .as_object()
            .is_some_and(|rows| !rows.is_empty() && rows.keys().all(|key| key.bytes().all(|b| b.is_ascii_digit())))
    };
    lists || (map.len() > 1 && map.values().all(counted))
}

fn columns(map: Map<String, Value>, name: String) -> Found {
    let mut rows: Vec<Row> = Vec::new();
    // Which row a number stands for; columns need not name the same ones.
    let mut numbered: HashMap<String, usize> = HashMap::new();
    let headers: Vec<String> = map.keys().take(COLUMNS_MAX + 1).cloned().collect();
    for (at, (_, value)) in map.into_iter().take(headers.len()).enumerate() {
        let cells: Vec<(usize, Value)> = match value {
            Value::Array(cells) => cells.into_iter().enumerate().collect(),
            Value::Object(cells) => cells
                .into_iter()
                .map(|(number, cell)| {
                    let next = numbered.len();
                    (*numbered.entry(number).or_insert(next), cell)
                })
                .collect(),
            _ => Vec::new(),
        };
        for (row, cell) in cells {
            if rows.len() <= row {
                rows.resize_with(row + 1, Row::default);
            }
            if let Some(row) = rows.get_mut(row) {
                row.set(at, text(cell));
            }
        }
    }
    Found {
        name,
        columns: headers,
        rows,
    }
}

/// Records under their ids: objects that share most of their keys.
fn is_keyed(map: &Map<String, Value>) -> bool {
    let mut objects = map.values().map(Value::as_object);
    let Some(Some(first)) = objects.next() else {
        return false;
    };
    let alike = |record: &Map<String, Value>| record.keys().filter(|key| first.contains_key(*key)).count() * 2 >= first.len();
    let speaks = header::find(&[first.keys().cloned().collect::<Vec<_>>()]).worth > 0;
    map.len() > 1 && speaks && objects.all(|record| record.is_some_and(alike))
}

fn keyed(map: Map<String, Value>, name: String) -> Found {
    let mut columns = Columns::default();
    let has_id = |record: &Value| record.get("id").is_some();
    let id = if map.values().any(has_id) { "key" } else { "id" };
    let mut rows = Vec::with_capacity(map.len());
    for (key, value) in map {
        let Value::Object(record) = value else { continue };
        let mut whole = Map::from_iter([(id.to_string(), Value::String(key))]);
        whole.extend(record);
        rows.push(columns.row(whole));
    }
    Found {
        name,
        columns: columns.headers(),
        rows,
    }
}

/// A value as a cell: lists of texts joined, lists of objects counted.
fn text(value: Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(yes) => yes.to_string(),
        Value::Number(number) => number_text(number.to_string()),
        Value::String(text) => text,
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => items.len().to_string(),
        Value::Array(items) => items.into_iter().map(text).collect::<Vec<_>>().join("; "),
        Value::Object(_) => String::new(),
    }
}
