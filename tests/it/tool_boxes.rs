//! The box of each tool on the example book: what a person sees first.

use insta::assert_snapshot;
use serde_json::json;

use crate::boxes::assert_is_box;
use crate::support::{AS_OF, Place};

/// The example, with every step before `tool` done.
fn before(tool: &str) -> Place {
    let place = Place::with_example();
    let chain = [
        ("load_book", json!({"path": "book.csv", "as_of": AS_OF})),
        ("define_axes", json!({})),
        ("score_strategic", json!({})),
        ("assign_tiers", json!({})),
        ("calibrate_capacity", json!({"csms": 6})),
        ("validate", json!({})),
    ];
    for (step, arguments) in chain.iter().take_while(|(step, _)| *step != tool) {
        place.json(step, arguments);
    }
    place
}

/// The book: rows and ARR in balance, each role with the header it came from.
#[test]
fn load_book() {
    assert_snapshot!(before("load_book").boxed("load_book", &json!({"path": "book.csv", "as_of": AS_OF})), @"
    ╭─ KEEP ── load_book ───────────────────────────────────────────────────────────────────────────╮

      ## 220 accounts, $5.60M ARR in USD from `book.csv`; every row kept

      ### Rows and ARR
      ┌───────────┬──────┬──────────────┐
      │ What      │ Rows │          ARR │
      ├───────────┼──────┼──────────────┤
      │ rows read │  220 │ 5,600,000.00 │
      │ accounts  │  220 │ 5,600,000.00 │
      └───────────┴──────┴──────────────┘

      ### Columns with a role
      id `Account ID`, name `Account Name`, industry `Industry`, owner `CSM`, arr `ARR (USD)`, plan
      `Plan`, seats_licensed `Seats Licensed`, seats_used `Seats Used`, usage_trend `Usage Trend`,
      health `Health Score`, nps `NPS`, logo_tier `Logo Tier`, case_study `Case Study`, reference
      `Reference`, design_partner `Design Partner`, regulated `Regulated`, products `Products`,
      created `Created Date`, renewal `Renewal Date`, status `Status`
      - modified `Last Modified`, 91% sure: header `Last Modified` means modified; 220 dates

      ### Data
      - complete 99%, unique 100%, newest change 0 days before 2026-06-30

      ### What blanks cost
      ┌────────┬───────┬──────────────────┬───────────────────┐
      │ Column │ Blank │ Could change bin │ Could change tier │
      ├────────┼───────┼──────────────────┼───────────────────┤
      │ NPS    │    20 │                7 │                 6 │
      └────────┴───────┴──────────────────┴───────────────────┘

      ### Next
      → define_axes to place the ARR cuts and see which factors are fed

    ╰───────────────────────────────────────────────────────────────────────────────────────────────╯
    ");
}

/// The axes: why this method, where the cuts lie beside their quantiles, which factors are fed.
#[test]
fn define_axes() {
    assert_snapshot!(before("define_axes").boxed("define_axes", &json!({})), @r"
    ╭─ KEEP ── define_axes ─────────────────────────────────────────────────────────────────────────╮

      ## quartile cuts at $8.9K and $27K: 45 low, 112 mid, 63 high of 220 accounts

      ### ARR bands
      ┌──────────────┬──────────┬────────┬───────┐
      │ Band         │ Accounts │    ARR │ Share │
      ├──────────────┼──────────┼────────┼───────┤
      │ <$8.9K       │       45 │  $197K │  3.5% │
      │ $8.9K-11.05K │       65 │  $680K │   12% │
      │ $11.05K-27K  │       47 │  $746K │   13% │
      │ $27K+        │       63 │ $3.98M │   71% │
      └──────────────┴──────────┴────────┴───────┘

      ### Why
      - quartile, since no account holds more than 5% of ARR and the largest 10% hold at most half:
        top 10% hold 46.8%, largest holds 4.4%, 220 accounts pay
      - raw quantiles aimed at: $9,995 and $28,615
      - largest 10% hold 47%, largest 20% 61%, the largest account 4.4%; Gini 0.56

      ### Strategic factors
      ┌─────────────────────┬───────┬──────────┬────────────────────────────────┐
      │ Factor              │ Given │ In force │ Source                         │
      ├─────────────────────┼───────┼──────────┼────────────────────────────────┤
      │ strategic_logo      │  0.25 │     0.25 │ Logo Tier (default)            │
      │ expansion_potential │  0.25 │     0.25 │ Seats Used, Seats Licensed...  │
      │ product_influence   │  0.20 │     0.20 │ Design Partner (default)       │
      │ reference_value     │  0.15 │     0.15 │ Case Study, Reference, NPS,... │
      │ regulatory_exposure │  0.15 │     0.15 │ Regulated, Industry (default)  │
      └─────────────────────┴───────┴──────────┴────────────────────────────────┘
      bins: low below 0.30, high above 0.60 to start with; assign_tiers settles them

      ### Next
      → score_strategic to score every account

    ╰───────────────────────────────────────────────────────────────────────────────────────────────╯
    ");
}

/// Strategic value: coverage and mean of each factor, and whom to judge first.
#[test]
fn score_strategic() {
    assert_snapshot!(before("score_strategic").boxed("score_strategic", &json!({})), @"
    ╭─ KEEP ── score_strategic ──────────────────────────────────────────────────────────────────────╮

      ## 220 accounts scored on 5 of 5 factors: 117 low, 73 medium, 30 high; 7 uncertain

      ### Findings
      - ▲ WARNING — 7 accounts ($114K) could change bin if what is blank were known; reference_value
        is blank for all of them: collect case_study, reference or nps first

      ### Factors
      ┌─────────────────────┬────────┬──────────┬──────┐
      │ Factor              │ Weight │ Coverage │ Mean │
      ├─────────────────────┼────────┼──────────┼──────┤
      │ strategic_logo      │   0.25 │     100% │ 0.59 │
      │ expansion_potential │   0.25 │     100% │ 0.42 │
      │ product_influence   │   0.20 │     100% │ 0.08 │
      │ reference_value     │   0.15 │      92% │ 0.29 │
      │ regulatory_exposure │   0.15 │     100% │ 0.23 │
      └─────────────────────┴────────┴──────────┴──────┘

      ### Judge first
      ┌──────────────────────┬─────────┬─────────────────┐
      │ Account              │     ARR │ Unknown         │
      ├──────────────────────┼─────────┼─────────────────┤
      │ Selmmore Resorts LLC │ $28,000 │ reference_value │
      │ Ruskado Clinics      │ $20,600 │ reference_value │
      │ Yarlen Capital LLC   │ $11,060 │ reference_value │
      │ Emberham Logistics   │ $10,340 │ reference_value │
      │ Dravelby Labs, Inc.  │ $10,260 │ reference_value │
      │ Selmby Power         │  $4,080 │ reference_value │
      └──────────────────────┴─────────┴─────────────────┘

      ### Next
      → assign_tiers, or judge the accounts above with score_strategic first

    ╰────────────────────────────────────────────────────────────────────────────────────────────────╯
    ");
}

/// Tiers: one per account, the grid behind them, flags, and what a person should look at.
#[test]
fn assign_tiers() {
    assert_snapshot!(before("assign_tiers").boxed("assign_tiers", &json!({})), @"
    ╭─ KEEP ── assign_tiers ──────────────────────────────────────────────────────────────────────╮

      ## 220 accounts, $5.60M ARR in 4 tiers; Mid-Touch 38% of accounts

      ### Findings
      - ▲ WARNING — 1 account ($8.9K) at risk and expansion-ready at once; each carries a comment

      ### Tiers
      ┌───────────────────────┬──────────┬────────┬───────────┐
      │ Tier                  │ Accounts │    ARR │ ARR share │
      ├───────────────────────┼──────────┼────────┼───────────┤
      │ High-Touch Enterprise │       29 │ $2.12M │       38% │
      │ Mid-Touch             │       83 │ $2.50M │       45% │
      │ Tech-Touch Pooled     │       68 │  $807K │       14% │
      │ PLG Self-Serve        │       40 │  $170K │        3% │
      └───────────────────────┴──────────┴────────┴───────────┘

      ### ARR row by strategic bin
      ┌─────────┬───────────────┬──────────────┬───────────────┐
      │ ARR row │           low │       medium │          high │
      ├─────────┼───────────────┼──────────────┼───────────────┤
      │ high    │  13 Mid-Touch │ 26 Mid-Touch │ 24 High-Touch │
      │ mid     │ 64 Tech-Touch │ 43 Mid-Touch │  5 High-Touch │
      │ low     │        40 PLG │ 4 Tech-Touch │   1 Mid-Touch │
      └─────────┴───────────────┴──────────────┴───────────────┘

      ### Flags
      strategic_champion 30, expansion_ready 42, regulated_industry 56, design_partner 17,
      at_risk_retention 30, reference_account 36, m_and_a_transition 2, multi_product 100

      ### Next
      → calibrate_capacity with your CSM headcount

    ╰─ Full report: .keep-segment/segmentation/reports/tiers.md ──────────────────────────────────╯
    ");
}

/// Capacity: the sentence, demand by tier at three book sizes, ARR per CSM.
#[test]
fn calibrate_capacity() {
    assert_snapshot!(before("calibrate_capacity").boxed("calibrate_capacity", &json!({"csms": 6})), @r#"
    ╭─ KEEP ── calibrate_capacity ───────────────────────────────────────────────────────────────────╮

      ## CSMs needed = 4, CSMs available = 6, gap = -2: fits (4 with the largest books to 7 with the
         smallest)

      ### Findings
      - ● INFO — `Dev Raman` owns $1.75M, over 2 times the middle owner's $821K: share the book out
        anew

      ### Demand
      ┌───────────────────────┬──────────┬──────────────────┬───────────────────────┐
      │ Tier                  │ Accounts │ Accounts per CSM │ CSMs low/typical/high │
      ├───────────────────────┼──────────┼──────────────────┼───────────────────────┤
      │ High-Touch Enterprise │       29 │             8-15 │       1.9 / 2.4 / 3.6 │
      │ Mid-Touch             │       83 │            40-80 │       1.0 / 1.4 / 2.1 │
      │ Tech-Touch Pooled     │       68 │          200-500 │       0.1 / 0.2 / 0.3 │
      │ PLG Self-Serve        │       40 │            1000+ │       0.0 / 0.0 / 0.0 │
      └───────────────────────┴──────────┴──────────────────┴───────────────────────┘

      ### Options
      ┌────────────────────┬───────────────────┬────────────────────┬────────────┐
      │ Option             │ CSMs needed (gap) │ Accounts that move │ Near a cut │
      ├────────────────────┼───────────────────┼────────────────────┼────────────┤
      │ A best fit         │             6 (0) │         31 ($553K) │       7.7% │
      │ B closest to today │            5 (-1) │         1 ($26.9K) │       8.2% │
      │ C most stable      │             6 (0) │         33 ($605K) │         5% │
      │ D most ARR covered │             6 (0) │         51 ($786K) │        40% │
      └────────────────────┴───────────────────┴────────────────────┴────────────┘

      ### Where the cuts lie
      $1.7K ▁ ▁ ▁▁▁ ▁▁▁▁▂▁▁▁▁▁▁▁▁▁▁▁▁▄█▆▂  ▁▁▁ ▁▁ ▁▂▂▂▂▂▂▁ ▁▁▁▁▁ ▁ ▁▁▁▁▁▁  ▁ ▁ ▁   ▁ $244K
                                    ▲ low $8.9K, 20% of those who pay lie under it
       high $27K, 71% of those who pay lie under it ▲

      ### Next
      → validate to run the nine gates
      → calibrate_capacity with {"apply": "A", "revision": "5e5caf193cab"} takes option A

    ╰─ Full report: .keep-segment/segmentation/reports/capacity.md ──────────────────────────────────╯
    "#);
}

/// Nine gates in order, with the verdict first.
#[test]
fn validate() {
    assert_snapshot!(before("validate").boxed("validate", &json!({})), @r"
    ╭─ KEEP ── validate ─────────────────────────────────────────────────────────────────────────────╮

      ## APPROVED: no gate fails (8 pass, 1 warn)

      ### Findings
      - ▲ WARNING — Flags compatible: 1 at risk and expansion-ready at once ($8.9K), each with its
        comment

      ### Gates
      ┌─────────────────────┬─────────┬──────────────┐
      │ Gate                │ Verdict │ Back to      │
      ├─────────────────────┼─────────┼──────────────┤
      │ No empty tiers      │ pass    │ -            │
      │ ARR reconciles      │ pass    │ -            │
      │ Rubric consistent   │ pass    │ -            │
      │ Flags compatible    │ warn    │ assign_tiers │
      │ Capacity explicit   │ pass    │ -            │
      │ Mid-Touch share     │ pass    │ -            │
      │ Stability at ±10%   │ pass    │ -            │
      │ Triggers documented │ pass    │ -            │
      │ Gaps flagged        │ pass    │ -            │
      └─────────────────────┴─────────┴──────────────┘

      ### Stability
      - 19 of 220 accounts (8.6%), 5.8% of ARR, change tier at ARR ±10%
      - sample with seed 20260101: `ACC-10232` stays, `ACC-10105` goes tech_touch to mid_touch (up),
        `ACC-10220` stays
      - moving the low cut from $8.9K to $8.5K would leave 12 near a cut, not 19
      - moving the high cut from $27K to $25K would leave 15 near a cut, not 19

      ### Next
      → write_report to hand the model over

    ╰────────────────────────────────────────────────────────────────────────────────────────────────╯
    ");
}

/// The report: its status and where it was written.
#[test]
fn write_report() {
    assert_snapshot!(before("write_report").boxed("write_report", &json!({"company": "Acme"})), @"
    ╭─ KEEP ── write_report ──────────────────────────────────────────────────────────╮

      ## APPROVED: no gate fails (8 pass, 1 warn)

      ### Files
      - .keep-segment/segmentation/reports/cs-segmentation-model-acme-2026-06-30.md
      - .keep-segment/segmentation/reports/cs-segmentation-model-acme-2026-06-30.html
      - .keep-segment/segmentation/reports/segments.csv

      ### Next
      → hand the report over; calibrate again when one of its triggers fires

    ╰─────────────────────────────────────────────────────────────────────────────────╯
    ");
}

/// The whole chain at once: approved, four tiers, the reason of the axis, where the files are.
#[test]
fn run() {
    let ran = Place::with_example().run(&["--csms", "6"]);
    assert_is_box(ran.out.trim_end_matches('\n'));
    assert_snapshot!(ran.out, @"
    ╭─ KEEP ── run ────────────────────────────────────────────────────────────────────────────────────╮

      ## APPROVED: 220 accounts, $5.60M ARR; CSMs needed = 4, CSMs available = 6, gap = -2

      ### Findings
      - ▲ WARNING — 7 accounts ($114K) could change bin if what is blank were known; reference_value
        is blank for all of them: collect case_study, reference or nps first
      - ▲ WARNING — Flags compatible: 1 at risk and expansion-ready at once ($8.9K), each with its
        comment
      - ● INFO — `Dev Raman` owns $1.75M, over 2 times the middle owner's $821K: share the book out
        anew

      ### Tiers
      ┌───────────────────────┬──────────┬────────┬───────────┐
      │ Tier                  │ Accounts │    ARR │ ARR share │
      ├───────────────────────┼──────────┼────────┼───────────┤
      │ High-Touch Enterprise │       29 │ $2.12M │       38% │
      │ Mid-Touch             │       83 │ $2.50M │       45% │
      │ Tech-Touch Pooled     │       68 │  $807K │       14% │
      │ PLG Self-Serve        │       40 │  $170K │        3% │
      └───────────────────────┴──────────┴────────┴───────────┘

      ### How
      - book: ARR is read from `ARR (USD)`
      - axis: quartile, since no account holds more than 5% of ARR and the largest 10% hold at most
        half: top 10% hold 46.8%, largest holds 4.4%, 220 accounts pay
      - gates: 8 pass, 1 warn, 0 fail; calibration confidence high
      - files: out/segmentation.md, out/segmentation.html, out/segments.csv, out/segmentation.toml,
        out/set-aside.csv

      ### Next
      → Next quarter: keep-segment run BOOK --model out/segmentation.toml keeps cuts, bins and weights
      → run again with --apply A: need and headcount would be 0 CSMs apart, not 2; 31 accounts move

    ╰─ Full report: out/segmentation.md ───────────────────────────────────────────────────────────────╯
    ");
}
