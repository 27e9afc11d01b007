//! The page: it is written, asks nothing of a network, shows names as text, is built for everyone, and its figures are the JSON's.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use keep_segment::model::money::short_text;
use scraper::{ElementRef, Html, Selector};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{AS_OF, EXAMPLE, Place, plain_book, rows};

const STYLE: &str = include_str!("../../templates/style.css");
const SCRIPT: &str = include_str!("../../templates/script.js");

fn select<'a>(page: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    page.select(&Selector::parse(selector).unwrap()).collect()
}

fn text(element: ElementRef) -> String {
    element.text().collect()
}

/// The cells of the rows below an element, headers of rows first.
fn table(page: &Html, selector: &str) -> Vec<Vec<String>> {
    let cells = Selector::parse("th, td").unwrap();
    let rows = select(page, &format!("{selector} tbody tr"));
    rows.into_iter().map(|row| row.select(&cells).map(text).collect()).collect()
}

/// What holds for every page, whatever book it was made of.
pub fn assert_page_is_sound(source: &str) {
    assert!(source.starts_with("<!DOCTYPE html>\n<!-- keep-segment: "));
    let page = Html::parse_document(source);
    assert_eq!(page.errors, Vec::<String>::new(), "not well-formed");
    assert_asks_for_nothing(&page);
    assert_is_for_everyone(&page);
}

/// No request leaves the page, and nothing runs in it but its own script.
fn assert_asks_for_nothing(page: &Html) {
    let only = select(page, "script");
    assert_eq!(only.len(), 1);
    assert_eq!(text(only[0]), SCRIPT);
    let styles = select(page, "style");
    assert_eq!((styles.len(), text(styles[0])), (1, STYLE.to_string()));
    let policy = select(page, "meta[http-equiv='Content-Security-Policy']")[0]
        .attr("content")
        .unwrap();
    let hash = |content: &str| BASE64_STANDARD.encode(Sha256::digest(content.as_bytes()));
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
            hash(STYLE),
            hash(SCRIPT)
        )
    );
    for word in ["url(", "@import", "http:", "https:"] {
        assert!(!STYLE.contains(word) && !SCRIPT.contains(word), "{word}");
    }
    for element in select(page, "*") {
        let name = element.value().name();
        let known = "html head meta title style body a header p strong span h1 code dl div dt dd nav ul li main section h2 figure \
                     figcaption svg desc rect text line polyline circle path g table caption thead tbody tr th td b i label input \
                     select option output footer script pre";
        assert!(known.split_whitespace().any(|tag| tag == name), "<{name}>");
        for (attribute, value) in element.value().attrs() {
            assert!(!attribute.starts_with("on") && attribute != "style", "{attribute}={value}");
            assert!(
                !["src", "srcset", "action", "xlink:href"].contains(&attribute),
                "{attribute}={value}"
            );
            assert!(attribute != "href" || value.starts_with('#'), "{value}");
        }
    }
}

