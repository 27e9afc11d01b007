//! Draws a report as a box of at most 40 lines and 100 columns (K2).

use super::{Block, Column, Report, Section, Table, by_severity, text};

const LINES_MAX: usize = 40;
const WIDTH_MIN: usize = 64;
const WIDTH_MAX: usize = 100;
/// Columns left free on either side of the content.
const MARGIN: usize = 2;
const CONTENT_MAX: usize = WIDTH_MAX - 2 * MARGIN;
const TABLE_COLUMNS_MAX: usize = 4;
const STEP_MAX: usize = 40;
const FINDINGS_KEPT: usize = 3;
/// Lines kept of a verdict, a finding, a paragraph or the next steps when not everything fits.
const LINES_KEPT: usize = 2;
/// Top edge, the blank below it, the blank above the bottom edge, bottom edge.
const FRAME_LINES: usize = 4;
/// Heading, table frame, three rows and the note: what a key section gets before an earlier one gets more.
const SECTION_LINES_MIN: usize = 9;
const REPORT_LABEL: &str = "Full report: ";

/// Whether the box holds everything that the report means for it.
pub fn fits(report: &Report) -> bool {
    lines_in(&everything(report)) <= LINES_MAX
}

/// The box; its bottom edge names the full report when there is one. Ends without a line end.
pub fn draw(report: &Report, full_report: Option<&str>) -> String {
    let mut groups = everything(report);
    if lines_in(&groups) > LINES_MAX {
        groups = essentials(report);
    }
    framed(report, &groups, full_report)
}

/// Lines that stand together; groups are set apart by a blank line.
type Group = Vec<String>;

fn everything(report: &Report) -> Vec<Group> {
    let mut groups = vec![verdict(report, usize::MAX), findings(report, usize::MAX, usize::MAX)];
    let shown = report.sections.iter().filter(|s| !s.full_only);
    groups.extend(shown.map(|s| section(s, usize::MAX)));
    groups.push(next(report, usize::MAX));
    groups.retain(|g| !g.is_empty());
    groups
}

fn essentials(report: &Report) -> Vec<Group> {
    let head = [verdict(report, LINES_KEPT), findings(report, FINDINGS_KEPT, LINES_KEPT)];
    let next = next(report, LINES_KEPT);
    let taken = FRAME_LINES
        + head
            .iter()
            .chain([&next])
            .filter(|g| !g.is_empty())
            .map(|g| g.len() + 1)
            .sum::<usize>();
    // The last group has no blank of its own, so one line more is free.
    let room = (LINES_MAX + 1).saturating_sub(taken);
    let mut groups: Vec<Group> = head.into_iter().collect();
    groups.extend(key_sections(report, room));
    groups.push(next);
    groups.retain(|g| !g.is_empty());
    groups
}

/// The key sections that `room` lines hold: each gets its least, and what is left goes to the first ones.
fn key_sections(report: &Report, room: usize) -> Vec<Group> {
    let any_key = report.sections.iter().any(|s| s.key && !s.full_only);
    let mut chosen = Vec::new();
    let mut least_total = 0;
    for candidate in report.sections.iter().filter(|s| !s.full_only && (s.key || !any_key)) {
        let least = section(candidate, SECTION_LINES_MIN).len();
        if least == 0 {
            continue;
        }
        if least_total + least + 1 > room {
            break;
        }
        least_total += least + 1;
        chosen.push((candidate, least));
    }
    let mut spare = room - least_total;
    let mut groups = Vec::new();
    for (candidate, least) in chosen {
        let drawn = section(candidate, least + spare);
        spare = (spare + least).saturating_sub(drawn.len());
        groups.push(drawn);
    }
    groups
}

fn verdict(report: &Report, lines_max: usize) -> Group {
    item("## ", &report.verdict, lines_max)
}

fn findings(report: &Report, kept: usize, lines_max: usize) -> Group {
    let total = report.findings.len();
    let sorted = by_severity(&report.findings);
    let items = sorted.iter().take(kept.min(LINES_MAX)).flat_map(|finding| {
        let sentence = format!("{} — {}", text::severity(finding.severity), finding.text);
        item("- ", &sentence, lines_max)
    });
    let heading = match total > kept {
        true => format!("### Findings (showing {kept} of {total})"),
        false => "### Findings".to_string(),
    };
    headed(heading, items.collect())
}

fn next(report: &Report, kept: usize) -> Group {
    let lines_max = if kept == usize::MAX { usize::MAX } else { 1 };
    let items = report
        .next
        .iter()
        .filter(|line| !text::clean(line).is_empty())
        .take(kept.min(LINES_MAX));
    headed(
        "### Next".to_string(),
        items.flat_map(|line| item("→ ", line, lines_max)).collect(),
    )
}

