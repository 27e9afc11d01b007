//! The model document as text: read with every problem at once, written with its comments where they stand.

use serde_json::{Map, Number, Value};
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, TableLike};

use crate::error::{Error, Problem, Result};
use crate::model::check::check;
use crate::model::decode::decode;
use crate::model::policy::{Method, Migration, Policy, Triggers};

/// Reads a model document; every problem in it at once.
pub fn parse(text: &str, shown: &str) -> Result<Policy> {
    let document: DocumentMut = text.parse().map_err(|e: toml_edit::TomlError| {
        let line = e
            .span()
            .and_then(|span| text.get(..span.start))
            .map_or(1, |before| before.matches('\n').count() + 1);
        let message = e.message().lines().next().unwrap_or("not TOML").to_string();
        Error::from(
            Problem::new("model_unreadable", format!("the model file is not TOML: {message}")).at(format!("{shown}:{line}")),
        )
    })?;
    let value = table_json(document.as_table());
    let mut policy: Policy = decode(value, shown).map_err(|problems| Error::all(problems.into_iter().map(in_file).collect()))?;
    if policy.baseline.is_none() {
        // A file written by hand and never run: the defaults are meant. Deleting them later is a decision that is seen.
        policy.triggers.get_or_insert_with(Triggers::default);
        policy.migration.get_or_insert_with(Migration::default);
    }
    if policy.axis.cuts.is_some() && policy.axis.method == Method::Auto {
        policy.axis.method = Method::Given;
    }
    let problems: Vec<Problem> = check(&policy)
        .into_iter()
        .map(|mut problem| {
            problem.fix = None;
            problem.place = problem.place.map(|place| format!("{shown}: {place}"));
            in_file(problem)
        })
        .collect();
    Error::unless_none(problems).map(|()| policy)
}

/// The document with the policy's values: what is equal stays as it is written, comments included.
pub fn rewritten(text: &str, policy: &Policy) -> Result<String> {
    let failed = |e: String| Error::from(Problem::new("internal", format!("the model could not be written: {e}")));
    let fresh = toml_edit::ser::to_string_pretty(policy).map_err(|e| failed(e.to_string()))?;
    let text = if text.trim().is_empty() {
        format!("# The segmentation model: what the team decided. Comments stay; keep-segment edits the values.\n{fresh}")
    } else {
        let fresh: DocumentMut = fresh.parse().map_err(|e: toml_edit::TomlError| failed(e.to_string()))?;
        let mut document: DocumentMut = text.parse().map_err(|e: toml_edit::TomlError| failed(e.to_string()))?;
        sync(document.as_table_mut(), fresh.as_table());
        document.to_string()
    };
    // A model that could not be read back must never reach the disk.
    match parse(&text, "the model") {
        Ok(read) if read == *policy => Ok(text),
        Ok(_) => Err(failed("its text would not say what was decided".into())),
        Err(error) => Err(error),
    }
}

/// In a file there are keys, not arguments, and no argument mends them.
fn in_file(mut problem: Problem) -> Problem {
    problem.code = match problem.code {
        "unknown_argument" => "unknown_key",
        "bad_argument" => "bad_value",
        "missing_argument" => "missing_key",
        other => other,
    };
    problem.fix = None;
    problem.next = Some("edit the file, then call again".into());
    problem
}

fn table_json(table: &dyn TableLike) -> Value {
    Value::Object(
        table
            .iter()
            .map(|(key, item)| (key.to_string(), item_json(item)))
            .collect::<Map<_, _>>(),
    )
}

fn item_json(item: &Item) -> Value {
    match item {
        Item::None => Value::Null,
        Item::Value(value) => value_json(value),
        Item::Table(table) => table_json(table),
        Item::ArrayOfTables(tables) => tables.iter().map(|table| table_json(table)).collect(),
    }
}

fn value_json(value: &toml_edit::Value) -> Value {
    use toml_edit::Value as Toml;
    match value {
        Toml::String(s) => Value::from(s.value().as_str()),
        Toml::Integer(i) => Value::from(*i.value()),
        // JSON has no `nan` and no `inf`, and leaving them out would take a key for one that is not there.
        Toml::Float(f) => Number::from_f64(*f.value()).map_or_else(|| Value::from(f.value().to_string()), Value::Number),
        Toml::Boolean(b) => Value::from(*b.value()),
        Toml::Datetime(d) => Value::from(d.value().to_string()),
        Toml::Array(list) => list.iter().map(value_json).collect(),
        Toml::InlineTable(table) => table_json(table),
    }
}

