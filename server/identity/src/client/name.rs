//! Checks of names that clients choose for themselves: no invisible characters, and no imitation of our names
//! (THREATS.md line 36).

use shared::text::is_invisible;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_security::{
    GeneralSecurityProfile, MixedScript, RestrictionLevel, RestrictionLevelDetection, mixed_script::AugmentedScriptSet,
};

use crate::state::Identity;

/// Maximum length of a name, in characters.
const LONGEST: usize = 80;

/// Whether a client that registers itself may use this name.
///
/// # Errors
/// An explanation for the client's developer.
pub(crate) fn check(identity: &Identity, name: &str) -> Result<(), &'static str> {
    if name.trim().is_empty() || name.chars().count() > LONGEST {
        return Err("client_name has 1 to 80 characters");
    }
    if is_hidden_in(name) || mixes_scripts(name) || has_phonetic_letters(name) {
        return Err("client_name holds control characters, phonetic letters, or letters of several scripts");
    }
    let config = &identity.config;
    let clients = config.clients.iter().filter(|client| client.first_party).map(|client| client.name.as_str());
    let titles = config.connections.iter().map(|connection| connection.title.as_str());
    let brand = config.title.split(' ').next().unwrap_or_default();
    let ours = clients.chain(titles).chain([config.title.as_str(), brand]);
    let ours: Vec<String> = ours.map(skeleton).filter(|ours| ours.len() >= 4).collect();
    if imitates(name, &ours) {
        return Err("client_name imitates a name of this service");
    }
    Ok(())
}

/// Words that claim something about a name without making it a different one.
const CLAIMS: [&str; 49] = [
    "a",
    "account",
    "accounts",
    "admin",
    "agent",
    "app",
    "application",
    "approved",
    "apps",
    "assistant",
    "authentic",
    "authorised",
    "authorized",
    "by",
    "care",
    "certified",
    "client",
    "customer",
    "desktop",
    "from",
    "genuine",
    "help",
    "helpdesk",
    "login",
    "mobile",
    "my",
    "new",
    "of",
    "official",
    "officially",
    "online",
    "original",
    "our",
    "portal",
    "real",
    "safe",
    "secure",
    "security",
    "service",
    "services",
    "staff",
    "support",
    "supported",
    "team",
    "the",
    "trusted",
    "verified",
    "web",
    "your",
];

/// Whether a name is, or begins with, one of `ours`, for a reader who skips brackets, signs and [`CLAIMS`]. A name that
/// only contains ours (`Claude Code (mandate)`) tells which server it was set up for.
fn imitates(name: &str, ours: &[String]) -> bool {
    let is_bracket = |c: char| "()[]{}<>（）［］｛｝【】「」《》〈〉".contains(c);
    let opened: String = name.chars().map(|c| if is_bracket(c) { ' ' } else { c }).collect();
    let claims: Vec<String> = CLAIMS.iter().map(|word| skeleton(word)).collect();
    [opened, outside_brackets(name)].iter().any(|text| {
        // Signs and digits may stand for letters, or just precede them.
        let kept = |keep: fn(char) -> bool| {
            let words = text.split_whitespace().map(|word| word.trim_matches(|c| !keep(c)));
            let words = words.filter(|word| word.chars().any(char::is_alphabetic));
            skeleton(&words.filter(|word| !claims.contains(&skeleton(word))).collect::<String>())
        };
        let read = [skeleton(text), kept(char::is_alphanumeric), kept(char::is_alphabetic)];
        read.iter().any(|read| begins(read, ours, &claims))
    })
}

/// Whether a skeleton begins with one of `ours`, after any number of claims.
fn begins(text: &str, ours: &[String], claims: &[String]) -> bool {
    ours.iter().any(|ours| text.starts_with(ours.as_str()))
        || claims.iter().filter_map(|word| text.strip_prefix(word.as_str())).any(|rest| begins(rest, ours, claims))
}

