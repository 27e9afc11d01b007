//! What product, support and CRM say of the accounts of `accounts.csv`, as a second table to join.

use std::fmt::Write as _;

use super::{AS_OF, Account, ChaCha8Rng, Draw, SeedableRng, iso};

/// Its own source of chance: the books stay as they are, whatever is drawn here.
const SEED: u64 = 20_260_630;
const HEADER: &str = "Account ID,DAU/MAU,Feature Adoption,CSAT,Open Escalations,Exec Sponsor,Champion,Feature Requests,\
Headcount Growth,Number of Teams,API Usage Growth,Kickoff Date,Go-Live Date";
const PEOPLE: [&str; 8] = [
    "Ana Reyes",
    "Jo Park",
    "Kim Weber",
    "Lu Chen",
    "Max Osei",
    "Noor Aziz",
    "Pia Lund",
    "Sam Ito",
];

/// The table as text; one account in thirty is missing from it.
pub(crate) fn to_csv(first_id: u32, accounts: &[Account]) -> String {
    let mut draw = Draw(ChaCha8Rng::seed_from_u64(SEED));
    let mut text = format!("{HEADER}\n");
    for (id, account) in (first_id..).zip(accounts) {
        let row = row(&mut draw, account);
        if !draw.chance(0.03) {
            writeln!(text, "ACC-{id},{}", row.join(",")).expect("a string takes any text");
        }
    }
    text
}

fn row(draw: &mut Draw, account: &Account) -> Vec<String> {
    let health = account.health as f64 / 100.0;
    let share = |value: f64| format!("{:.2}", value.clamp(0.02, 0.98));
    let blank = |draw: &mut Draw, chance: f64, cell: String| if draw.chance(chance) { String::new() } else { cell };
    let usage = share(0.46 * health + 0.05 * draw.normal());
    let adoption = share(0.95 * health + 0.08 * draw.normal());
    let csat = format!("{:.1}", (3.0 + 2.0 * health + 0.3 * draw.normal()).clamp(1.0, 5.0));
    let escalations = if draw.chance(0.95 - 0.9 * health) {
        draw.whole(1, 3)
    } else {
        0
    };
    let large = account.arr_usd > 20_000;
    let sponsor = if draw.chance(if large { 0.85 } else { 0.55 }) {
        "Yes"
    } else {
        "No"
    };
    let champion = match () {
        () if draw.chance(0.5 - 0.5 * health) => "left",
        () if draw.chance(0.9) => draw.pick(&PEOPLE),
        () => "",
    };
    let requests = draw.whole(0, if account.traits.utilisation > 0.8 { 6 } else { 3 });
    let growth = (4.0 + 9.0 * draw.normal()).round() as i64;
    let teams = draw.whole(1, if large { 6 } else { 2 });
    let api = (account.trend as f64 + 12.0 * draw.normal()).round() as i64;
    let created = AS_OF - account.age_days;
    let reached = |day: i64| if day > AS_OF { String::new() } else { iso(day) };
    let (kickoff, live) = (created + draw.whole(3, 14), created + draw.whole(20, 60));
    vec![
        blank(draw, 0.03, usage),
        adoption,
        blank(draw, 0.12, csat),
        escalations.to_string(),
        sponsor.to_owned(),
        champion.to_owned(),
        requests.to_string(),
        format!("{growth}%"),
        teams.to_string(),
        format!("{api}%"),
        reached(kickoff),
        reached(live),
    ]
}
