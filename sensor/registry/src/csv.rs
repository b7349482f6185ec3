//! Tables (RFC 4180), with the line that each row begins on.

/// The rows of a table that have anything in them.
pub(crate) fn rows(text: &str) -> Vec<(usize, Vec<String>)> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    // Rows may differ in length and the text is UTF-8: nothing is left that the reader refuses.
    let rows = reader.records().map_while(Result::ok).map(|row| {
        let line = row.position().map_or(0, |p| usize::try_from(p.line()).unwrap_or(usize::MAX));
        (line, row.iter().map(Into::into).collect::<Vec<String>>())
    });
    rows.filter(|(_, cells)| cells.iter().any(|c| !c.is_empty())).collect()
}

/// A table of rows.
pub(crate) fn table(rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).flexible(true).from_writer(Vec::new());
    for row in rows {
        // Into memory, and of any length: there is nothing to go wrong.
        let _ = writer.write_record(&row);
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}
