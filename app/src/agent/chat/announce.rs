//! Announcements for screen readers: whole answers and changes of a card, never single words.

use shared::chat::{ASKED_BEFORE, ApprovalState, CardBody, ConnectState, Item, Kind, Outcome, Transcript};

/// The announcement after this event, which is already in the transcript. Most events have none.
pub(super) fn said(kind: &Kind, transcript: &Transcript) -> Option<String> {
    match kind {
        Kind::End { turn, outcome } => match outcome {
            Outcome::Failed { message, .. } => Some(message.clone()),
            Outcome::Cancelled => Some("The answer was stopped.".into()),
            Outcome::Done | Outcome::Waiting => answer(turn, transcript),
        },
        Kind::Card(card) => match &card.body {
            CardBody::Approval(approval) => {
                let title = &approval.title;
                Some(match &approval.state {
                    ApprovalState::Asking => return None,
                    ApprovalState::Waiting => {
                        let before = approval.facts.iter().find(|(label, _)| label == ASKED_BEFORE);
                        let before = before.map(|(_, said)| format!(" {said} before.")).unwrap_or_default();
                        format!("{title} waits for your approval. The code is {}.{before}", approval.code)
                    }
                    ApprovalState::Approved => format!("{title}: approved."),
                    #[cfg(feature = "ssr")]
                    ApprovalState::Placed { .. } | ApprovalState::Done { .. } => format!("{title}: done."),
                    ApprovalState::Became { .. } => format!("{title}: done."),
                    ApprovalState::Refused { reason } => format!("{title}: not placed. {reason}"),
                    ApprovalState::Unknown { reason } => {
                        format!("{title}: it isn't known whether it was placed. {reason}")
                    }
                    ApprovalState::Denied => format!("{title}: denied. Nothing was placed."),
                    ApprovalState::Expired => format!("{title}: the time ran out. Nothing was placed."),
                    ApprovalState::Withdrawn => format!("{title}: withdrawn. Nothing was placed."),
                })
            }
            CardBody::Connect { name, state, .. } => Some(match state {
                ConnectState::Waiting => format!("To continue, connect {name}."),
                ConnectState::Done => format!("{name} is connected."),
                ConnectState::Given => format!("{name} was not connected."),
            }),
            CardBody::Login { done: false, .. } => Some("To continue, log in.".into()),
            CardBody::Login { done: true, .. } => None,
        },
        _ => None,
    }
}

/// The last text of a turn.
fn answer(turn: &str, transcript: &Transcript) -> Option<String> {
    transcript.items.iter().rev().find_map(|item| match item {
        Item::Text { turn: of, html, tail, .. } if of == turn => {
            Some(format!("{} {tail}", plain(html)).trim().to_owned())
        }
        _ => None,
    })
}

/// The text of our own HTML, which the server sanitised.
fn plain(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((words, tag)) = rest.split_once('<') {
        text += words;
        // A pause at the end of a block.
        if tag.starts_with('/') {
            text.push(' ');
        }
        rest = tag.split_once('>').map_or("", |(_, after)| after);
    }
    text += rest;
    for (entity, character) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")] {
        text = text.replace(entity, character);
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use shared::chat::Event;

    use super::*;

    #[test]
    fn screen_reader_hears_only_finished_answers() {
        let turn = || "t".to_owned();
        let kinds = [
            Kind::Message { id: "1".into(), text: "hi".into() },
            Kind::Turn { turn: turn() },
            Kind::Block {
                turn: turn(),
                part: 0,
                block: 0,
                html: "<p>Wayne is at <strong>103.42</strong> &amp; rising.</p>\n<p>Bye</p>".into(),
            },
            Kind::End { turn: turn(), outcome: Outcome::Done },
        ];
        let mut transcript = Transcript::default();
        let mut said_all = Vec::new();
        for (kind, seq) in kinds.into_iter().zip(1..) {
            transcript.apply(Event { seq, at: 0, place: seq, kind: kind.clone() });
            said_all.push(said(&kind, &transcript));
        }
        assert_eq!(said_all, [None, None, None, Some("Wayne is at 103.42 & rising. Bye".into())]);
    }

    #[test]
    fn line_55_repeated_request_is_marked() {
        let told = |facts: Vec<(String, String)>| {
            let body = CardBody::Approval(shared::chat::Approval {
                title: "Buy 5 WAYNE".into(),
                facts,
                code: "H7 4X".into(),
                page: String::new(),
                asked_at: 0,
                expires_at: 0,
                state: ApprovalState::Waiting,
            });
            let card = shared::chat::Card { turn: "t".into(), call: "c".into(), body };
            said(&Kind::Card(card), &Transcript::default()).unwrap_or_default()
        };
        let first = "Buy 5 WAYNE waits for your approval. The code is H7 4X.";
        assert_eq!(told(vec![("Shares".into(), "5".into())]), first);
        let again = (ASKED_BEFORE.to_owned(), "You denied the same request".to_owned());
        assert_eq!(told(vec![again]), format!("{first} You denied the same request before."));
    }

    #[test]
    fn an_entity_is_read_once() {
        assert_eq!(plain("<p>&amp;lt;b&amp;gt;</p>"), "&lt;b&gt;");
    }
}
