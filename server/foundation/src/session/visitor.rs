//! The visitor that a browser without a session is going to be, once it writes something.

use axum::http::{HeaderMap, HeaderValue};

use super::Sessions;
use crate::{
    cookie::{Cookie, cookie},
    secret,
};

impl Sessions {
    /// The visitor that a browser's tabs share before one of them has a session. Two cookies of the name count as none.
    pub fn coming_visitor(&self, headers: &HeaderMap) -> Option<String> {
        match cookie(headers, &self.visitor_cookie()) {
            Cookie::One(value) if !value.is_empty() => Some(secret::hash(&value)),
            _ => None,
        }
    }

    /// The `Set-Cookie` by which tabs will share a visitor, for a page that the browser opens without one. Nothing is
    /// stored for it: that a page was looked at costs no row.
    pub fn prepare_visitor(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let is_missing = cookie(headers, &self.visitor_cookie()) == Cookie::None;
        is_missing.then(|| self.set_cookie(&self.visitor_cookie(), &secret::token(), self.visitor_ms / 1000))
    }

    /// The `Set-Cookie` that takes it away, at a logout: who comes next in this browser is another visitor.
    pub fn forget_visitor(&self) -> HeaderValue {
        self.set_cookie(&self.visitor_cookie(), "", 0)
    }

    fn visitor_cookie(&self) -> String {
        format!("{}_visitor", self.cookie)
    }
}
