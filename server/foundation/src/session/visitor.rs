//! The visitor that a browser without a session becomes when it first writes something.

use axum::http::{HeaderMap, HeaderValue};

use super::Sessions;
use crate::{
    cookie::{Cookie, cookie},
    secret,
};

impl Sessions {
    /// The visitor that a browser's tabs share before any of them has a session. Two cookies with the name count as
    /// none.
    pub fn coming_visitor(&self, headers: &HeaderMap) -> Option<String> {
        match cookie(headers, &self.visitor_cookie()) {
            Cookie::One(value) if !value.is_empty() => Some(secret::hash(&value)),
            _ => None,
        }
    }

    /// A `Set-Cookie` that lets tabs share a visitor, for a page opened without that cookie. Viewing a page stores no
    /// row.
    pub fn prepare_visitor(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let is_missing = cookie(headers, &self.visitor_cookie()) == Cookie::None;
        is_missing.then(|| self.set_cookie(&self.visitor_cookie(), &secret::token(), self.visitor_ms / 1000))
    }

    /// A `Set-Cookie` that removes it at a logout: the next person in this browser is another visitor.
    pub fn forget_visitor(&self) -> HeaderValue {
        self.set_cookie(&self.visitor_cookie(), "", 0)
    }

    fn visitor_cookie(&self) -> String {
        format!("{}_visitor", self.cookie)
    }
}
