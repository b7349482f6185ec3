//! Cover and overview (9.3 b): background, aim, basis, objects and scope, means, conclusion.

use super::markup::{Html, clip};
use super::{TITLE, chart, heading, places};
use crate::ReportInput;
use crate::facts::Facts;
use crate::words::{bytes, level, moment, number, percent};
use weir_model::{RiskLevel, Severity};

/// Names of captures and hosts that are listed.
const LISTED: usize = 12;

/// Title, period and the conclusion in a few lines.
pub(super) fn cover(h: &mut Html, input: &ReportInput<'_>, facts: &Facts<'_>) {
    h.raw("<header><p class=\"kind\">GB/T 46796-2025 · ").both("监测报告", "Monitoring report").raw("</p>");
    h.say("h1", TITLE).raw("<dl class=\"facts\">");
    h.raw("<dt>").both("监测时段", "Period").raw("</dt><dd>");
    match input.tally.span {
        Some((from, to)) => h.text(moment(from)).raw(" — ").text(moment(to)).raw(" UTC"),
        None => h.both("无接口调用", "no exchange"),
    };
    h.raw("</dd><dt>").both("数据处理者", "Data handler").raw("</dt><dd>");
    match input.organisation.name.trim() {
        "" => h.raw("<span class=\"none\">").both("未填写", "Not given").raw("</span>"),
        name => h.text(name),
    };
    h.raw("</dd></dl></header>");
    verdict(h, input, facts);
    numbers(h, input, facts);
}

fn verdict(h: &mut Html, input: &ReportInput<'_>, facts: &Facts<'_>) {
    let worst = facts.risks.first().map(|(_, r)| r.level);
    let bar = match worst {
        Some(RiskLevel::Major) => "--bar: var(--critical)",
        Some(RiskLevel::High) => "--bar: var(--high)",
        Some(RiskLevel::Medium) => "--bar: var(--medium)",
        Some(_) => "--bar: var(--low)",
        None => "--bar: var(--ok)",
    };
    h.open("div", &[("class", &"verdict"), ("style", &bar)]).raw("<p><strong>");
    match worst {
        Some(worst) => {
            let (zh, en) = level(worst);
            let at = facts.risks.iter().filter(|(_, r)| r.level == worst).count();
            h.both(
                format_args!("最高风险等级：{zh}安全风险（{at} 项），共研判风险 {} 项。", facts.risks.len()),
                format_args!(
                    "Highest risk level: {} ({at}); {} risks judged in all.",
                    en.to_lowercase(),
                    facts.risks.len()
                ),
            )
        }
        None if facts.sources.is_empty() => h.both(
            "在所观测的流量中未识别到风险源。",
            "No risk source was identified in the traffic observed.",
        ),
        None => h.both(
            "识别到风险源，尚无研判为风险的事项。",
            "Risk sources were identified; none was judged a risk.",
        ),
    };
    let serious = facts.severity(Severity::Critical) + facts.severity(Severity::High);
    h.raw("</strong></p><p>").both(
        format_args!(
            "活跃接口 {} 个，其中 {} 个涉及 3 级及以上数据，{} 个在无凭据时仍返回成功；识别风险源 {} 项（重大与高 {serious} 项）。",
            number(facts.interfaces.len() as u64), facts.sensitive, facts.open, facts.sources.len()
        ),
        format_args!(
            "{} active interfaces, {} with data of grade 3 or above, {} of those answering without a credential; {} risk sources ({serious} critical or high).",
            number(facts.interfaces.len() as u64), facts.sensitive, facts.open, facts.sources.len()
        ),
    );
    h.raw("</p><p class=\"soft\">");
    let (zh, en) = crate::coverage::sentence(input);
    h.both(zh, en).raw("</p></div>");
    if !input.faults.is_empty() {
        h.raw("<div class=\"verdict\" style=\"--bar: var(--medium)\"><p><strong>");
        h.both("结果不完整：", "The result is partial:").raw("</strong></p>");
        for fault in input.faults.iter().take(LISTED) {
            h.raw("<p>").both(clip(&fault.zh, 300), clip(&fault.en, 300)).raw("</p>");
        }
        h.raw("</div>");
    }
}

