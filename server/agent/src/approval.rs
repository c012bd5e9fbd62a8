//! Asks a person for approval, and does what they approved (PROTOCOL.md, "The order, step by step"). The chat and
//! `/mcp` share this durable code.
//!
//! A row of `store/approval.rs` exists from before the person is asked until its final state, and survives the process:
//!
//! | state | meaning | set by |
//! |---|---|---|
//! | `asking` | the request, its key and its code are stored (step 1) | the caller |
//! | `waiting` | the identity service accepted the request (step 2) | the worker |
//! | `approved` | the person approved it (step 6); from now on an order may have been sent (steps 7 to 9) | the worker |
//! | `placed`, `rejected` | the broker has the order, or rejected it | the worker |
//! | `refused`, `unknown` | nothing was placed; or the broker can no longer be asked (step 10) | the worker |
//! | `denied`, `expired`, `withdrawn` | the outcome at the identity service | the worker |
//!
//! The [`worker`] claims a row with a lease, takes one step, and stores the result with a compare-and-set on the lease.
//! Every step can be repeated: asking has an idempotency key, polling and withdrawing are idempotent, and the broker
//! places one order for each approval's id. So a second worker does no harm. When a worker stops, its rows continue: at
//! once when a process with its name starts (`instance.rs`), otherwise when the lease ends.
//!
//! Waiting occupies no thread and no connection. The transaction that changes the row also wakes the waiting turn of
//! the chat. A call at `/mcp` is notified of changes in this process ([`wake`]), and reads the row every second for
//! those of other instances. Both only read the row; all they can do is withdraw an undecided request.

pub(crate) mod again;
mod place;
mod poll;
pub(crate) mod request;
pub(crate) mod state;
pub(crate) mod wake;
pub(crate) mod worker;

pub use place::place;
pub use poll::{Polled, poll, withdraw};
pub use request::{Requested, request};
pub use state::{ApprovalError, Outcome};
