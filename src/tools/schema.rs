//! Makes a generated JSON Schema plain enough for every client that reads tool lists.

use serde_json::{Map, Value, json};

/// The schema without `$schema`, titles, references, formats and nullable types; descriptions and limits stay.
///
/// Some clients drop a whole tool list over one `$ref` or one `anyOf` with `null`. A type that contains itself is cut
/// to a plain object where it repeats.
pub fn tidy(schema: Value) -> Map<String, Value> {
    let Value::Object(mut root) = schema else {
        return tidy(json!({}));
    };
    let mut definitions = Map::new();
    for key in ["$defs", "definitions"] {
        if let Some(Value::Object(found)) = root.remove(key) {
            definitions.extend(found);
        }
    }
    let mut tidied = Tidier {
        definitions,
        open: Vec::new(),
    }
    .object(root);
    tidied.entry("type").or_insert_with(|| json!("object"));
    tidied.entry("properties").or_insert_with(|| json!({}));
    tidied
}

/// Keywords whose value is one schema.
const ONE: [&str; 5] = ["items", "additionalProperties", "not", "contains", "propertyNames"];
/// Keywords whose value is a list of schemas.
const MANY: [&str; 4] = ["anyOf", "oneOf", "allOf", "prefixItems"];
/// Keywords whose value maps names to schemas; the names are data and never taken for keywords.
const NAMED: [&str; 2] = ["properties", "patternProperties"];

struct Tidier {
    definitions: Map<String, Value>,
    /// Definitions being written out, outermost first.
    open: Vec<String>,
}

impl Tidier {
    fn value(&mut self, schema: Value) -> Value {
        match schema {
            Value::Object(object) => Value::Object(self.object(object)),
            Value::Bool(true) => json!({}),
            other => other,
        }
    }

    fn object(&mut self, object: Map<String, Value>) -> Map<String, Value> {
        let mut object = self.resolved(object);
        drop_noise(&mut object);
        for key in ONE {
            self.change(&mut object, key, |this, value| this.value(value));
        }
        for key in MANY {
            self.change(&mut object, key, |this, value| match value {
                Value::Array(schemas) => schemas.into_iter().map(|schema| this.value(schema)).collect(),
                other => other,
            });
        }
        for key in NAMED {
            self.change(&mut object, key, |this, value| match value {
                Value::Object(named) => named.into_iter().map(|(name, schema)| (name, this.value(schema))).collect(),
                other => other,
            });
        }
        for key in MANY {
            flatten(&mut object, key);
        }
        object
    }

    /// Replaces a reference with what it names; what stands beside the reference wins.
    fn resolved(&mut self, mut object: Map<String, Value>) -> Map<String, Value> {
        let Some(Value::String(reference)) = object.remove("$ref") else {
            return object;
        };
        let name = reference.rsplit('/').next().unwrap_or_default().to_string();
        let target = if self.open.contains(&name) {
            None
        } else {
            self.definitions.get(&name).cloned()
        };
        let Some(Value::Object(target)) = target else {
            object.entry("type").or_insert_with(|| json!("object"));
            return object;
        };
        self.open.push(name);
        let target = self.object(target);
        self.open.pop();
        fill(&mut object, target);
        object
    }

    fn change(&mut self, object: &mut Map<String, Value>, key: &str, f: impl FnOnce(&mut Self, Value) -> Value) {
        if let Some(slot) = object.get_mut(key) {
            let value = slot.take();
            *slot = f(self, value);
        }
    }
}

fn drop_noise(object: &mut Map<String, Value>) {
    object.remove("$schema");
    object.remove("$id");
    object.remove("title");
    let unsigned = object
        .remove("format")
        .is_some_and(|format| format.as_str().is_some_and(|name| name.starts_with("uint")));
    if unsigned && object.get("minimum").and_then(Value::as_f64) == Some(0.0) {
        object.remove("minimum");
    }
    // An empty default says no more than that the argument may be left out.
    if object
        .get("default")
        .is_some_and(|value| [json!(null), json!({}), json!([]), json!("")].contains(value))
    {
        object.remove("default");
    }
    if object.get("additionalProperties").is_some_and(|more| *more == json!(true)) {
        object.remove("additionalProperties");
    }
    for key in ["required", "enum", "type"] {
        if let Some(Value::Array(values)) = object.get_mut(key) {
            values.retain(|value| !value.is_null() && (key != "type" || value != "null"));
            let only = if key == "type" && values.len() == 1 {
                values.pop()
            } else {
                None
            };
            match only {
                Some(only) => {
                    object.insert(key.to_string(), only);
                }
                None if values.is_empty() => {
                    object.remove(key);
                }
                None => {}
            }
        }
    }
}

