//! The `approvers` of an API, named by the verified e-mail address from a login provider or by the person's id.

use crate::store::person::Person;

/// The `approvers` of an API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Approvers {
    /// Everyone who logs in.
    #[default]
    Everyone,
    /// People with one of these ids (`usr_…`), or verified addresses (`alice@example.com`) or domains (`@example.com`)
    /// in lower case.
    Of(Vec<String>),
}

impl Approvers {
    pub fn include(&self, person: &Person) -> bool {
        let Self::Of(list) = self else { return true };
        if self.name(person) {
            return true;
        }
        let Some(email) = person.email.as_ref().filter(|_| person.email_verified.0) else { return false };
        // Only ASCII: lower-casing another letter could make it ASCII, and so match another address.
        let email = email.to_ascii_lowercase();
        let Some((_, domain)) = email.rsplit_once('@') else { return false };
        list.iter().any(|it| it.strip_prefix('@').map_or(*it == email, |of| of == domain))
    }

    /// Whether a person is named by their id, which nobody can choose.
    fn name(&self, person: &Person) -> bool {
        matches!(self, Self::Of(list) if list.contains(&person.id))
    }

    /// The address on which a decision depends: it must still be the person's when the decision is stored.
    pub(crate) fn address<'a>(&self, person: &'a Person) -> Option<&'a str> {
        match self {
            Self::Of(_) if !self.name(person) => person.email.as_deref(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::person::Verified;

    fn person(email: &str, verified: bool) -> Person {
        Person {
            id: "usr_1".into(),
            issuer: "https://login.example/".into(),
            subject: "1".into(),
            name: "Alice".into(),
            email: (!email.is_empty()).then(|| email.into()),
            email_verified: Verified(verified),
            lang: None,
        }
    }

    #[test]
    fn line_49_approver_is_named_by_id() {
        let of = Approvers::Of(vec!["usr_1".into()]);
        let alice = person("alice@example.com", false);
        assert!(of.include(&alice));
        assert_eq!(of.address(&alice), None);
        // An address, verified or not, never stands for an id.
        for email in ["usr_1", "usr_1@example.com", "alice@usr_1"] {
            for verified in [false, true] {
                let other = Person { id: "usr_2".into(), subject: "usr_1".into(), ..person(email, verified) };
                assert!(!of.include(&other), "{email}");
            }
        }
        let both = Approvers::Of(vec!["usr_2".into(), "alice@example.com".into()]);
        assert_eq!(both.address(&alice), Some("alice@example.com"));
    }

    #[test]
    fn line_49_approvers_are_people_with_a_verified_address() {
        let of = Approvers::Of(vec!["alice@example.com".into(), "@rooms.example".into()]);
        for email in ["alice@example.com", "Alice@Example.com", "bob@rooms.example", "\"x@y\"@ROOMS.example"] {
            assert!(of.include(&person(email, true)), "{email}");
            assert!(!of.include(&person(email, false)), "{email} isn't verified");
            assert!(Approvers::Everyone.include(&person(email, false)));
        }
        for email in [
            "",
            "alice",
            "bob@example.com",
            "malice@example.com",
            "alice@example.com.evil.example",
            "bob@sub.rooms.example",
            "bob@evilrooms.example",
            "bob@rooms.example@evil.example",
            "alice@e\u{445}ample.com",
            "alice@example.com ",
            "al\u{130}ce@example.com",
            "@rooms.example.",
        ] {
            assert!(!of.include(&person(email, true)), "{email}");
        }
        let kelvin = Approvers::Of(vec!["kate@example.com".into()]);
        assert!(!kelvin.include(&person("\u{212a}ate@example.com", true)));
        assert!(!Approvers::Of(Vec::new()).include(&person("alice@example.com", true)));
    }
}
