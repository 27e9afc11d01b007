//! Tiers: the rule, the automatic bins, one tier per account, who is held in today's tier, who sits near a cut (S6, S7, S16).

use super::axes;
use super::cells::of_cells;
use super::nudge::{Nudged, reached_at};
use super::score::{BasisPoints, Edges, START, Strategic};
use super::tier_score::{self, Start, Starts, TierScore};
use crate::model::book::{Book, ColumnRef};
use crate::model::finding::Finding;
use crate::model::policy::{BinMethod, Cuts, Policy, TierCuts};
use crate::model::role::Role;
use crate::model::tier::{Bin, Row, Rule, Scheme, Tier, cell};
use crate::model::tier_score::BANDS;
use crate::parallel;

/// All that decides a tier besides the account itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thresholds {
    /// ARR row × strategic bin.
    Grid {
        /// Row cuts; none when nobody pays.
        cuts: Option<Cuts>,
        /// Bin edges.
        edges: Edges,
    },
    /// Three ARR cuts; none when nobody pays.
    Arr(Option<TierCuts>),
    /// The bands of the tier score: each account has starts of its own.
    Score,
}

/// What decides an account's tier besides its ARR.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// Its strategic value, under rule `grid`.
    Value(BasisPoints),
    /// From which ARR on it reaches each tier, under rule `score`.
    Starts(Starts),
}

impl From<BasisPoints> for Beside {
    fn from(value: BasisPoints) -> Beside {
        Beside::Value(value)
    }
}

/// Where every account stands, in input order.
#[derive(Debug, Clone, PartialEq)]
pub struct Segmentation {
    /// `grid`, `arr` or `score`.
    pub rule: Rule,
    /// What decided.
    pub thresholds: Thresholds,
    /// Row on the ARR axis.
    pub rows: Vec<Row>,
    /// Strategic bin; empty under rules `arr` and `score`, where strategic value is blank.
    pub bins: Vec<Bin>,
    /// From which ARR on each account reaches each tier; empty but under rule `score`.
    pub starts: Vec<Starts>,
    /// The tier each account is served in.
    pub tiers: Vec<Tier>,
    /// Accounts whose tier by the thresholds changes at ARR −10% or +10%.
    pub near: Vec<bool>,
    /// Accounts held in today's tier by hysteresis (S16), as positions, with the tier that the thresholds give.
    pub held: Vec<(usize, Tier)>,
    /// Accounts whose tier today is known and differs: (account, today, new).
    pub moved: Vec<(usize, Tier, Tier)>,
    /// Today's tier in the book, where a column names it; empty without such a column.
    pub today: Vec<Option<Tier>>,
    /// Accounts whose cell for today's tier names none that is known.
    pub unread_tiers: usize,
    /// Accounts and ARR by tier, in list order.
    pub totals: [TierTotal; 4],
}

/// Accounts and ARR of a tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TierTotal {
    /// Accounts.
    pub accounts: usize,
    /// ARR in cents.
    pub arr_cents: i128,
}

/// One step of the automatic bins (S6).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BinStep {
    /// High edge before.
    pub from: BasisPoints,
    /// High edge after.
    pub to: BasisPoints,
    /// High-Touch accounts before.
    pub high_touch: usize,
}

const STEP: BasisPoints = 500; // S6: the high edge moves by .05
const HIGH_EDGE_MIN: BasisPoints = 4000; // S6: not below .40
const HIGH_EDGE_MAX: BasisPoints = 8000; // S6: not above .80

impl Thresholds {
    /// The tier of an account that pays `cents` a year and scores `value`. An amount equal to a cut lies above it.
    pub fn tier(&self, cents: i64, value: impl Into<Beside>) -> Tier {
        self.decide(value.into(), |cut| cents >= cut)
    }

