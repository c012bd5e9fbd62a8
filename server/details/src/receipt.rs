//! The outcome of an approval, according to its API. Left out if the API doesn't answer as the type says.

use serde_json::Value;
use url::Url;

use crate::{
    by_choice::By,
    file::{OutcomeTable, ReceiptTable},
    language::Language,
    member::{Member, words_in},
    names::is_label,
    said::{said, said_grouped},
    template::Template,
    url_template::UrlTemplate,
};

/// The URL of an approval's receipt, and how to show it.
#[derive(Clone, Debug, PartialEq)]
pub struct Receipt {
    url: UrlTemplate,
    /// The URL of the newest records.
    list: Option<UrlTemplate>,
    /// The page where people read it: label and address.
    page: Option<(String, Url)>,
    title: Template,
    /// JSON pointers (RFC 6901): to the records in the answer, and in a record to its approval's id and its state.
    records: String,
    approval: String,
    state: Option<String>,
    outcomes: Vec<OutcomeOf>,
}

/// The words for records of a state.
#[derive(Clone, Debug, PartialEq)]
struct OutcomeOf {
    is: String,
    says: By<Template>,
    short: Option<By<Template>>,
}

/// The outcome of an approval, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// `StockTrade placed it: bought 5 WAYNE at 99.85 USD a share, 499.25 USD in all.`
    pub says: String,
    /// `paid 499.25 USD`
    pub short: Option<String>,
}

impl Receipt {
    pub(crate) fn read(table: ReceiptTable, base: &Url, members: &[Member]) -> Result<Self, String> {
        let url = UrlTemplate::read(&table.url, base)?;
        let is_known = |name: &str| name == "approval" || members.iter().any(|member| member.name == name);
        if let Some(unknown) = url.names().find(|name| !is_known(name)) {
            return Err(format!(
                "`url` of `receipt` names {unknown:?}, which is no member; use a member or {{approval}}"
            ));
        }
        let list = table.list.map(|list| UrlTemplate::read(&list, base)).transpose()?;
        if list.as_ref().is_some_and(|list| list.names().next().is_some()) {
            return Err("`list` of `receipt` must be the same address for every request: remove the {member}".into());
        }
        let records = table.records.unwrap_or_default();
        let approval = table.approval.unwrap_or_else(|| "/approval".into());
        let state_fits = table.state.as_ref().is_none_or(|state| state.starts_with('/'));
        if !(records.is_empty() || records.starts_with('/')) || !approval.starts_with('/') || !state_fits {
            return Err(
                "`records`, `approval` and `state` of `receipt` must be JSON pointers, such as \"/status\"".into()
            );
        }
        if table.state.is_none() && !table.outcomes.is_empty() {
            return Err("`outcome` depends on the `state` of a record; add `state` to `receipt`".into());
        }
        let page = table.page.map(|page| match Url::parse(&page.url) {
            Ok(url)
                if matches!(url.scheme(), "http" | "https") && url.username().is_empty() && is_label(&page.label) =>
            {
                Ok((page.label, url))
            }
            _ => Err("`page` of `receipt` needs a `label` and the `url` of a page".to_owned()),
        });
        let outcomes = table.outcomes.iter().map(|outcome| OutcomeOf::read(outcome, members));
        Ok(Self {
            url,
            list,
            page: page.transpose()?,
            title: Template::read(&table.title)?,
            records,
            approval,
            state: table.state,
            outcomes: outcomes.collect::<Result<_, _>>()?,
        })
    }

    /// The URL; `value_of` gives the request's members.
    pub(crate) fn url(&self, approval: &str, value_of: impl Fn(&str) -> Option<String>) -> Option<Url> {
        self.url.fill(|name| if name == "approval" { Some(approval.to_owned()) } else { value_of(name) })
    }

    /// The URL of the newest records, so that one call answers for many approvals.
    pub fn list(&self) -> Option<Url> {
        self.list.as_ref()?.fill(|_| None)
    }

    /// The page where people read it: label and address.
    pub fn page(&self) -> Option<(&str, &Url)> {
        self.page.as_ref().map(|(label, url)| (label.as_str(), url))
    }

    /// The record of an approval. It must be the only record of the answer, or in a list the only one of this approval.
    fn record<'a>(&self, approval: &str, answer: &'a Value, is_list: bool) -> Option<&'a Value> {
        let found = answer.pointer(&self.records)?;
        let records = found.as_array().map_or(std::slice::from_ref(found), Vec::as_slice);
        let is_of_it = |record: &&Value| record.pointer(&self.approval).and_then(Value::as_str) == Some(approval);
        if !is_list && records.len() != 1 {
            return None;
        }
        let mut of_it = records.iter().filter(is_of_it);
        of_it.next().filter(|_| of_it.next().is_none())
    }

    /// The outcome in words. `value_of` and `words_of` give the values and words of the request's members.
    pub(crate) fn outcome(
        &self,
        approval: &str,
        (answer, is_list): (&Value, bool),
        language: Language,
        value_of: impl Fn(&str) -> Option<String>,
        words_of: impl Fn(&str) -> Option<String>,
    ) -> Option<Outcome> {
        let record = self.record(approval, answer, is_list)?;
        let words_of = |name: &str| words_of(name).or_else(|| said_grouped(record.get(name)?, language));
        let state = self.state.as_ref().and_then(|state| said(record.pointer(state)?, Language::English));
        // The first outcome with this state whose names all have words.
        let of_state = self.outcomes.iter().filter(|outcome| state.as_ref() == Some(&outcome.is));
        let mut of_state = of_state.filter_map(|outcome| {
            let says = outcome.says.of(&value_of)?.fill(words_of)?;
            let short = outcome.short.as_ref().and_then(|short| short.of(&value_of)?.fill(words_of));
            Some(Outcome { says, short })
        });
        of_state.next().or_else(|| Some(Outcome { says: self.title.fill(words_of)?, short: None }))
    }
}

impl OutcomeOf {
    fn read(table: &OutcomeTable, members: &[Member]) -> Result<Self, String> {
        let read = |table, key| By::read(table, key, words_in(members), Template::read);
        let short = table.short.as_ref().map(|short| read(short, "short")).transpose()?;
        Ok(Self { is: table.is.clone(), says: read(&table.says, "says")?, short })
    }
}
