//! Commands: which are exchanges, on which key, with what in them.

use super::value::Value;
use crate::calls::{json_string, segment};

/// What a command is.
pub(super) enum Command {
    /// A login: user, password.
    Login(Vec<u8>, Password),
    /// An exchange.
    Call { method: Vec<u8>, target: Vec<u8>, body: Vec<u8>, pairs: bool },
    /// Nothing that the user asks about.
    Other,
}

impl Command {
    /// Bytes that it takes to hold it, about.
    pub(super) fn bytes(&self) -> usize {
        const ITSELF: usize = 128;
        ITSELF
            + match self {
                Command::Login(user, password) => user.len() + password.0.len(),
                Command::Call { method, target, body, .. } => method.len() + target.len() + body.len(),
                Command::Other => 0,
            }
    }
}

/// A password, which leaves nothing behind.
pub(super) struct Password(pub(super) Vec<u8>);

impl Drop for Password {
    fn drop(&mut self) {
        self.0.fill(0);
    }
}

/// Commands that say nothing of data.
const QUIET: &[&[u8]] = &[
    b"PING",
    b"CLIENT",
    b"COMMAND",
    b"SELECT",
    b"MULTI",
    b"EXEC",
    b"DISCARD",
    b"QUIT",
    b"ECHO",
    b"HELLO",
    b"RESET",
    b"WATCH",
    b"UNWATCH",
    b"REPLCONF",
    b"PSYNC",
    b"ASKING",
    b"READONLY",
    b"READWRITE",
    b"SUBSCRIBE",
    b"PSUBSCRIBE",
    b"UNSUBSCRIBE",
    b"PUNSUBSCRIBE",
    b"TIME",
    b"WAIT",
    b"SCRIPT",
];

/// Commands that have no key.
const KEYLESS: &[&[u8]] = &[
    b"INFO",
    b"CONFIG",
    b"KEYS",
    b"SCAN",
    b"DBSIZE",
    b"FLUSHALL",
    b"FLUSHDB",
    b"SAVE",
    b"BGSAVE",
    b"SHUTDOWN",
    b"SLAVEOF",
    b"REPLICAOF",
    b"MODULE",
    b"ACL",
    b"MONITOR",
    b"DEBUG",
    b"CLUSTER",
    b"LATENCY",
    b"MEMORY",
    b"SLOWLOG",
    b"EVAL",
    b"EVALSHA",
    b"FCALL",
    b"FUNCTION",
    b"RANDOMKEY",
    b"LASTSAVE",
    b"ROLE",
];

/// Reads the leaves of a command.
pub(super) fn read(value: &Value) -> Command {
    let mut words = value.leaves.iter().map(|l| l.as_deref().unwrap_or_default());
    let method = words.next().unwrap_or_default().to_ascii_uppercase();
    let rest: Vec<&[u8]> = words.collect();
    match (&method[..], &rest[..]) {
        (b"AUTH", [password]) => return Command::Login(b"default".to_vec(), Password(password.to_vec())),
        (b"AUTH", [user, password]) => return Command::Login(user.to_vec(), Password(password.to_vec())),
        (b"HELLO", [_, auth, user, password, ..]) if auth.eq_ignore_ascii_case(b"AUTH") => {
            return Command::Login(user.to_vec(), Password(password.to_vec()));
        }
        _ => {}
    }
    let word = !method.is_empty()
        && method.len() <= 24
        && method.iter().all(|b| b.is_ascii_alphabetic() || *b == b'.');
    if !word || QUIET.contains(&&method[..]) {
        return Command::Other;
    }
    let keyless = KEYLESS.contains(&&method[..]);
    let mut target = b"/".to_vec();
    if !keyless && let Some(key) = rest.first() {
        let parts = key.split(|b| *b == b':').filter(|p| !p.is_empty());
        for (i, part) in parts.enumerate() {
            if i > 0 {
                target.push(b'/');
            }
            segment(&mut target, part);
        }
    }
    let stored = if keyless { &rest[..] } else { rest.get(1..).unwrap_or_default() };
    let body = match &method[..] {
        b"HSET" | b"HMSET" => object(stored.iter().map(|s| Some(*s))),
        _ if stored.len() == 1 => stored[0].to_vec(),
        _ if stored.is_empty() => Vec::new(),
        _ => array(stored.iter().map(|s| Some(*s))),
    };
    let pairs = matches!(&method[..], b"HGETALL" | b"CONFIG");
    Command::Call { method, target, body, pairs }
}

/// A JSON object of names and values in turn.
pub(super) fn object<'a>(mut leaves: impl Iterator<Item = Option<&'a [u8]>>) -> Vec<u8> {
    let mut out = b"{".to_vec();
    while let Some(name) = leaves.next() {
        if out.len() > 1 {
            out.push(b',');
        }
        json_string(&mut out, name.unwrap_or_default());
        out.push(b':');
        text(&mut out, leaves.next().flatten());
    }
    out.push(b'}');
    out
}

/// A JSON array of texts.
pub(super) fn array<'a>(leaves: impl Iterator<Item = Option<&'a [u8]>>) -> Vec<u8> {
    let mut out = b"[".to_vec();
    for leaf in leaves {
        if out.len() > 1 {
            out.push(b',');
        }
        text(&mut out, leaf);
    }
    out.push(b']');
    out
}

fn text(out: &mut Vec<u8>, leaf: Option<&[u8]>) {
    match leaf {
        Some(text) => json_string(out, text),
        None => out.extend_from_slice(b"null"),
    }
}
