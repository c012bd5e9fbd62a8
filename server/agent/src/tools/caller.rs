//! The caller of a tool.

use foundation::SecretString;

use crate::store::person::Person;

#[derive(Clone, Debug)]
pub enum Caller {
    /// Somebody who hasn't logged in.
    Visitor,
    /// A person in the chat. `person` is their id at the agent, `subject` their id at the identity service.
    Person { person: String, subject: String, name: Option<String>, email: Option<String> },
    /// A call at `/mcp`, with the caller's own token.
    Mcp { token: SecretString, subject: String, client: String, scopes: Vec<String> },
}

impl Caller {
    /// A person in the chat, or a visitor if the person is unknown.
    pub(crate) fn of(person: Option<Person>) -> Self {
        person.map_or(Self::Visitor, |person| Self::Person {
            person: person.id,
            subject: person.subject,
            name: person.name,
            email: person.email,
        })
    }
}
