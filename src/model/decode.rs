//! Structured text into typed values: every problem at once, each with its path, numbers in quotes forgiven.

mod paths;

use std::fmt;

use jiff::civil::Date;
use serde::de::{self, DeserializeOwned};
use serde::{Deserialize, Deserializer};
use serde_json::{Number, Value, json};

use crate::error::{Problem, candidates};
use paths::{at, fragment, parent_of, remove, rename, siblings, value_at};

/// After this many problems the rest is left for the next call; what prints shows five.
const PROBLEMS_MAX: usize = 50;

/// Decodes `value`, collecting every problem. `prefix` is put before each path, such as a file name.
///
/// What is wrong is recorded and replaced by a stand-in of the wanted type, then decoding goes on, so that one call
/// reports everything. `"4"` and `4.0` are accepted where 4 is wanted.
pub fn decode<T: DeserializeOwned>(value: Value, prefix: &str) -> Result<T, Vec<Problem>> {
    let mut work = Work {
        mended: value.clone(),
        value,
        prefix,
        problems: Vec::new(),
        patched: Vec::new(),
    };
    let mut rounds = 4 * (PROBLEMS_MAX + leaves(&work.value));
    while work.problems.len() < PROBLEMS_MAX && rounds > 0 {
        rounds -= 1;
        match attempt::<T>(&work.value) {
            Ok(_) if !work.problems.is_empty() => break,
            Ok(decoded) => return Ok(decoded),
            Err(failure) => {
                let path = work.whole::<T>(&failure);
                if !work.settle(&path, &failure.message) {
                    break;
                }
            }
        }
    }
    if work.problems.is_empty() {
        work.problems
            .push(Problem::new("bad_argument", "the arguments could not be read").at(prefix));
    }
    Err(whole_fixes(work.problems))
}

/// Leaves a fix only where it mends everything in its argument: half a fix would send the caller round in circles.
fn whole_fixes(mut problems: Vec<Problem>) -> Vec<Problem> {
    let argument = |problem: &Problem| {
        let place = problem.place.as_deref().unwrap_or_default();
        place
            .rsplit(": ")
            .next()
            .unwrap_or_default()
            .split('.')
            .next()
            .unwrap_or_default()
            .to_string()
    };
    let open: Vec<String> = problems
        .iter()
        .filter(|problem| problem.fix.is_none())
        .map(argument)
        .collect();
    for problem in &mut problems {
        if open.contains(&argument(problem)) {
            problem.fix = None;
        }
    }
    problems
}

fn leaves(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(leaves).sum(),
        Value::Object(map) => map.values().map(leaves).sum(),
        _ => 1,
    }
}

/// A date for serde: `2026-06-30` and nothing else, refused in words for people.
pub fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let text = String::deserialize(deserializer)?;
    let plain = text.len() == 10 && !text.contains('T');
    let parsed = text.parse().ok().filter(|_| plain);
    parsed.ok_or_else(|| {
        de::Error::custom(format!(
            "`{}` is not a date, expected YYYY-MM-DD, such as 2026-06-30",
            short(&text)
        ))
    })
}

/// [`date`] for an argument that may be left out.
pub fn date_if_any<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    date(deserializer).map(Some)
}

/// The name of a sheet, or the number of a table; null is blank.
pub fn sheet_or_blank<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    sheet_if_any(deserializer).map(|sheet| Some(sheet.unwrap_or_default()))
}

/// The name of a sheet, or the number of a table.
pub fn sheet_if_any<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    struct Visitor;
    impl<'de> de::Visitor<'de> for Visitor {
        type Value = Option<String>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string, or the number of a table")
        }
        fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok(Some(text.to_string()))
        }
        fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
            Ok(Some(number.to_string()))
        }
        fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_none<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
    }
    deserializer.deserialize_any(Visitor)
}

/// A failed attempt: where, as far as it is known, and serde's words. A step that is not known is `None`.
#[derive(PartialEq)]
struct Failure {
    steps: Vec<Option<String>>,
    message: String,
}

struct Work<'a> {
    value: Value,
    /// The caller's value with what could be mended mended: fixes are cut from it.
    mended: Value,
    prefix: &'a str,
    problems: Vec<Problem>,
    /// Paths that hold a stand-in; what they lead to is no news.
    patched: Vec<Vec<String>>,
}

fn attempt<T: DeserializeOwned>(value: &Value) -> Result<T, Failure> {
    use serde_path_to_error::Segment;
    serde_path_to_error::deserialize::<_, T>(value.clone()).map_err(|failure| {
        let step = |segment: &Segment| match segment {
            Segment::Seq { index } => Some(index.to_string()),
            Segment::Map { key } => Some(key.clone()),
            Segment::Enum { variant } => Some(variant.clone()),
            Segment::Unknown => None,
        };
        Failure {
            steps: failure.path().iter().map(step).collect(),
            message: failure.inner().to_string(),
        }
    })
}

