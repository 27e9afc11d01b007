//! The table of tools: names, descriptions, schemas and how to run each. Both faces use it.

pub mod schema;

use serde_json::{Map, Value};

use crate::app::Context;

/// One tool.
pub struct Tool {
    /// `snake_case`, as clients call it.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    /// What it does, when, what it needs first, one example.
    pub description: &'static str,
    /// Changes nothing, not even the model.
    pub read_only: bool,
    /// Can overwrite something that a person wrote.
    pub destructive: bool,
    /// The same call twice leaves the same state.
    pub idempotent: bool,
    /// JSON schema of the arguments.
    pub schema: fn() -> Map<String, Value>,
    run: fn(&Context, Map<String, Value>) -> Reply,
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

/// Runs a tool. A panic inside answers too (`internal`).
pub fn call(tool: &Tool, context: &Context, arguments: Map<String, Value>) -> Reply {
    (tool.run)(context, arguments)
}

/// Every tool, in the order of the chain.
pub fn all() -> &'static [Tool] {
    &[]
}

/// The tool with this name.
pub fn find(name: &str) -> Option<&'static Tool> {
    all().iter().find(|tool| tool.name == name)
}
