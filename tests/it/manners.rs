//! What the server offers beside tools: prompts, resources and completions, in both protocol eras, by hand on the pipes.

use std::time::{Duration, Instant};

use keep_segment::tools;
use serde_json::{Map, Value, json};

use crate::mcp::{Raw, workspace};
use crate::support::{AS_OF, Place};

/// A client of one era: newer ones send what they are with every request.
struct Client {
    raw: Raw,
    meta: Option<Value>,
}

const ERAS: [&str; 2] = ["2025-06-18", "2026-07-28"];

impl Client {
    fn of(era: &str, workspace: &std::path::Path) -> Client {
        let mut raw = Raw::start(workspace);
        let meta = (era >= "2026").then(|| {
            json!({
                "io.modelcontextprotocol/protocolVersion": era,
                "io.modelcontextprotocol/clientInfo": {"name": "by hand", "version": "1"},
                "io.modelcontextprotocol/clientCapabilities": {},
            })
        });
        match meta.clone() {
            Some(meta) => {
                raw.ask("server/discover", json!({"_meta": meta}));
            }
            None => assert_eq!(raw.initialize(era)["result"]["protocolVersion"], era),
        }
        Client { raw, meta }
    }

    fn ask(&mut self, method: &str, mut params: Value) -> Value {
        if let Some(meta) = &self.meta {
            params["_meta"] = meta.clone();
        }
        self.raw.ask(method, params)
    }

    fn result(&mut self, method: &str, params: Value) -> Value {
        let answer = self.ask(method, params);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    fn refused(&mut self, method: &str, params: Value) -> (i64, String) {
        let error = self.ask(method, params)["error"].clone();
        (
            error["code"].as_i64().unwrap(),
            error["message"].as_str().unwrap().to_string(),
        )
    }

    fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let result = self.result("tools/call", json!({"name": tool, "arguments": arguments}));
        assert_eq!(result["isError"], false, "{tool}: {result}");
        result
    }

    fn completed(&mut self, reference: &Value, name: &str, value: &str, chosen: Value) -> Vec<String> {
        let argument = json!({"name": name, "value": value});
        let params = json!({"ref": reference, "argument": argument, "context": {"arguments": chosen}});
        let completion = self.result("completion/complete", params)["completion"].clone();
        let values: Vec<String> = serde_json::from_value(completion["values"].clone()).unwrap();
        assert!(values.len() <= 100 && completion["hasMore"].is_boolean(), "{completion}");
        assert!(completion["total"].as_u64().unwrap() >= values.len() as u64, "{completion}");
        values
    }

    fn chain(&mut self) {
        self.call("define_axes", json!({"path": "accounts.csv", "as_of": AS_OF}));
        self.call("score_strategic", json!({}));
        self.call("assign_tiers", json!({}));
        self.call("calibrate_capacity", json!({"csms": 6}));
    }
}

fn prompt(name: &str) -> Value {
    json!({"type": "ref/prompt", "name": name})
}

fn template(uri: &str) -> Value {
    json!({"type": "ref/resource", "uri": uri})
}

fn uris(resources: &Value) -> Vec<String> {
    let listed = resources["resources"].as_array().unwrap();
    listed.iter().map(|item| item["uri"].as_str().unwrap().to_string()).collect()
}

/// What is announced is what is there: nothing changes unasked, so nothing is promised.
#[test]
fn only_what_is_there_is_announced() {
    let place = workspace(1);
    let mut raw = Raw::start(place.path());
    let told = raw.initialize("2025-06-18")["result"]["capabilities"].clone();
    let names: Vec<&String> = told.as_object().unwrap().keys().collect();
    assert_eq!(names, ["completions", "prompts", "resources", "tools"], "{told}");
    assert!(!told.to_string().contains("true"), "{told}");
    raw.hang_up();
}

