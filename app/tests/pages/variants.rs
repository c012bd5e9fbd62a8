//! Checks that the made-up chats cover every variant that a transcript can hold.

use shared::chat::{ApprovalState, CallState, CardBody, ConnectState, Item, MoreTime, View};

use crate::{every::every, made_up};

#[test]
fn every_item_card_and_state_is_made_up() {
    let chats = [
        made_up::waiting(),
        made_up::cards(),
        made_up::orders(),
        made_up::data(),
        made_up::troubles(),
        made_up::versions(),
        made_up::long(),
    ];
    let items: Vec<Item> = chats.into_iter().flat_map(|chat| chat.transcript.items).collect();
    every!(items, Item:
        Item::Message { .. }, Item::Text { .. }, Item::Call(_), Item::Card(_), Item::Failed { retry: true, .. },
        Item::Failed { retry: false, .. }, Item::Cancelled { continues: true, .. },
        Item::Cancelled { continues: false, .. }, Item::Done { .. },
    );
    let calls: Vec<_> =
        items.iter().filter_map(|it| if let Item::Call(call) = it { Some(&call.state) } else { None }).collect();
    every!(calls, &CallState: CallState::Running, CallState::Done { .. }, CallState::Failed { .. });
    let views: Vec<_> = calls
        .iter()
        .filter_map(|state| if let CallState::Done { view: Some(view), .. } = state { Some(view) } else { None })
        .collect();
    every!(views, &View:
        View::Quote { .. }, View::Stocks { .. }, View::Prices { .. }, View::Portfolio { .. }, View::Values { .. },
        View::Orders { .. }, View::Table { .. },
    );
    let cards: Vec<_> =
        items.iter().filter_map(|it| if let Item::Card(card) = it { Some(&card.body) } else { None }).collect();
    every!(cards, &CardBody:
        CardBody::Login { done: true, .. }, CardBody::Login { done: false, .. },
        CardBody::Connect { state: ConnectState::Waiting, .. }, CardBody::Connect { state: ConnectState::Done, .. },
        CardBody::Connect { state: ConnectState::Given, .. }, CardBody::Approval(_),
    );
    let approvals: Vec<_> =
        cards.iter().filter_map(|it| if let CardBody::Approval(asked) = it { Some(asked) } else { None }).collect();
    let states: Vec<_> = approvals.iter().map(|asked| &asked.state).collect();
    every!(states, &ApprovalState:
        ApprovalState::Asking, ApprovalState::Waiting, ApprovalState::Approved, ApprovalState::Placed { .. },
        ApprovalState::Done { .. }, ApprovalState::Refused { .. }, ApprovalState::Unknown { .. }, ApprovalState::Denied,
        ApprovalState::Expired, ApprovalState::Withdrawn,
    );
    let more: Vec<_> = approvals.iter().map(|asked| asked.more_time).collect();
    every!(more, MoreTime: MoreTime::None, MoreTime::Possible, MoreTime::Given);
}
