//! The pages of the agent: the chat and the connected accounts.
