//! The states of turns, their calls and approvals, with the words that are stored for them.

macro_rules! states {
    ($(#[$outer:meta])* $name:ident { $($(#[$inner:meta])* $state:ident = $word:literal),+ $(,)? }) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $name {
            $($(#[$inner])* $state),+
        }

        impl $name {
            #[cfg(test)]
            pub(crate) const ALL: &[Self] = &[$(Self::$state),+];

            /// As it is stored.
            pub(crate) fn word(self) -> &'static str {
                match self {
                    $(Self::$state => $word),+
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(word: String) -> Result<Self, String> {
                match word.as_str() {
                    $($word => Ok(Self::$state),)+
                    _ => Err(format!("{word:?} is no state of a row")),
                }
            }
        }
    };
}

states! {
    TurnState {
        Running = "running",
        /// Until it is due or woken.
        Waiting = "waiting",
        Done = "done",
        Failed = "failed",
        Cancelled = "cancelled",
    }
}

states! {
    #[derive(Default)]
    CallState {
        /// Announced; the tool has not answered yet.
        #[default]
        Called = "called",
        /// Waits until the person has logged in.
        Login = "login",
        /// Waits until the person has connected an account.
        Connect = "connect",
        /// Waits for an approval.
        Approval = "approval",
        Answered = "answered",
    }
}

states! {
    /// Of a [`super::approval::Approval`].
    #[derive(Default)]
    ApprovalState {
        /// Stored; the identity service hasn't accepted it yet.
        #[default]
        Asking = "asking",
        /// The person is being asked.
        Waiting = "waiting",
        /// The person approved it; it is being done.
        Approved = "approved",
        Placed = "placed",
        Rejected = "rejected",
        Refused = "refused",
        Unknown = "unknown",
        Denied = "denied",
        Expired = "expired",
        Withdrawn = "withdrawn",
    }
}

states! {
    /// Who ended an undecided approval request.
    #[derive(Default)]
    Withdrawal {
        #[default]
        None = "none",
        /// The one who asked: the person with a button, or the client at `/mcp`.
        Asked = "asked",
        /// A person who went on from an earlier message. They didn't refuse it.
        Superseded = "superseded",
    }
}

#[cfg(test)]
mod tests {
    use sqlx::AssertSqlSafe;

    use super::*;
    use crate::store::{
        self,
        approval::Approval,
        call::Call,
        turn::{Lease, begin, tests::database},
    };

    /// The database knows the states, too.
    #[tokio::test]
    async fn unknown_state_of_a_turn_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let db = database(folder.path()).await;
        let mut tx = db.begin().await.expect("it begins");
        store::thread::open(&mut tx, "thr_1", "owner", "key", "Hi", 0).await.expect("a thread");
        store::message::keep(&mut tx, "msg_1", "thr_1", "key", "Hi", 0).await.expect("a message");
        let lease = Lease { turn: "trn_1".into(), owner: "first".into() };
        begin(&mut tx, &lease, crate::store::turn::tests::new(), 1_000).await.expect("a turn");
        tx.commit().await.expect("it is stored");
        let set = async |state: &str| {
            sqlx::query("UPDATE turn SET state = $1 WHERE id = 'trn_1'").bind(state).execute(db.pool()).await
        };
        for state in TurnState::ALL {
            assert_eq!(set(state.word()).await.expect("a state").rows_affected(), 1);
        }
        for state in ["", "over", "Done"] {
            assert!(TurnState::try_from(state.to_owned()).is_err());
            assert!(set(state).await.is_err(), "{state}");
        }
    }

    #[tokio::test]
    async fn unknown_state_of_a_call_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let db = database(folder.path()).await;
        let mut tx = db.begin().await.expect("it begins");
        store::thread::open(&mut tx, "thr_1", "owner", "key", "Hi", 0).await.expect("a thread");
        store::message::keep(&mut tx, "msg_1", "thr_1", "key", "Hi", 0).await.expect("a message");
        let lease = Lease { turn: "trn_1".into(), owner: "first".into() };
        begin(&mut tx, &lease, crate::store::turn::tests::new(), 1_000).await.expect("a turn");
        let mut call = Call { id: "call_1".into(), turn: "trn_1".into(), ..Call::default() };
        store::call::announce(&mut tx, &call).await.expect("a call");
        for &state in CallState::ALL {
            call.state = state;
            store::call::save(&mut tx, &call).await.expect("a state");
        }
        let unknown = sqlx::query("UPDATE call SET state = 'over'").execute(&mut *tx).await;
        assert!(unknown.is_err());
    }

    /// The words in the table's CHECKs are those of the enums.
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
        for (column, word) in [("state", ""), ("state", "Placed"), ("withdrawal", ""), ("withdrawal", "1")] {
            assert!(set(column, word).await.is_err(), "{column} {word}");
        }
    }
}