/// The text outside brackets of any kind.
fn outside_brackets(text: &str) -> String {
    let mut depth = 0_usize;
    let mut outside = String::new();
    for c in text.chars() {
        match c {
            '(' | '[' | '{' | '<' | '（' | '［' | '｛' | '【' | '「' | '《' | '〈' => depth += 1,
            ')' | ']' | '}' | '>' | '）' | '］' | '｝' | '】' | '」' | '》' | '〉' => {
                depth = depth.saturating_sub(1)
            }
            c if depth == 0 => outside.push(c),
            _ => {}
        }
    }
    outside
}

/// Invisible characters, and mathematical letters, which look like plain ones (Unicode TR 36 §3).
pub(crate) fn is_hidden_in(text: &str) -> bool {
    text.chars().any(|c| c.is_control() || is_invisible(c) || matches!(c, '\u{1d400}'..='\u{1d7ff}'))
}

/// Letters of several scripts that aren't written together (the levels of Unicode TS 39 §5.2). A word may only mix
/// scripts as Japanese, Chinese or Korean do. A name may also have Latin words next to another script's, but not next
/// to Cyrillic or Greek ones, whose letters look alike.
fn mixes_scripts(text: &str) -> bool {
    let mixed = |text: &str, level| !text.is_single_script() && !text.check_restriction_level(level);
    let letters = |c: &char| c.is_alphabetic() || is_combining_mark(*c);
    let normal: String = text.nfkc().collect();
    let all: String = normal.chars().filter(letters).collect();
    normal.split(|c| !letters(&c)).any(|word| mixed(word, RestrictionLevel::HighlyRestrictive))
        || mixed(&all, RestrictionLevel::ModeratelyRestrictive)
}

/// Unused Latin letters, phonetic and obsolete ones (Unicode TS 39 §3.1): most look like other letters, but are in no
/// table of look-alikes.
fn has_phonetic_letters(text: &str) -> bool {
    let latin = AugmentedScriptSet::for_char('a');
    text.nfkc().any(|c| AugmentedScriptSet::for_char(c) == latin && !c.identifier_allowed())
}

/// A name's appearance at a glance: only letters, without marks and case, with look-alikes unified (Unicode TS 39 §4).
fn skeleton(text: &str) -> String {
    // Twice, because capitals and small letters have different look-alikes.
    let letters: String = prototypes(&prototypes(text)).chars().filter_map(plain).collect();
    letters.replace("rn", "m").replace("vv", "w").replace("cl", "d")
}

