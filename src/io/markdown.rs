//! Tables between bars in a Markdown text, wherever they stand in it.

use super::builder::Builder;
use super::header::LOOKED_AT;
use super::pick::{self, Offer};
use super::sniff::is_markdown_rule;
use crate::error::Result;
use crate::model::control::Control;
use crate::model::table::{Source, Table};

/// The table of accounts in this text. Errors: those of [`pick::pick`] and [`Builder`].
pub(crate) fn read(text: &str, mut source: Source, encoding: &str, sheet: Option<&str>, control: &Control) -> Result<Table> {
    let lines: Vec<&str> = text.split('\n').map(|line| line.trim_end_matches('\r')).collect();
    let found = tables(&lines);
    let offers: Vec<Offer> = found.iter().map(|place| place.offer(&lines)).collect();
    let picked = pick::pick(&offers, sheet, &source.path, "table")?;
    source.format = format!("markdown ({encoding})");
    let Some(place) = found.get(picked.at) else {
        return Builder::new(source, 0, control).finish();
    };
    let headers = cells(lines.get(place.header).copied().unwrap_or_default());
    let mut builder = Builder::with_header(source, headers, (place.end - place.header) as u64, control)?;
    builder.notes(picked.note);
    for (at, line) in place.rows(&lines) {
        let row = cells(line);
        builder.push(at as u64 + 1, row.iter().map(String::as_str))?;
    }
    builder.finish()
}

/// Where a table stands.
struct Place {
    name: String,
    header: usize,
    /// The line after the last row.
    end: usize,
}

impl Place {
    fn rows<'t>(&self, lines: &'t [&'t str]) -> impl Iterator<Item = (usize, &'t str)> {
        let from = self.header + 2;
        let rows = lines.get(from..self.end).unwrap_or_default();
        (from..).zip(rows.iter().copied())
    }

    fn offer(&self, lines: &[&str]) -> Offer {
        let header = lines.get(self.header).copied();
        let first = header
            .into_iter()
            .chain(self.rows(lines).map(|(_, line)| line))
            .take(LOOKED_AT);
        let rows: Vec<Vec<String>> = first.map(cells).collect();
        Offer::new(self.name.clone(), &rows)
    }
}

/// Every table: a line with bars, a rule under it, and the lines with bars that follow.
fn tables(lines: &[&str]) -> Vec<Place> {
    let mut found: Vec<Place> = Vec::new();
    let mut heading = String::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        if let Some(title) = line.trim_start().strip_prefix('#') {
            heading = title.trim_start_matches('#').trim().to_string();
        }
        let ruled = line.contains('|') && lines.get(at + 1).is_some_and(|next| is_markdown_rule(next));
        if !ruled || is_markdown_rule(line) {
            at += 1;
            continue;
        }
        let rest = lines.get(at + 2..).unwrap_or_default();
        let end = at + 2 + rest.iter().take_while(|line| line.contains('|')).count();
        let taken = found.iter().any(|place| place.name == heading);
        let name = match heading.is_empty() || taken {
            true => format!("table {}", found.len() + 1),
            false => heading.clone(),
        };
        found.push(Place { name, header: at, end });
        at = end;
    }
    found
}

/// The cells of a line, without the bars at its ends and without markup.
fn cells(line: &str) -> Vec<String> {
    let line = line.trim();
    let line = line.strip_prefix('|').unwrap_or(line);
    let mut cells = vec![String::new()];
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, cells.last_mut()) {
            ('\\', Some(cell)) => {
                match chars.next_if(|next| matches!(next, '|' | '\\' | '*' | '_' | '`' | '[' | ']' | '~' | '#' | '<' | '>')) {
                    Some(escaped) => cell.push(escaped),
                    None => cell.push('\\'),
                }
            }
            ('|', _) => cells.push(String::new()),
            (c, Some(cell)) => cell.push(c),
            (_, None) => {}
        }
    }
    // The bar at the end of a line opens no cell.
    if cells.len() > 1 && cells.last().is_some_and(|cell| cell.trim().is_empty()) {
        cells.pop();
    }
    cells.iter().map(|cell| plain(cell)).collect()
}

/// A cell without emphasis, code marks, line breaks and the commonest entities.
fn plain(cell: &str) -> String {
    const ENTITIES: [(&str, &str); 9] = [
        ("<br>", " "),
        ("<br/>", " "),
        ("<br />", " "),
        ("&nbsp;", " "),
        ("&#124;", "|"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&amp;", "&"),
    ];
    let mut text = cell.trim().to_string();
    for (entity, meant) in ENTITIES {
        if text.contains(entity) {
            text = text.replace(entity, meant);
        }
    }
    let mut bare = text.as_str();
    for mark in ["**", "__", "`", "*"] {
        if let Some(inner) = bare
            .strip_prefix(mark)
            .and_then(|rest| rest.strip_suffix(mark))
            .filter(|inner| !inner.is_empty())
        {
            bare = inner;
        }
    }
    match bare.strip_prefix('[').and_then(|rest| rest.split_once("](")) {
        Some((label, target)) if target.ends_with(')') => label.to_string(),
        _ => bare.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use crate::io::{table, table_of};
    use crate::model::control::Control;

    #[test]
    fn the_table_of_accounts_is_found_among_prose() {
        let text = "# Notes\n\n| Month | Goal |\n|---|---:|\n| Jan | 5 |\n\n## Accounts\n\n| Account | ARR |\n|:--|--:|\n| **Acme \\| Co** | $1,200 |\n| [Beta](http://b.io) | `600` |\n\nThe end, with | a bar.\n";
        let found = table_of(text.as_bytes(), "notes.md").unwrap();
        assert_eq!(found.headers(), ["Account", "ARR"]);
        let cells: Vec<Vec<&str>> = (0..found.n_rows()).map(|row| found.row(row).collect()).collect();
        assert_eq!(cells, [["Acme | Co", "$1,200"], ["Beta", "600"]]);
        assert_eq!((found.line(0), found.line(1)), (11, 12));
        let other = table(text.as_bytes(), "notes.md", Some("Notes"), &Control::default()).unwrap();
        assert_eq!(other.headers(), ["Month", "Goal"]);
    }

    #[test]
    fn bars_at_the_ends_may_be_missing() {
        let found = table_of(b"Account|ARR|Note\n---|---|---\nAcme|5|\nBeta|6|x\n", "t.md").unwrap();
        assert_eq!((found.n_rows(), found.cell(0, 2), found.cell(1, 2)), (2, "", "x"));
    }
}