/// The section in at most `lines_max` lines: blocks in order until one does not fit. Nothing when not even one does.
fn section(section: &Section, lines_max: usize) -> Group {
    let mut lines = Vec::new();
    for block in &section.blocks {
        let room = lines_max.saturating_sub(lines.len() + 1);
        let (drawn, whole) = match block {
            Block::Text(paragraph) => list(std::slice::from_ref(paragraph), "", room, lines_max),
            Block::List(items) => list(items, "- ", room, lines_max),
            Block::Table(table) => rows_that_fit(table, room),
            Block::Picture(lines) if lines.len() <= room => {
                (lines.iter().map(|line| text::cut(line, CONTENT_MAX)).collect(), true)
            }
            Block::Picture(_) => (Vec::new(), false),
        };
        lines.extend(drawn);
        // Past the box's height no one reads on; what comes after cannot make it fit again.
        if !whole || lines.len() > LINES_MAX {
            break;
        }
    }
    let title = text::clean(&section.title);
    headed(text::cut(&format!("### {title}"), CONTENT_MAX), lines)
}

/// The items that `room` lines hold and whether these are all; a note tells how many are missing.
fn list(items: &[String], bullet: &str, room: usize, lines_max: usize) -> (Group, bool) {
    let per_item = if lines_max == usize::MAX { usize::MAX } else { LINES_KEPT };
    let items: Vec<&String> = items.iter().filter(|text| !text::clean(text).is_empty()).collect();
    let mut lines: Group = Vec::new();
    let mut last_start = 0;
    for (shown, text) in items.iter().enumerate() {
        let drawn = item(bullet, text, per_item);
        if lines.len() + drawn.len() > room {
            let (mut shown, total) = (shown, items.len());
            if lines.len() + 1 > room {
                lines.truncate(last_start);
                shown = shown.saturating_sub(1);
            }
            if shown > 0 {
                lines.push(format!("showing {shown} of {total}"));
            }
            return (lines, false);
        }
        last_start = lines.len();
        lines.extend(drawn);
        if lines.len() > LINES_MAX {
            break;
        }
    }
    (lines, true)
}

/// The table with the rows that `room` lines hold and whether these are all; a note tells how many are missing.
fn rows_that_fit(table: &Table, room: usize) -> (Group, bool) {
    const AROUND_ROWS: usize = 4;
    let total = table.rows.len();
    if total == 0 || table.columns.is_empty() {
        return (Vec::new(), true);
    }
    if total + AROUND_ROWS <= room {
        return (table_lines(table, total.min(LINES_MAX)), true);
    }
    let shown = room.saturating_sub(AROUND_ROWS + 1);
    if shown == 0 {
        return (Vec::new(), false);
    }
    let mut lines = table_lines(table, shown);
    lines.push(format!("showing {shown} of {total} rows"));
    (lines, false)
}

fn table_lines(table: &Table, rows: usize) -> Group {
    let columns: Vec<&Column> = table.columns.iter().take(TABLE_COLUMNS_MAX).collect();
    let cell = |text: Option<&str>| text::cut(&text::clean(text.unwrap_or("")), text::NAME_MAX);
    let heading: Vec<String> = columns.iter().map(|c| cell(Some(&c.name))).collect();
    let body = table.rows.iter().take(rows);
    let body: Vec<Vec<String>> = body
        .map(|row| (0..columns.len()).map(|i| cell(row.get(i).map(String::as_str))).collect())
        .collect();

    let widest = |i: usize| {
        std::iter::once(&heading)
            .chain(&body)
            .filter_map(|r| r.get(i))
            .map(|c| text::width(c))
            .max()
    };
    let mut widths: Vec<usize> = (0..columns.len()).map(|i| widest(i).unwrap_or(0).max(1)).collect();
    shrink(&mut widths);

    let edge = |left: &str, mid: &str, right: &str| {
        let bars: Vec<String> = widths.iter().map(|w| "─".repeat(w + 2)).collect();
        format!("{left}{}{right}", bars.join(mid))
    };
    let line = |cells: &Vec<String>| {
        let padded = cells.iter().zip(&widths).zip(&columns);
        let padded: Vec<String> = padded
            .map(|((c, w), column)| text::pad(&text::cut(c, *w), *w, column.right))
            .collect();
        format!("│ {} │", padded.join(" │ "))
    };
    let mut lines = vec![edge("┌", "┬", "┐"), line(&heading), edge("├", "┼", "┤")];
    lines.extend(body.iter().map(line));
    lines.push(edge("└", "┴", "┘"));
    lines
}

/// Takes columns from the widest until the table is as wide as the content may be.
fn shrink(widths: &mut [usize]) {
    let rules = 3 * widths.len() + 1;
    while widths.iter().sum::<usize>() + rules > CONTENT_MAX {
        let Some(widest) = widths.iter_mut().max() else { return };
        *widest -= 1;
    }
}

