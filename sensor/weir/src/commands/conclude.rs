//! What commands that run the pipeline leave and say at the end.

use super::Setting;
use crate::failure::Told;
use crate::lang::Lang;
use serde_json::json;
use std::io::{IsTerminal, Write};
use std::path::Path;
use weir_lane::LaneReport;
use weir_model::{Orphan, Registrations, Risk, RiskSource, Severity, Summary};
use weir_report::{Language, Organisation, ReportInput, Style, write_html};
use weir_store::{Stages, write_whole};

/// A line on standard error.
pub(super) fn tell(lang: Lang, said: &Summary) {
    drop(writeln!(std::io::stderr(), "weir: {}", lang.pick(&said.zh, &said.en)));
}

/// Writes the report beside the records; the file is whole or absent.
pub(super) fn report(out: &Path, input: &ReportInput<'_>, language: Language) -> Result<(), Summary> {
    let path = out.join("report.html");
    write_whole(&path, "the report", |file| write_html(file, input, language)).map_err(|e| {
        // One of an earlier run would speak of other records.
        drop(std::fs::remove_file(&path));
        e.told()
    })
}

/// The highest severity among them.
pub(super) fn worst(sources: &[RiskSource]) -> Option<Severity> {
    sources.iter().map(|s| s.severity).max()
}

/// The handler's information, as the configuration has it.
pub(super) fn organisation(setting: &Setting) -> Organisation {
    let o = &setting.config.organisation;
    Organisation {
        name: o.name.clone(),
        officer: o.officer.clone(),
        contact: o.contact.clone(),
        scope: o.scope.clone(),
    }
}

/// Colours on a terminal that wants them (https://no-color.org), at its width.
pub(super) fn style() -> Style {
    let terminal = std::io::stdout().is_terminal();
    let color = terminal && std::env::var_os("NO_COLOR").is_none();
    let width = comfy_table::Table::new()
        .set_content_arrangement(comfy_table::ContentArrangement::Dynamic)
        .width()
        .unwrap_or(100);
    Style { color, width }
}

/// The summary as one JSON object.
pub(super) fn figures(
    input: &ReportInput<'_>,
    sources: &[RiskSource],
    risks: &[Risk],
    registered: Option<&Registrations>,
) -> String {
    let by = |s: Severity| sources.iter().filter(|x| x.severity == s).count();
    let severities = Severity::ALL.map(|s| (s.key().to_string(), json!(by(s))));
    let from = weir_report::whence(&input.known)
        .into_iter()
        .map(|w| (w.bucket.key().to_string(), json!(w.exchanges)));
    let received = input.ledger.received;
    let object = json!({
        "v": 1,
        "received": { "frames": received.count, "bytes": received.bytes },
        "balanced": input.ledger.balanced(),
        "exchanges": input.tally.exchanges,
        "complete": input.tally.complete,
        "interfaces": input.interfaces().count(),
        "accounts": input.known.accounts.len(),
        "risk_sources": serde_json::Map::from_iter(severities),
        "risks": risks.len(),
        "incidents": input.incidents.len(),
        "calls_from": serde_json::Map::from_iter(from),
        "never_seen": registered.map(|r| {
            let orphan = |o: &Orphan| json!({ "method": o.method, "host": o.host, "path": o.path, "owner": o.owner, "system": o.system });
            r.orphans.iter().map(orphan).collect::<Vec<_>>()
        }),
        "faults": input.faults.iter().map(|f| &f.en).collect::<Vec<_>>(),
        "out": input.directory,
    });
    format!("{object}\n")
}

/// Stage figures for `ledger.json`.
pub(super) fn stages(report: &LaneReport) -> Stages {
    let s = &report.stream;
    let stream = [
        ("opened", s.opened),
        ("picked_up", s.picked_up),
        ("evicted", s.evicted),
        ("reused", s.reused),
        ("resets", s.resets),
        ("timeouts", s.timeouts),
        ("out_of_order", s.out_of_order),
        ("gaps", s.gaps),
        ("gap_bytes", s.gap_bytes),
        ("over_budget", s.over_budget),
        ("both_ways", s.both_ways),
        ("client_only", s.client_only),
        ("server_only", s.server_only),
    ];
    let d = &report.decode;
    let decode = [
        ("cut_frames", d.cut_frames),
        ("cut_bytes", d.cut_bytes),
        ("tagged", d.tagged),
        ("tunnelled", d.tunnelled),
        ("mirrored", d.mirrored),
    ];
    let named = |figures: &[(&str, u64)]| figures.iter().map(|(k, v)| ((*k).to_string(), *v)).collect();
    Stages::from([("decode".to_string(), named(&decode)), ("stream".to_string(), named(&stream))])
}
