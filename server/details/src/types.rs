//! A registered type of `authorization_details`: its members, and how to show a request.

use std::sync::Arc;

use url::Url;

use crate::{
    by_choice::By,
    decimal::Decimal,
    facts::Facts,
    file::{AmountTable, MemberTable, TypeTable, Wrong},
    language::{Language, Words},
    member::{Kind, Member, words_in},
    names::{is_label, is_name},
    receipt::Receipt,
    rule::Mandate,
    template::Template,
};

/// A registered type. If its set of members changes, it needs another name.
#[derive(Clone, Debug, PartialEq)]
pub struct Type {
    pub name: String,
    /// The scope that a request of this type needs.
    pub scope: String,
    /// In the order of display.
    pub members: Vec<Member>,
    pub(crate) title: Template,
    /// The noun for a request: `order`.
    pub noun: String,
    /// The sentence for a request that had no effect.
    pub undone: String,
    /// A sentence about what happens, if the members don't say it.
    pub about: Option<String>,
    /// The members by which two requests count as the same. Empty: all.
    pub(crate) same: Vec<String>,
    pub(crate) amount: Option<AmountOf>,
    pub receipt: Option<Receipt>,
    pub(crate) facts: Option<Facts>,
    pub mandate: Option<Mandate>,
    pub(crate) language: Language,
    /// The same in German, if the file has words for it.
    pub(crate) german: Option<Arc<Type>>,
}

/// The amount at stake: the product of these members, in the currency that another member names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AmountOf {
    pub(crate) product: Vec<usize>,
    pub(crate) currency: usize,
    /// `at most`, if the amount is a bound.
    pub(crate) bound: Option<By<String>>,
}

impl Type {
    /// Reads a type of the API at `base`, and again with its words in German.
    pub(crate) fn in_languages(table: TypeTable, base: &Url, german: &Words) -> Result<Self, Wrong> {
        let in_german = table.clone().in_words(german);
        let mut kind = Self::read(table, base)?;
        if !german.is_empty() {
            let language = Language::German;
            kind.german = Some(Arc::new(Self { language, ..Self::read(in_german, base)? }));
        }
        Ok(kind)
    }

    /// Reads a type of the API at `base`.
    fn read(table: TypeTable, base: &Url) -> Result<Self, Wrong> {
        let name = table.name.clone();
        let mut members: Vec<Member> = Vec::new();
        for member in table.members {
            let member = Member::read(member, &members)?;
            members.push(member);
        }
        let wrong = |message: String| Wrong::of(&name, format!("type {:?}: {message}", name.get_ref()));
        if !is_name(name.get_ref()) {
            return Err(wrong(
                "`name` must be 1 to 40 lower-case letters, digits or _, and begin with a letter".into(),
            ));
        }
        if !members.iter().any(Member::is_shown) {
            return Err(wrong("it needs at least one [[api.type.member]] that is shown".into()));
        }
        let title = Template::read(&table.title).map_err(wrong)?;
        if let Some(unknown) = title.names().find(|name| !members.iter().any(|member| member.name == **name)) {
            return Err(wrong(format!(
                "`title` names {unknown:?}, which is no member; add the member or correct the name"
            )));
        }
        let unshown = |member: &&Member| {
            member.is_shown() && member.label.is_none() && !title.names().any(|name| name == member.name)
        };
        if let Some(Member { name, .. }) = members.iter().find(unshown) {
            return Err(wrong(format!("member {name:?}: `label` is missing; add one, or show the member in `title`")));
        }
        for member in &members {
            let mut names = member.unit.iter().flat_map(Template::names);
            let fits = |name: &&str| members.iter().any(|other| other.name == **name && other.kind.is_word());
            if let Some(name) = names.find(|name| !fits(name)) {
                return Err(wrong(format!(
                    "`unit` names {name:?}, which is neither a choice nor a constant of this type"
                )));
            }
        }
        if let Some(name) = table.same.iter().find(|name| !members.iter().any(|member| member.name == **name)) {
            return Err(wrong(format!(
                "`same` names {name:?}, which is no member; add the member or correct the name"
            )));
        }
        let noun = table.noun.unwrap_or_else(|| "request".into());
        let undone = table.undone.unwrap_or_else(|| "Nothing was done.".into());
        if ![&noun, &undone].into_iter().chain(&table.about).all(|text| is_label(text)) {
            return Err(wrong("`noun`, `undone` and `about` must have 1 to 60 characters each".into()));
        }
        let amount = table.amount.as_ref().map(|amount| AmountOf::read(amount, &members)).transpose().map_err(wrong)?;
        let receipt = table.receipt.map(|receipt| Receipt::read(receipt, base, &members)).transpose().map_err(wrong)?;
        let facts = table.facts.map(|facts| Facts::read(facts, base, &members)).transpose().map_err(wrong)?;
        let mandate = table.mandate.map(|mandate| Mandate::read(&mandate, amount.is_some()));
        let mandate = mandate.transpose().map_err(wrong)?;
        let name = name.into_inner();
        Ok(Self {
            name,
            scope: table.scope,
            members,
            title,
            noun,
            undone,
            about: table.about,
            same: table.same,
            amount,
            receipt,
            facts,
            mandate,
            language: Language::English,
            german: None,
        })
    }

