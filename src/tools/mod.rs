//! The table of tools: names, descriptions, schemas and how to run each. Both faces use it.

mod args;
pub mod schema;

use std::panic::{AssertUnwindSafe, catch_unwind};

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::app::{self, Answer, Common, Context};
use crate::error::{Error, Problem, Result};
use crate::model::decode::decode;
use crate::model::load::JoinKind;

/// One tool.
pub struct Tool {
    /// `snake_case`, as clients call it.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    /// What it does, when, what it needs first, one example.
    pub description: &'static str,
    /// Writes nothing at all: no model, no report, no lock.
    pub read_only: bool,
    /// Can replace or take back what a person decided, and not only add to it.
    pub destructive: bool,
    /// The same call twice leaves the same state as once, for whatever arguments.
    pub idempotent: bool,
    /// JSON schema of the arguments.
    pub schema: fn() -> Map<String, Value>,
    run: fn(&Context, Value) -> Result<Answer>,
}

/// What a tool answers, ready for either face.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// The box, the JSON, or the error.
    pub text: String,
    /// The same JSON as a value, only when `format` is `json`.
    pub structured: Option<Value>,
    /// The full report's path relative to the workspace, when one was written.
    pub report: Option<String>,
    /// The call must be mended.
    pub is_error: bool,
}

/// Arguments of any tool.
trait Arguments: DeserializeOwned + JsonSchema {
    /// Model name and whether JSON is wanted.
    fn common(&self) -> (Option<&str>, bool);

    /// Arguments of which null says something.
    const NULLABLE: &'static [&'static str];
}

