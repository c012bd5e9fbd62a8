//! Events of threads.
#[derive(Clone, Debug, Default)]
pub(crate) struct Streams;
