//! The help in the reader's language.

use super::Cli;
use super::texts::ZH;
use crate::lang::Lang;

/// The command line in the reader's language.
pub fn command(lang: Lang) -> clap::Command {
    let mut command = <Cli as clap::CommandFactory>::command();
    if lang == Lang::Zh {
        for (path, arg, text) in ZH {
            command = translated(command, path, arg, text);
        }
        command = localised(command.after_help(
            "示例：\n  weir replay office.pcap --out out      读取抓包，在 out/ 写出 report.html 与记录\n  weir run --source af_packet:eth0       监测镜像口\n  weir risks --data out                  列出发现的风险\n  weir scan customers.json               查找文档中的敏感数据\n  weir explain V01                       解释一个风险源及其识别方法",
        ));
    }
    command
}

/// Puts clap's own words of help into Chinese: headings, defaults, accepted values, `--help` and `help` themselves.
fn localised(mut command: clap::Command) -> clap::Command {
    // Building adds what clap adds by itself, so that it can be changed.
    command.build();
    relabelled(command)
}

fn relabelled(command: clap::Command) -> clap::Command {
    const TEMPLATE: &str = "{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}";
    let command = command.help_template(TEMPLATE).subcommand_help_heading("命令").mut_args(relabelled_arg);
    command.mut_subcommands(|c| {
        let c = if c.get_name() == "help" { c.about("显示本帮助或某个命令的帮助") } else { c };
        relabelled(c)
    })
}

fn relabelled_arg(arg: clap::Arg) -> clap::Arg {
    let arg = arg.clone().help_heading(if arg.is_positional() { "参数" } else { "选项" });
    match arg.get_id().as_str() {
        "help" => return arg.help("显示帮助").long_help(None),
        "version" => return arg.help("显示版本"),
        _ => {}
    }
    let mut text = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let takes_value = arg.get_action().takes_values();
    if takes_value && let [default] = arg.get_default_values() {
        text += &format!(" [缺省：{}]", default.to_string_lossy());
    }
    let accepted: Vec<String> = arg.get_possible_values().iter().map(|v| v.get_name().to_string()).collect();
    if takes_value && !arg.is_hide_possible_values_set() && !accepted.is_empty() {
        text += &format!(" [可取：{}]", accepted.join("、"));
    }
    arg.help(text).hide_default_value(true).hide_possible_values(true)
}

/// Puts a Chinese text at a command path or one of its arguments.
fn translated(command: clap::Command, path: &str, arg: &str, text: &'static str) -> clap::Command {
    let (first, rest) = path.split_once(' ').unwrap_or((path, ""));
    if !first.is_empty() {
        return command.mut_subcommand(first, |c| translated(c, rest, arg, text));
    }
    if arg.is_empty() { command.about(text) } else { command.mut_arg(arg, |a| a.help(text)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_consistent() {
        command(Lang::En).debug_assert();
        command(Lang::Zh).debug_assert();
    }

    #[test]
    fn everything_is_translated() {
        fn visit(c: &clap::Command, path: &str) {
            let said = |arg: &str| ZH.iter().any(|(p, a, _)| *p == path && *a == arg);
            assert!(said(""), "{path}");
            for a in
                c.get_arguments().map(|a| a.get_id().as_str()).filter(|a| !["help", "version"].contains(a))
            {
                assert!(said(a), "{path} {a}");
            }
            for s in c.get_subcommands() {
                let below = format!("{path} {}", s.get_name());
                visit(s, below.trim());
            }
        }
        visit(&<Cli as clap::CommandFactory>::command(), "");
    }
}
