//! The pages of the identity service.
