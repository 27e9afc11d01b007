//! How a delimited text is written: delimiter, quotes, escapes, Excel's `sep=` line.

use std::borrow::Cow;

use csv::ReaderBuilder;

use super::header;

/// What is needed to take a text apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dialect {
    pub(crate) delimiter: u8,
    pub(crate) quote: u8,
    /// A backslash before a quote keeps it from closing; else a quote is doubled.
    pub(crate) escape: Option<u8>,
}

/// A text with its dialect.
pub(crate) struct Delimited<'t> {
    pub(crate) dialect: Dialect,
    pub(crate) body: Cow<'t, str>,
    /// The line on which the body starts.
    pub(crate) first_line: u64,
}

const DELIMITERS: [(u8, &str); 6] = [
    (b',', "comma"),
    (b';', "semicolon"),
    (b'\t', "tab"),
    (b'|', "bar"),
    (b'^', "caret"),
    (b'~', "tilde"),
];
const QUOTES: [u8; 2] = [b'"', b'\''];
/// What detection looks at: the first records of the first bytes.
const HEAD_BYTES: usize = 1 << 18;
const HEAD_RECORDS: usize = 200;

impl Dialect {
    /// How the delimiter is called.
    pub(crate) fn name(self) -> &'static str {
        let known = DELIMITERS.iter().find(|(delimiter, _)| *delimiter == self.delimiter);
        known.map_or("other", |(_, name)| name)
    }

    /// The state machine below [`Dialect::reader`].
    pub(crate) fn core_reader(self) -> csv_core::Reader {
        csv_core::ReaderBuilder::new()
            .delimiter(self.delimiter)
            .quote(self.quote)
            .escape(self.escape)
            .double_quote(true)
            .build()
    }

    /// A reader of records in this dialect.
    pub(crate) fn reader(self, text: &[u8]) -> csv::Reader<&[u8]> {
        ReaderBuilder::new()
            .delimiter(self.delimiter)
            .quote(self.quote)
            .escape(self.escape)
            .double_quote(true)
            .has_headers(false)
            .flexible(true)
            .from_reader(text)
    }
}

/// Finds the dialect of a text.
pub(crate) fn detect(text: &str) -> Delimited<'_> {
    let (stated, body, first_line) = separator_line(text);
    let quote = quote(head(body), stated);
    let escape = backslashes(head(body), quote).then_some(b'\\');
    let spaced = without_blanks(body, quote);
    let candidates = DELIMITERS.iter().map(|(delimiter, _)| *delimiter);
    let delimiter = stated.or_else(|| best(&spaced, quote, escape, candidates)).unwrap_or(b',');
    let dialect = Dialect {
        delimiter,
        quote,
        escape,
    };
    let body = match opens_after_blank(body, delimiter, quote) {
        true => spaced,
        false => Cow::Borrowed(body),
    };
    Delimited {
        dialect,
        body,
        first_line,
    }
}

