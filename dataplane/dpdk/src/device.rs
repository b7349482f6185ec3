//! What a source text names: a card by its PCI address, or a virtual device by its driver.

use crate::DpdkError;
use std::fmt;

/// One device. Its text is the source text of the binary without the leading `dpdk:`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Device {
    /// A card: `0000:01:00.0`, optionally with the driver's arguments.
    Pci {
        /// Domain, bus, device and function, as `/sys/bus/pci/devices` writes them.
        address: String,
        /// `key=value` pairs, separated by commas; empty where there are none.
        arguments: String,
    },
    /// A virtual device: `net_pcap0,rx_pcap=FILE`.
    Virtual {
        /// Driver and number; the port's name.
        name: String,
        /// `key=value` pairs, separated by commas; empty where there are none.
        arguments: String,
    },
}

/// First letters of DPDK's network drivers for virtual devices.
const VIRTUAL: &[&str] = &["net_", "eth_", "virtio_user"];
/// A longer text is no device.
const LONGEST: usize = 1024;

impl Device {
    /// Reads a device from a source text, with or without `dpdk:` before it.
    ///
    /// # Errors
    /// [`DpdkError::BadDevice`] where it is neither a PCI address nor a virtual device's name, or holds what DPDK's own
    /// parser would read as something else.
    ///
    /// ```
    /// use weir_dpdk::Device;
    /// let card = Device::parse("dpdk:01:00.0").unwrap();
    /// assert_eq!(card.to_string(), "0000:01:00.0");
    /// let file = Device::parse("dpdk:net_pcap0,rx_pcap=a.pcap,rx_pcap=b.pcap").unwrap();
    /// assert_eq!(file.name(), "net_pcap0");
    /// ```
    pub fn parse(text: &str) -> Result<Device, DpdkError> {
        let bad = |en, zh| Err(DpdkError::BadDevice { text: text.into(), en, zh });
        let spec = text.strip_prefix("dpdk:").unwrap_or(text);
        if spec.is_empty() || spec.len() > LONGEST {
            return bad("empty, or longer than 1024 characters", "为空，或超过 1024 个字符");
        }
        if spec.chars().any(|c| c.is_control() || c == ' ' || c == ';') {
            return bad("holds a space, a semicolon or a control character", "含有空格、分号或控制字符");
        }
        let (name, arguments) = spec.split_once(',').unwrap_or((spec, ""));
        if spec.contains(',') && arguments.split(',').any(|a| a.is_empty() || a.starts_with('=')) {
            return bad("an argument behind a comma is empty", "逗号后的参数为空");
        }
        let arguments = arguments.to_owned();
        if let Some(address) = pci_address(name) {
            return Ok(Device::Pci { address, arguments });
        }
        let named = VIRTUAL.iter().any(|p| name.len() > p.len() && name.starts_with(p));
        if named && name.len() < 64 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
        {
            return Ok(Device::Virtual { name: name.to_owned(), arguments });
        }
        bad("neither a PCI address nor a virtual network device", "既不是 PCI 地址，也不是虚拟网络设备")
    }

    /// The name under which DPDK knows it.
    pub fn name(&self) -> &str {
        match self {
            Device::Pci { address, .. } => address,
            Device::Virtual { name, .. } => name,
        }
    }

    /// The value of one of its arguments; the first where it is given several times.
    pub(crate) fn argument(&self, key: &str) -> Option<&str> {
        let (Device::Pci { arguments, .. } | Device::Virtual { arguments, .. }) = self;
        arguments.split(',').find_map(|a| a.strip_prefix(key)?.strip_prefix('='))
    }

    /// Bytes of a frame in a ring that its driver copies from without looking at the buffer's size.
    pub(crate) fn frame_size(&self) -> Option<u64> {
        match self.name().starts_with("net_af_packet") || self.name().starts_with("eth_af_packet") {
            true => Some(self.argument("framesz").map_or(2048, |f| f.parse().unwrap_or(u64::MAX))),
            false => None,
        }
    }

