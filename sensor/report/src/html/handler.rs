//! Who handles the data (9.3 a).

use super::heading;
use super::markup::Html;
use crate::ReportInput;

/// Writes the section.
pub(super) fn section(h: &mut Html, input: &ReportInput<'_>) {
    heading(h, "handler", "9.3 a)");
    let o = input.organisation;
    h.raw("<dl class=\"facts\">");
    for (zh, en, value) in [
        ("数据处理者", "Data handler", &o.name),
        ("数据安全负责人", "Data-security officer", &o.officer),
        ("联系方式", "Contact", &o.contact),
        ("监测依据与范围", "Grounds and scope", &o.scope),
    ] {
        h.raw("<dt>").both(zh, en).raw("</dt>");
        match value.trim() {
            "" => h
                .raw("<dd class=\"none\">")
                .both("未填写（见配置 organisation）", "Not given (configuration: organisation)"),
            value => h.raw("<dd>").text(value),
        };
        h.raw("</dd>");
    }
    h.raw("</dl>");
}
