//! The broker's histories, for two readers: the chat's charts get lines of typed data, and the model a summary of the
//! one range that it asked for ([`super::output::History`]).

use std::time::Duration;

use foundation::{SecretString, time, tr};
use futures::future::try_join_all;
use shared::{
    broker::{History, Point, Range},
    chat::Line,
};

use super::{answer::Stop, caller::Caller, input};
use crate::{api::ApiError, broker, state::Agent};

/// The ranges of a card.
const RANGES: [Range; 4] = [Range::Day, Range::Week, Range::Month, Range::Year];

/// Maximum number of evenly spaced points of a line. Its last, lowest and highest are added.
const POINTS: usize = 60;

/// The range that a model asks for, in any case. Without one: a day.
pub(super) fn range(given: Option<&str>) -> Result<Range, Stop> {
    let Some(given) = given.map(|given| given.trim().to_lowercase()) else { return Ok(Range::default()) };
    let found = RANGES.into_iter().find(|range| range.as_str() == given);
    found.ok_or_else(|| {
        input::wrong(tr!(
            "The range must be day, week, month or year.",
            "Der Zeitraum muss day, week, month oder year sein."
        ))
    })
}

/// How long an answer waits for the line of its card.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Whether the caller sees cards.
fn has_cards(caller: &Caller) -> bool {
    !matches!(caller, Caller::Mcp { .. })
}

/// One range as a line for the answer's card. Empty if it can't be read in time, or if the caller sees no cards.
pub(super) async fn beside(
    agent: &Agent,
    caller: &Caller,
    path: &[&str],
    range: Range,
    token: Option<&SecretString>,
) -> Line {
    if !has_cards(caller) {
        return Line::new();
    }
    match tokio::time::timeout(TIMEOUT, one(agent, path, range, token)).await {
        Ok(Ok(history)) => line(&history),
        Ok(Err(_)) | Err(_) => Line::new(),
    }
}

async fn one(agent: &Agent, path: &[&str], range: Range, token: Option<&SecretString>) -> Result<History, ApiError> {
    broker::get(agent, path, &[("range", range.as_str())], token).await
}

/// All ranges of a card as lines, and the history of the range that was asked for.
pub(super) async fn all(
    agent: &Agent,
    caller: &Caller,
    path: &[&str],
    asked: Range,
    token: Option<&SecretString>,
) -> Result<(Vec<(Range, Line)>, History), ApiError> {
    let ranges = if has_cards(caller) { &RANGES[..] } else { &[asked] };
    let all = try_join_all(ranges.iter().map(|range| one(agent, path, *range, token))).await?;
    let lines = ranges.iter().zip(&all).map(|(range, history)| (*range, line(history))).collect();
    let history = ranges.iter().zip(all).find(|(range, _)| **range == asked).map(|(_, history)| history);
    Ok((lines, history.unwrap_or(History { points: Vec::new() })))
}

/// The points of a chart: the first and the last, the lowest and the highest, and some between them.
fn line(history: &History) -> Line {
    let points = &history.points;
    let every = points.len().div_ceil(POINTS).max(1);
    let low = points.iter().enumerate().min_by_key(|(_, point)| point.value).map(|(at, _)| at);
    let high = points.iter().enumerate().max_by_key(|(_, point)| point.value).map(|(at, _)| at);
    let is_kept = |at: usize| at.is_multiple_of(every) || at + 1 == points.len() || Some(at) == low || Some(at) == high;
    let timed = |point: &Point| Some((time::parse(&point.at)?, point.value));
    points.iter().enumerate().filter(|(at, _)| is_kept(*at)).filter_map(|(_, point)| timed(point)).collect()
}

#[cfg(test)]
mod tests {
    use shared::money::Money;

    use super::*;

    #[test]
    fn line_keeps_its_ends_and_extremes() {
        let point = |at: i64| {
            let cents = if at == 101 {
                1
            } else if at == 203 {
                99_999
            } else {
                10_000 + at
            };
            Point { at: time::iso(at * 1_000), value: Money::from_cents(cents).expect("an amount") }
        };
        let line = line(&History { points: (0..240).map(point).collect() });
        assert!((POINTS..=POINTS + 3).contains(&line.len()), "{}", line.len());
        assert!(line.is_sorted_by_key(|(at, _)| *at));
        let times: Vec<i64> = line.iter().map(|(at, _)| *at).collect();
        for at in [0, 101_000, 203_000, 239_000] {
            assert!(times.contains(&at), "{at}");
        }
        assert!(super::line(&History { points: vec![] }).is_empty());
    }

    #[test]
    fn range_is_one_of_four_or_a_day() {
        assert!(matches!(range(None), Ok(Range::Day)));
        assert!(matches!(range(Some(" Year ")), Ok(Range::Year)));
        for wrong in ["hour", "century", "day;"] {
            assert!(range(Some(wrong)).is_err(), "{wrong}");
        }
    }
}
