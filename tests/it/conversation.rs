//! A whole segmentation as an agent has it, on a book of 5,000 accounts: what all its answers together cost.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::support::{AS_OF, Place};

/// All answers of the conversation; the list of tools; instructions and the flow come once.
const ANSWERS_TOKENS_MAX: usize = 6_000;
const LIST_TOKENS_MAX: usize = 8_000;
/// Bytes of English and JSON in a token, about.
const BYTES_PER_TOKEN: usize = 4;
/// Bytes of a box in ten tokens. A character of a frame takes three bytes, and a run of them one token: of these very boxes
/// the tokenizer o200k_base makes 4.94 bytes a token, score_health 5.3, define_axes 4.5 (measured 2026-11).
const BOX_BYTES_PER_TEN_TOKENS: usize = 47;

/// Accounts with a long tail of ARR, and columns for value, health and expansion, some of them with gaps.
fn book(accounts: usize) -> String {
    let mut book = String::from(
        "Account ID,Account Name,Industry,CSM,ARR,Logo Tier,Reference,Case Study,Regulated,Design Partner,Products,\
        Seats Licensed,Seats Used,NPS,CSAT,Renewal Date,Usage Trend\n",
    );
    let mut state = 12_345_u64;
    let mut draw = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for i in 0..accounts {
        let rank = draw(10_000) + 3;
        let arr = 1_500 + 30_000_000 / rank / 10;
        let (seats, used) = (10 + draw(400), draw(100));
        let yes = |is: bool| if is { "Yes" } else { "No" };
        let nps = if draw(9) == 0 {
            String::new()
        } else {
            (draw(160) as i64 - 60).to_string()
        };
        writeln!(
            book,
            "A{i:05},{} {} {i},{},CSM {},{arr},{},{},{},{},{},{},{seats},{},{nps},{}.{},2026-{:02}-15,{}",
            ["North", "Blue", "Iron", "Clear", "Old", "Green"][draw(6) as usize],
            ["River", "Stone", "Field", "Harbor", "Mill"][draw(5) as usize],
            ["Retail", "Banking", "Health", "Media", "Software"][draw(5) as usize],
            draw(14),
            ["A", "B", "C", "C"][draw(4) as usize],
            yes(draw(8) == 0),
            yes(draw(12) == 0),
            yes(draw(5) == 0),
            yes(draw(20) == 0),
            draw(5) + 1,
            seats * used / 100,
            draw(4) + 1,
            draw(10),
            draw(12) + 1,
            draw(60) as f64 / 100.0 - 0.3,
        )
        .unwrap();
    }
    book
}

#[test]
fn a_segmentation_of_5000_accounts_costs_at_most_6000_tokens() {
    let place = Place::with_book(&book(5_000));
    let option = |answer: &str| {
        let revision = answer
            .split("\"revision\": \"")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        revision.map(str::to_string)
    };
    let mut said = Vec::new();
    let mut call = |tool: &str, arguments: Value| {
        let text = place.boxed(tool, &arguments);
        said.push((format!("{tool} {arguments}"), text.clone()));
        text
    };
    call("load_book", json!({"path": "book.csv", "as_of": AS_OF}));
    call("define_axes", json!({}));
    call("score_strategic", json!({}));
    call("assign_tiers", json!({}));
    let options = call("calibrate_capacity", json!({"csms": 60}));
    if let Some(revision) = option(&options) {
        call("calibrate_capacity", json!({"apply": "A", "revision": revision}));
    }
    call("validate", json!({}));
    call("score_health", json!({}));
    call("score_expansion", json!({}));
    call("write_report", json!({"company": "Acme"}));
    let mut total = 0;
    println!("{:>6} {:>6} {:>6}  call", "bytes", "chars", "tokens");
    for (call, text) in &said {
        println!(
            "{:>6} {:>6} {:>6}  {call}",
            text.len(),
            text.chars().count(),
            text.len() * 10 / BOX_BYTES_PER_TEN_TOKENS
        );
        total += text.len();
    }
    let tokens = (total * 10).div_ceil(BOX_BYTES_PER_TEN_TOKENS);
    println!("{total} bytes, about {tokens} tokens, in {} answers", said.len());
    assert!(tokens <= ANSWERS_TOKENS_MAX, "{tokens} tokens");
    // The chain from book to report keeps to it even where a tokenizer does poorly by frames.
    let on_top = |call: &str| call.starts_with("score_health") || call.starts_with("score_expansion");
    let chain: usize = said
        .iter()
        .filter(|(call, _)| !on_top(call))
        .map(|(_, text)| text.len())
        .sum();
    assert!(chain / BYTES_PER_TOKEN <= ANSWERS_TOKENS_MAX, "{chain} bytes");
}

#[test]
fn the_list_of_tools_costs_what_it_may() {
    let mut total = 0;
    println!("{:>6} {:>6}  tool", "schema", "all");
    for tool in keep_segment::tools::all() {
        let schema = Value::Object((tool.schema)()).to_string();
        let all = schema.len() + tool.name.len() + 2 * tool.title.len() + tool.description.len() + 200;
        println!("{:>6} {all:>6}  {}", schema.len(), tool.name);
        assert!(schema.len() <= 1_400, "{}: {} bytes of schema", tool.name, schema.len());
        total += all;
    }
    println!("{total} bytes, about {} tokens", total / BYTES_PER_TOKEN);
    assert!(total / BYTES_PER_TOKEN <= LIST_TOKENS_MAX, "{total} bytes");
}
