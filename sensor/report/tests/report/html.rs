//! What `report.html` must hold whatever is in it.

use crate::run::Sample;
use weir_report::Language;

/// Elements and attributes that load or run something.
const LOADS: [&str; 12] = [
    "<img", "<link", "<iframe", "<object", "<embed", "<base", "src=", "srcset=", "@import", "url(",
    "http://", "https://",
];

/// Tags that are closed as often as opened.
const PAIRED: [&str; 12] =
    ["div", "span", "table", "tr", "svg", "text", "a", "code", "article", "figure", "p", "h2"];

fn count(text: &str, part: &str) -> usize {
    text.matches(part).count()
}

fn assert_sound(html: &str) {
    for load in LOADS {
        assert!(!html.contains(load), "{load}");
    }
    assert_eq!((count(html, "<script"), count(html, "</script>")), (1, 1));
    assert!(html.contains("default-src &#39;none&#39;"));
    for tag in PAIRED {
        let opened = count(html, &format!("<{tag}>")) + count(html, &format!("<{tag} "));
        assert_eq!(opened, count(html, &format!("</{tag}>")), "{tag}");
    }
    assert_eq!(count(html, "class=\"zh\""), count(html, "class=\"en\""));
}

#[test]
fn says_everything_in_both_languages() {
    let html = Sample::new().html(Language::Zh);
    assert_sound(&html);
    if let Some(path) = std::env::var_os("WEIR_REPORT_SAMPLE") {
        std::fs::write(path, &html).unwrap();
    }
    for anchor in
        ["handler", "overview", "interfaces", "data", "sources", "risks", "handling", "coverage", "annex"]
    {
        assert!(
            html.contains(&format!("<h2 id=\"{anchor}\"")) && html.contains(&format!("href=\"#{anchor}\"")),
            "{anchor}"
        );
    }
    for text in [
        "数据接口安全风险监测报告",
        "Missing authentication",
        "接口缺少身份鉴别",
        "/api/v1/customers/{id}",
        "示例银行",
        "未填写",
    ] {
        assert!(html.contains(text), "{text}");
    }
    assert!(html.starts_with("<!doctype html>\n<html lang=\"zh-CN\" data-lang=\"zh\">"));
    assert!(Sample::new().html(Language::En).contains("<html lang=\"en\" data-lang=\"en\">"));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    assert_eq!(Sample::new().html(Language::Zh), Sample::new().html(Language::Zh));
}

#[test]
fn hostile_text_stays_text() {
    for text in [
        "</script><script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "'\u{202e}\u{0}</td></table>&lt;",
        "]]><!--",
    ] {
        let html = Sample::poisoned(text).html(Language::Zh);
        let plain = Sample::new().html(Language::Zh);
        let escaped = html.replace("src=x", "");
        assert_sound(&escaped);
        assert_eq!(count(&html, "<table>"), count(&plain, "<table>"));
        assert!(
            !html.contains("<img")
                && !html.contains("<!--")
                && !html.contains('\u{202e}')
                && !html.contains('\0')
        );
    }
}

#[test]
fn nothing_seen_is_a_report_too() {
    let html = Sample::empty().html(Language::Zh);
    assert_sound(&html);
    assert!(html.contains("未识别到风险源") && html.contains("No risk source was identified"));
    assert!(!html.contains("NaN") && !html.contains("inf\""));
}

#[test]
fn long_lists_are_cut_and_said_so() {
    let html = Sample::crowded().html(Language::Zh);
    assert_sound(&html);
    assert!(html.len() < 600_000, "{}", html.len());
    assert!(html.contains("and 2982 more, see risk-sources.jsonl"));
}