/// A text behind its mark, later lines hanging below the first; past `lines_max` the rest is cut.
fn item(mark: &str, text: &str, lines_max: usize) -> Group {
    let indent = text::width(mark);
    let room = CONTENT_MAX - indent;
    let mut lines = text::wrap(&text::clean(text), room);
    if lines.len() > lines_max {
        let rest = lines.split_off(lines_max.saturating_sub(1));
        lines.push(text::cut(&rest.join(" "), room));
    }
    let hang = " ".repeat(indent);
    lines
        .iter()
        .enumerate()
        .map(|(i, line)| format!("{}{line}", if i == 0 { mark } else { &hang }))
        .collect()
}

fn headed(heading: String, lines: Group) -> Group {
    if lines.is_empty() {
        return lines;
    }
    std::iter::once(heading).chain(lines).collect()
}

fn lines_in(groups: &[Group]) -> usize {
    FRAME_LINES + groups.iter().map(Vec::len).sum::<usize>() + groups.len().saturating_sub(1)
}

fn framed(report: &Report, groups: &[Group], full_report: Option<&str>) -> String {
    let step = text::cut(&text::clean(&report.step), STEP_MAX);
    let top = format!("╭─ KEEP ── {step} ");
    let bottom = match full_report.map(text::clean) {
        Some(path) => format!(
            "╰─ {REPORT_LABEL}{} ",
            text::cut_left(&path, WIDTH_MAX - 6 - REPORT_LABEL.len())
        ),
        None => "╰".to_string(),
    };
    let content = groups.iter().flatten().map(|line| text::width(line) + 2 * MARGIN);
    let edges = [&top, &bottom].map(|edge| text::width(edge) + 2);
    let width = content.chain(edges).max().unwrap_or(0).clamp(WIDTH_MIN, WIDTH_MAX);

    let close = |edge: &str, corner: &str| {
        let bar = "─".repeat(width.saturating_sub(text::width(edge) + 1));
        format!("{edge}{bar}{corner}")
    };
    let mut lines = vec![close(&top, "╮"), String::new()];
    for group in groups {
        lines.extend(group.iter().map(|line| format!("  {line}")));
        lines.push(String::new());
    }
    lines.push(close(&bottom, "╯"));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::finding::Finding;

    fn report(n_rows: usize) -> Report {
        let mut table = Table::new(&["Tier", ">Accounts"]);
        for i in 0..n_rows {
            table.push([format!("tier {i}"), i.to_string()]);
        }
        Report {
            step: "assign_tiers".to_string(),
            verdict: "220 accounts".to_string(),
            findings: vec![Finding::info("a", "one"), Finding::critical("b", "two")],
            sections: vec![Section::key("Tiers", vec![Block::Table(table)])],
            next: vec!["validate".to_string()],
        }
    }

    #[test]
    fn forty_lines_fit_and_one_more_does_not() {
        // 4 frame, verdict 1 + blank, findings 3 + blank, table heading 1 + frame 4 + blank, next 2.
        assert!(fits(&report(22)));
        assert_eq!(draw(&report(22), None).lines().count(), 40);
        assert!(!fits(&report(23)));
        let cut = draw(&report(23), None);
        assert_eq!(cut.lines().count(), 40);
        assert!(cut.contains("showing 21 of 23 rows"), "{cut}");
    }

    #[test]
    fn what_is_for_the_full_report_does_not_count() {
        let mut report = report(3);
        let long = vec!["line".to_string(); 99];
        report.sections.push(Section::full_only("All", vec![Block::List(long)]));
        report.sections.push(Section::new(
            "Empty",
            vec![Block::Table(Table::new(&["A"])), Block::Text(" ".to_string())],
        ));
        let drawn = draw(&report, None);
        assert!(fits(&report));
        assert!(!drawn.contains("### All") && !drawn.contains("### Empty"), "{drawn}");
    }

    #[test]
    fn later_key_sections_keep_a_place_beside_a_long_one() {
        let mut report = report(60);
        report
            .sections
            .insert(0, Section::new("Aside", vec![Block::Text("not key".to_string())]));
        report
            .sections
            .push(Section::key("Grid", vec![Block::List(vec!["last".to_string()])]));
        let drawn = draw(&report, Some("reports/tiers.md"));
        assert!(drawn.contains("### Grid\n  - last"), "{drawn}");
        assert!(!drawn.contains("Aside"), "{drawn}");
        assert_eq!(drawn.lines().count(), 40);
    }

    #[test]
    fn a_shortened_list_counts_its_lines_with_blank_items_in_it() {
        let items = ["a", "b", "", "c", " ", "d"].map(String::from);
        assert_eq!(
            list(&items, "- ", 3, 3),
            (vec!["- a".into(), "- b".into(), "showing 2 of 4".into()], false)
        );
        assert_eq!(list(&items, "- ", 1, 3), (vec![], false));
    }

    #[test]
    fn wide_tables_lose_from_the_widest_column() {
        let mut widths = [30, 30, 30, 3];
        shrink(&mut widths);
        assert_eq!(widths.iter().sum::<usize>() + 13, CONTENT_MAX);
        assert_eq!(widths.last(), Some(&3));
    }
}
