//! The command line: arguments in, text out, exit codes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand};
use jiff::civil::Date;
use serde_json::{Map, Value};

use crate::app::book::BookEdit;
use crate::app::capacity::CapacityEdit;
use crate::app::run::{RunAnswer, RunRequest, run};
use crate::app::{Context, Control};
use crate::error::{Error, Problem, Result, candidates};
use crate::tools;

/// Segments a company's customers for Customer Success: tiers that fit your CSMs, from the account export you have.
#[derive(Debug, Parser)]
#[command(name = "keep-segment", version, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The four commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the whole chain on a book and write the report, the segments and the model into a folder
    Run(RunArgs),
    /// Call one tool of the workspace's model, as an agent would
    Call(CallArgs),
    /// Serve the tools over MCP on stdin and stdout
    Mcp(FolderArgs),
    /// List the tools as Markdown
    Tools,
}

/// Arguments of `run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The account export; may be left out when --model names a model that has one
    pub book: Option<PathBuf>,
    /// CSM headcount: a number, or by tier as high_touch=3,mid_touch=2
    #[arg(long, value_name = "N")]
    pub csms: Option<String>,
    /// Start from this model file and keep it up to date
    #[arg(long, value_name = "FILE")]
    pub model: Option<PathBuf>,
    /// Date of the book, YYYY-MM-DD; today when not given
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// Folder for the files
    #[arg(long, value_name = "DIR", default_value = "keep-segment-out")]
    pub out: PathBuf,
    /// Roles by header: arr=ARR (USD),name=Account
    #[arg(long, value_name = "ROLE=HEADER,...")]
    pub columns: Vec<String>,
    /// Answers to questions: duplicates=sum
    #[arg(long, value_name = "QUESTION=CHOICE,...")]
    pub answers: Vec<String>,
    /// Allow reading from a further folder
    #[arg(long, value_name = "DIR")]
    pub allow: Vec<PathBuf>,
    /// Print JSON instead of a box
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `call`.
#[derive(Debug, Args)]
pub struct CallArgs {
    /// The tool
    pub tool: String,
    /// Its arguments as a JSON object
    #[arg(default_value = "{}")]
    pub json: String,
    /// Where the workspace is.
    #[command(flatten)]
    pub folders: FolderArgs,
}

/// Where the workspace is and what else may be read.
#[derive(Debug, Args)]
pub struct FolderArgs {
    /// The workspace; else KEEP_SEGMENT_WORKSPACE, CLAUDE_PROJECT_DIR, or the current folder
    #[arg(long, value_name = "DIR")]
    pub workspace: Option<PathBuf>,
    /// Allow reading from a further folder
    #[arg(long, value_name = "DIR")]
    pub allow: Vec<PathBuf>,
}

/// What the process is told from outside, read once by `main`.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// Current folder.
    pub folder: PathBuf,
    /// Workspace named by the environment.
    pub workspace: Option<PathBuf>,
    /// Home folder.
    pub home: Option<PathBuf>,
    /// Today.
    pub today: Date,
    /// Hears how far a command has come.
    pub control: Control,
}

/// What a command prints and how the process ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// For stdout.
    pub out: String,
    /// For stderr.
    pub err: String,
    /// 0 good, 1 a draft, 2 wrong use or unreadable input.
    pub code: u8,
}

impl Output {
    fn error(error: &Error) -> Output {
        Output {
            out: String::new(),
            err: error.to_string(),
            code: 2,
        }
    }
}

/// `run`: the whole chain.
pub fn run_command(args: &RunArgs, around: &Surroundings) -> Output {
    match try_run(args, around) {
        Ok(RunAnswer { answer, ship }) => Output {
            out: answer.text,
            err: String::new(),
            code: if ship { 0 } else { 1 },
        },
        Err(error) => Output::error(&in_flags(&error)),
    }
}

