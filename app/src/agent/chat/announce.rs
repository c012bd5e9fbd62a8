//! Announcements for screen readers: finished blocks and changes of a card, never single words.

use ::agent::plain;
use foundation::{lang, tr};
use shared::chat::{ASKED_BEFORE, ApprovalState, CardBody, ConnectState, Item, MoreTime};

/// The announcement for an item that is new or has changed. Empty if there is none.
pub(super) fn said(item: &Item) -> String {
    match item {
        Item::Failed { message, .. } => message.clone(),
        Item::Cancelled { .. } => tr!("The answer was stopped.", "Die Antwort wurde angehalten.").into(),
        Item::Card(card) => of_card(&card.body),
        Item::Message { .. } | Item::Text { .. } | Item::Call(_) | Item::Done { .. } => String::new(),
    }
}

/// The announcement for a finished block. Reasoning isn't announced: it is collapsed.
pub(super) fn block(html: &str) -> String {
    if html.starts_with("<details") { String::new() } else { plain(html) }
}

fn of_card(body: &CardBody) -> String {
    match body {
        CardBody::Approval(approval) => {
            let approval = approval.read_in(lang::current());
            let title = tr!(approval.title.clone(), format!("„{}“", approval.title));
            match &approval.state {
                ApprovalState::Asking => String::new(),
                ApprovalState::Waiting if approval.more_time == MoreTime::Given => {
                    tr!(format!("{title} waits 5 minutes longer."), format!("{title} wartet 5 Minuten länger."))
                }
                ApprovalState::Waiting => {
                    let before = approval.facts.iter().find(|(label, _)| label == ASKED_BEFORE);
                    let before = before
                        .map(|(_, said)| tr!(format!(" {said} before."), format!(" {said}.")))
                        .unwrap_or_default();
                    let code = &approval.code;
                    tr!(
                        format!("{title} waits for your approval. The code is {code}.{before}"),
                        format!("{title} wartet auf deine Freigabe. Der Code ist {code}.{before}")
                    )
                }
                ApprovalState::Approved => tr!(format!("{title}: approved."), format!("{title}: freigegeben.")),
                ApprovalState::Placed { .. } | ApprovalState::Done { .. } => {
                    tr!(format!("{title}: done."), format!("{title}: erledigt."))
                }
                ApprovalState::Refused { reason } => {
                    tr!(format!("{title}: not done. {reason}"), format!("{title}: nicht ausgeführt. {reason}"))
                }
                ApprovalState::Unknown { reason } => tr!(
                    format!("{title}: it isn’t known whether it was done. {reason}"),
                    format!("{title}: Es ist nicht bekannt, ob es ausgeführt wurde. {reason}")
                ),
                ApprovalState::Denied => {
                    let undone = &approval.undone;
                    tr!(format!("{title}: denied. {undone}"), format!("{title}: abgelehnt. {undone}"))
                }
                ApprovalState::Expired => {
                    let undone = &approval.undone;
                    tr!(
                        format!("{title}: the time ran out. {undone}"),
                        format!("{title}: Die Zeit ist abgelaufen. {undone}")
                    )
                }
                ApprovalState::Withdrawn => {
                    let undone = &approval.undone;
                    tr!(format!("{title}: withdrawn. {undone}"), format!("{title}: zurückgezogen. {undone}"))
                }
            }
        }
        CardBody::Connect { name, state, .. } => match state {
            ConnectState::Waiting => {
                tr!(format!("To continue, connect {name}."), format!("Um fortzufahren, verbinde {name}."))
            }
            ConnectState::Done => tr!(format!("{name} is connected."), format!("{name} ist verbunden.")),
            ConnectState::Given => tr!(format!("{name} was not connected."), format!("{name} wurde nicht verbunden.")),
        },
        CardBody::Login { done: false, .. } => tr!("To continue, log in.", "Um fortzufahren, melde dich an.").into(),
        CardBody::Login { done: true, .. } => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finished_block_is_said_as_text() {
        let html = "<p>Wayne is at <strong>103.42</strong> &amp; rising.</p>\n<p>Bye</p>";
        assert_eq!(block(html), "Wayne is at 103.42 & rising. Bye");
        assert_eq!(block("<details class=\"reasoning\"><summary>Reasoning</summary><p>Hm</p></details>"), "");
    }

    #[test]
    fn line_55_repeated_request_is_marked() {
        let told = |facts: Vec<(String, String)>| {
            let body = CardBody::Approval(shared::chat::Approval {
                title: "Buy 5 WAYNE".into(),
                facts,
                undone: shared::chat::NOTHING_DONE.into(),
                german: None,
                code: "H7 4X".into(),
                page: String::new(),
                asked_at: 0,
                expires_at: 0,
                more_time: MoreTime::None,
                state: ApprovalState::Waiting,
            });
            said(&Item::Card(shared::chat::Card { turn: "t".into(), call: "c".into(), body }))
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
