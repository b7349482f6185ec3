//! Commands.

use crate::Verdict;

/// A command's name in upper case; longer words are none.
pub(super) type Verb = [u8; 4];

/// Name and argument of a command line. A name that is none is blank.
pub(super) fn split(line: &[u8]) -> (Verb, &[u8]) {
    let end = line.iter().position(|b| *b == b' ').unwrap_or(line.len());
    let mut verb = *b"    ";
    if (3..=4).contains(&end) && line[..end].iter().all(u8::is_ascii_alphabetic) {
        verb[..end].copy_from_slice(&line[..end]);
        verb.make_ascii_uppercase();
    }
    (verb, line[end..].trim_ascii_start())
}

/// A command without the blank of a short one.
pub(super) fn name(verb: &Verb) -> &[u8] {
    verb.trim_ascii_end()
}

/// Whether a client that begins so speaks FTP. `USER` with several words is IRC; the server's first line tells POP3 apart.
pub(super) fn opens(first: &[u8]) -> Verdict {
    const OPENINGS: [&[u8]; 7] =
        [b"USER ", b"AUTH TLS", b"AUTH SSL", b"FEAT", b"OPTS UTF8", b"SYST", b"HOST "];
    let line = first.iter().position(|b| *b == b'\n').map(|n| first[..n].trim_ascii());
    let starts = |o: &&[u8]| {
        let n = o.len().min(first.len());
        first[..n].eq_ignore_ascii_case(&o[..n])
    };
    if first.len() > 512 || !OPENINGS.iter().any(starts) {
        return Verdict::No;
    }
    let Some(line) = line else { return Verdict::More };
    let (verb, rest) = split(line);
    let fits = match &verb {
        b"USER" => !rest.is_empty() && !rest.contains(&b' '),
        b"AUTH" => rest.eq_ignore_ascii_case(b"TLS") || rest.eq_ignore_ascii_case(b"SSL"),
        b"FEAT" | b"SYST" => rest.is_empty(),
        b"OPTS" | b"HOST" => !rest.is_empty(),
        _ => false,
    };
    if fits { Verdict::Yes } else { Verdict::No }
}

/// The port of PORT (RFC 959, 4.1.2) or EPRT (RFC 2428, 2).
pub(super) fn active(verb: &Verb, rest: &[u8]) -> Option<u16> {
    match verb {
        b"PORT" => super::reply::six(rest),
        b"EPRT" => {
            let delimiter = *rest.first()?;
            let port = rest.split(|b| *b == delimiter).nth(3)?;
            std::str::from_utf8(port).ok()?.parse().ok().filter(|p| *p > 0)
        }
        _ => None,
    }
}

/// What a command does that makes it an exchange.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Does {
    /// Logs in.
    Login,
    /// Sends bytes to the client.
    Gives,
    /// Takes bytes from the client.
    Takes,
    /// Changes files without a transfer.
    Changes,
    /// Nothing that the user asks about.
    Nothing,
}

/// What a command does.
pub(super) fn does(verb: &Verb) -> Does {
    match verb {
        b"PASS" => Does::Login,
        b"RETR" | b"LIST" | b"NLST" | b"MLSD" => Does::Gives,
        b"STOR" | b"APPE" | b"STOU" => Does::Takes,
        b"DELE" | b"RMD " | b"XRMD" | b"MKD " | b"XMKD" | b"RNTO" => Does::Changes,
        _ => Does::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn openings() {
        for (line, verdict) in [
            (&b"USER anna\r\n"[..], Verdict::Yes),
            (b"auth tls\r\n", Verdict::Yes),
            (b"FEAT\r\n", Verdict::Yes),
            (b"USE", Verdict::More),
            (b"USER guest 0 * :x\r\n", Verdict::No),
            (b"GET / HTTP/1.1\r\n", Verdict::No),
            (b"EHLO x\r\n", Verdict::No),
            (b"USERS\r\n", Verdict::No),
        ] {
            assert_eq!(opens(line), verdict, "{}", line.escape_ascii());
        }
    }

    #[test]
    fn ports() {
        assert_eq!(active(b"PORT", b"10,0,0,1,4,1"), Some(1025));
        assert_eq!(active(b"EPRT", b"|2|::1|5282|"), Some(5282));
        assert_eq!(active(b"EPRT", b"|2|::1|99999|"), None);
        assert_eq!(active(b"PORT", b"10,0,0,1,400,1"), None);
    }
}