/// `call`: one tool; what MCP would return.
pub fn call_command(args: &CallArgs, around: &Surroundings) -> Output {
    let reply = context(&args.folders, around).and_then(|context| {
        let tool = tools::find(&args.tool).ok_or_else(|| unknown_tool(&args.tool))?;
        Ok(tools::call(tool, &context, arguments(&args.json)?))
    });
    match reply {
        Ok(reply) => Output {
            out: reply.text,
            err: String::new(),
            code: if reply.is_error { 2 } else { 0 },
        },
        Err(error) => Output::error(&error),
    }
}

/// The context of the server and of `call`.
pub fn context(args: &FolderArgs, around: &Surroundings) -> Result<Context> {
    let named = args.workspace.clone().or_else(|| around.workspace.clone());
    let chosen = named.clone().unwrap_or_else(|| around.folder.clone());
    let mut context = Context::new(&chosen, &args.allow, around.today)?;
    context.control = around.control.clone();
    let is_home = around.home.as_deref().is_some_and(|home| home == context.workspace);
    if named.is_none() && (is_home || context.workspace.parent().is_none()) {
        let what = if is_home {
            "your home folder"
        } else {
            "the file system's root"
        };
        return Err(
            Problem::new("workspace_too_wide", format!("{what} would become the workspace"))
                .at("--workspace")
                .expected("a project folder, or this one named: --workspace DIR or KEEP_SEGMENT_WORKSPACE")
                .into(),
        );
    }
    Ok(context)
}

fn try_run(args: &RunArgs, around: &Surroundings) -> Result<RunAnswer> {
    let mut problems = Vec::new();
    let as_of = args.as_of.as_deref().and_then(|text| collect(date(text), &mut problems));
    let columns = collect(
        pairs(&args.columns, "--columns").and_then(|pairs| roles(&pairs)),
        &mut problems,
    )
    .unwrap_or_default();
    let answers = collect(pairs(&args.answers, "--answers"), &mut problems).unwrap_or_default();
    let capacity = args
        .csms
        .as_deref()
        .and_then(|text| collect(headcount(text), &mut problems))
        .unwrap_or_default();
    if args.book.is_none() && args.model.is_none() {
        problems.push(
            Problem::new("missing_argument", "no book is named")
                .at("BOOK")
                .expected("keep-segment run accounts.csv"),
        );
    }
    Error::unless_none(problems)?;
    // The command line's own paths are allowed: a person named them.
    let mut allow = args.allow.clone();
    let beside = |path: &Path| {
        path.parent()
            .filter(|p| !p.as_os_str().is_empty())
            .map_or_else(|| around.folder.clone(), Path::to_path_buf)
    };
    allow.extend(args.book.as_deref().map(beside).filter(|folder| folder.is_dir()));
    let mut context = Context::new(&around.folder, &allow, around.today)?;
    context.control = around.control.clone();
    let path = args.book.as_ref().map(|book| book.display().to_string());
    let columns = columns.into_iter().map(|(role, header)| (role, Some(header))).collect();
    let answers = answers.into_iter().map(|(id, choice)| (id, Some(choice))).collect();
    let request = RunRequest {
        book: BookEdit {
            path,
            as_of,
            columns,
            answers,
            ..BookEdit::default()
        },
        capacity,
        model: args.model.clone(),
        out: args.out.clone(),
        json: args.json,
    };
    run(&context, &request)
}

fn collect<T>(result: Result<T>, problems: &mut Vec<Problem>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) => {
            problems.extend(error.problems().iter().cloned());
            None
        }
    }
}

fn date(text: &str) -> Result<Date> {
    text.parse()
        .map_err(|_| bad("--as-of", format!("`{text}` is not a date"), "YYYY-MM-DD, such as 2026-06-30"))
}

fn bad(place: &str, message: String, expected: &str) -> Error {
    Problem::new("bad_argument", message).at(place).expected(expected).into()
}

/// `a=b,c=d`, and the flag may be repeated; a header may hold a comma when the next part has no `=`.
fn pairs(given: &[String], flag: &str) -> Result<BTreeMap<String, String>> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for part in given.iter().flat_map(|text| text.split(',')) {
        match (part.split_once('='), pairs.last_mut()) {
            (Some((key, value)), _) => pairs.push((key.trim().to_string(), value.trim().to_string())),
            (None, Some((_, value))) => *value = format!("{value},{part}"),
            (None, None) => {
                return Err(bad(
                    flag,
                    format!("`{part}` has no `=`"),
                    "key=value, several joined with commas",
                ));
            }
        }
    }
    Ok(pairs.into_iter().collect())
}

