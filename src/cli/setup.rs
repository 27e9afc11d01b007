//! `install` and `doctor`: a project prepared for a client, and a workspace looked at.

use std::time::Duration;

use super::{DoctorArgs, FolderArgs, InstallArgs, Output, Surroundings, context, too_wide};
use crate::app::Control;
use crate::app::doctor::{Surrounding, examine};
use crate::app::install::{InstallRequest, Plan, plan, undo};
use crate::error::{Problem, Result};

/// What reading books may take in all.
const PATIENCE: Duration = Duration::from_secs(20);

/// `install`: shows what it would write, asks, writes. `ask` says no answer where nobody can be asked.
pub fn install_command(args: &InstallArgs, around: &Surroundings, ask: impl Fn(&str) -> Option<bool>) -> Output {
    try_install(args, around, ask).unwrap_or_else(|error| Output::error(&error))
}

fn try_install(args: &InstallArgs, around: &Surroundings, ask: impl Fn(&str) -> Option<bool>) -> Result<Output> {
    let request = request(args, around)?;
    let plan = match args.undo {
        true => undo(&request)?,
        false => plan(&request)?,
    };
    let done = |text: String| Output {
        out: text,
        err: String::new(),
        code: 0,
    };
    if plan.is_empty() {
        return Ok(done(format!("{}\n\nNothing to do.", plan.text())));
    }
    if args.dry_run {
        return Ok(done(format!("{}\n\nNothing was written (--dry-run).", plan.text())));
    }
    let answer = if args.yes { None } else { Some(ask(&plan.text())) };
    match answer {
        // Nobody has seen the list yet.
        None => plan
            .carry_out()
            .map(|()| done(format!("{}\n\n{}", plan.text(), what_now(args)))),
        Some(Some(true)) => plan.carry_out().map(|()| done(what_now(args))),
        Some(Some(false)) => Ok(Output {
            code: 1,
            ..done("Nothing was written.".into())
        }),
        Some(None) => Ok(unasked(&plan)),
    }
}

fn request(args: &InstallArgs, around: &Surroundings) -> Result<InstallRequest> {
    let project = args.project.clone().unwrap_or_else(|| around.folder.clone());
    if args.project.is_none()
        && let Some(what) = too_wide(&project, around)
    {
        return Err(Problem::new("workspace_too_wide", format!("{what} would become the project"))
            .at("--project")
            .expected("a project folder, or this one named: --project DIR")
            .into());
    }
    let Some(binary) = around.binary.clone() else {
        return Err(Problem::new("no_binary", "the system does not tell where this program lies")
            .expected("claude mcp add keep-segment -- /path/to/keep-segment mcp, by hand")
            .into());
    };
    Ok(InstallRequest {
        project: around.folder.join(project),
        binary,
        force: args.force,
    })
}

fn unasked(plan: &Plan) -> Output {
    let problem = Problem::new("not_confirmed", "nothing was written: there is no terminal to ask on")
        .at("--yes")
        .next("the same command with --yes, once a person has agreed to the list above");
    Output {
        out: plan.text(),
        ..Output::error(&problem.into())
    }
}

fn what_now(args: &InstallArgs) -> String {
    match args.undo {
        true => "Done. Models and reports in .keep-segment stay.".into(),
        false => [
            "Done. Start Claude Code in the project, approve the server keep-segment, then: /keep-segment BOOK CSMS",
            "keep-segment doctor looks at it all; keep-segment install claude-code --undo takes it out again.",
        ]
        .join("\n"),
    }
}

/// `doctor`: what is well, what is not, and the way out. `protocol` is the newest that the server speaks.
pub fn doctor_command(args: &DoctorArgs, around: &Surroundings, protocol: &str) -> Output {
    let chosen_by = match (&args.folders.workspace, &around.workspace) {
        (Some(_), _) => "named by --workspace".to_string(),
        (None, Some((variable, _))) => format!("named by {variable}"),
        (None, None) => "the current folder".to_string(),
    };
    // Further folders are looked at one by one: a wrong one must not hide the rest.
    let named = FolderArgs {
        workspace: args.folders.workspace.clone(),
        allow: args.folders.allow.iter().filter(|folder| folder.is_dir()).cloned().collect(),
    };
    let around = Surroundings {
        control: patient(),
        ..around.clone()
    };
    let checkup = examine(
        &context(&named, &around),
        &Surrounding {
            program: format!("keep-segment {}, MCP {protocol}", env!("CARGO_PKG_VERSION")),
            binary: around.binary.clone(),
            chosen_by,
            allow: args.folders.allow.clone(),
            search: around.search.clone(),
        },
    );
    Output {
        out: match args.json {
            true => checkup.json.to_string(),
            false => checkup.text,
        },
        err: String::new(),
        code: if checkup.is_ill { 2 } else { 0 },
    }
}

/// A control that stops what it watches after a while.
fn patient() -> Control {
    let control = Control::default();
    let stopping = control.clone();
    std::thread::spawn(move || {
        std::thread::sleep(PATIENCE);
        stopping.cancel();
    });
    control
}
