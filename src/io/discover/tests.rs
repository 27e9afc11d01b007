//! Trees of files with decoys: what is found in them, what is passed over, and where the search ends.
#![allow(clippy::disallowed_methods)] // The trees are written here.

use std::fs;
use std::path::Path;

use rust_xlsxwriter::Workbook;
use tempfile::TempDir;

use super::*;
use crate::model::load::JoinKind;

const ACCOUNTS: &str = "Account ID,Account Name,ARR,Industry,CSM\n1,Acme,5000,Retail,Jo\n2,Beta,7000,Banking,Jo\n\
    3,Corex,100,Retail,Al\n4,Dyne,90,Retail,Al\n5,Eon,4000,Banking,Jo\n";

fn tree(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        write(dir.path(), path, text.as_bytes());
    }
    dir
}

fn write(root: &Path, path: &str, bytes: &[u8]) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn folders(root: &Path) -> Folders {
    Folders {
        workspace: root.canonicalize().unwrap(),
        allowed: Vec::new(),
    }
}

fn found(root: &Path) -> Discovery {
    discover(&folders(root), &["# keep-segment: "], &Control::default()).unwrap()
}

/// Path and kind of every candidate, in order.
fn listed(found: &Discovery) -> Vec<(&str, &str)> {
    let candidates = found.candidates.iter();
    candidates.map(|c| (c.path.as_str(), c.holds.code())).collect()
}

