//! `load_book`: what was read, what each column means, what was set aside, what is still open.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{LIST_MAX, StepAnswer, accounts, amount, count, joined, put_list, share};
use crate::engine::gaps::Gap;
use crate::model::load::{ColumnGuess, Loaded, Reason};
use crate::model::money::{grouped_text, short_text};
use crate::model::policy::Policy;
use crate::model::role::Role;
use crate::report::{Block, Report, Section, Table, text};

/// The answer of `load_book`; `set_aside_file` is where the rows that were set aside went.
pub fn answer(loaded: &Loaded, gaps: &[Gap], set_aside_file: Option<&str>) -> StepAnswer {
    let book = &loaded.book;
    let aside = loaded.set_aside.len();
    let kept = if aside == 0 {
        "every row kept".to_string()
    } else {
        format!("{} rows set aside", count(aside))
    };
    let verdict = format!(
        "{}, {} ARR in {} from {}; {kept}",
        accounts(book.len()),
        short_text(book.total_cents(), &book.currency),
        book.currency,
        text::name(&book.table.source.path),
    );
    let mut sections = vec![Section::key("Rows and ARR", vec![Block::Table(certificate(loaded))])];
    if !loaded.joins.is_empty() {
        sections.push(Section::key("Joined files", vec![Block::Table(joined::table(loaded))]));
        sections.push(Section::full_only(
            "Joined files in full",
            vec![Block::List(joined::lines(loaded))],
        ));
    }
    if !loaded.questions.is_empty() {
        let ask = |q: &crate::model::load::Question| format!("{}: {} fix: {}", q.id, q.text, q.fix);
        sections.push(Section::key(
            "Questions",
            vec![Block::List(loaded.questions.iter().map(ask).collect())],
        ));
    }
    sections.push(Section::key("Columns with a role", roles(loaded)));
    sections.push(Section::full_only(
        "Why each column has its role",
        vec![Block::Table(evidence(with_role(loaded)))],
    ));
    sections.push(Section::full_only(
        "Columns without a role",
        vec![Block::Table(other_columns(loaded))],
    ));
    sections.push(Section::new("Data", vec![Block::List(quality(loaded, set_aside_file))]));
    if !gaps.is_empty() {
        sections.push(Section::new("What blanks cost", vec![Block::Table(gap_table(gaps))]));
    }
    let report = Report {
        step: "load_book".into(),
        verdict,
        findings: loaded.findings.clone(),
        sections,
        next: vec![match book.is_empty() {
            true => "load_book with a file that holds accounts".into(),
            false => "define_axes to place the ARR cuts and see which factors are fed".into(),
        }],
    };
    StepAnswer {
        report,
        data: data(loaded, gaps),
    }
}

/// How the rows became accounts, and what was told the reader: every choice by which the figures could have been others.
pub fn reading(loaded: &Loaded, policy: &Policy) -> Vec<String> {
    let mut rows = format!("{} rows read: {}", count(loaded.rows_read), accounts(loaded.book.len()));
    if loaded.merged > 0 {
        rows += &format!(", {} merged into them", count(loaded.merged));
    }
    for (reason, group) in groups(loaded) {
        let arr = short_text(group.arr_cents, &loaded.book.currency);
        rows += &format!(", {} set aside as {} ({arr})", count(group.rows), reason.code());
    }
    let mut lines = vec![rows];
    let Some(book) = &policy.book else { return lines };
    let pairs = |what: &str, pairs: Vec<String>| (!pairs.is_empty()).then(|| format!("{what}: {}", pairs.join(", ")));
    let answers = book
        .answers
        .iter()
        .map(|(question, answer)| format!("{question} {}", text::name(answer)));
    let columns = book
        .columns
        .iter()
        .map(|(role, header)| format!("{} {}", role.code(), text::name(header)));
    let rates = book.rates.iter().map(|(code, rate)| format!("{} {rate}", text::clean(code)));
    let joins = book
        .joins
        .iter()
        .map(|join| format!("{} as {}", text::name(&join.path), join.kind.code()));
    let statuses = book.not_customers.iter().map(|status| text::name(status));
    lines.extend(pairs("questions answered", answers.collect()));
    let open = loaded.questions.iter().map(|question| question.id.to_string());
    lines.extend(pairs("questions open, read as the answer of load_book says", open.collect()));
    lines.extend(pairs("columns named by the team", columns.collect()));
    lines.extend(pairs("exchange rates", rates.collect()));
    lines.extend(pairs("joined files", joins.collect()));
    lines.extend(pairs("statuses that are no customers", statuses.collect()));
    lines.extend(book.keep_churned.then(|| "accounts that have left are kept".to_string()));
    lines
}

