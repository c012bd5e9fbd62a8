//! A site's recorder: requests of the people who turned recording on, kept only in memory (THREATS.md line 71).

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use shared::recording::{Asked, Party, Shape};

use super::{
    current::{Current, Noted},
    record::Record,
};
use crate::{SecretString, clock::Clock};

/// How long a recording lasts, in milliseconds.
pub const LASTS: i64 = 2 * 3_600_000;

/// Maximum number of records for a person. The oldest one that carries no step is dropped first, so that a polling page
/// doesn't push out the steps.
const MOST: usize = 500;

/// Maximum number of people who record at a site at once.
const PEOPLE: usize = 200;

/// Maximum number of kept requests without a known person, and how long they are kept, in milliseconds. None are kept
/// while nobody records.
const WAITING: usize = 200;
const WAITS: i64 = 600_000;

/// One site's recorder. Clones share the recordings, which end with the program.
#[derive(Clone, Debug)]
pub struct Recorder(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    site: Party,
    clock: Clock,
    allowed: bool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    recordings: Vec<Recording>,
    /// Requests without a known person: of a browser before its login, and for metadata and keys.
    waiting: VecDeque<(Option<String>, Record)>,
}

#[derive(Debug)]
struct Recording {
    /// The person's ids at this site.
    ids: Vec<String>,
    until: i64,
    latest: u32,
    records: VecDeque<Record>,
    elsewhere: Option<SecretString>,
}

impl Recorder {
    /// `allowed`: whether the operator allows recordings here.
    pub fn new(site: Party, clock: Clock, allowed: bool) -> Self {
        Self(Arc::new(Inner { site, clock, allowed, state: Mutex::default() }))
    }

    pub fn site(&self) -> Party {
        self.0.site
    }

    /// Whether the operator allows recordings here.
    pub fn is_allowed(&self) -> bool {
        self.0.allowed
    }

    /// Records a person's requests until then, for two hours at most, and keeps their earlier records. `person`: their
    /// ids at this site. `elsewhere`: the credential for recording them at another site. Returns `false` if the
    /// operator turned recording off, or too many people record.
    pub fn start(&self, person: &[&str], until: i64, elsewhere: Option<SecretString>) -> bool {
        let mut state = self.state();
        let until = until.min(self.0.clock.now() + LASTS);
        if let Some(recording) = state.of(person) {
            (recording.until, recording.elsewhere) = (until, elsewhere);
            return true;
        }
        let free = self.0.allowed && state.recordings.len() < PEOPLE;
        if free {
            let ids = person.iter().map(|id| (*id).to_owned()).collect();
            state.recordings.push(Recording { ids, until, latest: 0, records: VecDeque::new(), elsewhere });
        }
        free
    }

    /// Ends a person's recording and deletes all of its records.
    pub fn stop(&self, person: &str) {
        let mut state = self.state();
        state.recordings.retain(|recording| !recording.ids.iter().any(|id| id == person));
        state.forget_if_idle();
    }

    /// Deletes a person's records, and continues recording.
    pub fn forget(&self, person: &str) {
        if let Some(recording) = self.state().of(&[person]) {
            recording.records.clear();
        }
    }

    /// When a person's recording ends, if there is one.
    pub fn until(&self, person: &str) -> Option<i64> {
        self.state().of(&[person]).map(|recording| recording.until)
    }

    /// The credential for recording the person at another site.
    pub fn elsewhere(&self, person: &str) -> Option<SecretString> {
        self.state().of(&[person]).and_then(|recording| recording.elsewhere.clone())
    }

    /// A person's records, oldest first. Only for this person's session at this site.
    pub fn records(&self, person: &str) -> Vec<Record> {
        let mut records: Vec<Record> =
            self.state().of(&[person]).map(|recording| recording.records.iter().cloned().collect()).unwrap_or_default();
        records.sort_by_key(|record| record.at);
        records
    }

    /// The shapes of a person's records, oldest first.
    pub fn shapes(&self, person: &str) -> Vec<Shape> {
        self.records(person).iter().map(|record| record.shape(self.0.site)).collect()
    }

    /// Runs background work for a person as one trace.
    pub async fn within<F: Future>(&self, person: Option<&str>, work: F) -> F::Output {
        let current = Current::new(None, Some(self.0.site));
        current.noted().people.extend(person.map(str::to_owned));
        current.scope(work).await
    }

