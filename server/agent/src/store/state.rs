//! The states of turns and of their calls, with the words that are stored for them.

macro_rules! states {
    ($(#[$outer:meta])* $name:ident { $($(#[$inner:meta])* $state:ident = $word:literal),+ $(,)? }) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $name {
            $($(#[$inner])* $state),+
        }

        impl $name {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{
        self,
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
        for state in ["running", "waiting", "done", "failed", "cancelled"] {
            assert!(TurnState::try_from(state.to_owned()).is_ok());
            assert_eq!(set(state).await.expect("a state").rows_affected(), 1);
        }
        for state in ["", "over", "Done"] {
            assert!(TurnState::try_from(state.to_owned()).is_err());
            assert!(set(state).await.is_err(), "{state}");
        }
    }
}
