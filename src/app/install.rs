//! `install claude-code`: puts the skill and the server into a project, and takes out again what it put there.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::error::{Error, Problem, Result};
use crate::io::{canonical_dir, sha256};
use crate::report::text::clean;
use crate::store::json;
use crate::store::project::{Change, change, check, copy_name, text};

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
/// The last line of a skill that was put in: the SHA-256 of what stands above it tells whether somebody changed that.
const MARK: (&str, &str) = ("<!-- keep-segment install put this here; sha256 ", " -->\n");

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
    changes: Vec<Change>,
}

/// How a file of a project, or an entry in one, stands to what this program would put there.
#[derive(Debug, Clone, PartialEq)]
pub enum Stand {
    /// Nothing is there.
    Missing,
    /// It is what this program would write.
    Same,
    /// Another version, or a program in another place, put it there, and nobody changed it since.
    Earlier,
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
    /// How it is reached, where the entry says so: `stdio`, `http`, `sse`.
    pub kind: Option<String>,
    /// Entries of other servers.
    others: usize,
    /// The file's text; none where there is no file.
    text: Option<String>,
}

/// The skill of a project, and its text. Error: the file cannot be read, or is a link.
pub fn skill_of(project: &Path) -> Result<(Stand, Option<String>)> {
    let text = text(&project.join(SKILL_FILE), SKILL_FILE)?;
    let stand = match &text {
        None => Stand::Missing,
        // A checkout may end its lines the other way.
        Some(found) => {
            let found = found.replace("\r\n", "\n");
            match marked_text(&found) {
                _ if found == SKILL => Stand::Same,
                Some(SKILL) => Stand::Same,
                Some(_) => Stand::Earlier,
                None => Stand::Differs,
            }
        }
    };
    Ok((stand, text))
}

/// The skill with the line by which it is known again.
fn marked_skill() -> String {
    format!("{SKILL}{}{}{}", MARK.0, sha256(SKILL.as_bytes()), MARK.1)
}

/// What stands above the mark, if that is what was put in.
fn marked_text(found: &str) -> Option<&str> {
    let (text, mark) = found.rsplit_once(MARK.0)?;
    (mark.strip_suffix(MARK.1)? == sha256(text.as_bytes())).then_some(text)
}

/// The server entry of a project. Errors: the file cannot be read, is a link, or holds no JSON object.
pub fn server_of(project: &Path, binary: &Path) -> Result<ServerEntry> {
    let text = text(&project.join(SERVERS_FILE), SERVERS_FILE)?;
    let mut entry = ServerEntry {
        stand: Stand::Missing,
        command: None,
        kind: None,
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
        let said = |key: &str| server.get(key).and_then(Value::as_str).map(str::to_string);
        entry.command = said("command");
        entry.kind = said("type");
        let plain = without_defaults(server);
        entry.stand = match () {
            () if plain == ours(binary)? => Stand::Same,
            () if is_earlier(&plain) => Stand::Earlier,
            () => Stand::Differs,
        };
    }
    Ok(entry)
}

/// An entry without what it may say and what goes without saying.
fn without_defaults(server: &Value) -> Value {
    let mut plain = server.clone();
    if let Some(entry) = plain.as_object_mut() {
        entry.retain(|key, value| match key.as_str() {
            "type" => *value != json!("stdio"),
            "env" => *value != json!({}),
            _ => true,
        });
    }
    plain
}

/// Whether an entry is as `install` writes it, for a program of this name in any folder. A bare name was written by a
/// person, and further arguments too.
fn is_earlier(plain: &Value) -> bool {
    let command = plain.get("command").and_then(Value::as_str).unwrap_or_default();
    let named = command.rsplit_once(['/', '\\']).map(|(_, name)| name);
    matches!(named, Some("keep-segment" | "keep-segment.exe")) && *plain == json!({"command": command, "args": ["mcp"]})
}

