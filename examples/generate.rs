//! Writes the two example books, `accounts.csv` and `three-gates.csv`, and `signals.csv`, which joins the first, byte for byte
//! the same on every run.
//!
//! `cargo run --example generate` from the repository; a folder as argument writes there instead.
//! Nothing here calls the library: the books are inputs, and must not lean on the code that reads them.
//! Only `+ - * /` are used on floats, so that every platform draws the same cents.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a script for maintainers: it may stop loudly, and writing files is its purpose"
)]

#[path = "generate/recipes.rs"]
mod recipes;
#[path = "generate/signals.rs"]
mod signals;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use recipes::{ALIKE, Class, Plan, Recipe, Stages, Traits, VARIED, draw_names, legal_form, words_for};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// 2026-06-30 in days since 1970-01-01: the day both books are read.
const AS_OF: i64 = 20_634;

/// The header of both books, as a CRM would export it.
const HEADER: &str = "Account ID,Account Name,Industry,Region,CSM,ARR (USD),Plan,Seats Licensed,Seats Used,Usage Trend,\
Health Score,NPS,Logo Tier,Case Study,Reference,Design Partner,Regulated,Products,Created Date,Renewal Date,Last Modified,Status";

/// One row of a book.
struct Account {
    name: String,
    region: &'static str,
    csm: &'static str,
    arr_usd: i64,
    plan: &'static Plan,
    traits: Traits,
    health: i64,
    trend: i64,
    age_days: i64,
    modified: i64,
    status: &'static str,
}

/// Sources of chance.
struct Draw(ChaCha8Rng);

impl Draw {
    /// Uniform in 0..1.
    fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Close to a standard normal: twelve uniforms less six, which needs no logarithm.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }

    /// Whole number in `from..=to`.
    fn whole(&mut self, from: i64, to: i64) -> i64 {
        from + (self.uniform() * (to - from + 1) as f64) as i64
    }

    /// True with the given chance.
    fn chance(&mut self, chance: f64) -> bool {
        self.uniform() < chance
    }

    /// One of the items.
    fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.whole(0, items.len() as i64 - 1) as usize]
    }

    /// Puts the items in random order.
    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.whole(0, last as i64) as usize;
            items.swap(last, other);
        }
    }
}

fn main() {
    let dir = std::env::args()
        .nth(1)
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("examples"), PathBuf::from);
    for recipe in [&VARIED, &ALIKE] {
        let path = dir.join(recipe.file);
        let accounts = make_accounts(recipe);
        std::fs::write(&path, to_csv(recipe, &accounts)).expect("the folder can be written");
        let total: i64 = accounts.iter().map(|account| account.arr_usd).sum();
        println!("{}: {} accounts, ${total}", path.display(), accounts.len());
        if std::ptr::eq(recipe, &VARIED) {
            let path = dir.join("signals.csv");
            std::fs::write(&path, signals::to_csv(recipe.first_id, &accounts)).expect("the folder can be written");
            println!("{}", path.display());
        }
    }
}

/// Draws the accounts of one book, oldest first.
fn make_accounts(recipe: &Recipe) -> Vec<Account> {
    let mut draw = Draw(ChaCha8Rng::seed_from_u64(recipe.seed));
    let prices = draw_prices(&mut draw, recipe);
    let names = draw_names(&mut draw, prices.len());
    let mut accounts: Vec<Account> = Vec::new();
    for (index, ((arr_usd, plan), name)) in prices.iter().zip(names).enumerate() {
        let rank = (2.0 * index as f64 + 1.0) / prices.len() as f64 - 1.0;
        let size = 1.1 * rank + rank * rank * rank;
        let traits = (recipe.traits)(&mut draw, size);
        let word = draw.pick(words_for(traits.industry));
        let region = draw.pick(&[
            "North America",
            "North America",
            "North America",
            "EMEA",
            "EMEA",
            "APAC",
            "LATAM",
        ]);
        accounts.push(Account {
            name: format!("{name} {word}{}", legal_form(index, traits.industry, region)),
            region,
            csm: draw.pick(recipe.csms),
            arr_usd: *arr_usd,
            plan,
            trend: (2.0 + 6.0 * traits.health + 5.0 * draw.normal()).round() as i64,
            traits,
            health: 0,
            age_days: 0,
            modified: 0,
            status: "Active",
        });
    }
    set_health_and_age(&mut draw, &recipe.stages, &mut accounts);
    accounts.sort_by_key(|account| -account.age_days);
    accounts
}

