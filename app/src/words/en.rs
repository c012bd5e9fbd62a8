//! The long texts in English.

use super::{
    text::{Mcp, Way, Words},
    workshop,
};

pub(super) const WORDS: Words = Words {
    mcp: Mcp {
        title: "Use Mandate in your AI app",
        lead: "This address is a server of the Model Context Protocol (MCP). An app that you give it to can use the tools of this chat for you: read your portfolio, and prepare orders that only you can approve. It asks you for access first, and you can revoke that at any time.",
        address: "The address for your app",
        copy: "Copy",
        works: "Does it work?",
        visitor: "Log in here, and this turns green when your app’s first call arrives.",
        waiting: "No call has arrived for you yet. This turns green when the first one does.",
        called: "It works. {} called for you",
        clients: "How to give it to an app",
        ways: &[
            Way {
                name: "MCP Inspector",
                first: "Shows what a server offers. It needs Node.js 22. Run:",
                paste: "npx @modelcontextprotocol/inspector@latest --transport http --server-url {address}",
                then: "Choose Connect. If the Inspector’s page calls this address itself, the operator must list its origin in MCP_ORIGINS.",
            },
            Way {
                name: "Claude Code",
                first: "Run:",
                paste: "claude mcp add --transport http mandate {address}",
                then: "Then type /mcp in Claude Code, and choose mandate to log in.",
            },
            Way {
                name: "Cursor",
                first: "Put this into ~/.cursor/mcp.json:",
                paste: "{ \"mcpServers\": { \"mandate\": { \"url\": \"{address}\" } } }",
                then: "Then open Cursor’s settings, and log in at mandate.",
            },
            Way {
                name: "VS Code",
                first: "Run:",
                paste: "code --add-mcp '{\"name\":\"mandate\",\"type\":\"http\",\"url\":\"{address}\"}'",
                then: "Then start the server from the list of MCP servers, and log in.",
            },
        ],
        chatgpt: Way {
            name: "ChatGPT",
            first: "In developer mode, create an app (connector) with OAuth, and give it this address:",
            paste: "{address}",
            then: "Then connect it, and choose it in a chat.",
        },
        chatgpt_local: "ChatGPT calls from its own servers, so it can’t reach an address on this machine. It needs a public https address.",
        next: "All apps with access to your account",
    },
    workshop: workshop::en::WORKSHOP,
};