/// Landmarks, headings, captions, scopes, and words beside every picture.
fn assert_is_for_everyone(page: &Html) {
    assert_eq!(select(page, "html")[0].attr("lang"), Some("en"));
    for once in [
        "title",
        "h1",
        "main#main",
        "header",
        "nav[aria-label]",
        "footer",
        "a.skip[href='#main']",
    ] {
        assert!(!select(page, once).is_empty(), "{once}");
    }
    let ids: Vec<&str> = select(page, "[id]").iter().filter_map(|e| e.attr("id")).collect();
    let distinct: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), distinct.len(), "an id stands twice: {ids:?}");
    for link in select(page, "a[href]") {
        assert!(distinct.contains(link.attr("href").unwrap().trim_start_matches('#')));
    }
    for svg in select(page, "svg") {
        assert_eq!(svg.attr("role"), Some("img"));
        for id in svg.attr("aria-labelledby").unwrap().split(' ') {
            let named = select(page, &format!("[id='{id}']"));
            assert!(named.len() == 1 && !text(named[0]).trim().is_empty(), "{id}");
        }
    }
    let figures = select(page, "figure");
    assert_eq!(figures.len(), select(page, "svg").len());
    for figure in figures {
        let has = |inside: &str| figure.select(&Selector::parse(inside).unwrap()).next().is_some();
        assert!(has("figcaption") && has("table"), "a picture without its figures");
    }
    for table in select(page, "table") {
        let caption = table
            .select(&Selector::parse("caption").unwrap())
            .map(text)
            .collect::<String>();
        assert!(!caption.trim().is_empty(), "{}", table.html());
    }
    for head in select(page, "th") {
        assert!(matches!(head.attr("scope"), Some("col" | "row")), "{}", head.html());
    }
    for scrolls in select(page, ".scroll") {
        assert!(scrolls.attr("tabindex") == Some("0") && scrolls.attr("aria-label").is_some());
    }
    for input in select(page, "input, select") {
        let labelled = input
            .ancestors()
            .filter_map(ElementRef::wrap)
            .any(|e| e.value().name() == "label");
        assert!(labelled, "{}", input.html());
    }
}

fn page_of(place: &Place) -> Html {
    let source = place.read("out/segmentation.html");
    assert_page_is_sound(&source);
    Html::parse_document(&source)
}

