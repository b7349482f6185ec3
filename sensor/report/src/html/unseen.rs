//! What could not be seen: services whose connections were not read, and why not.

use super::markup::{Html, clip};
use crate::ReportInput;
use weir_model::EncryptedService;

/// Services listed.
const LISTED: usize = 30;
/// Longest name shown.
const NAME: usize = 44;

/// Writes the part: a table, those with most connections first.
pub(super) fn part(h: &mut Html, input: &ReportInput<'_>) {
    let unread = |s: &EncryptedService| s.unread().map(|(_, n)| n).sum::<u64>();
    let mut services: Vec<_> = input.known.encrypted.iter().filter(|s| unread(s) > 0).collect();
    services.sort_by_key(|s| (std::cmp::Reverse(unread(s)), s.server, s.kind, &s.name));
    if services.is_empty() {
        return;
    }
    h.raw("<h3>").both("未能看到的内容", "What could not be seen").raw("</h3>");
    h.raw("<div class=\"scroll\"><table>").columns(&[
        ("服务", "Service"),
        ("协议", "Protocol"),
        ("#连接", "Connections"),
        ("#未解析", "Not read"),
        ("原因", "Why"),
    ]);
    h.raw("<tbody>");
    for s in services.iter().take(LISTED) {
        h.raw("<tr><td class=\"tight\"><code>").text(s.server).raw("</code> ").text(clip(&s.name, NAME));
        h.raw("</td><td>").text(s.kind.key()).raw("</td>");
        h.number_cell(s.connections()).number_cell(unread(s)).raw("<td>");
        for (n, (why, count)) in s.unread().enumerate() {
            h.raw(if n == 0 { "" } else { " · " });
            h.both(format_args!("{} {count}", why.zh()), format_args!("{} {count}", why.key()));
        }
        h.raw("</td></tr>");
    }
    h.raw("</tbody></table></div>").more(LISTED, services.len(), "encrypted.jsonl");
}
