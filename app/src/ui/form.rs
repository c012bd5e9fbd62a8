//! Parts that forms share.

use leptos::prelude::*;

/// The CSRF token of a form.
pub fn csrf_field(token: &str) -> AnyView {
    view! { <input type="hidden" name="csrf_token" value=token.to_owned() /> }.into_any()
}
