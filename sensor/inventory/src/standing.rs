//! What a reply says about whether its interface exists.

use weir_exchange::{Exchange, MediaKind, Protocol, Request};

/// Whether there is an interface behind a request, as far as one reply shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Standing {
    /// It answered, or asked for authentication, or broke.
    Answers,
    /// It refused the input, or sent the client elsewhere: there if another operation of the path is.
    Refuses,
    /// Nothing there: 404, 405, a gateway without a back end, no reply.
    Absent,
}

/// The standing that one exchange gives its interface.
pub(crate) fn standing(x: &Exchange, request: &Request) -> Standing {
    let questions = matches!(&*request.method, "HEAD" | "OPTIONS" | "TRACE" | "CONNECT");
    // Questions about an interface are not interfaces of their own; CONNECT of MQTT is a login.
    if questions && !x.protocol.is_session() {
        return Standing::Absent;
    }
    let Some(reply) = &x.response else { return Standing::Absent };
    match reply.status {
        status if x.protocol == Protocol::Ftp => of_ftp(status),
        // UNIMPLEMENTED of gRPC: there is no such method.
        _ if reply.grpc_status == Some(12) => Standing::Absent,
        404 | 405 | 410 | 501..=504 => Standing::Absent,
        301 | 302 | 303 | 307 | 308 if only_respells(request, &reply.location) => Standing::Refuses,
        101..=399 | 401 | 403 | 500..=599 => Standing::Answers,
        // An application that explains what it dislikes is there; a server that dislikes the request as such says it in HTML.
        400..=499 if matches!(reply.body.kind, MediaKind::Json | MediaKind::Xml) => Standing::Answers,
        400..=499 => Standing::Refuses,
        _ => Standing::Absent,
    }
}

/// Of FTP (RFC 959, 4.2): 550 says that there is no such file, or none to be had; 421 and 500 to 504 are of the server.
fn of_ftp(status: u16) -> Standing {
    match status {
        421 | 500..=504 | 550 => Standing::Absent,
        200..=499 | 530 | 532 => Standing::Answers,
        _ => Standing::Refuses,
    }
}

/// Whether a reply came from a gate that asks for authentication, which does so for paths that do not exist as well.
pub(crate) fn is_gate(x: &Exchange) -> bool {
    let to_login = |location: &str| {
        let location = location.to_ascii_lowercase();
        ["login", "signin", "sso", "oauth", "/cas"].iter().any(|w| location.contains(w))
    };
    x.response.as_ref().is_some_and(|r| match r.status {
        401 | 403 => true,
        300..=399 => to_login(&r.location),
        _ => false,
    })
}

/// Whether a redirect goes to the same path: another scheme or host, a slash more or less.
fn only_respells(request: &Request, location: &str) -> bool {
    let path = |target: &str| {
        let from =
            target.split_once("://").map_or(target, |(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
        from.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/').to_owned()
    };
    !location.is_empty() && path(location) == path(&request.target)
}
