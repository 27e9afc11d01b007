//! `doctor`: looks at everything that a workspace needs and changes nothing; each thing that is wrong comes with its way out.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Context;
use super::install::{SERVERS_FILE, SKILL_FILE, Stand, server_of, skill_of};
use super::session::load;
use crate::error::{Error, Result};
use crate::io;
use crate::model::control::CANCELLED;
use crate::model::money::{counted, short_text};
use crate::model::policy::{Policy, SCHEMA};
use crate::report::checklist::{Check, State, as_json, draw, worst};
use crate::store::STATE_FOLDER;
use crate::store::state::{self, Ignore, StateFolder};

/// Larger books are not read: the tools read them, and take their time.
const BOOK_BYTES_MAX: u64 = 256 << 20;
/// Models that are read; a workspace has one or a few.
const MODELS_MAX: usize = 10;
const LEFTOVERS_SHOWN: usize = 3;

/// What the face knows.
#[derive(Debug)]
pub struct Surrounding {
    /// This program: its version and the protocol that it speaks, in words.
    pub program: String,
    /// This program's own file, where the system tells.
    pub binary: Option<PathBuf>,
    /// Who named the workspace.
    pub chosen_by: String,
    /// Further folders as they were named.
    pub allow: Vec<PathBuf>,
    /// Folders of the `PATH` that this program was started with.
    pub search: Vec<PathBuf>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkup {
    /// The list for people.
    pub text: String,
    /// The list for programs.
    pub json: Value,
    /// Whether something does not work.
    pub is_ill: bool,
}

/// Looks at a workspace; where it cannot be one, at what is left.
pub fn examine(context: &Result<Context>, around: &Surrounding) -> Checkup {
    let mut checks = vec![program(around)];
    match context {
        Err(error) => checks.push(wrong("workspace", State::Problem, error)),
        Ok(context) => {
            checks.push(workspace(&context.workspace, &around.chosen_by));
            checks.extend(around.allow.iter().map(|folder| allowed(folder)));
            in_workspace(context, &mut checks);
            checks.push(temporary(&context.workspace));
            checks.push(skill(&context.workspace));
            checks.push(server(&context.workspace, around));
        }
    }
    Checkup {
        text: draw(&checks),
        json: as_json(&checks),
        is_ill: worst(&checks) == State::Problem,
    }
}

fn program(around: &Surrounding) -> Check {
    let text = format!("{}, model schema {SCHEMA}", around.program);
    match &around.binary {
        Some(path) => Check::ok("program", format!("{text}, {}", path.display())),
        None => Check::ok("program", text),
    }
}

fn workspace(folder: &Path, chosen_by: &str) -> Check {
    let shown = folder.display();
    let (read, write) = (state::can_read(folder), state::can_write(folder));
    let what = match (read, write) {
        (true, true) => return Check::ok("workspace", format!("{shown}, {chosen_by}; can be read and written")),
        (true, false) => "cannot be written",
        (false, true) => "cannot be listed",
        (false, false) => "can be neither listed nor written",
    };
    let way_out = "give this user the right to, or name another folder with --workspace DIR";
    Check::failed(
        "workspace",
        State::Problem,
        format!("{shown}, {chosen_by}; it {what}"),
        way_out,
    )
}

fn allowed(folder: &Path) -> Check {
    match io::canonical_dir(folder) {
        Ok(real) if state::can_read(&real) => Check::ok("allowed", format!("{}; can be read", real.display())),
        Ok(real) => Check::failed(
            "allowed",
            State::Problem,
            format!("{} cannot be listed", real.display()),
            "give this user the right to, or leave --allow out",
        ),
        Err(error) => wrong("allowed", State::Problem, &error),
    }
}

/// The state folder, its models, their locks and their books.
fn in_workspace(context: &Context, checks: &mut Vec<Check>) {
    let found = match state::state_folder(&context.workspace) {
        Ok(Some(found)) => found,
        Ok(None) => {
            checks.push(Check::ok(
                "state",
                format!("no {STATE_FOLDER} yet: the first call of a tool makes it"),
            ));
            checks.push(Check::ok("model", "none yet: load_book begins one"));
            return;
        }
        Err(error) => return checks.push(wrong("state", State::Problem, &error)),
    };
    checks.push(state_folder(&found, &context.workspace));
    if found.models.is_empty() {
        checks.push(Check::ok("model", "none yet: load_book begins one"));
    }
    for name in found.models.iter().take(MODELS_MAX) {
        checks.push(lock(&found, name));
        checks.extend(reports(&context.workspace, name));
        match state::model(&context.workspace, name) {
            Ok(policy) => {
                checks.push(model(&found, name, &policy));
                checks.push(book(context, &policy));
            }
            Err(error) => checks.push(wrong("model", State::Problem, &error)),
        }
    }
    if !found.strays.is_empty() {
        let names: Vec<String> = found
            .strays
            .iter()
            .take(LEFTOVERS_SHOWN)
            .map(|name| format!("`{name}`"))
            .collect();
        checks.push(Check::failed(
            "model",
            State::Warning,
            format!(
                "{} in {STATE_FOLDER} that no tool reads: {}",
                counted(found.strays.len(), "other file"),
                names.join(", ")
            ),
            "move them away, or rename them: letters, digits, - and _, then .toml",
        ));
    }
    if found.models.len() > MODELS_MAX {
        let text = format!("{} further models were not looked at", found.models.len() - MODELS_MAX);
        checks.push(Check::ok("model", text));
    }
}

fn state_folder(found: &StateFolder, workspace: &Path) -> Check {
    let warning = |text: String, way_out: &str| Check::failed("state", State::Warning, text, way_out);
    let ignore = format!("{STATE_FOLDER}/.gitignore");
    if !found.can_be_listed {
        let text = format!("{STATE_FOLDER} cannot be listed, so its models are not found");
        return Check::failed("state", State::Problem, text, "give this user the right to read there");
    }
    if !state::can_write(&workspace.join(STATE_FOLDER)) {
        let text = format!("{STATE_FOLDER} cannot be written, so no decision is kept");
        return Check::failed("state", State::Problem, text, "give this user the right to write there");
    }
    match found.ignore {
        Ignore::Missing => warning(
            format!("{ignore} is missing, so git would take customer data"),
            "any call of a tool writes it again",
        ),
        Ignore::Changed => warning(
            format!("{ignore} was changed; git may take customer data"),
            "look at it, or delete it: the next call writes the usual one",
        ),
        Ignore::Usual if found.open_to_all => warning(
            format!("everybody on this machine may write into {STATE_FOLDER}"),
            "chmod o-w on it, unless that is meant",
        ),
        Ignore::Usual => Check::ok(
            "state",
            format!("{STATE_FOLDER}; its .gitignore hides all but the model files"),
        ),
    }
}

/// Where a model's reports go; nothing is said of a folder that is well.
fn reports(workspace: &Path, name: &str) -> Option<Check> {
    let fault = state::reports_fault(workspace, name)?;
    let text = format!("{STATE_FOLDER}/{name}/reports {fault}, so no long answer and no document can be kept");
    let way_out = "give this user the right to write there, or move away what is in its place";
    Some(Check::failed("reports", State::Problem, text, way_out))
}

fn lock(found: &StateFolder, name: &str) -> Check {
    if let Some((_, fault)) = found.lock_faults.iter().find(|(model, _)| model == name) {
        let text = format!("{STATE_FOLDER}/{name}.lock {fault}");
        return Check::failed(
            "lock",
            State::Problem,
            text,
            "remove it when no call is running; the next call makes it",
        );
    }
    match found.held.iter().any(|held| held == name) {
        false => Check::ok("lock", format!("no other process holds `{name}`")),
        true => Check::failed(
            "lock",
            State::Warning,
            format!("another process holds `{name}`, and calls wait for it"),
            "let its call end, or end that process; nothing is lost, models are written whole",
        ),
    }
}

fn model(found: &StateFolder, name: &str, policy: &Policy) -> Check {
    let file = format!("{STATE_FOLDER}/{name}.toml");
    if found.read_only.iter().any(|other| other == name) {
        return Check::failed(
            "model",
            State::Problem,
            format!("{file} is read-only, so no decision is kept"),
            "make it writable, such as with chmod u+w",
        );
    }
    let decided = match policy.baseline.is_some() {
        true => "tiers were assigned",
        false => "tiers were not assigned yet",
    };
    Check::ok("model", format!("{file} is read, schema {}; {decided}", policy.schema))
}

fn book(context: &Context, policy: &Policy) -> Check {
    let Some(choice) = &policy.book else {
        return Check::ok("book", "none yet: load_book names one");
    };
    // A file that is gone by now says so when it is read.
    let size = io::resolve(&context.folders(), &choice.path).map(|path| path.metadata().map_or(0, |about| about.len()));
    match size {
        Err(error) => return wrong("book", State::Problem, &error.or_next("load_book")),
        Ok(size) if size > BOOK_BYTES_MAX => {
            let text = format!("{} has {} MiB and was not read here", choice.path, size >> 20);
            return Check::failed("book", State::Warning, text, "load_book reads files of up to 1 GiB");
        }
        Ok(_) => {}
    }
    match load(context, policy) {
        Ok(loaded) => {
            let accounts = counted(loaded.book.len(), "account");
            let arr = short_text(loaded.book.total_cents(), &loaded.book.currency);
            let aside = match loaded.set_aside.len() {
                0 => String::new(),
                n => format!("; {} set aside", counted(n, "row")),
            };
            let text = format!("{}: {accounts}, {arr} ARR as of {}{aside}", choice.path, choice.as_of);
            match loaded.book.is_empty() {
                false => Check::ok("book", text),
                true => Check::failed("book", State::Problem, text, "load_book with another file"),
            }
        }
        Err(error) if error.code() == CANCELLED => Check::failed(
            "book",
            State::Warning,
            format!("{} was not read to its end in the time that this check has", choice.path),
            "load_book takes the time that it needs",
        ),
        Err(error) => wrong("book", State::Problem, &error),
    }
}

fn temporary(workspace: &Path) -> Check {
    let left = state::leftovers(workspace);
    if left.is_empty() {
        return Check::ok("leftovers", "no temporary files of killed processes");
    }
    let shown = |path: &PathBuf| path.strip_prefix(workspace).unwrap_or(path).display().to_string();
    let mut names: Vec<String> = left.iter().take(LEFTOVERS_SHOWN).map(shown).collect();
    if left.len() > LEFTOVERS_SHOWN {
        names.push(format!("{} more", left.len() - LEFTOVERS_SHOWN));
    }
    let text = format!(
        "{} of killed processes: {}",
        counted(left.len(), "temporary file"),
        names.join(", ")
    );
    let way_out = "delete them when no call is running; nothing reads them";
    Check::failed("leftovers", State::Warning, text, way_out)
}

fn skill(project: &Path) -> Check {
    match skill_of(project).map(|(stand, _)| stand) {
        Ok(Stand::Earlier) => Check::failed(
            "skill",
            State::Warning,
            format!("{SKILL_FILE} is that of another version, as it was put in"),
            "keep-segment install claude-code brings this version's",
        ),
        Ok(Stand::Same) => Check::ok("skill", format!("{SKILL_FILE} is this version's")),
        Ok(Stand::Missing) => Check::ok(
            "skill",
            "none in this project; a plugin brings it, or keep-segment install claude-code",
        ),
        Ok(Stand::Differs) => Check::failed(
            "skill",
            State::Warning,
            format!("{SKILL_FILE} is not this version's"),
            "keep-segment install claude-code --force replaces it and keeps a copy, unless you changed it on purpose",
        ),
        Err(error) => wrong("skill", State::Warning, &error),
    }
}

fn server(project: &Path, around: &Surrounding) -> Check {
    let entry = match server_of(project, around.binary.as_deref().unwrap_or(Path::new(""))) {
        Ok(entry) => entry,
        Err(error) => return wrong("server", State::Problem, &error),
    };
    let differs = |state: State, what: String| {
        let way_out = match entry.stand {
            Stand::Earlier => "keep-segment install claude-code names this one",
            _ => "keep-segment install claude-code --force names this one and keeps a copy of the file",
        };
        Check::failed("server", state, format!("{SERVERS_FILE} {what}"), way_out)
    };
    match entry.stand {
        Stand::Missing => {
            return Check::ok(
                "server",
                format!("none in {SERVERS_FILE}; a plugin or the client names it, or keep-segment install claude-code"),
            );
        }
        Stand::Same => return Check::ok("server", format!("{SERVERS_FILE} starts this program")),
        Stand::Earlier | Stand::Differs => {}
    }
    if let Some(kind) = entry.kind.as_deref().filter(|kind| *kind != "stdio") {
        return differs(
            State::Warning,
            format!("names a server of type `{kind}`, which does not start this program"),
        );
    }
    let Some(command) = entry.command.as_deref().filter(|command| !command.is_empty()) else {
        return differs(State::Problem, "has an entry `keep-segment` without a command".into());
    };
    // A variable is filled in by whoever starts it.
    if command.contains("${") {
        return Check::ok("server", format!("{SERVERS_FILE} starts `{command}`"));
    }
    if !command.contains(['/', '\\']) {
        return match on_path(command, &around.search) {
            true => Check::ok("server", format!("{SERVERS_FILE} starts `{command}`, which is on the PATH")),
            false => differs(
                State::Problem,
                format!("starts `{command}`, and no folder of the PATH has it"),
            ),
        };
    }
    match project.join(command).is_file() {
        false => differs(State::Problem, format!("starts `{command}`, and there is no such file")),
        true => differs(
            State::Warning,
            format!("starts `{command}`, not this program as this version would"),
        ),
    }
}

fn on_path(command: &str, search: &[PathBuf]) -> bool {
    let names = [command.to_string(), format!("{command}{}", std::env::consts::EXE_SUFFIX)];
    search
        .iter()
        .any(|folder| names.iter().any(|name| folder.join(name).is_file()))
}

/// An error of something that was looked at: its first problem, and the way out that the error itself names.
fn wrong(name: &'static str, state: State, error: &Error) -> Check {
    let problems = error.problems();
    let Some(first) = problems.first() else {
        return Check::failed(name, state, "cannot be read", "look at it by hand");
    };
    // The name of an argument tells nothing where nobody gave one.
    let place = first
        .place
        .as_ref()
        .filter(|place| *place != "path" && !first.message.contains(place.as_str()));
    let place = place.map_or_else(String::new, |place| format!(" ({place})"));
    let more = match problems.len() {
        0 | 1 => String::new(),
        n => format!("; {} more", n - 1),
    };
    let found = match first.found.as_slice() {
        [] => None,
        found => Some(format!("found there: {}", found.join(", "))),
    };
    let ways = [
        first.expected.clone(),
        found,
        error.fix().map(|fix| format!("fix {fix}")),
        first.next.clone(),
    ];
    let way_out: Vec<String> = ways.into_iter().flatten().collect();
    let text = format!("{}{place}{more}", first.message);
    match way_out.is_empty() {
        true => Check::failed(name, state, text, "mend what it names, then look again"),
        false => Check::failed(name, state, text, way_out.join("; ")),
    }
}