fn head(text: &str) -> &str {
    let mut end = text.len().min(HEAD_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or(text)
}

/// Excel's `sep=;` line: the delimiter it states, the text after it, and the line on which that starts.
fn separator_line(text: &str) -> (Option<u8>, &str, u64) {
    let text = text.trim_start_matches('\u{feff}');
    let end = text.find(['\n', '\r']).unwrap_or(text.len());
    let Some((line, rest)) = text.split_at_checked(end) else {
        return (None, text, 1);
    };
    let lower = line.trim_matches('"').get(..4).unwrap_or_default().to_ascii_lowercase();
    let stated = line
        .trim_matches('"')
        .get(4..)
        .filter(|_| lower == "sep=")
        .and_then(|rest| rest.bytes().next());
    match stated.filter(|d| DELIMITERS.iter().any(|(known, _)| known == d)) {
        Some(delimiter) => {
            let rest = rest.strip_prefix("\r\n").or(rest.strip_prefix(['\n', '\r'])).unwrap_or(rest);
            (Some(delimiter), rest, 2)
        }
        None => (None, text, 1),
    }
}

/// The delimiter under which the text looks most like a table of accounts: header first, then even width, then width.
fn best(text: &str, quote: u8, escape: Option<u8>, candidates: impl Iterator<Item = u8>) -> Option<u8> {
    let mut best: Option<(u8, Looks)> = None;
    let head = head(text);
    for delimiter in candidates.filter(|delimiter| head.as_bytes().contains(delimiter)) {
        let looks = Looks::of(
            head,
            Dialect {
                delimiter,
                quote,
                escape,
            },
        );
        if looks.width > 1 && best.is_none_or(|(_, most)| looks > most) {
            best = Some((delimiter, looks));
        }
    }
    best.map(|(delimiter, _)| delimiter)
}

/// How much a text looks like a table, the weightiest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Looks {
    /// Whether at least half of the records are of one width.
    even: bool,
    header: u32,
    /// Share of records of the usual width, in tenths: a few ragged rows do not outweigh the width.
    tenths: usize,
    width: usize,
}

impl Looks {
    fn of(text: &str, dialect: Dialect) -> Looks {
        let records: Vec<Vec<String>> = dialect
            .reader(text.as_bytes())
            .records()
            .take(HEAD_RECORDS)
            .flatten()
            .filter(|record| record.iter().any(|cell| !cell.trim().is_empty()))
            .map(|record| record.iter().map(str::to_string).collect())
            .collect();
        let mut counts: std::collections::BTreeMap<usize, usize> = std::collections::BTreeMap::new();
        for record in records.iter().filter(|record| record.len() > 1) {
            *counts.entry(record.len()).or_default() += 1;
        }
        let (width, same) = counts.into_iter().max_by_key(|(width, n)| (*n, *width)).unwrap_or_default();
        Looks {
            even: same * 2 >= records.len(),
            header: header::find(&records).worth,
            tenths: same * 10 / records.len().max(1),
            width,
        }
    }
}

/// Single quotes where they stand around cells and double ones do not.
fn quote(head: &str, stated: Option<u8>) -> u8 {
    let around = |quote: u8| {
        let mut n = 0;
        let bytes = head.as_bytes();
        for (at, byte) in bytes.iter().enumerate().filter(|(_, byte)| **byte == quote) {
            let before = at.checked_sub(1).and_then(|before| bytes.get(before)).copied();
            let edge = |b: Option<u8>| {
                b.is_none_or(|b| {
                    matches!(b, b'\n' | b'\r') || stated.is_none_or(|s| s == b) && DELIMITERS.iter().any(|(d, _)| *d == b)
                })
            };
            // Both ends of a cell: an apostrophe inside a name has a letter on either side.
            n += usize::from(edge(before)) + usize::from(edge(bytes.get(at + 1).copied()));
            debug_assert!(*byte == quote);
        }
        n
    };
    let [double, single] = QUOTES;
    let lines = head.lines().filter(|line| !line.is_empty()).take(HEAD_RECORDS).count();
    if around(double) == 0 && around(single) >= lines * 2 {
        single
    } else {
        double
    }
}

/// Whether quotes inside cells are kept by a backslash, as MySQL and some scripts write them.
fn backslashes(head: &str, quote: u8) -> bool {
    let bytes = head.as_bytes();
    let mut escaped = 0;
    for at in memchr::memchr_iter(b'\\', bytes) {
        if let Some([second, third]) = bytes.get(at + 1..at + 3)
            && *second == quote
        {
            // `C:\",` closes a cell that ends in a backslash; `\"x` does not close it.
            let closes = matches!(third, b'\n' | b'\r') || DELIMITERS.iter().any(|(d, _)| d == third);
            escaped += usize::from(!closes);
        }
    }
    let doubled = head.matches(if quote == b'"' { "\"\"" } else { "''" }).count();
    escaped > 0 && escaped > doubled
}