    /// The tiers with ARR 10% lower and 10% higher, in integers: where 9 or 11 tenths of it reach a cut (S17).
    pub fn nudged(&self, cents: i64, value: impl Into<Beside>) -> [Tier; 2] {
        let value = value.into();
        [9, 11].map(|tenths| self.decide(value, |cut| cents >= reached_at(cut, tenths)))
    }

    /// Whether ARR has passed no cut between today's tier and the new one by more than `share` of that cut (S16).
    fn holds(&self, cents: i64, value: Beside, today: Tier, new: Tier, share: f64) -> bool {
        let parts = (share * 10_000.0).round() as i128;
        if parts == 0 {
            return false;
        }
        let arr = i128::from(cents) * 10_000;
        // With every cut moved by the share, the account may pass a further cut too: it is still within reach of today's.
        match today.cmp(&new) {
            std::cmp::Ordering::Less => self.decide(value, |cut| arr >= i128::from(cut) * (10_000 - parts)) <= today,
            std::cmp::Ordering::Greater => self.decide(value, |cut| arr > i128::from(cut) * (10_000 + parts)) >= today,
            std::cmp::Ordering::Equal => false,
        }
    }

    /// Whether the tier by the thresholds changes at ARR −10% or +10%.
    pub fn is_near(&self, cents: i64, value: impl Into<Beside>) -> bool {
        Nudged::of(*self).changes(*self, cents, value.into())
    }

    /// The tier in which an account is served: today's where hysteresis holds it (S16), else the one the thresholds give.
    pub fn served(&self, cents: i64, value: impl Into<Beside>, today: Option<Tier>, hysteresis: f64) -> Tier {
        let value = value.into();
        let plain = self.tier(cents, value);
        let held = today.filter(|today| self.holds(cents, value, *today, plain, hysteresis));
        held.unwrap_or(plain)
    }

    fn decide(&self, value: Beside, reaches: impl Fn(i64) -> bool) -> Tier {
        match (self, value) {
            (Thresholds::Grid { cuts, edges }, value) => {
                let row = match cuts {
                    Some(cuts) if reaches(cuts.high.0) => Row::High,
                    Some(cuts) if reaches(cuts.low.0) => Row::Mid,
                    _ => Row::Low,
                };
                let value = match value {
                    Beside::Value(value) => value,
                    Beside::Starts(_) => 0,
                };
                cell(row, edges.bin(value))
            }
            (Thresholds::Arr(Some(cuts)), _) if reaches(cuts.high_touch.0) => Tier::HighTouch,
            (Thresholds::Arr(Some(cuts)), _) if reaches(cuts.mid_touch.0) => Tier::MidTouch,
            (Thresholds::Arr(Some(cuts)), _) if reaches(cuts.tech_touch.0) => Tier::TechTouch,
            (Thresholds::Score, Beside::Starts(starts)) => starts
                .into_iter()
                .zip(BANDS)
                .find(|(start, _)| match start {
                    Start::Always => true,
                    Start::At(from) => reaches(*from),
                    Start::Never => false,
                })
                .map_or(Tier::Plg, |(_, (tier, _))| tier),
            (Thresholds::Arr(_) | Thresholds::Score, _) => Tier::Plg,
        }
    }

    /// The amounts of ARR at which the tier of such an account may change, in no order.
    pub fn cuts_of(&self, value: Beside) -> [Option<i64>; 3] {
        match (self, value) {
            (Thresholds::Score, Beside::Starts(starts)) => starts.map(|start| match start {
                Start::At(from) => Some(from),
                Start::Always | Start::Never => None,
            }),
            (Thresholds::Grid { cuts: Some(cuts), .. }, _) => [Some(cuts.low.0), Some(cuts.high.0), None],
            (Thresholds::Arr(Some(cuts)), _) => [cuts.tech_touch, cuts.mid_touch, cuts.high_touch].map(|cut| Some(cut.0)),
            _ => [None; 3],
        }
    }

