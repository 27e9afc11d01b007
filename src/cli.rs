//! The command line: arguments in, text out, exit codes.

mod flags;
mod setup;

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;
use serde_json::{Map, Value};

use crate::app::book::BookEdit;
use crate::app::run::{RunAnswer, RunRequest, run};
use crate::app::{Context, Control, plain_path, resolved};
use crate::error::{Error, Problem, Result, candidates};
use crate::tools;
pub use setup::{doctor_command, install_command};

/// The variable by which a person names the workspace.
pub const NAMING: &str = "KEEP_SEGMENT_WORKSPACE";

/// Segments a company's customers for Customer Success: tiers that fit your CSMs, from the account export you have.
#[derive(Debug, Parser)]
#[command(name = "keep-segment", version, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the whole chain on a book and write the report, the segments and the model into a folder
    Run(Box<RunArgs>),
    /// Call one tool of the workspace's model, as an agent would
    Call(CallArgs),
    /// Serve the tools over MCP on stdin and stdout
    Mcp(McpArgs),
    /// List the tools as Markdown
    Tools,
    /// Add the skill and the server to a project, or take them out again
    Install(InstallArgs),
    /// Look at the workspace, the model, the book and the installation; changes nothing
    Doctor(DoctorArgs),
}

/// Arguments of `run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The account export; may be left out when --model names a model that has one
    pub book: Option<PathBuf>,
    /// CSM headcount: a number, or by tier as high_touch=3,mid_touch=2
    #[arg(long, value_name = "N")]
    pub csms: Option<String>,
    /// Take an option of calibration by its id: A, or previous to take the last one back
    #[arg(long, value_name = "ID")]
    pub apply: Option<String>,
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
    /// The sheet of a workbook, or one of several tables in a file
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
    /// Join a file: subscriptions=subs.csv; further kinds are items, prices, usage, tickets, nps, churn and columns
    #[arg(long, value_name = "KIND=FILE")]
    pub join: Vec<String>,
    /// What one unit of another currency is worth in the book's: EUR=1.08
    #[arg(long, value_name = "CODE=NUMBER,...")]
    pub rates: Vec<String>,
    /// Keep accounts that have left
    #[arg(long)]
    pub keep_churned: bool,
    /// Set aside accounts with this status, such as a trial; may be given several times
    #[arg(long, value_name = "STATUS")]
    pub not_customer: Vec<String>,
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

/// Arguments of `mcp`.
#[derive(Debug, Args)]
pub struct McpArgs {
    /// Where the workspace is.
    #[command(flatten)]
    pub folders: FolderArgs,
    /// Further folders that may be read, the same as --allow
    #[arg(value_name = "DIR")]
    pub more: Vec<PathBuf>,
}

/// Arguments of `install`.
#[derive(Debug, Args)]
pub struct InstallArgs {
    /// The client
    #[arg(value_enum)]
    pub client: Client,
    /// The project; the current folder when not given
    #[arg(long, value_name = "DIR")]
    pub project: Option<PathBuf>,
    /// Write without asking
    #[arg(long)]
    pub yes: bool,
    /// Show what would be written, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Take out what was put in and has not been changed since
    #[arg(long, conflicts_with = "force")]
    pub undo: bool,
    /// Replace what differs; what was there stays beside it as .bak
    #[arg(long)]
    pub force: bool,
}

/// A client whose projects can be prepared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Client {
    /// .claude/skills/keep-segment/SKILL.md and .mcp.json
    ClaudeCode,
}

