//! Somebody else's JSON, edited as text: one member of one object comes, changes or goes, and every other byte stays.

use std::ops::Range;

use serde_json::{Map, Value};

use crate::error::{Problem, Result};

/// Some editors begin a file with this mark; parsers do not take it.
const BOM: &str = "\u{feff}";
const INDENT: &str = "  ";

/// A member of an object: where its key begins and where its value lies.
struct Member {
    key: usize,
    name: String,
    value: Range<usize>,
}

/// What an object that lies at the top of a file says. Error: `bad_json`, with the line.
pub fn object(text: &str, shown: &str) -> Result<Map<String, Value>> {
    match serde_json::from_str(text.trim_start_matches(BOM)) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(bad(shown, "what it holds is not an object".into()).into()),
        Err(e) => {
            let said = e.to_string();
            let why = said.split(" at line ").next().unwrap_or(&said).to_string();
            let place = format!("{shown}:{}:{}", e.line(), e.column());
            Err(bad(shown, why)
                .at(place)
                .expected("JSON without comments or trailing commas; mend it, nothing was changed")
                .into())
        }
    }
}

/// The text with `parent.name = value`; `parent` is made where it is missing. Error: `bad_json`.
pub fn with_member(text: &str, parent: &str, name: &str, value: &Value, shown: &str) -> Result<String> {
    if text.trim_start_matches(BOM).trim().is_empty() {
        let whole = Value::Object(Map::from_iter([(
            parent.to_string(),
            Value::Object(Map::from_iter([(name.to_string(), value.clone())])),
        )]));
        return Ok(format!("{whole:#}\n"));
    }
    object(text, shown)?;
    let root = text.find('{').unwrap_or_default();
    let top = members(text, root);
    let Some(home) = only(&top, parent, shown)? else {
        let inner = Value::Object(Map::from_iter([(name.to_string(), value.clone())]));
        return Ok(appended(text, root, &top, parent, &inner, 1));
    };
    let at = home.value.start;
    if text.as_bytes().get(at) != Some(&b'{') {
        return Err(bad(shown, format!("`{parent}` is not an object"))
            .at(format!("{shown}: {parent}"))
            .into());
    }
    let inside = members(text, at);
    Ok(match only(&inside, name, shown)? {
        None => appended(text, at, &inside, name, value, 2),
        Some(old) => {
            let before = text.get(..old.key).unwrap_or_default();
            let blank = before.trim_end_matches([' ', '\t', '\r', '\n']).len();
            let gap = before.get(blank..).unwrap_or_default();
            spliced(text, old.value.clone(), &drawn(value, gap, &unit(text)))
        }
    })
}

/// The text without `parent.name`, with the comma that goes with it. Error: `bad_json`.
pub fn without_member(text: &str, parent: &str, name: &str, shown: &str) -> Result<String> {
    object(text, shown)?;
    let top = members(text, text.find('{').unwrap_or_default());
    let Some(home) = only(&top, parent, shown)? else {
        return Ok(text.to_string());
    };
    let inside = members(text, home.value.start);
    let Some(own) = only(&inside, name, shown)? else {
        return Ok(text.to_string());
    };
    let before = inside.iter().rev().find(|member| member.key < own.key);
    let after = inside.iter().find(|member| member.key > own.key);
    let gone = match (before, after) {
        (Some(before), _) => before.value.end..own.value.end,
        (None, Some(after)) => own.key..after.key,
        (None, None) => home.value.start + 1..home.value.end.saturating_sub(1),
    };
    Ok(spliced(text, gone, ""))
}

/// The member of this name; two of them are an error, since readers disagree about which one counts.
fn only<'a>(members: &'a [Member], name: &str, shown: &str) -> Result<Option<&'a Member>> {
    let mut named = members.iter().filter(|member| member.name == name);
    let first = named.next();
    match named.next() {
        None => Ok(first),
        Some(_) => Err(bad(shown, format!("`{name}` stands there twice"))
            .at(format!("{shown}: {name}"))
            .expected("each name once")
            .into()),
    }
}

fn bad(shown: &str, why: String) -> Problem {
    Problem::new("bad_json", format!("`{shown}` cannot be edited: {why}"))
        .at(shown)
        .expected("an object such as {\"mcpServers\": {}}; mend it, nothing was changed")
}