/// What would be added. Errors: `would_overwrite` for all that differs and may not be replaced; files that cannot be edited.
pub fn plan(request: &InstallRequest) -> Result<Plan> {
    let mut plan = Plan::new(request)?;
    let skill = skill_of(&plan.project);
    let server = server_of(&plan.project, &request.binary);
    let ((skill, skill_text), server) = both(skill, server)?;
    if !request.force {
        refuse_what_differs(&skill, &server)?;
    }
    plan.put_skill(&skill, skill_text.as_deref())?;
    plan.put_server(&server, &ours(&request.binary)?)?;
    check(&plan.project, &plan.changes)?;
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
    let ((skill, skill_text), server) = both(skill, server)?;
    match skill {
        Stand::Missing => plan.say("=", SKILL_FILE, ["is not there"]),
        Stand::Same | Stand::Earlier => plan.set("-", SKILL_FILE, ["the skill"], (skill_text.as_deref(), None)),
        Stand::Differs => plan.say("!", SKILL_FILE, ["stays: it is not as it was put in, so it may be yours"]),
    }
    match server.stand {
        Stand::Missing => plan.say("=", SERVERS_FILE, ["names no server `keep-segment`"]),
        Stand::Differs => plan.say(
            "!",
            SERVERS_FILE,
            ["`keep-segment` stays: the entry is not this program's own"],
        ),
        Stand::Same | Stand::Earlier => plan.take_server(&server)?,
    }
    check(&plan.project, &plan.changes)?;
    Ok(plan)
}

impl Plan {
    fn new(request: &InstallRequest) -> Result<Plan> {
        let project = canonical_dir(&request.project).map_err(|error| {
            let at = |problem: &Problem| problem.clone().at("--project");
            Error::all(error.problems().iter().map(at).collect())
        })?;
        Ok(Plan {
            lines: vec![format!("Claude Code, project {}", clean(&project.display().to_string()))],
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

    fn put_skill(&mut self, stand: &Stand, before: Option<&str>) -> Result<()> {
        let lines = format!("the skill /keep-segment, {} lines", SKILL.lines().count());
        match stand {
            Stand::Same => self.say("=", SKILL_FILE, ["is up to date"]),
            Stand::Missing => self.set("+", SKILL_FILE, [lines.as_str()], (before, Some(marked_skill()))),
            Stand::Earlier => {
                let about = [lines.as_str(), "- that of another version, as it was put in"];
                self.set("~", SKILL_FILE, about, (before, Some(marked_skill())));
            }
            Stand::Differs => {
                self.keep_copy(SKILL_FILE, before)?;
                self.set("~", SKILL_FILE, [lines.as_str()], (before, Some(marked_skill())));
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
            Stand::Missing if server.text.is_none() => self.set("+", SERVERS_FILE, [added.as_str()], (None, Some(after))),
            Stand::Missing => self.set(
                "~",
                SERVERS_FILE,
                [added.as_str(), &others],
                (server.text.as_deref(), Some(after)),
            ),
            Stand::Earlier | Stand::Differs => {
                let ran = server.command.as_deref().unwrap_or("no command");
                let gone = format!("- \"{SERVER}\", which ran {ran}");
                if server.stand == Stand::Differs {
                    self.keep_copy(SERVERS_FILE, server.text.as_deref())?;
                }
                self.set(
                    "~",
                    SERVERS_FILE,
                    [gone.as_str(), &added, &others],
                    (server.text.as_deref(), Some(after)),
                );
            }
        }
        Ok(())
    }

    /// The file stays even where nothing else is in it: it may have been there before.
    fn take_server(&mut self, server: &ServerEntry) -> Result<()> {
        let before = server.text.as_deref().unwrap_or_default();
        let after = json::without_member(before, SERVERS, SERVER, SERVERS_FILE)?;
        let ran = server.command.as_deref().unwrap_or("no command");
        let gone = format!("- \"{SERVER}\", which runs {ran}");
        let others = match server.others {
            0 => "the file stays, with no server in it".to_string(),
            n => others_stay(n),
        };
        self.set("~", SERVERS_FILE, [gone.as_str(), &others], (Some(before), Some(after)));
        Ok(())
    }

    /// What differs is replaced only when it lies beside the new text as well.
    fn keep_copy(&mut self, file: &str, before: Option<&str>) -> Result<()> {
        let path = self.project.join(file);
        let copy = copy_name(&path)?;
        let name = copy.strip_prefix(&self.project).unwrap_or(&copy).display().to_string();
        let after = Some(before.unwrap_or_default().to_string());
        self.say("+", &name, ["what was there before"]);
        self.changes.push(Change {
            path: copy,
            before: None,
            after,
            like: Some(path),
        });
        Ok(())
    }

    fn set<'a>(
        &mut self,
        sign: &str,
        file: &str,
        about: impl IntoIterator<Item = &'a str>,
        (before, after): (Option<&str>, Option<String>),
    ) {
        self.say(sign, file, about);
        self.changes.push(Change {
            path: self.project.join(file),
            before: before.map(str::to_string),
            after,
            like: None,
        });
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
