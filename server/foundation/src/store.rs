//! The SQL of the tables that every instance has.

pub(crate) mod one_time;
pub(crate) mod rate_limit;
pub(crate) mod session;
