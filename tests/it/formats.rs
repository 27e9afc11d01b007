//! Every row of every table in `docs/formats.md`: what is promised there is read, and what is refused there is refused.

use std::collections::BTreeMap;

use jiff::civil::date;
use keep_segment::io::{book, table};
use keep_segment::model::control::Control;
use keep_segment::model::load::{LoadPlan, Loaded};
use keep_segment::model::money::Money;
use keep_segment::model::role::Role;
use keep_segment::model::values;

mod files;
mod refused;

const PAGE: &str = include_str!("../../docs/formats.md");

/// The rows of the table below a heading: cells without the bars.
fn table_below(heading: &str) -> Vec<Vec<String>> {
    let mut lines = PAGE.lines().skip_while(|line| *line != heading);
    assert!(lines.next().is_some(), "docs/formats.md has no `{heading}`");
    let table = lines
        .take_while(|line| !line.starts_with('#'))
        .filter(|line| line.starts_with('|'));
    let cells = |line: &str| {
        let inner = line.trim_start_matches('|').trim_end_matches('|').replace("\\|", "\u{0}");
        inner.split('|').map(|cell| cell.trim().replace('\u{0}', "|")).collect()
    };
    table.skip(2).map(cells).collect()
}

/// The texts between backticks.
fn codes(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

fn load(bytes: &[u8], name: &str) -> Result<Loaded, keep_segment::error::Error> {
    let table = table(bytes, name, None, &Control::default())?;
    book::build(table, &[], &plan(), &Control::default())
}

fn plan() -> LoadPlan {
    LoadPlan::at(date(2026, 6, 30))
}

/// What the four accounts of the reference book are, whatever the file looks like.
fn accounts(loaded: &Loaded) -> Vec<String> {
    let book = &loaded.book;
    let column = |role: Role| {
        let column = book.column(&format!("role:{}", role.code()));
        column.unwrap_or_else(|| panic!("no column for {role:?}: {:?}", loaded.columns))
    };
    let (renewal, nps) = (column(Role::Renewal), column(Role::Nps));
    let style = book.dates(book.roles[&Role::Renewal].column);
    let said = |account: usize| {
        format!(
            "{} / {} / {} / {:?} / {:?}",
            book.id(account),
            book.name(account),
            book.arr(account),
            values::date(&book.text(account, &renewal), style),
            book.number(account, &nps)
        )
    };
    (0..book.len()).map(said).collect()
}

/// The same four accounts in every format and dialect give the same book.
#[test]
fn every_format_and_dialect_gives_the_same_book() {
    let cases = files::all();
    let promised: Vec<String> = table_below("## Formats")
        .iter()
        .map(|row| format!("{} / {}", row[0], row[1]))
        .collect();
    let tested: Vec<String> = cases
        .iter()
        .map(|case| format!("{} / {}", case.format, case.dialect))
        .collect();
    assert_eq!(promised, tested, "docs/formats.md and tests/it/formats/files.rs");
    let mut wanted: Option<Vec<String>> = None;
    for case in &cases {
        let at = format!("{} / {}", case.format, case.dialect);
        let loaded = load(&case.bytes, case.name).unwrap_or_else(|e| panic!("{at}: {e}"));
        let found = accounts(&loaded);
        assert_eq!(&found, wanted.get_or_insert_with(|| found.clone()), "{at}");
        assert_eq!(loaded.rows_read, found.len() + loaded.set_aside.len(), "{at}");
        assert_eq!(loaded.set_aside.len(), case.set_aside, "{at}");
        let format = &loaded.book.table.source.format;
        assert!(format.contains(case.said), "{at}: {format}");
        let notes: Vec<&str> = loaded.findings.iter().map(|finding| finding.code).collect();
        assert!(case.note.is_none_or(|note| notes.contains(&note)), "{at}: {notes:?}");
    }
    assert_eq!(
        wanted.unwrap_or_default()[2],
        "A-3 / Zoë; \"Z\" Ltd / 4200.25 / Some(2026-12-31) / None"
    );
}

#[test]
fn what_is_refused_is_refused_by_name() {
    let cases = refused::all();
    let promised = table_below("## What is refused");
    let names: Vec<&str> = promised.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(names, cases.iter().map(|case| case.file).collect::<Vec<_>>());
    for (row, case) in promised.iter().zip(&cases) {
        let error = load(&case.bytes, case.name).expect_err(case.file);
        assert_eq!(codes(&row[1]), [error.code()], "{}: {error}", case.file);
        assert!(error.to_string().contains(case.says), "{}: {error}", case.file);
    }
}

/// Cells of one column, read as amounts of a book: each on its row, `?` where it is none.
fn amounts(cells: &[&str]) -> Vec<String> {
    let mut text = String::from("name\tARR\n");
    for (i, cell) in cells.iter().enumerate() {
        text += &format!("N{i}\t{cell}\n");
    }
    // A column of what is mostly no amounts is only taken for ARR when somebody says so.
    let plan = LoadPlan {
        columns: BTreeMap::from([(Role::Arr, "ARR".to_string())]),
        ..plan()
    };
    let table = table(text.as_bytes(), "t.tsv", None, &Control::default()).unwrap();
    let loaded = book::build(table, &[], &plan, &Control::default()).unwrap_or_else(|e| panic!("{cells:?}: {e}"));
    let kept = (0..loaded.book.len()).map(|account| (loaded.book.name(account).to_string(), Some(loaded.book.arr(account))));
    let aside = loaded.set_aside.iter().map(|row| (format!("N{}", row.row), row.arr));
    let found: BTreeMap<String, Option<Money>> = kept.chain(aside).collect();
    let plain = |arr: &Option<Money>| arr.map_or("?".to_string(), Money::plain);
    found.values().map(plain).collect()
}

fn dates(cells: &[&str]) -> Vec<String> {
    let style = values::date_style(cells.iter().map(|cell| (*cell, 1)));
    let read = |cell: &&str| values::date(cell, style).map_or("?".to_string(), |date| date.to_string());
    cells.iter().map(read).collect()
}

#[test]
fn amounts_and_dates_are_read_as_the_page_says() {
    for (heading, read, at_least) in [
        ("## Amounts", amounts as fn(&[&str]) -> Vec<String>, 14),
        ("## Dates", dates, 12),
    ] {
        let rows = table_below(heading);
        assert!(rows.len() >= at_least, "{heading}");
        for row in rows {
            let (cells, wanted) = (codes(&row[0]), codes(&row[1]));
            assert_eq!(read(&cells), wanted, "{heading}: {cells:?}");
        }
    }
}

#[test]
fn yes_no_and_nothing_are_read_as_the_page_says() {
    for row in table_below("## Yes, no and nothing") {
        let read = |cell: &str| match (values::present(cell), values::truthy(cell)) {
            (None, _) => "nothing",
            (_, Some(true)) => "yes",
            (_, Some(false)) => "no",
            (_, None) => "?",
        };
        for cell in codes(&row[0]) {
            assert_eq!(read(cell), row[1], "{cell}");
        }
    }
}
