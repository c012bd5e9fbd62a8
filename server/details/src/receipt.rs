//! What an API says about a request: facts before the decision, and the receipt of its outcome. Both are the API's
//! word; the page leaves them out if the answer isn't as the type describes.

use serde_json::Value;
use url::Url;

use crate::{
    file::{FactsTable, ReceiptTable},
    member::{Member, is_label},
    plain::made_plain,
    template::Template,
    url_template::UrlTemplate,
};

/// The most characters shown of an API's text.
const LONGEST: usize = 120;

/// Where to read an approval's receipt, and how to show it.
#[derive(Clone, Debug, PartialEq)]
pub struct Receipt {
    url: UrlTemplate,
    title: Template,
    /// JSON pointers (RFC 6901): to the records in the answer, and to the approval's id in a record.
    records: String,
    approval: String,
}

/// Public facts about the request.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    url: UrlTemplate,
    /// Labels with JSON pointers.
    show: Vec<(String, String)>,
}

impl Receipt {
    pub(crate) fn read(table: ReceiptTable, base: &Url, members: &[Member]) -> Result<Self, String> {
        let url = UrlTemplate::read(&table.url, base)?;
        must_be_known(url.names().filter(|name| *name != "approval"), members)?;
        let records = table.records.unwrap_or_default();
        let approval = table.approval.unwrap_or_else(|| "/approval".into());
        if !(records.is_empty() || records.starts_with('/')) || !approval.starts_with('/') {
            return Err("`records` and `approval` are JSON pointers, which begin with /".into());
        }
        Ok(Self { url, title: Template::read(&table.title)?, records, approval })
    }

    /// The URL; `value_of` gives the request's members.
    pub(crate) fn url(&self, approval: &str, value_of: impl Fn(&str) -> Option<String>) -> Option<Url> {
        self.url.fill(|name| if name == "approval" { Some(approval.to_owned()) } else { value_of(name) })
    }

    /// The receipt in words; `words_of` gives those of the request's members.
    pub(crate) fn title(
        &self,
        approval: &str,
        answer: &Value,
        words_of: impl Fn(&str) -> Option<String>,
    ) -> Option<String> {
        let found = answer.pointer(&self.records)?;
        let records = found.as_array().map_or(std::slice::from_ref(found), Vec::as_slice);
        let [record] = records else { return None };
        if record.pointer(&self.approval).and_then(Value::as_str) != Some(approval) {
            return None;
        }
        self.title.fill(|name| words_of(name).or_else(|| said(record.get(name)?)))
    }
}

impl Facts {
    pub(crate) fn read(table: FactsTable, base: &Url, members: &[Member]) -> Result<Self, String> {
        let url = UrlTemplate::read(&table.url, base)?;
        must_be_known(url.names(), members)?;
        let fits = |(label, pointer): (&String, &String)| is_label(label) && pointer.starts_with('/');
        if table.show.is_empty() || !table.show.iter().all(fits) {
            return Err("`show` of `facts` has labels with JSON pointers, which begin with /".into());
        }
        Ok(Self { url, show: table.show.into_iter().collect() })
    }

    /// The URL; `value_of` gives the request's members.
    pub(crate) fn url(&self, value_of: impl Fn(&str) -> Option<String>) -> Option<Url> {
        self.url.fill(value_of)
    }

    /// The labels and words of the facts in the answer.
    pub(crate) fn rows(&self, answer: &Value) -> Vec<(&str, String)> {
        self.show
            .iter()
            .filter_map(|(label, pointer)| Some((label.as_str(), said(answer.pointer(pointer)?)?)))
            .collect()
    }
}

/// A value from an API's answer as text that is safe on a page.
fn said(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => made_plain(text, LONGEST),
        Value::Number(number) => number.to_string(),
        Value::Bool(is) => if *is { "yes" } else { "no" }.into(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

fn must_be_known<'a>(mut names: impl Iterator<Item = &'a str>, members: &[Member]) -> Result<(), String> {
    let is_known = |name: &str| members.iter().any(|member| member.name == name);
    match names.find(|name| !is_known(name)) {
        Some(unknown) => Err(format!("an address names {unknown:?}, which is no member")),
        None => Ok(()),
    }
}
