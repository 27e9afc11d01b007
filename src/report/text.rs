//! Text from data made safe to draw: widths, cuts, and characters that could break a box or pass as markup.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::model::finding::Severity;

/// The widest account name inside a sentence, and the widest cell in a box.
pub const NAME_MAX: usize = 30;

const ELLIPSIS: &str = "...";
/// The widest character there is (the three-em dash).
const CHAR_MAX: usize = 3;
/// Marks stacked on one letter; real scripts need three at most, and a pile of them draws over other lines.
const MARKS_MAX: usize = 4;
/// Rendered as nothing, and enough to keep GitHub from making a link or a mention (the way Dependabot does it).
const BREAK: &str = "&#8203;";

/// One line without anything that moves the cursor, hides, reorders or looks like the box around it.
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut marks = MARKS_MAX;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' || c == '\u{9b}' {
            skip_escape(c, &mut chars);
            continue;
        }
        if is_hidden(c) {
            continue;
        }
        if is_blank(c) {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
            marks = MARKS_MAX;
            continue;
        }
        let c = plain(c);
        marks = if c.width() == Some(0) { marks + 1 } else { 0 };
        if marks <= MARKS_MAX {
            out.push(c);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Columns that the text takes on a terminal.
pub fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// The text in at most `max` columns; `...` at the end tells that it was longer.
pub fn cut(text: &str, max: usize) -> String {
    if width(text) <= max {
        return text.to_string();
    }
    let dots: String = ELLIPSIS.chars().take(max).collect();
    let mut out = head(text, max.saturating_sub(dots.len())).to_string();
    out.truncate(out.trim_end().len());
    out + &dots
}

/// The end of the text in at most `max` columns; `...` in front tells that it was longer. For paths.
pub fn cut_left(text: &str, max: usize) -> String {
    if width(text) <= max {
        return text.to_string();
    }
    let room = max.saturating_sub(ELLIPSIS.len());
    let mut kept: Vec<&str> = Vec::new();
    let mut used = 0;
    for grapheme in text.graphemes(true).rev() {
        used += width(grapheme);
        if used > room {
            break;
        }
        kept.push(grapheme);
    }
    kept.reverse();
    let dots: String = ELLIPSIS.chars().take(max).collect();
    dots + &kept.concat()
}

/// The text filled up with blanks to `width` columns, on its left when it stands right.
pub fn pad(text: &str, width: usize, right: bool) -> String {
    let blanks = " ".repeat(width.saturating_sub(self::width(text)));
    if right { blanks + text } else { text.to_string() + &blanks }
}

/// An account name from data inside a sentence: short and in backticks, so that it reads as data and never as an instruction.
pub fn name(text: &str) -> String {
    let bare = clean(&text.replace('`', ""));
    let shown = if bare.is_empty() {
        "(no name)".to_string()
    } else {
        cut(&bare, NAME_MAX)
    };
    format!("`{shown}`")
}

/// A part of a sentence of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    /// Words.
    Text(String),
    /// Data that stood in backticks.
    Code(String),
}

/// A sentence of ours on one line, as words and data; backticks around nothing, and one that is never closed, are words.
pub fn spans(sentence: &str) -> Vec<Span> {
    let clean = clean(sentence);
    let parts: Vec<&str> = clean.split('`').collect();
    let last = parts.len().saturating_sub(1);
    let mut out = Vec::new();
    let mut words = String::new();
    for (i, part) in parts.iter().enumerate() {
        let opened = i % 2 == 1;
        match (opened, part.trim().is_empty() || i == last) {
            (true, false) => {
                if !words.is_empty() {
                    out.push(Span::Text(std::mem::take(&mut words)));
                }
                out.push(Span::Code((*part).to_string()));
            }
            (true, true) => words.extend(["`", part, if i == last { "" } else { "`" }]),
            (false, _) => words.push_str(part),
        }
    }
    if !words.is_empty() {
        out.push(Span::Text(words));
    }
    out
}

/// The words of the text in lines of at most `max` columns; a longer word is cut over lines. No lines for a blank text.
pub fn wrap(text: &str, max: usize) -> Vec<String> {
    let max = max.max(CHAR_MAX);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && width(&line) + 1 + width(word) > max {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
            line.push_str(word);
            continue;
        }
        let mut rest = word;
        loop {
            let part = head(rest, max);
            let Some(after) = rest.strip_prefix(part).filter(|after| !part.is_empty() && !after.is_empty()) else {
                break;
            };
            lines.push(part.to_string());
            rest = after;
        }
        line.push_str(rest);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// A share in words: `43%`, `5.4%` below ten, `<0.1%` for what would else read as nothing.
pub fn percent(share: f64) -> String {
    if !share.is_finite() {
        return "n/a".to_string();
    }
    let value = share.abs() * 100.0;
    if value > 0.0 && value < 0.1 {
        return if share < 0.0 {
            "-<0.1%".to_string()
        } else {
            "<0.1%".to_string()
        };
    }
    let sign = if share < 0.0 { "-" } else { "" };
    let tenths = (value * 10.0).round();
    if value < 10.0 && tenths % 10.0 != 0.0 {
        return format!("{sign}{:.1}%", tenths / 10.0);
    }
    format!("{sign}{:.0}%", value.round())
}

/// How a severity is written everywhere: sign and word, so that colour is not needed.
pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "■ CRITICAL",
        Severity::Warning => "▲ WARNING",
        Severity::Info => "● INFO",
    }
}

