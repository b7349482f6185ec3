//! How figures and the model's words read in both languages.

use weir_exchange::{CredentialKind, Form};
use weir_model::{Harm, InterfaceForm, Likelihood, Operation, RiskLevel, Severity};
use weir_wire::{Layer, Timestamp};

/// A text in both languages.
pub(crate) type Both = (&'static str, &'static str);

/// `1,234,567`.
pub(crate) fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// `1.5 MB` (powers of 1,000).
pub(crate) fn bytes(n: u64) -> String {
    let (mut value, mut unit) = (n as f64, "B");
    for next in ["kB", "MB", "GB", "TB"] {
        if value < 1000.0 {
            break;
        }
        (value, unit) = (value / 1000.0, next);
    }
    if unit == "B" { format!("{n} B") } else { format!("{value:.1} {unit}") }
}

/// Share of `part` in `whole`, rounded so that only all is 100 % and only nothing is 0 %.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "–".into();
    }
    if part == whole {
        return "100%".into();
    }
    if part == 0 {
        return "0%".into();
    }
    let share = part as f64 / whole as f64 * 100.0;
    format!("{:.1}%", share.clamp(0.1, 99.9))
}

/// `2026-01-02 03:04:05`, in UTC.
pub(crate) fn moment(t: Timestamp) -> String {
    let text = t.to_string();
    text.get(..19).unwrap_or(&text).replace('T', " ")
}

/// A count with its noun, in English: `1 site`, `1,260 frames`.
pub(crate) fn counted(n: u64, noun: &str) -> String {
    format!("{} {noun}{}", number(n), if n == 1 { "" } else { "s" })
}

pub(crate) const fn severity(s: Severity) -> Both {
    match s {
        Severity::Info => ("提示", "Info"),
        Severity::Low => ("低", "Low"),
        Severity::Medium => ("中", "Medium"),
        Severity::High => ("高", "High"),
        Severity::Critical => ("重大", "Critical"),
    }
}

pub(crate) const fn form(f: Form) -> Both {
    match f {
        Form::Plain => ("明文", "Clear"),
        Form::Masked => ("脱敏", "Masked"),
        Form::Encrypted => ("加密", "Encrypted"),
        Form::Hashed => ("哈希", "Hashed"),
        Form::Encoded => ("编码", "Encoded"),
    }
}

pub(crate) const fn harm(h: Harm) -> Both {
    match h {
        Harm::Low => ("低", "Low"),
        Harm::Medium => ("中", "Medium"),
        Harm::Considerable => ("较高", "Considerable"),
        Harm::High => ("高", "High"),
        Harm::VeryHigh => ("很高", "Very high"),
    }
}

pub(crate) const fn likelihood(l: Likelihood) -> Both {
    match l {
        Likelihood::Low => ("低", "Low"),
        Likelihood::Medium => ("中", "Medium"),
        Likelihood::High => ("高", "High"),
    }
}

pub(crate) const fn level(l: RiskLevel) -> Both {
    match l {
        RiskLevel::Slight => ("轻微", "Slight"),
        RiskLevel::Low => ("低", "Low"),
        RiskLevel::Medium => ("中", "Medium"),
        RiskLevel::High => ("高", "High"),
        RiskLevel::Major => ("重大", "Major"),
    }
}

/// Grade of data, 1 to 4.
pub(crate) const fn grade(g: u8) -> Both {
    match g {
        4 => ("4 级", "Grade 4"),
        3 => ("3 级", "Grade 3"),
        2 => ("2 级", "Grade 2"),
        _ => ("1 级", "Grade 1"),
    }
}

pub(crate) const fn interface_form(f: InterfaceForm) -> Both {
    match f {
        InterfaceForm::Rest => ("RESTful", "RESTful"),
        InterfaceForm::Soap => ("SOAP", "SOAP"),
        InterfaceForm::GraphQl => ("GraphQL", "GraphQL"),
        InterfaceForm::Rpc => ("RPC", "RPC"),
        InterfaceForm::Grpc => ("gRPC", "gRPC"),
        InterfaceForm::File => ("文件", "File"),
        InterfaceForm::Page => ("页面", "Page"),
        InterfaceForm::Static => ("静态资源", "Static"),
    }
}

pub(crate) const fn operation(o: Operation) -> Both {
    match o {
        Operation::Read => ("查询", "Read"),
        Operation::Create => ("新增", "Create"),
        Operation::Update => ("修改", "Update"),
        Operation::Delete => ("删除", "Delete"),
        Operation::Login => ("登录", "Login"),
    }
}

pub(crate) const fn credential(k: CredentialKind) -> &'static str {
    match k {
        CredentialKind::Basic => "Basic",
        CredentialKind::Digest => "Digest",
        CredentialKind::Bearer => "Bearer",
        CredentialKind::Negotiate => "Negotiate",
        CredentialKind::ApiKey => "API key",
        CredentialKind::SessionCookie => "Cookie",
        CredentialKind::TokenParam => "Token",
        CredentialKind::Signature => "Sign",
        CredentialKind::Connection => "Connection login",
    }
}

pub(crate) const fn layer(l: Layer) -> Both {
    match l {
        Layer::Frame => ("帧", "Frames"),
        Layer::Datagram => ("UDP 载荷", "UDP payload"),
        Layer::Stream => ("TCP 载荷", "TCP payload"),
        Layer::Message => ("报文", "Messages"),
        Layer::Body => ("正文", "Bodies"),
        Layer::Exchange => ("接口调用", "Exchanges"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_well() {
        assert_eq!([number(0), number(999), number(1_234_567)], ["0", "999", "1,234,567"]);
        assert_eq!([bytes(999), bytes(1_500), bytes(2_000_000_000)], ["999 B", "1.5 kB", "2.0 GB"]);
        assert_eq!(
            [percent(0, 9), percent(9, 9), percent(1, 1_000_000), percent(999_999, 1_000_000)],
            ["0%", "100%", "0.1%", "99.9%"]
        );
        assert_eq!(moment(Timestamp::from_secs_nanos(1_767_323_045, 6)), "2026-01-02 03:04:05");
    }
}
