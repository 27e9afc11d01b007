//! The program: a command line and an MCP server over one engine.

mod progress;

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use keep_segment::app::Control;
use keep_segment::cli::{
    Cli, Command, NAMING, Output, Surroundings, call_command, doctor_command, install_command, run_command, served_context,
};
use keep_segment::{mcp, tools};
use progress::Bar;

fn main() -> ExitCode {
    log_to_stderr();
    let cli = Cli::parse();
    let around = match surroundings() {
        Ok(around) => around,
        Err(e) => {
            return print(&Output {
                out: String::new(),
                err: format!("error[no_folder]: {e}"),
                code: 2,
            });
        }
    };
    match cli.command {
        Command::Run(args) => print(&with_bar(around, |around| run_command(&args, around))),
        Command::Call(args) => print(&with_bar(around, |around| call_command(&args, around))),
        Command::Tools => print(&Output {
            out: tools::as_markdown().trim_end().to_string(),
            err: String::new(),
            code: 0,
        }),
        Command::Mcp(args) => match served_context(args, &around) {
            Ok((context, warnings)) => {
                for warning in warnings {
                    let _ = writeln!(std::io::stderr(), "{warning}");
                }
                served(mcp::serve(context))
            }
            Err(error) => print(&Output {
                out: String::new(),
                err: error.to_string(),
                code: 2,
            }),
        },
        Command::Install(args) => print(&install_command(&args, &around, asked)),
        Command::Doctor(args) => print(&doctor_command(&args, &around, &mcp::protocol())),
    }
}

/// Shows a plan and asks whether to go on; none where there is no terminal to ask on.
fn asked(plan: &str) -> Option<bool> {
    if !std::io::stdin().is_terminal() {
        return None;
    }
    let _ = write!(std::io::stderr(), "{plan}\n\nGo on? [y/N] ");
    let mut line = String::new();
    let _ = std::io::stdin().read_line(&mut line);
    Some(matches!(line.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// The bar is gone before the answer is printed.
fn with_bar(mut around: Surroundings, command: impl FnOnce(&Surroundings) -> Output) -> Output {
    let bar = Bar::new();
    around.control = bar.control();
    command(&around)
}

fn served(result: std::io::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => print(&Output {
            out: String::new(),
            err: format!("error[server_stopped]: {e}"),
            code: 2,
        }),
    }
}

/// The one place that reads the clock and the environment.
#[allow(clippy::disallowed_methods)]
fn surroundings() -> std::io::Result<Surroundings> {
    let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let workspace = |name: &'static str| named(name).map(|folder| (name, folder));
    Ok(Surroundings {
        folder: std::env::current_dir()?,
        workspace: workspace(NAMING).or_else(|| workspace("CLAUDE_PROJECT_DIR")),
        search: std::env::var_os("PATH").map_or_else(Vec::new, |path| std::env::split_paths(&path).collect()),
        binary: std::env::current_exe().ok(),
        home: named("HOME").or_else(|| named("USERPROFILE")),
        today: jiff::Zoned::now().date(),
        control: Control::default(),
    })
}

/// Logs go to stderr: stdout belongs to answers. `RUST_LOG` sets what is logged; a panic is one line, never a backtrace.
fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .without_time()
        .init();
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(|l| format!("{}:{}", l.file(), l.line()))
            .unwrap_or_default();
        tracing::error!("a tool failed inside at {place}");
    }));
}

/// A closed pipe (`| head`) is no reason to fail.
fn print(output: &Output) -> ExitCode {
    if !output.out.is_empty() {
        let _ = writeln!(std::io::stdout(), "{}", output.out);
    }
    if !output.err.is_empty() {
        let _ = writeln!(std::io::stderr(), "{}", output.err);
    }
    ExitCode::from(output.code)
}