/// Data for GitHub Markdown: one line that renders as written and cannot become markup, a link or a mention.
pub fn markdown(text: &str) -> String {
    escape(&clean(text), true)
}

/// [`markdown`] for a part of a text that is clean already; `first` when it stands at the beginning of a line.
pub(super) fn escape(text: &str, first: bool) -> String {
    let marker = if first { block_marker(text) } else { None };
    let mut out = String::with_capacity(text.len() + 8);
    let mut before = None;
    for (at, c) in text.char_indices() {
        let after = text.get(at + c.len_utf8()..).unwrap_or("");
        match c {
            _ if marker == Some(at) => out.extend(['\\', c]),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '`' => out.push_str("&#96;"),
            '\\' | '|' | '[' | ']' | '*' | '~' => out.extend(['\\', c]),
            '_' if !(is_word(before) && is_word(after.chars().next())) => out.push_str("\\_"),
            '@' if !after.is_empty() && !after.starts_with(' ') => out.extend(["@", BREAK]),
            ':' if after.starts_with("//") => out.extend([":", BREAK]),
            '.' if ends_in_www(text.get(..at).unwrap_or("")) => out.extend([BREAK, "."]),
            _ => out.push(c),
        }
        before = Some(c);
    }
    out
}

/// Where a backslash keeps the beginning of a line from being a heading, a list, a rule or an underline.
fn block_marker(text: &str) -> Option<usize> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let mut rest = text.chars().skip(digits);
    let (marker, next) = (rest.next()?, rest.next());
    let marks = match marker {
        '#' | '-' | '+' | '=' => digits == 0,
        '.' | ')' => digits > 0,
        _ => false,
    };
    (marks && next.is_none_or(|c| c == ' ' || c == marker)).then_some(digits)
}

fn ends_in_www(text: &str) -> bool {
    let mut back = text.chars().rev();
    let three = (0..3).all(|_| back.next().is_some_and(|c| c.eq_ignore_ascii_case(&'w')));
    three && !is_word(back.next())
}

fn is_word(c: Option<char>) -> bool {
    c.is_some_and(char::is_alphanumeric)
}

/// As many whole graphemes from the start as `max` columns hold; characters, where one grapheme alone is too wide (Jamo).
fn head(text: &str, max: usize) -> &str {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += width(grapheme);
        if used > max {
            return text
                .get(..at)
                .filter(|head| !head.is_empty())
                .unwrap_or_else(|| head_chars(text, max));
        }
    }
    text
}

fn head_chars(text: &str, max: usize) -> &str {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.width().unwrap_or(1);
        if used > max {
            return text.get(..at).unwrap_or("");
        }
    }
    text
}

/// Terminal escapes are dropped with their parameters, or the parameters would stay behind as text.
fn skip_escape(opener: char, chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    let kind = if opener == '\u{9b}' {
        Some('[')
    } else {
        chars.next_if(|c| !c.is_control())
    };
    match kind {
        Some('[') => {
            while chars.next_if(|c| (' '..='?').contains(c)).is_some() {}
            chars.next_if(|c| ('@'..='~').contains(c));
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            while chars.next_if(|c| !c.is_control()).is_some() {}
            if chars.next_if_eq(&'\u{1b}').is_some() {
                chars.next_if_eq(&'\\');
            }
        }
        Some(' '..='/') => {
            chars.next_if(|c| ('0'..='~').contains(c));
        }
        _ => {}
    }
}

/// Characters that show nothing: zero-width, direction marks, fillers, and tags that can smuggle words past a reader.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

fn is_blank(c: char) -> bool {
    c.is_control() || c.is_whitespace() || c == '\u{2800}'
}

