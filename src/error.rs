//! Errors as part of the product: each names a code, the place, what was found and the argument fragment that mends the call.

pub mod codes;

use std::fmt;

use serde_json::Value;

/// The result of anything that a caller can get wrong.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong, all of it at once, so that one retry can mend everything.
#[derive(Debug, Clone, PartialEq)]
pub struct Error {
    problems: Vec<Problem>,
}

/// One thing that is wrong with the input.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// Stable, machine-readable, `snake_case`.
    pub code: &'static str,
    /// One sentence without a full stop.
    pub message: String,
    /// Argument path, or `file:row:column`.
    pub place: Option<String>,
    /// What is there instead, best candidates first; the text shows three, or five when they are short.
    pub found: Vec<String>,
    /// What would have been accepted.
    pub expected: Option<String>,
    /// The argument fragment to retry with.
    pub fix: Option<Value>,
    /// The tool to call next.
    pub next: Option<String>,
}

const LINES_MAX: usize = 12;
const FOUND_SHOWN: usize = 5;
const PROBLEMS_SHOWN: usize = 5;

impl Problem {
    /// A problem with a code and a sentence; the rest is added with the methods below.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Problem {
            code,
            message: message.into(),
            place: None,
            found: Vec::new(),
            expected: None,
            fix: None,
            next: None,
        }
    }

    /// Names the argument path or file position.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// Lists what was found, best candidates first.
    #[must_use]
    pub fn found<S: Into<String>>(mut self, found: impl IntoIterator<Item = S>) -> Self {
        self.found = found.into_iter().map(Into::into).collect();
        self
    }

    /// Says what would have been accepted.
    #[must_use]
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// Gives the argument fragment to retry with.
    #[must_use]
    pub fn fix(mut self, fix: Value) -> Self {
        self.fix = Some(fix);
        self
    }

    /// Names the tool to call next.
    #[must_use]
    pub fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }
}

impl Error {
    /// Wraps the problems found; an empty list is not an error and must not come here.
    pub fn all(problems: Vec<Problem>) -> Self {
        debug_assert!(!problems.is_empty());
        Error { problems }
    }

    /// An error of all the problems; no problem, no error.
    pub fn unless_none(problems: Vec<Problem>) -> Result<()> {
        match problems.is_empty() {
            true => Ok(()),
            false => Err(Error::all(problems)),
        }
    }

    /// The problems in the order in which they were found.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The first problem's code, or `internal` for an empty list.
    pub fn code(&self) -> &'static str {
        self.problems.first().map_or("internal", |p| p.code)
    }

    /// Sets the next tool on every problem that does not name one.
    #[must_use]
    pub fn or_next(mut self, tool: &str) -> Self {
        for problem in &mut self.problems {
            problem.next.get_or_insert_with(|| format!("{tool} again"));
        }
        self
    }

    /// Every fix in one fragment, so that a single retry carries all of them.
    pub fn fix(&self) -> Option<Value> {
        let mut fixes = self.problems.iter().filter_map(|p| p.fix.as_ref());
        let mut merged = fixes.next()?.clone();
        for fix in fixes {
            merge(&mut merged, fix);
        }
        Some(merged)
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Error::all(vec![problem])
    }
}

impl std::error::Error for Error {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = Vec::new();
        let alone = self.problems.len() == 1;
        for problem in self.problems.iter().take(PROBLEMS_SHOWN) {
            lines.push(format!("error[{}]: {}", problem.code, one_line(&problem.message)));
            if alone {
                lines.extend(problem.place.iter().map(|p| format!("  where: {}", one_line(p))));
                lines.extend(found_line(&problem.found));
                lines.extend(problem.expected.iter().map(|e| format!("  expected: {}", one_line(e))));
            } else {
                lines.extend(brief_line(problem));
            }
        }
        if self.problems.len() > PROBLEMS_SHOWN
            && let Some(last) = lines.last_mut()
        {
            last.push_str(&format!("; {} more", self.problems.len() - PROBLEMS_SHOWN));
        }
        lines.extend(self.fix().map(|fix| fix_line(&fix)));
        lines.extend(
            self.problems
                .iter()
                .find_map(|p| p.next.as_ref())
                .map(|n| format!("  next:  {n}")),
        );
        lines.truncate(LINES_MAX);
        f.write_str(&lines.join("\n"))
    }
}

