//! The reader's own requests of a step, found in their recording by the shape of the reference recording.

use shared::recording::{Party, Shape};

use super::recording::Request;

/// For each request of the reference, the reader's own, in this order. If they did the step several times, the last one
/// with the most matches counts. A request that a site sends to answer another one counts only together with it.
/// `None`: less than two thirds were found.
pub(super) fn find<'a>(reference: &[Request], records: &'a [Shape]) -> Option<Vec<Option<&'a Shape>>> {
    let records: Vec<&Shape> = records.iter().filter(|record| record.carries).collect();
    // Longest common subsequence: `longest[at][n]` is its length for the requests from `at` on and the records from
    // `n` on.
    let mut longest = vec![vec![0; records.len() + 1]; reference.len() + 1];
    for (at, wanted) in reference.iter().enumerate().rev() {
        for (n, record) in records.iter().enumerate().rev() {
            longest[at][n] = match fits(record, wanted) {
                true => longest[at + 1][n + 1] + 1,
                false => longest[at + 1][n].max(longest[at][n + 1]),
            };
        }
    }
    let most = longest[0][0];
    let (mut at, mut n) = (0, longest[0].iter().rposition(|found| *found == most)?);
    let mut places = vec![None; reference.len()];
    while at < reference.len() && n < records.len() {
        if fits(records[n], &reference[at]) {
            places[at] = Some(n);
            (at, n) = (at + 1, n + 1);
        } else if longest[at][n + 1] >= longest[at + 1][n] {
            n += 1;
        } else {
            at += 1;
        }
    }
    // Concurrent requests may arrive in the other order.
    let (first, last) = (places.iter().flatten().min().copied()?, places.iter().flatten().max().copied()?);
    for at in 0..places.len() {
        if places[at].is_none() {
            places[at] = (first..=last).find(|n| !places.contains(&Some(*n)) && fits(records[*n], &reference[at]));
        }
    }
    let found: Vec<_> = answered(reference, &records, places).into_iter().map(|n| n.map(|n| records[n])).collect();
    let all = reference.iter().filter(|request| !request.names_nobody).count();
    (found.iter().flatten().count() * 3 >= all * 2).then_some(found)
}

/// Drops the places of requests that answer something else. Those of this step come after one of the reader's requests
/// in it and before their next one outside it.
fn answered(reference: &[Request], records: &[&Shape], mut places: Vec<Option<usize>>) -> Vec<Option<usize>> {
    let of_others: Vec<usize> =
        (0..records.len()).filter(|n| records[*n].from == Party::You && !places.contains(&Some(*n))).collect();
    let mut answers = 0..records.len();
    for (request, place) in reference.iter().zip(&mut places) {
        match (request.from, *place) {
            (Party::You, None) => answers = 0..0,
            (Party::You, Some(n)) => {
                answers = n..of_others.iter().find(|other| **other > n).map_or(records.len(), |other| *other);
            }
            _ => *place = place.filter(|n| answers.contains(n)),
        }
    }
    places
}

/// Whether a recorded request matches one of the reference, where `{}` stands for any segment.
fn fits(record: &Shape, wanted: &Request) -> bool {
    let (real, drawn): (Vec<&str>, Vec<&str>) = (record.path.split('/').collect(), wanted.path.split('/').collect());
    let path =
        real.len() == drawn.len() && real.iter().zip(&drawn).all(|(real, drawn)| *drawn == "{}" || real == drawn);
    path && !wanted.names_nobody
        && (record.from, record.to, record.method.as_str()) == (wanted.from, wanted.to, wanted.method)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::workshop::recording::STEPS;

    /// Records as a site would keep them for these requests.
    fn recorded<'a>(requests: impl IntoIterator<Item = &'a Request>) -> Vec<Shape> {
        let shape = |(at, request): (usize, &Request)| Shape {
            site: request.to,
            number: u32::try_from(at).unwrap_or_default() + 1,
            at: 0,
            from: request.from,
            to: request.to,
            method: request.method.into(),
            path: request.path.into(),
            status: 200,
            ms: 1,
            trace: String::new(),
            carries: true,
            model: None,
        };
        requests.into_iter().enumerate().map(shape).collect()
    }

    fn numbers(found: &[Option<&Shape>]) -> Vec<u32> {
        found.iter().map(|it| it.map_or(0, |it| it.number)).collect()
    }

    #[test]
    fn each_step_is_found_among_all_others() {
        let all = recorded(STEPS.into_iter().flatten());
        let mut first = 1;
        for (at, reference) in STEPS.iter().enumerate() {
            let found = find(reference, &all).unwrap_or_else(|| panic!("step {}", at + 1));
            let numbers = numbers(&found);
            // Step 7 is like step 5, and comes later.
            let from = if at == 4 { STEPS[..6].iter().map(|step| step.len() as u32).sum::<u32>() + 1 } else { first };
            let wanted = (from..).zip(*reference).map(|(number, it)| if it.names_nobody { 0 } else { number });
            assert_eq!(numbers, wanted.collect::<Vec<_>>(), "step {}", at + 1);
            first += reference.len() as u32;
        }
    }

    #[test]
    fn what_is_missing_stays_empty_and_too_little_is_nothing() {
        let step = STEPS[1];
        assert_eq!(numbers(&find(step, &recorded(&step[..4])).expect("most of it")), [1, 2, 3, 4, 0]);
        assert!(find(step, &recorded(&step[..2])).is_none());
        assert!(find(step, &[]).is_none());
        let mut swapped = recorded(step);
        swapped.swap(2, 3);
        assert_eq!(numbers(&find(step, &swapped).expect("all of it")), [1, 2, 3, 4, 5]);
        // An app's first call has no token, and its registration no person, so neither is recorded.
        let app = recorded(&STEPS[4][2..]);
        assert_eq!(numbers(&find(STEPS[4], &app).expect("most of it")), [0, 0, 1, 2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn other_steps_requests_are_not_taken_for_this_steps() {
        // The reader read twice, in two questions, and hasn't tried to buy.
        let read = STEPS[3].iter().position(|it| it.path == "/workshop/try").expect("an attempt");
        let twice = recorded(STEPS[3][..read].iter().chain(&STEPS[3][read - 7..read]));
        let found = find(STEPS[3], &twice).expect("most of it");
        assert!(found[..read].iter().all(Option::is_some) && found[read..].iter().all(Option::is_none), "{found:?}");
        for (at, step) in STEPS.iter().enumerate() {
            for (other, requests) in STEPS.iter().enumerate().filter(|(other, _)| *other != at) {
                let is_same = matches!((at, other), (4, 6) | (6, 4));
                assert_eq!(find(step, &recorded(*requests)).is_some(), is_same, "{} in {}", at + 1, other + 1);
            }
        }
    }

    #[test]
    fn the_last_time_is_shown() {
        let twice = recorded(STEPS[1].iter().chain(STEPS[0]).chain(STEPS[1]));
        assert_eq!(numbers(&find(STEPS[1], &twice).expect("all of it")), [8, 9, 10, 11, 12]);
        let pages: Vec<Shape> = twice.into_iter().map(|record| Shape { carries: false, ..record }).collect();
        assert!(find(STEPS[1], &pages).is_none());
    }
}
