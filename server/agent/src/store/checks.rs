//! Tests: the words of the enums in `state.rs` are those of the tables' CHECKs.

use shared::chat::MoreTime;
use sqlx::AssertSqlSafe;

use crate::store::{
    self,
    approval::Approval,
    call::Call,
    state::{ApprovalState, CallState, TurnState, Withdrawal},
    turn::tests::{begun, database},
};

#[tokio::test]
async fn unknown_state_of_a_turn_or_call_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = database(folder.path()).await;
    let mut tx = db.begin().await.expect("it begins");
    begun(&mut tx, "first").await;
    let mut call = Call { id: "call_1".into(), turn: "trn_1".into(), ..Call::default() };
    store::call::announce(&mut tx, &call).await.expect("a call");
    for &state in CallState::ALL {
        call.state = state;
        store::call::save(&mut tx, &call).await.expect("a state");
    }
    tx.commit().await.expect("it is stored");
    let set = async |state: &str| sqlx::query("UPDATE turn SET state = $1").bind(state).execute(db.pool()).await;
    for state in TurnState::ALL {
        assert_eq!(set(state.word()).await.expect("a state").rows_affected(), 1);
    }
    for state in ["", "over", "Done"] {
        assert!(TurnState::try_from(state.to_owned()).is_err());
        assert!(set(state).await.is_err(), "{state}");
    }
    assert!(sqlx::query("UPDATE call SET state = 'over'").execute(db.pool()).await.is_err());
}

#[tokio::test]
async fn unknown_state_of_an_approval_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = database(folder.path()).await;
    let mut tx = db.begin().await.expect("it begins");
    let new = Approval { id: "req_1".into(), person: Some("per_1".into()), ..Approval::default() };
    assert!(store::approval::begin(&mut tx, &new).await.expect("the database"));
    tx.commit().await.expect("it is stored");
    let set = async |column: &str, word: &str| {
        let ended = "CASE WHEN $1 IN ('asking', 'waiting', 'approved') THEN NULL ELSE 1 END";
        let and = if column == "state" { format!(", ended_at = {ended}") } else { String::new() };
        sqlx::query(AssertSqlSafe(format!("UPDATE approval SET {column} = $1{and}")))
            .bind(word)
            .execute(db.pool())
            .await
    };
    for &state in ApprovalState::ALL {
        set("state", state.word()).await.expect("a state");
        let read = store::approval::load(db.pool(), "req_1").await.expect("the database").expect("the row");
        assert_eq!(read.state, state);
    }
    for withdrawal in Withdrawal::ALL {
        set("withdrawal", withdrawal.word()).await.expect("a state");
    }
    for more_time in [MoreTime::None, MoreTime::Possible, MoreTime::Given] {
        set("more_time", more_time.word()).await.expect("a state");
    }
    for (column, word) in [("state", ""), ("state", "Placed"), ("withdrawal", "1"), ("more_time", "no")] {
        assert!(set(column, word).await.is_err(), "{column} {word}");
    }
}
