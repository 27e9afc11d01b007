//! Several processes on one workspace, and processes that are killed.

use std::time::Duration;

use serde_json::json;

use crate::support::{AS_OF, Place, ended};

const FACTORS: [&str; 4] = [
    "strategic_logo",
    "expansion_potential",
    "reference_value",
    "regulatory_exposure",
];

/// Processes that edit one model at once: each change is there at the end, and every one of them answered.
#[test]
fn processes_at_once_lose_no_change() {
    let place = Place::with_example();
    place.tiers();
    let mut running = Vec::new();
    for i in 0..12 {
        let (account, factor) = (format!("ACC-{}", 10_041 + i), FACTORS[i % FACTORS.len()]);
        let why = format!("reason number {i}.");
        let judgement = json!({"judgements": [{"account": account, "scores": {factor: 0.5}, "why": why}]});
        running.push(place.spawn_call("score_strategic", &judgement));
        let flag =
            json!({"flags": {format!("flag_{i}"): {"when": {"all": [{"column": "Region", "op": "eq", "value": "EMEA"}]}}}});
        running.push(place.spawn_call("assign_tiers", &flag));
    }
    for child in running {
        let ran = ended(child.wait_with_output().unwrap());
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    }
    let model = place.model();
    for i in 0..12 {
        assert!(
            model.contains(&format!("reason number {i}.")),
            "judgement {i} is lost\n{model}"
        );
        assert!(model.contains(&format!("flag_{i}")), "flag {i} is lost\n{model}");
    }
    place.json("validate", &json!({}));
}

/// First calls at once on a fresh workspace: one model comes out, nobody fails over the folder being made.
#[test]
fn processes_at_once_make_one_workspace() {
    let place = Place::with_example();
    let load = json!({"path": "book.csv", "as_of": AS_OF});
    let running: Vec<_> = (0..8).map(|_| place.spawn_call("load_book", &load)).collect();
    for child in running {
        let ran = ended(child.wait_with_output().unwrap());
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    }
    place.json("define_axes", &json!({}));
}

/// A process killed at any moment leaves the model as it was or as it would be, and the next call goes on.
#[test]
fn a_killed_process_leaves_a_whole_model() {
    let place = Place::with_example();
    place.tiers();
    let mut killed = 0;
    for i in 0..24_u64 {
        let before = place.model();
        let mut child = place.spawn_call("calibrate_capacity", &json!({"csms": i + 1}));
        std::thread::sleep(Duration::from_millis(i * 4));
        child.kill().unwrap();
        killed += u32::from(!child.wait().unwrap().success());
        let after = place.model();
        let changed = after.contains(&format!("csms = {}", i + 1));
        assert!(after == before || changed, "half a change:\n{after}");
        place.json("validate", &json!({}));
    }
    assert!(killed > 0, "every process was too quick to be killed");
    // What a killed process leaves behind is at most its lock and a temporary file; the model stands alone.
    let ran = place.call("calibrate_capacity", &json!({"csms": 6}));
    assert_eq!(ran.code, 0, "{}", ran.out);
    let models = std::fs::read_dir(place.path(".keep-segment")).unwrap();
    let toml = models.filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|e| e == "toml"));
    assert_eq!(toml.count(), 1);
}

/// The state folder hides customer data from version control and shows the model.
#[test]
fn only_the_model_is_shown_to_version_control() {
    let place = Place::with_example();
    place.tiers();
    let ignore = place.read(".keep-segment/.gitignore");
    let rules: Vec<&str> = ignore.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(rules, ["*", "!.gitignore", "!*.toml"]);
}