    /// The ARR cuts with the codes they go by, lowest first; none under rule `score`, where each account has its own.
    pub fn arr_cuts(&self) -> Vec<(&'static str, i64)> {
        match self {
            Thresholds::Grid { cuts: Some(cuts), .. } => vec![("low", cuts.low.0), ("high", cuts.high.0)],
            Thresholds::Arr(Some(cuts)) => {
                vec![
                    ("tech_touch", cuts.tech_touch.0),
                    ("mid_touch", cuts.mid_touch.0),
                    ("high_touch", cuts.high_touch.0),
                ]
            }
            _ => Vec::new(),
        }
    }
}

/// The rule in force: `auto` is `grid` from two factors on (S7).
pub fn rule(asked: Rule, strategic: &Strategic) -> Rule {
    match asked {
        Rule::Auto if strategic.n_on() >= 2 => Rule::Grid,
        Rule::Auto => Rule::Arr,
        given => given,
    }
}

/// Automatic bins: from .30/.60 the high edge moves one way until High-Touch holds 5–15% of accounts (S6).
pub fn auto_bins(book: &Book, strategic: &Strategic, cuts: Option<Cuts>) -> (Edges, Vec<BinStep>) {
    // Accounts by row and strategic value: the edges are all that changes below.
    let rows = [Row::Low, Row::Mid, Row::High];
    let mut grid = rows.map(|_| vec![0_usize; 10_001]);
    for (cents, value) in book.arr_cents().iter().zip(&strategic.value) {
        let at = match axes::row(*cents, cuts) {
            Row::Low => 0,
            Row::Mid => 1,
            Row::High => 2,
        };
        if let Some(count) = grid.get_mut(at).and_then(|values| values.get_mut(usize::from(*value))) {
            *count += 1;
        }
    }
    let high_touch = |edges: Edges| {
        let in_row = |(row, counts): (&Row, &Vec<usize>)| -> usize {
            let values = (0..).zip(counts);
            let is_high = |value: BasisPoints| cell(*row, edges.bin(value)) == Tier::HighTouch;
            values.filter(|(value, _)| is_high(*value)).map(|(_, n)| n).sum()
        };
        rows.iter().zip(&grid).map(in_row).sum::<usize>()
    };
    let too_few = |n: usize| n * 20 < book.len();
    let too_many = |n: usize| n * 20 > book.len() * 3;
    let mut edges = START;
    let mut n = high_touch(edges);
    let down = too_few(n);
    let mut steps = Vec::new();
    loop {
        let next = match edges.high {
            high if down && too_few(n) && high > HIGH_EDGE_MIN => high - STEP,
            high if !down && too_many(n) && high < HIGH_EDGE_MAX => high + STEP,
            _ => return (edges, steps),
        };
        steps.push(BinStep {
            from: edges.high,
            to: next,
            high_touch: n,
        });
        edges.high = next;
        n = high_touch(edges);
    }
}

/// Where automatic bins would lie now, when that is elsewhere: they stay until the team places them again (S16).
pub fn bins_drift(book: &Book, strategic: &Strategic, policy: &Policy) -> Option<Finding> {
    let bins = policy.strategic.bins.filter(|bins| bins.method == BinMethod::Auto)?;
    let (now, _) = auto_bins(book, strategic, policy.axis.cuts);
    let kept = Edges::of(Some(bins));
    (now != kept).then(|| {
        let text = format!(
            "the high bin edge stays at {:.2}; placed today it would lie at {:.2}: define_axes with bins auto places it again",
            kept.high_above(),
            now.high_above()
        );
        Finding::warning("bins_drifted", text)
    })
}

/// The thresholds that the model and its rule give. Bins not decided yet stand where automatic ones start.
pub fn thresholds(policy: &Policy, rule: Rule) -> Thresholds {
    match rule {
        Rule::Arr => Thresholds::Arr(policy.tiers.arr_cuts),
        Rule::Score => Thresholds::Score,
        _ => Thresholds::Grid {
            cuts: policy.axis.cuts,
            edges: Edges::of(policy.strategic.bins),
        },
    }
}

