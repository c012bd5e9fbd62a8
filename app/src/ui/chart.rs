//! A value over time as a line chart, with a description in words and a table.

use foundation::tr;
use leptos::prelude::*;
use shared::{broker::Point, money::Money};

use crate::ui::{
    Glyph, icon,
    money::{amount, direction, usd},
    time,
};

/// The drawing's own units. The style sheet stretches it to the card.
const WIDTH: i64 = 1000;
const HEIGHT: i64 = 240;
/// Margin above and below the line, so that its ends aren't cut.
const MARGIN: i64 = 16;
/// Maximum number of table rows.
const ROWS: usize = 12;

/// A history of the API as milliseconds since 1970 (UTC) and amounts.
pub fn line(points: &[Point]) -> Vec<(i64, Money)> {
    points.iter().filter_map(|point| Some((time::parse(&point.at)?, point.value))).collect()
}

/// A line through the points, over their whole time. `what` names the value (`Total value`). `from` is the base of the
/// change shown beside the chart, so that both get the same colour.
pub fn chart(what: &str, timed: &[(i64, Money)], from: Option<Money>) -> AnyView {
    let Some(Drawn { line, end, ends: [(first_at, first), (last_at, last)], low, high }) = draw(timed) else {
        return view! { <p class="chart-nothing muted">{tr!("The chart begins with the next price.", "Der Verlauf beginnt mit dem nächsten Preis.")}</p> }.into_any();
    };
    view! {
        <figure class=class(first, last, from)>
            <div class="chart-plot">
                <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none" role="img" aria-label=words(what, timed)>
                    <path class="grid" d=format!("M0 {MARGIN}H{WIDTH}M0 {}H{WIDTH}M0 {}H{WIDTH}", HEIGHT / 2, HEIGHT - MARGIN)></path>
                    <path class="area" d=format!("{line}V{HEIGHT}H0Z")></path>
                    <path class="line" d=line></path>
                    <path class="end" d=end></path>
                </svg>
                <div class="chart-axis" aria-hidden="true">
                    <span>{amount(high)}</span>
                    {(low != high).then(|| view! { <span>{amount(low)}</span> })}
                </div>
            </div>
            <figcaption class="chart-ends">
                {time::clock_view(last_at, first_at)}
                {time::clock_view(last_at, last_at)}
            </figcaption>
            {table(what, timed)}
        </figure>
    }
    .into_any()
}

/// The line alone, small. `None` where there is nothing to draw.
pub fn spark(what: &str, timed: &[(i64, Money)]) -> Option<AnyView> {
    let Drawn { line, end, ends: [(_, first), (_, last)], .. } = draw(timed)?;
    let spark = view! {
        <svg class=format!("spark {}", class(first, last, None)) viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none" role="img" aria-label=words(what, timed)>
            <path class="line" d=line></path>
            <path class="end" d=end></path>
        </svg>
    };
    Some(spark.into_any())
}

/// The paths of a drawing, and the numbers that they show.
struct Drawn {
    line: String,
    end: String,
    ends: [(i64, Money); 2],
    low: Money,
    high: Money,
}

/// `None` for fewer than two different times.
fn draw(timed: &[(i64, Money)]) -> Option<Drawn> {
    let (&(first_at, first), &(last_at, last)) = timed.first().zip(timed.last())?;
    if first_at >= last_at {
        return None;
    }
    let low = timed.iter().map(|(_, value)| *value).min().unwrap_or(first);
    let high = timed.iter().map(|(_, value)| *value).max().unwrap_or(first);
    let x = |at: i64| (at - first_at) * WIDTH / (last_at - first_at);
    let y = |value: Money| {
        let span = (high.cents() - low.cents()).max(1);
        let inner = HEIGHT - 2 * MARGIN;
        if high == low { HEIGHT / 2 } else { HEIGHT - MARGIN - (value.cents() - low.cents()) * inner / span }
    };
    let line = timed.iter().enumerate().fold(String::new(), |path, (at, (when, value))| {
        format!("{path}{}{} {}", if at == 0 { "M" } else { "L" }, x(*when), y(*value))
    });
    let end = format!("M{} {}h.01", x(last_at), y(last));
    Some(Drawn { line, end, ends: [(first_at, first), (last_at, last)], low, high })
}

fn class(first: Money, last: Money, from: Option<Money>) -> &'static str {
    if last < from.unwrap_or(first) { "chart down" } else { "chart up" }
}

/// The drawing in words, for screen readers.
fn words(what: &str, timed: &[(i64, Money)]) -> String {
    let (Some(&(first_at, first)), Some(&(last_at, last))) = (timed.first(), timed.last()) else {
        return String::new();
    };
    let (_, _, word) = direction(first, last);
    let values = || timed.iter().map(|(_, value)| *value);
    let (from_at, to_at) = (time::exact(first_at), time::exact(last_at));
    let [least, most] = [values().min(), values().max()].map(|value| usd(value.unwrap_or(first)));
    let (from, to) = (usd(first), usd(last));
    tr!(
        format!("{what}, from {from} on {from_at} to {to} on {to_at}: {word}. Lowest {least}, highest {most}."),
        format!("{what}, von {from} am {from_at} bis {to} am {to_at}: {word}. Tiefster Wert {least}, höchster {most}.")
    )
}

/// The same data as a table of a few points, including the first and the last.
pub fn table(what: &str, timed: &[(i64, Money)]) -> AnyView {
    let last = timed.len().saturating_sub(1);
    let rows = ROWS.min(timed.len());
    let rows: Vec<_> = (0..rows)
        .map(|row| timed[if rows > 1 { row * last / (rows - 1) } else { 0 }])
        .map(|(at, value)| {
            view! {
                <tr>
                    <td><time datetime=time::iso(at) data-exact="">{time::exact(at)}</time></td>
                    <td class="number">{usd(value)}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <details class="more">
            <summary>{icon(Glyph::Chevron)}{tr!("As a table", "Als Tabelle")}</summary>
            <table class="table plain">
                <thead><tr><th scope="col">{tr!("Time", "Zeit")}</th><th scope="col" class="number">{what.to_owned()}</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </details>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(at: &str, value: &str) -> Point {
        Point { at: at.into(), value: value.parse().expect("an amount") }
    }

    #[test]
    fn chart_line_spans_the_width_and_has_a_text_alternative() {
        let html = chart(
            "Price",
            &line(&[
                point("2026-11-24T08:00:00.000Z", "100.00"),
                point("2026-11-24T08:30:00.000Z", "90.00"),
                point("2026-11-24T09:00:00.000Z", "110.00"),
            ]),
            None,
        )
        .to_html();
        assert!(html.contains("M0 120L500 224L1000 16"), "{html}");
        assert!(
            html.contains("to 110.00 USD on 24 November 2026, 09:00:00 UTC: up. Lowest 90.00 USD, highest 110.00 USD.")
        );
        assert_eq!(html.matches("<tr>").count(), 4);
    }

    #[test]
    fn too_few_points_make_no_line_and_no_fault() {
        for points in [vec![], vec![point("2026-11-24T08:00:00.000Z", "1.00")], vec![point("never", "1.00")]] {
            assert!(chart("Price", &line(&points), None).to_html().contains("begins with the next price"));
            assert!(spark("Price", &line(&points)).is_none());
        }
        let flat = [point("2026-11-24T08:00:00.000Z", "1.00"), point("2026-11-24T08:00:01.000Z", "1.00")];
        assert!(chart("Price", &line(&flat), None).to_html().contains("M0 120L1000 120"));
    }
}