/// A further member after the last one, set off as that one is.
fn appended(text: &str, open: usize, members: &[Member], name: &str, value: &Value, depth: usize) -> String {
    let unit = unit(text);
    let name = Value::from(name);
    if let Some(last) = members.last() {
        let start = members
            .len()
            .checked_sub(2)
            .and_then(|i| members.get(i))
            .map_or(open, |m| m.value.end);
        let between = text.get(start..last.key).unwrap_or_default();
        // Between two members stand blanks and one comma; what follows the comma sets the next one off.
        let gap = between.rsplit(['{', ',']).next().unwrap_or_default();
        let gap = gap.find(['\r', '\n']).and_then(|line_end| gap.get(line_end..)).unwrap_or(gap);
        let added = format!(",{gap}{name}:{}{}", space(gap), drawn(value, gap, &unit));
        return spliced(text, last.value.end..last.value.end, &added);
    }
    let close = open + 1 + text.get(open + 1..).and_then(|rest| rest.find('}')).unwrap_or_default();
    let newline = newline(text);
    let (inner, outer) = match unit.is_empty() {
        true => (String::new(), String::new()),
        false => (
            format!("{newline}{}", unit.repeat(depth)),
            format!("{newline}{}", unit.repeat(depth - 1)),
        ),
    };
    let added = format!("{inner}{name}:{}{}{outer}", space(&inner), drawn(value, &inner, &unit));
    spliced(text, open + 1..close, &added)
}

fn space(gap: &str) -> &'static str {
    if gap.is_empty() { "" } else { " " }
}

/// A value as it stands after `gap`: over several lines where members have lines of their own.
fn drawn(value: &Value, gap: &str, unit: &str) -> String {
    if !gap.contains('\n') {
        return value.to_string();
    }
    let newline = if gap.contains("\r\n") { "\r\n" } else { "\n" };
    let base = gap.rsplit('\n').next().unwrap_or_default();
    let lines = format!("{value:#}");
    let reindented = lines.lines().map(|line| {
        let bare = line.trim_start_matches(' ');
        format!("{}{bare}", unit.repeat((line.len() - bare.len()) / INDENT.len()))
    });
    reindented.collect::<Vec<_>>().join(&format!("{newline}{base}"))
}

fn newline(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// One step of indentation as the file has it; empty where its members share a line.
fn unit(text: &str) -> String {
    let Some(open) = text.find('{') else { return INDENT.into() };
    match members(text, open).first() {
        None => INDENT.into(),
        Some(first) => {
            let gap = text.get(open + 1..first.key).unwrap_or_default();
            match gap.rsplit_once('\n') {
                None => String::new(),
                Some((_, "")) => INDENT.into(),
                Some((_, indent)) => indent.into(),
            }
        }
    }
}

fn spliced(text: &str, range: Range<usize>, with: &str) -> String {
    let before = text.get(..range.start).unwrap_or_default();
    let after = text.get(range.end..).unwrap_or_default();
    format!("{before}{with}{after}")
}

/// The members of the object that opens at `open`, in text that is known to be JSON.
fn members(text: &str, open: usize) -> Vec<Member> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = blanks_end(bytes, open + 1);
    while bytes.get(at) == Some(&b'"') {
        let key = at;
        let key_end = value_end(bytes, key);
        let colon = blanks_end(bytes, key_end);
        let start = blanks_end(bytes, colon + 1);
        let value = start..value_end(bytes, start);
        let name = text.get(key..key_end).and_then(|quoted| serde_json::from_str(quoted).ok());
        at = blanks_end(bytes, value.end);
        found.push(Member {
            key,
            name: name.unwrap_or_default(),
            value,
        });
        if bytes.get(at) == Some(&b',') {
            at = blanks_end(bytes, at + 1);
        }
    }
    found
}

fn blanks_end(bytes: &[u8], at: usize) -> usize {
    let blank = |byte: &&u8| byte.is_ascii_whitespace();
    at + bytes.get(at..).unwrap_or_default().iter().take_while(blank).count()
}

