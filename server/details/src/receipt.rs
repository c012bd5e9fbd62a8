//! What an API says about a request: facts before it is decided, and the receipt of what came of it. Both are the API's
//! word, left out where it doesn't answer as the type says.

use serde_json::Value;
use url::Url;

use crate::{
    file::{FactsTable, ReceiptTable},
    member::{Member, is_label},
    plain::made_plain,
    template::Template,
    url_template::UrlTemplate,
};

/// The longest text of an API that is shown, in characters.
const LONGEST: usize = 120;

/// Where the receipt of an approval is read, and how it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Receipt {
    url: UrlTemplate,
    title: Template,
    /// JSON pointers (RFC 6901): to the records in the answer, and in a record to its approval's id.
    records: String,
    approval: String,
}

/// Public facts about what is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    url: UrlTemplate,
    /// Label and JSON pointer.
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

    /// Where it is read; `value_of` are the request's members.
    pub(crate) fn url(&self, approval: &str, value_of: impl Fn(&str) -> Option<String>) -> Option<Url> {
        self.url.fill(|name| if name == "approval" { Some(approval.to_owned()) } else { value_of(name) })
    }

    /// The receipt in words; `words_of` are those of the request's members.
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

    /// Where they are read; `value_of` are the request's members.
    pub(crate) fn url(&self, value_of: impl Fn(&str) -> Option<String>) -> Option<Url> {
        self.url.fill(value_of)
    }

    /// Label and words, of what the answer holds.
    pub(crate) fn rows(&self, answer: &Value) -> Vec<(&str, String)> {
        self.show
            .iter()
            .filter_map(|(label, pointer)| Some((label.as_str(), said(answer.pointer(pointer)?)?)))
            .collect()
    }
}

/// A value of an API's answer as text that does no harm on a page.
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
