//! Technical form and kind of operation of an interface (GB/T 46796-2025, A.2 and 7.1 e 1).

use crate::words;
use serde::{Deserialize, Serialize};
use weir_exchange::{Body, Exchange, MediaKind, Part, Protocol, Request};
use weir_model::{InterfaceForm, Operation};

/// A form, with how much what shows it is worth; 0 where it shows nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Shown {
    pub form: InterfaceForm,
    pub worth: u8,
    /// What shows it; empty where nothing does.
    #[serde(with = "weir_model::state::fixed")]
    pub why: weir_model::state::Fixed,
}

impl Shown {
    /// Of an interface that nothing is known of.
    pub const NOTHING: Shown = Shown::by(InterfaceForm::Rest, 0, "");
    /// A parameter that selects the operation makes calls of procedures, whatever they answer.
    pub const SELECTED: Shown = Shown::by(InterfaceForm::Rpc, 7, "a parameter selects the operation");

    const fn by(form: InterfaceForm, worth: u8, why: &'static str) -> Shown {
        Shown { form, worth, why }
    }
}

/// The form that one exchange shows. Of several, the best wins: a path that serves pages or data by `Accept` is a data interface.
pub(crate) fn form(x: &Exchange, request: &Request, path_end: &str) -> Shown {
    match x.protocol {
        Protocol::Http10 | Protocol::Http11 | Protocol::Http2 | Protocol::WebSocket => {}
        Protocol::Grpc => return Shown::by(InterfaceForm::Grpc, 9, "gRPC messages"),
        // A.1 of the standard counts file exchange by FTP and SFTP as a form.
        Protocol::Ftp => return Shown::by(InterfaceForm::File, 9, "FTP commands"),
        Protocol::Mysql | Protocol::Redis | Protocol::Postgresql | Protocol::Mongodb => {
            return Shown::by(InterfaceForm::Rpc, 9, "statements of a database");
        }
        Protocol::Dubbo | Protocol::Thrift => return Shown::by(InterfaceForm::Rpc, 9, "calls of a service"),
        Protocol::Kafka | Protocol::Mqtt => return Shown::by(InterfaceForm::Rpc, 9, "messages of a broker"),
    }
    if request.body.content_type.starts_with("application/grpc") {
        return Shown::by(InterfaceForm::Grpc, 9, "gRPC messages");
    }
    let operation = !request.operation.is_empty();
    let json = request.body.kind == MediaKind::Json;
    if json && operation && request.params.iter().any(|p| p.name.ends_with("jsonrpc")) {
        return Shown::by(InterfaceForm::Rpc, 9, "JSON-RPC requests");
    }
    if path_end.eq_ignore_ascii_case("graphql") || path_end.eq_ignore_ascii_case("gql") {
        return Shown::by(InterfaceForm::GraphQl, 9, "the path ends as GraphQL's do");
    }
    if operation && json {
        return Shown::by(InterfaceForm::GraphQl, 9, "GraphQL documents in requests");
    }
    if operation && request.body.kind == MediaKind::Xml {
        return Shown::by(InterfaceForm::Soap, 9, "SOAP envelopes in requests");
    }
    if request.body.file_name.is_some() {
        return Shown::by(InterfaceForm::File, 7, "requests carry files");
    }
    let is_static = words::is_static(path_end);
    let Some(reply) = x.response.as_ref().filter(|r| (200..300).contains(&r.status)) else {
        return match is_static {
            true => Shown::by(InterfaceForm::Static, 2, "the path ends as static files do"),
            false => Shown::NOTHING,
        };
    };
    if reply.body.kind == MediaKind::Script {
        return Shown::by(InterfaceForm::Static, 3, "replies are scripts or styles");
    }
    if is_static && !is_data(&reply.body) {
        return Shown::by(InterfaceForm::Static, 3, "the path ends as static files do");
    }
    let octets = &*reply.body.content_type == "application/octet-stream";
    match reply.body.kind {
        _ if reply.body.file_name.is_some() => Shown::by(InterfaceForm::File, 8, "replies name a file"),
        MediaKind::Csv | MediaKind::Document | MediaKind::Media => {
            Shown::by(InterfaceForm::File, 6, "replies are files")
        }
        _ if octets => Shown::by(InterfaceForm::File, 6, "replies are application/octet-stream"),
        _ if words::is_download(words::split_extension(path_end).1) => {
            Shown::by(InterfaceForm::File, 6, "the path ends as downloads do")
        }
        MediaKind::Html => Shown::by(InterfaceForm::Page, 3, "replies are HTML"),
        MediaKind::None if reply.body.bytes == 0 => {
            Shown::by(InterfaceForm::Rest, 1, "good replies without a body")
        }
        _ => Shown::by(InterfaceForm::Rest, 5, "replies are data"),
    }
}

