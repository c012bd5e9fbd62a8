//! Properties of the reader over random types and texts: accepted text is canonical, equal texts have equal values, and
//! the JSON Schema accepts them.

mod support;

use std::sync::Arc;

use details::{Detail, Type};
use proptest::{collection::vec, prelude::*};
use serde_json::Value;

/// A member in TOML without its name, and a strategy for its JSON values.
type Made = (String, BoxedStrategy<Value>);

fn member() -> impl Strategy<Value = Made> {
    let text = |strategy: BoxedStrategy<String>| strategy.prop_map(Value::from).boxed();
    prop_oneof![
        Just((
            "kind = 'choice'\nwords = { A = 'First', B-2 = 'Second', c_3 = 'Third' }".to_owned(),
            text(prop_oneof![Just("A".to_owned()), Just("B-2".into()), Just("c_3".into())].boxed()),
        )),
        (1_usize..4, 4_usize..9).prop_map(move |(least, most)| (
            format!("kind = 'code'\nprefix = 'x-'\nletters = 'A-F0-9.:-'\nlength = [{}, {}]", least + 2, most + 2),
            text(format!("x-[A-F0-9.:-]{{{least},{most}}}").prop_map_into_string()),
        )),
        (1_usize..4, 4_usize..30).prop_map(move |(least, most)| (
            format!("kind = 'text'\nlength = [{least}, {most}]"),
            text(format!("[a-zäöü#]{{{least},{most}}}").prop_map_into_string()),
        )),
        (-5_000_i64..0, 0_i64..9_000_000).prop_map(|(from, to)| (
            format!("kind = 'integer'\nrange = [{from}, {to}]"),
            (from..=to).prop_map(Value::from).boxed(),
        )),
        (0_u8..5, -900_i64..0, 0_i64..900_000).prop_map(move |(places, from, to)| {
            let decimal = move |units| details::Decimal::new(units, places).expect("it fits").to_string();
            (
                format!("kind = 'decimal'\nplaces = {places}\nrange = ['{}', '{}']", decimal(from), decimal(to)),
                (from..=to).prop_map(move |units| Value::from(decimal(units))).boxed(),
            )
        }),
        Just((
            "kind = 'date'".to_owned(),
            (1_i16..9999, 1_u8..=12, 1_u8..=28)
                .prop_map(|(year, month, day)| Value::from(format!("{year:04}-{month:02}-{day:02}")))
                .boxed(),
        )),
        Just((
            "kind = 'time'".to_owned(),
            (0_u8..24, 0_u8..60).prop_map(|(hour, minute)| Value::from(format!("{hour:02}:{minute:02}"))).boxed(),
        )),
    ]
}

/// Turns a regular expression into a strategy.
trait Regex {
    fn prop_map_into_string(&self) -> BoxedStrategy<String>;
}

impl Regex for String {
    fn prop_map_into_string(&self) -> BoxedStrategy<String> {
        proptest::string::string_regex(self).expect("an expression").boxed()
    }
}

/// A type with one to six members, and values for them.
fn request() -> impl Strategy<Value = (Arc<Type>, Vec<(String, Value)>)> {
    vec(member(), 1..7).prop_flat_map(|members| {
        let mut file = "[[api]]\nid = 'a'\naudience = 'https://a.example'\nurl = 'https://a.example'\n\
                        scopes = { s = 'Use it' }\n[[api.type]]\nname = 'made_up'\nscope = 's'\ntitle = '{m0}'\n"
            .to_owned();
        for (at, (toml, _)) in members.iter().enumerate() {
            file += &format!("[[api.type.member]]\nname = 'm{at}'\nlabel = 'Member {at}'\n{toml}\n");
        }
        let apis = support::read(&file).unwrap_or_else(|wrong| panic!("{wrong}\n{file}"));
        let (_, kind) = apis.of_type("made_up").expect("the type");
        let kind = kind.clone();
        let values: Vec<_> = members.into_iter().map(|(_, value)| value).collect();
        values.prop_map(move |values| {
            let members = values.into_iter().enumerate().map(|(at, value)| (format!("m{at}"), value));
            (kind.clone(), members.chain([("type".to_owned(), "made_up".into())]).collect())
        })
    })
}

fn read(kind: &Arc<Type>, entry: &str) -> Option<Detail> {
    details::read::read_one(&format!("[{entry}]"), |name| (name == kind.name).then(|| kind.clone())).ok()
}

fn written(members: &[(String, Value)]) -> String {
    let members = members.iter().map(|(name, value)| format!("\"{name}\" : {value}"));
    format!("{{ {} }}", members.collect::<Vec<_>>().join(" ,\n"))
}

proptest! {
    #[test]
    fn what_is_accepted_is_canonical((kind, mut members) in request(), by in any::<usize>()) {
        let detail = read(&kind, &written(&members)).expect("right values are accepted");
        let all = members.len();
        members.rotate_left(by % all);
        let other = read(&kind, &written(&members)).expect("in any order");
        prop_assert_eq!(&detail, &other);
        prop_assert_eq!(detail.canonical(), other.canonical());
        let again = read(&kind, &detail.canonical()).expect("the canonical form is accepted");
        prop_assert_eq!(&again, &detail);
        prop_assert_eq!(again.canonical(), detail.canonical());
        let schema = jsonschema::validator_for(&kind.schema()).expect("a schema");
        prop_assert!(schema.is_valid(&detail.json()), "{} against {}", detail.canonical(), kind.schema());
        prop_assert!(detail.rows().iter().all(|(label, words)| !label.is_empty() && !words.is_empty()));
    }

    #[test]
    fn a_changed_text_is_refused_or_another_value(
        (kind, members) in request(), at in any::<usize>(), cut in 0_usize..3,
        put in prop_oneof![Just(String::new()), "[0-9.eE+\\-\"{},: a-zA-Z_\u{200b}\u{202e}Ααа]{1,3}"],
    ) {
        let detail = read(&kind, &written(&members)).expect("right values are accepted");
        let text = detail.canonical();
        let mut chars: Vec<char> = text.chars().collect();
        let at = at % chars.len();
        let end = (at + cut).min(chars.len());
        chars.splice(at..end, put.chars());
        let changed: String = chars.into_iter().collect();
        if let Some(other) = read(&kind, &changed) {
            // The reader reads a value as every other JSON parser does.
            let plain: Value = serde_json::from_str(&changed).expect("JSON");
            prop_assert_eq!(other.json(), plain.clone(), "{}", changed);
            prop_assert_eq!(other == detail, other.canonical() == text, "{}", changed);
            let schema = jsonschema::validator_for(&kind.schema()).expect("a schema");
            prop_assert!(schema.is_valid(&plain), "{}", changed);
        }
    }

    #[test]
    fn any_text_is_read_without_a_panic((kind, _) in request(), text in "\\PC{0,80}") {
        let _ = read(&kind, &text);
    }
}