/// Prices in dollars, smallest first, each with its plan. Draws from the mix of plans are kept until every class
/// has its number of accounts, so within a class the prices follow the mix; then each class is bent to its total.
fn draw_prices(draw: &mut Draw, recipe: &Recipe) -> Vec<(i64, &'static Plan)> {
    let mut drawn: Vec<Vec<(f64, &'static Plan)>> = recipe.classes.iter().map(|_| Vec::new()).collect();
    let all_plans: f64 = recipe.plans.iter().map(|plan| plan.weight).sum();
    while drawn
        .iter()
        .zip(recipe.classes)
        .any(|(prices, class)| prices.len() < class.accounts)
    {
        let mut at = draw.uniform() * all_plans;
        let plan = recipe.plans.iter().find(|plan| {
            at -= plan.weight;
            at < 0.0
        });
        let plan = plan.unwrap_or(&recipe.plans[0]);
        let price = plan.median_usd * exp(plan.spread * draw.normal());
        let fits = |class: &Class| class.from_usd <= price && price < class.below_usd;
        if let Some(index) = recipe.classes.iter().position(fits)
            && drawn[index].len() < recipe.classes[index].accounts
        {
            drawn[index].push((price, plan));
        }
    }
    let mut prices = Vec::new();
    for (mut class_prices, class) in drawn.into_iter().zip(recipe.classes) {
        class_prices.sort_by(|a, b| a.0.total_cmp(&b.0));
        prices.extend(bend(&class_prices, class));
    }
    prices
}

/// Moves every price of a class along one smooth curve that keeps its ends and its order, so that the class meets its
/// total; whole 20-dollar steps, the rest spread over the accounts in the middle of the class.
fn bend(prices: &[(f64, &'static Plan)], class: &Class) -> Vec<(i64, &'static Plan)> {
    let width = class.below_usd - class.from_usd;
    let sum: f64 = prices.iter().map(|(price, _)| price).sum();
    let room: f64 = prices
        .iter()
        .map(|(price, _)| (price - class.from_usd) * (class.below_usd - price) / width)
        .sum();
    let strength = class.total_usd.map_or(0.0, |total| (total - sum) / room);
    assert!(
        strength.abs() < 0.35,
        "the mix of plans is too far from the class total: {strength}"
    );
    let bent = |price: f64| price + strength * (price - class.from_usd) * (class.below_usd - price) / width;
    let mut whole: Vec<_> = prices
        .iter()
        .map(|(price, plan)| ((bent(*price) / 20.0) as i64 * 20, *plan))
        .collect();
    let rest = class.total_usd.map_or(0, |total| {
        (total as i64 - whole.iter().map(|(price, _)| price).sum::<i64>()) / 20
    });
    for step in 0..usize::try_from(rest).expect("prices were rounded down") {
        let index = whole.len() / 4 + step % (whole.len() / 2);
        whole[index].0 += 20;
    }
    whole
}

/// e to the x as (1 + x/4096) to the 4096th: only products, the same everywhere.
fn exp(x: f64) -> f64 {
    (0..12).fold(1.0 + x / 4096.0, |power, _| power * power)
}

/// Health 0–100, moved so that exactly the asked number lies under 60; ages and edit dates from the stages.
fn set_health_and_age(draw: &mut Draw, stages: &Stages, accounts: &mut [Account]) {
    let mut sorted: Vec<f64> = accounts.iter().map(|account| account.traits.health * 11.0).collect();
    sorted.sort_by(f64::total_cmp);
    let shift = 59.5 - (sorted[stages.at_risk - 1] + sorted[stages.at_risk]) / 2.0;
    let mut ages: Vec<(i64, i64)> = Vec::new();
    for (count, from, to) in [(stages.new, 9, 90), (stages.growing, 91, 365), (stages.mature, 366, 1_095)] {
        ages.extend(std::iter::repeat_n((from, to), count));
    }
    draw.shuffle(&mut ages);
    for account in accounts {
        account.health = ((account.traits.health * 11.0 + shift).round() as i64).min(98);
        let (from, to) = if account.health < 60 {
            (91, 1_095)
        } else {
            ages.pop().expect("one age for each healthy account")
        };
        account.age_days = draw.whole(from, to);
        let silence = draw.uniform() * draw.uniform() * 130.0;
        account.modified = AS_OF - (silence as i64).min(account.age_days);
        if account.arr_usd > 20_000 && draw.chance(0.03) {
            account.status = "Active - M&A";
        }
    }
}

/// The book as text.
fn to_csv(recipe: &Recipe, accounts: &[Account]) -> String {
    let mut text = format!("{HEADER}\n");
    let newest = accounts.iter().map(|account| account.modified).max().unwrap_or(AS_OF);
    for (id, account) in (recipe.first_id..).zip(accounts) {
        let traits = &account.traits;
        let yes_no = |value: bool| if value { "Yes" } else { "No" }.to_owned();
        let seats = ((account.arr_usd as f64 / account.plan.usd_per_seat) as i64).max(8);
        let used = ((seats as f64 * traits.utilisation.clamp(0.2, 1.0)) as i64).max(1);
        let created = AS_OF - account.age_days;
        let cells = [
            format!("ACC-{id}"),
            quoted(&account.name),
            traits.industry.to_owned(),
            account.region.to_owned(),
            account.csm.to_owned(),
            quoted(&dollars(account.arr_usd)),
            account.plan.name.to_owned(),
            seats.to_string(),
            used.to_string(),
            format!("{}%", account.trend),
            account.health.to_string(),
            traits
                .nps
                .map_or_else(String::new, |nps| (nps.round().clamp(-100.0, 100.0) as i64).to_string()),
            traits.logo.to_string(),
            yes_no(traits.case_study),
            yes_no(traits.reference),
            yes_no(traits.design_partner),
            yes_no(traits.regulated),
            recipe.products[..traits.products.min(recipe.products.len())].join("; "),
            iso(created),
            renewal(created),
            iso(account.modified + AS_OF - newest),
            account.status.to_owned(),
        ];
        writeln!(text, "{}", cells.join(",")).expect("a string takes any text");
    }
    text
}

/// A cell, in quotes when it holds a comma.
fn quoted(cell: &str) -> String {
    if cell.contains(',') {
        format!("\"{cell}\"")
    } else {
        cell.to_owned()
    }
}

/// `12400` as `$12,400.00`; no account reaches a million.
fn dollars(usd: i64) -> String {
    if usd < 1_000 {
        format!("${usd}.00")
    } else {
        format!("${},{:03}.00", usd / 1_000, usd % 1_000)
    }
}

/// Year, month and day of a day number (the civil calendar, counted from 1 March).
fn civil(day: i64) -> (i64, i64, i64) {
    let shifted = day + 719_468;
    let era = shifted / 146_097;
    let of_era = shifted % 146_097;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    (
        year_of_era + era * 400 + i64::from(month <= 2),
        month,
        of_year - (153 * shifted_month + 2) / 5 + 1,
    )
}

/// A day number as `2026-06-30`.
fn iso(day: i64) -> String {
    let (year, month, date) = civil(day);
    format!("{year}-{month:02}-{date:02}")
}

/// The next anniversary of the contract after the day the book is read.
fn renewal(created: i64) -> String {
    let (_, month, date) = civil(created);
    let year = if (month, date) > (6, 30) { 2026 } else { 2027 };
    let last = if month == 2 { 28 } else { 31 };
    format!("{year}-{month:02}-{:02}", date.min(last))
}