static TABLE: [Tool; 11] = [
    Tool {
        name: "load_book",
        title: "Load the account book",
        description: "Reads an account export and says what each column means, what was set aside and why, and what it must ask. \
            Call it first, and again for next quarter's file: cuts, bins and weights stay. Needs a file inside the workspace; \
            without path, and with no book loaded yet, it looks for files that may be the book and says what to ask the user. \
            Example: {\"path\": \"accounts.csv\", \"as_of\": \"2026-06-30\"}",
        read_only: false,
        destructive: true,
        idempotent: true,
        schema: schema_of::<args::LoadBook>,
        run: |context, value| {
            with(value, |common, args: args::LoadBook| {
                app::book::load(context, &common, &args.edit())
            })
        },
    },
    Tool {
        name: "define_axes",
        title: "Define the axes",
        description: "Places the ARR cuts from the book's own distribution (or takes yours) and sets the strategic rubric. \
            Needs load_book first, or give path here. Cuts stay once placed; method auto derives them again. \
            Example: {\"method\": \"auto\"}",
        read_only: false,
        destructive: true,
        idempotent: true,
        schema: schema_of::<args::DefineAxes>,
        run: |context, value| {
            with(value, |common, args: args::DefineAxes| {
                app::axes::define(context, &common, &args.edit())
            })
        },
    },
    Tool {
        name: "score_strategic",
        title: "Score strategic value",
        description: "Scores every account 0..1 on the rubric from columns (default signals where the columns exist) and from \
            judgements, and lists the accounts to judge first. Needs define_axes. Example: {\"signals\": {\"reference_value\": \
            {\"kind\": \"scale\", \"column\": \"NPS\", \"from\": 0, \"to\": 80}}, \"judgements\": [{\"account\": \"A-17\", \
            \"scores\": {\"strategic_logo\": 0.9}, \"why\": \"household name\"}]}",
        read_only: false,
        destructive: true,
        idempotent: true,
        schema: schema_of::<args::ScoreStrategic>,
        run: |context, value| {
            with(value, |common, args: args::ScoreStrategic| {
                app::strategic::score(context, &common, &args.edit())
            })
        },
    },
    Tool {
        name: "assign_tiers",
        title: "Assign service tiers",
        description: "Places every account in high_touch, mid_touch, tech_touch or plg, sets override flags and comments on \
            contradictions. Needs define_axes; score_strategic first if you have signals or judgements. Example: \
            {\"flags\": {\"vip\": {\"when\": {\"all\": [{\"column\": \"Segment\", \"op\": \"eq\", \"value\": \"VIP\"}]}}}}",
        read_only: false,
        destructive: true,
        idempotent: true,
        schema: schema_of::<args::AssignTiers>,
        run: |context, value| {
            with(value, |common, args: args::AssignTiers| {
                app::tiers::assign(context, &common, &args.edit())
            })
        },
    },
    Tool {
        name: "calibrate_capacity",
        title: "Calibrate capacity",
        description: "Sets CSMs needed against CSMs available and searches every cut and bin within the rails for options that fit \
            (closest to today, most stable, most ARR covered...); nothing moves until apply. compare shows who would move under a \
            change of yours. Needs assign_tiers. Ask the user for the headcount. Example: {\"csms\": 6}",
        read_only: false,
        destructive: true,
        // `apply: previous` swaps two states: the second call undoes the first.
        idempotent: false,
        schema: schema_of::<args::CalibrateCapacity>,
        run: |context, value| {
            with(value, |common, args: args::CalibrateCapacity| {
                app::capacity::calibrate(context, &common, &args.edit())
            })
        },
    },
    Tool {
        name: "validate",
        title: "Run the nine gates",
        description: "Says whether the model may ship: nine gates (empty tiers, ARR reconciles, rubric, flags, capacity, \
            Mid-Touch share, stability at ARR ±10% over every account, triggers, gaps), each with the tool to go back to. \
            Needs assign_tiers and, to pass, calibrate_capacity. Example: {}",
        read_only: false,
        destructive: true,
        idempotent: true,
        schema: schema_of::<args::Validate>,
        run: |context, value| {
            with(value, |common, args: args::Validate| {
                app::gates::validate(context, &common, &args.edit())
            })
        },
    },
    Tool {
        name: "score_health",
        title: "Score account health",
        description: "Scores health 0..100 from usage, adoption, support, relationship and satisfaction columns, with status, coverage, \
            at-risk ARR by tier, what pulls accounts down and what to do first. Missing cells never make an account healthy. Needs \
            load_book; after assign_tiers it answers by tier. Example: {\"preset\": \"keep\"}",
        read_only: false,
        destructive: true,
        idempotent: true,
        schema: schema_of::<args::ScoreHealth>,
        run: |context, value| {
            with(value, |common, args: args::ScoreHealth| {
                app::health::score(context, &common, &args.edit())
            })
        },
    },
    Tool {
        name: "score_expansion",
        title: "Score readiness to expand",
        description: "Says which accounts are ready to expand (high, medium, low, unknown) by five factors, and which ones bad health \
            blocks. Needs assign_tiers; score_health first. Example: {\"signals\": {\"multi_team\": {\"kind\": \"flag\", \
            \"column\": \"Several teams\"}}}",
        read_only: false,
        destructive: true,
        idempotent: true,
        schema: schema_of::<args::ScoreExpansion>,
        run: |context, value| {
            with(value, |common, args: args::ScoreExpansion| {
                app::expansion::score(context, &common, &args.edit())
            })
        },
    },
    Tool {
        name: "explain_account",
        title: "Explain one account",
        description: "Why one account has its tier, health and flags, and the smallest change of ARR or of one factor that would move \
            it up or down, exact. Call it when the user asks \"why?\". Needs assign_tiers. Example: {\"account\": \"A-17\"}",
        read_only: true,
        destructive: false,
        idempotent: true,
        schema: schema_of::<args::ExplainAccount>,
        run: |context, value| {
            with(value, |common, args: args::ExplainAccount| {
                app::explain::explain(context, &common, args.account.as_deref())
            })
        },
    },
    Tool {
        name: "list_accounts",
        title: "List accounts",
        description: "Lists accounts by filter and order, a page at a time; never lists the whole book unasked. margin sorts by distance \
            to the next cut. Needs assign_tiers. Example: {\"where\": {\"tier\": \"high_touch\", \"health\": [\"at_risk\", \
            \"critical\"]}, \"sort\": \"arr\", \"limit\": 10}",
        read_only: true,
        destructive: false,
        idempotent: true,
        schema: schema_of::<args::ListAccounts>,
        run: |context, value| {
            with(value, |common, args: args::ListAccounts| {
                app::list::list(context, &common, &args.request())
            })
        },
    },
    Tool {
        name: "write_report",
        title: "Write the report",
        description: "Writes the segmentation document (eight sections, stamped APPROVED or DRAFT) as Markdown and as one HTML \
            page to forward, and one row per account as segments.csv. Needs assign_tiers; validate first. Example: {\"company\": \"Acme\"}",
        read_only: false,
        destructive: false,
        idempotent: true,
        schema: schema_of::<args::WriteReport>,
        run: |context, value| {
            with(value, |common, args: args::WriteReport| {
                app::document::write(context, &common, &args.request())
            })
        },
    },
];

/// Every tool, in the order of the chain.
pub fn all() -> &'static [Tool] {
    &TABLE
}

