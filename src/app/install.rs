//! `install claude-code`: puts the skill and the server into a project, and takes out again what it put there.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::error::{Error, Problem, Result};
use crate::io::canonical_dir;
use crate::report::text::clean;
use crate::store::json;
use crate::store::project::{Change, change, copy_name, text};

/// The skill as it is put into a project.
pub const SKILL: &str = include_str!("../../skills/keep-segment/SKILL.md");
/// Where a project keeps it.
pub const SKILL_FILE: &str = ".claude/skills/keep-segment/SKILL.md";
/// Where a project names its servers.
pub const SERVERS_FILE: &str = ".mcp.json";
/// The key under which servers stand there.
const SERVERS: &str = "mcpServers";
/// The name under which this one stands there.
const SERVER: &str = "keep-segment";

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstallRequest {
    /// The project; it must exist.
    pub project: PathBuf,
    /// This program's own file.
    pub binary: PathBuf,
    /// Replace what differs, and keep a copy of it.
    pub force: bool,
}

/// What would be done to a project, before anything is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    project: PathBuf,
    lines: Vec<String>,
    changes: Vec<(PathBuf, Change)>,
}

/// How a file of a project, or an entry in one, stands to what this program would put there.
#[derive(Debug, Clone, PartialEq)]
pub enum Stand {
    /// Nothing is there.
    Missing,
    /// It is what this program would write.
    Same,
    /// It says something else.
    Differs,
}

/// The server entry of a project.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerEntry {
    /// How it stands to this program's.
    pub stand: Stand,
    /// The command that it runs, where it says one.
    pub command: Option<String>,
    /// Entries of other servers.
    others: usize,
    /// The file's text; none where there is no file.
    text: Option<String>,
}

/// The skill of a project. Error: the file cannot be read, or is a link.
pub fn skill_of(project: &Path) -> Result<Stand> {
    let found = text(&project.join(SKILL_FILE), SKILL_FILE)?;
    Ok(match found {
        None => Stand::Missing,
        // A checkout may end its lines the other way.
        Some(found) if found.replace("\r\n", "\n") == SKILL => Stand::Same,
        Some(_) => Stand::Differs,
    })
}

/// The server entry of a project. Errors: the file cannot be read, is a link, or holds no JSON object.
pub fn server_of(project: &Path, binary: &Path) -> Result<ServerEntry> {
    let text = text(&project.join(SERVERS_FILE), SERVERS_FILE)?;
    let mut entry = ServerEntry {
        stand: Stand::Missing,
        command: None,
        others: 0,
        text,
    };
    let Some(found) = entry.text.as_deref().filter(|text| !text.trim().is_empty()) else {
        return Ok(entry);
    };
    let file = json::object(found, SERVERS_FILE)?;
    let Some(servers) = file.get(SERVERS).and_then(Value::as_object) else {
        return Ok(entry);
    };
    entry.others = servers.keys().filter(|name| *name != SERVER).count();
    if let Some(server) = servers.get(SERVER) {
        entry.stand = match *server == ours(binary)? {
            true => Stand::Same,
            false => Stand::Differs,
        };
        entry.command = server.get("command").and_then(Value::as_str).map(str::to_string);
    }
    Ok(entry)
}

/// What would be added. Errors: `would_overwrite` for all that differs and may not be replaced; files that cannot be edited.
pub fn plan(request: &InstallRequest) -> Result<Plan> {
    let mut plan = Plan::new(request)?;
    let skill = skill_of(&plan.project);
    let server = server_of(&plan.project, &request.binary);
    let (skill, server) = both(skill, server)?;
    if !request.force {
        refuse_what_differs(&skill, &server)?;
    }
    plan.put_skill(&skill)?;
    plan.put_server(&server, &ours(&request.binary)?)?;
    if let Some(note) = built_in_place(&request.binary).filter(|_| !plan.changes.is_empty()) {
        plan.lines.push(note);
    }
    Ok(plan)
}

/// What would be taken out: only what still is as this program writes it.
pub fn undo(request: &InstallRequest) -> Result<Plan> {
    let mut plan = Plan::new(request)?;
    let skill = skill_of(&plan.project);
    let server = server_of(&plan.project, &request.binary);
    let (skill, server) = both(skill, server)?;
    match skill {
        Stand::Missing => plan.say("=", SKILL_FILE, ["is not there"]),
        Stand::Same => plan.set("-", SKILL_FILE, ["the skill"], Change::Remove),
        Stand::Differs => plan.say(
            "!",
            SKILL_FILE,
            ["stays: it is not the skill of this version, so it may be yours"],
        ),
    }
    match server.stand {
        Stand::Missing => plan.say("=", SERVERS_FILE, ["names no server `keep-segment`"]),
        Stand::Differs => plan.say(
            "!",
            SERVERS_FILE,
            ["`keep-segment` stays: the entry is not this program's own"],
        ),
        Stand::Same => plan.take_server(&server, &ours(&request.binary)?)?,
    }
    Ok(plan)
}

