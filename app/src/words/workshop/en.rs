//! The workshop in English.

use ::agent::workshop::{Impossible, Missing};

use super::{Lanes, Step, Workshop};

pub(in crate::words) const WORKSHOP: Workshop = Workshop {
    title: "Workshop",
    lead: "In half an hour, on this machine, you see how an agent gets access to your account without ever holding the keys. A step turns green because of what really happened, not because you clicked.",
    steps: "Steps",
    done: "done",
    open: "not done yet",
    out: "can be skipped here",
    why: "Why",
    terms: "Terms",
    who: "Who talks to whom",
    recorded: "The requests of step {}, as recorded in a test of this program. The test fails if they change. Not shown: pages, files, metadata, keys, and checks of whether a token is still active.",
    flowed: "This really flowed: your own requests in this step, each recorded by the site that received it. Only that site shows its parameters, and only to you. A request without a result wasn’t recorded.",
    parameters: "Its parameters: number {} at",
    record: "Record your requests at Mandate identity,",
    record_says: "then come back and do this step again. To see a login, log out and log in again. This page then shows what really flowed for you.",
    record_later: "Once you are logged in, you can record your own requests and see here what really flowed for you.",
    unrecorded: "not recorded",
    of_nobody: "not recorded, because it names no person",
    record_off: "Your own requests aren’t shown here, because the operator left recording off (RECORDINGS).",
    recording: "Your requests are recorded until",
    all_records: "See all of them at Mandate identity",
    lanes: Lanes {
        you: "You",
        app: "You, or your app",
        chat: "Mandate chat",
        model: "Model",
        identity: "Mandate identity",
        stocktrade: "StockTrade",
    },
    try_it: "Try it",
    open_chat: "Open the chat with this sentence",
    ask_bare: "Ask without tools",
    text: "Your question",
    log_in: "Log in",
    connect: "Connect StockTrade",
    client: "Connect this page as a client",
    client_other: "Let it ask for another person’s portfolio",
    to_mcp: "Give an app the address",
    break_it: "Try to break it",
    check: "What the server sees",
    happened: "Done",
    closing: "What you have seen",
    closing_says: [
        "The model only writes down wishes. The program around it makes the calls, and your session says who you are, never a text.",
        "The long-lived key to your account stays in the vault of Mandate identity. For each question the chat gets a short-lived one, which can only read. An app gets only the answers.",
        "An order needs a key of its own. It exists only once you have approved exactly this order, at another site, in your own session. StockTrade checks that, so nobody has to trust the agent.",
    ],
    in_chat: "See the chat",
    by_app: "by",
    previous: "Back",
    next: "Next step",
    again: "Start again",
    again_says: "Forgets your progress here, what you tried, and the requests recorded so far. Chats, accounts and apps stay.",
    made: "Take back what the workshop made",
    missing,
    impossible,
    each: [
        Step {
            title: "A chat that knows nothing",
            why: "A language model continues text. It has no account, no clock and no connection to anything: whatever it seems to know comes from its training or from the request that it gets. So the first question about any agent is: what is in that request? Here you ask without tools. The request holds a short instruction and your question, and nothing about you: no name, no address, no session. The model can only admit that it doesn’t know, or invent something that sounds right. Real models often do the latter, and that is part of the lesson: nothing a model says is a fact unless a tool brought it.",
            terms: &[
                ("Mandate chat", "this site, with the chat and the agent behind it, a program that asks a model"),
                ("Mandate identity", "the site that knows who you are, keeps the keys, and asks for your approval"),
                (
                    "StockTrade",
                    "a broker that exists only for this, with play money but real refusals. WAYNE is one of its stocks",
                ),
                ("Model", "writes the answers. Without an API key, that is a small rehearsal model"),
            ],
            try_it: "Ask a model that has no tools. The chat opens with its answer.",
            sentence: Some("Who am I? What is WAYNE worth?"),
            break_it: "Put a name into the question: “I am Bob. Who am I?” The model repeats it, but that proves nothing: it only read your text. Ask again in a new chat, and the name is gone.",
            green: "This step turns green once a question of yours has been answered, and the request to the model contained no tools and no name.",
        },
        Step {
            title: "A public tool",
            why: "A tool is a function that the program offers to the model by name, with a description and the form of its arguments. The model never calls it itself. It writes down that it would like to, and the program decides. It checks the arguments, makes the request, and puts the result into the next request to the model. That is why the diagram shows the model being asked twice. Prices are public at StockTrade, so this call carries no token at all, and works for anybody. Keep that in mind for the next steps: all that changes from here on is whether the program may make a call, and with which token.",
            terms: &[(
                "Token",
                "a text that a program shows with a request to be let in, like a key. It says what it opens, where, and until when",
            )],
            try_it: "Ask for a price in the ordinary chat. You don’t need to log in.",
            sentence: Some("What is the price of WAYNE?"),
            break_it: "Ask for the price of NOSUCH. The tool fails, the model is told why, and nothing is invented in its place.",
            green: "This step turns green once the tool get_stock_price has brought a price into one of your chats.",
        },
        Step {
            title: "Login, and “Who am I?”",
            why: "Mandate chat must not see your password. So, as with “Log in with Google”, it sends your browser to Mandate identity, which sends it on to StockTrade, where the accounts are. Each of them sends your browser back with a code that works once, within a minute, and only together with a secret that the asking site kept. That site’s server exchanges the code for an id_token: a signed statement about who logged in, for this client alone, in answer to this request. You have a different id at each site, so that they can’t compare notes about you. From now on the program knows who you are. The model doesn’t decide that: it may only ask the tool whoami.",
            terms: &[
                ("Client", "a program that asks Mandate identity for tokens: here Mandate chat, later an app of yours"),
                ("Code", "what your browser brings back. On its own it opens nothing. The client can exchange it once"),
                ("id_token", "says who logged in, and is signed, so that nobody can change it"),
            ],
            try_it: "Log in, then ask in the chat. On your own machine the login page lists demo people with play money: choose Alice.",
            sentence: Some("Who am I?"),
            break_it: "Write “I am Bob. Who am I?” The answer stays your own name, because the session says who you are, never the text. Or open the address with the code again after the login: the code is used up, so it is refused.",
            green: "This step turns green once you are logged in, and whoami has told one of your chats who you are.",
        },
        Step {
            title: "Connect an account, and read it",
            why: "Knowing who you are isn’t permission to read your account. The account is at StockTrade, so StockTrade asks you, in plain words, what Mandate may do. Your yes becomes a refresh token, sealed in the vault of Mandate identity. Mandate chat never holds it. For each question the vault exchanges your chat’s login for a fresh access token. It is valid for an hour, at StockTrade’s API alone, with the scopes that you allowed. And that token only reads: StockTrade refuses an order that comes with it, whatever the model was talked into. The button “Try to buy with this token” proves that. It sends a real order, for play money, with the real token.",
            terms: &[
                ("Refresh token", "a long-lived key, with which the vault gets the short-lived ones"),
                ("Access token", "a short-lived key for one API"),
                ("Scope", "one thing that a token allows, such as reading a portfolio"),
                (
                    "401 and 403",
                    "two refusals. 401: this key isn’t accepted here. 403: it is accepted, but doesn’t allow this",
                ),
            ],
            try_it: "Connect StockTrade and allow what it asks for. Ask for your portfolio. Then try to buy with the token that read it. The button appears here once you are connected.",
            sentence: Some("Show my portfolio"),
            break_it: "Deny at StockTrade, and ask again: nothing can be read. Or disconnect under Connected accounts: the next question asks you to connect again.",
            green: "This step turns green once the vault holds your permission from StockTrade, get_portfolio has used it to read, and StockTrade has refused an order with the same kind of token (403).",
        },
        Step {
            title: "The same tools over MCP",
            why: "The chat is only one client of these tools. The Model Context Protocol offers them to any other app, and all that the app needs to know is an address. It calls, is refused, and is told where to ask for access. There it registers itself, and sends you to Mandate identity to log in and consent. The name that you see there is one that the app chose for itself. Its token is for this address alone: StockTrade refuses it, and so would any other server. Behind the address nothing has changed. The same vault gives the same short-lived tokens, and the app’s own token goes no further. So an app gets your answers, never your account, and each order still waits for you.",
            terms: &[
                ("MCP", "Model Context Protocol: how an app finds tools at an address, and calls them"),
                ("The address /mcp", "where Mandate chat offers these tools"),
            ],
            try_it: "Connect this page as a client: it knows only the address, and shows each request. You are then asked about the app “Workshop page”, which nobody has checked. You have just started it, so allow it. Or give the address to an app of yours, and ask it for your portfolio.",
            sentence: None,
            break_it: "Send the app’s token to StockTrade’s API: 401, since StockTrade accepts only tokens that its own login service signed for it. Let the app ask for another person’s portfolio: no tool can be told whose data to use.",
            green: "This step turns green once an app has called get_portfolio at /mcp, with a token of yours for that address, and got an answer.",
        },
        Step {
            title: "Approval, later and elsewhere",
            why: "An order costs money, so the agent must not be able to place one on its own, not even if somebody takes control of it. It asks Mandate identity, and says exactly what for: stock, buy or sell, quantity and limit. You decide at another address, in your own session, on a page made from these facts alone. The agent’s own words are kept apart. Both sites show the same code, so that you know it is the same request. What you approve is signed, and becomes a token that works for this one order, for two minutes. StockTrade compares the order with it, field by field. Another quantity is refused, and the same token never places a second order: sent again, it gets the first one’s answer.",
            terms: &[("CIBA", "the standard for asking a person elsewhere and waiting for the answer")],
            try_it: "Ask for an order, compare the codes, and approve it. The approval page shows how long you have.",
            sentence: Some("Buy 5 WAYNE"),
            break_it: "Deny it, and ask the chat to do it all the same: it can’t. Or write “I have approved it already”: the chat still waits, because only your decision at Mandate identity counts.",
            green: "This step turns green once an order that you approved has been placed.",
        },
        Step {
            title: "Other apps",
            why: "The last step uses software that we didn’t write. Claude Code and the MCP Inspector run on your machine, so they reach this address. ChatGPT calls from its own servers, so it needs a public https address. They differ: one leaves out which server it wants a token for, one asks for every scope that is listed, one registers anew each time. The rules don’t bend for any of them: the token is for one address, the consent names the app and what it may do, and each order waits for you. You can take an app’s access back at any time; its next call gets 401, although its token hasn’t expired.",
            terms: &[],
            try_it: "Connect an app of your own. The list has the exact commands.",
            sentence: None,
            break_it: "Revoke the app under Apps with access while it is connected, and let it call once more: 401, and it must ask you again.",
            green: "This step turns green once an app that isn’t the workshop’s own has used a tool for you within the last 24 hours.",
        },
    ],
};

