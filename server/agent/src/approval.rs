//! Asking a person for approval, and doing what they approved (PROTOCOL.md, "The order, step by step"): one durable
//! piece for the chat and for `/mcp`.
//!
//! A row of `store/approval.rs` lives from before anybody is asked until its end, whatever becomes of the process:
//!
//! | state | what is known | who moves it |
//! |---|---|---|
//! | `asking` | what is asked, its key and code | whoever asks stores it (step 1) |
//! | `waiting` | the identity service took it (step 2) | the worker |
//! | `approved` | the person approved it (step 6); an order may have left from here on (steps 7 to 9) | the worker |
//! | `placed`, `rejected` | the broker has the order, or rejected it | the worker |
//! | `refused`, `unknown` | nothing was placed; or that can't be asked any more (step 10) | the worker |
//! | `denied`, `expired`, `withdrawn` | what the identity service says that became of it | the worker |
//!
//! The [`worker`] holds a row under a lease, takes one step, and stores what came of it with a compare-and-set on its
//! lease. Every step may be repeated: asking by its idempotency key, polling and withdrawing by their nature, placing
//! by the approval's id at the broker. So a second worker does no harm, and a row whose worker is gone goes on where
//! it was: at once when a process of that name starts (`instance.rs`), else when the lease ends.
//!
//! Those who wait hold no thread and no connection for it. A turn of the chat is woken in the transaction that changes
//! the row. A call at `/mcp` hears of changes made here ([`wake`]), and reads the row every second for those made by
//! another instance. Both only read it; what they can do is to withdraw, and only while it is undecided.

pub(crate) mod again;
mod place;
mod poll;
pub(crate) mod request;
pub(crate) mod state;
pub(crate) mod wake;
pub(crate) mod worker;

pub use place::place;
pub use poll::{Polled, Withdrawal, poll, withdraw};
pub use request::{Requested, request};
pub use state::{ApprovalError, Outcome};