    /// Records an outgoing request within this site's work for a person: to the model, or one without credentials,
    /// whose receiver can't know the person. `began`: when it was sent.
    pub fn sent(&self, to: Party, (method, path): (&str, &str), status: u16, began: i64, model: Option<Asked>) {
        let Some(current) = Current::of_task() else { return };
        let ms = u64::try_from(self.0.clock.now() - began).unwrap_or_default();
        self.put(
            &current,
            Record {
                number: 0,
                at: began,
                from: self.0.site,
                to,
                method: method.to_owned(),
                path: path.to_owned(),
                status,
                ms,
                trace: current.trace().to_owned(),
                asked: Vec::new(),
                answered: Vec::new(),
                model,
            },
        );
    }

    pub(super) fn now(&self) -> i64 {
        self.0.clock.now()
    }

    /// Whether anybody records here now.
    pub(super) fn is_on(&self) -> bool {
        !self.state().recordings.is_empty()
    }

    /// Keeps a record for its person, if they record.
    pub(super) fn put(&self, current: &Current, record: Record) {
        let noted = current.noted().clone();
        self.state().put(noted, record);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.0.clock.now();
        state.recordings.retain(|recording| recording.until > now);
        state.waiting.retain(|(_, record)| record.at > now - WAITS);
        state.forget_if_idle();
        state
    }
}

impl State {
    /// The recording of the person with all of these ids. A request with two people's ids belongs to neither.
    fn of(&mut self, person: &[&str]) -> Option<&mut Recording> {
        let is_of =
            |it: &&mut Recording| !person.is_empty() && person.iter().all(|id| it.ids.iter().any(|it| it == id));
        self.recordings.iter_mut().find(is_of)
    }

    fn forget_if_idle(&mut self) {
        if self.recordings.is_empty() {
            self.waiting.clear();
        }
    }

    fn put(&mut self, noted: Noted, record: Record) {
        let people: Vec<&str> = noted.people.iter().map(String::as_str).collect();
        if people.is_empty() {
            return self.put_aside(noted.visitor, record);
        }
        // Earlier requests of this browser, and anonymous ones with this trace, belong to the person, too.
        let waiting = std::mem::take(&mut self.waiting);
        let Some(recording) = self.of(&people) else {
            self.waiting = waiting;
            return;
        };
        let (before, others): (VecDeque<_>, _) = waiting.into_iter().partition(|(visitor, before)| match visitor {
            Some(_) => *visitor == noted.visitor,
            None => before.trace == record.trace,
        });
        before.into_iter().for_each(|(_, before)| recording.add(before));
        recording.add(record);
        self.waiting = others;
    }

    /// Keeps a request without a known person while somebody records. Without a browser's session, only requests for
    /// metadata and keys, which reveal nothing about anybody.
    fn put_aside(&mut self, visitor: Option<String>, record: Record) {
        if visitor.is_none() && !record.path.starts_with("/.well-known/") {
            return;
        }
        let of_trace = |it: &&mut Recording| visitor.is_none() && it.records.iter().any(|it| it.trace == record.trace);
        match self.recordings.iter_mut().find(of_trace) {
            Some(recording) => recording.add(record),
            None => {
                self.waiting.push_back((visitor, record));
                if self.waiting.len() > WAITING {
                    self.waiting.pop_front();
                }
            }
        }
    }
}

