//! Merges the events of a finished turn's text: each part is kept as one event with its whole content, instead of the
//! many deltas in which it was streamed.
//!
//! The merged event takes the number of the last delta and replaces everything shown before. So a reader that saw any
//! of the deltas continues correctly from there, and the whole thread yields the same transcript as before. If
//! something else happened in between (another turn, a message), the first event is also kept, empty, so that the part
//! keeps its place.

use std::collections::BTreeMap;

use shared::chat::{Event, Kind};

/// The changes to a turn's events.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Folded {
    /// The numbers of the events to delete, in order.
    pub(crate) gone: Vec<i64>,
    /// The merged events, under their numbers.
    pub(crate) kept: Vec<(i64, Kind)>,
}

/// A part, as far as it was read.
#[derive(Default)]
struct Part {
    seqs: Vec<i64>,
    html: String,
    tail: String,
}

/// Merges the events of a turn. `events` are all events of its thread from the turn's first on.
pub(crate) fn fold(events: &[Event], turn: &str) -> Folded {
    let mut parts: BTreeMap<u32, Part> = BTreeMap::new();
    let mut folded = Folded::default();
    for event in events {
        match &event.kind {
            Kind::Delta { turn: of, part, text } if of == turn => {
                let part = parts.entry(*part).or_default();
                part.seqs.push(event.seq);
                part.tail.push_str(text);
            }
            Kind::Block { turn: of, part, html } if of == turn => {
                let part = parts.entry(*part).or_default();
                part.seqs.push(event.seq);
                part.html.push_str(html);
                part.tail.clear();
            }
            Kind::Text { turn: of, part, html, tail } if of == turn => {
                let part = parts.entry(*part).or_default();
                part.seqs.push(event.seq);
                part.html.clone_from(html);
                part.tail.clone_from(tail);
            }
            Kind::Drop { turn: of, part } if of == turn => {
                // Discarded: nothing is kept, but the `Drop` event stays for readers who saw the text.
                folded.gone.extend(parts.remove(part).unwrap_or_default().seqs);
            }
            _ => {}
        }
    }
    for (number, Part { seqs, html, tail }) in parts {
        let [first, between @ .., last] = seqs.as_slice() else { continue };
        let span = usize::try_from(last - first).unwrap_or(usize::MAX);
        // Earlier merges may have left gaps in the numbers. The place is then kept even if nothing else is there.
        if span > between.len() + 1 {
            folded.kept.push((*first, Kind::Delta { turn: turn.to_owned(), part: number, text: String::new() }));
        } else {
            folded.gone.push(*first);
        }
        folded.gone.extend(between);
        folded.kept.push((*last, Kind::Text { turn: turn.to_owned(), part: number, html, tail }));
    }
    folded.gone.sort_unstable();
    folded
}

#[cfg(test)]
mod tests {
    use shared::chat::{Outcome, Transcript};

    use super::*;

    fn events(kinds: Vec<Kind>) -> Vec<Event> {
        (1..).zip(kinds).map(|(seq, kind)| Event { seq, at: seq * 10, kind }).collect()
    }

    fn delta(turn: &str, part: u32, text: &str) -> Kind {
        Kind::Delta { turn: turn.into(), part, text: text.into() }
    }

    fn block(turn: &str, part: u32, html: &str) -> Kind {
        Kind::Block { turn: turn.into(), part, html: html.into() }
    }

    fn drop(turn: &str, part: u32) -> Kind {
        Kind::Drop { turn: turn.into(), part }
    }

    fn end(turn: &str) -> Kind {
        Kind::End { turn: turn.into(), outcome: Outcome::Done }
    }

    /// Applies the changes like the database does.
    fn apply(events: &[Event], folded: &Folded) -> Vec<Event> {
        let mut kept: Vec<Event> = events.iter().filter(|event| !folded.gone.contains(&event.seq)).cloned().collect();
        for (seq, kind) in &folded.kept {
            kept.iter_mut().find(|event| event.seq == *seq).expect("it is there").kind = kind.clone();
        }
        kept
    }