#[test]
fn prompts_carry_the_flow_and_take_every_part_of_a_value() {
    for era in ERAS {
        let place = workspace(10);
        let mut client = Client::of(era, place.path());
        let listed = client.result("prompts/list", json!({}));
        let prompts = listed["prompts"].as_array().unwrap();
        let names: Vec<&Value> = prompts.iter().map(|prompt| &prompt["name"]).collect();
        assert_eq!(names, ["keep-segment", "review-account"]);
        assert!(prompts.iter().all(|p| p["title"].is_string() && p["description"].is_string()));
        let text = |result: &Value| {
            let messages = result["messages"].as_array().unwrap();
            assert_eq!((messages.len(), &messages[0]["role"]), (1, &json!("user")));
            messages[0]["content"]["text"].as_str().unwrap().to_string()
        };
        let split = json!({"book": "my", "csms": "accounts.csv", "more": "6"});
        let flow = text(&client.result("prompts/get", json!({"name": "keep-segment", "arguments": split})));
        assert!(flow.starts_with("Arguments:\n- book: my accounts.csv\n- csms: 6\n"), "{flow}");
        let skill = include_str!("../../skills/keep-segment/SKILL.md");
        let skill = skill.replace("$ARGUMENTS", "the arguments above");
        assert!(skill.contains(flow.split_once("\n\n").unwrap().1.trim()), "one text for both");
        let none = text(&client.result("prompts/get", json!({"name": "keep-segment"})));
        assert!(none.contains("- csms: not given"), "{none}");
        let review = json!({"account": "Account", "rest": "3"});
        let review = text(&client.result("prompts/get", json!({"name": "review-account", "arguments": review})));
        assert!(
            review.contains(r#"{"account":"Account 3"}"#) && review.contains("explain_account"),
            "{review}"
        );
        let (code, message) = client.refused("prompts/get", json!({"name": "review-account", "arguments": {}}));
        assert!(code == -32602 && message.contains("account id"), "{message}");
        let (code, message) = client.refused("prompts/get", json!({"name": "reviewaccount"}));
        assert!(
            code == -32602 && message.contains("did you mean `review-account`?"),
            "{message}"
        );
        let (code, _) = client.refused("prompts/get", json!({"nam": 1}));
        assert_eq!(code, -32602);
        client.raw.hang_up();
    }
}

#[test]
fn reports_and_models_are_listed_and_read_and_links_lead_to_them() {
    for era in ERAS {
        let place = workspace(60);
        let mut client = Client::of(era, place.path());
        assert_eq!(client.result("resources/list", json!({}))["resources"], json!([]));
        client.chain();
        let done = client.call("write_report", json!({"company": "Müller & Co"}));
        let link = done["content"][1].clone();
        assert_eq!(link["type"], "resource_link", "{done}");
        client.call("load_book", json!({"path": "accounts.csv", "as_of": AS_OF, "model": "other"}));
        let listed = client.result("resources/list", json!({}));
        let found = uris(&listed);
        for uri in [
            "keep-segment://segmentation/model",
            "keep-segment://segmentation/reports/segments.csv",
            "keep-segment://other/model",
            link["uri"].as_str().unwrap(),
        ] {
            assert!(found.contains(&uri.to_string()), "{uri} in {found:?}");
        }
        for item in listed["resources"].as_array().unwrap() {
            let read = client.result("resources/read", json!({"uri": item["uri"]}));
            let contents = &read["contents"][0];
            assert_eq!((&contents["uri"], &contents["mimeType"]), (&item["uri"], &item["mimeType"]));
            assert_eq!(
                contents["text"].as_str().unwrap().len() as u64,
                item["size"].as_u64().unwrap(),
                "{item}"
            );
        }
        assert_eq!(link["mimeType"], "text/markdown");
        let csv = client.call("write_report", json!({"formats": ["csv"]}));
        assert_eq!(csv["content"][1]["mimeType"], "text/csv", "{csv}");
        let elsewhere = client.call("write_report", json!({"out": "handed"}));
        assert_eq!(
            elsewhere["content"].as_array().unwrap().len(),
            1,
            "no link to what is no resource"
        );
        let templates = client.result("resources/templates/list", json!({}));
        let made: Vec<&Value> = templates["resourceTemplates"]
            .as_array()
            .unwrap()
            .iter()
            .map(|template| &template["uriTemplate"])
            .collect();
        assert_eq!(
            made,
            ["keep-segment://{model}/model", "keep-segment://{model}/reports/{name}"]
        );
        client.raw.hang_up();
    }
}

/// An address leads to what is listed and nowhere else: not up, not along a link, not to customer data beside the reports.
#[test]
fn no_address_leads_out_of_the_shelf() {
    for era in ERAS {
        let place = Place::with_example();
        place.write("accounts.csv", place.read("book.csv"));
        let mut client = Client::of(era, place.root());
        client.chain();
        place.write(".keep-segment/segmentation/reports/own.txt", "own");
        place.write("secret.txt", "secret");
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(
                place.path("secret.txt"),
                place.path(".keep-segment/segmentation/reports/link.md"),
            )
            .unwrap();
            std::os::unix::fs::symlink(place.root(), place.path(".keep-segment/linked")).unwrap();
            std::os::unix::fs::symlink(place.path("secret.txt"), place.path(".keep-segment/linked.toml")).unwrap();
        }
        let listed = uris(&client.result("resources/list", json!({})));
        assert!(
            listed.contains(&"keep-segment://segmentation/reports/own.txt".to_string()),
            "{listed:?}"
        );
        assert!(!listed.iter().any(|uri| uri.contains("link")), "{listed:?}");
        for uri in [
            "keep-segment://segmentation/reports/..%2F..%2F..%2Fsecret.txt",
            "keep-segment://segmentation/reports/../../../secret.txt",
            "keep-segment://segmentation/reports/link.md",
            "keep-segment://linked/model",
            "keep-segment://linked/reports/secret.txt",
            "keep-segment://../reports/secret.txt",
            "keep-segment://segmentation/reports/tires.md",
            "keep-segment://none/model",
            "keep-segment://segmentation/set-aside/book.csv",
            "file:///etc/passwd",
            "",
        ] {
            let (code, message) = client.refused("resources/read", json!({"uri": uri}));
            assert_eq!(code, if era >= "2026" { -32602 } else { -32002 }, "{uri}: {message}");
            assert!(!message.contains("secret\n"), "{message}");
        }
        assert_eq!(client.refused("resources/read", json!({"url": "x"})).0, -32602);
        client.raw.hang_up();
    }
}

