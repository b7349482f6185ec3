//! Mail (RFC 5322, MIME): who wrote to whom about what, the text, and what is attached.

use super::open::{self, Opening, SCOPE};
use super::{Hint, Io, Unread};
use crate::find::Reading;
use crate::structure::Structure;
use crate::text::Escapes;
use mail_parser::{Address, Message, MessageParser, MimeHeaders, PartType};
use weir_exchange::MediaKind;

/// Reads a message.
pub(super) fn read(file: &Opening<'_>, io: &mut Io<'_, '_>) {
    match MessageParser::default().parse(file.bytes) {
        Some(message) => parts(&message, file, io),
        None => io.budget.note(Unread::Damaged),
    }
}

fn parts(message: &Message<'_>, file: &Opening<'_>, io: &mut Io<'_, '_>) {
    let lines = Reading::new(Structure::for_kind(MediaKind::Text, None), Escapes::None, SCOPE);
    text(&head(message), file.shaped("", lines), Hint::default(), io);
    for part in &message.parts {
        if !io.budget.entry() {
            return;
        }
        let name = part.attachment_name().map(|n| open::name(n.as_bytes())).unwrap_or_default();
        match &part.body {
            PartType::Text(t) => {
                let declared = open::hint(&name).declared.or(Some(MediaKind::Text));
                text(t, file.inside(&name), Hint { declared, ..Hint::default() }, io);
            }
            PartType::Html(t) => {
                let hint =
                    Hint { declared: Some(MediaKind::Html), charset: Some(b"utf-8"), ..Hint::default() };
                text(t, file.inside(&name), hint, io);
            }
            PartType::Binary(b) | PartType::InlineBinary(b) => {
                if io.budget.spend(b.len()) {
                    let (mut reader, hint) = (file.inside(&name), open::hint(&name));
                    reader.whole(b, hint, io);
                }
            }
            PartType::Message(inner) => {
                if io.budget.spend(inner.raw_message.len()) {
                    file.inside(&name).whole(&inner.raw_message, Hint::default(), io);
                }
            }
            PartType::Multipart(_) => {}
        }
    }
}

fn text(text: &str, mut reader: super::Reader, hint: Hint<'_>, io: &mut Io<'_, '_>) {
    if io.budget.spend(text.len()) {
        reader.whole(text.as_bytes(), hint, io);
    }
}

/// The fields of the head that name people, a line each.
fn head(message: &Message<'_>) -> String {
    let mut lines = String::new();
    for (name, list) in [
        ("From", message.from()),
        ("To", message.to()),
        ("Cc", message.cc()),
        ("Reply-To", message.reply_to()),
    ] {
        for who in list.into_iter().flat_map(Address::iter) {
            let (person, address) = (who.name().unwrap_or_default(), who.address().unwrap_or_default());
            lines.extend([name, ": ", person, " <", address, ">\n"]);
        }
    }
    lines.extend(["Subject: ", message.subject().unwrap_or_default(), "\n"]);
    lines
}