    /// A reader who saw the events up to any number and continues with the stored ones gets the same transcript.
    fn is_the_same_from_everywhere(before: &[Event], after: &[Event]) {
        let whole = Transcript::from_events(before.to_vec());
        for cut in 0..=before.len() {
            let mut reader = Transcript::from_events(before[..cut].to_vec());
            for event in after {
                reader.apply(event.clone());
            }
            assert_eq!(reader, whole, "after {cut} of {before:#?}\nnow {after:#?}");
        }
    }

    #[test]
    fn a_streamed_part_becomes_one_event() {
        let before = events(vec![
            Kind::Message { id: "m".into(), text: "Hi".into() },
            Kind::Turn { turn: "t".into() },
            delta("t", 0, "Hel"),
            delta("t", 0, "lo"),
            block("t", 0, "<p>Hello</p>"),
            delta("t", 0, "Mo"),
            delta("t", 0, "re"),
            block("t", 0, "<p>More</p>"),
            end("t"),
        ]);
        let after = apply(&before, &fold(&before, "t"));
        assert_eq!(after.iter().map(|event| event.seq).collect::<Vec<_>>(), [1, 2, 8, 9]);
        let text =
            Kind::Text { turn: "t".into(), part: 0, html: "<p>Hello</p><p>More</p>".into(), tail: String::new() };
        assert_eq!(after[2].kind, text);
        is_the_same_from_everywhere(&before, &after);
        // Merged events don't change again.
        assert_eq!(fold(&after, "t"), Folded::default());
        assert_eq!(fold(&before, "another"), Folded::default());
    }

    #[test]
    fn a_part_keeps_its_place_among_others() {
        let before = events(vec![
            Kind::Turn { turn: "t".into() },
            delta("t", 0, "One "),
            Kind::Message { id: "m".into(), text: "And?".into() },
            Kind::Turn { turn: "u".into() },
            delta("u", 0, "Other "),
            delta("t", 0, "answer"),
            delta("u", 0, "answer"),
            end("t"),
            end("u"),
        ]);
        let after = apply(&before, &fold(&before, "t"));
        is_the_same_from_everywhere(&before, &after);
        is_the_same_from_everywhere(&before, &apply(&after, &fold(&after, "u")));
    }

    #[test]
    fn dropped_answer_is_removed_whole() {
        let before = events(vec![
            Kind::Turn { turn: "t".into() },
            delta("t", 0, "Half "),
            delta("t", 0, "an"),
            drop("t", 0),
            delta("t", 0, "Whole "),
            delta("t", 0, "answer"),
            end("t"),
        ]);
        let after = apply(&before, &fold(&before, "t"));
        assert_eq!(after.iter().map(|event| event.seq).collect::<Vec<_>>(), [1, 4, 6, 7]);
        is_the_same_from_everywhere(&before, &after);
    }

    /// Two concurrent turns in any order, with parts, blocks, drops, an end, a retry and another end.
    #[test]
    fn folded_events_give_every_reader_the_same() {
        let mut state = 1_u64;
        let mut any = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        for _ in 0..300 {
            let mut kinds = Vec::new();
            for at in 0..any(24) {
                let turn = if any(2) == 0 { "t" } else { "u" };
                let part = u32::try_from(any(2)).expect("it is small");
                kinds.push(match any(9) {
                    0 => drop(turn, part),
                    1 | 2 => block(turn, part, &format!("<p>{at}</p>")),
                    3 => Kind::Message { id: format!("m{at}"), text: "Hi".into() },
                    4 => Kind::Turn { turn: turn.into() },
                    5 => end(turn),
                    _ => delta(turn, part, &format!("{at} ")),
                });
            }
            let whole = events(kinds);
            // Merged in the middle, continued, and merged again.
            let cut = usize::try_from(any(25)).expect("it is small").min(whole.len());
            let half = apply(&whole[..cut], &fold(&whole[..cut], "t"));
            is_the_same_from_everywhere(&whole[..cut], &half);
            let mut now: Vec<Event> = half.into_iter().chain(whole[cut..].iter().cloned()).collect();
            for turn in ["t", "u"] {
                now = apply(&now, &fold(&now, turn));
                is_the_same_from_everywhere(&whole, &now);
            }
        }
    }
}