fn value_end(bytes: &[u8], start: usize) -> usize {
    let (mut depth, mut at, mut quoted) = (0_usize, start, false);
    while let Some(byte) = bytes.get(at) {
        match (quoted, byte) {
            (true, b'\\') => at += 1,
            (true, b'"') => quoted = false,
            (true, _) => {}
            (false, b'"') => quoted = true,
            (false, b'{' | b'[') => depth += 1,
            (false, b'}' | b']') if depth > 0 => depth -= 1,
            // A number or a word ends where something else begins.
            (false, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n') if depth == 0 => return at,
            (false, _) => {}
        }
        at += 1;
        let closed = matches!(byte, b'"' | b'}' | b']') && !quoted && depth == 0;
        if closed {
            return at;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FILES: [&str; 10] = [
        "{\n  \"mcpServers\": {\n    \"a\": {\n      \"command\": \"x\"\n    }\n  }\n}\n",
        "{\"mcpServers\":{\"a\":{\"command\":\"x\"}}}",
        "{ \"mcpServers\": { \"a\": { \"command\": \"}, {\\\"\" } }, \"z\": [1, {\"b\": \"]\"}] }",
        "{\r\n\t\"mcpServers\": {\r\n\t\t\"a\": {\"command\": \"x\"}, \"b\": 1\r\n\t},\r\n\t\"more\": null\r\n}\r\n",
        "\u{feff}{\n    \"mcpServers\": {\n        \"a\": 1\n    }\n}",
        "{\"mcpServers\" : { \"a\" : 1 , \"b\" : 2 } }",
        "{\n  \"mcpServers\": {}\n}\n",
        "{\n  \"mcpServers\": {\n  }\n}\n",
        "{\"mcpServers\": {}}",
        "{\n  \"mcpServers\": {\n    \"\\u0061\\\\\": -1.5e3 ,\n    \"b\": true\n  }\n}\n",
    ];

    fn entry() -> Value {
        json!({"command": "/bin/ks", "args": ["mcp"]})
    }

    /// Put in and taken out again, a member leaves the file as it was, and everything else is there all the while.
    #[test]
    fn a_member_comes_and_goes_without_a_trace() {
        for text in FILES {
            let with = with_member(text, "mcpServers", "ks", &entry(), "f").unwrap();
            let mut expected = object(text, "f").unwrap();
            expected["mcpServers"]["ks"] = entry();
            assert_eq!(object(&with, "f").unwrap(), expected, "{with}");
            let again = with_member(&with, "mcpServers", "ks", &entry(), "f").unwrap();
            assert_eq!(again, with, "the same entry again changes nothing");
            let other = with_member(&with, "mcpServers", "ks", &json!({"command": "y"}), "f").unwrap();
            assert_eq!(with_member(&other, "mcpServers", "ks", &entry(), "f").unwrap(), with);
            let without = without_member(&with, "mcpServers", "ks", "f").unwrap();
            assert_eq!(without.replace("{\n  }", "{}"), text.replace("{\n  }", "{}"));
            assert_eq!(with.contains("\r\n"), text.contains("\r\n"));
            assert!(!text.contains("\r\n") || !with.replace("\r\n", "").contains('\n'), "{with:?}");
        }
    }

    #[test]
    fn a_new_member_looks_like_its_neighbours() {
        let [pretty, compact, ..] = FILES;
        assert_eq!(
            with_member(pretty, "mcpServers", "ks", &json!({"args": ["mcp"]}), "f").unwrap(),
            "{\n  \"mcpServers\": {\n    \"a\": {\n      \"command\": \"x\"\n    },\n    \"ks\": {\n      \"args\": [\n        \"mcp\"\n      ]\n    }\n  }\n}\n"
        );
        assert_eq!(
            with_member(compact, "mcpServers", "ks", &json!(1), "f").unwrap(),
            "{\"mcpServers\":{\"a\":{\"command\":\"x\"},\"ks\":1}}"
        );
        for (text, expected) in [
            ("", "{\n  \"mcpServers\": {\n    \"ks\": 1\n  }\n}\n"),
            ("{}", "{\n  \"mcpServers\": {\n    \"ks\": 1\n  }\n}"),
            ("{\"a\": 1}", "{\"a\": 1,\"mcpServers\":{\"ks\":1}}"),
            (
                "{\n\t\"a\": 1\n}\n",
                "{\n\t\"a\": 1,\n\t\"mcpServers\": {\n\t\t\"ks\": 1\n\t}\n}\n",
            ),
        ] {
            assert_eq!(with_member(text, "mcpServers", "ks", &json!(1), "f").unwrap(), expected);
        }
    }

    #[test]
    fn the_first_of_several_members_goes_with_its_comma() {
        let text = "{\"mcpServers\": {\"ks\": {\"x\": []}, \"b\": 1}}";
        let without = without_member(text, "mcpServers", "ks", "f").unwrap();
        assert_eq!(without, "{\"mcpServers\": {\"b\": 1}}");
        for text in ["{}", "{\"mcpServers\": {\"b\": 1}}"] {
            assert_eq!(without_member(text, "mcpServers", "ks", "f").unwrap(), text);
        }
    }

    #[test]
    fn what_cannot_be_edited_says_where() {
        for (text, place) in [
            ("{\n  \"mcpServers\": {\n    // ours\n  }\n}", "f:3:5"),
            ("{\"a\": 1,}", "f:1:9"),
            ("[]", "f"),
            ("{\"mcpServers\": []}", "f: mcpServers"),
            ("{\"mcpServers\": {}, \"mcpServers\": {}}", "f: mcpServers"),
            ("{\"mcpServers\": {\"ks\": 1, \"ks\": 2}}", "f: ks"),
        ] {
            let error = with_member(text, "mcpServers", "ks", &json!(1), "f").unwrap_err();
            assert_eq!(error.code(), "bad_json");
            assert_eq!(error.problems()[0].place.as_deref(), Some(place), "{error}");
        }
    }
}