/// Drops the `null` branch, merges a branch that is left alone, and turns a list of constants into an `enum`.
fn flatten(object: &mut Map<String, Value>, key: &str) {
    let Some(Value::Array(branches)) = object.get_mut(key) else {
        return;
    };
    if key == "prefixItems" {
        return;
    }
    branches.retain(|branch| branch.get("type").is_none_or(|t| t != "null") && *branch != json!({"const": null}));
    if branches.len() == 1 {
        if let Some(Value::Object(only)) = branches.pop() {
            object.remove(key);
            fill(object, only);
        }
        return;
    }
    if key != "allOf"
        && let Some((values, notes)) = constants(branches)
    {
        object.remove(key);
        object.insert("type".into(), json!("string"));
        object.insert("enum".into(), Value::Array(values));
        if !notes.is_empty() {
            let head = object.get("description").and_then(Value::as_str).map(|d| format!("{d} "));
            object.insert(
                "description".into(),
                json!(format!("{}{}", head.unwrap_or_default(), notes.join(" "))),
            );
        }
    }
}

/// The texts that the branches allow and what is said about each, if the branches are nothing but texts.
fn constants(branches: &[Value]) -> Option<(Vec<Value>, Vec<String>)> {
    let mut values = Vec::new();
    let mut notes = Vec::new();
    for branch in branches {
        if let Some(text) = branch.get("const").and_then(Value::as_str) {
            values.push(json!(text));
            let about = branch.get("description").and_then(Value::as_str);
            notes.extend(about.map(|about| format!("`{text}`: {about}")));
        } else {
            let listed = branch.get("enum").and_then(Value::as_array)?;
            if !listed.iter().all(Value::is_string) || branch.get("description").is_some() {
                return None;
            }
            values.extend(listed.iter().cloned());
        }
    }
    (!values.is_empty()).then_some((values, notes))
}

