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
    /// The state of an approval request.
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
    /// Whether an approval request was withdrawn before the decision, and by which action.
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
