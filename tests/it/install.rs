//! `install claude-code`: the plan, what is written, what is left alone, and what is taken out again; the packages beside it.

use std::path::Path;

use keep_segment::app::Control;
use keep_segment::cli::{Client, InstallArgs, Surroundings, install_command};
use serde_json::{Value, json};

use crate::support::{BINARY, Place, Ran};

const SKILL: &str = ".claude/skills/keep-segment/SKILL.md";
const OTHERS: &str = "{\n    \"mcpServers\": {\n        \"crm\": {\"command\": \"crm\", \"env\": {\"TOKEN\": \"secret\"}}\n    },\n    \"ours\": [1, 2]\n}\n";

/// What was printed, with the folder and the program named alike on every machine.
fn shown(place: &Place, text: &str) -> String {
    let real = place.root().canonicalize().unwrap();
    text.replace(BINARY, "BINARY").replace(&real.display().to_string(), "PROJECT")
}

fn install(place: &Place, more: &[&str]) -> Ran {
    let ran = place.cli(&[&["install", "claude-code"], more].concat());
    Ran {
        out: shown(place, &ran.out),
        err: shown(place, &ran.err),
        ..ran
    }
}

fn entry() -> Value {
    json!({"command": BINARY, "args": ["mcp"]})
}

/// Every file of the project with its text.
fn files(place: &Place) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![place.root().to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(place.root()).unwrap().display().to_string();
                found.push((name, std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// Without a terminal and without --yes, an agent or a script sees the plan and how to go on; nothing is written.
#[test]
fn the_plan_is_shown_and_nothing_is_written_unasked() {
    let place = Place::new();
    place.write(".mcp.json", OTHERS);
    let ran = install(&place, &[]);
    assert_eq!(ran.code, 2);
    insta::assert_snapshot!(ran.out, @r#"
    Claude Code, project PROJECT
      + .claude/skills/keep-segment/SKILL.md
          the skill /keep-segment, 129 lines
      ~ .mcp.json
          + "keep-segment": {"command":"BINARY","args":["mcp"]}
          1 other server stays as it is
      this program lies in a build folder; `cargo install --path .` puts one where it stays
    "#);
    insta::assert_snapshot!(ran.err, @"
    error[not_confirmed]: nothing was written: there is no terminal to ask on
      where: --yes
      next:  the same command with --yes, once a person has agreed to the list above
    ");
    let dry = install(&place, &["--dry-run"]);
    assert_eq!((dry.code, dry.err.as_str()), (0, ""));
    assert!(dry.out.ends_with("\n\nNothing was written (--dry-run).\n"), "{}", dry.out);
    assert_eq!(files(&place), [(".mcp.json".to_string(), OTHERS.to_string())]);
}

/// Written into a fresh project, the same again is nothing to do, and undone it leaves only what could have been there.
#[test]
fn a_fresh_project_is_prepared_and_left_as_it_was() {
    let place = Place::new();
    let ran = install(&place, &["--yes"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    insta::assert_snapshot!(ran.out, @r#"
    Claude Code, project PROJECT
      + .claude/skills/keep-segment/SKILL.md
          the skill /keep-segment, 129 lines
      + .mcp.json
          + "keep-segment": {"command":"BINARY","args":["mcp"]}
      this program lies in a build folder; `cargo install --path .` puts one where it stays

    Done. Start Claude Code in the project, approve the server keep-segment, then: /keep-segment BOOK CSMS
    keep-segment doctor looks at it all; keep-segment install claude-code --undo takes it out again.
    "#);
    let skill = place.read(SKILL);
    let (text, mark) = skill.rsplit_once("<!-- keep-segment install put this here; sha256 ").unwrap();
    assert_eq!(text, include_str!("../../skills/keep-segment/SKILL.md"));
    assert!(mark.len() == 64 + 5 && mark.ends_with(" -->\n"), "{mark}");
    let servers: Value = serde_json::from_str(&place.read(".mcp.json")).unwrap();
    assert_eq!(servers, json!({"mcpServers": {"keep-segment": entry()}}));

    let written = files(&place);
    let again = install(&place, &[]);
    assert_eq!(again.code, 0);
    insta::assert_snapshot!(again.out, @"
    Claude Code, project PROJECT
      = .claude/skills/keep-segment/SKILL.md
          is up to date
      = .mcp.json
          names this server

    Nothing to do.
    ");
    assert_eq!(files(&place), written);

    let undone = install(&place, &["--undo", "--yes"]);
    assert_eq!(undone.code, 0);
    insta::assert_snapshot!(undone.out, @r#"
    Claude Code, project PROJECT
      - .claude/skills/keep-segment/SKILL.md
          the skill
      ~ .mcp.json
          - "keep-segment", which runs BINARY
          the file stays, with no server in it

    Done. Models and reports in .keep-segment stay.
    "#);
    assert_eq!(
        files(&place),
        [(".mcp.json".to_string(), "{\n  \"mcpServers\": {}\n}\n".to_string())]
    );
    assert!(place.path(".claude/skills").exists() && !place.path(".claude/skills/keep-segment").exists());
    assert!(install(&place, &["--undo"]).out.ends_with("Nothing to do.\n"));
}

/// Another server's entry and the way the file is written stay; undone, the file is what it was, byte for byte.
#[test]
fn other_servers_and_files_stay() {
    let place = Place::new();
    place.write(".mcp.json", OTHERS);
    place.write(".claude/skills/other/SKILL.md", "theirs");
    let before = files(&place);
    assert_eq!(install(&place, &["--yes"]).code, 0);
    let text = place.read(".mcp.json");
    assert!(
        text.starts_with("{\n    \"mcpServers\": {\n        \"crm\": {\"command\": \"crm\", \"env\": {\"TOKEN\": \"secret\"}},\n        \"keep-segment\": {\n            \"command\""),
        "{text}"
    );
    assert_eq!(install(&place, &["--undo", "--yes"]).code, 0);
    assert_eq!(files(&place), before);
}

/// What somebody changed is neither replaced nor removed unless they say so, and then a copy of it stays.
#[test]
fn what_differs_is_kept() {
    let place = Place::new();
    place.write(SKILL, "# our own words\n");
    let theirs = "{\"mcpServers\": {\"keep-segment\": {\"command\": \"/opt/ks\\u001b[2J\", \"args\": [\"mcp\"]}}}";
    place.write(".mcp.json", theirs);
    let before = files(&place);
    let refused = install(&place, &["--yes"]);
    assert_eq!((refused.code, refused.out.as_str()), (2, ""));
    insta::assert_snapshot!(refused.err, @"
    error[would_overwrite]: `.claude/skills/keep-segment/SKILL.md` is another text than this version's skill
      where: .claude/skills/keep-segment/SKILL.md; expected: --force, which replaces it and keeps what was there beside it as .bak
    error[would_overwrite]: `.mcp.json` runs `/opt/ks [2J` for `keep-segment`, not this program as this version would
      where: .mcp.json; expected: --force, which replaces it and keeps what was there beside it as .bak
      next:  the same command with --force, or leave it as it is
    ");
    let undo = install(&place, &["--undo", "--yes"]);
    insta::assert_snapshot!(undo.out, @"
    Claude Code, project PROJECT
      ! .claude/skills/keep-segment/SKILL.md
          stays: it is not as it was put in, so it may be yours
      ! .mcp.json
          `keep-segment` stays: the entry is not this program's own

    Nothing to do.
    ");
    assert_eq!(files(&place), before);

    let forced = install(&place, &["--force", "--yes"]);
    assert_eq!(forced.code, 0, "{}", forced.err);
    insta::assert_snapshot!(forced.out, @r#"
    Claude Code, project PROJECT
      + .claude/skills/keep-segment/SKILL.md.bak
          what was there before
      ~ .claude/skills/keep-segment/SKILL.md
          the skill /keep-segment, 129 lines
      + .mcp.json.bak
          what was there before
      ~ .mcp.json
          - "keep-segment", which ran /opt/ks
          + "keep-segment": {"command":"BINARY","args":["mcp"]}
      this program lies in a build folder; `cargo install --path .` puts one where it stays

    Done. Start Claude Code in the project, approve the server keep-segment, then: /keep-segment BOOK CSMS
    keep-segment doctor looks at it all; keep-segment install claude-code --undo takes it out again.
    "#);
    assert_eq!(place.read(&format!("{SKILL}.bak")), "# our own words\n");
    assert_eq!(place.read(".mcp.json.bak"), theirs);
    place.write(SKILL, "changed once more");
    assert_eq!(install(&place, &["--force", "--yes"]).code, 0);
    assert_eq!(
        place.read(&format!("{SKILL}.bak")),
        "# our own words\n",
        "an older copy is not written over"
    );
    assert_eq!(place.read(&format!("{SKILL}.bak2")), "changed once more");
}

/// A file that cannot be merged into is an error with its line, and not even the skill is written.
#[test]
fn a_file_that_cannot_be_edited_stops_everything() {
    for (text, where_) in [
        (
            "{\n  \"mcpServers\": {\n    // the CRM\n    \"crm\": {}\n  }\n}\n",
            ".mcp.json:3:5",
        ),
        ("[]", ".mcp.json"),
        ("{\"mcpServers\": [1]}", ".mcp.json: mcpServers"),
        ("{\"mcpServers\": {\"keep-segment\": 1, \"keep-segment\": 2}}", ".mcp.json"),
        ("{\"mcpServers\": {", ".mcp.json:1:16"),
    ] {
        let place = Place::new();
        place.write(".mcp.json", text);
        let ran = install(&place, &["--yes", "--force"]);
        assert_eq!(ran.code, 2, "{text}");
        assert!(
            ran.err.starts_with("error[bad_json]: ") && ran.err.contains(where_),
            "{text}: {}",
            ran.err
        );
        assert_eq!(files(&place), [(".mcp.json".to_string(), text.to_string())]);
    }
    let place = Place::new();
    place.write(".mcp.json", b"\xff\xfe{}");
    assert!(install(&place, &["--yes"]).err.contains("is not UTF-8 text"));
    std::fs::remove_file(place.path(".mcp.json")).unwrap();
    std::fs::create_dir(place.path(".mcp.json")).unwrap();
    assert!(install(&place, &["--yes"]).err.contains("is no file"));
    assert!(!place.path(".claude").exists());
}

#[cfg(unix)]
#[test]
fn links_and_read_only_files_are_refused() {
    use std::os::unix::fs::symlink;
    let elsewhere = Place::new();
    elsewhere.write("mcp.json", OTHERS);
    let place = Place::new();
    symlink(elsewhere.path("mcp.json"), place.path(".mcp.json")).unwrap();
    let ran = install(&place, &["--yes"]);
    assert_eq!(ran.code, 2);
    insta::assert_snapshot!(ran.err, @"
    error[cannot_write]: `.mcp.json` is a link, and nothing is written through one
      where: .mcp.json
      expected: a plain file that may be written, or none
    ");
    std::fs::remove_file(place.path(".mcp.json")).unwrap();

    symlink(elsewhere.root(), place.path(".claude")).unwrap();
    let ran = install(&place, &["--yes"]);
    assert!(ran.err.contains("leads out of the workspace"), "{}", ran.err);
    assert!(
        !place.path(".mcp.json").exists(),
        "nothing is written when one of two files cannot be"
    );
    std::fs::remove_file(place.path(".claude")).unwrap();

    place.write(".mcp.json", OTHERS);
    let mut mode = std::fs::metadata(place.path(".mcp.json")).unwrap().permissions();
    mode.set_readonly(true);
    std::fs::set_permissions(place.path(".mcp.json"), mode).unwrap();
    let ran = install(&place, &["--yes"]);
    assert!(ran.err.contains("`.mcp.json` is read-only"), "{}", ran.err);
    assert_eq!(
        (place.read(".mcp.json").as_str(), place.path(SKILL).exists()),
        (OTHERS, false)
    );
    assert_eq!(elsewhere.read("mcp.json"), OTHERS);
}

/// What is edited while the question waits is neither replaced nor removed, and nothing else is done either.
#[test]
fn an_edit_after_the_plan_stops_everything() {
    let place = Place::new();
    place.write(".mcp.json", OTHERS);
    let during = |undo: bool, edit: &dyn Fn()| {
        let args = InstallArgs {
            client: Client::ClaudeCode,
            project: Some(place.root().to_path_buf()),
            yes: false,
            dry_run: false,
            undo,
            force: false,
        };
        let around = Surroundings {
            folder: place.root().to_path_buf(),
            workspace: None,
            search: Vec::new(),
            home: None,
            binary: Some(BINARY.into()),
            today: "2026-07-15".parse().unwrap(),
            control: Control::default(),
        };
        install_command(&args, &around, |_| {
            edit();
            Some(true)
        })
    };
    let edited = OTHERS.replace("secret", "new");
    let output = during(false, &|| place.write(".mcp.json", &edited));
    insta::assert_snapshot!(output.err, @r"
    error[file_changed]: `.mcp.json` was changed while you were asked; nothing was written
      where: .mcp.json
      next:  the same command again, which plans anew
    ");
    assert_eq!(output.code, 2);
    assert_eq!(files(&place), [(".mcp.json".to_string(), edited.clone())]);
    assert!(!place.path(".claude").exists());
    // A file that came in the meantime is somebody's too.
    let output = during(false, &|| place.write(SKILL, "mine"));
    assert!(output.err.starts_with("error[file_changed]"), "{}", output.err);
    assert_eq!(
        (place.read(SKILL).as_str(), place.read(".mcp.json")),
        ("mine", edited.clone())
    );
    std::fs::remove_dir_all(place.path(".claude")).unwrap();

    assert_eq!(during(false, &|| ()).code, 0);
    let with_entry = place.read(".mcp.json");
    let output = during(true, &|| place.write(SKILL, "mine"));
    assert!(output.err.starts_with("error[file_changed]"), "{}", output.err);
    assert_eq!((place.read(SKILL).as_str(), place.read(".mcp.json")), ("mine", with_entry));
}

/// An update is no edit: entry and skill of another version are known again, replaced without --force, and taken out.
#[test]
fn what_another_version_put_in_is_known_again() {
    let place = Place::new();
    let older = || {
        assert_eq!(install(&place, &["--yes"]).code, 0);
        let text = "---\nname: keep-segment\n---\nolder words\n";
        let mark = format!(
            "<!-- keep-segment install put this here; sha256 {} -->\n",
            keep_segment::io::sha256(text.as_bytes())
        );
        place.write(SKILL, format!("{text}{mark}"));
        let entry = json!({"mcpServers": {"keep-segment": {"command": "/old/keep-segment", "args": ["mcp"]}}});
        place.write(".mcp.json", entry.to_string());
    };
    older();
    let ran = install(&place, &["--yes"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    assert!(
        ran.out.contains("- \"keep-segment\", which ran /old/keep-segment"),
        "{}",
        ran.out
    );
    assert!(install(&place, &[]).out.ends_with("Nothing to do.\n"));
    assert_eq!(files(&place).len(), 2, "no copies of what nobody edited");
    older();
    assert_eq!(install(&place, &["--undo", "--yes"]).code, 0);
    assert_eq!(files(&place), [(".mcp.json".to_string(), "{\"mcpServers\":{}}".to_string())]);
    // One changed word, or one more argument, and they are somebody's.
    older();
    place.write(SKILL, place.read(SKILL).replace("older", "our"));
    place.write(
        ".mcp.json",
        place.read(".mcp.json").replace("[\"mcp\"]", "[\"mcp\",\"/data\"]"),
    );
    let before = files(&place);
    assert_eq!(install(&place, &["--yes"]).code, 2);
    assert!(install(&place, &["--undo", "--yes"]).out.ends_with("Nothing to do.\n"));
    assert_eq!(files(&place), before);
    // What goes without saying may be said.
    let same = json!({"mcpServers": {"keep-segment": {"type": "stdio", "command": BINARY, "args": ["mcp"], "env": {}}}});
    place.write(".mcp.json", same.to_string());
    assert!(install(&place, &["--undo", "--dry-run"]).out.contains("which runs BINARY"));
}

/// What was there before the first install is there after --undo: a list without servers, folders of the user's.
#[test]
fn undo_leaves_what_it_cannot_know_to_be_its_own() {
    let place = Place::new();
    place.write(".mcp.json", "{\"mcpServers\": {}}");
    std::fs::create_dir_all(place.path(".claude/skills")).unwrap();
    assert_eq!(install(&place, &["--yes"]).code, 0);
    assert_eq!(install(&place, &["--undo", "--yes"]).code, 0);
    let servers: Value = serde_json::from_str(&place.read(".mcp.json")).unwrap();
    assert_eq!(servers, json!({"mcpServers": {}}));
    assert!(place.path(".claude/skills").is_dir() && !place.path(".claude/skills/keep-segment").exists());
}

/// A private file's copy is as private, and a list or a refusal leaves no folder behind.
#[cfg(unix)]
#[test]
fn modes_are_kept_and_dry_runs_see_what_stands_in_the_way() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let set = |mode: u32| {
        std::fs::set_permissions(place.path(".mcp.json"), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let mode = |name: &str| std::fs::metadata(place.path(name)).unwrap().permissions().mode() & 0o777;
    place.write(
        ".mcp.json",
        "{\"mcpServers\": {\"keep-segment\": {\"command\": \"other\", \"env\": {\"TOKEN\": \"x\"}}}}",
    );
    set(0o400);
    for more in [["--force", "--dry-run"], ["--force", "--yes"]] {
        let ran = install(&place, &more);
        assert!(
            ran.code == 2 && ran.err.contains("`.mcp.json` is read-only"),
            "{}{}",
            ran.out,
            ran.err
        );
        assert!(!place.path(".claude").exists() && !place.path(".mcp.json.bak").exists());
    }
    set(0o600);
    assert_eq!(install(&place, &["--force", "--yes"]).code, 0);
    assert_eq!((mode(".mcp.json"), mode(".mcp.json.bak")), (0o600, 0o600));

    let other = Place::new();
    std::os::unix::fs::symlink(place.root(), other.path(".claude")).unwrap();
    let ran = install(&other, &["--dry-run"]);
    assert!(
        ran.code == 2 && ran.err.contains("`.claude/skills/keep-segment` leads out"),
        "{}",
        ran.err
    );
}

/// A later file that cannot be replaced brings the earlier ones back.
#[test]
fn what_was_done_is_undone_when_a_later_file_fails() {
    use keep_segment::store::project::{Change, change};
    let place = Place::new();
    place.write("a", "old");
    let root = place.root().canonicalize().unwrap();
    let write = |name: &str, before: Option<&str>| Change {
        path: root.join(name),
        before: before.map(str::to_string),
        after: Some("new".into()),
        like: None,
    };
    // The second `b` finds the first one in its place.
    let changes = [write("a", Some("old")), write("x/y/b", None), write("x/y/b", None)];
    assert!(change(&root, &changes).is_err());
    assert_eq!(files(&place), [("a".to_string(), "old".to_string())]);
    assert!(!place.path("x").exists());
}

/// The name of a project is data: what it holds steers no terminal.
#[cfg(unix)]
#[test]
fn a_project_with_an_odd_name_is_named_on_one_line() {
    let place = Place::new();
    std::fs::create_dir(place.path("a\u{1b}[2J\nb")).unwrap();
    let ran = install(&place, &["--project", "a\u{1b}[2J\nb", "--dry-run"]);
    assert!(ran.out.lines().next().unwrap().ends_with("/a b"), "{}", ran.out);
    assert!(!ran.out.contains('\u{1b}'));
    let doctor = place.cli(&["doctor", "--json", "--workspace", "a\u{1b}[2J\nb"]);
    let list: Value = serde_json::from_str(&doctor.out).unwrap();
    assert!(!list["checks"][1]["text"].as_str().unwrap().contains('\u{1b}'), "{list}");
}

#[test]
fn the_project_is_named_or_the_current_folder_but_never_home() {
    let place = Place::new();
    std::fs::create_dir(place.path("sub")).unwrap();
    assert_eq!(install(&place, &["--project", "sub", "--yes"]).code, 0);
    assert!(place.path("sub").join(SKILL).exists() && !place.path(SKILL).exists());
    let missing = install(&place, &["--project", "no"]);
    assert!(
        missing.err.starts_with("error[folder_not_found]") && missing.err.contains("--project"),
        "{}",
        missing.err
    );
    let real = place.root().canonicalize().unwrap();
    let at_home = place
        .command(&["install", "claude-code", "--yes"])
        .env("HOME", real)
        .output()
        .unwrap();
    assert!(
        String::from_utf8(at_home.stderr)
            .unwrap()
            .starts_with("error[workspace_too_wide]")
    );
    assert!(!place.path(SKILL).exists());
}

/// Home is home by any of its names, and a variable that a client sets by itself names nothing.
#[cfg(unix)]
#[test]
fn home_is_never_taken_by_default() {
    use std::os::unix::ffi::OsStrExt;
    let (place, links) = (Place::new(), Place::new());
    std::os::unix::fs::symlink(place.root(), links.path("home")).unwrap();
    let code = |arguments: &[&str], variables: &[(&str, &Path)]| {
        let mut command = place.command(arguments);
        command.env("HOME", links.path("home"));
        command.envs(variables.iter().copied());
        String::from_utf8(command.output().unwrap().stderr).unwrap()
    };
    let validate = ["call", "validate", "{}"];
    for arguments in [&validate[..], &["mcp"], &["install", "claude-code", "--yes"]] {
        let err = code(arguments, &[]);
        assert!(err.starts_with("error[workspace_too_wide]"), "{arguments:?}: {err}");
    }
    for wide in [links.path("home").as_path(), Path::new("/")] {
        let err = code(&["mcp"], &[("CLAUDE_PROJECT_DIR", wide)]);
        assert!(err.starts_with("error[workspace_too_wide]"), "{err}");
    }
    assert_eq!(code(&["mcp"], &[("KEEP_SEGMENT_WORKSPACE", place.root())]), "");
    // A name that is not UTF-8 is a name.
    let odd = Path::new(std::ffi::OsStr::from_bytes(b"/no/\xff"));
    let err = code(&["mcp"], &[("KEEP_SEGMENT_WORKSPACE", odd)]);
    assert!(err.starts_with("error[folder_not_found]"), "{err}");
    assert!(!place.path(SKILL).exists());
}

/// The plugin, the marketplace, the bundle, the skill and the crate say one version and one list of tools.
#[test]
fn the_packages_are_in_step() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = |name: &str| std::fs::read_to_string(root.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
    let read = |name: &str| -> Value { serde_json::from_str(&text(name)).unwrap_or_else(|e| panic!("{name}: {e}")) };
    let (plugin, market, bundle) = (
        read("plugin/.claude-plugin/plugin.json"),
        read(".claude-plugin/marketplace.json"),
        read("manifest.json"),
    );
    for (name, file) in [("plugin", &plugin), ("bundle", &bundle)] {
        assert_eq!(file["version"], env!("CARGO_PKG_VERSION"), "{name}");
        assert_eq!(file["name"], env!("CARGO_PKG_NAME"), "{name}");
        assert_eq!(file["license"], "MIT", "{name}");
    }
    assert_eq!(
        (&market["plugins"][0]["name"], &market["plugins"][0]["source"]),
        (&plugin["name"], &json!("./plugin"))
    );
    assert_eq!(
        plugin["mcpServers"]["keep-segment"],
        json!({"command": "keep-segment", "args": ["mcp"]})
    );
    let tools: Vec<&str> = keep_segment::tools::all().iter().map(|tool| tool.name).collect();
    let listed: Vec<&str> = bundle["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| tool["name"].as_str().unwrap())
        .collect();
    assert_eq!(listed, tools);
    let skill = text("skills/keep-segment/SKILL.md");
    assert_eq!(
        text("plugin/skills/keep-segment/SKILL.md"),
        skill,
        "cp skills/keep-segment/SKILL.md plugin/skills/keep-segment/"
    );
    assert!(skill.lines().count() < 200 && skill.contains("$ARGUMENTS"));
    // What the skill may do without asking is call the tools, under the plugin's name and under a user's.
    let head = skill.split("---").nth(1).unwrap();
    let allowed: Vec<&str> = head.split("allowed-tools: >-").nth(1).unwrap().split_whitespace().collect();
    let servers = ["mcp__keep-segment__", "mcp__plugin_keep-segment_keep-segment__"];
    let wanted: Vec<String> = servers
        .iter()
        .flat_map(|server| tools.iter().map(move |tool| format!("{server}{tool}")))
        .collect();
    assert_eq!(allowed, wanted);
    for tool in tools {
        assert!(
            skill.contains(&format!("`{tool}`")),
            "the skill does not say when to call {tool}"
        );
    }
    let icon = std::fs::read(root.join(bundle["icon"].as_str().unwrap())).unwrap();
    assert_eq!(
        (&icon[1..4], &icon[16..24]),
        (b"PNG".as_slice(), [0, 0, 2, 0, 0, 0, 2, 0].as_slice()),
        "512 by 512"
    );
}

/// The folders of a bundle arrive as further arguments, one each, or none.
#[test]
fn the_server_takes_the_folders_of_a_bundle() {
    let bundle: Value = serde_json::from_str(include_str!("../../manifest.json")).unwrap();
    assert_eq!(
        bundle["server"]["mcp_config"]["args"],
        json!(["mcp", "${user_config.allowed_folders}"])
    );
    let (place, further) = (Place::new(), Place::with_example());
    let good = place.cli(&["mcp", further.root().to_str().unwrap()]);
    assert_eq!(
        (good.code, good.err.as_str()),
        (0, ""),
        "input that ends at once ends the server"
    );
    // One that is gone since, or that the client did not fill in, does not take the server away.
    let gone = place.cli(&["mcp", "no-such\u{1b}[2Jfolder", "${user_config.allowed_folders}"]);
    assert_eq!(gone.code, 0);
    insta::assert_snapshot!(gone.err, @r"
    warning: `no-suchfolder` is no folder; the server starts without it
    warning: `${user_config.allowed_folders}` was not filled in by the client; the server starts without it
    ");
    let bad = place.cli(&["mcp", "--allow", "no-such-folder"]);
    assert!(bad.code == 2 && bad.err.starts_with("error[folder_not_found]"), "{}", bad.err);
}