/// The up to `n` names most like `wanted`, best first; an unlike name is never offered.
pub fn candidates<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>, n: usize) -> Vec<&'a str> {
    let wanted = wanted.to_lowercase();
    let mut scored: Vec<(f64, &str)> = names
        .into_iter()
        .map(|name| (likeness(&wanted, &name.to_lowercase()), name))
        .filter(|(score, _)| *score > 0.72)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    scored.into_iter().take(n).map(|(_, name)| name).collect()
}

fn likeness(a: &str, b: &str) -> f64 {
    let contained = a.len().min(b.len()) >= 3 && (a.contains(b) || b.contains(a));
    strsim::jaro_winkler(a, b).max(if contained { 0.8 } else { 0.0 })
}

fn found_line(found: &[String]) -> Option<String> {
    if found.is_empty() {
        return None;
    }
    let mut shown: Vec<String> = found.iter().take(FOUND_SHOWN).map(|f| one_line(f)).collect();
    if found.len() > FOUND_SHOWN {
        shown.push(format!("{} more", found.len() - FOUND_SHOWN));
    }
    Some(format!("  found: {}", shown.join(", ")))
}

/// The fragment, or where to mend when it would be longer than anybody wants to read back.
fn fix_line(fix: &Value) -> String {
    const BYTES_MAX: usize = 4_000;
    let text: String = fix.to_string().chars().filter(|c| !is_direction(*c)).collect();
    match text.len() > BYTES_MAX {
        true => "  fix:   the same call with the places above mended".into(),
        false => format!("  fix:   {text}"),
    }
}

/// Characters that turn the direction of what follows them.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn brief_line(problem: &Problem) -> Option<String> {
    const CANDIDATES: usize = 2;
    let place = problem.place.as_ref().map(|p| format!("where: {}", one_line(p)));
    let near: Vec<String> = problem.found.iter().take(CANDIDATES).map(|f| one_line(f)).collect();
    let found = (!near.is_empty()).then(|| format!("found: {}", near.join(", ")));
    let expected = problem.expected.as_ref().map(|e| format!("expected: {}", one_line(e)));
    let parts: Vec<String> = place.into_iter().chain(found).chain(expected).collect();
    (!parts.is_empty()).then(|| format!("  {}", parts.join("; ")))
}

/// Text from a file may hold line ends and control characters; an error must stay on its line.
fn one_line(text: &str) -> String {
    const WIDTH_MAX: usize = 400;
    let flat: String = text
        .chars()
        .filter(|c| !is_direction(*c))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if flat.chars().count() <= WIDTH_MAX {
        return flat;
    }
    flat.chars().take(WIDTH_MAX).chain("...".chars()).collect()
}

fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                match into.get_mut(key) {
                    Some(slot) => merge(slot, value),
                    None => {
                        into.insert(key.clone(), value.clone());
                    }
                }
            }
        }
        (into, from) => *into = from.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_problem_names_place_candidates_fix_and_next() {
        let error = Error::from(
            Problem::new("column_not_found", "no column `Anual Revenue` in `accounts.csv`")
                .at("columns.arr")
                .found(["`Annual Revenue`", "`ARR (USD)`"])
                .fix(json!({"columns": {"arr": "ARR (USD)"}})),
        )
        .or_next("load_book");
        assert_eq!(
            error.to_string(),
            "error[column_not_found]: no column `Anual Revenue` in `accounts.csv`\n  where: columns.arr\n  \
             found: `Annual Revenue`, `ARR (USD)`\n  fix:   {\"columns\":{\"arr\":\"ARR (USD)\"}}\n  next:  load_book again"
        );
    }

    #[test]
    fn many_problems_stay_within_twelve_lines_and_share_one_fix() {
        let problems = (0..9)
            .map(|i| {
                Problem::new("bad_value", format!("bad {i}"))
                    .at(format!("a.{i}"))
                    .fix(json!({ format!("k{i}"): i }))
            })
            .collect();
        let text = Error::all(problems).or_next("validate").to_string();
        assert!(text.lines().count() <= LINES_MAX, "{text}");
        assert!(text.contains("4 more") && text.contains("\"k8\":8"), "{text}");
    }

    #[test]
    fn a_hostile_value_stays_on_its_line() {
        let error = Error::from(Problem::new("bad_value", "found `a\nerror[ok]: b\u{1b}[2J`"));
        assert_eq!(error.to_string().lines().count(), 1);
    }

    #[test]
    fn candidates_are_ranked_and_unlike_names_left_out() {
        assert_eq!(
            candidates("Anual Revenue", ["Owner", "Annual Revenue", "Region"], 5),
            ["Annual Revenue"]
        );
    }
}
