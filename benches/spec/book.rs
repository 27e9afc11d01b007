//! Books for the benchmark, drawn from a seed: columns, spread and blanks of the generator that other engines are timed with.

use std::fmt::Write as _;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

pub const HEADER: &str = "account_id,name,arr,industry,seats_licensed,seats_used,logo_tier,case_study,design_partner,regulated,health,nps,usage_trend,created_at\n";

/// Spread of log ARR with which the largest tenth of accounts holds about two thirds of it.
pub const TOP_HEAVY: f64 = 1.75;

const FIRST: [&str; 30] = [
    "Apex", "Blue", "Cedar", "Delta", "Ember", "Falcon", "Granite", "Harbor", "Iron", "Juniper", "Keystone", "Lumen", "Maple",
    "North", "Orbit", "Pioneer", "Quartz", "River", "Summit", "Titan", "Umbra", "Vertex", "Willow", "Xenon", "Yonder", "Zephyr",
    "Åland", "Böhm", "Çelik", "Dvořák",
];
const SECOND: [&str; 20] = [
    "Analytics",
    "Bank",
    "Capital",
    "Dynamics",
    "Energy",
    "Foods",
    "Group",
    "Health",
    "Insurance",
    "Jewelers",
    "Kinetics",
    "Labs",
    "Media",
    "Networks",
    "Optics",
    "Pharma",
    "Retail",
    "Systems",
    "Telecom",
    "Utilities",
];
const LEGAL: [&str; 8] = ["Inc", "LLC", "Ltd", "GmbH", "S.A.", "plc", "Corp", "AB"];
const INDUSTRIES: [(&str, f64); 10] = [
    ("software", 0.24),
    ("finance", 0.13),
    ("healthcare", 0.11),
    ("retail", 0.12),
    ("manufacturing", 0.12),
    ("government", 0.05),
    ("education", 0.07),
    ("media", 0.06),
    ("energy", 0.05),
    ("logistics", 0.05),
];
const LOGOS: [(&str, f64); 3] = [("A", 0.15), ("B", 0.35), ("C", 0.5)];

struct Dice(ChaCha8Rng);

impl Dice {
    fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn hits(&mut self, chance: f64) -> bool {
        self.unit() < chance
    }

    fn below(&mut self, n: usize) -> usize {
        (self.unit() * n as f64) as usize
    }

    fn normal(&mut self, mean: f64, spread: f64) -> f64 {
        let (radius, angle) = (1.0 - self.unit(), self.unit());
        mean + spread * (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
    }

    fn weighted<'a>(&mut self, choices: &[(&'a str, f64)]) -> &'a str {
        let mut left = self.unit();
        for (choice, weight) in choices {
            left -= weight;
            if left < 0.0 {
                return choice;
            }
        }
        choices.last().map_or("", |(choice, _)| choice)
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of.get(self.below(of.len())).copied().unwrap_or("")
    }

    fn name(&mut self) -> String {
        let plain = FIRST.get(..26).unwrap_or(&FIRST);
        let first = if self.hits(0.02) { self.one(&FIRST) } else { self.one(plain) };
        let (second, legal, number) = (self.one(&SECOND), self.one(&LEGAL), self.below(999) + 1);
        match self.unit() {
            odd if odd < 0.02 => format!("\"{first} {second} {number}, {legal}\""),
            odd if odd < 0.025 => format!("\"{first} \"\"{second}\"\" {number}\""),
            _ => format!("{first} {second} {number} {legal}"),
        }
    }
}

/// A book as text. `spread` is that of log ARR: [`TOP_HEAVY`], or less for ARR that is spread more evenly.
pub fn csv(rows: usize, spread: f64, seed: u64) -> String {
    let mut text = String::with_capacity(rows * 110);
    text.push_str(HEADER);
    let mut dice = Dice(ChaCha8Rng::seed_from_u64(seed));
    for at in 1..=rows {
        row(&mut text, &mut dice, at, spread);
    }
    text
}

fn row(text: &mut String, dice: &mut Dice, at: usize, spread: f64) {
    let name = dice.name();
    let mut cents = (dice.normal(9000_f64.ln(), spread).exp().min(25e6) * 100.0).round() as i64;
    if dice.hits(0.005) {
        cents = 0;
    }
    let arr = cents as f64 / 100.0;
    let industry = dice.weighted(&INDUSTRIES);
    let licensed = ((arr / (120.0 + 780.0 * dice.unit())) as i64 + 1 + dice.below(5) as i64).max(1);
    let share = (1.0 - (1.0 - dice.unit()).powf(1.0 / 2.3)).powf(1.0 / 3.2);
    let used = ((licensed as f64 * share * 1.12) as i64).min(licensed + licensed / 10);
    let logo = if dice.hits(0.62) { "" } else { dice.weighted(&LOGOS) };
    let large = f64::from(u8::from(arr > 1e5));
    let case_study = dice.hits(0.06 + 0.10 * large);
    let partner = dice.hits(0.03 + 0.07 * large);
    let is_regulated_trade = matches!(industry, "finance" | "healthcare" | "government");
    let regulated = dice.hits(0.06) || is_regulated_trade && dice.hits(0.55);
    let whole = |number: f64, blank: bool| if blank { String::new() } else { (number as i64).to_string() };
    let health = whole(dice.normal(68.0, 17.0).clamp(0.0, 100.0), dice.hits(0.03));
    let nps = whole(dice.normal(28.0, 38.0).clamp(-100.0, 100.0), dice.hits(0.08));
    let trend = (dice.normal(0.03, 0.22).clamp(-1.0, 1.0) * 1000.0).round() as i64;
    let sign = if trend < 0 { "-" } else { "" };
    let (thousandths, day) = (trend.abs(), dice.below(3900));
    let (year, month, day) = (2015 + day / 365, day % 365 / 31 + 1, day % 28 + 1);
    writeln!(
        text,
        "ACC-{at:08},{name},{}.{:02},{industry},{licensed},{used},{logo},{case_study},{partner},{regulated},{health},{nps},{sign}{}.{:03},{year}-{month:02}-{day:02}",
        cents / 100,
        cents % 100,
        thousandths / 1000,
        thousandths % 1000,
    )
    .unwrap_or_default();
}
