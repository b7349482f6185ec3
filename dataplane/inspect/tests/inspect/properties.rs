//! What must hold for any body.

use crate::stage::{Play, inspector};
use proptest::prelude::*;
use weir_exchange::Exchange;
use weir_inspect::{Config, Document};

/// Shorter than the shortest window there is, which is taken instead.
const SMALL: usize = 1;

/// A document of `n` records in a format, with values where `at` says.
fn document(format: u8, at: &[bool], filler: usize) -> (&'static str, String) {
    let word = |i: usize| "词 word,".repeat(filler).chars().skip(i % 3).collect::<String>();
    let value = |yes: bool| if yes { "13812345678" } else { "0" };
    let rows = at.iter().enumerate().map(|(i, yes)| (word(i), value(*yes)));
    match format {
        0 => (
            "application/json",
            format!(
                "[{}]",
                rows.map(|(w, v)| format!("{{\"a\":\"{w}\",\"mobile\":\"{v}\"}}"))
                    .collect::<Vec<_>>()
                    .join(",")
            ),
        ),
        1 => ("text/plain", rows.map(|(w, v)| format!("{w} {v} ")).collect()),
        2 => (
            "text/csv",
            "a,mobile\n".to_owned() + &rows.map(|(w, v)| format!("\"{w}\",{v}\n")).collect::<String>(),
        ),
        3 => (
            "application/xml",
            format!(
                "<r>{}</r>",
                rows.map(|(w, v)| format!("<x><a>{w}</a><mobile>{v}</mobile></x>")).collect::<String>()
            ),
        ),
        4 => (
            "application/x-www-form-urlencoded",
            rows.map(|(w, v)| format!("a={}&mobile={v}&", w.replace("词", "%E8%AF%8D"))).collect(),
        ),
        5 => (
            "application/json",
            format!(
                "{{\"a\":\"{}\"}}",
                rows.map(|(w, v)| format!("{} {v} ", w.replace("词", "\\u8bcd"))).collect::<String>()
            ),
        ),
        6 => (
            "text/html",
            format!("<p>{}</p>", rows.map(|(w, v)| format!("{w}<b>{v}</b>")).collect::<String>()),
        ),
        _ => (
            "multipart/form-data; boundary=b",
            format!(
                "{}--b--",
                rows.map(|(w, v)| format!(
                    "--b\r\nContent-Disposition: form-data; name=\"mobile\"\r\n\r\n{w} {v}\r\n"
                ))
                .collect::<String>()
            ),
        ),
    }
}

fn exchange(media: &str, body: &[u8], piece: usize, window: usize) -> Exchange {
    let mut play = Play::get("/").answer(media, body);
    play.piece = piece;
    play.run_with(Config { digest: true, window, ..Config::default() }).0
}

fn every_value_is_where_it_is_told(
    format: u8,
    at: &[bool],
    filler: usize,
    gbk: bool,
    window: usize,
) -> Result<(), TestCaseError> {
    let (media, text) = document(format, at, filler);
    let gbk = gbk && format != 4;
    let bytes = if gbk { encoding_rs::GBK.encode(&text).0.into_owned() } else { text.into_bytes() };
    let charset = if gbk { Some("gbk") } else { None };
    let mut i = inspector(Config { window, ..Config::default() });
    let hits = i.scan_document(&Document {
        bytes: &bytes,
        content_type: Some(media),
        charset,
        reveal: true,
        ..Document::default()
    });
    prop_assert_eq!(hits.len(), at.iter().filter(|y| **y).count());
    for h in hits {
        prop_assert_eq!(&bytes[h.start as usize..h.end as usize], b"13812345678");
        prop_assert_eq!(h.value.as_deref(), Some("13812345678"));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn pieces_and_windows_do_not_matter(
        format in 0u8..8, at in proptest::collection::vec(any::<bool>(), 1..60), filler in 0usize..120, piece in 1usize..3000,
    ) {
        let (media, text) = document(format, &at, filler);
        let whole = exchange(media, text.as_bytes(), 0, 1 << 20);
        let values = at.iter().filter(|y| **y).count();
        prop_assert_eq!(whole.data.iter().map(|d| d.count as usize).sum::<usize>(), values);
        prop_assert_eq!(&exchange(media, text.as_bytes(), piece, 1 << 20), &whole);
        let windowed = exchange(media, text.as_bytes(), piece, SMALL);
        prop_assert_eq!(&windowed.data.iter().map(|d| d.count as usize).sum::<usize>(), &values);
        prop_assert_eq!(&windowed.response.as_ref().unwrap().body, &whole.response.as_ref().unwrap().body);
        prop_assert_eq!(&exchange(media, text.as_bytes(), 0, SMALL), &windowed);
    }

    #[test]
    fn offsets_lead_to_the_value(
        format in 0u8..8, at in proptest::collection::vec(any::<bool>(), 1..40), filler in 0usize..120, gbk in any::<bool>(),
        window in 1usize..20_000,
    ) {
        every_value_is_where_it_is_told(format, &at, filler, gbk, window)?;
    }

    #[test]
    fn random_bytes_do_no_harm(
        media in "(application/json|text/html|text/xml|text/csv|text/plain|multipart/x|application/x-www-form-urlencoded|)",
        coding in "(|gzip|deflate|br|zstd|gzip, br)",
        charset in "(|; charset=gbk|; charset=utf-16le|; charset=shift_jis)",
        body in proptest::collection::vec(prop_oneof![any::<u8>(), proptest::sample::select(&b"{}[]\"\\:,<>=&;%u01-\r\n"[..])], 0..6000),
        piece in 0usize..4000,
    ) {
        let media = format!("{media}{charset}");
        let mut play = Play::post("/x?%zz&=&a", &media, "").answering("Content-Encoding", &coding).answer(&media, body.clone());
        play.request = body;
        play.piece = piece;
        play.run_with(Config { window: SMALL, ..Config::default() });
    }
}

#[test]
fn nesting_is_bounded() {
    let deep = |open: &str, close: &str| open.repeat(3000) + close;
    let parts: String = (0..900)
        .map(|i| format!("--b{i}\r\nContent-Type: multipart/x; boundary=b{}\r\n\r\n", i + 1))
        .collect();
    for (media, body) in [
        ("application/json", deep("[", "13812345678")),
        ("application/json", deep("{\"a\":", "13812345678")),
        ("text/xml", deep("<a>", "13812345678")),
        ("text/html", deep("<table>", "13812345678")),
        ("multipart/x; boundary=b0", parts + "\r\n13812345678"),
    ] {
        let x = exchange(media, body.as_bytes(), 0, 1 << 20);
        assert_eq!(x.data.iter().map(|d| d.count).sum::<u32>(), 1, "{media}");
    }
}

/// A window that ends right behind the head of a part.
#[test]
fn a_seam_behind_the_head_of_a_part_does_not_cost_its_value() {
    let at = [2, 5, 6, 8, 9, 10, 11, 12];
    let at: Vec<bool> = (0..13).map(|i| at.contains(&i)).collect();
    every_value_is_where_it_is_told(7, &at, 77, true, 1).unwrap();
}