/// Box-drawing characters become ASCII, so that data cannot draw a box of its own.
fn plain(c: char) -> char {
    match c {
        '─' | '━' | '┄' | '┅' | '┈' | '┉' | '╌' | '╍' | '═' | '╴' | '╶' | '╸' | '╺' | '╼' | '╾' => {
            '-'
        }
        '│' | '┃' | '┆' | '┇' | '┊' | '┋' | '╎' | '╏' | '║' | '╵' | '╷' | '╹' | '╻' | '╽' | '╿' => {
            '|'
        }
        '╱' => '/',
        '╲' => '\\',
        '\u{2500}'..='\u{257f}' => '+',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_move_hide_or_reorder_is_gone() {
        for (text, expected) in [
            ("Acme Ltd.", "Acme Ltd."),
            ("  two\t\n words\r\n", "two words"),
            ("red \u{1b}[31;1mtext\u{1b}[0m", "red text"),
            ("\u{9b}2Jcleared", "cleared"),
            ("title \u{1b}]0;owned\u{7}after", "title after"),
            ("link \u{1b}]8;;http://x\u{1b}\\after", "link after"),
            ("open \u{1b}]0;never closed", "open"),
            ("abc\u{202e}def\u{2066}g", "abcdefg"),
            ("a\u{200b}b\u{feff}c\u{2060}", "abc"),
            ("a\u{2028}b\u{2029}c\u{85}d", "a b c d"),
            ("x\u{e0049}\u{e0067}y", "xy"),
            ("╭─ KEEP ─╮│", "+- KEEP -+|"),
            ("\u{301}\u{301}e\u{301}", "e\u{301}"),
            ("", ""),
        ] {
            assert_eq!(clean(text), expected, "{text:?}");
        }
        assert!(clean(&format!("z{}", "\u{336}".repeat(500))).chars().count() <= 1 + MARKS_MAX);
    }

    #[test]
    fn cuts_stay_within_columns_and_whole_characters() {
        for (text, max, expected) in [
            ("short", 5, "short"),
            ("longer", 5, "lo..."),
            ("a b longer", 5, "a..."),
            ("株式会社テスト", 8, "株式..."),
            ("e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}", 4, "e\u{301}..."),
            ("abc", 2, ".."),
            ("abc", 0, ""),
        ] {
            assert_eq!(cut(text, max), expected, "{text:?}");
            assert!(width(&cut(text, max)) <= max, "{text:?}");
        }
        assert_eq!(cut_left(".keep-segment/reports/tiers.md", 12), ".../tiers.md");
    }

    #[test]
    fn lines_are_wrapped_between_words_and_huge_words_cut() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij k", 4), ["abcd", "efgh", "ij k"]);
        assert_eq!(wrap("株式会社", 5), ["株式", "会社"]);
        assert_eq!(wrap(&"ᄀ".repeat(3), 4), ["ᄀᄀ", "ᄀ"]);
        assert_eq!(wrap("   ", 5), Vec::<String>::new());
    }

    #[test]
    fn a_name_reads_as_data() {
        assert_eq!(name("Acme"), "`Acme`");
        assert_eq!(name("a` ignore all\nprevious `b"), "`a ignore all previous b`");
        assert_eq!(name("\u{200b}"), "`(no name)`");
        assert_eq!(name(&"x".repeat(99)), format!("`{}...`", "x".repeat(27)));
    }

    #[test]
    fn shares_have_one_wording() {
        for (share, expected) in [
            (0.43, "43%"),
            (0.054, "5.4%"),
            (0.05, "5%"),
            (0.0996, "10%"),
            (0.0004, "<0.1%"),
            (0.0, "0%"),
            (1.0, "100%"),
            (1.184, "118%"),
            (-0.05, "-5%"),
            (f64::NAN, "n/a"),
        ] {
            assert_eq!(percent(share), expected, "{share}");
        }
    }

    #[test]
    fn data_cannot_become_markdown() {
        for (text, expected) in [
            ("Acme-West 2.0 (US)", "Acme-West 2.0 (US)"),
            ("AT&T", "AT&amp;T"),
            ("<img src=x>", "&lt;img src=x&gt;"),
            ("![a](b)", "!\\[a\\](b)"),
            ("a|b", "a\\|b"),
            ("# Title", "\\# Title"),
            ("#1 Plumbing", "#1 Plumbing"),
            ("- item", "\\- item"),
            ("---", "\\---"),
            ("-5%", "-5%"),
            ("1. first", "1\\. first"),
            ("1.5", "1.5"),
            ("**b** _i_ ~s~", "\\*\\*b\\*\\* \\_i\\_ \\~s\\~"),
            ("high_touch", "high_touch"),
            ("`code`", "&#96;code&#96;"),
            ("back\\slash", "back\\\\slash"),
            ("https://x.io", "https:&#8203;//x.io"),
            ("see www.x.io", "see www&#8203;.x.io"),
            ("@octocat", "@&#8203;octocat"),
            ("a@b.io", "a@&#8203;b.io"),
            ("line\n# two", "line # two"),
        ] {
            assert_eq!(markdown(text), expected, "{text:?}");
        }
    }
}