#[test]
fn completions_offer_what_there_is() {
    for era in ERAS {
        let place = Place::with_example();
        let mut book = place.read("book.csv");
        book += "ACC-99998,\"Zwölf \u{202e}lived\",Retail,EMEA,,5000,Team,,,,,,,,,,,,,,,\n";
        place.write("accounts.csv", book);
        place.write("deep/old accounts.csv", place.read("book.csv"));
        place.write("notes.md", "# nothing\n");
        let mut client = Client::of(era, place.root());
        let (segment, review) = (prompt("keep-segment"), prompt("review-account"));
        let none = json!({});
        assert!(
            client.completed(&review, "account", "A", none.clone()).is_empty(),
            "no book is loaded"
        );
        client.chain();
        let mut all = client.completed(&segment, "book", "", none.clone());
        all.sort();
        assert_eq!(all, ["accounts.csv", "book.csv", "deep/old accounts.csv"], "{era}");
        assert_eq!(
            client.completed(&segment, "book", "acc", none.clone()),
            ["accounts.csv", "deep/old accounts.csv"]
        );
        for outside in ["/", "/etc/", "../", "~"] {
            let offered = client.completed(&segment, "book", outside, none.clone());
            assert!(offered.iter().all(|path| all.contains(path)), "{outside}: {offered:?}");
        }
        assert_eq!(
            client.completed(&segment, "csms", "high_touch=3,t", none.clone()),
            ["high_touch=3,tech_touch="]
        );
        let ids = client.completed(&review, "account", "acc-1004", none.clone());
        assert!(ids.len() == 9 && ids.iter().all(|id| id.starts_with("ACC-1004")), "{ids:?}");
        let named = client.completed(&review, "account", "Selmmore", none.clone());
        assert!(named.iter().any(|name| name == "Selmmore Resorts LLC"), "{named:?}");
        assert_eq!(
            client.completed(&review, "account", "Selmore Resorts", none.clone())[0],
            "Selmmore Resorts LLC"
        );
        assert_eq!(client.completed(&review, "account", "", none.clone()).len(), 100);
        assert_eq!(
            client.completed(&review, "account", "zwölf", none.clone()),
            ["ACC-99998"],
            "its name reorders"
        );
        // What is offered is what the tool takes.
        for account in named {
            client.call("explain_account", json!({"account": account}));
        }
        let report = template("keep-segment://{model}/reports/{name}");
        assert_eq!(client.completed(&report, "model", "seg", none.clone()), ["segmentation"]);
        let chosen = json!({"model": "segmentation"});
        assert!(
            client
                .completed(&report, "name", "cap", chosen)
                .contains(&"capacity.md".to_string())
        );
        assert!(client.completed(&report, "name", "", json!({"model": "other"})).is_empty());
        assert!(client.completed(&segment, "nothing", "x", none.clone()).is_empty());
        for (reference, name) in [(prompt("nothing"), "x"), (template("other://x"), "x")] {
            let params = json!({"ref": reference, "argument": {"name": name, "value": ""}});
            assert_eq!(client.refused("completion/complete", params).0, -32602);
        }
        assert_eq!(client.refused("completion/complete", json!({"ref": 1})).0, -32602);
        client.raw.hang_up();
    }
}