    /// Whether its API gives facts about a request.
    pub fn has_facts(&self) -> bool {
        self.facts.is_some()
    }

    /// A type with nothing but members, for arguments that nobody approves.
    ///
    /// # Errors
    /// The first invalid member.
    pub fn of_members(name: &str, tables: Vec<MemberTable>) -> Result<Self, Wrong> {
        let mut members: Vec<Member> = Vec::new();
        for table in tables {
            let member = Member::read(table, &members)?;
            members.push(member);
        }
        let (name, title) = (name.to_owned(), Template::default());
        let scope = String::new();
        Ok(Self {
            name,
            scope,
            members,
            title,
            noun: "request".into(),
            undone: String::new(),
            about: None,
            same: Vec::new(),
            amount: None,
            receipt: None,
            facts: None,
            mandate: None,
            language: Language::English,
            german: None,
        })
    }

    /// The same type reduced to some members, for arguments that are incomplete. It has no amount, which would need all
    /// members.
    #[must_use]
    pub fn only(&self, is_there: impl Fn(&str) -> bool) -> Self {
        let members = self.members.iter().filter(|member| is_there(&member.name)).cloned().collect();
        Self { members, amount: None, title: Template::default(), german: None, ..self.clone() }
    }

    /// The position in [`Self::members`].
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.members.iter().position(|member| member.name == name)
    }
}

impl AmountOf {
    fn read(table: &AmountTable, members: &[Member]) -> Result<Self, String> {
        let names = match (&table.member, &table.product) {
            (Some(member), None) => std::slice::from_ref(member),
            (None, Some(product)) if !product.is_empty() => product.as_slice(),
            _ => return Err("`amount` needs either `member` or `product` (a list of members), not both".into()),
        };
        let find = |name: &String| {
            let at = members.iter().position(|member| member.name == *name);
            at.ok_or_else(|| format!("`amount` names {name:?}, which is no member; add the member or correct the name"))
        };
        let product = names.iter().map(find).collect::<Result<Vec<_>, _>>()?;
        let currency = find(&table.currency)?;
        if !matches!(members[currency].kind, Kind::Choice { .. } | Kind::Constant { .. }) {
            return Err("`currency` of `amount` must name a choice or a constant".into());
        }
        let mut most = Decimal::integer(1).ok_or("one")?;
        for at in &product {
            let [from, to] = match &members[*at].kind {
                Kind::Integer { range: [from, to] } => [Decimal::integer(*from), Decimal::integer(*to)],
                Kind::Decimal { range: [from, to], .. } => [Some(*from), Some(*to)],
                _ => {
                    return Err(format!(
                        "`amount` counts {:?}, which is no number; name an integer or a decimal",
                        members[*at].name
                    ));
                }
            };
            if from.is_none_or(Decimal::is_negative) {
                return Err(format!(
                    "`amount` counts {:?}, which may be below zero; let its `range` begin at 0 or more",
                    members[*at].name
                ));
            }
            most = to
                .and_then(|to| most.times(to))
                .ok_or("`amount` may have over 15 digits or 4 places; narrow the `range` or `places` of its members")?;
        }
        let bound = table.bound.as_ref();
        let bound = bound.map(|bound| {
            By::read(bound, "bound", words_in(members), |text| {
                if is_label(text) { Ok(text.to_owned()) } else { Err("`bound` must have 1 to 60 characters".into()) }
            })
        });
        Ok(Self { product, currency, bound: bound.transpose()? })
    }
}
