//! Questions that several detectors ask of an observation.

use crate::internal;
use weir_exchange::{
    DataItem, DataType, MediaKind, Part, PersonalClass, Protocol, Request, Response, SignalFamily, SignalHit,
    SignalKind,
};
use weir_model::{InterfaceForm, Known, Observation, Shelf};

/// The request, where seen.
pub(crate) fn request<'a>(seen: &Observation<'a>) -> Option<&'a Request> {
    seen.exchange.request.as_ref()
}

/// The response, where seen.
pub(crate) fn response<'a>(seen: &Observation<'a>) -> Option<&'a Response> {
    seen.exchange.response.as_ref()
}

/// Whether the call was answered 2xx, or belongs to a connection that was switched to WebSocket (101).
pub(crate) fn succeeded(seen: &Observation<'_>) -> bool {
    seen.exchange.status().is_some_and(|s| s == 101 || (200..300).contains(&s))
}

/// Whether a login is that of an account that stands for everybody (RFC 1635), whose password is none.
pub(crate) fn logs_in_as_anyone(seen: &Observation<'_>) -> bool {
    let named = request(seen).and_then(|r| r.login.as_ref()).and_then(|l| l.account.as_deref());
    seen.exchange.protocol == Protocol::Ftp
        && named.is_some_and(|n| ["anonymous", "ftp"].iter().any(|a| n.eq_ignore_ascii_case(a)))
}

/// Whether there is, as far as the answer tells, nothing of this method at this path.
pub(crate) fn nothing_there(seen: &Observation<'_>) -> bool {
    matches!(seen.exchange.status(), Some(404 | 405 | 410 | 501))
}

/// Data items with their types; those of other rules are left out.
pub(crate) fn data<'a>(seen: &Observation<'a>) -> impl Iterator<Item = (&'a DataItem, &'a DataType)> {
    let catalogue = seen.catalogue;
    seen.exchange.data.iter().filter_map(move |d| Some((d, catalogue.data_type(d.data_type)?)))
}

/// Values in clear in the body of the response.
pub(crate) fn given_out<'a>(seen: &Observation<'a>) -> impl Iterator<Item = (&'a DataItem, &'a DataType)> {
    data(seen).filter(|(d, t)| {
        let stands = d.place.response && d.place.part == Part::Body && d.form.is_clear();
        stands && !named_in_page(seen, t)
    })
}

/// Whether a secret is told by the name of a field alone, in a page: there it may be a form, or a settings table with stars.
pub(crate) fn named_in_page(seen: &Observation<'_>, data_type: &DataType) -> bool {
    const BY_NAME: &[&str] = &["password", "api_secret_key", "security_qa"];
    response(seen).is_some_and(|r| r.body.kind == MediaKind::Html) && BY_NAME.contains(&&*data_type.id)
}

/// Signals of a family, with their kinds.
pub(crate) fn signals<'a>(
    seen: &Observation<'a>,
    family: SignalFamily,
) -> impl Iterator<Item = (&'a SignalHit, &'a SignalKind)> {
    let catalogue = seen.catalogue;
    let all = seen.exchange.signals.iter().filter_map(move |s| Some((s, catalogue.signal(s.signal)?)));
    all.filter(move |(_, kind)| kind.family == family)
}

/// Whether a type is about a person at all.
pub(crate) fn personal(data_type: &DataType) -> bool {
    data_type.personal != PersonalClass::None
}

/// Whether a type tells something of a person: network addresses and user names are personal by the letter alone.
pub(crate) fn tells_of_person(data_type: &DataType) -> bool {
    const COMMON: &[&str] = &["ipv4", "ipv6", "mac", "internal_endpoint", "username", "user_id"];
    personal(data_type) && !COMMON.contains(&&*data_type.id)
}

/// Distinct values that an item keeps at most.
const KEPT_VALUES: usize = 64;

/// How many of an item's values the caller did not already send in this very request, which tells nothing new when it comes back.
pub(crate) fn new_to_caller(seen: &Observation<'_>, item: &DataItem) -> u32 {
    let sent = |value| {
        let mut asked = seen.exchange.data.iter();
        asked.any(|d| !d.place.response && d.data_type == item.data_type && d.values.contains(value))
    };
    let echoed = item.values.iter().filter(|v| sent(v)).count();
    // The list of distinct values may be cut at 64; where it is whole and all of it was sent, repetitions tell nothing either.
    if echoed == item.values.len() && (1..KEPT_VALUES).contains(&echoed) {
        return 0;
    }
    item.count.saturating_sub(u32::try_from(echoed).unwrap_or(u32::MAX))
}