/// Places every account once; rule `score` needs the tier score.
pub fn assign(book: &Book, strategic: &Strategic, tier_score: Option<&TierScore>, policy: &Policy, rule: Rule) -> Segmentation {
    let thresholds = thresholds(policy, rule);
    let edges = Edges::of(policy.strategic.bins);
    let today = current_tiers(book, policy.tiers.scheme);
    let mut result = Segmentation {
        rule,
        thresholds,
        rows: Vec::new(),
        bins: Vec::new(),
        starts: tier_score.map_or_else(Vec::new, |scored| scored.starts(book.arr_cents())),
        tiers: Vec::new(),
        near: Vec::new(),
        held: Vec::new(),
        moved: Vec::new(),
        today: Vec::new(),
        unread_tiers: unread_tiers(book, &today),
        totals: [TierTotal::default(); 4],
    };
    if rule == Rule::Grid {
        result.bins = strategic.value.iter().map(|value| edges.bin(*value)).collect();
    }
    let nudged = Nudged::of(thresholds);
    let place = |i: usize| {
        let (cents, value) = (book.arr(i).0, result.beside(i, strategic));
        let plain = thresholds.tier(cents, value);
        let before = today.get(i).copied().flatten();
        Place {
            cents,
            plain,
            before,
            held: before.filter(|today| thresholds.holds(cents, value, *today, plain, policy.tiers.hysteresis)),
            row: axes::row(cents, policy.axis.cuts),
            near: nudged.changes(thresholds, cents, value),
        }
    };
    let parts = parallel::in_parts(book.len(), parallel::LEAST, |accounts| {
        let mut placed = Placed::default();
        accounts.for_each(|account| placed.take_in(account, place(account)));
        placed
    });
    parts.into_iter().for_each(|placed| result.take_in(placed));
    // Lists of accounts are by ARR, then id: the order of rows in the file must not show.
    result
        .held
        .sort_by(|(a, _), (b, _)| book.arr(*b).cmp(&book.arr(*a)).then_with(|| book.id(*a).cmp(book.id(*b))));
    result.today = today;
    debug_assert_eq!(result.totals.iter().map(|t| t.accounts).sum::<usize>(), book.len());
    debug_assert_eq!(result.totals.iter().map(|t| t.arr_cents).sum::<i128>(), book.total_cents());
    result
}

/// Where one account stands.
struct Place {
    cents: i64,
    plain: Tier,
    before: Option<Tier>,
    held: Option<Tier>,
    row: Row,
    near: bool,
}

/// Where some accounts stand, in input order.
#[derive(Default)]
struct Placed {
    rows: Vec<Row>,
    tiers: Vec<Tier>,
    near: Vec<bool>,
    held: Vec<(usize, Tier)>,
    moved: Vec<(usize, Tier, Tier)>,
    totals: [TierTotal; 4],
}

impl Placed {
    fn take_in(&mut self, account: usize, place: Place) {
        let tier = place.held.unwrap_or(place.plain);
        self.rows.push(place.row);
        self.near.push(place.near);
        self.tiers.push(tier);
        self.held.extend(place.held.map(|_| (account, place.plain)));
        let moved = place.before.filter(|before| *before != tier);
        self.moved.extend(moved.map(|before| (account, before, tier)));
        if let Some(total) = self.totals.get_mut(tier.index()) {
            total.accounts += 1;
            total.arr_cents += i128::from(place.cents);
        }
    }
}

