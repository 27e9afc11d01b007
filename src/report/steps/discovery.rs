//! `load_book` without a book: which files may be it, what can be joined to it, and what is still to ask (K3, K4).

use serde_json::{Map, Value, json};

use super::{StepAnswer, count, put_list};
use crate::model::discovery::{Candidate, Discovery, Holds, Note, Rows};
use crate::model::finding::Finding;
use crate::model::load::JoinKind;
use crate::model::money::counted;
use crate::model::role::Role;
use crate::report::{Block, Report, Section, Table, text};

/// What need not be asked, and whether the call says anything that is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Known {
    /// The model has a headcount.
    pub csms: bool,
    /// The call names the motion.
    pub current_motion: bool,
    /// The call names the target.
    pub target_nrr: bool,
    /// The call says something of a book that is not there yet.
    pub not_kept: bool,
}

/// The answer of `load_book` when it has looked for files; there is at least one candidate.
pub fn answer(found: &Discovery, known: Known) -> StepAnswer {
    let questions = questions(found, known);
    let mut sections = vec![Section::key("Files", vec![Block::Table(files(found))])];
    if let Some(best) = found.candidates.first() {
        let title = format!("What speaks for {}", file(&best.path));
        sections.push(Section::new(title, vec![Block::Text(best.evidence.join("; "))]));
    }
    let notes = found
        .notes
        .iter()
        .map(|note| format!("{}: {}", file(&note.path), note.words.join(", ")));
    sections.push(Section::new("Notes that may answer", vec![Block::List(notes.collect())]));
    let asked = questions.iter().map(|question| format!("{}: {}", question.id, question.text));
    sections.push(Section::key("Still to ask", vec![Block::List(asked.collect())]));
    let report = Report {
        step: "load_book".into(),
        verdict: verdict(found),
        findings: findings(found, known),
        sections,
        next: next(found),
    };
    StepAnswer {
        report,
        data: data(found, &questions),
    }
}

fn books(found: &Discovery) -> impl Iterator<Item = &Candidate> {
    found.candidates.iter().filter(|candidate| candidate.holds == Holds::Book)
}

/// Subscriptions that come with amounts: a book of several rows an account.
fn subscriptions(found: &Discovery) -> Option<&Candidate> {
    let sold = |candidate: &&Candidate| candidate.holds == Holds::Join(JoinKind::Subscriptions) && candidate.has_amount;
    found.candidates.iter().find(sold)
}

/// Two books between which nothing decides.
fn tie(found: &Discovery) -> Option<(&Candidate, &Candidate)> {
    let mut books = books(found);
    let (first, second) = (books.next()?, books.next()?);
    (first.worth == second.worth).then_some((first, second))
}

fn verdict(found: &Discovery) -> String {
    let n = books(found).count();
    let joins = found.candidates.len() - n;
    let Some(best) = books(found).next() else {
        return match subscriptions(found) {
            Some(best) => format!(
                "no file lists accounts; 1 lists what they pay and can be the book: {}",
                file(&best.path)
            ),
            None => format!("no file lists accounts; {joins} could be joined to one that does"),
        };
    };
    let likeliest = match tie(found) {
        Some((first, second)) => format!("; {} and {} equally", file(&first.path), file(&second.path)),
        None if n > 1 => format!("; {} is likeliest", file(&best.path)),
        None => format!(": {}", file(&best.path)),
    };
    let rest = match joins {
        0 => String::new(),
        n => format!("; {} can be joined to it", count(n)),
    };
    format!("{} may be the account book{likeliest}{rest}", counted(n, "file"))
}