fn prototypes(text: &str) -> String {
    let letters: String = text.nfkd().collect();
    unicode_security::skeleton(&letters).filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

/// Look-alikes that the tables distinguish: digits read as letters, letters in boxes, turned and barred ones.
fn plain(c: char) -> Option<char> {
    let boxed = |a: u32| char::from_u32(u32::from('a') + u32::from(c) - a);
    match u32::from(c) {
        0x1F150..=0x1F169 => return boxed(0x1F150),
        0x1F170..=0x1F189 => return boxed(0x1F170),
        0x1F1E6..=0x1F1FF => return boxed(0x1F1E6),
        _ => {}
    }
    Some(match c {
        '0' => 'o',
        '1' | '|' | '!' | 'i' => 'l',
        '3' | 'ꞓ' | 'ǝ' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        '∂' => 'd',
        'ʉ' => 'u',
        c if c.is_alphabetic() => c,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// THREATS.md line 36.
    #[test]
    fn line_36_look_alikes_have_one_skeleton() {
        for name in [
            "mandate",
            "MANDATE",
            "M a n d a t e",
            "m4nd4te",
            "rnandate",
            "Mandate\u{301}",
            "M\u{336}andate",
            "Ma\u{363}ndate",
            "ｍａｎｄａｔｅ",
            "Μаndаtе",
            "МΑΝDΑТЕ",
            "Mɑndɑte",
            "ᵐᵃⁿᵈᵃᵗᵉ",
            "Ⓜⓐⓝⓓⓐⓣⓔ",
            "🄼🄰🄽🄳🄰🅃🄴",
            "🅼🅰🅽🅳🅰🆃🅴",
            "🅜🅐🅝🅓🅐🅣🅔",
            "🇲🇦🇳🇩🇦🇹🇪",
            "ꓟꓮꓠꓓꓮꓔꓰ",
            "Màndaté",
            "Mandatė",
            "Mạndate",
            "Mandaţe",
            "Manđate",
            "Mandåte",
            "Mandatɛ",
            "Mandatə",
        ] {
            assert_eq!(skeleton(name), skeleton("Mandate").as_str(), "{name}");
        }
        assert_eq!(skeleton("StọckTrade"), skeleton("StockTrade"));
        for name in ["Claude Code", "Mandarin tutor", "Management", "Candidate"] {
            assert!(!skeleton(name).contains(&skeleton("Mandate")), "{name}");
        }
    }

    /// THREATS.md line 36.
    #[test]
    fn line_36_a_name_may_contain_ours_not_begin_with_it() {
        let ours: Vec<String> = ["Mandate", "StockTrade"].map(skeleton).to_vec();
        for name in [
            "Mandate",
            "Mandate chat",
            "M a n d a t e",
            "mandate CHAT (official)",
            "(Mandate) chat",
            "[official] Mandate",
            "(my) Mandate",
            "(Claude) Mandate",
            "Official Mandate app",
            "The verified Mandate",
            "0fficial Mandate",
            "O f f i c i a l Mandate",
            "Support by StockTrade",
            "Stock (official) Trade",
            "Stock Official Trade",
            "| Mandate",
            "1. Mandate",
            "#1Mandate",
            "! 5tockTrade",
            "✅ Mandate",
            "« Mandate »",
            "【Mandate】",
            "App: Mandate",
            "Mandate) chat",
            "Admin @ Mandate",
            "Approved Mandate assistant",
            "Mandates",
        ] {
            assert!(imitates(name, &ours), "{name}");
        }
        for name in [
            "Claude Code (mandate)",
            "Claude Code [StockTrade]",
            "Cursor: mandate",
            "MCP client for Mandate",
            "Mandarin tutor",
            "Stock watcher",
            "An application without a name",
            "Official Claude app",
            "App",
        ] {
            assert!(!imitates(name, &ours), "{name}");
        }
    }

    /// THREATS.md line 36.
    #[test]
    fn line_36_hidden_and_mixed_script_names_are_refused() {
        for name in ["a\u{202e}b", "a\u{200b}b", "a\nb", "a\u{0}b", "a\u{feff}", "a\u{e0041}b", "𝐌andate"] {
            assert!(is_hidden_in(name), "{name:?}");
        }
        for name in ["Claude Сode", "Clαude", "маndате", "Ꮇandate", "Claude C\u{585}de"] {
            assert!(mixes_scripts(name), "{name}");
        }
        for name in ["ᴍᴀɴᴅᴀᴛᴇ", "Mandɐte", "Mandaʇe", "ᶆandate"] {
            assert!(has_phonetic_letters(name), "{name}");
        }
        for name in [
            "Claude Code",
            "Cursor (Anysphere)",
            "Éditeur",
            "Señor Straße",
            "Ćwikła",
            "Łódź 3.0",
            "Việt Nam",
            "Ẹ̀kọ́ ɛ",
            "Nº 1",
            "ﬁne",
            "Приложение",
            "Ελληνικά",
            "Հայերեն",
            "עברית",
            "تطبيق",
            "हिन्दी ऐप",
            "ไทย",
            "한국어 앱",
            "中文客户端",
            "日本語クライアント",
            "MCP インスペクター",
            "MCPクライアント",
            "MCP عربي",
            "MCP עברית",
            "ᐃᓄᒃᑎᑐᑦ",
        ] {
            assert!(!is_hidden_in(name) && !mixes_scripts(name) && !has_phonetic_letters(name), "{name}");
        }
    }
}
