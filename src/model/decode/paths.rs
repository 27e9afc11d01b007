//! Places inside a JSON value, as lists of keys: looked up, named, taken out, put in.

use serde_json::{Map, Value};

pub(super) fn at<'a>(value: &'a mut Value, path: &[String]) -> Option<&'a mut Value> {
    value.pointer_mut(&pointer(path))
}

pub(super) fn value_at<'a>(value: &'a Value, path: &[String]) -> Option<&'a Value> {
    value.pointer(&pointer(path))
}

/// The path as a JSON pointer (RFC 6901).
pub(super) fn pointer(path: &[String]) -> String {
    path.iter()
        .map(|step| format!("/{}", step.replace('~', "~0").replace('/', "~1")))
        .collect()
}

pub(super) fn remove(value: &mut Value, parent: &[String], key: &str) -> bool {
    match at(value, parent) {
        Some(Value::Object(map)) => map.shift_remove(key).is_some(),
        _ => false,
    }
}

pub(super) fn parent_of<'a>(path: &'a [String], key: &str) -> &'a [String] {
    match path.split_last() {
        Some((last, rest)) if last == key => rest,
        _ => path,
    }
}

/// The same place in the other entries of every list on the path.
pub(super) fn siblings(value: &Value, path: &[String]) -> Vec<Vec<String>> {
    let Some(at) = path.iter().position(|step| step.parse::<usize>().is_ok()) else {
        return Vec::new();
    };
    let (above, below) = path.split_at(at);
    let Some(Value::Array(list)) = value_at(value, above) else {
        return Vec::new();
    };
    let place = |index: usize| {
        let mut place = above.to_vec();
        place.push(index.to_string());
        place.extend(below.iter().skip(1).cloned());
        place
    };
    (0..list.len())
        .map(place)
        .filter(|place| place != path && value_at(value, place).is_some())
        .collect()
}

/// The part of `value` that a retry must carry for `path`: the whole argument that holds it, since rules and lists
/// replace what was there.
pub(super) fn fragment(value: &Value, path: &[String]) -> Value {
    let argument = path.first().cloned().unwrap_or_default();
    let held = value.get(&argument).cloned().unwrap_or(Value::Null);
    Value::Object(Map::from_iter([(argument, held)]))
}

pub(super) fn rename(value: &mut Value, parent: &[String], from: &str, to: &str) {
    if let Some(Value::Object(map)) = at(value, parent)
        && let Some(held) = map.shift_remove(from)
    {
        map.entry(to.to_string()).or_insert(held);
    }
}
