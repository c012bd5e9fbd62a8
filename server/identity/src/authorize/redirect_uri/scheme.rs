//! Private-use schemes of programs on the person's machine (RFC 8252 §7.1): any name that no standard and no browser
//! uses.

/// IANA's permanent schemes ("Uniform Resource Identifier (URI) Schemes"). `https`, and `http` on loopback, have their
/// own rules.
#[rustfmt::skip]
const PERMANENT: [&str; 100] = [
    "aaa", "aaas", "about", "acap", "acct", "cap", "cid", "coap", "coap+tcp", "coap+ws", "coaps", "coaps+tcp",
    "coaps+ws", "crid", "data", "dav", "dict", "dns", "dtn", "example", "file", "ftp", "geo", "go", "gopher", "h323",
    "http", "https", "iax", "icap", "im", "imap", "info", "ipn", "ipp", "ipps", "iris", "iris.beep", "iris.lwz",
    "iris.xpc", "iris.xpcs", "jabber", "ldap", "leaptofrogans", "mailto", "mid", "msrp", "msrps", "mt", "mtqp",
    "mupdate", "news", "nfs", "ni", "nih", "nntp", "opaquelocktoken", "pkcs11", "pop", "pres", "reload", "rtsp",
    "rtsps", "rtspu", "service", "session", "shttp", "sieve", "sip", "sips", "sms", "snmp", "soap.beep", "soap.beeps",
    "stun", "stuns", "swid", "swidpath", "tag", "tel", "telnet", "tftp", "thismessage", "tip", "tn3270", "turn",
    "turns", "tv", "urn", "vemmi", "vnc", "ws", "wss", "xcon", "xcon-userid", "xmlrpc.beep", "xmlrpc.beeps", "xmpp",
    "z39.50r", "z39.50s",
];

/// Schemes that browsers and systems execute or open automatically.
const ACTIVE: [&str; 9] =
    ["javascript", "data", "vbscript", "blob", "about", "view-source", "intent", "shell", "search-ms"];

/// Prefixes of such schemes, used by Windows and Chrome.
const ACTIVE_FAMILIES: [&str; 2] = ["ms-", "chrome"];

/// Whether a program may use this scheme, given in lower case, as its own.
pub(super) fn is_own(scheme: &str) -> bool {
    !PERMANENT.contains(&scheme)
        && !ACTIVE.contains(&scheme)
        && !ACTIVE_FAMILIES.iter().any(|family| scheme.starts_with(family))
}
