//! What the report rests on: the ledger, the method, and what it cannot know.

use super::markup::Html;
use super::{chart, heading, unseen};
use crate::ReportInput;
use crate::coverage::sentence;
use crate::words::{Both, bytes, layer, number};
use weir_wire::{Account, Layer};

const LIMITS: [Both; 5] = [
    (
        "只报告流量中出现过的接口与行为：没有被调用的接口、没有经过采集点的流量不在其中。",
        "Only what passed the point of capture is told: interfaces nobody called and traffic that went elsewhere are not in it.",
    ),
    (
        "无密钥的加密流量只计量，不解析；单向镜像、丢包与截断使个别调用不完整，均已计入账目。",
        "Encrypted traffic without keys is counted, not read; one-way mirrors, loss and truncation leave some exchanges incomplete, and the ledger says how many.",
    ),
    (
        "未鉴权、越权等判断依据可见的请求与应答；网络层访问控制等流量之外的措施无从得知，须结合实际复核。",
        "Findings such as missing authentication rest on visible requests and replies; controls outside the traffic (network access control) are unknown: verify before acting.",
    ),
    (
        "数据识别依据格式、校验与上下文，可能漏报或误报；样本一律掩码，原值、口令与令牌不落盘。",
        "Data is recognised by form, checks and context, and may be missed or mistaken; samples are masked, and values, passwords and tokens are never stored.",
    ),
    (
        "时间取自抓包；同样的抓包与规则得到同样的报告。",
        "Time is that of the capture; the same capture and rules give the same report.",
    ),
];

/// Writes the section.
pub(super) fn section(h: &mut Html, input: &ReportInput<'_>) {
    heading(h, "coverage", "5.4 · 7.2");
    let (zh, en) = sentence(input);
    h.raw("<p>").both(zh, en).raw("</p>");
    for l in Layer::ALL {
        layer_table(h, input, l);
    }
    unseen::part(h, input);
    h.raw("<h3>").both("方法与局限", "Method and limits").raw("</h3><ul>");
    for limit in LIMITS {
        h.say("li", limit);
    }
    h.raw("</ul>");
}

/// Whether bytes of an account were put to use, were of no use, or may hide something.
const fn colour(a: Account) -> &'static str {
    match a {
        Account::FrameTcp
        | Account::DatagramDns
        | Account::DatagramHandshake
        | Account::StreamDelivered
        | Account::MessageHead
        | Account::MessageBody
        | Account::MessageTls
        | Account::BodyScanned
        | Account::ExchangeHanded => "fill-ok",
        Account::FrameUdp
        | Account::FrameFragment
        | Account::FrameRepeated
        | Account::FrameOther
        | Account::DatagramNotInterface
        | Account::StreamDuplicate
        | Account::MessageNotInterface
        | Account::MessageTunnelled
        | Account::BodyBinary => "fill-info",
        Account::DatagramHttp3
        | Account::DatagramEncrypted
        | Account::DatagramNotRead
        | Account::MessageEncrypted
        | Account::MessageNotRead
        | Account::BodyPartial
        | Account::BodyInPart
        | Account::MessageUnfinished
        | Account::BodyShedStatic
        | Account::BodyShedBound
        | Account::BodyShedPublic => "fill-medium",
        Account::FrameDropped
        | Account::FrameDamaged
        | Account::FrameUnknownLink
        | Account::FrameMalformed
        | Account::FrameTooDeep
        | Account::StreamOutOfWindow
        | Account::StreamOverBudget
        | Account::StreamNoFlow
        | Account::StreamUndelivered
        | Account::MessageSkipped
        | Account::BodyBroken
        | Account::BodyBomb
        | Account::MessageShedFlow
        | Account::BodyShedAny
        | Account::ExchangeBehind => "fill-high",
    }
}

fn layer_table(h: &mut Html, input: &ReportInput<'_>, l: Layer) {
    let entries = Account::ALL.iter().filter(|a| a.layer() == l).map(|a| (*a, input.ledger.entry(*a)));
    let entries: Vec<_> = entries.filter(|(_, e)| e.count > 0 || e.bytes > 0).collect();
    if entries.is_empty() {
        return;
    }
    let (zh, en) = layer(l);
    h.raw("<h3>").both(zh, en).raw("</h3>");
    let parts: Vec<_> = entries.iter().map(|(a, e)| (colour(*a), a.zh(), a.en(), e.bytes)).collect();
    chart::shares(h, &parts);
    h.raw("<div class=\"scroll\"><table>").columns(&[
        ("账目", "Account"),
        ("说明", "What"),
        ("#数量", "Count"),
        ("#字节", "Bytes"),
    ]);
    h.raw("<tbody>");
    for (a, e) in entries {
        h.raw("<tr><td class=\"tight\"><span class=\"legend\"><span>")
            .open("i", &[("class", &colour(a))])
            .raw("</i><code>");
        h.text(a.key())
            .raw("</code></span></span></td><td>")
            .both(a.zh(), a.en())
            .raw("</td>")
            .number_cell(e.count);
        h.element("td", &[("class", &"n"), ("title", &number(e.bytes))], bytes(e.bytes)).raw("</tr>");
    }
    h.raw("</tbody></table></div>");
}