fn findings(found: &Discovery, known: Known) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some((first, second)) = tie(found) {
        let text = format!(
            "as much speaks for {} as for {}; ask the user which one is meant",
            file(&first.path),
            file(&second.path)
        );
        findings.push(Finding::warning("candidates_alike", text));
    }
    if let Some(best) = books(found).next().filter(|best| !best.has_amount) {
        let way = match subscriptions(found) {
            Some(other) => format!("join {}, which has amounts", file(&other.path)),
            None => "ask the user where ARR is kept".to_string(),
        };
        let text = format!(
            "{} has no column of ARR or MRR, so it is no book by itself; {way}",
            file(&best.path)
        );
        findings.push(Finding::warning("no_arr_column", text));
    }
    let odd: Vec<&Candidate> = found.candidates.iter().filter(|candidate| !can_be_named(candidate)).collect();
    if let Some(first) = odd.first() {
        let text = format!(
            "{} with characters in the path that do not show, such as {}, cannot be named; rename before loading",
            counted(odd.len(), "file"),
            file(&first.path)
        );
        findings.push(Finding::warning("odd_file_names", text));
    }
    if found.looked.left_out > 0 {
        let were = match found.looked.left_out {
            1 => "1 folder or file was".to_string(),
            n => format!("{} folders or files were", count(n)),
        };
        let text =
            format!("{were} too deep, too many or too large to be looked into; give the path of a file that is not listed");
        findings.push(Finding::warning("search_cut_short", text));
    }
    if known.not_kept {
        let text = "nothing of this call is kept, since there is no book yet; give the same arguments again with path";
        findings.push(Finding::warning("arguments_not_kept", text));
    }
    findings
}

fn files(found: &Discovery) -> Table {
    let mut table = Table::new(&["File", ">Rows", "Holds", "What speaks for it", "All evidence"]);
    for candidate in &found.candidates {
        let rows = match candidate.rows {
            Rows::Counted(n) => count(usize::try_from(n).unwrap_or(usize::MAX)),
            Rows::About(n) => format!("~{}", count(usize::try_from(n).unwrap_or(usize::MAX))),
        };
        let holds = match candidate.holds {
            Holds::Book => "accounts".to_string(),
            Holds::Join(kind) => format!("{}, to join", kind.code()),
        };
        table.push([
            text::cut_left(&text::clean(&candidate.path), text::NAME_MAX),
            rows,
            holds,
            brief(candidate),
            format!("{}: {}", text::clean(&candidate.path), candidate.evidence.join("; ")),
        ]);
    }
    table
}

/// The roles that make a book first, then how many more there are; for other tables the headers that tell.
fn brief(candidate: &Candidate) -> String {
    const NAMED: [Role; 4] = [Role::Arr, Role::Mrr, Role::Id, Role::Name];
    if candidate.holds != Holds::Book {
        return candidate.evidence.first().cloned().unwrap_or_default();
    }
    let named: Vec<&str> = NAMED
        .iter()
        .filter(|role| candidate.roles.contains(role))
        .map(|role| role.code())
        .collect();
    match candidate.roles.len() - named.len() {
        0 => named.join(", "),
        more => format!("{}, {more} more", named.join(", ")),
    }
}

/// A thing that only the user can say.
struct Ask {
    id: &'static str,
    text: &'static str,
    argument: &'static str,
}

/// What K4 asks for and neither the model, the call nor a book among the files will answer.
fn questions(found: &Discovery, known: Known) -> Vec<Ask> {
    let accounts = books(found).next().is_some() || subscriptions(found).is_some();
    let amounts = books(found).any(|book| book.has_amount) || subscriptions(found).is_some();
    let asks = [
        (
            accounts,
            "total_customers",
            "how many accounts are there in all? The account export answers it: give its path",
            "path",
        ),
        (
            amounts,
            "arr_shape",
            "what do the top 20% of accounts pay, and what the bottom 20%? An export with ARR answers it: give its path",
            "path",
        ),
        (
            known.csms,
            "csms",
            "how many CSMs are available, in all or by tier? For calibrate_capacity: csms or csms_by_tier",
            "csms",
        ),
        (
            known.current_motion,
            "current_motion",
            "are accounts served all_high_touch, all_automated or mixed today? For load_book: current_motion",
            "current_motion",
        ),
        (
            known.target_nrr,
            "target_nrr",
            "which net revenue retention is aimed at? For load_book: target_nrr, 1.1 for 110%",
            "target_nrr",
        ),
    ];
    let open = asks.into_iter().filter(|(known, ..)| !known);
    open.map(|(_, id, text, argument)| Ask { id, text, argument }).collect()
}

