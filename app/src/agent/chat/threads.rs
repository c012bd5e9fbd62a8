//! The threads in the sidebar, grouped by the day of their last change. An island: the conversation adds a new thread
//! to it, and refreshes it to see which threads wait for the person.

use std::cell::Cell;

use leptos::{prelude::*, task::spawn_local};
use shared::chat::{THREADS_PAGE, ThreadSummary};

use super::{api, live};

#[derive(Clone, Copy)]
struct List {
    threads: RwSignal<Vec<ThreadSummary>>,
    current: RwSignal<Option<String>>,
    /// Whether there may be older threads than these.
    more: RwSignal<bool>,
}

thread_local! {
    /// The page's list. Only in the browser, because islands share no context.
    static LIST: Cell<Option<List>> = const { Cell::new(None) };
}

/// Adds a thread that was started here and is now shown.
pub(super) fn began(id: &str, title: String, now: i64) {
    let Some(list) = LIST.get() else { return };
    list.current.set(Some(id.to_owned()));
    list.threads.update(|threads| {
        threads.retain(|thread| thread.id != id);
        threads.insert(0, ThreadSummary { id: id.to_owned(), title, updated_at: now, waiting: false });
    });
}

/// Refreshes the threads. If that fails, the list stays as it is.
pub(super) fn look_again() {
    let Some(list) = LIST.get() else { return };
    spawn_local(async move {
        let Ok(mut threads) = api::threads(None).await else { return };
        // The older ones that were loaded stay below.
        if let Some(oldest) = threads.last().filter(|_| threads.len() == THREADS_PAGE).map(|it| it.updated_at) {
            let known = list.threads.get_untracked().into_iter();
            let older = known.filter(|it| it.updated_at <= oldest && !threads.iter().any(|new| new.id == it.id));
            let older: Vec<_> = older.collect();
            threads.extend(older);
        }
        if list.threads.with_untracked(|known| *known != threads) {
            list.threads.set(threads);
        }
    });
}

/// Loads the next page of older threads. If that fails, the button stays.
fn load_older(list: List) {
    spawn_local(async move {
        let last = list.threads.with_untracked(|threads| threads.last().cloned());
        if let Ok(older) = api::threads(last.as_ref()).await {
            list.more.set(older.len() == THREADS_PAGE);
            list.threads.update(|threads| {
                let new: Vec<_> = older.into_iter().filter(|it| !threads.iter().any(|old| old.id == it.id)).collect();
                threads.extend(new);
            });
        }
    });
}

#[island]
pub fn Threads(threads: Vec<ThreadSummary>, current: Option<String>, now: i64) -> impl IntoView {
    let more = threads.len() == THREADS_PAGE;
    let list = List { threads: RwSignal::new(threads), current: RwSignal::new(current), more: RwSignal::new(more) };
    // Only the browser knows the reader's time zone.
    let zone = RwSignal::new(0_i64);
    Effect::new(move |_| {
        LIST.set(Some(list));
        zone.set(-js_sys::Date::new_0().get_timezone_offset() as i64 * 60_000);
    });
    let groups = live::part(move || {
        let groups = list.threads.with(|threads| group(threads, now, zone.get()));
        if groups.is_empty() {
            return view! { <p class="threads-none">"Your chats will be listed here."</p> }.into_any();
        }
        groups
            .into_iter()
            .map(|(title, threads)| {
                let rows = threads.into_iter().map(|thread| row(thread, list.current)).collect_view();
                view! { <h2 class="threads-day">{title}</h2><ul class="threads-list">{rows}</ul> }
            })
            .collect_view()
            .into_any()
    });
    let older = live::click(move || load_older(list));
    view! {
        {groups}
        <button type="button" class="button quiet wide threads-older" hidden=live::flag(move || !list.more.get()) on:click=older>
            "Show older chats"
        </button>
    }
}

fn row(thread: ThreadSummary, current: RwSignal<Option<String>>) -> AnyView {
    let ThreadSummary { id, title, waiting, .. } = thread;
    let href = format!("/t/{id}");
    let here =
        Signal::derive(move || current.with(|current| (current.as_deref() == Some(id.as_str())).then_some("page")));
    let dot = waiting.then(|| {
        view! { <span class="threads-waiting" title="Waits for you"><span class="visually-hidden">"Waits for you"</span></span> }
    });
    view! { <li><a class="threads-thread" href=href aria-current=here><span class="threads-title" dir="auto" title=title.clone()>{title.clone()}</span>{dot}</a></li> }
        .into_any()
}

/// Groups threads by day in the reader's time zone (`zone` milliseconds ahead of UTC). Keeps their order and skips
/// empty days.
fn group(threads: &[ThreadSummary], now: i64, zone: i64) -> Vec<(&'static str, Vec<ThreadSummary>)> {
    let day = |at: i64| (at + zone).div_euclid(86_400_000);
    let mut groups = vec![("Today", Vec::new()), ("Yesterday", Vec::new()), ("Earlier", Vec::new())];
    for thread in threads {
        let at = match day(now) - day(thread.updated_at) {
            ..=0 => 0,
            1 => 1,
            _ => 2,
        };
        groups[at].1.push(thread.clone());
    }
    groups.retain(|(_, threads)| !threads.is_empty());
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn thread(id: &str, updated_at: i64) -> ThreadSummary {
        ThreadSummary { id: id.into(), title: id.into(), updated_at, waiting: false }
    }

    fn names(threads: &[ThreadSummary], now: i64, zone: i64) -> Vec<(&'static str, Vec<String>)> {
        group(threads, now, zone)
            .into_iter()
            .map(|(title, threads)| (title, threads.into_iter().map(|thread| thread.id).collect()))
            .collect()
    }

    #[test]
    fn threads_are_grouped_by_the_readers_day() {
        let midnight = 20_000 * 24 * HOUR;
        let now = midnight + HOUR;
        let threads = [
            thread("ahead", now + 5),
            thread("a", midnight),
            thread("b", midnight - 1),
            thread("c", midnight - 24 * HOUR),
            thread("d", midnight - 24 * HOUR - 1),
        ];
        assert_eq!(
            names(&threads, now, 0),
            [
                ("Today", vec!["ahead".to_owned(), "a".into()]),
                ("Yesterday", vec!["b".into(), "c".into()]),
                ("Earlier", vec!["d".into()])
            ]
        );
        // Two hours west of Greenwich, it is still the day before.
        assert_eq!(
            names(&threads, now, -2 * HOUR),
            [("Today", vec!["ahead".to_owned(), "a".into(), "b".into()]), ("Yesterday", vec!["c".into(), "d".into()])]
        );
        assert!(names(&[], now, 0).is_empty());
    }
}