impl Recording {
    fn add(&mut self, record: Record) {
        self.latest += 1;
        self.records.push_back(Record { number: self.latest, ..record });
        if self.records.len() > MOST {
            let oldest = self.records.iter().position(|record| !record.carries()).unwrap_or_default();
            self.records.remove(oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(recorder: &Recorder, path: &str) -> Record {
        let (method, path, trace) = ("GET".into(), path.into(), "t".into());
        let (from, to, at) = (Party::You, recorder.site(), recorder.now());
        let (asked, answered) = (Vec::new(), Vec::new());
        Record { number: 0, at, from, to, method, path, status: 200, ms: 1, trace, asked, answered, model: None }
    }

    /// A request to this path, of these people and this visitor.
    fn put(recorder: &Recorder, path: &str, people: &[&str], visitor: Option<&str>) {
        let current = Current::new(None, None);
        current.noted().people = people.iter().map(|id| (*id).to_owned()).collect();
        current.noted().visitor = visitor.map(str::to_owned);
        recorder.put(&current, record(recorder, path));
    }

    fn paths(recorder: &Recorder, person: &str) -> Vec<String> {
        recorder.records(person).into_iter().map(|record| record.path).collect()
    }

    fn recorder() -> (Recorder, Clock) {
        let clock = Clock::system();
        (Recorder::new(Party::Identity, clock.clone(), true), clock)
    }

    fn start(recorder: &Recorder, person: &[&str]) -> bool {
        recorder.start(person, i64::MAX, None)
    }

    #[test]
    fn line_71_newest_500_are_kept_for_two_hours() {
        let (recorder, clock) = recorder();
        assert!(start(&recorder, &["usr_a"]));
        for at in 0..510 {
            put(&recorder, &format!("/{at}"), &["usr_a"], None);
        }
        let kept = recorder.records("usr_a");
        assert_eq!((kept.len(), kept[0].path.as_str(), kept[499].number), (500, "/10", 510));
        clock.advance(LASTS - 60_000);
        assert_eq!(recorder.records("usr_a").len(), 500);
        clock.advance(60_000);
        assert_eq!((recorder.records("usr_a").len(), recorder.until("usr_a"), recorder.is_on()), (0, None, false));
        assert!(start(&recorder, &["usr_a"]) && recorder.records("usr_a").is_empty(), "what was is gone");
    }

    #[test]
    fn news_push_out_no_request_that_carries_a_step() {
        let (recorder, _) = recorder();
        assert!(start(&recorder, &["usr_a"]));
        put(&recorder, "/authorize", &["usr_a"], None);
        for _ in 0..600 {
            put(&recorder, "/workshop/3", &["usr_a"], None);
        }
        let kept = recorder.records("usr_a");
        assert_eq!((kept.len(), kept[0].path.as_str(), kept[1].number), (500, "/authorize", 103));
    }

    #[test]
    fn line_71_only_what_is_of_the_person_alone_is_theirs() {
        let (recorder, _) = recorder();
        assert!(start(&recorder, &["usr_a", "sub_a"]) && start(&recorder, &["usr_b"]));
        put(&recorder, "/a", &["usr_a"], None);
        put(&recorder, "/a2", &["sub_a", "usr_a"], None);
        put(&recorder, "/b", &["usr_b"], None);
        put(&recorder, "/both", &["usr_a", "usr_b"], None);
        put(&recorder, "/c", &["usr_c"], None);
        put(&recorder, "/nobody", &[], None);
        assert_eq!(
            (paths(&recorder, "usr_a"), paths(&recorder, "usr_b")),
            (vec!["/a".into(), "/a2".into()], vec!["/b".into()])
        );
        assert!(paths(&recorder, "usr_c").is_empty() && paths(&recorder, "").is_empty());
        recorder.stop("usr_a");
        assert!(paths(&recorder, "usr_a").is_empty() && paths(&recorder, "usr_b").len() == 1);
    }

    #[test]
    fn line_71_before_the_login_the_browser_tells_people_apart() {
        let (recorder, clock) = recorder();
        put(&recorder, "/too-early", &[], Some("vis_a"));
        assert!(start(&recorder, &["usr_a"]));
        put(&recorder, "/login", &[], Some("vis_a"));
        put(&recorder, "/login-of-b", &[], Some("vis_b"));
        put(&recorder, "/of-nobody", &[], None);
        put(&recorder, "/.well-known/jwks.json", &[], None);
        put(&recorder, "/back", &["usr_a"], Some("vis_a"));
        assert_eq!(paths(&recorder, "usr_a"), ["/login", "/.well-known/jwks.json", "/back"]);
        put(&recorder, "/old", &[], Some("vis_a"));
        clock.advance(WAITS);
        put(&recorder, "/later", &["usr_a"], Some("vis_a"));
        assert!(!paths(&recorder, "usr_a").contains(&"/old".into()));
    }

    #[test]
    fn line_71_nothing_is_recorded_where_it_is_off() {
        let recorder = Recorder::new(Party::Identity, Clock::system(), false);
        assert!(!start(&recorder, &["usr_a"]));
        put(&recorder, "/a", &["usr_a"], None);
        assert!(!recorder.is_on() && recorder.records("usr_a").is_empty());
    }
}
