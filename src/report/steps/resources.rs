//! The resource map: CSMs, accounts and ARR by tier, how CSM time is shared, and what each CSM carries today (K14, A11).

use serde_json::{Map, Value, json};

use super::capacity::usual_arr;
use super::{View, accounts, amount, count, put_list, share};
use crate::engine::capacity::{fte_shares, typical_book};
use crate::engine::load::{self, Load, Owner, TIMES_MEDIAN};
use crate::model::finding::Finding;
use crate::model::money::short_text;
use crate::model::motions::CSM_TIME;
use crate::model::presets::arr_per_csm_range;
use crate::model::tier::Tier;
use crate::report::{Block, Section, Table, text};

/// A tier's share of CSM time and its share of ARR are far apart from this many points on: an assumption of our own. The
/// sources' own shares of time and of ARR are up to 15 points apart (A11, K5).
const FAR_APART: f64 = 0.40;

/// The map and today's load, also used by the report document.
pub fn sections(view: View) -> Vec<Section> {
    let mut sections = vec![Section::full_only("Resource map", map_blocks(view))];
    if let Some(load) = loaded(view) {
        sections.push(Section::full_only("Load per CSM today", load_blocks(view, &load)));
    }
    sections
}

fn map_blocks(view: View) -> Vec<Block> {
    let csms = view
        .outcome
        .plan
        .available
        .map_or("not given".to_string(), |csms| csms.to_string());
    let words = format!(
        "CSMs there are: {csms}. CSM time is the share of the typical plan; beside it the share that 45/35/15/5 gives, the rule of \
         thumb of one source, which fits its own ratios no better (they give 35/34/31)."
    );
    vec![Block::Text(words), Block::Table(map_table(view))]
}

fn map_table(view: View) -> Table {
    let mut table = Table::new(&[
        "Tier",
        ">CSMs needed (there)",
        ">Accounts",
        ">ARR",
        ">ARR per CSM (usual)",
        ">CSM time (45/35/15/5)",
    ]);
    let plan = &view.outcome.plan;
    let shares = fte_shares(plan);
    for ((tier, time), usual) in plan.tiers.iter().zip(shares).zip(CSM_TIME) {
        let there = tier.available.map_or("-".to_string(), |csms| csms.to_string());
        let currency = &view.book().currency;
        let usual_arr = usual_arr(arr_per_csm_range(tier.tier), currency);
        let per_csm = tier.arr_per_csm().map_or("-".into(), |cents| {
            format!("{} ({usual_arr})", short_text(cents.round() as i128, currency))
        });
        let needed = match tier.typical.value() {
            fte if typical_book(tier.book).is_some() => format!("{fte:.1} ({there})"),
            _ => "automated".to_string(),
        };
        table.push([
            tier.tier.name(view.policy.tiers.scheme).to_string(),
            needed,
            count(tier.total.accounts),
            view.short(tier.total.arr_cents),
            per_csm,
            format!("{} ({})", text::percent(time), text::percent(usual)),
        ]);
    }
    table.push([
        "All tiers".to_string(),
        format!(
            "{} ({})",
            plan.needed_typical,
            plan.available.map_or("-".to_string(), |csms| csms.to_string())
        ),
        count(view.book().len()),
        view.short(view.book().total_cents()),
        String::new(),
        String::new(),
    ]);
    table
}

fn loaded(view: View) -> Option<Load> {
    load::of(view.book(), &view.outcome.segmentation, &view.policy.capacity)
}

fn load_blocks(view: View, load: &Load) -> Vec<Block> {
    let mut table = Table::new(&["Owner", ">Accounts", ">ARR", ">High / mid / tech / PLG", ">Largest books"]);
    for owner in load.owners.iter().take(super::ROWS_MAX) {
        table.push([
            text::clean(&owner.name),
            count(owner.total.accounts),
            view.short(owner.total.arr_cents),
            owner.tiers.map(|tier| count(tier.accounts)).join(" / "),
            format!("{:.2}", owner.books),
        ]);
    }
    let mut lines = vec![format!(
        "Owners: {}; the middle one has {:.1} accounts and {}; largest books counts how many CSMs the accounts would fill",
        count(load.owners.len()),
        load.median_accounts,
        view.short(load.median_cents as i128)
    )];
    let differs = |csms: &f64| (load.owners.len() as f64 - csms).abs() >= 1.0;
    if let Some(csms) = view.outcome.plan.available.filter(differs) {
        lines.push(format!(
            "the book names {} and the headcount is {csms}: not all of them need be CSMs",
            owners(load.owners.len())
        ));
    }
    let over = load.over_book().count();
    if over > 0 {
        lines.push(format!("{} carry more than one largest book", owners(over)));
    }
    if load.unowned.accounts > 0 {
        lines.push(format!(
            "{} ({}) have no owner",
            accounts(load.unowned.accounts),
            view.short(load.unowned.arr_cents)
        ));
    }
    vec![Block::List(lines), Block::Table(table)]
}