/// Arguments of `doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Where the workspace is.
    #[command(flatten)]
    pub folders: FolderArgs,
    /// Print JSON instead of a list
    #[arg(long)]
    pub json: bool,
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
    /// Workspace named by the environment, after the name of the variable.
    pub workspace: Option<(&'static str, PathBuf)>,
    /// Folders of the `PATH`.
    pub search: Vec<PathBuf>,
    /// Home folder.
    pub home: Option<PathBuf>,
    /// This program's own file.
    pub binary: Option<PathBuf>,
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
    /// 0 good, 1 a draft or a no, 2 wrong use or unreadable input.
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
        Err(error) => {
            let given = |name: &str, key: &str| match name {
                "columns" => flags::value_of(&args.columns, key),
                "answers" => flags::value_of(&args.answers, key),
                "rates" => flags::value_of(&args.rates, key),
                "path" => args.book.as_ref().map(|book| book.display().to_string()),
                _ => args.sheet.clone(),
            };
            Output::error(&flags::in_flags(&error, given))
        }
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

/// The context of `mcp`, and a warning for each further folder that it starts without: a client that remembers folders
/// must not lose its server to one that is gone.
pub fn served_context(mut args: McpArgs, around: &Surroundings) -> Result<(Context, Vec<String>)> {
    let mut warnings = Vec::new();
    for folder in args.more {
        let shown = plain_path(&folder);
        let why = match around.folder.join(&folder).is_dir() {
            true => {
                args.folders.allow.push(folder);
                continue;
            }
            false if folder.to_string_lossy().contains("${") => "was not filled in by the client",
            false => "is no folder",
        };
        warnings.push(format!("warning: `{shown}` {why}; the server starts without it"));
    }
    Ok((context(&args.folders, around)?, warnings))
}

/// The context of the server and of `call`.
fn context(args: &FolderArgs, around: &Surroundings) -> Result<Context> {
    let by_variable = around.workspace.as_ref().map(|(_, folder)| folder);
    let named = args.workspace.as_ref().or(by_variable);
    let chosen = named.unwrap_or(&around.folder);
    let mut context = Context::new(chosen, &args.allow, around.today)?;
    context.control = around.control.clone();
    // A variable that a client sets by itself names what the client was started in, which nobody may have meant.
    let by_person = args.workspace.is_some() || around.workspace.as_ref().is_some_and(|(name, _)| *name == NAMING);
    if !by_person && let Some(what) = too_wide(&context.workspace, around) {
        return Err(
            Problem::new("workspace_too_wide", format!("{what} would become the workspace"))
                .at("--workspace")
                .expected("a project folder, or this one named: --workspace DIR or KEEP_SEGMENT_WORKSPACE")
                .into(),
        );
    }
    Ok(context)
}

/// What a folder is that nobody can have meant without naming it.
fn too_wide(folder: &Path, around: &Surroundings) -> Option<&'static str> {
    let folder = &resolved(folder);
    if around.home.as_deref().is_some_and(|home| resolved(home) == *folder) {
        return Some("your home folder");
    }
    folder.parent().is_none().then_some("the file system's root")
}

fn try_run(args: &RunArgs, around: &Surroundings) -> Result<RunAnswer> {
    let mut problems = Vec::new();
    let book = book_edit(args, &mut problems);
    let mut capacity = args
        .csms
        .as_deref()
        .and_then(|text| collect(flags::headcount(text), &mut problems))
        .unwrap_or_default();
    capacity.apply.clone_from(&args.apply);
    if args.book.is_none() && args.model.is_none() {
        problems.push(
            Problem::new("missing_argument", "no book is named")
                .at("BOOK")
                .expected("keep-segment run accounts.csv"),
        );
    }
    Error::unless_none(problems)?;
    // The command line's own paths are allowed: a person named them.
    let joined = book.joins.iter().flatten().map(|join| Path::new(&join.path));
    let beside = |path: &Path| {
        path.parent()
            .filter(|p| !p.as_os_str().is_empty())
            .map_or_else(|| around.folder.clone(), |folder| around.folder.join(folder))
    };
    let named = args.book.as_deref().into_iter().chain(joined).map(beside);
    let mut allow = args.allow.clone();
    allow.extend(named.filter(|folder| folder.is_dir()));
    let mut context = Context::new(&around.folder, &allow, around.today)?;
    context.control = around.control.clone();
    let request = RunRequest {
        book,
        capacity,
        model: args.model.clone(),
        out: args.out.clone(),
        json: args.json,
    };
    run(&context, &request)
}

fn book_edit(args: &RunArgs, problems: &mut Vec<Problem>) -> BookEdit {
    let pairs_of = |given: &[String], flag: &str, problems: &mut Vec<Problem>| {
        collect(flags::pairs(given, flag), problems).unwrap_or_default()
    };
    let columns = pairs_of(&args.columns, "--columns", problems);
    let answers = pairs_of(&args.answers, "--answers", problems);
    let rates = pairs_of(&args.rates, "--rates", problems);
    let joins = args
        .join
        .iter()
        .filter_map(|text| collect(flags::join(text), problems))
        .collect();
    BookEdit {
        path: args.book.as_ref().map(|book| book.display().to_string()),
        as_of: args.as_of.as_deref().and_then(|text| collect(flags::date(text), problems)),
        columns: collect(flags::roles(&columns), problems).unwrap_or_default(),
        answers: flags::answers(answers),
        rates: collect(flags::rates(&rates), problems).unwrap_or_default(),
        sheet: args.sheet.clone(),
        joins: (!args.join.is_empty()).then_some(joins),
        keep_churned: args.keep_churned.then_some(true),
        not_customers: (!args.not_customer.is_empty()).then(|| args.not_customer.clone()),
        ..BookEdit::default()
    }
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

fn arguments(json: &str) -> Result<Map<String, Value>> {
    match serde_json::from_str(json) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(flags::bad(
            "JSON",
            "the arguments are not a JSON object".into(),
            "{\"name\": value, ..}",
        )),
        Err(e) => Err(flags::bad(
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