impl Work<'_> {
    /// The path with the steps that serde does not know (keys that are enums) found by trial.
    fn whole<T: DeserializeOwned>(&self, failure: &Failure) -> Vec<String> {
        let mut path: Vec<String> = Vec::new();
        for step in &failure.steps {
            match step {
                Some(step) => path.push(step.clone()),
                None => path.extend(self.culprit::<T>(&path, failure)),
            }
        }
        path
    }

    /// The key without which the failure goes away.
    fn culprit<T: DeserializeOwned>(&self, path: &[String], failure: &Failure) -> Option<String> {
        let keys: Vec<String> = value_at(&self.value, path)?.as_object()?.keys().cloned().collect();
        keys.into_iter().find(|key| {
            let mut without = self.value.clone();
            remove(&mut without, path, key);
            attempt::<T>(&without).err().as_ref() != Some(failure)
        })
    }

    /// Records what is wrong at the path and puts a stand-in there. False when nothing more can be done.
    fn settle(&mut self, path: &[String], message: &str) -> bool {
        if mend(&mut self.value, path, message) {
            // The same slip in the other entries of a list is mended with it.
            for sibling in siblings(&self.value, path) {
                mend(&mut self.value, &sibling, message);
            }
            return true;
        }
        if let Some((key, known)) = named(message, "unknown field `") {
            return self.unknown_key(parent_of(path, &key), &key, &known);
        }
        if let Some((variant, known)) = named(message, "unknown variant `") {
            // The path of a bad key ends at its map, or at the key where it was found by trial.
            let holds_key = value_at(&self.value, path)
                .and_then(Value::as_object)
                .is_some_and(|map| map.contains_key(&variant));
            let is_key = path.last() == Some(&variant) && value_at(&self.value, path) != Some(&Value::from(variant.as_str()));
            return match (holds_key, is_key) {
                (true, _) => self.unknown_key(path, &variant, &known),
                (false, true) => self.unknown_key(parent_of(path, &variant), &variant, &known),
                (false, false) => self.unknown_choice(path, &variant, &known),
            };
        }
        if message.starts_with("missing field") {
            let field = message.split('`').nth(1).unwrap_or_default().to_string();
            return self.missing(path, &field);
        }
        self.wrong_value(path, message)
    }

    fn unknown_key(&mut self, parent: &[String], key: &str, known: &[String]) -> bool {
        let mut full = parent.to_vec();
        full.push(key.to_string());
        let near = candidates(key, known.iter().map(String::as_str), 5);
        // The same slip in the other entries of a list is one problem, mended everywhere.
        let mut places = siblings(&self.value, &full);
        places.push(full.clone());
        let mut removed = false;
        for place in places {
            let above = parent_of(&place, key);
            if let Some(best) = near.first() {
                rename(&mut self.mended, above, key, best);
            }
            removed = remove(&mut self.value, above, key);
            self.patched.push(place);
        }
        let problem = Problem::new("unknown_argument", format!("there is no `{}` here", short(key))).at(self.place(&full));
        self.problems.push(match near.first() {
            Some(best) => {
                let mut renamed = parent.to_vec();
                renamed.push((*best).to_string());
                problem
                    .found(near.iter().map(|n| format!("`{n}`")))
                    .fix(fragment(&self.mended, &renamed))
            }
            None => problem.expected(short_list(known)),
        });
        removed
    }

    fn unknown_choice(&mut self, path: &[String], variant: &str, known: &[String]) -> bool {
        let place = self.place(path);
        if let Some(missing) = self
            .problems
            .iter_mut()
            .find(|problem| problem.place.as_ref() == Some(&place))
        {
            // The stand-in of what is missing is no choice, and serde says which there are.
            missing.expected.get_or_insert_with(|| short_list(known));
            return self.put(path, known.first().map_or(Value::Null, |first| json!(first)));
        }
        let near = candidates(variant, known.iter().map(String::as_str), 1)
            .first()
            .map(|best| json!(best));
        let any = known.first().map_or(Value::Null, |first| json!(first));
        let problem = Problem::new("bad_argument", format!("`{variant}` is not one of the choices"))
            .at(self.place(path))
            .expected(short_list(known));
        // A guess that nobody asked for would be a decision; only a likely slip is mended.
        if let (Some(slot), Some(near)) = (at(&mut self.mended, path), &near) {
            *slot = near.clone();
        }
        self.problems.push(match near {
            Some(_) => problem.fix(fragment(&self.mended, path)),
            None => problem,
        });
        self.put(path, any)
    }

    fn missing(&mut self, path: &[String], field: &str) -> bool {
        let mut full = path.to_vec();
        full.push(field.to_string());
        let mended_already = value_at(&self.mended, &full).is_some();
        let problem = Problem::new("missing_argument", format!("`{field}` is missing")).at(self.place(&full));
        if !mended_already {
            self.problems.push(problem);
        }
        match at(&mut self.value, path) {
            Some(Value::Object(map)) => {
                map.insert(field.to_string(), Value::Null);
                self.patched.push(full);
                true
            }
            _ => false,
        }
    }

    fn wrong_value(&mut self, path: &[String], message: &str) -> bool {
        let text = message.split(" at line ").next().unwrap_or(message);
        let expected = text.split_once("expected ").map(|(_, expected)| expected);
        let is_news = !self.patched.iter().any(|patched| patched.starts_with(path));
        if is_news {
            let held = value_at(&self.value, path).map(shown).unwrap_or_default();
            let problem = match expected {
                Some(expected) => Problem::new("bad_argument", format!("{held} is not {}", plain(expected))),
                None => Problem::new("bad_argument", text.to_string()),
            };
            self.problems.push(problem.at(self.place(path)));
        }
        let stand_in = expected.map_or(Value::Null, stand_in);
        if value_at(&self.value, path) == Some(&stand_in) {
            return match path.split_last() {
                Some((last, parent)) => remove(&mut self.value, parent, last),
                None => false,
            };
        }
        self.put(path, stand_in)
    }

    fn put(&mut self, path: &[String], stand_in: Value) -> bool {
        let Some(slot) = at(&mut self.value, path) else { return false };
        if path.is_empty() || *slot == stand_in {
            return false;
        }
        *slot = stand_in;
        self.patched.push(path.to_vec());
        true
    }

    fn place(&self, path: &[String]) -> String {
        let joined = path.join(".");
        match self.prefix.is_empty() || joined.is_empty() {
            true => format!("{}{joined}", self.prefix),
            false => format!("{}: {joined}", self.prefix),
        }
    }
}

