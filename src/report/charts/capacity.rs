//! CSMs needed by tier, from the largest to the smallest books, against those there are.

use askama::Template;

use super::{Figure, Frame, Px, WIDTH, drawn};
use crate::engine::capacity::{TierDemand, typical_book};
use crate::error::Result;
use crate::report::steps::View;
use crate::report::steps::capacity::demand_table;

#[derive(Template)]
#[template(path = "charts/capacity.svg")]
struct Demand {
    frame: Frame,
    rows: Vec<Row>,
    width: Px,
}

struct Row {
    name: String,
    said: String,
    name_y: Px,
    y: Px,
    bars: Vec<Bar>,
    span: Vec<Span>,
}

struct Bar {
    class: String,
    y: Px,
    width: Px,
}

/// From the demand with the largest books to that with the smallest.
struct Span {
    from: Px,
    to: Px,
    y: Px,
    top: Px,
    bottom: Px,
}

/// A row before it is laid out: CSMs by class of bar, and the ends of the span.
struct Content {
    name: String,
    said: String,
    bars: Vec<(String, f64)>,
    ends: Option<(f64, f64)>,
}

const BAR: f64 = 18.0;

/// The chart.
pub fn capacity(view: View) -> Result<Figure> {
    let plan = &view.outcome.plan;
    let mut rows: Vec<Content> = plan.tiers.iter().map(|demand| of_tier(view, demand)).collect();
    let (said, mut bars) = match plan.available {
        Some(csms) => (
            format!("{} needed, {csms} there", plan.needed_typical),
            vec![("there".to_string(), csms)],
        ),
        None => (format!("{} needed, headcount not given", plan.needed_typical), Vec::new()),
    };
    bars.insert(0, ("all".to_string(), plan.needed_typical as f64));
    rows.push(Content {
        name: "All tiers".to_string(),
        said,
        bars,
        ends: Some((plan.needed_low as f64, plan.needed_high as f64)),
    });
    let words: Vec<String> = rows.iter().map(|row| format!("{}: {}.", row.name, row.said)).collect();
    let title = "CSMs needed against CSMs there are";
    let (rows, height) = laid_out(rows);
    let svg = drawn(&Demand {
        frame: Frame {
            id: "chart-capacity",
            title: title.into(),
            words: words.join(" "),
            height: Px(height),
        },
        rows,
        width: Px(WIDTH),
    })?;
    Ok(Figure {
        id: "chart-capacity",
        title: title.into(),
        svg,
        words: vec![
            "Bars show typical books; the line through each runs from the need with the largest books to that with the smallest. \
             The hollow bar is the headcount there is."
                .into(),
        ],
        table: demand_table(view),
    })
}

fn of_tier(view: View, demand: &TierDemand) -> Content {
    let name = demand.tier.name(view.policy.tiers.scheme).to_string();
    if typical_book(demand.book).is_none() {
        return Content {
            name,
            said: "automated, no CSM".into(),
            bars: Vec::new(),
            ends: None,
        };
    }
    let mut bars = vec![(format!("tier-{}", demand.tier.index() + 1), demand.typical.value())];
    bars.extend(demand.available.map(|csms| ("there".to_string(), csms)));
    let there = demand.available.map_or(String::new(), |csms| format!(", {csms} there"));
    Content {
        name,
        said: format!(
            "{:.1} needed ({:.1} to {:.1}){there}",
            demand.typical.value(),
            demand.low.value(),
            demand.high.value()
        ),
        bars,
        ends: Some((demand.low.value(), demand.high.value())),
    }
}

fn laid_out(rows: Vec<Content>) -> (Vec<Row>, f64) {
    let ends = rows.iter().filter_map(|row| row.ends.map(|(_, to)| to));
    let most = rows.iter().flat_map(|row| row.bars.iter().map(|(_, csms)| *csms)).chain(ends);
    let most = most.fold(0.0, f64::max).max(0.1);
    let scaled = |csms: f64| Px(csms / most * (WIDTH - 2.0));
    let mut top = 0.0;
    let mut out = Vec::new();
    for row in rows {
        let first = top + 22.0;
        let bars: Vec<Bar> = row
            .bars
            .into_iter()
            .enumerate()
            .map(|(i, (class, csms))| Bar {
                class,
                y: Px(first + i as f64 * (BAR + 4.0)),
                width: scaled(csms),
            })
            .collect();
        let middle = first + BAR / 2.0;
        let span = row.ends.filter(|(from, to)| to > from).map(|(from, to)| Span {
            from: scaled(from),
            to: scaled(to),
            y: Px(middle),
            top: Px(middle - 5.0),
            bottom: Px(middle + 5.0),
        });
        let lines = bars.len().max(1) as f64;
        out.push(Row {
            name: row.name,
            said: row.said,
            name_y: Px(top + 15.0),
            y: Px(first),
            bars,
            span: span.into_iter().collect(),
        });
        top = first + lines * (BAR + 4.0) + 10.0;
    }
    (out, top)
}
