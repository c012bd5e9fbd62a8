//! The limits for a day (UTC): a person's or a visitor's turns and tokens, and the turns of all visitors of an address.

use foundation::tr;
use sqlx::{AnyConnection, AnyPool};

use crate::{
    config::PerDay,
    error::Error,
    state::Agent,
    store::{self, usage::Usage},
    thread::owner::Owner,
};

/// In milliseconds.
pub(crate) const DAY: i64 = 24 * 3_600_000;

impl PerDay {
    fn most(self) -> Usage {
        Usage { turns: self.turns.unwrap_or(i64::MAX), tokens: self.tokens.unwrap_or(i64::MAX) }
    }

    fn is_limited(self) -> bool {
        self.turns.is_some() || self.tokens.is_some()
    }

    /// A notice of how much is left, if four fifths of the limit are used.
    fn warning(self, used: Usage) -> Option<String> {
        let turns = self.turns.filter(|most| used.turns * 5 >= most * 4).map(|most| (most - used.turns).max(0));
        let tokens = self.tokens.filter(|most| used.tokens * 5 >= most * 4);
        let tokens_gone = tokens.is_some_and(|most| used.tokens >= most);
        match (turns, tokens) {
            (Some(0), _) => Some(last_one()),
            _ if tokens_gone => Some(last_one()),
            (Some(1), _) => Some(tr!("You have 1 message left today.", "Du hast heute noch 1 Nachricht übrig.").into()),
            (Some(left), _) => Some(tr!(
                format!("You have {left} messages left today."),
                format!("Du hast heute noch {left} Nachrichten übrig.")
            )),
            (None, Some(most)) => {
                let used = used.tokens * 100 / most.max(1);
                Some(tr!(
                    format!("You have used {used} % of your limit for today."),
                    format!("Du hast {used} % deines Tageslimits verbraucht.")
                ))
            }
            (None, None) => None,
        }
    }
}

fn last_one() -> String {
    tr!("This was your last message for today.", "Das war deine letzte Nachricht für heute.").into()
}

/// Counts the turns and tokens of a person or visitor on one day.
#[derive(Debug)]
pub(crate) struct Counter {
    limits: PerDay,
    /// A person by their id at the identity service, so that deleting everything here doesn't start the day again.
    who: String,
    /// Days since 1970.
    day: i64,
    now: i64,
}

impl Counter {
    pub(crate) async fn of(agent: &Agent, owner: &Owner) -> Result<Self, sqlx::Error> {
        let (limits, now) = (agent.config.per_day, agent.clock.now());
        let person = match owner {
            Owner::Person(person) if limits.is_limited() => store::person::find(agent.db.pool(), person).await?,
            Owner::Person(_) | Owner::Visitor(_) => None,
        };
        let who = person.map_or_else(|| owner.to_string(), |person| format!("s:{}", person.subject));
        Ok(Self { limits, who, day: now.div_euclid(DAY), now })
    }

    fn over(&self) -> Error {
        Error::DayOver((self.day + 1) * DAY - self.now)
    }

    /// Counts a turn in the caller's transaction; `address` is a visitor's. Returns the notice if little is left.
    ///
    /// # Errors
    /// [`Error::DayOver`] if nothing is left.
    pub(crate) async fn take(&self, db: &mut AnyConnection, address: Option<&str>) -> Result<Option<String>, Error> {
        if let (Some(turns), Some(address)) = (self.limits.visitor_turns, address) {
            let most = Usage { turns, tokens: i64::MAX };
            store::usage::take(db, &format!("a:{address}"), self.day, most).await?.ok_or_else(|| self.over())?;
        }
        if !self.limits.is_limited() {
            return Ok(None);
        }
        let used = store::usage::take(db, &self.who, self.day, self.limits.most()).await?;
        Ok(self.limits.warning(used.ok_or_else(|| self.over())?))
    }

    /// Adds the tokens of an answer.
    pub(crate) async fn add(&self, pool: &AnyPool, tokens: u64) -> Result<(), sqlx::Error> {
        let tokens = i64::try_from(tokens).unwrap_or(i64::MAX).min(MOST_TOKENS);
        store::usage::add(pool, &self.who, self.day, tokens).await
    }

    /// The notice of a page about the rest of the limit.
    pub(crate) async fn said(&self, pool: &AnyPool) -> Result<Option<String>, sqlx::Error> {
        if !self.limits.is_limited() {
            return Ok(None);
        }
        let (used, most) = (store::usage::of(pool, &self.who, self.day).await?, self.limits.most());
        let is_over = used.turns >= most.turns || used.tokens >= most.tokens;
        Ok(if is_over { Some(self.over().message()) } else { self.limits.warning(used) })
    }
}

/// The most tokens that one answer counts, whatever its endpoint says.
const MOST_TOKENS: i64 = 1 << 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_said_from_four_fifths_on() {
        let limits = |turns, tokens| PerDay { turns, tokens, visitor_turns: None };
        let of_turns = |turns| limits(Some(20), None).warning(Usage { turns, tokens: 0 });
        assert_eq!([0, 15].map(of_turns), [None, None]);
        assert_eq!(of_turns(16).as_deref(), Some("You have 4 messages left today."));
        assert_eq!(of_turns(19).as_deref(), Some("You have 1 message left today."));
        assert_eq!(of_turns(20).as_deref(), Some("This was your last message for today."));
        let of_tokens = |tokens| limits(None, Some(1000)).warning(Usage { turns: 1, tokens });
        assert_eq!(of_tokens(799), None);
        assert_eq!(of_tokens(850).as_deref(), Some("You have used 85 % of your limit for today."));
        assert_eq!(limits(None, None).warning(Usage { turns: 99, tokens: 99 }), None);
    }
}