fn fill(object: &mut Map<String, Value>, from: Map<String, Value>) {
    for (key, value) in from {
        object.entry(key).or_insert(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_noise_goes_and_what_it_says_stays() {
        let cases = [
            (
                "nullable type",
                json!({"type": ["string", "null"], "description": "d"}),
                json!({"type": "string", "description": "d"}),
            ),
            (
                "nullable branch",
                json!({"anyOf": [{"type": "number", "format": "double"}, {"type": "null"}]}),
                json!({"type": "number"}),
            ),
            (
                "default null",
                json!({"type": "string", "default": null}),
                json!({"type": "string"}),
            ),
            (
                "default kept",
                json!({"type": "string", "default": "box"}),
                json!({"type": "string", "default": "box"}),
            ),
            (
                "unsigned",
                json!({"type": "integer", "format": "uint32", "minimum": 0}),
                json!({"type": "integer"}),
            ),
            (
                "limit kept",
                json!({"type": "number", "minimum": 0, "maximum": 1}),
                json!({"type": "number", "minimum": 0, "maximum": 1}),
            ),
            (
                "null in enum",
                json!({"type": ["string", "null"], "enum": ["a", null]}),
                json!({"type": "string", "enum": ["a"]}),
            ),
            ("anything", json!(true), json!({})),
            (
                "any map",
                json!({"type": "object", "additionalProperties": true}),
                json!({"type": "object"}),
            ),
            (
                "map",
                json!({"additionalProperties": {"type": "number", "format": "double"}}),
                json!({"additionalProperties": {"type": "number"}}),
            ),
            (
                "list",
                json!({"items": {"$ref": "#/$defs/Tier"}}),
                json!({"items": {"type": "string", "enum": ["plg"]}}),
            ),
            (
                "reference with words",
                json!({"$ref": "#/$defs/Tier", "description": "mine"}),
                json!({"description": "mine", "type": "string", "enum": ["plg"]}),
            ),
            (
                "wrapped reference",
                json!({"allOf": [{"$ref": "#/$defs/Tier"}], "default": "plg"}),
                json!({"default": "plg", "type": "string", "enum": ["plg"]}),
            ),
            (
                "unknown reference",
                json!({"$ref": "#/$defs/Gone"}),
                json!({"type": "object"}),
            ),
            (
                "nullable reference",
                json!({"anyOf": [{"$ref": "#/$defs/Tier"}, {"type": "null"}], "description": "mine"}),
                json!({"description": "mine", "type": "string", "enum": ["plg"]}),
            ),
            (
                "constants",
                json!({"description": "How.", "oneOf": [{"type": "string", "const": "a", "description": "One."}, {"const": "b"}]}),
                json!({"description": "How. `a`: One.", "type": "string", "enum": ["a", "b"]}),
            ),
            (
                "a real choice",
                json!({"anyOf": [{"type": "number"}, {"type": "string"}]}),
                json!({"anyOf": [{"type": "number"}, {"type": "string"}]}),
            ),
        ];
        for (name, dirty, clean) in cases {
            let schema = json!({
                "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Args", "type": "object",
                "properties": {"x": dirty}, "$defs": {"Tier": {"title": "Tier", "type": "string", "enum": ["plg"]}},
                "additionalProperties": false, "required": [],
            });
            let wanted = json!({"type": "object", "properties": {"x": clean}, "additionalProperties": false});
            assert_eq!(Value::Object(tidy(schema)), wanted, "{name}");
        }
    }

    #[test]
    fn an_argument_may_be_called_like_a_keyword() {
        let schema = json!({"type": "object", "properties": {
            "format": {"type": "string"}, "title": {"type": "string"}, "$ref": {"type": "string"}, "default": {"type": ["string", "null"]},
        }, "required": ["format"]});
        let tidied = tidy(schema);
        let names: Vec<&String> = tidied["properties"].as_object().unwrap().keys().collect();
        assert_eq!(names, ["format", "title", "$ref", "default"]);
        assert_eq!(tidied["required"], json!(["format"]));
    }

    #[test]
    fn a_type_that_contains_itself_is_cut() {
        let schema = json!({"type": "object", "properties": {"s": {"$ref": "#/$defs/Signal"}}, "$defs": {
            "Signal": {"type": "object", "properties": {"of": {"type": "array", "items": {"$ref": "#/$defs/Signal"}}}},
        }});
        let tidied = Value::Object(tidy(schema));
        assert_eq!(
            tidied["properties"]["s"]["properties"]["of"]["items"],
            json!({"type": "object"})
        );
        assert!(!tidied.to_string().contains("$ref"));
    }

    #[test]
    fn a_generated_schema_comes_out_plain() {
        /// How to answer.
        #[derive(schemars::JsonSchema)]
        #[serde(rename_all = "snake_case")]
        #[allow(dead_code)]
        enum Format {
            Box,
            Json,
        }
        #[derive(schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        #[allow(dead_code)]
        struct Args {
            /// The account export.
            path: String,
            /// Box or JSON.
            format: Option<Format>,
            /// Headcount.
            csms: Option<f64>,
            limit: Option<u64>,
            by_tier: Option<std::collections::BTreeMap<String, Option<f64>>>,
        }
        let text = Value::Object(tidy(schemars::schema_for!(Args).to_value())).to_string();
        for noise in ["$schema", "$ref", "$defs", "null", "double", "uint64", "title", "anyOf"] {
            assert!(!text.contains(noise), "{noise} in {text}");
        }
        assert!(
            text.contains("The account export.") && text.contains(r#""enum":["box","json"]"#),
            "{text}"
        );
        assert!(
            text.contains(r#""additionalProperties":false"#) && text.contains(r#""required":["path"]"#),
            "{text}"
        );
    }

    #[test]
    fn no_arguments_is_an_object_without_properties() {
        for schema in [json!({}), json!(true), json!(null)] {
            assert_eq!(Value::Object(tidy(schema)), json!({"type": "object", "properties": {}}));
        }
    }
}
