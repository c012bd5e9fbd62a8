//! `/api/prices`: price changes as Server-Sent Events.

use std::convert::Infallible;

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    response::sse::{Event, KeepAlive, Sse},
};
use foundation::{axum, limit::Peer};
use futures::{Stream, StreamExt, stream};
use serde::Deserialize;
use shared::broker::{ApiError, Quote};
use tokio_stream::wrappers::WatchStream;

use super::board::Board;
use crate::{error::Error, market, state::Broker};

#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    symbols: Option<String>,
}

/// Price changes. Each message is one stock's quote, and the first messages are the current prices. A reader that is
/// slower than the market gets the latest prices and misses those in between.
#[utoipa::path(
    get,
    path = "/api/prices",
    tag = "market",
    params(("symbols" = Option<String>, Query, description = "Symbols, separated by commas; all without it.")),
    responses(
        (status = 200, description = "An endless stream.", content_type = "text/event-stream",
            body = Quote),
        (status = 400, body = ApiError),
        (status = 404, description = "One of the symbols is not listed.", body = ApiError),
        (status = 429, description = "Too many streams from this address.", body = ApiError),
    )
)]
pub(crate) async fn prices(
    State(broker): State<Broker>,
    peer: Peer,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Error> {
    let Query(wanted) = wanted?;
    let symbols: Option<Vec<String>> =
        wanted.symbols.map(|text| text.split(',').map(|symbol| symbol.trim().to_owned()).collect());
    for symbol in symbols.iter().flatten() {
        market::listed(symbol)?;
    }
    let slot = broker.inner.streams.take(peer.as_str()).ok_or(Error::TooManyStreams)?;
    let stop = broker.inner.parts.shutdown.clone().cancelled_owned();
    let events = WatchStream::new(broker.market().watch())
        .flat_map(move |board: Board| {
            // The slot is held until the stream is dropped.
            let _open = &slot;
            let wanted: Vec<Event> = board
                .iter()
                .filter(|posted| symbols.as_ref().is_none_or(|symbols| symbols.contains(&posted.symbol)))
                .map(|posted| Event::default().data(&*posted.json))
                .collect();
            stream::iter(wanted.into_iter().map(Ok))
        })
        .take_until(stop);
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}
