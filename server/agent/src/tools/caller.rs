//! Who a tool works for.

use foundation::SecretString;

#[derive(Clone, Debug)]
pub enum Caller {
    /// Somebody who has not logged in.
    Visitor,
    /// A person in the chat. `person` is their id at the agent, `subject` the one at the identity service.
    Person { person: String, subject: String, name: Option<String>, email: Option<String> },
    /// A call at `/mcp`, with the caller's own token.
    Mcp { token: SecretString, subject: String, client: String, scopes: Vec<String> },
}
