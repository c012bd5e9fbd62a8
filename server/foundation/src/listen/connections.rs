//! The open connections of a site by address: how many are allowed, and which one ends to make room.

use std::{
    cmp::Reverse,
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::time::Instant;

use super::{bounds::Bounds, watch::Watch};

#[derive(Debug, Default)]
pub struct Connections {
    pub(super) bounds: Bounds,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    by_address: HashMap<String, Vec<Arc<Watch>>>,
    total: usize,
}

impl Connections {
    pub fn new(bounds: Bounds) -> Arc<Self> {
        Arc::new(Self { bounds, open: Mutex::default() })
    }

    /// Counts a new connection of this address. If the limit is reached, ends the connection that has kept the server
    /// waiting longest: one of this address (if `is_bounded`), or one of the address with the most connections. `None`
    /// when all of them are being answered.
    pub(super) fn open(self: &Arc<Self>, address: String, is_bounded: bool) -> Option<Connection> {
        let mut open = self.lock();
        let own = open.by_address.get(&address).map_or(0, Vec::len);
        if is_bounded && own >= self.bounds.per_address {
            open.end_of(&address)?;
        }
        if open.total >= self.bounds.total {
            open.end_one()?;
        }
        let watch = Arc::new(Watch::new());
        open.by_address.entry(address.clone()).or_default().push(watch.clone());
        open.total += 1;
        Some(Connection { all: self.clone(), address, watch })
    }

    /// Ends the connections that exceeded a time limit.
    pub(super) fn end_overdue(&self) {
        let now = Instant::now();
        for watch in self.lock().by_address.values().flatten() {
            if watch.is_overdue(now, &self.bounds) {
                watch.end.cancel();
            }
        }
    }

    /// Ends the connection that has kept the server waiting longest, among those of the address with the most.
    pub(super) fn end_one(&self) {
        self.lock().end_one();
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn end_one(&mut self) -> Option<()> {
        let most = self.by_address.iter().max_by_key(|(_, own)| own.len())?.0.clone();
        if self.end_of(&most).is_some() {
            return Some(());
        }
        let mut addresses: Vec<_> = self.by_address.iter().map(|(address, own)| (own.len(), address.clone())).collect();
        addresses.sort_unstable_by_key(|(count, _)| Reverse(*count));
        addresses.iter().find_map(|(_, address)| self.end_of(address))
    }

    fn end_of(&mut self, address: &str) -> Option<()> {
        let waiting = self.by_address.get(address)?.iter().filter_map(|watch| Some((watch.waiting_since()?, watch)));
        let longest = waiting.min_by_key(|(since, _)| *since)?.1.clone();
        longest.end.cancel();
        self.remove(address, &longest);
        Some(())
    }

    fn remove(&mut self, address: &str, watch: &Arc<Watch>) {
        let Some(own) = self.by_address.get_mut(address) else { return };
        if let Some(at) = own.iter().position(|other| Arc::ptr_eq(other, watch)) {
            own.swap_remove(at);
            self.total -= 1;
        }
        if own.is_empty() {
            self.by_address.remove(address);
        }
    }
}

/// An open connection, counted until it is dropped.
pub(super) struct Connection {
    all: Arc<Connections>,
    address: String,
    pub(super) watch: Arc<Watch>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.all.lock().remove(&self.address, &self.watch);
    }
}