/// Whether the call came from outside: from a public address, or for one as a proxy that is believed tells. What a request says of
/// its client without such a proxy tells nothing: anyone can write it.
pub(crate) fn from_outside(seen: &Observation<'_>, known: &Known<'_>) -> bool {
    !internal(known.caller(seen.caller).map_or(seen.exchange.flow.client.ip, |c| c.ip))
}

/// What tells most persons' data in clear in a reply that succeeded, of grade 2 or above: its values are the reply's sensitive records.
pub(crate) fn records<'a>(seen: &Observation<'a>) -> Option<(&'a DataItem, &'a DataType)> {
    if !succeeded(seen) {
        return None;
    }
    let told = given_out(seen).filter(|(d, t)| tells_of_person(t) && d.level >= 2);
    told.max_by_key(|(d, _)| (d.count, d.level))
}

/// Whether the reply is a file that the caller takes away: an attachment, a table, a document or an archive, or what a file exchange hands out.
pub(crate) fn is_file(seen: &Observation<'_>) -> bool {
    const ENDS: &[&str] = &[
        ".csv", ".tsv", ".xls", ".xlsx", ".xlsm", ".ods", ".zip", ".gz", ".tgz", ".7z", ".rar", ".pdf",
        ".doc", ".docx", ".txt", ".sql", ".bak", ".dump",
    ];
    let (Some(request), Some(response)) = (request(seen), response(seen)) else { return false };
    let path = crate::target::path(&request.target).trim_end_matches('/').to_ascii_lowercase();
    matches!(response.body.kind, MediaKind::Csv | MediaKind::Document)
        || response.body.file_name.is_some()
        || request.method.eq_ignore_ascii_case("RETR")
        || ENDS.iter().any(|end| path.ends_with(end))
}

/// Whether the exchange is of content that is the same for everybody: scripts, styles, images, pages.
pub(crate) fn is_content(seen: &Observation<'_>, known: &Known<'_>) -> bool {
    let kind = response(seen).map(|r| r.body.kind);
    let of_interface = seen.interface.and_then(|id| known.interface(id));
    matches!(kind, Some(MediaKind::Script | MediaKind::Media | MediaKind::Html))
        || of_interface.is_some_and(|i| i.form == InterfaceForm::Static || i.shelf == Shelf::Health)
}

/// How notes name the interface: method and template, which hold no value of a variable segment.
pub(crate) fn place(seen: &Observation<'_>, known: &Known<'_>) -> String {
    match seen.interface.and_then(|id| known.interface(id)) {
        Some(i) if i.operation_name.is_empty() => format!("{} {}", i.method, i.template),
        Some(i) => format!("{} {} {}", i.method, i.template, i.operation_name),
        None => known.site(seen.site).map_or_else(String::new, |s| s.host.to_string()),
    }
}

/// Whether the call is one by which a person reads the own record: its path names oneself or the caller's account, and the reply
/// holds few values of a sort, as one person has them; an address book under `/me` is no own record.
pub(crate) fn own_record(seen: &Observation<'_>, known: &Known<'_>) -> bool {
    const SELF: &[&str] = &[
        "me",
        "self",
        "myself",
        "my",
        "mine",
        "whoami",
        "profile",
        "userinfo",
        "current",
        "currentuser",
        "current_user",
        "current-user",
        "getinfo",
    ];
    const OF_ONE: u32 = 3;
    if !seen.authenticated || given_out(seen).any(|(d, t)| personal(t) && d.count > OF_ONE) {
        return false;
    }
    let Some(request) = request(seen) else { return false };
    let account = seen.account.and_then(|id| known.account(id)).map(|a| &*a.name);
    let mut segments = crate::target::path(&request.target).split('/').filter(|s| !s.is_empty());
    segments.any(|s| {
        SELF.iter().any(|w| s.eq_ignore_ascii_case(w)) || account.is_some_and(|a| s.eq_ignore_ascii_case(a))
    })
}

/// Names of types in both languages, each once, in order of their ids, at most six.
pub(crate) fn type_names<'a>(types: impl Iterator<Item = &'a DataType>) -> (String, String) {
    const MOST: usize = 6;
    let mut all: Vec<&DataType> = types.collect();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    all.dedup_by(|a, b| a.id == b.id);
    let more = all.len() > MOST;
    all.truncate(MOST);
    let join = |name: fn(&DataType) -> &str, comma: &str| {
        all.iter().map(|t| name(t)).collect::<Vec<_>>().join(comma)
    };
    let (zh, en) = (join(|t| &t.zh, "、"), join(|t| &t.en, ", "));
    if more { (zh + "等", en + ", ...") } else { (zh, en) }
}
