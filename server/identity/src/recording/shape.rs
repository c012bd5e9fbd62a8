//! `GET /me/v1/recording`: the shape of the person's recording at all sites, for a client with the scope `trace:shape`.
//! It never contains a parameter or a claim (THREATS.md line 71).

use axum::{Json, extract::State, http::HeaderMap};
use shared::{
    recording::{Party, Recording},
    scope::TRACE_SHAPE,
};

use super::elsewhere;
use crate::{
    connection::{AccountError, my_account::caller},
    state::Identity,
};

pub(crate) async fn endpoint(
    State(identity): State<Identity>,
    headers: HeaderMap,
) -> Result<Json<Recording>, AccountError> {
    let (person, _) = caller(&identity, &headers, TRACE_SHAPE).await?;
    let (allowed, until) = (identity.recorder.is_allowed(), identity.recorder.until(&person));
    let mut records = identity.recorder.shapes(&person);
    if let Some(theirs) = elsewhere::read(&identity, &person).await {
        // The provider only reports its own records.
        records.extend(theirs.records.into_iter().filter(|record| record.site == Party::StockTrade));
    }
    records.sort_by_key(|record| record.at);
    Ok(Json(Recording { allowed, until, records }))
}
