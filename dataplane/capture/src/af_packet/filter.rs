//! Classic BPF filters, as text.

use std::str::FromStr;
use thiserror::Error;

/// One instruction (`struct sock_filter`; Linux, `Documentation/networking/filter.rst`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Instruction {
    pub(crate) code: u16,
    pub(crate) jump_true: u8,
    pub(crate) jump_false: u8,
    pub(crate) k: u32,
}

/// Return the constant `k`.
const RETURN_K: u16 = 0x06;
/// Return the accumulator.
const RETURN_A: u16 = 0x16;
/// The kernel's bound (BPF_MAXINSNS).
const LONGEST: usize = 4096;

/// A classic BPF program: which frames an interface's sockets take.
///
/// Read from the decimal form that `tcpdump -ddd EXPRESSION` and `bpf_dbg` print: the number of instructions, then
/// `code jt jf k` of each, apart by newlines or commas. Compile on the interface itself (`tcpdump -i eth0 -ddd ...`):
/// there the expression knows the link type, and `vlan` looks at the tag that the kernel takes off.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Filter(Vec<Instruction>);

/// Text that is no filter.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error(
    "the filter is not what `tcpdump -ddd` prints ({why}); give that output, e.g. of `tcpdump -i eth0 -ddd tcp port 80`"
)]
pub struct FilterError {
    why: &'static str,
    zh: &'static str,
}

impl FilterError {
    /// The message in Chinese; `Display` gives it in English.
    pub fn zh(&self) -> String {
        let why = self.zh;
        format!(
            "过滤器不是 tcpdump -ddd 的输出（{why}）；请给出该命令的输出，例如 tcpdump -i eth0 -ddd tcp port 80"
        )
    }
}

const fn wrong(why: &'static str, zh: &'static str) -> FilterError {
    FilterError { why, zh }
}

impl FromStr for Filter {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, FilterError> {
        let mut lines = text.split(['\n', ',']).map(str::trim).filter(|l| !l.is_empty());
        let count = lines.next().and_then(|n| n.parse::<usize>().ok());
        let Some(count @ 1..=LONGEST) = count else {
            return Err(wrong("the first line is not a number from 1 to 4096", "首行不是 1 到 4096 的数"));
        };
        let program = lines.map(instruction).collect::<Option<Vec<_>>>();
        let Some(program) = program else {
            return Err(wrong("an instruction is not four numbers", "有指令不是四个数"));
        };
        if program.len() != count {
            return Err(wrong("the first line does not tell how many follow", "首行与指令条数不符"));
        }
        if !program.last().is_some_and(|i| matches!(i.code, RETURN_K | RETURN_A)) {
            return Err(wrong("the last instruction does not return", "末条指令不是返回"));
        }
        Ok(Filter(program))
    }
}

fn instruction(line: &str) -> Option<Instruction> {
    let mut fields = line.split_ascii_whitespace();
    let code = fields.next()?.parse().ok()?;
    let jump_true = fields.next()?.parse().ok()?;
    let jump_false = fields.next()?.parse().ok()?;
    let k = fields.next()?.parse().ok()?;
    fields.next().is_none().then_some(Instruction { code, jump_true, jump_false, k })
}

impl Filter {
    /// Takes nothing.
    pub(crate) fn nothing() -> Self {
        Filter::whole(0)
    }
    /// Takes every frame, cut to `snap` bytes.
    pub(crate) fn whole(snap: u32) -> Self {
        Filter(vec![Instruction { code: RETURN_K, jump_true: 0, jump_false: 0, k: snap }])
    }
    /// The same frames, cut to `snap` bytes: what a filter returns is how much of the frame is kept.
    pub(crate) fn cut(&self, snap: u32) -> Self {
        let cut =
            |i: &Instruction| Instruction { k: if i.code == RETURN_K { i.k.min(snap) } else { i.k }, ..*i };
        Filter(self.0.iter().map(cut).collect())
    }
    pub(crate) fn program(&self) -> &[Instruction] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// `tcpdump -ddd ip`, on Ethernet.
    const IP: &str = "4\n40 0 0 12\n21 0 1 2048\n6 0 0 262144\n6 0 0 0\n";

    #[test]
    fn what_tcpdump_prints_is_read() {
        let filter: Filter = IP.parse().unwrap();
        assert_eq!(filter.program()[1], Instruction { code: 21, jump_true: 0, jump_false: 1, k: 2048 });
        assert_eq!(IP.replace('\n', ",").parse(), Ok(filter.clone()));
        let cut: Vec<_> = filter.cut(96).program().iter().map(|i| i.k).collect();
        assert_eq!(cut, [12, 2048, 96, 0]);
    }

    #[test]
    fn what_it_does_not_print_is_refused() {
        for bad in
            ["", "tcp port 80", "0", "2\n6 0 0 0", "1\n6 0 0", "1\n6 0 0 0 0", "1\n40 0 0 12", "1\n6 0 256 0"]
        {
            let e = bad.parse::<Filter>().unwrap_err();
            assert!(e.to_string().contains("tcpdump -i eth0 -ddd") && e.zh().contains("过滤器"), "{bad}");
        }
    }
}
