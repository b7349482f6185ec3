//! Wrong usage, told in the reader's language.

use crate::lang::Lang;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::error::Error;
use std::io::Write;
use std::process::ExitCode;

/// Prints help or what is wrong, as clap does; what is wrong in Chinese where that is the reader's language.
pub fn tell(error: &clap::Error, lang: Lang) -> ExitCode {
    let code = u8::try_from(error.exit_code()).unwrap_or(2);
    match chinese(error).filter(|_| lang == Lang::Zh) {
        Some(text) => drop(write!(std::io::stderr(), "{text}")),
        // That nobody reads it (a closed pipe) does not change the exit code.
        None => drop(error.print()),
    }
    ExitCode::from(code)
}

/// The message in Chinese: what is wrong, what may be meant, the usage. `None` for help, and for kinds that have no words here.
fn chinese(error: &clap::Error) -> Option<String> {
    let said = |kind| error.get(kind).map(shown).unwrap_or_default();
    let (arg, value) = (said(ContextKind::InvalidArg), said(ContextKind::InvalidValue));
    let what = match error.kind() {
        ErrorKind::UnknownArgument => format!("没有参数 {arg}"),
        ErrorKind::InvalidSubcommand => format!("没有命令 {}", said(ContextKind::InvalidSubcommand)),
        ErrorKind::MissingSubcommand => "缺少命令".into(),
        ErrorKind::MissingRequiredArgument => format!("缺少必需的参数：{arg}"),
        ErrorKind::ArgumentConflict => {
            format!("参数 {arg} 不能与 {} 同时使用", said(ContextKind::PriorArg))
        }
        ErrorKind::InvalidValue if value.is_empty() => format!("参数 {arg} 缺少值"),
        ErrorKind::InvalidValue => format!("参数 {arg} 的值“{value}”无效"),
        ErrorKind::ValueValidation => format!("参数 {arg} 的值“{value}”无效{}", why(error)),
        ErrorKind::TooManyValues => format!("参数 {arg} 多出值“{value}”"),
        _ => return None,
    };
    let mut text = format!("错误：{what}\n");
    let hints = [
        (ContextKind::ValidValue, "可取"),
        (ContextKind::ValidSubcommand, "可用命令"),
        (ContextKind::SuggestedArg, "是否指"),
        (ContextKind::SuggestedSubcommand, "是否指"),
        (ContextKind::SuggestedValue, "是否指"),
    ];
    for (kind, label) in hints {
        let hint = said(kind);
        if !hint.is_empty() {
            text += &format!("\n  {label}：{hint}\n");
        }
    }
    let usage = said(ContextKind::Usage);
    if let Some(usage) = usage.strip_prefix("Usage:") {
        text += &format!("\n用法：{}\n", usage.trim());
    }
    text += "\n详见 --help。\n";
    Some(text)
}

/// What a value's parser says.
fn why(error: &clap::Error) -> String {
    let Some(source) = error.source() else { return String::new() };
    if let Some(pace) = source.downcast_ref::<weir_capture::PaceError>() {
        return format!("：{}", pace.zh());
    }
    match source.to_string() {
        text if text.contains(" is not in ") => {
            format!("：须在 {} 之内", text.rsplit(' ').next().unwrap_or_default())
        }
        text if text.contains("invalid digit") => "：须为整数".into(),
        text => format!("：{text}"),
    }
}

fn shown(value: &ContextValue) -> String {
    match value {
        ContextValue::Strings(all) => all.join("、"),
        ContextValue::StyledStrs(all) => all.iter().map(ToString::to_string).collect::<Vec<_>>().join("、"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn told(arguments: &[&str]) -> String {
        let error = crate::args::command(Lang::Zh).try_get_matches_from(arguments).unwrap_err();
        chinese(&error).unwrap()
    }

    #[test]
    fn says_in_chinese_what_is_wrong() {
        for (arguments, parts) in [
            (&["weir", "replay", "a.pcap"][..], &["缺少必需的参数", "--out <DIR>", "用法：weir replay"][..]),
            (&["weir", "scann"], &["没有命令 scann", "是否指：scan"]),
            (&["weir", "replay", "a", "--out", "o", "--pace", "fast"], &["“fast”", "1x 或 10x"]),
            (&["weir", "replay", "a", "--out", "o", "--lanes", "99"], &["须在 1..=64 之内"]),
            (&["weir", "risks", "--data", "o", "--fail-on", "x"], &["可取：info、low"]),
            (&["weir", "risks", "--bogus"], &["没有参数 --bogus"]),
        ] {
            let text = told(arguments);
            for part in parts {
                assert!(text.contains(part), "{part} is missing in: {text}");
            }
            assert!(!text.contains("Usage") && !text.contains("error"), "{text}");
        }
    }
}