fn owners(n: usize) -> String {
    format!("{} owner{}", count(n), if n == 1 { "" } else { "s" })
}

/// What the map and the load have to say, also shown by `run`.
pub fn findings(view: View) -> Vec<Finding> {
    let load = loaded(view);
    let uneven = load.as_ref().and_then(|load| uneven(view, load));
    let unowned = load.as_ref().and_then(|load| unowned(view, load));
    [uneven, unowned, mismatch(view)].into_iter().flatten().collect()
}

fn uneven(view: View, load: &Load) -> Option<Finding> {
    let uneven = load.uneven();
    let first = uneven.first()?;
    let more = match uneven.len() {
        1 => String::new(),
        n => format!(" ({} more carry as unevenly)", n - 1),
    };
    let (has, middle) = match first.total.arr_cents as f64 > TIMES_MEDIAN * load.median_cents {
        true => (view.short(first.total.arr_cents), view.short(load.median_cents as i128)),
        false => (accounts(first.total.accounts), format!("{:.1}", load.median_accounts)),
    };
    let text = format!(
        "{} owns {has}, over {TIMES_MEDIAN} times the middle owner's {middle}{more}: share the book out anew",
        text::name(&first.name)
    );
    Some(Finding::info("load_uneven", text))
}

/// High-Touch accounts that nobody owns, in a book that has owners.
fn unowned(view: View, load: &Load) -> Option<Finding> {
    let column = view.book().roles.get(&crate::model::role::Role::Owner)?.column;
    let alone = |account: &usize| {
        view.outcome.segmentation.tier(*account) == Tier::HighTouch && load::is_nobody(view.book().cell(*account, column))
    };
    let (mut n, mut cents) = (0, 0_i128);
    for account in (0..view.book().len()).filter(alone) {
        n += 1;
        cents += i128::from(view.book().arr(account).0);
    }
    (n > 0 && load.unowned.accounts > 0).then(|| {
        let text = format!(
            "{} ({}) in High-Touch without an owner: give each a CSM",
            accounts(n),
            view.short(cents)
        );
        Finding::warning("high_touch_unowned", text)
    })
}

/// Resource mismatch (H55): time goes where revenue is not.
fn mismatch(view: View) -> Option<Finding> {
    let plan = &view.outcome.plan;
    let apart = plan.tiers.iter().zip(fte_shares(plan)).filter_map(|(tier, time)| {
        let arr = view.arr_share(tier.total.arr_cents);
        ((time - arr).abs() >= FAR_APART && view.book().total_cents() > 0).then(|| {
            format!(
                "{} takes {} of CSM time for {} of ARR",
                tier.tier.label(),
                text::percent(time),
                text::percent(arr)
            )
        })
    });
    let apart: Vec<String> = apart.collect();
    (!apart.is_empty() && plan.needed_typical > 0).then(|| {
        let text = format!("{}: look at the book sizes (book_sizes) and at the cuts", apart.join(", "));
        Finding::info("resource_mismatch", text)
    })
}

/// `load` of the data, null without an owner column.
pub fn load_json(view: View) -> Value {
    let Some(load) = loaded(view) else { return Value::Null };
    let owner = |owner: &Owner| {
        let mut entry = Map::from_iter([
            ("owner".to_string(), json!(text::clean(&owner.name))),
            ("accounts".to_string(), json!(owner.total.accounts)),
            ("arr".to_string(), amount(owner.total.arr_cents)),
        ]);
        let tiers = Tier::ALL.into_iter().zip(owner.tiers);
        entry.extend(tiers.map(|(tier, total)| (tier.code().to_string(), json!(total.accounts))));
        entry.insert("largest_books".into(), share(owner.books));
        Value::Object(entry)
    };
    let mut data = Map::new();
    data.insert("owners".into(), json!(load.owners.len()));
    data.insert("unowned_accounts".into(), json!(load.unowned.accounts));
    data.insert("unowned_arr".into(), amount(load.unowned.arr_cents));
    data.insert("median_accounts".into(), share(load.median_accounts));
    data.insert("median_arr".into(), amount(load.median_cents as i128));
    data.insert("over_largest_book".into(), json!(load.over_book().count()));
    put_list(&mut data, "top", load.owners.iter().map(owner));
    Value::Object(data)
}

/// Share of CSM time by tier, of the plan and of A11.
pub fn time_json(view: View) -> Value {
    let of = |(tier, (plan, usual)): (Tier, (f64, f64))| json!({"tier": tier.code(), "plan": share(plan), "usual": share(usual)});
    let shares = fte_shares(&view.outcome.plan).into_iter().zip(CSM_TIME);
    Value::Array(Tier::ALL.into_iter().zip(shares).map(of).collect())
}
