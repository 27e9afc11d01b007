//! Files of the state folder that are not what they should be: links, pipes, folders, strays, numbers that are none.

use serde_json::json;

use crate::support::Place;

const MODEL: &str = ".keep-segment/segmentation.toml";

/// A report is found by its name among more files than a list shows.
#[test]
fn a_report_is_found_among_thousands() {
    let place = Place::with_example();
    place.axes();
    for n in 0..2_500 {
        place.write(&format!(".keep-segment/segmentation/reports/{n}.md"), "");
    }
    let context = place.context();
    for n in [0, 1_250, 2_499] {
        let name = format!("{n}.md");
        assert!(
            keep_segment::app::shelf::read(&context, "segmentation", Some(&name)).is_ok(),
            "{name}"
        );
    }
    for name in ["../../segmentation.toml", "..", "", ".hidden", "a/b"] {
        assert!(
            keep_segment::app::shelf::read(&context, "segmentation", Some(name)).is_err(),
            "{name}"
        );
    }
}

/// TOML knows `nan` and `inf`, and neither is a headcount, a rate or a share.
#[test]
fn numbers_of_a_model_are_finite() {
    let place = Place::new();
    for (table, key) in [
        ("capacity", "csms"),
        ("triggers", "tier_arr_move"),
        ("migration", "tech_to_mid_a_year"),
        ("capacity", "hours_per_csm"),
    ] {
        for number in ["nan", "inf", "-inf"] {
            place.write(MODEL, format!("schema = 1\n[{table}]\n{key} = {number}\n"));
            let refused = place.refused("validate", &json!({}));
            assert!(
                refused.starts_with("error[bad_value]") && refused.contains(&format!("{table}.{key}")),
                "{number}: {refused}"
            );
        }
    }
}
