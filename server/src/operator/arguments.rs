//! The arguments of `mandate people` and its siblings: commands, options and help.

use std::{collections::BTreeMap, fmt::Write};

use foundation::time;

/// The first words of these commands.
pub const TOPICS: [&str; 6] = ["clients", "apis", "types", "people", "grants", "audit"];

/// The identity services that a command can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Site {
    Identity,
    StockTrade,
}

impl Site {
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Identity => "Mandate identity",
            Self::StockTrade => "StockTrade",
        }
    }

    /// The name of its database.
    pub(super) fn instance(self) -> &'static str {
        match self {
            Self::Identity => "tenant",
            Self::StockTrade => "broker_identity",
        }
    }
}

/// How to call a command.
struct Usage {
    name: &'static str,
    /// The name of the operand in the help.
    operand: &'static str,
    /// The least and the most operands.
    operands: (usize, usize),
    /// In addition to `--site`, `--json` and `--help`.
    options: &'static [&'static str],
    says: &'static str,
}

const COMMANDS: [Usage; 10] = [
    Usage {
        name: "clients list",
        operand: "",
        operands: (0, 0),
        options: &[],
        says: "the configured and the self-registered clients",
    },
    Usage {
        name: "apis list",
        operand: "",
        operands: (0, 0),
        options: &[],
        says: "the configured APIs with their scopes",
    },
    Usage {
        name: "types list",
        operand: "",
        operands: (0, 0),
        options: &[],
        says: "the types of authorization_details that can be approved",
    },
    Usage {
        name: "people list",
        operand: "",
        operands: (0, 0),
        options: &[],
        says: "the people, whether they may log in, and how many sessions and grants they have",
    },
    Usage {
        name: "people disable",
        operand: "ID|E-MAIL",
        operands: (1, 1),
        options: &[],
        says: "ends a person's sessions, grants, tokens and requests, and prevents them from logging in",
    },
    Usage {
        name: "people enable",
        operand: "ID|E-MAIL",
        operands: (1, 1),
        options: &[],
        says: "lets a disabled person log in again; what ended doesn't come back",
    },
    Usage {
        name: "people remove",
        operand: "ID|E-MAIL",
        operands: (1, 1),
        options: &["yes"],
        says: "deletes a person and all their data, after asking; --yes doesn't ask, and --json needs it",
    },
    Usage {
        name: "grants list",
        operand: "",
        operands: (0, 0),
        options: &["person", "client", "all"],
        says: "the grants of people to clients; --all includes revoked ones",
    },
    Usage {
        name: "grants revoke",
        operand: "[ID]...",
        operands: (0, 1000),
        options: &["person", "client"],
        says: "revokes grants with their tokens: by id, or all of a person, of a client, or of both",
    },
    Usage {
        name: "audit export",
        operand: "",
        operands: (0, 0),
        options: &["since", "until", "person"],
        says: "the audit log, oldest first; times are 2026-11-29 or 2026-11-29T16:00:00Z",
    },
];

/// Why a command doesn't run.
#[derive(Debug)]
pub(super) enum Fault {
    Help(String),
    Wrong(String),
}

#[derive(Debug)]
pub(super) struct Arguments {
    /// The command's name, such as `people disable`.
    pub(super) command: &'static str,
    pub(super) site: Site,
    pub(super) json: bool,
    /// `--all`.
    pub(super) all: bool,
    /// `--yes`.
    pub(super) yes: bool,
    pub(super) operands: Vec<String>,
    values: BTreeMap<String, String>,
}

impl Arguments {
    pub(super) fn read(words: &[&str]) -> Result<Self, Fault> {
        let [topic, rest @ ..] = words else { return Err(Fault::Help(help(""))) };
        let is_help = |word: &&str| matches!(*word, "--help" | "-h" | "help");
        if rest.iter().any(is_help) || rest.is_empty() {
            return Err(Fault::Help(help(topic)));
        }
        let name = rest.first().map(|verb| format!("{topic} {verb}")).unwrap_or_default();
        let wrong = |what: String| Fault::Wrong(format!("{what}\n\n{}", help(topic)));
        let Some(usage) = COMMANDS.iter().find(|usage| usage.name == name) else {
            return Err(wrong(format!("there is no command «{name}»")));
        };
        let mut read = Self {
            command: usage.name,
            site: Site::Identity,
            json: false,
            all: false,
            yes: false,
            operands: Vec::new(),
            values: BTreeMap::new(),
        };
        let mut rest = rest.iter().skip(1);
        while let Some(word) = rest.next() {
            let Some(option) = word.strip_prefix("--") else {
                read.operands.push((*word).to_owned());
                continue;
            };
            let (option, given) = match option.split_once('=') {
                Some((option, value)) => (option, Some(value)),
                None => (option, None),
            };
            let is_switch = matches!(option, "json" | "all" | "yes");
            if !matches!(option, "json" | "site") && !usage.options.contains(&option) {
                return Err(wrong(format!("«{}» has no option --{option}", usage.name)));
            }
            let value = match (is_switch, given) {
                (true, None) => "",
                (true, Some(_)) => return Err(wrong(format!("--{option} takes no value"))),
                (false, Some(value)) => value,
                (false, None) => rest.next().copied().unwrap_or_default(),
            };
            if !is_switch && value.is_empty() {
                return Err(wrong(format!("--{option} needs a value")));
            }
            match option {
                "json" => read.json = true,
                "all" => read.all = true,
                "yes" => read.yes = true,
                "site" => {
                    read.site = match value {
                        "identity" => Site::Identity,
                        "stocktrade" => Site::StockTrade,
                        other => return Err(wrong(format!("--site is identity or stocktrade, not «{other}»"))),
                    }
                }
                _ => {
                    read.values.insert(option.to_owned(), value.to_owned());
                }
            }
        }
        let (least, most) = usage.operands;
        if !(least..=most).contains(&read.operands.len()) {
            let needs = if most == 0 { "takes no" } else { "needs one" };
            return Err(wrong(format!("«{}» {needs} {}", usage.name, operand(usage))));
        }
        if usage.name == "grants revoke" && read.operands.is_empty() == read.values.is_empty() {
            return Err(wrong("name the grants by their ids, or by --person and --client".into()));
        }
        if usage.name == "people remove" && read.json && !read.yes {
            return Err(wrong("--json needs --yes, since it can't ask".into()));
        }
        for option in ["since", "until"] {
            if read.values.contains_key(option) && read.time(option).is_none() {
                return Err(wrong(format!("--{option} is a time such as 2026-11-29 or 2026-11-29T16:00:00Z")));
            }
        }
        Ok(read)
    }

