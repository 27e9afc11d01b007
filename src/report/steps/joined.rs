//! The certificates of joined files: rows that counted, were left out, or lead to no account.

use serde_json::{Map, Value, json};

use super::{amount, count, put_list};
use crate::model::load::{Joined, Loaded};
use crate::model::money::{counted, grouped_text};
use crate::report::{Table, text};

/// One line a file.
pub(super) fn table(loaded: &Loaded) -> Table {
    let mut table = Table::new(&["File", "Kind", ">Rows read", ">Rows that count"]);
    for joined in &loaded.joins {
        let name = joined.path.rsplit(['/', '\\']).next().unwrap_or_default();
        table.push([
            text::clean(name),
            joined.kind.to_string(),
            count(joined.rows_read),
            count(joined.rows_used),
        ]);
    }
    table
}

/// Everything that is known of each file.
pub(super) fn lines(loaded: &Loaded) -> Vec<String> {
    loaded.joins.iter().flat_map(about).collect()
}

fn about(joined: &Joined) -> Vec<String> {
    let file = text::name(&joined.path);
    let mut lines = vec![format!(
        "{file} ({}): {} read = {} that count + {} left out + {} of no account; key {}",
        joined.format,
        counted(joined.rows_read, "row"),
        count(joined.rows_used),
        count(joined.left_out.iter().map(|left| left.rows).sum()),
        count(joined.rows_unmatched),
        text::clean(&joined.key),
    )];
    for left in &joined.left_out {
        let arr = if left.arr_cents == 0 {
            String::new()
        } else {
            format!(", {} ARR", grouped_text(left.arr_cents))
        };
        lines.push(format!(
            "{file}: {} left out, {}{arr}",
            counted(left.rows, "row"),
            left.reason
        ));
    }
    if let Some(cents) = joined.arr_cents {
        let lost = joined.arr_unmatched_cents.unwrap_or(0);
        lines.push(format!(
            "{file}: {} ARR counts, {} ARR belongs to no account",
            grouped_text(cents),
            grouped_text(lost)
        ));
    }
    if joined.rows_unmatched > 0 {
        let keys: Vec<String> = joined.keys_unmatched.iter().map(|key| text::name(key)).collect();
        lines.push(format!(
            "{file}: keys of no account ({}): {}",
            joined.n_keys_unmatched,
            keys.join(", ")
        ));
    }
    if joined.rows_missing > 0 {
        let keys: Vec<String> = joined.keys_missing.iter().map(|key| text::name(key)).collect();
        lines.push(format!(
            "{file}: keys that it does not hold ({}): {}",
            joined.n_keys_missing,
            keys.join(", ")
        ));
    }
    if !joined.columns.is_empty() {
        lines.push(format!("{file} adds {}", joined.columns.join(", ")));
    }
    lines
}

/// A file for the contract.
pub(super) fn json(joined: &Joined) -> Value {
    let mut data = Map::new();
    data.insert("path".into(), json!(joined.path));
    data.insert("kind".into(), json!(joined.kind));
    data.insert("format".into(), json!(joined.format));
    data.insert("key".into(), json!(text::clean(&joined.key)));
    data.insert("rows_read".into(), json!(joined.rows_read));
    data.insert("rows_used".into(), json!(joined.rows_used));
    let left = joined
        .left_out
        .iter()
        .map(|left| json!({"reason": left.reason, "rows": left.rows, "arr": amount(left.arr_cents)}));
    data.insert("left_out".into(), Value::Array(left.collect()));
    data.insert("rows_unmatched".into(), json!(joined.rows_unmatched));
    data.insert("arr".into(), joined.arr_cents.map_or(Value::Null, amount));
    data.insert("arr_unmatched".into(), joined.arr_unmatched_cents.map_or(Value::Null, amount));
    data.insert("accounts_without".into(), json!(joined.accounts_without));
    put_list(
        &mut data,
        "keys_unmatched",
        joined.keys_unmatched.iter().map(|key| json!(text::cut(key, 80))),
    );
    put_list(
        &mut data,
        "keys_missing",
        joined.keys_missing.iter().map(|key| json!(text::cut(key, 80))),
    );
    if joined.n_keys_unmatched > joined.keys_unmatched.len() {
        data.insert("keys_unmatched_total".into(), json!(joined.n_keys_unmatched));
    }
    data.insert("columns".into(), json!(joined.columns));
    Value::Object(data)
}
