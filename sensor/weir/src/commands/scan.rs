//! `weir scan`: sensitive data in documents or bodies.

use super::{Setting, print, scan_explain};
use crate::args::Scan;
use crate::failure::{Failure, Outcome, Run};
use crate::lang::Lang;
use crate::table::table;
use base64::Engine as _;
use serde::Deserialize;
use serde_json::json;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::sync::Arc;
use weir_exchange::{Catalogue, Fingerprinter, Label};
use weir_inspect::{Config, Document, DocumentHit, DocumentScan, Inspector, Reach};

/// Most bytes of one document: it is read whole.
const LARGEST: u64 = 1 << 30;

/// Scans documents, or the bodies of a JSON Lines file.
pub fn scan(args: &Scan, setting: &Setting) -> Run {
    let rules = Arc::new(setting.rules(&args.rules, args.profile.as_deref())?);
    let catalogue = rules.catalogue().clone();
    // Nothing of a scan is kept, so the key of its fingerprints does not matter.
    let mut inspector = Inspector::new(rules, Fingerprinter::new([0; 16]), Config::default())
        .map_err(|e| Failure::because("无法启动扫描", "cannot start scanning", &e))?;
    if args.reveal && args.bodies.is_none() && !args.explain {
        return Err(Failure::new(
            "--reveal 须与 --bodies 或 --explain 同用",
            "--reveal goes with --bodies or --explain: give one of them",
        ));
    }
    if args.reveal {
        let (zh, en) =
            ("输出将包含明文值，请妥善保管。", "the output will hold values in clear; keep it safe.");
        drop(writeln!(std::io::stderr(), "weir: {}", setting.lang.pick(zh, en)));
    }
    match &args.bodies {
        Some(file) => bodies(file, args.reveal, &mut inspector, &catalogue, setting),
        None => documents(args, &mut inspector, &catalogue, setting),
    }
}

fn documents(args: &Scan, inspector: &mut Inspector, catalogue: &Catalogue, setting: &Setting) -> Run {
    let mut rows = Vec::new();
    for file in &args.files {
        let bytes = read(file)?;
        let document = Document {
            bytes: &bytes,
            // A charset says that it is text, which bytes of other charsets than UTF-8 do not tell by themselves.
            content_type: args.content_type.as_deref().or(args.charset.as_ref().map(|_| "text/plain")),
            charset: args.charset.as_deref(),
            field: args.field.as_deref(),
            reveal: args.reveal,
            explain: args.explain,
        };
        let DocumentScan { hits, reach, candidates } = inspector.scan_file(&document);
        let quiet = hits.is_empty() && !setting.json;
        if quiet || reach == Reach::Part {
            told(file, &document, reach, hits.len(), setting);
        }
        if args.explain {
            let text = match setting.json {
                true => candidates.iter().map(|c| scan_explain::line(file, c, catalogue)).collect(),
                false => scan_explain::trees(file, &candidates, catalogue, setting.lang),
            };
            print(&text)?;
        } else if setting.json {
            print(&hits.iter().map(|h| line(file, h, catalogue)).collect::<String>())?;
        } else {
            rows.extend(hits.iter().map(|h| row(file, h, catalogue, setting.lang)));
        }
    }
    if !setting.json && !rows.is_empty() {
        let l = setting.lang;
        let header = [
            l.pick("文件", "file"),
            l.pick("位置", "at"),
            l.pick("类型", "type"),
            l.pick("形态", "form"),
            l.pick("级别", "level"),
            l.pick("分级", "grade"),
            l.pick("字段", "field"),
            l.pick("可信度", "confidence"),
            l.pick("脱敏样例", "masked"),
        ];
        print(&table(&header, rows))?;
    }
    Ok(Outcome::Success)
}

/// Says what no hit means (nothing there, or nothing read), or that a part was not read.
fn told(file: &Path, document: &Document<'_>, reach: Reach, hits: usize, setting: &Setting) {
    let shown = if file == Path::new("-") {
        setting.lang.pick("标准输入", "standard input").to_string()
    } else {
        file.display().to_string()
    };
    let (zh, en) = match reach {
        _ if document.bytes.is_empty() => (format!("{shown}：文件为空。"), format!("{shown}: empty.")),
        Reach::Nothing => (
            format!(
                "{shown}：看来是二进制内容，未读取其内部；没有命中不等于没有敏感数据。若为文本，请用 --charset 或 --content-type 指明。"
            ),
            format!(
                "{shown}: looks binary, so its content was not read; no hit does not mean that it is clean. If it is text, say so with --charset or --content-type."
            ),
        ),
        Reach::Part => (
            format!("{shown}：有一部分未能读取（加密、损坏、格式不支持或超出上限）；命中 {hits} 处。"),
            format!(
                "{shown}: a part was not read (encrypted, damaged, of a kind that is not read, or beyond a bound); {hits} hits."
            ),
        ),
        Reach::Whole => (format!("{shown}：未发现敏感数据。"), format!("{shown}: no sensitive data found.")),
    };
    drop(writeln!(std::io::stderr(), "weir: {}", setting.lang.pick(zh, en)));
}

fn name<'a>(h: &DocumentHit, catalogue: &'a Catalogue) -> &'a str {
    catalogue.data_type(h.data_type).map_or("unknown", |t| &t.id)
}

