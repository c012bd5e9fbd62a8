//! Names that clients give themselves: nothing invisible in them, and none that imitates ours
//! (security.md line 36).

use crate::Tenant;

/// The longest name, in characters.
const LONGEST: usize = 80;

/// Whether a self-registered client may call itself so.
///
/// # Errors
/// What is wrong, in words for the client's developer.
pub(crate) fn check(tenant: &Tenant, name: &str) -> Result<(), &'static str> {
    if name.trim().is_empty() || name.chars().count() > LONGEST {
        return Err("client_name has 1 to 80 characters");
    }
    if is_hidden_in(name) || mixes_scripts(name) {
        return Err("client_name holds control characters, or letters of several scripts in one name");
    }
    let config = &tenant.config;
    let clients = config.clients.iter().filter(|client| client.first_party).map(|client| client.name.as_str());
    let titles = config.connections.iter().map(|connection| connection.title.as_str());
    let brand = config.title.split(' ').next().unwrap_or_default();
    let ours = clients.chain(titles).chain([config.title.as_str(), brand]);
    let name = skeleton(name);
    if ours.map(skeleton).any(|ours| ours.len() >= 4 && name.contains(&ours)) {
        return Err("client_name imitates a name of this service");
    }
    Ok(())
}

/// Control and format characters, bidirectional ones included: what a reader can't see (Unicode TR 36 §3).
pub(crate) fn is_hidden_in(text: &str) -> bool {
    text.chars().any(|c| {
        c.is_control()
            || matches!(u32::from(c),
                0xAD | 0x61C | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180E | 0x200B..=0x200F | 0x2028..=0x202E
                | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB | 0x1D173..=0x1D17A
                | 0x1D400..=0x1D7FF | 0xE0000..=0xE0FFF)
    })
}

/// Latin beside Cyrillic, Greek, Armenian or Cherokee, whose letters look alike.
fn mixes_scripts(text: &str) -> bool {
    let latin = text.chars().any(|c| c.is_ascii_alphabetic() || matches!(u32::from(c), 0xC0..=0x24F));
    let alike = text.chars().any(
        |c| matches!(u32::from(c), 0x370..=0x3FF | 0x400..=0x52F | 0x531..=0x58F | 0x13A0..=0x13FF | 0x1F00..=0x1FFF),
    );
    latin && alike
}

/// What a name looks like at a glance: letters alone, look-alikes as one (after Unicode TS 39 §4).
fn skeleton(text: &str) -> String {
    let plain = |c: char| -> Option<char> {
        // Full-width forms.
        let c = match u32::from(c) {
            wide @ 0xFF01..=0xFF5E => char::from_u32(wide - 0xFEE0)?,
            _ => c,
        };
        Some(match c {
            '0' | 'о' | 'ο' | 'ø' | 'ö' | 'ó' | 'ò' | 'ô' | 'õ' => 'o',
            '1' | '|' | '!' | 'i' | 'l' | 'ı' | 'і' | 'ι' | 'í' | 'ì' | 'î' | 'ï' | 'ł' | 'ӏ' => 'l',
            '3' | 'е' | 'ε' | 'é' | 'è' | 'ê' | 'ë' | 'ё' => 'e',
            '4' | '@' | 'а' | 'α' | 'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' => 'a',
            '5' | '$' | 'ѕ' | 'š' | 'ş' => 's',
            '7' | 'т' | 'τ' | 'ť' => 't',
            'м' | 'μ' => 'm',
            'в' | 'β' => 'b',
            'н' => 'h',
            'ν' => 'v',
            'ζ' => 'z',
            'п' | 'η' | 'ñ' | 'ń' | 'ո' => 'n',
            'к' | 'κ' => 'k',
            'с' | 'ç' | 'ć' | 'č' => 'c',
            'ԁ' | 'đ' | 'ď' => 'd',
            'г' | 'ř' => 'r',
            'р' | 'ρ' => 'p',
            'у' | 'ү' | 'γ' | 'ý' | 'ÿ' => 'y',
            'х' | 'χ' => 'x',
            c if c.is_alphabetic() => c,
            _ => return None,
        })
    };
    let letters: String = text.to_lowercase().chars().filter_map(plain).collect();
    letters.replace("rn", "m").replace("vv", "w").replace("cl", "d")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// security.md line 36.
    #[test]
    fn line_36_look_alikes_have_one_skeleton() {
        for name in
            ["mandate", "MANDATE", "Μаndаtе", "M a n d a t e", "m4nd4te", "ｍａｎｄａｔｅ", "rnandate", "Màndaté"]
        {
            assert_eq!(skeleton(name), skeleton("Mandate").as_str(), "{name}");
        }
        assert_ne!(skeleton("Claude Code"), skeleton("Mandate"));
    }

    /// security.md line 36.
    #[test]
    fn line_36_hidden_characters_and_mixed_scripts_are_seen() {
        for name in ["a\u{202e}b", "a\u{200b}b", "a\nb", "a\u{0}b", "a\u{feff}", "a\u{e0041}b", "𝐌andate"] {
            assert!(is_hidden_in(name), "{name:?}");
        }
        assert!(mixes_scripts("Claude Сode"));
        for name in ["Claude Code", "Приложение", "Éditeur", "MCP インスペクター", "Cursor (Anysphere)"]
        {
            assert!(!is_hidden_in(name) && !mixes_scripts(name), "{name}");
        }
    }
}
