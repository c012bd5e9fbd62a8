//! JSON from outside, read into types. An object is never read from an array.
//!
//! serde's derived structs also accept an array of their members in order. `["tools/call", {…}]` would then be a
//! message that escapes every check by name (THREATS.md line 67). All untrusted JSON is read here.

use serde::de::DeserializeOwned;

mod strict;

/// Reads a JSON text. Every struct in it, at any depth, must be an object.
///
/// # Errors
/// When the text isn't JSON, doesn't fit the type, or has an array in place of an object.
pub fn read<T: DeserializeOwned>(text: &[u8]) -> serde_json::Result<T> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let value = T::deserialize(strict::Strict(&mut reader))?;
    reader.end()?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::value::RawValue;

    use super::read;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Inner {
        name: String,
        #[serde(default)]
        count: u32,
    }

    #[derive(Debug, Deserialize)]
    struct Outer {
        inner: Inner,
        maybe: Option<Inner>,
        #[serde(default)]
        list: Vec<Inner>,
        raw: Option<Box<RawValue>>,
        #[serde(default)]
        any: serde_json::Value,
        choice: Option<Choice>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "lowercase")]
    enum Choice {
        Plain,
        One(Inner),
        Named { inner: Inner },
    }

    #[test]
    fn line_67_no_struct_is_read_from_a_list() {
        for wrong in [
            r#"["a", 1]"#,
            r#"[{"name": "a"}]"#,
            "[]",
            r#"{"inner": ["a", 1]}"#,
            r#"{"inner": {"name": "a"}, "maybe": ["b", 2]}"#,
            r#"{"inner": {"name": "a"}, "list": [["b", 2]]}"#,
            r#"{"inner": {"name": "a"}, "choice": {"one": ["b", 2]}}"#,
            r#"{"inner": {"name": "a"}, "choice": {"named": [{"name": "b"}]}}"#,
            r#"{"inner": {"name": "a"}, "choice": {"named": {"inner": ["b", 2]}}}"#,
            r#"{"inner": {"name": "a"}} x"#,
        ] {
            assert!(read::<Outer>(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn other_types_are_read_as_by_serde() {
        let text = r#"{"inner": {"name": "a", "count": 2}, "maybe": null, "list": [{"name": "b"}],
            "raw": [1, {"b":2}], "any": [1, [2]], "choice": {"named": {"inner": {"name": "c"}}}}"#;
        let read_back: Outer = read(text.as_bytes()).expect("it fits");
        assert_eq!((read_back.inner.name.as_str(), read_back.inner.count), ("a", 2));
        assert_eq!(read_back.maybe, None);
        assert_eq!(read_back.list, [Inner { name: "b".into(), count: 0 }]);
        assert_eq!(read_back.raw.map(|raw| raw.get().to_owned()).as_deref(), Some(r#"[1, {"b":2}]"#));
        assert_eq!(read_back.any, serde_json::json!([1, [2]]));
        assert_eq!(read_back.choice, Some(Choice::Named { inner: Inner { name: "c".into(), count: 0 } }));
        let choices: Vec<Choice> = read(br#"["plain", {"one": {"name": "d"}}]"#).expect("a list is a list");
        assert_eq!(choices, [Choice::Plain, Choice::One(Inner { name: "d".into(), count: 0 })]);
        // A duplicate key is refused, as serde does.
        assert!(read::<Inner>(br#"{"name": "a", "name": "b"}"#).is_err());
    }
}