/// The tier in which each account would be served, and nothing more.
pub fn serve(book: &Book, strategic: &Strategic, tier_score: Option<&TierScore>, policy: &Policy, rule: Rule) -> Vec<Tier> {
    let thresholds = thresholds(policy, rule);
    let today = current_tiers(book, policy.tiers.scheme);
    let scored = tier_score.filter(|_| rule == Rule::Score);
    let tier = |(account, cents): (usize, &i64)| {
        let value = || match scored {
            Some(scored) => Beside::Starts(scored.starts_of(account, *cents)),
            None => Beside::Value(strategic.value.get(account).copied().unwrap_or(0)),
        };
        let plain = match scored {
            Some(scored) => tier_score::tier(scored.now(account)),
            None => thresholds.tier(*cents, value()),
        };
        // Where a tier starts for an account is long to find, and matters to those alone that may be held.
        let before = today.get(account).copied().flatten().filter(|before| *before != plain);
        let held = before.filter(|before| thresholds.holds(*cents, value(), *before, plain, policy.tiers.hysteresis));
        held.unwrap_or(plain)
    };
    parallel::collect(book.len(), |account| tier((account, &book.arr(account).0)))
}

/// Today's tier of each account, where the book has a column for it and the cell names a tier.
fn current_tiers(book: &Book, scheme: Scheme) -> Vec<Option<Tier>> {
    let Some(ColumnRef::Cells { column, .. }) = book.column(&format!("role:{}", Role::CurrentTier)) else {
        return Vec::new();
    };
    of_cells(book, column, |text| Tier::parse(text, scheme)).to_vec()
}

/// Cells that are filled and name no tier.
fn unread_tiers(book: &Book, today: &[Option<Tier>]) -> usize {
    let Some(column) = book.roles.get(&Role::CurrentTier).map(|found| found.column) else {
        return 0;
    };
    let unread = |(i, tier): &(usize, &Option<Tier>)| tier.is_none() && !book.cell(*i, column).is_empty();
    today.iter().enumerate().filter(unread).count()
}

impl Segmentation {
    /// Takes in where further accounts stand.
    fn take_in(&mut self, placed: Placed) {
        self.rows.extend(placed.rows);
        self.tiers.extend(placed.tiers);
        self.near.extend(placed.near);
        self.held.extend(placed.held);
        self.moved.extend(placed.moved);
        for (total, more) in self.totals.iter_mut().zip(placed.totals) {
            total.accounts += more.accounts;
            total.arr_cents += more.arr_cents;
        }
    }

    /// What decides an account's tier besides its ARR.
    pub fn beside(&self, account: usize, strategic: &Strategic) -> Beside {
        match self.starts.get(account) {
            Some(starts) => Beside::Starts(*starts),
            None => Beside::Value(strategic.value.get(account).copied().unwrap_or(0)),
        }
    }

    /// The tier of an account.
    pub fn tier(&self, account: usize) -> Tier {
        self.tiers.get(account).copied().unwrap_or(Tier::Plg)
    }

    /// Accounts that another segmentation of the same book serves in another tier, in the book's order.
    pub fn differing<'s>(&'s self, other: &'s Segmentation) -> impl Iterator<Item = usize> + 's {
        let pairs = self.tiers.iter().zip(&other.tiers).enumerate();
        pairs.filter(|(_, (own, other))| own != other).map(|(account, _)| account)
    }

    /// The row of an account.
    pub fn row(&self, account: usize) -> Row {
        self.rows.get(account).copied().unwrap_or(Row::Low)
    }

    /// The bin of an account; none but under rule `grid`.
    pub fn bin(&self, account: usize) -> Option<Bin> {
        self.bins.get(account).copied()
    }

    /// Accounts and ARR of a tier.
    pub fn total(&self, tier: Tier) -> TierTotal {
        self.totals.get(tier.index()).copied().unwrap_or_default()
    }

    /// The tiers that hold accounts, in list order.
    pub fn filled(&self) -> impl Iterator<Item = Tier> + '_ {
        Tier::ALL.into_iter().filter(|tier| self.total(*tier).accounts > 0)
    }

    /// Whether an account changes tier at ARR ±10%.
    pub fn is_near(&self, account: usize) -> bool {
        self.near.get(account) == Some(&true)
    }
}