/// Whether quoted cells open after a blank, as in `Acme, "1,200", West`.
fn opens_after_blank(body: &str, delimiter: u8, quote: u8) -> bool {
    let head = head(body).as_bytes();
    let (mut tight, mut spaced) = (0, 0);
    for at in memchr::memchr_iter(quote, head) {
        let before = head.get(..at).unwrap_or_default();
        tight += usize::from(before.ends_with(&[delimiter]));
        spaced += usize::from(before.ends_with(&[delimiter, b' ']));
    }
    spaced > tight
}

/// The text without the blanks between a delimiter and a quote that opens a cell; lines stay where they are.
fn without_blanks(body: &str, quote: u8) -> Cow<'_, str> {
    if !DELIMITERS
        .iter()
        .any(|(delimiter, _)| opens_after_blank(body, *delimiter, quote))
    {
        return Cow::Borrowed(body);
    }
    let quote = char::from(quote);
    let mut out = String::with_capacity(body.len());
    let (mut inside, mut fresh) = (false, true);
    let mut rest = body;
    while let Some(c) = rest.chars().next() {
        if c == ' ' && fresh && !inside {
            let after = rest.trim_start_matches(' ');
            if !after.starts_with(quote) {
                out.extend(std::iter::repeat_n(' ', rest.len() - after.len()));
                fresh = false;
            }
            rest = after;
            continue;
        }
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
        if c == quote && (inside || fresh) {
            inside = !inside;
        }
        fresh = c == '\n' || c == '\r' || DELIMITERS.iter().any(|(delimiter, _)| char::from(*delimiter) == c);
        out.push(c);
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dialects_are_found() {
        let rows = |line: &str| format!("{line}\n").repeat(3);
        for (text, delimiter, quote, escape) in [
            ("account,arr\nA,1\n".to_string(), b',', b'"', None),
            ("account;arr;owner\nA;1,5;x\nB;2,5;y\n".into(), b';', b'"', None),
            ("account\tarr\nA, B\t1\n".into(), b'\t', b'"', None),
            ("account|arr\nA|1\n".into(), b'|', b'"', None),
            ("account^arr\nA^1\n".into(), b'^', b'"', None),
            ("sep=;\r\naccount;arr\r\nA;1\r\n".into(), b';', b'"', None),
            ("\"sep=|\"\naccount|arr\nA|1\n".into(), b'|', b'"', None),
            (format!("'account','arr'\n{}", rows("'A, B','1'")), b',', b'\'', None),
            ("account,arr\nO'Neil,1\nD'Or,2\n".into(), b',', b'"', None),
            ("account,arr\n\"say \\\"hi\\\", you\",1\n".into(), b',', b'"', Some(b'\\')),
            ("account,path\nA,\"C:\\\"\n".into(), b',', b'"', None),
            (
                "Report, made; by; me\n\nname;arr;owner\nA;1,5;x\nB;2,5;y\n".into(),
                b';',
                b'"',
                None,
            ),
        ] {
            let found = detect(&text);
            let wanted = Dialect {
                delimiter,
                quote,
                escape,
            };
            assert_eq!(found.dialect, wanted, "{text}");
        }
    }

    #[test]
    fn blanks_before_quotes_go_and_others_stay() {
        let text = "account, arr\n\"A, \"\"x\"\" b\", \"1,200\"\nB c, \"5\"\n";
        assert_eq!(detect(text).body, "account, arr\n\"A, \"\"x\"\" b\",\"1,200\"\nB c,\"5\"\n");
        assert_eq!(detect("a, b\nc, d\n").body, "a, b\nc, d\n");
        let wide = format!(
            "a, \"b\"\n1, \"2\"\n3,{}\"4\"\n5,{}6\n",
            " ".repeat(400_000),
            " ".repeat(400_000)
        );
        let body = detect(&wide).body.into_owned();
        assert_eq!((body.matches("3,\"4\"").count(), body.len()), (1, 400_000 + 22));
    }
}
