//! Structured text into typed values: every problem at once, each with its path, numbers in quotes forgiven.

use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value};

use crate::error::{Problem, candidates};

const ROUNDS_MAX: usize = 64;

/// Decodes `value`, collecting every problem. `prefix` is put before each path, such as a file name.
///
/// Unknown keys, values of the wrong type and failed checks are recorded and taken out, then decoding goes on,
/// so one call reports them all. `"4"` and `4.0` are accepted where 4 is wanted.
pub fn decode<T: DeserializeOwned>(mut value: Value, prefix: &str) -> Result<T, Vec<Problem>> {
    let mut problems = Vec::new();
    for _ in 0..ROUNDS_MAX {
        let failure = match serde_path_to_error::deserialize::<_, T>(value.clone()) {
            Ok(_) if !problems.is_empty() => return Err(problems),
            Ok(decoded) => return Ok(decoded),
            Err(failure) => failure,
        };
        let path = steps(failure.path());
        let message = failure.inner().to_string();
        if mend(&mut value, &path, &message) {
            continue;
        }
        problems.push(problem(&value, &path, &message, prefix));
        if !take_out(&mut value, &path, &message) {
            break;
        }
    }
    Err(problems)
}

fn steps(path: &serde_path_to_error::Path) -> Vec<String> {
    use serde_path_to_error::Segment;
    let step = |segment: &Segment| match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key } => Some(key.clone()),
        Segment::Enum { variant } => Some(variant.clone()),
        Segment::Unknown => None,
    };
    path.iter().filter_map(step).collect()
}

fn at<'a>(value: &'a mut Value, path: &[String]) -> Option<&'a mut Value> {
    path.iter().try_fold(value, |value, step| match value {
        Value::Object(map) => map.get_mut(step),
        Value::Array(list) => list.get_mut(step.parse::<usize>().ok()?),
        _ => None,
    })
}

/// Turns `"4"` or `4.0` into the number that was wanted. False when that is not what is wrong.
fn mend(value: &mut Value, path: &[String], message: &str) -> bool {
    let Some(slot) = at(value, path) else { return false };
    let Some(mended) = mended(slot, message) else { return false };
    *slot = mended;
    true
}

fn mended(slot: &Value, message: &str) -> Option<Value> {
    let (_, expected) = message.split_once("expected ")?;
    let wants_integer = ["u8", "u16", "u32", "u64", "usize", "i32", "i64"]
        .iter()
        .any(|t| expected.starts_with(t));
    let wants_bool = expected.starts_with("a boolean");
    let wants_number = wants_integer || expected.starts_with("f64") || expected.starts_with("f32");
    match slot {
        Value::String(text) if wants_bool => text.trim().to_lowercase().parse().ok().map(Value::Bool),
        Value::String(text) if wants_number => {
            let plain: String = text.trim().chars().filter(|c| *c != ',' && *c != '_').collect();
            let number: f64 = plain.parse().ok()?;
            if wants_integer {
                whole(number)
            } else {
                Number::from_f64(number).map(Value::Number)
            }
        }
        Value::Number(number) if wants_integer && number.is_f64() => whole(number.as_f64()?),
        _ => None,
    }
}

fn whole(number: f64) -> Option<Value> {
    let exact = number.fract() == 0.0 && number.abs() < 9e15;
    exact.then(|| Value::from(number as i64))
}

/// Serde's wording holds the names between backticks: the first is the unknown key, the rest what was expected.
fn unknown_field(message: &str) -> Option<(String, Vec<String>)> {
    if !message.starts_with("unknown field `") {
        return None;
    }
    let mut names = message.split('`').skip(1).step_by(2).map(str::to_string);
    let key = names.next()?;
    Some((key, names.collect()))
}