fn certificate(loaded: &Loaded) -> Table {
    let mut table = Table::new(&["What", ">Rows", ">ARR"]);
    table.push([
        "rows read".to_string(),
        count(loaded.rows_read),
        grouped_text(loaded.arr_read_cents),
    ]);
    table.push([
        "accounts".to_string(),
        count(loaded.book.len()),
        grouped_text(loaded.book.total_cents()),
    ]);
    if loaded.merged > 0 {
        table.push(["merged into accounts".to_string(), count(loaded.merged), "-".into()]);
    }
    for (reason, group) in groups(loaded) {
        table.push([
            format!("set aside: {}", reason.code()),
            count(group.rows),
            grouped_text(group.arr_cents),
        ]);
    }
    table
}

/// Below this share of certainty a column is worth a look, and the box says why it has its role.
const SURE: f64 = 0.95;

fn with_role(loaded: &Loaded) -> impl Iterator<Item = (&ColumnGuess, Role)> {
    loaded.columns.iter().filter_map(|guess| Some((guess, guess.role?)))
}

/// The sure ones in a line, since that they are right is all there is to say; the others with what speaks for them.
fn roles(loaded: &Loaded) -> Vec<Block> {
    let (sure, unsure): (Vec<_>, Vec<_>) = with_role(loaded).partition(|(guess, _)| guess.confidence >= SURE);
    let named = |(guess, role): &(&ColumnGuess, Role)| format!("{} {}", role.code(), text::name(&text::cut(&guess.header, 30)));
    let mut blocks = Vec::new();
    if !sure.is_empty() {
        blocks.push(Block::Text(sure.iter().map(named).collect::<Vec<_>>().join(", ")));
    }
    if !unsure.is_empty() {
        let doubt = |(guess, role): &(&ColumnGuess, Role)| {
            let (share, why) = (text::percent(guess.confidence), text::clean(&guess.evidence));
            format!("{}, {share} sure: {why}", named(&(*guess, *role)))
        };
        blocks.push(Block::List(unsure.iter().map(doubt).collect()));
    }
    blocks
}

fn evidence<'a>(columns: impl Iterator<Item = (&'a ColumnGuess, Role)>) -> Table {
    let mut table = Table::new(&["Column", "Role", ">Sure", "Why"]);
    for (guess, role) in columns {
        table.push([
            text::cut(&text::clean(&guess.header), 30),
            role.code().to_string(),
            format!("{:.0}%", guess.confidence * 100.0),
            text::clean(&guess.evidence),
        ]);
    }
    table
}

fn other_columns(loaded: &Loaded) -> Table {
    let mut table = Table::new(&["Column", "Why"]);
    for guess in loaded.columns.iter().filter(|guess| guess.role.is_none()).take(200) {
        table.push([text::clean(&guess.header), text::clean(&guess.evidence)]);
    }
    table
}

fn quality(loaded: &Loaded, set_aside_file: Option<&str>) -> Vec<String> {
    let quality = loaded.quality;
    let fresh = match quality.freshness_days {
        Some(days) => format!("newest change {days} days before {}", loaded.book.as_of),
        None => format!("no column tells how fresh it is; read as of {}", loaded.book.as_of),
    };
    let mut lines = vec![format!(
        "complete {}, unique {}, {fresh}",
        text::percent(quality.completeness),
        text::percent(quality.uniqueness)
    )];
    lines.extend(set_aside_file.map(|file| format!("rows set aside, with line and reason: {file}")));
    lines
}