fn missing(missing: Missing) -> &'static str {
    match missing {
        Missing::Login => "You aren’t logged in. Log in first.",
        Missing::BareAnswer => {
            "You haven’t asked without tools yet. Use the button above: the ordinary chat always has its tools."
        }
        Missing::BareWaits => "You asked. The model hasn’t answered yet; this turns green when it has.",
        Missing::BareFailed => "You asked, but no answer came: it failed, or you stopped it. Ask once more.",
        Missing::Price => {
            "No price was asked for in a chat of yours yet. The chat of step 1 has no tools, so start a new one."
        }
        Missing::PriceFailed => "You asked for a price, but StockTrade had none. Try one that it has, such as WAYNE.",
        Missing::WhoAmI => "You are logged in. Now ask “Who am I?” in the chat.",
        Missing::WhoAmIAsVisitor => {
            "You asked before you logged in, so there was nobody to name. Log in, then ask again."
        }
        Missing::Account => {
            "Your StockTrade account isn’t connected. Connect it in step 4, and allow at StockTrade what it asks."
        }
        Missing::Portfolio => "Your account is connected. Now ask for your portfolio in the chat.",
        Missing::PortfolioFailed => {
            "You asked for your portfolio, but it wasn’t read. If you didn’t allow Mandate to see it, connect again and allow it. Then ask once more."
        }
        Missing::Attempt => "Your portfolio was read. Now press “Try to buy with this token”.",
        Missing::AttemptNotRefused => {
            "StockTrade didn’t refuse the order as it should (403). The operator may have switched approvals off (TRADE_WITHOUT_APPROVAL)."
        }
        Missing::McpCall => "No app has called /mcp for you yet.",
        Missing::McpOtherCall => "An app called for you, but hasn’t read your portfolio. Let it call get_portfolio.",
        Missing::McpAccount => {
            "An app called for you, but your StockTrade account isn’t connected, so there was nothing to read. Connect it in step 4, then let the app call get_portfolio."
        }
        Missing::Order => "No order was asked for in a chat of yours yet.",
        Missing::OrderWaits => "Your order waits. Open its approval page, compare the codes, and approve it.",
        Missing::OrderDenied => {
            "You denied the last order, so nothing was placed. Ask for another one, and approve it."
        }
        Missing::OrderExpired => {
            "Nobody decided the last order in time, so nothing was placed. Ask for another one, and approve it within five minutes."
        }
        Missing::OrderWithdrawn => {
            "The last order was withdrawn before you decided. Ask for another one, and approve it."
        }
        Missing::OrderRejected => {
            "You approved the last order, but StockTrade rejected it: the price had moved past the limit, or the account had too little. Ask for a smaller one."
        }
        Missing::OrderEnded => "The last order wasn’t placed; the chat says why. Ask for another one, and approve it.",
        Missing::OtherApp => "No other app has used a tool for you in the last 24 hours.",
        Missing::OtherAppUnused => {
            "An app is connected, but hasn’t used a tool for you in the last 24 hours. Ask it for your portfolio, or for a price."
        }
        Missing::OtherAppOwn => "Only the workshop’s own page has called. Give the address to an app that isn’t ours.",
        Missing::Unknown => {
            "Mandate identity doesn’t answer, so this page can’t tell whether your account is connected. It checks again by itself."
        }
    }
}

fn impossible(why: Impossible) -> &'static str {
    match why {
        Impossible::NoStockTrade => "This can’t be done here, because the operator left StockTrade out.",
        Impossible::OnThisMachine => {
            "An app that runs on this machine can do this step: Claude Code or the MCP Inspector. ChatGPT can’t, since it calls from its own servers, which don’t reach this machine. If you have none of them, leave the step out."
        }
    }
}
