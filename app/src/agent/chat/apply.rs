//! Puts what the server rendered into the page's transcript.

use leptos::prelude::document;
use shared::chat::{Open, Update};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// The transcript's list.
pub(super) const ID: &str = "transcript";

pub(super) fn list() -> Option<Element> {
    document().get_element_by_id(ID)
}

/// Whether the transcript shows this message.
pub(super) fn holds(message: &str) -> bool {
    item(&format!("m{message}")).is_some()
}

fn item(key: &str) -> Option<Element> {
    document().get_element_by_id(&format!("i-{key}"))
}

/// Puts HTML from this site's server into the page, and returns whether that worked. No other code inserts HTML: the
/// bundle tool makes this call pass the page's Trusted Types policy (`public/html.js`), or the browser would refuse it.
pub(super) fn insert_html(at: &Element, position: &str, html: &str) -> bool {
    at.insert_adjacent_html(position, html).is_ok()
}

/// Replaces all items by those of another branch. Returns whether the focus was in them and is on the same control
/// again.
pub(super) fn replace_all(html: &str) -> bool {
    let Some(list) = list() else { return false };
    let focused = document().active_element().filter(|focused| list.contains(Some(focused))).map(|it| it.id());
    list.set_text_content(None);
    insert_html(&list, "afterbegin", html);
    let same = focused.and_then(|id| document().get_element_by_id(&id));
    same.and_then(|same| same.dyn_into::<HtmlElement>().ok()).is_some_and(|same| same.focus().is_ok())
}

/// Adds, replaces or removes an item, or a block of a part of an answer.
pub(super) fn put(update: &Update) {
    let known = item(&update.key);
    match (known, update.block) {
        (Some(known), None) if update.html.is_empty() => known.remove(),
        (Some(known), None) => replace(&known, &update.html),
        (None, None) => insert(update.place, &update.html),
        (Some(part), Some(block)) if update.html.is_empty() => {
            blocks(&part).into_iter().filter(|(number, _)| *number >= block).for_each(|(_, known)| known.remove());
            remove_if_empty(&part);
        }
        (None, Some(_)) if update.html.is_empty() => {}
        (known, Some(block)) => {
            let Some(part) = known.or_else(|| add_part(&update.key, update.place)) else { return };
            let _ = part.set_attribute("data-place", &update.place.to_string());
            let blocks = blocks(&part);
            if let Some((_, known)) = blocks.iter().find(|(number, _)| *number == block) {
                replace(known, &update.html);
            } else if let Some((_, before)) = blocks.iter().rfind(|(number, _)| *number < block) {
                insert_html(before, "afterend", &update.html);
            } else {
                insert_html(&part, "afterbegin", &update.html);
            }
            // The open end is shown again, without the text that is in the block now.
            if let Ok(Some(tail)) = part.query_selector(".prose-tail") {
                tail.remove();
            }
        }
    }
}

/// Replaces an element. Details that the reader opened stay open, and the focus stays.
fn replace(known: &Element, html: &str) {
    let is_open = known.query_selector("details[open]").ok().flatten().is_some();
    let has_focus = document().active_element().is_some_and(|focused| known.contains(Some(&focused)));
    let next = known.previous_element_sibling();
    let parent = known.parent_element();
    if !insert_html(known, "beforebegin", html) {
        return;
    }
    known.remove();
    let new = match (next, parent) {
        (Some(before), _) => before.next_element_sibling(),
        (None, Some(parent)) => parent.first_element_child(),
        (None, None) => None,
    };
    let Some(new) = new else { return };
    if is_open && let Ok(Some(details)) = new.query_selector("details") {
        let _ = details.set_attribute("open", "");
    }
    if has_focus
        && let Ok(Some(focusable)) = new.query_selector("summary, a, button")
        && let Some(focusable) = focusable.dyn_ref::<HtmlElement>()
    {
        let _ = focusable.focus();
    }
}

/// Adds an item at its position. One before all that were loaded comes with its page.
fn insert(place: i64, html: &str) {
    let Some((list, before)) = position(place) else { return };
    match before {
        Some(before) => insert_html(&before, "afterend", html),
        None => insert_html(&list, "afterbegin", html),
    };
}

/// The list's last item before this position.
fn position(place: i64) -> Option<(Element, Option<Element>)> {
    let list = list()?;
    let mut before = list.last_element_child();
    while let Some(item) = before.as_ref().filter(|item| number(item, "data-place") > place) {
        before = item.previous_element_sibling();
    }
    let is_earlier = before.as_ref().is_some_and(|item| place < number(item, "data-before"));
    (!is_earlier).then_some((list, before))
}

/// An empty part of an answer, made from our own words and its key.
fn add_part(key: &str, place: i64) -> Option<Element> {
    let (list, before) = position(place)?;
    let part = document().create_element("li").ok()?;
    part.set_id(&format!("i-{key}"));
    part.set_class_name("said-by-agent");
    part.set_attribute("data-place", &place.to_string()).ok()?;
    match before {
        Some(before) => before.after_with_node_1(&part).ok()?,
        None => list.prepend_with_node_1(&part).ok()?,
    }
    Some(part)
}

fn number(element: &Element, name: &str) -> i64 {
    element.get_attribute(name).and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// A part's blocks with their numbers, in order.
fn blocks(part: &Element) -> Vec<(u32, Element)> {
    let mut blocks = Vec::new();
    let mut child = part.first_element_child();
    while let Some(element) = child {
        child = element.next_element_sibling();
        if element.has_attribute("data-block") {
            blocks.push((u32::try_from(number(&element, "data-block")).unwrap_or_default(), element));
        }
    }
    blocks
}

fn remove_if_empty(part: &Element) {
    if part.first_element_child().is_none() {
        part.remove();
    }
}

/// Shows the open ends, each below its part's blocks, and no others.
pub(super) fn show_open(open: &[Open]) {
    let Some(list) = list() else { return };
    let key = |open: &Open| format!("t{}.{}", open.turn, open.part);
    if let Ok(shown) = list.query_selector_all(".prose-tail") {
        for at in 0..shown.length() {
            let Some(tail) = shown.get(at).and_then(|node| node.dyn_into::<Element>().ok()) else { continue };
            let Some(part) = tail.parent_element() else { continue };
            if !open.iter().any(|open| !open.text.is_empty() && part.id() == format!("i-{}", key(open))) {
                tail.remove();
                remove_if_empty(&part);
            }
        }
    }
    for open in open.iter().filter(|open| !open.text.is_empty()) {
        let Some(part) = item(&key(open)).or_else(|| add_part(&key(open), i64::MAX)) else { continue };
        let tail = part.last_element_child().filter(|last| last.class_name() == "prose-tail").or_else(|| {
            let tail = document().create_element("p").ok()?;
            tail.set_class_name("prose-tail");
            tail.set_attribute("dir", "auto").ok()?;
            part.append_with_node_1(&tail).ok()?;
            Some(tail)
        });
        if let Some(tail) = tail {
            tail.set_text_content(Some(&open.text));
        }
    }
}

/// Whether the last item itself shows that the agent is working.
pub(super) fn shows_progress() -> bool {
    let last = list().and_then(|list| list.last_element_child());
    last.is_some_and(|last| last.query_selector(".prose-tail, .call.running").ok().flatten().is_some())
}