/// The tool with this name.
pub fn find(name: &str) -> Option<&'static Tool> {
    all().iter().find(|tool| tool.name == name)
}

/// Runs a tool. A panic inside answers too (`internal`).
pub fn call(tool: &Tool, context: &Context, arguments: Map<String, Value>) -> Reply {
    guarded(|| (tool.run)(context, Value::Object(arguments)).map_err(|error| error.or_next(tool.name)))
}

/// The table as Markdown: README holds a copy, and a test keeps it true.
pub fn as_markdown() -> String {
    let mut out = String::from("| tool | what it does |\n| --- | --- |\n");
    for tool in all() {
        let what = tool.description.split(" Example:").next().unwrap_or(tool.description);
        out.push_str(&format!("| `{}` | {what} |\n", tool.name));
    }
    out
}

fn guarded(run: impl FnOnce() -> Result<Answer>) -> Reply {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(answer)) => Reply {
            text: answer.text,
            structured: answer.json,
            report: answer.report,
            is_error: false,
        },
        Ok(Err(error)) => failed(&error),
        Err(_) => failed(
            &Problem::new(
                "internal",
                "the tool failed inside; nothing was changed and the server is still running",
            )
            .expected("a report of this with the log and the call, so that it can be mended")
            .into(),
        ),
    }
}

fn failed(error: &Error) -> Reply {
    Reply {
        text: error.to_string(),
        structured: None,
        report: None,
        is_error: true,
    }
}

fn with<A: Arguments>(value: Value, run: impl FnOnce(Common, A) -> Result<Answer>) -> Result<Answer> {
    let value = without_nulls(value, A::NULLABLE);
    let args: A = decode(value.clone(), "").map_err(|problems| Error::all(with_kinds(&value, problems)))?;
    let (model, json) = args.common();
    let common = Common {
        model: model.unwrap_or("segmentation").to_string(),
        json,
    };
    run(common, args)
}

/// Where all that is wrong with the joins is that kinds are missing, names of files tell which: the list with them is the fix.
fn with_kinds(value: &Value, mut problems: Vec<Problem>) -> Vec<Problem> {
    let of_joins = |problem: &Problem| problem.place.as_deref().is_some_and(|place| place.starts_with("joins"));
    let missing = |problem: &Problem| {
        let index = problem.place.as_deref()?.strip_prefix("joins.")?.strip_suffix(".kind")?;
        (problem.code == "missing_argument").then(|| index.parse::<usize>().ok())?
    };
    let Some(at) = problems
        .iter()
        .filter(|p| of_joins(p))
        .map(missing)
        .collect::<Option<Vec<usize>>>()
    else {
        return problems;
    };
    let mut joins = value.get("joins").cloned().unwrap_or_default();
    for index in at {
        let Some(join) = joins.get_mut(index).and_then(Value::as_object_mut) else {
            return problems;
        };
        let Some(kind) = join.get("path").and_then(Value::as_str).and_then(JoinKind::of_name) else {
            return problems;
        };
        join.insert("kind".into(), kind.code().into());
    }
    for problem in problems.iter_mut().filter(|problem| of_joins(problem)) {
        problem.fix = Some(json!({ "joins": joins }));
    }
    problems
}

/// Some clients fill every optional argument with null; at the top level that says nothing.
fn without_nulls(value: Value, nullable: &[&str]) -> Value {
    match value {
        Value::Object(map) => {
            let says = |(key, value): &(String, Value)| !value.is_null() || nullable.contains(&key.as_str());
            Value::Object(map.into_iter().filter(says).collect())
        }
        other => other,
    }
}

fn schema_of<A: Arguments>() -> Map<String, Value> {
    schema::tidy(schemars::schema_for!(A).to_value())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_answers() {
        let reply = guarded(|| panic!("a slip"));
        assert!(reply.is_error && reply.text.starts_with("error[internal]"), "{}", reply.text);
    }

    #[test]
    fn schemas_are_small_and_plain() {
        for tool in all() {
            let schema = Value::Object((tool.schema)()).to_string();
            assert!(schema.len() <= 1_400, "{}: {} bytes\n{schema}", tool.name, schema.len());
            for odd in [
                "$ref",
                "$defs",
                "anyOf",
                "\"null\"",
                "uint64",
                "double",
                "$schema",
                "\"items\":{}",
            ] {
                assert!(!schema.contains(odd), "{}: {odd} in {schema}", tool.name);
            }
        }
    }
}