fn problem(value: &Value, path: &[String], message: &str, prefix: &str) -> Problem {
    let place = |path: &[String]| {
        let joined = path.join(".");
        if prefix.is_empty() || joined.is_empty() {
            format!("{prefix}{joined}")
        } else {
            format!("{prefix}: {joined}")
        }
    };
    if let Some((key, expected)) = unknown_field(message) {
        let parent = if path.last() == Some(&key) {
            path.split_last().map_or(path, |(_, rest)| rest)
        } else {
            path
        };
        let mut full = parent.to_vec();
        full.push(key.clone());
        let near = candidates(&key, expected.iter().map(String::as_str), 5);
        let problem = Problem::new("unknown_argument", format!("there is no `{key}` here")).at(place(&full));
        return match near.first() {
            Some(best) => problem.found(near.iter().map(|n| format!("`{n}`"))).fix(nested(
                parent,
                best,
                value_at(value, &full).cloned().unwrap_or(Value::Null),
            )),
            None => problem.expected(short_list(&expected)),
        };
    }
    if message.starts_with("missing field") {
        let missing = message.split('`').nth(1).unwrap_or("a field").to_string();
        return Problem::new("missing_argument", format!("`{missing}` is missing")).at(place(path));
    }
    if message.starts_with("unknown variant `") {
        let mut names = message.split('`').skip(1).step_by(2).map(str::to_string);
        let got = names.next().unwrap_or_default();
        let expected: Vec<String> = names.collect();
        let problem = Problem::new("bad_argument", format!("`{got}` is not one of the choices")).at(place(path));
        let near = candidates(&got, expected.iter().map(String::as_str), 1);
        let best = near
            .first()
            .copied()
            .or(expected.first().map(String::as_str))
            .map(str::to_string);
        let problem = problem.expected(short_list(&expected));
        return match (best, path.split_last()) {
            (Some(best), Some((last, parent))) if last.parse::<usize>().is_err() => {
                problem.fix(nested(parent, last, Value::String(best)))
            }
            _ => problem,
        };
    }
    let text = message.split(" at line ").next().unwrap_or(message);
    match text.split_once(", expected ") {
        Some((what, expected)) => Problem::new("bad_argument", what.to_string())
            .at(place(path))
            .expected(expected.to_string()),
        None => Problem::new("bad_argument", text.to_string()).at(place(path)),
    }
}

fn short_list(names: &[String]) -> String {
    const SHOWN: usize = 12;
    let shown: Vec<String> = names.iter().take(SHOWN).map(|n| format!("`{n}`")).collect();
    match names.len().saturating_sub(SHOWN) {
        0 if names.is_empty() => "nothing here".into(),
        0 => shown.join(", "),
        more => format!("{}, {more} more", shown.join(", ")),
    }
}

fn value_at<'a>(value: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, step| match value {
        Value::Object(map) => map.get(step),
        Value::Array(list) => list.get(step.parse::<usize>().ok()?),
        _ => None,
    })
}

/// `{a: {b: {key: value}}}` from the path a.b. A path through a list gives the entry alone.
fn nested(path: &[String], key: &str, value: Value) -> Value {
    let mut out = Value::Object(Map::from_iter([(key.to_string(), value)]));
    for step in path.iter().rev() {
        out = match step.parse::<usize>() {
            Ok(_) => Value::Array(vec![out]),
            Err(_) => Value::Object(Map::from_iter([(step.clone(), out)])),
        };
    }
    out
}

/// Removes what was wrong so that decoding can go on to the next problem.
fn take_out(value: &mut Value, path: &[String], message: &str) -> bool {
    if message.starts_with("missing field") {
        return false;
    }
    if let Some((key, _)) = unknown_field(message) {
        let parent = if path.last() == Some(&key) {
            path.split_last().map_or(path, |(_, rest)| rest)
        } else {
            path
        };
        return remove(value, parent, &key);
    }
    match path.split_last() {
        Some((last, parent)) => remove(value, parent, last),
        None => false,
    }
}

fn remove(value: &mut Value, parent: &[String], key: &str) -> bool {
    match at(value, parent) {
        Some(Value::Object(map)) => map.shift_remove(key).is_some(),
        Some(Value::Array(list)) => match key.parse::<usize>() {
            Ok(index) if index < list.len() => {
                list.remove(index);
                true
            }
            _ => false,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq, Default)]
    #[serde(deny_unknown_fields, default)]
    struct Outer {
        csms: usize,
        share: f64,
        snap: bool,
        inner: Inner,
    }

    #[derive(Debug, Deserialize, PartialEq, Default)]
    #[serde(deny_unknown_fields, default)]
    struct Inner {
        low_below: f64,
    }

    #[test]
    fn numbers_in_quotes_and_whole_floats_are_forgiven() {
        let outer: Outer = decode(json!({"csms": "4", "share": ".5", "snap": "true"}), "").unwrap();
        assert_eq!(
            outer,
            Outer {
                csms: 4,
                share: 0.5,
                snap: true,
                ..Outer::default()
            }
        );
        assert_eq!(decode::<Outer>(json!({"csms": 4.0}), "").unwrap().csms, 4);
    }

    #[test]
    fn every_problem_is_reported_with_its_path_and_fix() {
        let problems = decode::<Outer>(json!({"csm": 3, "share": "half", "inner": {"low_bellow": 0.2}}), "").unwrap_err();
        let places: Vec<_> = problems.iter().map(|p| p.place.clone().unwrap()).collect();
        assert_eq!(places, ["csm", "share", "inner.low_bellow"]);
        assert_eq!(problems[0].fix, Some(json!({"csms": 3})));
        assert_eq!(problems[2].fix, Some(json!({"inner": {"low_below": 0.2}})));
    }
}
