//! Loads the data of StockTrade's pages, one call for each page.

use axum::http::{HeaderMap, StatusCode};
use foundation::{
    lang, secret,
    session::{Handle, Session},
    tr,
};
use serde::Deserialize;
use shared::{
    broker::{Order, Range, Stock},
    money::{Money, Side},
};

use crate::{
    account::{self, portfolio},
    error::Error,
    market::listing,
    order::{self, typed},
    page::{Dashboard, Frame, Message, OrdersPage, Review, StockPage},
    state::Broker,
    store::{self, account::AccountRow},
};

/// Number of newest orders on the dashboard.
const NEWEST: i64 = 8;

/// The query of a stock's page: an order to review.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct StockQuery {
    pub side: Option<String>,
    pub quantity: Option<String>,
    pub price: Option<String>,
    /// Set when the person returns from the review to edit what they typed.
    pub edit: Option<String>,
    /// The review's key, under which it places its order.
    pub review: Option<String>,
}

/// The person or visitor who opens a page.
struct Viewer {
    frame: Frame,
    account: Option<AccountRow>,
}

impl Broker {
    /// `/`
    ///
    /// # Errors
    /// When the database fails.
    pub async fn dashboard(&self, handle: &Handle) -> Result<Dashboard, Error> {
        let Viewer { frame, account } = self.viewer(handle).await?;
        let (portfolio, history, orders) = match &account {
            Some(account) => (
                Some(portfolio::of(self, &account.id).await?),
                account::history::of(self, account, Range::Month).await?,
                order::list::of_account(self, &account.id, None, NEWEST).await?,
            ),
            None => (None, Vec::new(), Vec::new()),
        };
        let stocks = self.market().stocks().await?;
        let now = self.inner.parts.clock.now();
        Ok(Dashboard { frame, portfolio, history, orders, stocks, now })
    }

    /// `/stocks/{symbol}`, with the review of an order if the query has one.
    ///
    /// # Errors
    /// When there is no such stock, or the database fails.
    pub async fn stock_page(&self, handle: &Handle, symbol: &str, query: StockQuery) -> Result<StockPage, Error> {
        let Viewer { frame, account } = self.viewer(handle).await?;
        let mut stock = self.market().stock(symbol).await?;
        if let Some(listing) = listing::find(stock.symbol.as_str()) {
            (stock.sector, stock.about) = (listing.sector().into(), listing.about().into());
        }
        let history = self.market().history(symbol, Range::Day).await?;
        let cash = account.as_ref().map(|account| portfolio::money(account.cash));
        let shares = match &account {
            Some(account) => store::holding::shares(self.inner.parts.db.pool(), &account.id, symbol).await?,
            None => 0,
        };
        let shares = u32::try_from(shares).unwrap_or(u32::MAX);
        let asked = query.edit.is_none() && (query.quantity.is_some() || query.price.is_some());
        let side = query.side.unwrap_or_else(|| Side::Buy.as_str().into());
        let typed = (side, query.quantity.unwrap_or_default(), query.price.unwrap_or_default());
        let (mut reviewed, mut placed, mut wrong) = (None, None, None);
        if let Some(account) = account.filter(|_| asked) {
            match typed::read(&typed.0, &typed.1, &typed.2, stock.price) {
                Ok(order) => match self.came_back(&account.id, query.review, &stock, order, typed.2.trim()).await? {
                    Back::Placed(before) => placed = Some(before),
                    Back::Fresh(key) => {
                        reviewed = Some(review(order, &stock, portfolio::money(account.cash), shares, key))
                    }
                },
                Err(why) => wrong = Some(why),
            }
        }
        let (key, now) = (secret::id(""), self.inner.parts.clock.now());
        let page = StockPage { frame, stock, history, cash, shares, review: reviewed, placed, key, wrong, typed, now };
        Ok(page)
    }

    /// The order that a review's key already placed, so that a person who returns to a placed review sees the order
    /// instead of placing it twice.
    async fn came_back(
        &self,
        account: &str,
        key: Option<String>,
        stock: &Stock,
        order: typed::Typed,
        price: &str,
    ) -> Result<Back, Error> {
        let Some(key) = key.filter(|key| order::is_key(key)) else { return Ok(Back::Fresh(secret::id(""))) };
        let Some(row) = store::order::of_key(self.inner.parts.db.pool(), account, &key).await? else {
            return Ok(Back::Fresh(key));
        };
        let same = row.symbol == stock.symbol.as_str()
            && row.side == order.side.as_str()
            && row.quantity == i64::from(order.quantity.get())
            // A limit that the person didn't type follows the market.
            && (price.is_empty() || row.limit_price == Some(order.limit.cents()));
        // A different order under a used key is a new review.
        Ok(if same { Back::Placed(order::order(row)?) } else { Back::Fresh(secret::id("")) })
    }