/// Level and category in the grading profile in force.
fn graded<'a>(h: &DocumentHit, catalogue: &'a Catalogue) -> Option<(&'a Label, Option<&'a Label>)> {
    let grading = catalogue.grading.as_ref()?;
    Some((grading.label(grading.field(h.data_type, h.form))?, grading.category(h.data_type)))
}

fn line(file: &Path, h: &DocumentHit, catalogue: &Catalogue) -> String {
    let mut object = json!({
        "v": 1, "file": file, "start": h.start, "end": h.end, "type": name(h, catalogue), "form": h.form.key(),
        "level": h.level, "path": h.path, "confidence": h.confidence, "masked": h.masked,
    });
    if let (Some((grade, category)), Some(fields)) = (graded(h, catalogue), object.as_object_mut()) {
        fields.insert("grade".into(), json!(grade.id));
        fields.extend(category.map(|c| ("category".to_string(), json!(c.id))));
    }
    format!("{object}\n")
}

fn row(file: &Path, h: &DocumentHit, catalogue: &Catalogue, lang: Lang) -> Vec<String> {
    let grade = graded(h, catalogue).map(|(g, _)| lang.pick(&*g.zh, &*g.en).to_string());
    vec![
        file.display().to_string(),
        format!("{}-{}", h.start, h.end),
        name(h, catalogue).into(),
        h.form.key().into(),
        h.level.to_string(),
        grade.unwrap_or_default(),
        h.path.to_string(),
        h.confidence.to_string(),
        h.masked.to_string(),
    ]
}

fn unreadable(file: &Path, why: &dyn std::fmt::Display) -> Failure {
    let shown = file.display();
    Failure::new(
        format!("无法读取 {shown}：{why}。请检查路径与权限。"),
        format!("cannot read {shown}: {why}. Check the path and its permissions."),
    )
}

fn open(file: &Path) -> Result<Box<dyn Read>, Failure> {
    if file == Path::new("-") {
        return Ok(Box::new(std::io::stdin()));
    }
    File::open(file).map(|f| Box::new(f) as Box<dyn Read>).map_err(|e| unreadable(file, &e))
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    open(file)?.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|e| unreadable(file, &e))?;
    if bytes.len() as u64 > LARGEST {
        return Err(unreadable(file, &"larger than 1 GiB; split it first"));
    }
    Ok(bytes)
}

/// One line of a body file; other keys are passed over.
#[derive(Deserialize)]
struct BodyLine {
    id: serde_json::Value,
    #[serde(default)]
    ct: Option<String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    body_b64: Option<String>,
}

fn bodies(
    file: &Path,
    reveal: bool,
    inspector: &mut Inspector,
    catalogue: &Catalogue,
    setting: &Setting,
) -> Run {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let (mut unread, mut short) = (0u64, 0u64);
    for (n, text) in BufReader::new(open(file)?).lines().enumerate() {
        let text = text.map_err(|e| unreadable(file, &e))?;
        if text.trim().is_empty() {
            continue;
        }
        let (id, ct, bytes) = body(&text).map_err(|why| {
            let (shown, n) = (file.display(), n + 1);
            Failure::new(
                format!("{shown} 第 {n} 行有误：{why}；每行须为含 id 及 body 或 body_b64 的 JSON 对象"),
                format!(
                    "{shown}, line {n}: {why}; each line must be a JSON object with id and body or body_b64"
                ),
            )
        })?;
        let document = Document { bytes: &bytes, content_type: ct.as_deref(), reveal, ..Document::default() };
        let scan = inspector.scan_file(&document);
        unread += u64::from(scan.reach == Reach::Nothing && !bytes.is_empty());
        short += u64::from(scan.reach == Reach::Part);
        let predictions: Vec<_> = scan.hits.iter().map(|h| prediction(h, catalogue)).collect();
        let written = writeln!(out, "{}", json!({ "id": id, "preds": predictions }));
        match written {
            Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => return Ok(Outcome::Success),
            other => other.map_err(|e| unreadable(Path::new("standard output"), &e))?,
        }
    }
    drop(out.flush());
    if unread + short > 0 {
        let (zh, en) = (
            format!("{unread} 个正文未读取（图片等二进制内容），{short} 个只读取了一部分。"),
            format!(
                "{unread} bodies were not read (pictures and other binary content), {short} only in part."
            ),
        );
        drop(writeln!(std::io::stderr(), "weir: {}", setting.lang.pick(zh, en)));
    }
    Ok(Outcome::Success)
}

/// Id, media type and bytes of a line.
fn body(text: &str) -> Result<(serde_json::Value, Option<String>, Vec<u8>), String> {
    let line: BodyLine = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let bytes = match (line.body, line.body_b64) {
        (Some(body), _) => body.into_bytes(),
        (None, Some(b64)) => {
            base64::prelude::BASE64_STANDARD.decode(b64).map_err(|e| format!("body_b64: {e}"))?
        }
        (None, None) => return Err("neither body nor body_b64".into()),
    };
    Ok((line.id, line.ct, bytes))
}

fn prediction(h: &DocumentHit, catalogue: &Catalogue) -> serde_json::Value {
    let mut p = json!({
        "type": name(h, catalogue), "start": h.start, "end": h.end, "form": h.form.key(),
        "score": f64::from(h.confidence) / 100.0,
    });
    if let (Some(value), Some(object)) = (&h.value, p.as_object_mut()) {
        object.insert("value".into(), json!(value));
    }
    p
}
