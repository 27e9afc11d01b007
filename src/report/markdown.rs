//! Draws a report as Markdown, with nothing cut.

use super::text::Span;
use super::{Block, Report, Section, Table, by_severity, text};

/// How every report begins, by which a file is known as ours.
pub const BEGINS: &str = "# keep-segment: ";

/// The whole report: every section, column and row.
pub fn draw(report: &Report) -> String {
    let mut parts = vec![format!("{BEGINS}{}", text::markdown(&report.step))];
    let verdict = prose(&report.verdict);
    if !verdict.is_empty() {
        parts.push(format!("**{verdict}**"));
    }
    let sorted = by_severity(&report.findings);
    let findings = sorted
        .iter()
        .map(|f| format!("{} — {}", text::severity(f.severity), prose(&f.text)));
    parts.extend(headed("Findings", bullets(findings)));
    parts.extend(report.sections.iter().filter_map(section));
    parts.extend(headed("Next", bullets(report.next.iter().map(|line| prose(line)))));
    parts.join("\n\n") + "\n"
}

/// A section with its heading; none when there is nothing in it.
pub fn section(section: &Section) -> Option<String> {
    let blocks = section.blocks.iter().map(block).filter(|b| !b.is_empty());
    headed(&prose(&section.title), blocks.collect::<Vec<String>>().join("\n\n"))
}

/// All columns and rows; every cell is data. Empty for a table without rows.
pub fn table(table: &Table) -> String {
    if table.rows.is_empty() || table.columns.is_empty() {
        return String::new();
    }
    let line = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    let heading = table.columns.iter().map(|column| text::markdown(&column.name));
    let rule = table
        .columns
        .iter()
        .map(|column| if column.right { "---:" } else { "---" }.to_string());
    let mut lines = vec![line(heading.collect()), line(rule.collect())];
    for row in &table.rows {
        let cell = |i: usize| row.get(i).map(|text| text::markdown(text)).unwrap_or_default();
        lines.push(line((0..table.columns.len()).map(cell).collect()));
    }
    lines.join("\n")
}

/// Our own sentence, one line: names in backticks stay code, all around them is escaped.
pub fn prose(sentence: &str) -> String {
    let mut out = String::new();
    for (i, span) in text::spans(sentence).iter().enumerate() {
        match span {
            Span::Code(data) => out.extend(["`", data, "`"]),
            Span::Text(words) => out.push_str(&text::escape(words, i == 0)),
        }
    }
    out
}

fn block(block: &Block) -> String {
    match block {
        Block::Text(paragraph) => prose(paragraph),
        Block::List(items) => bullets(items.iter().map(|item| prose(item))),
        Block::Table(data) => table(data),
        Block::Picture(lines) if lines.is_empty() => String::new(),
        Block::Picture(lines) => format!("```text\n{}\n```", lines.join("\n")),
    }
}

fn bullets(items: impl Iterator<Item = String>) -> String {
    let lines = items.filter(|item| !item.is_empty()).map(|item| format!("- {item}"));
    lines.collect::<Vec<String>>().join("\n")
}

fn headed(title: &str, content: String) -> Option<String> {
    (!content.is_empty()).then(|| format!("## {title}\n\n{content}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_spans_stay_and_everything_else_is_escaped() {
        for (text, expected) in [
            ("`<b> & co` is *big*", "`<b> & co` is \\*big\\*"),
            ("`a` and `b`", "`a` and `b`"),
            ("`a``b` <x>", "`a``b` &lt;x&gt;"),
            ("open ` <b>", "open &#96; &lt;b&gt;"),
            ("`` <b> `c`", "&#96;&#96; &lt;b&gt; `c`"),
            ("` ` <b>", "&#96; &#96; &lt;b&gt;"),
            ("``` <b>", "&#96;&#96;&#96; &lt;b&gt;"),
            ("# a", "\\# a"),
            ("`a\n\n<b>`", "`a <b>`"),
        ] {
            assert_eq!(prose(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_table_keeps_its_columns_whatever_the_cells_hold() {
        let data = Table::new(&["Name", ">ARR"])
            .with(["a|b\n| c", "1"])
            .with(["short"])
            .with(["x", "y", "lost"]);
        assert_eq!(
            table(&data),
            "| Name | ARR |\n| --- | ---: |\n| a\\|b \\| c | 1 |\n| short |  |\n| x | y |"
        );
        assert_eq!(table(&Table::new(&["A"])), "");
    }
}
