//! The market: stocks whose prices move automatically.

pub(crate) mod api;
mod board;
pub(crate) mod feed;
pub(crate) mod history;
mod lease;
pub(crate) mod listing;
mod walk;

use std::{sync::Arc, time::Duration};

use foundation::{CancellationToken, clock::Clock, db::Db, time::iso, tr};
use shared::{
    broker::{Point, Quote, Range, Stock},
    money::{Money, Symbol},
};
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval_at},
};

use self::{
    board::{Board, board, quote},
    lease::Lease,
    listing::Listing,
};
use crate::{
    error::Error,
    store::{self, price::PriceRow, stock::StockRow},
};

/// Number of ticks between two cleanups of old prices.
const THIN_EVERY: i64 = 60;

/// The market. Clones share everything.
#[derive(Clone, Debug)]
pub struct Market {
    db: Db,
    clock: Clock,
    seed: u64,
    board: Arc<watch::Sender<Board>>,
}

impl Market {
    /// Lists new stocks. Those already listed continue from their last stored price.
    pub(crate) async fn open(db: Db, clock: Clock, seed: u64) -> Result<Self, Error> {
        let now = clock.now();
        let mut tx = db.begin().await?;
        for Listing { symbol, .. } in listing::LISTINGS {
            if store::stock::list(&mut tx, symbol, listing::FIRST_PRICE, now).await? {
                let first = PriceRow { at: now, value: listing::FIRST_PRICE };
                store::price::insert(&mut tx, symbol, first, 2).await?;
            }
        }
        tx.commit().await?;
        let rows = store::stock::all(db.pool()).await?;
        let (board, _) = watch::channel(board(&rows));
        Ok(Self { db, clock, seed, board: Arc::new(board) })
    }

    /// Moves prices every `tick_ms` until the program stops. Zero stops them. If several processes share a database,
    /// one moves the prices and the others show what it stores.
    pub(crate) async fn run(self, tick_ms: u64, stop: CancellationToken) {
        if tick_ms == 0 {
            return;
        }
        let mut lease = Lease::new(&self.db, &self.clock, tick_ms);
        let period = Duration::from_millis(tick_ms);
        let mut ticks = interval_at(Instant::now() + period, period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                _ = ticks.tick() => {}
            }
            // The next tick retries, so the market recovers without a restart.
            if let Err(error) = self.db.while_answering(self.step(&mut lease)).await.map_err(Error::from).flatten() {
                foundation::sparsely!(warn, %error, "prices couldn't be moved");
            }
        }
        // Lets another process, or this one after a restart, continue at once.
        if let Err(error) = lease.release().await {
            tracing::warn!(%error, "the market's lease couldn't be released and will expire");
        }
    }

    async fn step(&self, lease: &mut Lease) -> Result<(), Error> {
        if lease.hold().await? {
            return self.tick().await;
        }
        let shown = board(&store::stock::all(self.db.pool()).await?);
        self.board.send_if_modified(|board| {
            let moved = *board != shown;
            if moved {
                *board = shown;
            }
            moved
        });
        Ok(())
    }

    /// Moves every price one step.
    ///
    /// # Errors
    /// When the database fails. No price has moved then.
    pub async fn tick(&self) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let mut rows = store::stock::all(&mut *tx).await?;
        for row in &mut rows {
            let next = self.next(row, now);
            let level = history::level(row.updated_at, now);
            // Otherwise another process has moved it, and its price stays.
            if store::stock::advance(&mut tx, &next).await? {
                let made = PriceRow { at: now, value: next.price };
                store::price::insert(&mut tx, &next.symbol, made, level).await?;
                *row = next;
            }
        }
        tx.commit().await?;
        if rows.iter().any(|row| row.tick % THIN_EVERY == 0) {
            self.thin(now).await?;
        }
        self.board.send_replace(board(&rows));
        Ok(())
    }

    fn next(&self, row: &StockRow, now: i64) -> StockRow {
        let tick = row.tick + 1;
        StockRow {
            symbol: row.symbol.clone(),
            price: walk::next(self.seed, &row.symbol, tick, row.price),
            open: if history::is_another_day(row.updated_at, now) { row.price } else { row.open },
            tick,
            updated_at: now,
        }
    }

    /// Deletes prices past the retention of their level, so that the history stays bounded.
    async fn thin(&self, now: i64) -> Result<(), Error> {
        for (kept, level) in history::KEPT.iter().zip(0..) {
            store::price::drop_older(self.db.pool(), level, now - kept).await?;
        }
        Ok(())
    }

    /// The current prices, with every change.
    pub(crate) fn watch(&self) -> watch::Receiver<Board> {
        self.board.subscribe()
    }

    pub(crate) async fn stocks(&self) -> Result<Vec<Stock>, Error> {
        Ok(store::stock::all(self.db.pool()).await?.iter().filter_map(stock).collect())
    }

    /// The stock of this symbol.
    pub(crate) async fn stock(&self, symbol: &str) -> Result<Stock, Error> {
        listed(symbol)?;
        let row = store::stock::find(self.db.pool(), symbol).await?;
        row.as_ref().and_then(stock).ok_or_else(|| not_listed(symbol))
    }

    /// A stock's prices over a range, oldest first. The last is the current price.
    pub(crate) async fn history(&self, symbol: &str, range: Range) -> Result<Vec<Point>, Error> {
        let stock = self.stock(symbol).await?;
        let now = self.clock.now();
        let from = now - range.ms();
        let oldest = store::price::oldest(self.db.pool(), symbol).await?;
        let oldest = oldest.unwrap_or(PriceRow { at: now, value: stock.price.cents() });
        let level = history::level_for(now - oldest.at.max(from));
        let mut rows = history::before(self.seed, symbol, oldest, from);
        rows.extend(store::price::since(self.db.pool(), symbol, from, level).await?);
        let last = PriceRow { at: now, value: stock.price.cents() };
        if rows.last().is_none_or(|row| row.at < last.at) {
            rows.push(last);
        }
        Ok(history::thin(&rows).into_iter().filter_map(point).collect())
    }
}

/// A point on the wire. `None` can't occur: prices fit into [`Money`].
pub(crate) fn point(row: PriceRow) -> Option<Point> {
    Some(Point { at: iso(row.at), value: Money::from_cents(row.value)? })
}

/// A stored stock with its company's facts. `None` if it is no longer listed.
fn stock(row: &StockRow) -> Option<Stock> {
    let listing = listing::find(&row.symbol)?;
    let Quote { symbol, price, open, updated_at } = quote(row)?;
    let (name, sector, about) = (listing.name.into(), listing.sector.into(), listing.about.into());
    Some(Stock { symbol, name, price, open, updated_at, sector, about })
}

/// The symbol, if its stock is listed.
pub(crate) fn listed(symbol: &str) -> Result<Symbol, Error> {
    listing::find(symbol).and_then(|listing| listing.symbol.parse().ok()).ok_or_else(|| not_listed(symbol))
}

fn not_listed(symbol: &str) -> Error {
    let shown: String = symbol.chars().filter(char::is_ascii_alphanumeric).take(12).collect();
    Error::NotFound(tr!(
        format!("There is no stock «{shown}» here."),
        format!("Die Aktie „{shown}“ gibt es hier nicht.")
    ))
}