    /// `/orders`. `placed` is the id in the query after a manual order.
    ///
    /// # Errors
    /// [`Error::NotLoggedIn`] for a visitor.
    pub async fn orders_page(&self, handle: &Handle, placed: Option<String>) -> Result<OrdersPage, Error> {
        let Viewer { frame, account } = self.viewer(handle).await?;
        let account = account.ok_or_else(|| Error::NotLoggedIn("/orders".into()))?;
        let orders = order::list::of_account(self, &account.id, None, order::MOST).await?;
        // Ignores an id that isn't among this person's orders.
        let placed = placed.filter(|id| orders.iter().any(|order| order.id == *id));
        let now = self.inner.parts.clock.now();
        Ok(OrdersPage { frame, orders, placed, now })
    }

    /// The error page for a person.
    pub async fn message(&self, handle: &Handle, error: &Error) -> Message {
        error.message(self.frame_of(handle, error.status()).await)
    }

    /// The frame of an error page for the browser that sent these headers.
    pub async fn frame_for(&self, headers: &HeaderMap, status: StatusCode) -> Frame {
        self.frame_of(&self.inner.sessions.handle(headers), status).await
    }

    /// After an internal fault, doesn't look up the person: the database may have failed.
    async fn frame_of(&self, handle: &Handle, status: StatusCode) -> Frame {
        if status.is_server_error() {
            return self.frame(None);
        }
        self.viewer(handle).await.map_or_else(|_| self.frame(None), |viewer| viewer.frame)
    }

    async fn viewer(&self, handle: &Handle) -> Result<Viewer, Error> {
        let session = self.inner.sessions.find(handle).await?;
        let account = match session.as_ref().and_then(|session| session.person.as_deref()) {
            Some(id) => store::account::find(self.inner.parts.db.pool(), id).await?,
            None => None,
        };
        Ok(Viewer { frame: self.frame(session.as_ref().zip(account.as_ref())), account })
    }

    fn frame(&self, person: Option<(&Session, &AccountRow)>) -> Frame {
        let name = |account: &AccountRow| account.name.clone().unwrap_or_else(|| tr!("You", "Du").into());
        Frame {
            person: person.map(|(_, account)| name(account)),
            host: self.inner.config.site.host(),
            csrf_token: person.map(|(session, _)| self.inner.sessions.csrf_token(session)).unwrap_or_default(),
        }
    }
}

/// The outcome of a review's key.
enum Back {
    Placed(Order),
    /// Nothing was placed. Carries the key for the next review.
    Fresh(String),
}

/// The review of an order, with the reason why it would be rejected now.
fn review(order: typed::Typed, stock: &Stock, cash: Money, shares: u32, key: String) -> Review {
    let typed::Typed { side, quantity, limit } = order;
    let (symbol, worst) = (&stock.symbol, limit.money());
    let shown = |amount: Money| lang::current().decimal(&amount.to_string());
    let (price, limit_shown) = (shown(stock.price), shown(worst));
    let estimate = stock.price.times(quantity);
    let blocked = match side {
        Side::Buy if stock.price > worst => Some(tr!(
            format!("{symbol} costs {price} USD now, more than your limit of {limit_shown} USD."),
            format!("{symbol} kostet jetzt {price} USD, mehr als dein Limit von {limit_shown} USD.")
        )),
        Side::Sell if stock.price < worst => Some(tr!(
            format!("{symbol} brings {price} USD now, less than your limit of {limit_shown} USD."),
            format!("{symbol} bringt jetzt {price} USD, weniger als dein Limit von {limit_shown} USD.")
        )),
        Side::Buy if estimate > cash => {
            let [costs, has] = [estimate, cash].map(|amount| amount.grouped_in(lang::current()));
            Some(tr!(
                format!("This costs {costs} USD now, and you have {has} USD."),
                format!("Das kostet jetzt {costs} USD, und du hast {has} USD.")
            ))
        }
        Side::Sell if shares < quantity.get() => Some(match shares {
            0 => tr!(format!("You hold no {symbol} to sell."), format!("Du hast keine {symbol} zu verkaufen.")),
            _ => tr!(
                format!("You hold {shares} {symbol}, fewer than {quantity}."),
                format!("Du hast {shares} {symbol}, weniger als {quantity}.")
            ),
        }),
        _ => None,
    };
    Review { side, quantity, limit, estimate, bound: limit.times(quantity), key, blocked }
}
