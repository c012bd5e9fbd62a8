//! Checks that the made-up pages cover every variant that the identity service's pages can show.

use identity::page::{Approval, Consent, Receipt, Recording, State, View};

use super::views;
use crate::gallery::every::every;

#[test]
fn every_view_and_state_is_made_up() {
    let views: Vec<View> = views::all().into_iter().map(|(_, _, view)| view).collect();
    every!(views, View:
        View::Login { error: None, .. }, View::Login { error: Some(_), .. }, View::Signup { .. },
        View::Consent(Consent { again: false, .. }), View::Consent(Consent { again: true, .. }), View::Error { .. },
        View::GoOn { .. }, View::Approvals { .. }, View::Approval { .. }, View::Blocked { .. }, View::Apps { .. },
        View::Recording(Recording { until: None, allowed: false, .. }),
        View::Recording(Recording { until: None, allowed: true, starts_here: true, .. }),
        View::Recording(Recording { until: None, allowed: true, starts_here: false, .. }),
        View::Recording(Recording { until: Some(_), .. }), View::LogOut { .. }, View::LoggedOut { .. },
    );
    let shown = views
        .into_iter()
        .filter_map(|view| if let View::Approval { approval, .. } = view { Some(approval) } else { None });
    let shown: Vec<Approval> = shown.collect();
    let states: Vec<State> = shown.iter().map(|one| one.state).collect();
    every!(states, State:
        State::Waiting, State::Approved, State::Used, State::Ended, State::Denied, State::Withdrawn, State::Expired,
    );
    every!(shown, Approval:
        Approval { receipt: Receipt::None, .. }, Approval { receipt: Receipt::OnItsWay, .. },
        Approval { receipt: Receipt::Came { .. }, .. },
    );
    every!(shown, Approval: Approval { may_approve: true, .. }, Approval { may_approve: false, .. });
}
