//! Manual orders: the person's own browser posts the reviewed order, which is placed once.

use axum::{
    extract::{Form, State, rejection::FormRejection},
    response::{IntoResponse, Redirect, Response},
};
use foundation::{axum, session::Handle, tr};
use serde::Deserialize;
use url::form_urlencoded;

use crate::{
    error::Error,
    login, market,
    order::{self, By, Placement, place, typed},
    site::Site,
    state::Broker,
};

/// The review's form.
#[derive(Debug, Deserialize)]
pub(crate) struct Reviewed {
    csrf_token: String,
    key: String,
    symbol: String,
    side: String,
    quantity: String,
    price: String,
}

/// `POST /orders`: places the order and redirects to the order list. Invalid input goes back to the review, which says
/// what is wrong.
pub(crate) async fn post(
    State(site): State<Site>,
    handle: Handle,
    form: Result<Form<Reviewed>, FormRejection>,
) -> Response {
    let placed = match form {
        Ok(Form(form)) => submit(&site.broker, &handle, &form).await,
        Err(_) => Err(Error::Invalid(
            tr!(
                "The form is not complete, so nothing was placed. Review the order again.",
                "Das Formular ist nicht vollständig, deshalb wurde nichts aufgegeben. Prüfe den Auftrag noch einmal."
            )
            .into(),
        )),
    };
    match placed {
        Ok(next) => Redirect::to(&next).into_response(),
        Err(error) => site.page(&handle, &error).await,
    }
}

/// Returns the path to redirect to.
async fn submit(broker: &Broker, handle: &Handle, form: &Reviewed) -> Result<String, Error> {
    let inner = &broker.inner;
    let symbol = market::listed(&form.symbol)?;
    let page = format!("/stocks/{symbol}");
    let session = inner.sessions.find(handle).await?;
    let Some((session, account)) = session.and_then(|session| session.person.clone().map(|person| (session, person)))
    else {
        return Err(Error::NotLoggedIn(page));
    };
    if !inner.sessions.matches_csrf_token(&session, &form.csrf_token) {
        return Err(login::not_from_here());
    }
    let stock = broker.market().stock(symbol.as_str()).await?;
    let typed = match typed::read(&form.side, &form.quantity, &form.price, stock.price) {
        // Without a price there was no review: the person hasn't seen the limit.
        Ok(typed) if order::is_key(&form.key) && !form.price.trim().is_empty() => typed,
        _ => {
            let query: String = form_urlencoded::Serializer::new(String::new())
                .append_pair("side", &form.side)
                .append_pair("quantity", &form.quantity)
                .append_pair("price", &form.price)
                .append_pair("review", &form.key)
                .finish();
            return Ok(format!("{page}?{query}"));
        }
    };
    let placement = Placement {
        account,
        symbol,
        side: typed.side,
        quantity: typed.quantity,
        limit: Some(typed.limit),
        by: By::Hand { key: form.key.clone() },
    };
    let order = place::place(broker, &placement).await?;
    Ok(format!("/orders?placed={}", order.id))
}
