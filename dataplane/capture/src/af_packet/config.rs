//! What is asked of an interface.

use super::filter::Filter;
use crate::SourceError;
use std::{str::FromStr, time::Duration};

/// By what several sockets share the traffic.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Share {
    /// Addresses and ports of the outermost packet, by the kernel's hash.
    #[default]
    Flow,
    /// Those of the innermost packet within two tunnels: for mirrors that arrive by VXLAN, GENEVE or ERSPAN.
    Inner,
}

impl FromStr for Share {
    type Err = SourceError;

    fn from_str(name: &str) -> Result<Self, SourceError> {
        match name {
            "flow" => Ok(Share::Flow),
            "inner" => Ok(Share::Inner),
            _ => Err(SourceError::Spec {
                spec: name.into(),
                why: "share must be `flow` or `inner`",
                zh: "share 须为 flow 或 inner",
            }),
        }
    }
}

/// How frames are taken from an interface. `AfPacketConfig::new("eth0")` is a sound start.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AfPacketConfig {
    /// Name of the interface, as `ip link` shows it.
    pub interface: String,
    /// Sockets, each with a ring of its own and meant for one lane: 1 to 256. More than one share the traffic so that
    /// both directions of a flow meet the same socket.
    pub queues: usize,
    /// Bytes of a block: a power of two, 64 KiB to 64 MiB. It bounds the longest frame.
    pub block_size: usize,
    /// Blocks of a ring, 2 to 65,536. A ring of `block_size * blocks` bytes, below 4 GiB, is what a burst may fill.
    pub blocks: usize,
    /// How long a frame may wait for its block to fill, 1 to 1000 ms.
    pub timeout: Duration,
    /// Bytes of a frame that are kept: 64 to 262,144.
    pub snap: u32,
    /// Which frames are taken; all without it.
    pub filter: Option<Filter>,
    /// By what sockets share the traffic.
    pub share: Share,
    /// Number of the group in which sockets share the traffic, to share it with another process; without it the kernel
    /// finds an unused one.
    pub group: Option<u16>,
    /// Whether frames for other stations are taken too, as from a mirror port.
    pub promiscuous: bool,
    /// Whether the card's time stamps are asked for. Its clock must be kept to the system's (`phc2sys`). The setting is
    /// the interface's, and stays.
    pub hardware_time: bool,
    /// Whether frames that this machine sends are left out. On the loopback they always are, or each would come twice.
    pub ignore_outgoing: bool,
}

impl AfPacketConfig {
    /// One socket with a ring of 64 MiB, whole frames, everything that passes.
    pub fn new(interface: &str) -> Self {
        AfPacketConfig {
            interface: interface.into(),
            queues: 1,
            block_size: 1 << 20,
            blocks: 64,
            timeout: Duration::from_millis(10),
            snap: 262_144,
            filter: None,
            share: Share::Flow,
            group: None,
            promiscuous: true,
            hardware_time: false,
            ignore_outgoing: false,
        }
    }

    /// Whether every field is within its bounds.
    pub(super) fn check(&self) -> Result<(), SourceError> {
        let wrong = |why, zh| Err(SourceError::Spec { spec: self.interface.as_str().into(), why, zh });
        let ring = self.block_size.checked_mul(self.blocks);
        match () {
            () if self.interface.is_empty() => wrong("no interface is named", "没有给出接口名"),
            () if !(1..=256).contains(&self.queues) => {
                wrong("queues must be 1 to 256", "queues 须为 1 到 256")
            }
            () if !self.block_size.is_power_of_two() || !(1 << 16..=1 << 26).contains(&self.block_size) => {
                wrong(
                    "block-size must be a power of two from 65536 to 67108864",
                    "block-size 须为 65536 到 67108864 之间的 2 的幂",
                )
            }
            () if !(2..=1 << 16).contains(&self.blocks) || ring.is_none_or(|r| r >= 1 << 32) => wrong(
                "blocks must be 2 to 65536, and the ring below 4 GiB",
                "blocks 须为 2 到 65536，且整个环小于 4 GiB",
            ),
            () if !(1..=1000).contains(&self.timeout.as_millis()) => {
                wrong("timeout-ms must be 1 to 1000", "timeout-ms 须为 1 到 1000")
            }
            () if !(64..=262_144).contains(&self.snap) => {
                wrong("snap must be 64 to 262144", "snap 须为 64 到 262144")
            }
            () => Ok(()),
        }
    }
}