fn workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    book.add_worksheet()
        .set_name("Notes")
        .unwrap()
        .write(0, 0, "Renewals")
        .unwrap();
    let sheet = book.add_worksheet().set_name("Accounts").unwrap();
    for (row, line) in ACCOUNTS.lines().enumerate() {
        for (column, cell) in line.split(',').enumerate() {
            sheet.write(row as u32, column as u16, cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

#[test]
fn accounts_are_found_among_decoys() {
    let usage: String = (0..200_000).map(|i| format!("2026-05-01,{},search,{i}\n", i % 5)).collect();
    let usage = format!("usage_date,account_id,feature_name,usage_count\n{usage}");
    let dir = tree(&[
        (
            "README.md",
            "# Tools\n\nWe have 8 CSMs, and NRR should reach 110%.\nRun `make`, then | pray.\n",
        ),
        (
            "prices.csv",
            "SKU,Product Name,Price,Currency\nA,Basic,10,USD\nB,Pro,20,USD\n",
        ),
        (
            "pricing.json",
            "[{\"name\": \"Basic\", \"monthly fee\": 10, \"seats\": 5}, {\"name\": \"Pro\", \"monthly fee\": 20, \"seats\": 9}]",
        ),
        ("package.json", "{\"name\": \"tool\", \"scripts\": {\"build\": \"make\"}}"),
        (
            "billing/subs.csv",
            "subscription_id,customer_id,start_date,end_date,mrr\ns1,1,2025-01-01,,10\ns2,1,2025-02-01,,5\n",
        ),
        ("logs/usage.csv", &usage),
        ("old/accounts_backup.csv", ACCOUNTS),
        (
            "contacts.csv",
            "id,account_id,email,created at\n1,1,a@b.c,2025-01-01\n2,2,d@e.f,2025-01-01\n",
        ),
        ("node_modules/x/accounts.csv", ACCOUNTS),
        ("keep-segment-out/accounts.csv", ACCOUNTS),
        (".cache/accounts.csv", ACCOUNTS),
        (
            "report.md",
            "# keep-segment: load_book\n\n| Account | ARR |\n|---|---|\n| Acme | 5 |\n",
        ),
        ("empty.csv", ""),
        ("accounts.pdf", "%PDF-1.7"),
    ]);
    write(dir.path(), "accounts.xlsx", &workbook());
    write(
        dir.path(),
        "noise.csv",
        &(0..5_000_u32).map(|i| (i * 7 % 256) as u8).collect::<Vec<u8>>(),
    );
    let found = found(dir.path());
    assert_eq!(
        listed(&found),
        [
            ("accounts.xlsx", "book"),
            ("old/accounts_backup.csv", "book"),
            ("billing/subs.csv", "subscriptions"),
            ("logs/usage.csv", "usage"),
        ]
    );
    let best = &found.candidates[0];
    assert_eq!((best.format.as_str(), best.rows), ("xlsx (sheet Accounts)", Rows::Counted(5)));
    assert_eq!(best.evidence[0], "arr in `ARR`");
    let usage = &found.candidates[3];
    assert!(
        matches!(usage.rows, Rows::About(n) if (180_000..=220_000).contains(&n)),
        "{usage:?}"
    );
    assert_eq!(
        found.notes,
        [Note {
            path: "README.md".into(),
            words: vec!["CSM", "NRR"]
        }]
    );
}

#[test]
fn the_order_is_that_of_worth_then_of_paths() {
    let plain = "Account ID,Account Name,ARR\n1,A,5\n2,B,6\n3,C,7\n4,D,8\n5,E,9\n";
    let dir = tree(&[
        ("z.csv", plain),
        ("a.csv", plain),
        ("deep/down/a.csv", ACCOUNTS),
        ("accounts.csv", plain),
        ("list.csv", "Account,Industry,Owner\nA,Retail,Jo\nB,Retail,Jo\n"),
    ]);
    let first = found(dir.path());
    let paths: Vec<&str> = listed(&first).into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["deep/down/a.csv", "accounts.csv", "a.csv", "z.csv", "list.csv"]);
    assert_eq!(first, found(dir.path()));
    let list = first.candidates.last().unwrap();
    assert!(!list.has_amount && list.evidence.contains(&"no column of ARR or MRR".to_string()));
}

#[cfg(unix)]
#[test]
fn links_lead_neither_out_nor_round() {
    use std::os::unix::fs::symlink;
    let outside = tree(&[("accounts.csv", ACCOUNTS), ("folder/accounts.csv", ACCOUNTS)]);
    let dir = tree(&[("data/accounts.csv", ACCOUNTS), (".store/ab12", ACCOUNTS)]);
    let link = |to: &Path, name: &str| symlink(to, dir.path().join(name)).unwrap();
    link(dir.path(), "data/loop");
    link(Path::new("gone"), "gone.csv");
    link(Path::new("me.csv"), "me.csv");
    link(&outside.path().join("accounts.csv"), "out.csv");
    link(&outside.path().join("folder"), "out");
    link(&dir.path().join("data/accounts.csv"), "again.csv");
    link(Path::new(".store/ab12"), "stored.csv");
    assert_eq!(
        listed(&found(dir.path())),
        [("data/accounts.csv", "book"), ("stored.csv", "book")]
    );
    let mut allowed = folders(dir.path());
    let folder = |path: &Path| path.canonicalize().unwrap();
    allowed.allowed = vec![
        folder(outside.path()),
        folder(&dir.path().join("data")),
        folder(outside.path()),
    ];
    let found = discover(&allowed, &[], &Control::default()).unwrap();
    // Each of the four files once, whatever ways lead to it.
    assert_eq!((found.candidates.len(), found.looked.files), (4, 4));
}

#[test]
fn the_search_has_an_end() {
    let dir = tree(&[("a/b/c/accounts.csv", ACCOUNTS), ("zz/accounts.csv", ACCOUNTS)]);
    for i in 0..40 {
        write(dir.path(), &format!("many/n{i:02}.txt"), b"x");
    }
    let limits = Limits {
        depth: 2,
        in_folder: 39,
        entries: 100,
    };
    let cut = |limits, files| within(&folders(dir.path()), &[], limits, files, &Control::default()).unwrap();
    let found = cut(limits, 10);
    assert_eq!(listed(&found), [("zz/accounts.csv", "book")]);
    // Too deep, and too many in one folder.
    assert_eq!((found.looked.folders, found.looked.left_out), (4, 2));
    let wide = Limits {
        depth: 9,
        in_folder: 99,
        ..limits
    };
    // Names that speak of accounts come first, however many others there are.
    let found = cut(wide, 2);
    assert_eq!((found.candidates.len(), found.looked.left_out), (2, 40));
    assert_eq!(cut(Limits { entries: 0, ..wide }, 2).looked.left_out, 1);
}

#[test]
fn a_workbook_that_is_too_large_to_look_into_is_said() {
    let dir = tree(&[]);
    let mut bytes = workbook();
    bytes.resize(outline::WHOLE_BYTES_MAX as usize + 1, 0);
    write(dir.path(), "accounts.xlsx", &bytes);
    let looked = found(dir.path()).looked;
    assert_eq!((looked.left_out, looked.refused.len()), (1, 1));
    assert!(looked.refused[0].1.contains("too large"), "{looked:?}");
}

#[test]
fn rows_are_told_by_their_columns() {
    use JoinKind::{Churn, Nps, Subscriptions, Tickets, Usage};
    let book = Some(Holds::Book);
    let join = |kind| Some(Holds::Join(kind));
    for (text, wanted) in [
        ("account,arr\nA,5\n", book),
        ("customerID,Contract,MonthlyCharges,Churn\nx,a,5,No\ny,b,6,No\n", book),
        (
            "Account,ARR,NPS,Contract ID,Start Date,End Date\nA,5,1,c,2025-01-01,2026-01-01\n",
            book,
        ),
        ("Account,Created Date,CSAT,Escalations,ARR\nA,2025-01-01,4,1,5\n", book),
        ("account_id,account_name,industry,created\n1,A,x,2025-01-01\n", book),
        ("plan,monthly fee\nBasic,5\n", None),
        ("name,email,status\nA,a@b,active\n", None),
        (
            "id,customer_id,status,created\n1,1,paid,2025-01-01\n2,2,paid,2025-01-01\n",
            None,
        ),
        ("account,date,amount\nA,2025-01-01,5\nA,2025-02-01,5\n", None),
        ("account,arr\n", None),
        ("one column\nA\nB\n", None),
        ("Dear Ann, we\nthank you, for, your, letter\nof, course\n", None),
        (
            "subscription_id,account,start_date,end_date,mrr\n1,A,2025-01-01,,5\n2,A,2025-01-01,,5\n",
            join(Subscriptions),
        ),
        (
            "ticket_id,account_id,created_at,priority\n1,1,2025-01-01,high\n",
            join(Tickets),
        ),
        ("usage_date,subscription_id,feature_name\n2025-01-01,1,search\n", join(Usage)),
        ("account,nps,response date\nA,9,2025-01-01\n", join(Nps)),
        ("account_id,churn_date,reason\n1,2025-01-01,price\n", join(Churn)),
        ("priority,created_at,csat\nhigh,2025-01-01,4\n", None),
    ] {
        let table = crate::io::table_of(text.as_bytes(), "t.csv").unwrap();
        let roles = columns::given_or_found(&table, &LoadPlan::at(jiff::civil::Date::ZERO)).unwrap();
        assert_eq!(
            kinds::of(&table, &roles, false).ok().map(|(holds, _)| holds),
            wanted,
            "{text}"
        );
    }
}
