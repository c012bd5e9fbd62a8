//! Public facts from an API about an undecided request. They are the API's claims, and aren't part of the approval.

use std::collections::BTreeMap;

use serde_json::Value;
use url::Url;

use crate::{
    by_choice::By,
    decimal::Decimal,
    file::{CompareTable, FactsTable},
    language::Language,
    member::{Kind, Member, words_in},
    names::is_label,
    said::said,
    template::Template,
    url_template::UrlTemplate,
};

/// The URL of a type's facts, and how to show them.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    url: UrlTemplate,
    /// Label and JSON pointer.
    show: BTreeMap<String, String>,
    /// Members whose value a fact names, each with that fact's label.
    pub(crate) names: BTreeMap<String, String>,
    pub(crate) compare: Option<Compare>,
}

/// Compares a number of the request with a fact.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Compare {
    pub(crate) fact: String,
    pub(crate) member: String,
    worse: By<Worse>,
    warning: By<Template>,
}

/// The side of the fact on which the member is worse for the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Worse {
    Above,
    Below,
}

impl Facts {
    pub(crate) fn read(table: FactsTable, base: &Url, members: &[Member]) -> Result<Self, String> {
        let url = UrlTemplate::read(&table.url, base)?;
        let is_member = |name: &str| members.iter().any(|member| member.name == name);
        if let Some(unknown) = url.names().find(|name| !is_member(name)) {
            return Err(format!(
                "`url` of `facts` names {unknown:?}, which is no member; add the member or correct the name"
            ));
        }
        let fits = |(label, pointer): (&String, &String)| is_label(label) && pointer.starts_with('/');
        if table.show.is_empty() || !table.show.iter().all(fits) {
            return Err("`show` of `facts` must be labels with JSON pointers, such as \"/name\"".into());
        }
        let fits = |(member, label): (&String, &String)| is_member(member) && table.show.contains_key(label);
        if !table.names.iter().all(fits) {
            return Err("`names` of `facts` must be members, each with the label of a fact in `show`".into());
        }
        let compare = table.compare.map(|compare| Compare::read(&compare, &table.show, members)).transpose()?;
        Ok(Self { url, show: table.show, names: table.names, compare })
    }

    /// The URL of the facts; `value_of` gives the request's members.
    pub(crate) fn url(&self, value_of: impl Fn(&str) -> Option<String>) -> Option<Url> {
        self.url.fill(value_of)
    }

    /// The fact with this label in the answer.
    pub(crate) fn said(&self, label: &str, answer: &Value, language: Language) -> Option<String> {
        said(answer.pointer(self.show.get(label)?)?, language)
    }

    /// The labels of facts with a row of their own.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &str> {
        let compared = self.compare.as_ref().map(|compare| &compare.fact);
        self.show
            .keys()
            .filter(move |label| !self.names.values().any(|name| name == *label) && compared != Some(*label))
            .map(String::as_str)
    }

    /// The fact to compare with. `None` unless the answer holds a number above zero in canonical form.
    pub(crate) fn number(&self, answer: &Value) -> Option<Decimal> {
        let said = self.said(&self.compare.as_ref()?.fact, answer, Language::English)?;
        Decimal::parse(&said).filter(|number| *number > Decimal::ZERO)
    }
}

impl Compare {
    fn read(table: &CompareTable, show: &BTreeMap<String, String>, members: &[Member]) -> Result<Self, String> {
        if !show.contains_key(&table.fact) {
            return Err(format!("`compare` names {:?}, which is no fact; add it to `show`", table.fact));
        }
        let member = members.iter().find(|member| member.name == table.member);
        if !member.is_some_and(|member| matches!(member.kind, Kind::Decimal { .. } | Kind::Integer { .. })) {
            return Err(format!(
                "`compare` names {:?}, which is no number; name an integer or a decimal",
                table.member
            ));
        }
        let worse = By::read(&table.worse, "worse", words_in(members), |text| match text {
            "above" => Ok(Worse::Above),
            "below" => Ok(Worse::Below),
            _ => Err(format!("`worse` must be above or below, not {text:?}")),
        })?;
        let warning = By::read(&table.warning, "warning", words_in(members), |text| {
            let template = Template::read(text)?;
            let is_known = |name: &str| name == "fact" || members.iter().any(|member| member.name == name);
            if let Some(unknown) = template.names().find(|name| !is_known(name)) {
                return Err(format!(
                    "`warning` names {unknown:?}, which is neither a member nor `fact`; correct the name"
                ));
            }
            Ok(template)
        })?;
        Ok(Self { fact: table.fact.clone(), member: table.member.clone(), worse, warning })
    }

    /// Words for a number that is more than a tenth worse than the fact. `words_of` also knows `fact`.
    pub(crate) fn warning(
        &self,
        number: Decimal,
        fact: Decimal,
        value_of: impl Fn(&str) -> Option<String>,
        words_of: impl Fn(&str) -> Option<String>,
    ) -> Option<String> {
        let apart = number.scaled() - fact.scaled();
        let worse = match self.worse.of(&value_of)? {
            Worse::Above => apart,
            Worse::Below => -apart,
        };
        if worse * 10 > fact.scaled() { self.warning.of(value_of)?.fill(words_of) } else { None }
    }

    /// The distance of a number from the fact: `2 % above`.
    pub(crate) fn beside(&self, number: Decimal, fact: Decimal, language: Language) -> String {
        let apart = number.scaled() - fact.scaled();
        // In tenths of a percent, rounded half up.
        let tenths = (apart.unsigned_abs() * 2_000 / fact.scaled().unsigned_abs().max(1)).div_ceil(2);
        let side = if apart > 0 { language.of("above", "darüber") } else { language.of("below", "darunter") };
        match (tenths, tenths % 10) {
            (0, _) => language.of(format!("the {}", lower_first(&self.fact)), format!("wie „{}“", self.fact)),
            (_, 0) => format!("{}\u{a0}% {side}", tenths / 10),
            (_, rest) => format!("{}{}{rest}\u{a0}% {side}", tenths / 10, language.of('.', ',')),
        }
    }
}

/// `Price now` within a sentence: `price now`.
fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}