/// Makes `old` say what `new` says, touching nothing that says it already.
fn sync(old: &mut dyn TableLike, new: &dyn TableLike) {
    let gone: Vec<String> = old
        .iter()
        .map(|(key, _)| key.to_string())
        .filter(|key| !new.contains_key(key))
        .collect();
    for key in &gone {
        old.remove(key);
    }
    for (key, fresh) in new.iter() {
        match old.get_mut(key) {
            None => {
                old.insert(key, unplaced(fresh));
            }
            Some(item) => sync_item(item, fresh),
        }
    }
}

/// A copy that stands where it is inserted, rather than where it stood in its own document.
fn unplaced(item: &Item) -> Item {
    let mut item = item.clone();
    match &mut item {
        Item::Table(table) => unplace(table),
        Item::ArrayOfTables(tables) => tables.iter_mut().for_each(unplace),
        _ => {}
    }
    item
}

fn unplace(table: &mut Table) {
    table.set_position(None);
    for (_, item) in table.iter_mut() {
        *item = unplaced(item);
    }
}

fn sync_item(old: &mut Item, new: &Item) {
    if same(&item_json(old), &item_json(new)) {
        return;
    }
    if let (Item::ArrayOfTables(old), Item::ArrayOfTables(new)) = (&mut *old, new) {
        let mut tables: Vec<Table> = new.iter().map(|fresh| matched(old, fresh)).collect();
        in_order(&mut tables);
        *old = tables.into_iter().collect();
        return;
    }
    if let (Some(new), true) = (new.as_table_like(), old.is_table_like()) {
        if let Some(old) = old.as_table_like_mut() {
            sync(old, new);
        }
        if let Some(inline) = old.as_inline_table_mut() {
            inline.fmt();
        }
        return;
    }
    let mut fresh = match old.is_value() {
        // A table cannot stand inside a value: it is written inline, as what was there.
        true => inline(old, new),
        false => unplaced(new),
    };
    if let (Some(before), Some(after)) = (old.as_value(), fresh.as_value_mut()) {
        *after.decor_mut() = before.decor().clone();
    }
    *old = fresh;
}

/// The new item as a value; elements of a list that say the same as before keep their comments.
fn inline(old: &Item, new: &Item) -> Item {
    let Ok(value) = new.clone().into_value() else {
        return new.clone();
    };
    let (toml_edit::Value::Array(mut fresh), Some(before)) = (value.clone(), old.as_array()) else {
        return Item::Value(value);
    };
    // A comment after a comma belongs to the entry that follows, so an unknown entry takes what stood at its place.
    for (i, element) in fresh.iter_mut().enumerate() {
        let wanted = value_json(element);
        let name = wanted.get("name").cloned();
        let kept = before.iter().find(|other| same(&value_json(other), &wanted));
        let namesake = || {
            before
                .iter()
                .find(|other| name.is_some() && value_json(other).get("name").cloned() == name)
        };
        match (kept, namesake()) {
            (Some(kept), _) => *element = kept.clone(),
            (None, Some(namesake)) => *element.decor_mut() = namesake.decor().clone(),
            (None, None) => {
                if let Some(there) = before.get(i) {
                    *element.decor_mut() = there.decor().clone();
                }
            }
        }
    }
    fresh.set_trailing(before.trailing().clone());
    fresh.set_trailing_comma(before.trailing_comma());
    Item::Value(toml_edit::Value::Array(fresh))
}

/// The old table that says the same or has the same name, brought up to date with its comments; else the fresh one.
fn matched(old: &ArrayOfTables, fresh: &Table) -> Table {
    let equal = old.iter().find(|table| same(&table_json(*table), &table_json(fresh)));
    if let Some(table) = equal {
        return table.clone();
    }
    let name = |table: &Table| table.get("name").and_then(Item::as_str).map(str::to_string);
    let Some(mut table) = old
        .iter()
        .find(|table| name(table).is_some() && name(table) == name(fresh))
        .cloned()
    else {
        let mut table = fresh.clone();
        unplace(&mut table);
        return table;
    };
    sync(&mut table, fresh);
    table
}

/// Tables print where they stood; those that changed places take each other's, so that they print as they are listed.
fn in_order(tables: &mut [Table]) {
    let mut places: Vec<isize> = tables.iter().filter_map(Table::position).collect();
    places.sort_unstable();
    let placed = tables.iter_mut().filter(|table| table.position().is_some());
    for (table, place) in placed.zip(places) {
        table.set_position(Some(place));
    }
}