fn gap_table(gaps: &[Gap]) -> Table {
    let mut table = Table::new(&["Column", ">Blank", ">Could change bin", ">Could change tier"]);
    for gap in gaps {
        table.push([text::clean(&gap.header), count(gap.blank), count(gap.bin), count(gap.tier)]);
    }
    table
}

/// Rows and ARR set aside for one reason.
struct Group {
    rows: usize,
    arr_cents: i128,
    examples: Vec<Value>,
}

fn groups(loaded: &Loaded) -> BTreeMap<Reason, Group> {
    const EXAMPLES: usize = 3;
    let mut groups: BTreeMap<Reason, Group> = BTreeMap::new();
    for row in &loaded.set_aside {
        let group = groups.entry(row.reason).or_insert(Group {
            rows: 0,
            arr_cents: 0,
            examples: Vec::new(),
        });
        group.rows += 1;
        group.arr_cents += row.arr.map_or(0, |arr| i128::from(arr.0));
        if group.examples.len() < EXAMPLES {
            let line = loaded.book.table.line(row.row);
            group
                .examples
                .push(json!({"line": line, "note": text::cut(&text::clean(&row.note), 80)}));
        }
    }
    groups
}

fn data(loaded: &Loaded, gaps: &[Gap]) -> Value {
    let book = &loaded.book;
    let source = &book.table.source;
    let id: String = source.sha256.chars().take(12).collect();
    let mut data = Map::new();
    data.insert("book".into(), json!({"id": id, "path": source.path, "format": source.format}));
    data.insert("rows_read".into(), json!(loaded.rows_read));
    data.insert("accounts".into(), json!(book.len()));
    data.insert("merged".into(), json!(loaded.merged));
    data.insert("arr_read".into(), amount(loaded.arr_read_cents));
    data.insert("arr_source".into(), json!(loaded.arr_source));
    data.insert("total_arr".into(), amount(book.total_cents()));
    data.insert("currency".into(), json!(book.currency));
    data.insert("as_of".into(), json!(book.as_of));
    // Columns with a role come first, so that a cut list still carries what matters.
    let mut columns: Vec<&ColumnGuess> = loaded.columns.iter().collect();
    columns.sort_by_key(|guess| guess.role.is_none());
    let column = |guess: &ColumnGuess| {
        json!({
            "header": text::cut(&guess.header, 80),
            "role": guess.role,
            "confidence": share(guess.confidence),
            "evidence": guess.evidence,
        })
    };
    put_list(&mut data, "columns", columns.iter().map(|guess| column(guess)));
    let aside = |(reason, group): (Reason, Group)| json!({"reason": reason, "rows": group.rows, "arr": amount(group.arr_cents), "examples": group.examples});
    data.insert(
        "set_aside".into(),
        Value::Array(groups(loaded).into_iter().map(aside).collect()),
    );
    let gap = |gap: &Gap| {
        json!({
            "header": text::cut(&gap.header, 80),
            "blank": gap.blank,
            "could_change_bin": gap.bin,
            "could_change_tier": gap.tier,
        })
    };
    data.insert(
        "quality".into(),
        json!({
            "completeness": share(loaded.quality.completeness),
            "uniqueness": share(loaded.quality.uniqueness),
            "freshness_days": loaded.quality.freshness_days,
            "gaps": gaps.iter().take(LIST_MAX).map(gap).collect::<Vec<_>>(),
        }),
    );
    if !loaded.joins.is_empty() {
        data.insert("joins".into(), Value::Array(loaded.joins.iter().map(joined::json).collect()));
    }
    data.insert("questions".into(), json!(loaded.questions));
    Value::Object(data)
}