/// Turns `"4"` or `4.0` into the number that was wanted. False when that is not what is wrong.
fn mend(value: &mut Value, path: &[String], message: &str) -> bool {
    let Some(slot) = at(value, path) else { return false };
    let Some((_, expected)) = message.split_once("expected ") else {
        return false;
    };
    let Some(mended) = mended(slot, expected) else { return false };
    *slot = mended;
    true
}

fn mended(slot: &Value, expected: &str) -> Option<Value> {
    let whole_wanted = is_whole(expected);
    match slot {
        Value::String(text) if expected.starts_with("a boolean") => text.trim().to_lowercase().parse().ok().map(Value::Bool),
        Value::String(text) if whole_wanted || is_float(expected) => {
            let plain: String = text.trim().chars().filter(|c| *c != ',' && *c != '_').collect();
            let number: f64 = plain.parse().ok()?;
            if whole_wanted {
                whole(number)
            } else {
                Number::from_f64(number).map(Value::Number)
            }
        }
        Value::Number(number) if whole_wanted && number.is_f64() => whole(number.as_f64()?),
        _ => None,
    }
}

fn is_whole(expected: &str) -> bool {
    ["u8", "u16", "u32", "u64", "usize", "i32", "i64"]
        .iter()
        .any(|name| expected.starts_with(name))
}

fn is_float(expected: &str) -> bool {
    expected.starts_with("f64") || expected.starts_with("f32")
}

fn whole(number: f64) -> Option<Value> {
    let exact = number.fract() == 0.0 && number.abs() < 9e15;
    exact.then(|| Value::from(number as i64))
}

/// Serde's wording holds the names between backticks: the first is what was found, the rest what was expected.
fn named(message: &str, opening: &str) -> Option<(String, Vec<String>)> {
    if !message.starts_with(opening) {
        return None;
    }
    let mut names = message.split('`').skip(1).step_by(2).map(str::to_string);
    Some((names.next()?, names.collect()))
}

/// What serde expected, in words for people.
fn plain(expected: &str) -> String {
    match expected {
        e if is_float(e) => "a number".into(),
        e if e.starts_with('u') && is_whole(e) => "a whole number from 0".into(),
        e if is_whole(e) => "a whole number".into(),
        e if e.starts_with("a string") || e.starts_with("borrowed string") => "text".into(),
        e if e.starts_with("a boolean") => "true or false".into(),
        e if e.starts_with("a sequence") => "a list".into(),
        e if e.starts_with("a map") || e.starts_with("struct") => "an object".into(),
        e if e.starts_with("an array of length") => e.replace("an array of length", "a list of"),
        e if e.starts_with("string or map") || e.starts_with("variant") => "one of the choices".into(),
        e if e.starts_with("YYYY") => format!("a date, {e}"),
        other => other.to_string(),
    }
}

/// A value of the wanted type, so that decoding can go on to the next problem.
fn stand_in(expected: &str) -> Value {
    match plain(expected).as_str() {
        "a number" | "a whole number" | "a whole number from 0" => json!(0),
        "text" => json!(""),
        "true or false" => json!(false),
        "a list" => json!([]),
        "an object" => json!({}),
        "one of the choices" => json!(""),
        date if date.starts_with("a date") => json!("2000-01-01"),
        _ => Value::Null,
    }
}

fn shown(value: &Value) -> String {
    short(&value.to_string())
}

fn short(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.chars().count() > LONGEST {
        true => format!("{}...", text.chars().take(LONGEST).collect::<String>()),
        false => text.to_string(),
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

#[cfg(test)]
mod tests;