fn roles(pairs: &BTreeMap<String, String>) -> Result<BTreeMap<crate::app::Role, String>> {
    let mut roles = BTreeMap::new();
    let mut problems = Vec::new();
    for (code, header) in pairs {
        match crate::app::Role::parse(code) {
            Some(role) => {
                roles.insert(role, header.clone());
            }
            None => {
                let known = crate::app::Role::ALL.iter().map(|role| role.code());
                let near: Vec<String> = candidates(code, known, 5)
                    .into_iter()
                    .map(|name| format!("`{name}`"))
                    .collect();
                problems.push(
                    Problem::new("unknown_role", format!("no role `{code}`"))
                        .at(format!("--columns {code}"))
                        .found(near)
                        .expected("a role such as arr, mrr, name, id, churned"),
                );
            }
        }
    }
    Error::unless_none(problems).map(|()| roles)
}

/// `6`, or `high_touch=3,mid_touch=2`.
fn headcount(text: &str) -> Result<CapacityEdit> {
    let number = |text: &str| {
        let parsed = text.trim().parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0);
        parsed.ok_or_else(|| {
            bad(
                "--csms",
                format!("`{text}` is not a headcount"),
                "a number from 0, or tier=number pairs",
            )
        })
    };
    if !text.contains('=') {
        return Ok(CapacityEdit {
            csms: Some(number(text)?),
            ..CapacityEdit::default()
        });
    }
    let mut csms_by_tier = BTreeMap::new();
    for (code, value) in pairs(&[text.to_string()], "--csms")? {
        let tier = crate::app::Tier::ALL.into_iter().find(|tier| tier.code() == code);
        let tier = tier.ok_or_else(|| {
            bad(
                "--csms",
                format!("no tier `{code}`"),
                "high_touch, mid_touch, tech_touch or plg",
            )
        })?;
        csms_by_tier.insert(tier, Some(number(&value)?));
    }
    Ok(CapacityEdit {
        csms_by_tier,
        ..CapacityEdit::default()
    })
}

fn arguments(json: &str) -> Result<Map<String, Value>> {
    match serde_json::from_str(json) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(bad(
            "JSON",
            "the arguments are not a JSON object".into(),
            "{\"name\": value, ..}",
        )),
        Err(e) => Err(bad(
            "JSON",
            format!("the arguments are not JSON: {e}"),
            "{\"name\": value, ..}",
        )),
    }
}

fn unknown_tool(name: &str) -> Error {
    let names: Vec<&str> = tools::all().iter().map(|tool| tool.name).collect();
    let mut near = candidates(name, names.iter().copied(), 5);
    if near.is_empty() {
        near = names;
    }
    Problem::new("unknown_tool", format!("no tool `{name}`"))
        .at("TOOL")
        .found(near.into_iter().map(|name| format!("`{name}`")))
        .next("keep-segment tools lists them")
        .into()
}

/// A person at a shell mends flags, not JSON: `{"columns": {"arr": "X"}}` is `--columns 'arr=X'`.
fn in_flags(error: &Error) -> Error {
    let mended = error.problems().iter().cloned().map(|mut problem| {
        let flags = problem.fix.take().and_then(|fix| flags_of(&fix));
        problem.next = Some(match flags {
            Some(flags) => format!("keep-segment run again with {flags}"),
            None => "keep-segment run again".into(),
        });
        problem
    });
    Error::all(mended.collect())
}

fn flags_of(fix: &Value) -> Option<String> {
    let mut flags = Vec::new();
    for (name, value) in fix.as_object()? {
        if !["columns", "answers"].contains(&name.as_str()) {
            return None;
        }
        for (key, value) in value.as_object()? {
            flags.push(format!("--{name} '{key}={}'", value.as_str()?));
        }
    }
    (!flags.is_empty()).then(|| flags.join(" "))
}