impl FromStr for AfPacketConfig {
    type Err = SourceError;

    /// Reads `af_packet:INTERFACE[,KEY=VALUE]...`; keys are `queues`, `block-size`, `blocks`, `timeout-ms`, `snap`,
    /// `group` (numbers), `share` (`flow` or `inner`), `promiscuous`, `hardware-time` and `ignore-outgoing` (`yes` or `no`).
    fn from_str(spec: &str) -> Result<Self, SourceError> {
        let wrong = |why, zh| SourceError::Spec { spec: spec.into(), why, zh };
        let named = spec
            .strip_prefix("af_packet:")
            .ok_or(wrong("it does not begin with `af_packet:`", "不以 af_packet: 开头"))?;
        let mut parts = named.split(',');
        let mut config = AfPacketConfig::new(parts.next().unwrap_or_default());
        for part in parts {
            let (key, value) = part
                .split_once('=')
                .ok_or(wrong("an option is not KEY=VALUE", "有选项不是 KEY=VALUE 形式"))?;
            let read = match (key, value) {
                ("queues", v) => set(&mut config.queues, v),
                ("block-size", v) => set(&mut config.block_size, v),
                ("blocks", v) => set(&mut config.blocks, v),
                ("snap", v) => set(&mut config.snap, v),
                ("timeout-ms", v) => v.parse().map(|ms| config.timeout = Duration::from_millis(ms)).ok(),
                ("group", v) => v.parse().map(|id| config.group = Some(id)).ok(),
                ("share", v) => v.parse().map(|share| config.share = share).ok(),
                ("promiscuous", v) => switch(&mut config.promiscuous, v),
                ("hardware-time", v) => switch(&mut config.hardware_time, v),
                ("ignore-outgoing", v) => switch(&mut config.ignore_outgoing, v),
                _ => return Err(wrong("an option is not known", "有选项无法识别")),
            };
            read.ok_or(wrong("an option's value is none of those it may have", "有选项的取值无效"))?;
        }
        config.check()?;
        Ok(config)
    }
}

fn set<T: FromStr>(field: &mut T, value: &str) -> Option<()> {
    *field = value.parse().ok()?;
    Some(())
}

fn switch(field: &mut bool, value: &str) -> Option<()> {
    *field = match value {
        "yes" => true,
        "no" => false,
        _ => return None,
    };
    Some(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_name_alone_is_enough() {
        assert_eq!("af_packet:eth0".parse::<AfPacketConfig>().unwrap(), AfPacketConfig::new("eth0"));
    }

    #[test]
    fn options_are_read_and_bounded() {
        let spec = "af_packet:en5,queues=4,block-size=262144,blocks=8,timeout-ms=2,snap=96,group=7,share=inner,\
                    promiscuous=no,hardware-time=yes,ignore-outgoing=yes";
        let wanted = AfPacketConfig {
            queues: 4,
            block_size: 262_144,
            blocks: 8,
            timeout: Duration::from_millis(2),
            snap: 96,
            group: Some(7),
            share: Share::Inner,
            promiscuous: false,
            hardware_time: true,
            ignore_outgoing: true,
            ..AfPacketConfig::new("en5")
        };
        assert_eq!(spec.parse::<AfPacketConfig>().unwrap(), wanted);
        for bad in [
            "eth0",
            "af_packet:",
            "af_packet:eth0,queues=0",
            "af_packet:eth0,queues=300",
            "af_packet:e,blocks=1",
            "af_packet:e,block-size=100000",
            "af_packet:e,timeout-ms=0",
            "af_packet:e,snap=1",
            "af_packet:e,wat=1",
            "af_packet:e,promiscuous=1",
            "af_packet:e,share=1",
            "af_packet:e,queues",
            "af_packet:e,block-size=67108864,blocks=64",
        ] {
            let e = bad.parse::<AfPacketConfig>().unwrap_err();
            assert!(
                e.to_string().contains("af_packet:eth0") && e.zh().contains("af_packet:eth0"),
                "{bad}: {e}"
            );
        }
    }
}
