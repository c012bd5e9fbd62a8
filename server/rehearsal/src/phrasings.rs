//! The phrasings that the rehearsal model knows: whole words in lower case, separated by `|`.

use crate::intent::{About, Intent};

/// The intent of each phrasing. The first match counts.
pub(crate) const PHRASINGS: &[(&str, Intent)] = &[
    (
        "who am i | what's my name | what is my name | do you know me | do you know who i am | my \
         name | whoami | logged in as | am i logged in | how called i | how am i called | which account am i | my email | my e-mail",
        Intent::WhoAmI,
    ),
    (
        "what are you waiting for | what's waiting | what is waiting | what waits | anything waiting \
         | pending approval | pending approvals | waiting for me | what do i have to approve | needs \
         my approval | is it approved | did i approve | where do i approve",
        Intent::Waiting,
    ),
    (
        "don't buy | do not buy | buy not | sell not | not buy | not sell | don't sell | do not sell | never mind | nevermind | forget it | no \
         order",
        Intent::NoOrder,
    ),
    (
        "who are you | what are you | are you a bot | are you human | which model | what model | your \
         name",
        Intent::About(About::You),
    ),
    (
        "how do approvals work | how does approval work | why do i have to approve | why approve | \
         how does the approval | what is an approval | what happens when i approve | what happens if \
         i approve | what happens if i deny | how do i approve | how works the approval | why must i | what is the code | what's the code",
        Intent::About(About::Approval),
    ),
    (
        "is it safe | is this safe | how safe | is it secure | can i trust | can you steal | who can \
         see | my password | your access | what can you see | what can you access | what access do \
         you have | without asking me | without my approval | without asking",
        Intent::About(About::Safety),
    ),
    (
        "tokens | which token | what token | access token | refresh token | the token | token vault",
        Intent::About(About::Tokens),
    ),
    (
        "access to my account | access on my account | get access | access my account | how do you access | zugriff auf",
        Intent::About(About::Access),
    ),
    ("disconnect | revoke | remove access | take away access", Intent::About(About::Disconnect)),
    (
        "how do i log in | how can i log in | einloggen | anmelden | abmelden | log in | login | sign in | log out | logout | sign out",
        Intent::About(About::Login),
    ),
    ("real money | is this real | is it real | simulated | play money | demo", Intent::About(About::Money)),
    ("mcp | claude | cursor | inspector", Intent::About(About::Mcp)),
    (
        "how did my portfolio | portfolio history | account history | how has my portfolio | how have \
         i done | how am i doing | my performance | history of my account | development of my \
         portfolio",
        Intent::PortfolioHistory(None),
    ),
    (
        "connect my account | connect my broker | connect stocktrade | connect my stocktrade | \
         connect an account | link my account | connect account",
        Intent::Connect,
    ),
    (
        "portfolio | my positions | my holdings | my stocks | my shares | what do i own | what own i | besitze ich | what do i \
         have | what stocks do i | which stocks do i | how much cash | my cash | my balance | account \
         balance | my account | how much money | what am i worth | my depot | what's my balance | \
         balance",
        Intent::Portfolio,
    ),
    (
        "order history | my orders | list orders | show orders | past orders | recent orders | my \
         trades | my transactions | what did i buy | what did i sell | what have i bought | open \
         orders | all orders | did you buy | did you sell | did i buy | did i sell | was it bought | what it bought | \
         trades",
        Intent::Orders,
    ),
    (
        "remind me | when it falls | when it drops | when it rises | if it falls | if it drops | as \
         soon as it | every day | every week | each month | watch the price | alert me | notify me",
        Intent::Task,
    ),
    (
        "what can you do | what can you | help | how works this | how works that | what can i ask | what can i do | how does this work | how do you \
         work | what do you understand | commands | examples | get started | how do i buy | how do i \
         sell | how can i buy | how to buy",
        Intent::Help,
    ),
    (
        "thanks | thank you | thx | cheers | great | perfect | well done | awesome | nice | cool | \
         good job",
        Intent::Thanks,
    ),
    ("bye | goodbye | see you | good night", Intent::Bye),
    ("hello | hi | hey | good morning | good day | good afternoon | good evening | hi there | howdy", Intent::Hello),
];

/// Asks to search for stocks.
pub(crate) const SEARCH: &str = "search | find | which stocks | what stocks | list stocks | list all stocks | all stocks | show \
     stocks | stocks are there | available stocks | stocks can i buy | the market | show me stocks | \
     show me all stocks | look for | look up";

/// Asks for more about a stock than its price.
pub(crate) const INFO: &str = "about | info | information | details | tell me more | tell me of | tell me from | what is | what's | describe | history | \
     how did | how has | doing | performed | performance | trend | chart | lately | recently";

/// How far back a history goes.
pub(crate) const RANGES: &[(&str, &str)] = &[
    ("year", "year | years | twelve months | 12 months"),
    ("month", "month | months | 30 days | four weeks | 4 weeks"),
    ("week", "week | weeks | seven days | 7 days"),
    ("day", "today | day | 24 hours"),
];

/// Asks for a price.
pub(crate) const PRICE: &str = "price | prices | quote | quotes | trading at | worth | cost | costs | how much is | how much are \
     | stand at | stands at | value of | rate | stock price";

/// Asks for advice.
pub(crate) const ADVICE: &str = "should i | shall i | would you buy | would you sell | good idea | recommend | worth buying | \
     advice | good time to";
