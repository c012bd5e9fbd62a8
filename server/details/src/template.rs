//! Templates of titles: words, with members in braces, such as `{side} {quantity} {symbol}`.

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Words(String),
    Name(String),
}

/// Splits a template into its words and names.
///
/// # Errors
/// If a brace is unmatched or holds no name.
pub(crate) fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (words, from) = rest.split_at(at);
        let name = from.strip_prefix('{').and_then(|from| from.split_once('}'));
        let (name, after) =
            name.ok_or_else(|| format!("{text:?} has a brace without its partner; write {{member}}"))?;
        if !crate::names::is_name(name) {
            return Err(format!(
                "{text:?}: {{{name}}} isn't the name of a member; names have lower-case letters, digits and _"
            ));
        }
        if !words.is_empty() {
            pieces.push(Piece::Words(words.to_owned()));
        }
        pieces.push(Piece::Name(name.to_owned()));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Words(rest.to_owned()));
    }
    Ok(pieces)
}

/// The template of a title.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

impl Template {
    /// # Errors
    /// A message that says what is wrong.
    pub fn read(text: &str) -> Result<Self, String> {
        if !(1..=200).contains(&text.chars().count()) || text.chars().any(char::is_control) {
            return Err("`title` must have 1 to 200 characters".into());
        }
        Ok(Self { pieces: pieces(text)? })
    }

    /// The names in the braces.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Name(name) => Some(name.as_str()),
            Piece::Words(_) => None,
        })
    }

    /// Fills it in; `None` if a name has no words.
    pub fn fill(&self, mut words_of: impl FnMut(&str) -> Option<String>) -> Option<String> {
        let filled = self.pieces.iter().map(|piece| match piece {
            Piece::Words(words) => Some(words.clone()),
            Piece::Name(name) => words_of(name),
        });
        filled.collect()
    }
}