fn numbers(h: &mut Html, input: &ReportInput<'_>, facts: &Facts<'_>) {
    let serious = facts.severity(Severity::Critical) + facts.severity(Severity::High);
    let n = |n: usize| n as u64;
    h.raw("<div class=\"numbers\">");
    for (anchor, count, zh, en, bad) in [
        ("#overview", input.tally.exchanges, "接口调用", "exchanges", false),
        ("#interfaces", n(facts.interfaces.len()), "活跃接口", "active interfaces", false),
        ("#interfaces", n(facts.sensitive), "涉 3 级以上数据接口", "with grade 3+ data", false),
        ("#interfaces", n(facts.open), "其中无凭据可访问", "of those open", facts.open > 0),
        ("#data", facts.values(), "发现的敏感数据值", "data values found", false),
        ("#data", facts.plain(), "其中明文", "of those in clear", facts.plain() > 0),
        ("#sources", n(facts.sources.len()), "风险源", "risk sources", false),
        ("#sources", n(serious), "其中重大与高", "critical or high", serious > 0),
    ] {
        h.open("a", &[("href", &anchor), ("class", &if bad { "bad" } else { "" })]);
        h.element("b", &[], number(count)).raw("<span>").both(zh, en).raw("</span></a>");
    }
    h.raw("</div>");
}

/// Writes the section.
pub(super) fn section(h: &mut Html, input: &ReportInput<'_>, facts: &Facts<'_>) {
    heading(h, "overview", "9.3 b)");
    h.raw("<dl class=\"facts\">");
    let row = |h: &mut Html, zh: &'static str, en: &'static str| {
        h.raw("<dt>").both(zh, en).raw("</dt><dd>");
    };
    row(h, "背景与目的", "Background and aim");
    h.both(
        "掌握数据接口的家底与使用情况，识别其脆弱性、未授权披露与异常调用，支撑风险处置。",
        "To know which data interfaces there are and how they are used, to identify weaknesses, unauthorised disclosure and abnormal calls, and to support their handling.",
    );
    row(h, "依据", "Basis");
    h.both(
        "GB/T 46796-2025《数据接口安全风险监测方法》；风险等级依据 GB/T 45577-2025 的危害程度与发生可能性。",
        "GB/T 46796-2025 (monitoring of data interface security risks); risk levels by harm and likelihood after GB/T 45577-2025.",
    );
    row(h, "对象与范围", "Objects and scope");
    objects(h, input, facts);
    row(h, "手段", "Means");
    h.both(
        "旁路流量分析：还原接口调用，学习接口与调用方，识别敏感数据与风险源。不发送任何报文，不改动业务流量。",
        "Passive traffic analysis: exchanges are rebuilt, interfaces and callers learned, sensitive data and risk sources identified. Nothing is sent and nothing is changed.",
    );
    h.raw("</dd></dl>");
    h.raw("<h3>").both("调用量随时间的变化", "Calls over time").raw("</h3>");
    chart::activity(h, &input.tally.activity);
    places::part(h, input);
}

fn objects(h: &mut Html, input: &ReportInput<'_>, facts: &Facts<'_>) {
    let received = input.ledger.received;
    h.both(
        format_args!(
            "{} 个站点、{} 个活跃接口、{} 个调用方、{} 个账号；{} 帧（{}），{} 次接口调用，其中明文传输占 {}。",
            input.known.sites.len(), facts.interfaces.len(), input.known.callers.len(), input.known.accounts.len(),
            number(received.count), bytes(received.bytes), number(input.tally.exchanges), percent(input.tally.clear, input.tally.exchanges)
        ),
        format_args!(
            "{} sites, {} active interfaces, {} callers, {} accounts; {} frames ({}), {} exchanges, {} of them over clear HTTP.",
            input.known.sites.len(), facts.interfaces.len(), input.known.callers.len(), input.known.accounts.len(),
            number(received.count), bytes(received.bytes), number(input.tally.exchanges), percent(input.tally.clear, input.tally.exchanges)
        ),
    );
    list(h, ("站点：", "Sites: "), input.known.sites.iter().map(|s| &*s.host));
    list(h, ("抓包文件：", "Captures: "), input.captures.iter().map(String::as_str));
}

fn list<'a>(h: &mut Html, (zh, en): (&str, &str), items: impl ExactSizeIterator<Item = &'a str>) {
    let count = items.len();
    h.raw("<br><span class=\"soft\">").both(zh, en);
    for (i, item) in items.take(LISTED).enumerate() {
        h.raw(if i > 0 { ", " } else { "" }).raw("<code>").text(clip(item, 80)).raw("</code>");
    }
    if count > LISTED {
        h.both(format_args!(" 等 {count} 个"), format_args!(" and {} more", count - LISTED));
    }
    h.raw("</span>");
}
