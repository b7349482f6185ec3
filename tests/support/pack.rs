//! Files made for trials.

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use std::io::Write;

/// Deflated, without a head (RFC 1951).
pub fn deflate(data: &[u8]) -> Vec<u8> {
    let mut e = DeflateEncoder::new(Vec::new(), Compression::default());
    e.write_all(data).unwrap();
    e.finish().unwrap()
}

/// Compressed with gzip.
pub fn gzip(data: &[u8]) -> Vec<u8> {
    let mut e = GzEncoder::new(Vec::new(), Compression::default());
    e.write_all(data).unwrap();
    e.finish().unwrap()
}

/// A zip archive, with flags of every entry: 1 encrypted, 8 sizes behind the data.
pub fn zip_with(flags: u16, entries: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, data) in entries {
        let packed = deflate(data);
        let sizes = [packed.len() as u32, data.len() as u32];
        let at = out.len() as u32;
        let local_sizes = if flags & 8 == 8 { [0, 0] } else { sizes };
        let head = |sizes: [u32; 2]| {
            let mut h = Vec::new();
            h.extend(20u16.to_le_bytes());
            h.extend(flags.to_le_bytes());
            h.extend(8u16.to_le_bytes());
            h.extend([0; 8]);
            sizes.iter().for_each(|s| h.extend(s.to_le_bytes()));
            h.extend((name.len() as u16).to_le_bytes());
            h.extend(0u16.to_le_bytes());
            h
        };
        out.extend(b"PK\x03\x04");
        out.extend(head(local_sizes));
        out.extend(name.as_bytes());
        out.extend(&packed);
        if flags & 8 == 8 {
            out.extend(b"PK\x07\x08\0\0\0\0");
            sizes.iter().for_each(|s| out.extend(s.to_le_bytes()));
        }
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(head(sizes));
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let at = out.len() as u32;
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend((entries.len() as u16).to_le_bytes());
    out.extend((entries.len() as u16).to_le_bytes());
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend([0; 2]);
    out
}

/// A zip archive.
pub fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    zip_with(0, entries)
}

/// A workbook of one sheet; its strings stand behind it, as most programs write them.
pub fn xlsx(rows: &[&[&str]]) -> Vec<u8> {
    let (mut strings, mut sheet, mut n) = (String::from("<sst>"), String::from("<worksheet><sheetData>"), 0);
    for row in rows {
        sheet += "<row>";
        for cell in *row {
            strings += &format!("<si><t>{cell}</t></si>");
            sheet += &format!("<c t=\"s\"><v>{n}</v></c>");
            n += 1;
        }
        sheet += "</row>";
    }
    let (strings, sheet) = (strings + "</sst>", sheet + "</sheetData></worksheet>");
    zip(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("xl/workbook.xml", b"<workbook/>"),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
        ("xl/sharedStrings.xml", strings.as_bytes()),
    ])
}

/// A text document of paragraphs, each cut into runs of four characters.
pub fn docx(paragraphs: &[&str]) -> Vec<u8> {
    let mut body = String::from("<w:document><w:body>");
    for p in paragraphs {
        body += "<w:p>";
        for run in p.chars().collect::<Vec<_>>().chunks(4) {
            body += &format!("<w:r><w:t>{}</w:t></w:r>", run.iter().collect::<String>());
        }
        body += "</w:p>";
    }
    body += "</w:body></w:document>";
    zip(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", body.as_bytes())])
}

/// A tape archive.
pub fn tar(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = tar::Builder::new(Vec::new());
    for (name, data) in entries {
        let mut header = tar::Header::new_ustar();
        header.set_size(data.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        out.append_data(&mut header, name, *data).unwrap();
    }
    out.into_inner().unwrap()
}

/// A PDF of one page in a Western font and one whose codes only its table tells, streams packed, the fonts in an object stream.
pub fn pdf(western: &str, coded: &str) -> Vec<u8> {
    let zlib = |data: &[u8]| {
        let mut e = flate2::write::ZlibEncoder::new(Vec::new(), Compression::default());
        e.write_all(data).unwrap();
        e.finish().unwrap()
    };
    let units: Vec<u16> = coded.encode_utf16().collect();
    let codes: String = (1..=units.len()).map(|i| format!("{i:04x}")).collect();
    let table: String =
        units.iter().enumerate().map(|(i, u)| format!("<{:04x}> <{u:04x}>\n", i + 1)).collect();
    let content = format!("BT /F1 12 Tf 50 700 Td ({western}) Tj 0 -14 Td /F2 12 Tf <{codes}> Tj ET");
    let map = format!(
        "begincodespacerange <0000> <ffff> endcodespacerange {} beginbfchar\n{table}endbfchar",
        units.len()
    );
    let fonts = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>> <</Type/Font/Subtype/Type0/Encoding/Identity-H/ToUnicode 7 0 R>>";
    let packed = format!("5 0 6 {} {fonts}", fonts.find(" <<").unwrap() + 1);
    let first = packed.find("<<").unwrap();
    let mut out = b"%PDF-1.5\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1/Resources<</Font<</F1 5 0 R/F2 6 0 R>>>>>> endobj\n\
        3 0 obj <</Type/Page/Parent 2 0 R/Contents 4 0 R>> endobj\n"
        .to_vec();
    let mut stream = |n: u32, more: &str, data: &[u8]| {
        let data = zlib(data);
        out.extend(format!("{n} 0 obj <</Length {}/Filter/FlateDecode{more}>> stream\n", data.len()).bytes());
        out.extend(&data);
        out.extend(b"\nendstream endobj\n");
    };
    stream(4, "", content.as_bytes());
    stream(7, "", map.as_bytes());
    stream(8, &format!("/Type/ObjStm/N 2/First {first}"), packed.as_bytes());
    out.extend(b"trailer <</Root 1 0 R>>\n%%EOF\n");
    out
}
