//! The long texts in German.

use super::{
    text::{Mcp, Way, Words},
    workshop,
};

pub(super) const WORDS: Words = Words {
    mcp: Mcp {
        title: "Mandate in deiner KI-App",
        lead: "Diese Adresse ist ein Server des Model Context Protocol (MCP). Eine App, der du sie gibst, kann die Werkzeuge dieses Chats für dich benutzen: dein Depot lesen und Aufträge vorbereiten, die nur du freigeben kannst. Sie bittet dich zuerst um Zugriff, und den kannst du jederzeit entziehen.",
        address: "Die Adresse für deine App",
        copy: "Kopieren",
        works: "Klappt es?",
        visitor: "Melde dich hier an, dann wird das grün, sobald der erste Aufruf deiner App ankommt.",
        waiting: "Für dich ist noch kein Aufruf angekommen. Das wird grün, sobald der erste da ist.",
        called: "Es klappt. {} hat für dich aufgerufen",
        clients: "So gibst du sie einer App",
        ways: &[
            Way {
                name: "MCP Inspector",
                first: "Zeigt, was ein Server anbietet. Er braucht Node.js 22. Starte:",
                paste: "npx @modelcontextprotocol/inspector@latest --transport http --server-url {address}",
                then: "Wähle Connect. Wenn die Seite des Inspectors diese Adresse selbst aufruft, muss ihre Herkunft beim Betreiber in MCP_ORIGINS stehen.",
            },
            Way {
                name: "Claude Code",
                first: "Starte:",
                paste: "claude mcp add --transport http mandate {address}",
                then: "Gib dann in Claude Code /mcp ein, und wähle mandate, um dich anzumelden.",
            },
            Way {
                name: "Cursor",
                first: "Schreibe in ~/.cursor/mcp.json:",
                paste: "{ \"mcpServers\": { \"mandate\": { \"url\": \"{address}\" } } }",
                then: "Öffne dann die Einstellungen von Cursor, und melde dich bei mandate an.",
            },
            Way {
                name: "VS Code",
                first: "Starte:",
                paste: "code --add-mcp '{\"name\":\"mandate\",\"type\":\"http\",\"url\":\"{address}\"}'",
                then: "Starte dann den Server in der Liste der MCP-Server, und melde dich an.",
            },
        ],
        chatgpt: Way {
            name: "ChatGPT",
            first: "Lege im Entwicklermodus eine App (Connector) mit OAuth an, und gib ihr diese Adresse:",
            paste: "{address}",
            then: "Verbinde sie dann, und wähle sie in einem Chat aus.",
        },
        chatgpt_local: "ChatGPT ruft von seinen eigenen Servern aus auf und erreicht deshalb keine Adresse auf diesem Rechner. Es braucht eine öffentliche https-Adresse.",
        next: "Alle Apps mit Zugriff auf dein Konto",
    },
    workshop: workshop::de::WORKSHOP,
};