/// Equal values however they are written: 4 and 4.0 are one number.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) if a.is_f64() || b.is_f64() => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, value)| b.get(key).is_some_and(|other| same(value, other)))
        }
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_order_survive_an_edit() {
        let text = "# ours\nschema = 1\nseed = 7 # lucky\n\n# keep in touch with Finance\n[capacity]\ncsms = 4 # until March\n";
        let mut policy = parse(text, "m.toml").unwrap();
        policy.capacity.csms = Some(5.0);
        let after = rewritten(text, &policy).unwrap();
        for comment in ["# ours", "# lucky", "# keep in touch with Finance", "# until March"] {
            assert!(after.contains(comment), "{after}");
        }
        assert!(after.contains("csms = 5"), "{after}");
        assert_eq!(parse(&after, "m.toml").unwrap(), policy);
        assert_eq!(rewritten(&after, &policy).unwrap(), after, "a second save changes nothing");
    }

    #[test]
    fn a_list_of_tables_may_change_its_order() {
        let join = |path: &str| crate::model::load::Join {
            path: path.into(),
            kind: crate::model::load::JoinKind::Columns,
            key: None,
            date: None,
            sheet: None,
        };
        let text = "schema = 1\n[book]\npath = \"b.csv\"\nas_of = \"2026-06-30\"\n";
        let mut policy = parse(text, "m.toml").unwrap();
        let listed = |policy: &mut Policy, paths: &[&str]| {
            policy.book.as_mut().unwrap().joins = paths.iter().map(|path| join(path)).collect();
        };
        listed(&mut policy, &["a.csv", "b.csv", "c.csv"]);
        let text = rewritten(text, &policy)
            .unwrap()
            .replace("path = \"b.csv\"\nkind", "# the second\npath = \"b.csv\"\nkind");
        for paths in [
            ["c.csv", "a.csv", "b.csv"],
            ["d.csv", "c.csv", "b.csv"],
            ["b.csv", "d.csv", "a.csv"],
        ] {
            listed(&mut policy, &paths);
            let after = rewritten(&text, &policy).unwrap();
            assert_eq!(parse(&after, "m.toml").unwrap(), policy, "{after}");
            assert!(after.contains("# the second"), "{after}");
        }
    }

    #[test]
    fn comments_stay_with_their_factor_when_another_leaves() {
        let mut text = rewritten("", &Policy::default()).unwrap();
        text = text.replace(
            "name = \"reference_value\"",
            "name = \"reference_value\" # marketing owns this",
        );
        let mut policy = parse(&text, "m.toml").unwrap();
        policy.strategic.factors.remove(1);
        policy.strategic.factors[0].weight += 0.25;
        let after = rewritten(&text, &policy).unwrap();
        assert!(after.contains("name = \"reference_value\" # marketing owns this"), "{after}");
        assert_eq!(parse(&after, "m.toml").unwrap(), policy);
    }

    #[test]
    fn lists_written_inline_stay_inline_with_their_comments() {
        let factors = "{ name = \"a\", weight = 0.5 }, # Sales\n  { name = \"b\", weight = 0.3 },\n  { name = \"c\", weight = 0.2 }, # Legal\n";
        for text in [
            format!("schema = 1\n[strategic]\nfactors = [\n  {factors}]\n"),
            "schema = 1\nstrategic = { factors = [{ name = \"a\", weight = 0.5 }, { name = \"b\", weight = 0.3 }, { name = \"c\", weight = 0.2 }] }\n".into(),
        ] {
            let mut policy = parse(&text, "m.toml").unwrap();
            policy.strategic.factors[1].name = "other".into();
            let after = rewritten(&text, &policy).unwrap();
            assert_eq!(parse(&after, "m.toml").unwrap(), policy, "{after}");
            assert_eq!(after.contains("# Sales"), text.contains("# Sales"), "{after}");
            assert_eq!(after.contains("# Legal"), text.contains("# Legal"), "{after}");
        }
    }

    #[test]
    fn huge_amounts_and_seeds_come_back_as_they_went() {
        let mut policy = Policy {
            seed: 9_007_199_254_740_993,
            ..Policy::default()
        };
        policy.capacity.csm_cost = crate::model::money::Money(i64::MAX);
        let text = rewritten("", &policy).unwrap();
        assert_eq!(parse(&text, "m.toml").unwrap(), policy);
        policy.seed += 1;
        assert_eq!(
            parse(&rewritten(&text, &policy).unwrap(), "m.toml").unwrap().seed,
            policy.seed
        );
    }

    #[test]
    fn unknown_keys_are_errors_with_candidates() {
        let error = parse("schema = 1\n[capacity]\ncsm = 4\n[axis]\nsnapp = true\n", "m.toml").unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("error[unknown_key]") && text.contains("m.toml: capacity.csm"),
            "{text}"
        );
        assert_eq!(error.problems().len(), 2);
        assert!(error.problems().iter().all(|p| !p.found.is_empty()), "{error:?}");
    }

    #[test]
    fn the_schema_is_required() {
        assert!(parse("seed = 1\n", "m.toml").unwrap_err().to_string().contains("schema"));
    }

    #[test]
    fn every_default_is_written_and_read_back() {
        let text = rewritten("", &Policy::default()).unwrap();
        assert_eq!(parse(&text, "m.toml").unwrap(), Policy::default());
    }
}