/// Both ways to write it, under the name of the Markdown; a stranger's page stays.
#[test]
fn run_and_write_report_write_the_page() {
    let place = Place::with_example();
    assert_eq!(place.run(&["--csms", "6"]).code, 0);
    let page = page_of(&place);
    assert_eq!(text(select(&page, ".stamp strong")[0]), "APPROVED");
    assert!(text(select(&page, "h1")[0]).contains(AS_OF));

    place.tiers();
    let data = place.json("write_report", &json!({"company": "Acme <b>", "out": "report"}))["data"].clone();
    let files: Vec<&str> = data["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["path"].as_str().unwrap())
        .collect();
    let html = "report/cs-segmentation-model-acme-b-2026-06-30.html";
    assert_eq!(
        files,
        [
            "report/cs-segmentation-model-acme-b-2026-06-30.md",
            html,
            "report/segments.csv"
        ]
    );
    let source = place.read(html);
    assert_page_is_sound(&source);
    let page = Html::parse_document(&source);
    assert!(text(select(&page, "h1")[0]).contains("for Acme <b>,"));
    assert_eq!(text(select(&page, ".stamp strong")[0]), "DRAFT");
    assert!(
        text(select(&page, ".stamp")[0]).contains("capacity_explicit"),
        "the failing gates are named"
    );

    let only = place.json("write_report", &json!({"formats": ["html"], "out": "page"}));
    assert_eq!(only["data"]["files"].as_array().unwrap().len(), 1, "{only}");
    place.write("notes/segmentation.html", "<!DOCTYPE html>\n<p>mine\n");
    let ran = place.cli(&["run", "book.csv", "--as-of", AS_OF, "--out", "notes"]);
    assert!(ran.err.contains("error[would_overwrite]"), "{}", ran.err);
    assert_eq!(place.read("notes/segmentation.html"), "<!DOCTYPE html>\n<p>mine\n");
}

/// Tiles, tiers, grid, capacity, health and every account say what the tools say.
#[test]
fn the_figures_on_the_page_are_those_of_the_tools() {
    let place = Place::with_example();
    let ran: Value = serde_json::from_str(&place.run(&["--csms", "6", "--json"]).out).unwrap();
    let page = page_of(&place);
    let tiers = ran["data"]["tiers"].as_array().unwrap();
    let short = |arr: &Value| short_text((arr.as_f64().unwrap() * 100.0).round() as i128, "USD");
    let shown: Vec<[String; 3]> = table(&page, "#overview table")
        .into_iter()
        .map(|row| [row[0].clone(), row[1].clone(), row[2].clone()])
        .collect();
    let told = tiers.iter().map(|t| {
        [
            t["name"].as_str().unwrap().to_string(),
            t["accounts"].to_string(),
            short(&t["arr"]),
        ]
    });
    assert_eq!(shown, told.collect::<Vec<_>>());

    let all = table(&page, "#account-table");
    let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &all {
        *counted.entry(row[3].as_str()).or_default() += 1;
    }
    for tier in tiers {
        assert_eq!(
            counted[tier["name"].as_str().unwrap()],
            tier["accounts"].as_u64().unwrap() as usize
        );
    }
    let cents = select(&page, "#account-table td.n[data-v]");
    let sum: i64 = cents
        .iter()
        .map(|cell| cell.attr("data-v").unwrap().parse::<i64>().unwrap())
        .sum();
    let total: f64 = tiers.iter().map(|tier| tier["arr"].as_f64().unwrap()).sum();
    assert_eq!(sum, (total * 100.0).round() as i64);

    place.axes();
    let grid = place.json("assign_tiers", &json!({}))["data"]["grid"].clone();
    let cells = grid.as_array().unwrap();
    let drawn: Vec<String> = table(&page, "table.heat")
        .into_iter()
        .flat_map(|row| row[1..].to_vec())
        .collect();
    assert_eq!((cells.len(), drawn.len()), (9, 9));
    for (cell, drawn) in cells.iter().zip(&drawn) {
        let n = cell["accounts"].as_u64().unwrap();
        let noun = if n == 1 { "account" } else { "accounts" };
        assert!(drawn.contains(&format!("{n} {noun}")), "{cell} {drawn}");
        assert!(drawn.contains(&short(&cell["arr"])), "{cell} {drawn}");
    }

    let tiles: BTreeMap<String, String> = select(&page, ".tiles div")
        .into_iter()
        .map(|tile| {
            let parts: Vec<String> = tile.select(&Selector::parse("dt, dd").unwrap()).map(text).collect();
            (parts[0].clone(), format!("{}; {}", parts[1], parts[2]))
        })
        .collect();
    let plan = &ran["data"];
    assert_eq!(
        tiles["CSMs needed"],
        format!(
            "{}; {} available, gap {}",
            plan["needed"]["typical"], plan["available"], plan["gap"]
        )
    );
    let health = place.json("score_health", &json!({}))["data"].clone();
    assert!(tiles["ARR at risk"].starts_with(&short(&health["at_risk_arr"])), "{tiles:?}");
    let mut by_status: BTreeMap<&str, u64> = BTreeMap::new();
    for row in &all {
        *by_status.entry(row[5].as_str()).or_default() += 1;
    }
    for status in health["statuses"].as_array().unwrap() {
        let name = status["status"].as_str().unwrap().replace('_', " ");
        assert_eq!(
            by_status.get(name.as_str()).copied().unwrap_or(0),
            status["accounts"].as_u64().unwrap()
        );
    }
    let confidence = place.json("validate", &json!({}))["data"]["confidence"].clone();
    assert!(tiles["Calibration confidence"].starts_with(confidence.as_str().unwrap()));
}

/// Names are data: in cells, in sentences, in attributes, in the title.
#[test]
fn hostile_names_show_as_text() {
    let names = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "</script><svg onload=alert(1)>",
        "{{ 7*7 }} {% raw %} ]]> --> &lt;b&gt; &#x3c;",
        "' onmouseover='x",
        "\u{202e}gnp.exe \u{2066}x",
        "שלום בע\"מ",
    ];
    let mut book = String::from("Account ID,Account Name,ARR,Owner,Health Score,Industry\n");
    for i in 0..60 {
        let name = names[i % names.len()].replace('"', "\"\"");
        let long = "W".repeat(if i == 59 { 5_000 } else { 0 });
        book.push_str(&format!(
            "\"{name}{i}\",\"{name} {i}{long}\",{},\"{name}\",{},\"{name}\"\n",
            1_000 * (i * i + 1),
            i
        ));
    }
    let place = Place::with_book(&book);
    let ran = place.run(&["--csms", "6"]);
    assert!(ran.code < 2, "{}{}", ran.out, ran.err);
    let page = page_of(&place);
    let shown: Vec<String> = table(&page, "#account-table").into_iter().map(|row| row[0].clone()).collect();
    for name in [
        "<script>alert(1)</script> 0",
        "\"><img src=x onerror=alert(1)> 1",
        "' onmouseover='x 4",
    ] {
        assert!(shown.iter().any(|cell| cell == name), "{name}: {shown:?}");
    }
    let source = place.read("out/segmentation.html");
    assert!(!source.contains(['\u{202e}', '\u{2066}']) && source.contains("שלום"));
    assert!(shown.iter().all(|cell| cell.chars().count() <= 80), "long names are cut");
    place.tiers();
    place.json("write_report", &json!({"company": names[0], "out": "report"}));
    assert_page_is_sound(&place.read("report/cs-segmentation-model-script-alert-1-script-2026-06-30.html"));
}

