//! The worked pages of the documentation: every command is run, and what it prints is what the page says.

use crate::support::Place;

#[test]
fn calibration_md_prints_what_its_commands_print() {
    assert_plays("calibration.md", &["accounts.csv"]);
}

#[test]
fn health_md_prints_what_its_commands_print() {
    assert_plays("health.md", &["accounts.csv", "signals.csv"]);
}

#[test]
fn ten_minutes_md_prints_what_its_commands_print() {
    assert_plays("ten-minutes.md", &["accounts.csv"]);
}

/// With `KEEP_SEGMENT_WRITE_DOCS=1` the page is written anew; read the difference before you keep it.
fn assert_plays(page: &str, examples: &[&str]) {
    let path = format!("{}/docs/{page}", env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(&path).unwrap();
    let place = Place::new();
    for example in examples {
        place.write(example, std::fs::read(format!("examples/{example}")).unwrap());
    }
    let played = played(&place, &page);
    if std::env::var_os("KEEP_SEGMENT_WRITE_DOCS").is_some() {
        std::fs::write(&path, &played).unwrap();
        return;
    }
    let differing = page.lines().zip(played.lines()).find(|(stands, printed)| stands != printed);
    assert!(
        page == played,
        "KEEP_SEGMENT_WRITE_DOCS=1 cargo test --test it -- worked writes it anew: {differing:?}"
    );
}

/// The page with its outputs as they are: a `text` block holds what the last command before it prints. A revision is the one
/// that was printed last.
fn played(place: &Place, page: &str) -> String {
    let mut out = String::new();
    let mut last = String::new();
    let mut revision = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let line = with_revision(line, &revision);
        out += &line;
        out.push('\n');
        match line.as_str() {
            "```sh" => {
                for command in lines.by_ref().take_while(|line| *line != "```") {
                    let command = with_revision(command, &revision);
                    last = printed(place, &command);
                    revision = revision_in(&last).unwrap_or(revision);
                    out += &format!("{command}\n");
                }
                out += "```\n";
            }
            "```text" => {
                lines.by_ref().take_while(|line| *line != "```").for_each(drop);
                out += &format!("{}\n```\n", last.trim_end());
            }
            _ => {}
        }
    }
    out
}

fn printed(place: &Place, command: &str) -> String {
    let words = words(command);
    let [program, arguments @ ..] = words.as_slice() else {
        panic!("{command}")
    };
    assert_eq!(program, "keep-segment", "{command}");
    let ran = place.cli(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(ran.err.is_empty() && ran.code < 2, "{command}: {}", ran.err);
    ran.out
}

/// Words of a shell: single quotes hold a word together.
fn words(command: &str) -> Vec<String> {
    let parts = command.split('\'').enumerate();
    let words = parts.flat_map(|(at, part)| match at % 2 {
        1 => vec![part.to_string()],
        _ => part.split_whitespace().map(str::to_string).collect(),
    });
    words.collect()
}

const MARK: &str = "\"revision\": \"";

fn revision_in(answer: &str) -> Option<String> {
    let (_, rest) = answer.split_once(MARK)?;
    rest.split_once('"').map(|(revision, _)| revision.to_string())
}

fn with_revision(line: &str, revision: &str) -> String {
    match (line.starts_with("keep-segment"), revision_in(line)) {
        (true, Some(old)) => line.replace(&old, revision),
        _ => line.to_string(),
    }
}
