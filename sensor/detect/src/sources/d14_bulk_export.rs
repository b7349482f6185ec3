//! D14 Bulk export of sensitive data (批量导出文件含敏感数据).

use crate::sighting::{Sighting, both};
use crate::{Detector, Seen, Thresholds, facts};
use weir_model::{Card, Findings, Group, Handling, Known, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "D14",
    zh: "批量导出文件含敏感数据",
    en: "bulk export of sensitive data",
    group: Group::Disclosure,
    severity: Severity::High,
    risks: &[RiskType(1)],
    measures: &[Handling(6), Handling(11), Handling(18)],
    owasp: "API4:2023 API6:2023 CWE-200 CWE-799",
    basis: "GB/T 46796-2025 A.2 b; CAICT 3.2.5",
    how_zh: "以文件形式（附件、表格、文档、压缩包，或文件交换协议的下载）成功取走的明文敏感记录达 100 条以上；按接口和调用方汇总。记录数按 2 级以上个人信息中出现最多的类型计。4 级数据升一级，仅内部访问降一级。不是文件的列表响应归 D06，脱敏记录、网络地址与用户名不计。",
    how_en: "A file (an attachment, a table, a document, an archive, or a download of a file exchange) with 100 or more sensitive records in clear is taken away; one finding an interface and caller. Records are counted by the most frequent type of personal data of grade 2 or above. One step more serious for grade 4, one less where the caller is internal. Listings that are no files belong to D06; masked records, network addresses and user names do not count.",
};

/// Identifies D14.
pub(super) struct Source {
    records: u64,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source { records: thresholds.d14_records }
    }
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let Some((item, data_type)) = facts::records(seen) else { return };
        if u64::from(item.count) < self.records || !facts::is_file(seen) {
            return;
        }
        let (place, n) = (facts::place(seen, known), item.count);
        let types = facts::given_out(seen).map(|(_, t)| t).filter(|t| facts::tells_of_person(t));
        let (zh, en) = facts::type_names(types);
        let bytes = facts::response(seen).map_or(0, |r| r.body.bytes);
        out.push(
            Sighting::of(&CARD, seen)
                .by_caller()
                .rests_on(item)
                .weigh_level(item.level)
                .weigh_exposure(known)
                .say(
                    both(
                        format!("{place} 导出的文件含 {n} 条敏感记录"),
                        format!("{place} exports a file with {n} sensitive records"),
                    ),
                    both(
                        format!("{bytes} 字节的文件含 {} {n} 个，类型：{zh}", data_type.zh),
                        format!("a file of {bytes} bytes with {n} of {}; types: {en}", data_type.en),
                    ),
                ),
        );
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use weir_exchange::{Form, MediaKind, Part};
    use weir_model::CallerId;

    fn found(call: Call) -> Findings {
        World::new().found(&mut Source::new(&Thresholds::default()), [call])
    }
    fn export(n: u32) -> Call {
        call("GET", "/customers/export").kind(MediaKind::Csv).gives("cn_mobile", 1, n)
    }

    #[test]
    fn reports_a_hundred_records_in_a_file() {
        assert!(found(export(99)).is_empty());
        let f = found(export(100).by(3));
        assert_eq!((f.len(), f[0].key.caller, f[0].severity), (1, Some(CallerId(3)), Severity::Medium));
        assert_eq!(found(export(100).by(100))[0].severity, Severity::High);
    }

    #[test]
    fn knows_files_by_attachment_name_and_protocol() {
        let json = |target| call("GET", target).gives("cn_mobile", 1, 300);
        assert!(found(json("/customers")).is_empty(), "a listing");
        assert_eq!(found(json("/customers.xlsx/")).len(), 1);
        let attached = |mut c: Call| {
            c.exchange.response.as_mut().unwrap().body.file_name = Some("a.json".into());
            c
        };
        assert_eq!(found(attached(json("/customers"))).len(), 1);
        assert_eq!(found(call("RETR", "/2026/all").gives("cn_mobile", 1, 300)).len(), 1);
    }

    #[test]
    fn leaves_masked_records_refusals_and_addresses_alone() {
        let masked = call("GET", "/e.csv").item("cn_id18", true, Part::Body, Form::Masked, 1, 500);
        assert!(found(masked).is_empty());
        assert!(found(export(500).status(403)).is_empty());
        assert!(found(call("GET", "/e.csv").gives("ipv4", 1, 500)).is_empty());
    }
}