/// The smallest books, and each rule: nothing is missing that could be said, and nothing drawn that is not there.
#[test]
fn tiny_books_and_every_rule_look_right() {
    for (book, charts) in [
        (plain_book(&[0]), 2),
        (plain_book(&[500_000]), 3),
        (plain_book(&[0, 0, 0]), 2),
        (plain_book(&[500; 12]), 3),
        (plain_book(&[100, 9_999_999_999_999]), 4),
    ] {
        let place = Place::with_book(&book);
        assert!(place.run(&[]).code < 2);
        let page = page_of(&place);
        assert_eq!(select(&page, "svg").len(), charts, "{book}");
        assert!(select(&page, "table.heat").is_empty(), "no strategic axis");
        assert_eq!(text(select(&page, ".stamp strong")[0]), "DRAFT");
        for drawn in select(&page, "svg *") {
            for (attribute, value) in drawn.value().attrs() {
                let lost = value.contains("NaN") || value.contains("inf") || value.starts_with('-');
                assert!(!lost, "{attribute}={value} in {book}");
            }
        }
    }
    for rule in ["grid", "arr", "score"] {
        let place = Place::with_example();
        place.axes();
        place.json("assign_tiers", &json!({"rule": rule, "scheme": "keep"}));
        place.json("write_report", &json!({"out": "out", "formats": ["html"]}));
        let source = place.read("out/cs-segmentation-model-2026-06-30.html");
        assert_page_is_sound(&source);
        let page = Html::parse_document(&source);
        assert_eq!(select(&page, "table.heat").len(), usize::from(rule == "grid"), "{rule}");
        assert!(text(select(&page, "#overview")[0]).contains("Long Tail"));
    }
}

/// Five thousand rows and a word on the rest, in less than three megabytes.
#[test]
fn a_long_book_is_cut_at_five_thousand_rows_and_says_so() {
    let example = std::fs::read_to_string(EXAMPLE).unwrap();
    let (header, lines) = example.split_once('\n').unwrap();
    let mut book = format!("{header}\n");
    for copy in 0..24 {
        for line in lines.lines() {
            book.push_str(&format!("{copy}-{line}\n"));
        }
    }
    let place = Place::with_book(&book);
    let ran = place.run(&["--csms", "90"]);
    assert!(ran.code < 2, "{}{}", ran.out, ran.err);
    let source = place.read("out/segmentation.html");
    assert!(source.len() < 3_000_000, "{} bytes", source.len());
    let page = page_of(&place);
    assert_eq!(table(&page, "#account-table").len(), 5_000);
    let caption = text(select(&page, "#account-table caption")[0]);
    assert_eq!(caption, "The 5,000 largest of 5,280 accounts; segments.csv has them all");
}

