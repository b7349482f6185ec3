//! The summary on the terminal.

use crate::run::Sample;
use weir_report::{Language, Style, summary};

const PLAIN: Style = Style { color: false, width: 110 };

fn told(sample: &Sample, language: Language, style: Style) -> String {
    let text = summary(&sample.input(&|id| id), language, style);
    if std::env::var_os("WEIR_REPORT_SAMPLE").is_some() {
        println!("{text}");
    }
    text
}

#[test]
fn tells_the_run_in_both_languages() {
    let zh = told(&Sample::new(), Language::Zh, PLAIN);
    for part in
        ["1,732 次接口调用", "活跃 10", "居民身份证号", "V01", "重大 1", "账目平衡", "out/report.html"]
    {
        assert!(zh.contains(part), "{part}\n{zh}");
    }
    let en = told(&Sample::new(), Language::En, PLAIN);
    for part in [
        "1,732 exchanges, 2 sites",
        "10 active",
        "Resident ID",
        "Critical 1",
        "the ledger balances",
        "Risks  4, highest level Major",
    ] {
        let one_line = en.split_whitespace().collect::<Vec<_>>().join(" ");
        let part = part.replace("  ", " ");
        assert!(one_line.contains(&part), "{part}\n{en}");
    }
    assert!(!zh.contains('\x1b') && !en.contains('\x1b'));
}

#[test]
fn colours_only_where_asked() {
    let text = told(&Sample::new(), Language::Zh, Style { color: true, width: 110 });
    assert!(text.contains("\x1b[1m"));
}

#[test]
fn hostile_text_and_narrow_terminals_do_no_harm() {
    let text =
        told(&Sample::poisoned("\x1b]0;x\x07\u{202e}\n"), Language::En, Style { color: false, width: 1 });
    assert!(!text.contains('\x1b') && !text.contains('\x07') && !text.contains('\u{202e}'));
    assert!(told(&Sample::empty(), Language::Zh, PLAIN).contains("没有 TCP 载荷"));
    assert!(told(&Sample::crowded(), Language::En, PLAIN).lines().count() < 80);
}

#[test]
fn sentences_wrap_at_the_width() {
    let mut sample = Sample::new();
    sample.faults = vec![weir_model::Summary {
        zh: "文件在记录中途结束；".repeat(12),
        en: "cut short here; ".repeat(12),
    }];
    for (language, fault) in [(Language::En, "Note: cut short"), (Language::Zh, "注意：文件")] {
        let text = told(&sample, language, Style { color: false, width: 72 });
        assert!(text.contains(fault), "{text}");
        assert!(text.lines().all(|l| l.chars().count() <= 72), "{text}");
    }
}

#[test]
fn names_no_report_that_is_not_there() {
    let sample = Sample::new();
    let resolve = |id| id;
    let input = weir_report::ReportInput { reported: false, ..sample.input(&resolve) };
    let text = summary(&input, Language::En, PLAIN);
    assert!(!text.contains("report.html") && text.contains("could not be written"), "{text}");
}