fn next(found: &Discovery) -> Vec<String> {
    let named = |candidate: &&Candidate| can_be_named(candidate);
    let book = books(found).find(named);
    let Some(best) = book.or(subscriptions(found).filter(named)) else {
        return vec!["load_book with path, when the user has said which file holds the accounts".into()];
    };
    let joins = joins(found, best);
    let path = match &best.sheet {
        None => format!("load_book with path {}", json!(best.path)),
        Some(sheet) => format!(
            "load_book with path {} and the sheet that the user means, such as {}",
            json!(best.path),
            json!(text::clean(sheet))
        ),
    };
    if !best.has_amount && !is_paid_for(found) {
        return vec![format!(
            "ask the user where ARR is kept; then {path} and a file that has it in joins, or its column in columns"
        )];
    }
    // Spaces let a box break the line between the entries.
    let listed = format!("[{}]", joins.join(", "));
    match (joins.is_empty(), best.has_amount) {
        (true, _) => vec![path],
        (false, false) => vec![format!("{path} and joins {listed}")],
        (false, true) => vec![path, format!("load_book with joins {listed} too, for what those files know")],
    }
}

/// Whether some files that can be joined say what accounts pay: subscriptions with amounts, or with their prices apart.
fn is_paid_for(found: &Discovery) -> bool {
    let has = |kind: JoinKind| found.candidates.iter().any(|candidate| candidate.holds == Holds::Join(kind));
    subscriptions(found).is_some() || (has(JoinKind::Subscriptions) && (has(JoinKind::Items) || has(JoinKind::Prices)))
}

/// The best file of each kind that adds something to a book; subscriptions only where it has no amounts of its own.
fn joins(found: &Discovery, book: &Candidate) -> Vec<String> {
    let mut kinds: Vec<JoinKind> = Vec::new();
    let mut joins = Vec::new();
    for candidate in found.candidates.iter().filter(|candidate| can_be_named(candidate)) {
        let Holds::Join(kind) = candidate.holds else { continue };
        let paid_twice = kind == JoinKind::Subscriptions && book.has_amount;
        // Subscriptions without amounts give no ARR where others have them.
        let priceless = kind == JoinKind::Subscriptions && !candidate.has_amount && subscriptions(found).is_some();
        if !paid_twice && !priceless && !kinds.contains(&kind) {
            kinds.push(kind);
            joins.push(format!(
                "{{\"path\": {}, \"kind\": \"{}\"}}",
                json!(candidate.path),
                kind.code()
            ));
        }
    }
    joins
}

/// Whether the path can be read off an answer and given back: cleaning changes nothing about it, and it is text throughout.
fn can_be_named(candidate: &Candidate) -> bool {
    text::clean(&candidate.path) == candidate.path && !candidate.path.contains(char::REPLACEMENT_CHARACTER)
}

/// A file's path inside a sentence; its end tells more than its beginning.
fn file(path: &str) -> String {
    const WIDTH: usize = 60;
    format!("`{}`", text::cut_left(&text::clean(&path.replace('`', "")), WIDTH))
}

fn data(found: &Discovery, questions: &[Ask]) -> Value {
    let candidate = |candidate: &Candidate| {
        json!({
            "path": text::clean(&candidate.path),
            "format": text::clean(&candidate.format),
            "rows": candidate.rows.number(),
            "worth": candidate.worth,
            "roles": candidate.roles,
            "evidence": text::clean(&candidate.evidence.join("; ")),
            "kind": candidate.holds.code(),
        })
    };
    let note = |note: &Note| json!({"path": text::clean(&note.path), "words": note.words});
    let ask = |ask: &Ask| json!({"id": ask.id, "text": ask.text, "fix": {ask.argument: null}});
    let mut data = Map::new();
    data.insert("book".into(), Value::Null);
    put_list(&mut data, "candidates", found.candidates.iter().map(candidate));
    put_list(&mut data, "notes", found.notes.iter().map(note));
    put_list(&mut data, "ask", questions.iter().map(ask));
    let looked = &found.looked;
    data.insert(
        "looked".into(),
        json!({"folders": looked.folders, "files": looked.files, "left_out": looked.left_out}),
    );
    Value::Object(data)
}