    pub(super) fn value(&self, option: &str) -> Option<&str> {
        self.values.get(option).map(String::as_str)
    }

    /// A time in milliseconds since 1970; a date means midnight UTC.
    pub(super) fn time(&self, option: &str) -> Option<i64> {
        let text = self.value(option)?;
        time::parse(text).or_else(|| time::parse(&format!("{text}T00:00:00Z")))
    }
}

fn operand(usage: &Usage) -> &str {
    if usage.operand.is_empty() { "operand" } else { usage.operand }
}

/// How to call a topic's commands; all commands if the topic is empty.
pub(super) fn help(topic: &str) -> String {
    let mut text = String::new();
    for usage in COMMANDS.iter().filter(|usage| usage.name.starts_with(topic)) {
        let mut line = format!("mandate {}", usage.name);
        if !usage.operand.is_empty() {
            let _ = write!(line, " {}", usage.operand);
        }
        for option in usage.options {
            let value = match *option {
                "all" | "yes" => "",
                "since" | "until" => " TIME",
                "person" => " ID|E-MAIL",
                _ => " ID",
            };
            let _ = write!(line, " [--{option}{value}]");
        }
        let _ = writeln!(text, "{line}\n    {}", usage.says);
    }
    text + "\n--site identity|stocktrade   which identity service; Mandate identity unless named\n\
            --json                       JSON instead of columns"
}

#[cfg(test)]
mod tests {
    use super::{Arguments, Fault, TOPICS};

    fn wrong(words: &[&str]) -> String {
        match Arguments::read(words) {
            Err(Fault::Wrong(what)) => what,
            other => panic!("{words:?}: {other:?}"),
        }
    }

    #[test]
    fn options_are_read_in_both_spellings() {
        let words = ["audit", "export", "--since=2026-11-29", "--json", "--person", "alice@example.com"];
        let read = Arguments::read(&words).expect("a command");
        assert!(read.json && read.command == "audit export");
        assert_eq!(read.value("person"), Some("alice@example.com"));
        assert_eq!(read.time("since"), foundation::time::parse("2026-11-29T00:00:00Z"));
        assert_eq!(read.time("until"), None);
    }

    #[test]
    fn wrong_arguments_are_named() {
        for (words, what) in [
            (&["people", "vanish"][..], "no command «people vanish»"),
            (&["people", "remove"], "needs one ID|E-MAIL"),
            (&["people", "remove", "x", "--json"], "--json needs --yes"),
            (&["people", "disable", "x", "--yes"], "no option --yes"),
            (&["people", "list", "--person", "x"], "no option --person"),
            (&["people", "list", "x"], "takes no operand"),
            (&["people", "disable"], "needs one ID|E-MAIL"),
            (&["people", "list", "--site", "agent"], "--site is identity or stocktrade"),
            (&["people", "list", "--site"], "--site needs a value"),
            (&["people", "list", "--json=yes"], "--json takes no value"),
            (&["grants", "revoke"], "name the grants"),
            (&["grants", "revoke", "gnt_1", "--client", "x"], "name the grants"),
            (&["audit", "export", "--until", "yesterday"], "--until is a time"),
        ] {
            let said = wrong(words);
            assert!(said.contains(what) && said.contains("--json  "), "{words:?}: {said}");
        }
    }

    #[test]
    fn every_topic_has_help() {
        for topic in TOPICS {
            for words in [&[topic][..], &[topic, "--help"], &[topic, "list", "-h"]] {
                let Err(Fault::Help(text)) = Arguments::read(words) else { panic!("{words:?}") };
                assert!(text.starts_with(&format!("mandate {topic} ")), "{text}");
            }
        }
    }
}