/// The first key reads the book; the next ones search what was read, and a book that has changed is read again.
#[test]
fn accounts_of_a_large_book_are_offered_at_once() {
    let place = workspace(100_000);
    let mut client = Client::of("2025-06-18", place.path());
    client.call("load_book", json!({"path": "accounts.csv", "as_of": AS_OF}));
    let review = prompt("review-account");
    let none = json!({});
    client.completed(&review, "account", "a", none.clone());
    let start = Instant::now();
    for typed in ["Account 999", "A0999", "Acount 99", "nothing like it"] {
        client.completed(&review, "account", typed, none.clone());
    }
    let took = start.elapsed();
    println!("four keys on 100,000 accounts: {took:?}");
    assert!(took < Duration::from_secs(4), "{took:?}");
    std::fs::write(
        place.path().join("accounts.csv"),
        "Account ID,Account Name,ARR\nX1,Fresh,100\n",
    )
    .unwrap();
    assert_eq!(client.completed(&review, "account", "fre", none), ["Fresh"]);
    client.raw.hang_up();
}

/// Broken models and books are the tool's to tell of: a completion offers nothing, a list lists what there is.
#[test]
fn what_is_broken_answers() {
    let place = Place::with_example();
    place.write(".keep-segment/segmentation.toml", "no toml [");
    let mut client = Client::of("2025-06-18", place.root());
    assert!(
        client
            .completed(&prompt("review-account"), "account", "a", json!({}))
            .is_empty()
    );
    assert_eq!(
        uris(&client.result("resources/list", json!({}))),
        ["keep-segment://segmentation/model"]
    );
    let read = client.result("resources/read", json!({"uri": "keep-segment://segmentation/model"}));
    assert_eq!(read["contents"][0]["text"], "no toml [");
    client.raw.hang_up();
}

/// A tool that calls itself read-only leaves the workspace as it is, file by file, even one that has never been used.
#[test]
fn read_only_tools_write_nothing() {
    for tool in tools::all().iter().filter(|tool| tool.read_only) {
        let fresh = Place::with_example();
        fresh.refused(tool.name, &json!({}));
        assert!(!fresh.path(".keep-segment").exists(), "{}", tool.name);
        let place = Place::with_example();
        place.tiers();
        std::fs::remove_file(place.path(".keep-segment/segmentation.lock")).unwrap();
        let before = files(&place);
        let arguments = match tool.name {
            "explain_account" => json!({"account": "ACC-10041"}),
            _ => json!({}),
        };
        place.boxed(tool.name, &arguments);
        place.json(tool.name, &arguments);
        assert_eq!(before, files(&place), "{}", tool.name);
    }
}

/// A tool that says the same call twice is as once: the second leaves every file as the first did.
#[test]
fn idempotent_tools_leave_the_same_twice() {
    let place = Place::with_example();
    place.tiers();
    let calls: Map<String, Value> = serde_json::from_value(json!({
        "load_book": {"path": "book.csv", "as_of": AS_OF},
        "define_axes": {"cuts": {"low": 9000, "high": 30_000}},
        "score_strategic": {"judgements": [{"account": "ACC-10041", "scores": {"strategic_logo": 0.5}, "why": "known"}]},
        "assign_tiers": {"flags": {"emea": {"when": {"all": [{"column": "Region", "op": "eq", "value": "EMEA"}]}}}},
        "validate": {"seed": 7},
        "score_health": {"preset": "keep"},
        "score_expansion": {"cuts": {"high": 2}},
        "explain_account": {"account": "ACC-10041"},
        "list_accounts": {},
        "write_report": {"company": "Acme"},
    }))
    .unwrap();
    for tool in tools::all().iter().filter(|tool| tool.idempotent) {
        let arguments = &calls[tool.name];
        let first = place.json(tool.name, arguments);
        let after = files(&place);
        assert_eq!(first["data"], place.json(tool.name, arguments)["data"], "{}", tool.name);
        assert_eq!(after, files(&place), "{}", tool.name);
    }
}

fn files(place: &Place) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![place.root().to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => found.push((path.display().to_string(), std::fs::read(&path).unwrap())),
            }
        }
    }
    found.sort();
    found
}