fn is_data(body: &Body) -> bool {
    matches!(body.kind, MediaKind::Json | MediaKind::Xml | MediaKind::Csv)
        && !body.content_type.contains("svg")
}

/// What the interface does, by operation name or path where they say, else by method.
pub(crate) fn operation(request: &Request, name: &str, method: &str, path_end: &str) -> Operation {
    if request.login.as_ref().is_some_and(|l| matches!(l.place.part, Part::Body | Part::Query)) {
        return Operation::Login;
    }
    if let Some(does) = of_command(method) {
        return does;
    }
    let named = if name.is_empty() { path_end } else { name };
    let verb = first_word(named.rsplit(['/', '#', ':', '.']).find(|p| !p.is_empty()).unwrap_or_default());
    let by_name = by_verb(&verb);
    match (method, by_name) {
        ("GET", Some(Operation::Delete)) => Operation::Delete,
        ("GET" | "HEAD" | "OPTIONS" | "TRACE", _) => Operation::Read,
        ("PUT" | "PATCH", _) => Operation::Update,
        ("DELETE", _) => Operation::Delete,
        (_, Some(named)) => named,
        ("POST", None) if !request.operation.is_empty() && request.body.kind == MediaKind::Json => {
            Operation::Read
        }
        (_, None) => Operation::Create,
    }
}

/// What a command does that is none of HTTP.
fn of_command(method: &str) -> Option<Operation> {
    Some(match method {
        "PASS" | "LOGIN" => Operation::Login,
        "RETR" | "LIST" | "NLST" | "MLSD" | "SELECT" | "SHOW" | "SUBSCRIBE" | "FIND" | "GETMORE"
        | "AGGREGATE" | "COUNT" | "DISTINCT" | "LISTCOLLECTIONS" | "LISTDATABASES" | "FETCH" | "METADATA" => {
            Operation::Read
        }
        "STOR" | "STOU" | "MKD" | "XMKD" | "INSERT" | "PUBLISH" | "CREATE" | "PRODUCE" => Operation::Create,
        "APPE" | "RNTO" | "UPDATE" | "REPLACE" | "ALTER" | "FINDANDMODIFY" => Operation::Update,
        "DELE" | "RMD" | "XRMD" | "DROP" | "TRUNCATE" => Operation::Delete,
        _ => return None,
    })
}

/// What a verb does.
fn by_verb(verb: &str) -> Option<Operation> {
    match verb {
        "search" | "query" | "list" | "export" | "get" | "find" | "page" | "download" | "read" | "select"
        | "count" | "check" | "preview" | "view" | "fetch" | "load" | "show" => Some(Operation::Read),
        "delete" | "remove" | "del" | "destroy" => Some(Operation::Delete),
        "update" | "edit" | "modify" | "change" | "set" | "rename" | "reset" => Some(Operation::Update),
        "create" | "add" | "new" | "insert" | "register" | "import" | "upload" | "save" => {
            Some(Operation::Create)
        }
        _ => None,
    }
}

/// What an operation does by its name, found late; `was` where the name does not say.
pub(crate) fn named(was: Operation, method: &str, name: &str) -> Operation {
    let verb = first_word(name.rsplit(['/', '#', ':', '.']).find(|p| !p.is_empty()).unwrap_or_default());
    match by_verb(&verb) {
        _ if was == Operation::Login => was,
        Some(Operation::Delete) => Operation::Delete,
        Some(does) if method == "POST" => does,
        _ => was,
    }
}

/// The first word of a name in any spelling, lower case.
fn first_word(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars().take(24) {
        let ends = !c.is_alphanumeric()
            || c.is_uppercase() && out.ends_with(|l: char| l.is_lowercase() && !l.is_uppercase());
        if ends && !out.is_empty() && !(c.is_uppercase() && out.len() == 1) {
            break;
        }
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_words() {
        for (name, word) in [
            ("getUser", "get"),
            ("GetUser", "get"),
            ("user-list", "user"),
            ("export.csv", "export"),
            ("", ""),
        ] {
            assert_eq!(first_word(name), word);
        }
    }
}