/// Every pair of colours that carries words, in both schemes, by the formula of WCAG 2.
#[test]
fn words_stand_out_from_what_is_behind_them() {
    let (light, rest) = STYLE.split_once("@media screen and (prefers-color-scheme: dark)").unwrap();
    let dark = rest.split_once("\n}\n").unwrap().0;
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut pair = |ink: &str, ground: &str| pairs.push((ink.to_string(), ground.to_string()));
    for ink in ["ink", "muted", "link"] {
        for ground in ["page", "surface"] {
            pair(ink, ground);
        }
    }
    pair("surface", "ink");
    for stamp in ["approved", "draft"] {
        pair("stamp-ink", stamp);
    }
    for tier in 1..=4 {
        pair("tier-ink", &format!("tier-{tier}"));
    }
    for status in ["good", "middle", "at-risk", "critical", "unknown"] {
        pair("status-ink", status);
    }
    for heat in 0..=4 {
        pair("heat-ink", &format!("heat-{heat}"));
    }
    for scheme in [light, dark] {
        let colours = colours(scheme);
        for (ink, ground) in &pairs {
            let ratio = contrast(colours[ink], colours[ground]);
            assert!(ratio >= 4.5, "{ink} on {ground}: {ratio:.2}");
        }
        // Shapes that say something by their colour.
        for shape in [
            "tier-1", "tier-2", "tier-3", "tier-4", "good", "middle", "at-risk", "critical", "unknown",
        ] {
            assert!(contrast(colours[shape], colours["surface"]) >= 3.0, "{shape}");
        }
    }
    assert_eq!(colours(light).len(), colours(dark).len(), "each colour has its dark one");
}

fn colours(block: &str) -> BTreeMap<String, [f64; 3]> {
    let declared = block
        .split(['{', '}', ';'])
        .filter_map(|line| line.trim().strip_prefix("--")?.split_once(": #"));
    declared
        .map(|(name, hex)| {
            let part = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
            (name.to_string(), [0, 2, 4].map(|at| f64::from(part(at)) / 255.0))
        })
        .collect()
}

fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
    let linear = |c: f64| {
        if c <= 0.04045 {
            c / 12.92
        } else {
            ((c + 0.055) / 1.055).powf(2.4)
        }
    };
    let light = |[r, g, b]: [f64; 3]| 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    let (x, y) = (light(a), light(b));
    (x.max(y) + 0.05) / (x.min(y) + 0.05)
}

/// AI-assisted resolution takes the CSAT of each tier as it is today: the middle one of the accounts that have one.
#[test]
fn the_hand_offs_give_the_median_csat_of_each_tier() {
    let mut book = "Account ID,ARR,CSAT\n".to_string();
    for i in 0..40_u32 {
        let csat = if i % 5 == 0 {
            String::new()
        } else {
            format!("{:.1}", 1.5 + f64::from(i * 7 % 30) / 10.0)
        };
        book.push_str(&format!("A{i},{},{csat}\n", 1_000 + i * i * 100));
    }
    let place = Place::with_book(&book);
    let ran = place.run(&["--csms", "1"]);
    assert!(ran.code < 2, "{}{}", ran.out, ran.err);
    let segments = rows(&place.read("out/segments.csv"));
    let mut found = 0;
    for row in table(&page_of(&place), "#handoffs table") {
        let of_tier = segments.iter().filter(|it| it["primary_segment"] == row[1]);
        let i = |id: &str| id[1..].parse::<u32>().unwrap();
        let known = of_tier.map(|it| i(&it["account_id"])).filter(|i| i % 5 != 0);
        let mut tenths: Vec<u32> = known.map(|i| 15 + i * 7 % 30).collect();
        tenths.sort_unstable();
        let (low, high) = (tenths[(tenths.len() - 1) / 2], tenths[tenths.len() / 2]);
        assert_eq!(row[4], format!("{}%", low + high), "{}", row[1]);
        found += 1;
    }
    assert_eq!(found, 4);
}