impl Plan {
    fn new(request: &InstallRequest) -> Result<Plan> {
        let project = canonical_dir(&request.project).map_err(|error| {
            let at = |problem: &Problem| problem.clone().at("--project");
            Error::all(error.problems().iter().map(at).collect())
        })?;
        Ok(Plan {
            lines: vec![format!("Claude Code, project {}", project.display())],
            project,
            changes: Vec::new(),
        })
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The list that a person reads before saying yes.
    pub fn text(&self) -> String {
        self.lines.join("\n")
    }

    /// Makes all the changes. Error: one of them cannot be made; then none is.
    pub fn carry_out(&self) -> Result<()> {
        change(&self.project, &self.changes)
    }

    fn put_skill(&mut self, stand: &Stand) -> Result<()> {
        let lines = format!("the skill /keep-segment, {} lines", SKILL.lines().count());
        match stand {
            Stand::Same => self.say("=", SKILL_FILE, ["is up to date"]),
            Stand::Missing => self.set("+", SKILL_FILE, [lines.as_str()], Change::Write(SKILL.into())),
            Stand::Differs => {
                self.keep_copy(SKILL_FILE)?;
                self.set("~", SKILL_FILE, [lines.as_str()], Change::Write(SKILL.into()));
            }
        }
        Ok(())
    }

    fn put_server(&mut self, server: &ServerEntry, ours: &Value) -> Result<()> {
        let before = server.text.as_deref().unwrap_or("");
        let after = json::with_member(before, SERVERS, SERVER, ours, SERVERS_FILE)?;
        let added = format!("+ \"{SERVER}\": {ours}");
        let others = others_stay(server.others);
        match server.stand {
            Stand::Same => self.say("=", SERVERS_FILE, ["names this server"]),
            Stand::Missing if server.text.is_none() => self.set("+", SERVERS_FILE, [added.as_str()], Change::Write(after)),
            Stand::Missing => self.set("~", SERVERS_FILE, [added.as_str(), &others], Change::Write(after)),
            Stand::Differs => {
                let ran = server.command.as_deref().unwrap_or("no command");
                let gone = format!("- \"{SERVER}\", which ran {ran}");
                self.keep_copy(SERVERS_FILE)?;
                self.set("~", SERVERS_FILE, [gone.as_str(), &added, &others], Change::Write(after));
            }
        }
        Ok(())
    }

    fn take_server(&mut self, server: &ServerEntry, ours: &Value) -> Result<()> {
        let before = server.text.as_deref().unwrap_or_default();
        if before == json::with_member("", SERVERS, SERVER, ours, SERVERS_FILE)? {
            self.set("-", SERVERS_FILE, ["holds this server and nothing else"], Change::Remove);
            return Ok(());
        }
        let after = json::without_member(before, SERVERS, SERVER, SERVERS_FILE)?;
        let gone = format!("- \"{SERVER}\": {ours}");
        let others = others_stay(server.others);
        self.set("~", SERVERS_FILE, [gone.as_str(), &others], Change::Write(after));
        Ok(())
    }

    /// What differs is replaced only when it lies beside the new text as well.
    fn keep_copy(&mut self, file: &str) -> Result<()> {
        let path = self.project.join(file);
        let copy = copy_name(&path)?;
        let name = copy.strip_prefix(&self.project).unwrap_or(&copy).display().to_string();
        let before = text(&path, file)?.unwrap_or_default();
        self.say("+", &name, ["what was there before"]);
        self.changes.push((copy, Change::Write(before)));
        Ok(())
    }

    fn set<'a>(&mut self, sign: &str, file: &str, about: impl IntoIterator<Item = &'a str>, change: Change) {
        self.say(sign, file, about);
        self.changes.push((self.project.join(file), change));
    }

    fn say<'a>(&mut self, sign: &str, file: &str, about: impl IntoIterator<Item = &'a str>) {
        self.lines.push(format!("  {sign} {file}"));
        let about = about.into_iter().filter(|line| !line.is_empty());
        self.lines.extend(about.map(|line| format!("      {}", clean(line))));
    }
}

/// Both answers, or the problems of both at once.
fn both<A, B>(a: Result<A>, b: Result<B>) -> Result<(A, B)> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (Err(a), Err(b)) => Err(Error::all([a.problems(), b.problems()].concat())),
        (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

fn refuse_what_differs(skill: &Stand, server: &ServerEntry) -> Result<()> {
    let mut problems = Vec::new();
    let differs = |file: &str, what: &str| {
        Problem::new("would_overwrite", format!("`{file}` {what}"))
            .at(file)
            .expected("--force, which replaces it and keeps what was there beside it as .bak")
            .next("the same command with --force, or leave it as it is")
    };
    if *skill == Stand::Differs {
        problems.push(differs(SKILL_FILE, "is another text than this version's skill"));
    }
    if server.stand == Stand::Differs {
        let runs = match &server.command {
            Some(command) => format!("runs `{command}` for `{SERVER}`, not this program as this version would"),
            None => format!("has an entry `{SERVER}` that is not this program's"),
        };
        problems.push(differs(SERVERS_FILE, &runs));
    }
    Error::unless_none(problems)
}

/// The entry of this program: Claude Code tells it the project folder when it starts it.
fn ours(binary: &Path) -> Result<Value> {
    let Some(command) = binary.to_str() else {
        let message = format!(
            "the path of this program, `{}`, is not UTF-8, and JSON can hold no other",
            binary.display()
        );
        return Err(Problem::new("bad_argument", message)
            .expected("the program in a folder with a plain name")
            .into());
    };
    Ok(json!({"command": command, "args": ["mcp"]}))
}

fn others_stay(others: usize) -> String {
    match others {
        0 => String::new(),
        1 => "1 other server stays as it is".into(),
        n => format!("{n} other servers stay as they are"),
    }
}

/// A build in a checkout goes with `cargo clean`, and the entry would then lead nowhere.
fn built_in_place(binary: &Path) -> Option<String> {
    let folder = binary.parent()?;
    let is_profile = matches!(folder.file_name()?.to_str()?, "debug" | "release");
    let in_target = folder.ancestors().skip(1).any(|above| above.ends_with("target"));
    (is_profile && in_target)
        .then(|| "  this program lies in a build folder; `cargo install --path .` puts one where it stays".to_string())
}