    /// Buffers that its driver takes for its ring at the start, however many descriptors it was told; it lends no frame for which it does
    /// not find another one.
    pub(crate) fn ring(&self) -> u32 {
        if self.name().starts_with("net_af_xdp") { 2048 } else { 0 }
    }

    /// Queues its arguments give it; 0 where they say nothing of queues.
    pub(crate) fn queues_named(&self) -> u64 {
        let (Device::Pci { arguments, .. } | Device::Virtual { arguments, .. }) = self;
        let files =
            arguments.split(',').filter(|a| a.starts_with("rx_pcap=") || a.starts_with("rx_iface=")).count();
        let number = ["qpairs", "queues"].iter().find_map(|k| self.argument(k)?.parse::<u64>().ok());
        number.unwrap_or(0).clamp(files as u64, 256.max(files as u64))
    }

    /// Whether its driver shares memory with another process by file descriptor.
    pub(crate) fn shares_memory(&self) -> bool {
        matches!(self, Device::Virtual { name, .. } if ["net_memif", "virtio_user", "net_vhost", "eth_vhost"]
            .iter().any(|p| name.starts_with(p)))
    }
}

/// As DPDK takes it.
impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Device::Pci { arguments, .. } | Device::Virtual { arguments, .. }) = self;
        f.write_str(self.name())?;
        if arguments.is_empty() { Ok(()) } else { write!(f, ",{arguments}") }
    }
}

/// `[DDDD:]BB:DD.F` in hexadecimal, written out in full and in small letters.
fn pci_address(text: &str) -> Option<String> {
    let hex = |part: &str, digits: usize| {
        (part.len() == digits && part.bytes().all(|b| b.is_ascii_hexdigit()))
            .then(|| part.to_ascii_lowercase())
    };
    let (rest, function) = text.rsplit_once('.')?;
    let function = hex(function, 1).filter(|f| f.as_str() < "8")?;
    let (rest, device) = rest.rsplit_once(':')?;
    let device = hex(device, 2).filter(|d| d.as_str() < "20")?;
    let (domain, bus) = rest.rsplit_once(':').unwrap_or(("0000", rest));
    Some(format!("{}:{}:{device}.{function}", hex(domain, 4)?, hex(bus, 2)?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn reads_addresses_short_and_long() {
        for text in ["dpdk:0000:3B:00.1", "0000:3b:00.1", "3b:00.1"] {
            assert_eq!(Device::parse(text).unwrap().to_string(), "0000:3b:00.1");
        }
        let card = Device::parse("3b:00.1,rxq_cqe_comp_en=0").unwrap();
        assert_eq!(card.to_string(), "0000:3b:00.1,rxq_cqe_comp_en=0");
    }

    #[test]
    fn refuses_what_is_no_device() {
        for text in [
            "",
            "dpdk:",
            "eth0",
            "3b:00",
            "3b:00.8",
            "3b:20.0",
            "00000:3b:00.1",
            "net_",
            "net_pcap0,",
            "net_pcap0,,a=b",
            "net_pcap0,=x",
            "net_pcap0 --no-huge",
            "net_pcap0\n",
            "-a",
            "--vdev=net_null0",
            "crypto_null",
            "网卡0",
        ] {
            assert!(matches!(Device::parse(text), Err(DpdkError::BadDevice { .. })), "{text:?}");
        }
        assert!(Device::parse(&format!("net_pcap0,rx_pcap={}", "a".repeat(2000))).is_err());
    }

    #[test]
    fn finds_arguments_by_their_whole_name() {
        let device = Device::parse("net_af_packet0,iface=v0,qpairs=2,xframesz=1,framesz=4096").unwrap();
        assert_eq!(device.argument("framesz"), Some("4096"));
        assert_eq!(device.argument("frame"), None);
        assert!(Device::parse("net_memif0,role=server").unwrap().shares_memory());
    }
}
