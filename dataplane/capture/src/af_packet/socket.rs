//! One packet socket: the system calls, each behind a safe function. See packet(7).
#![allow(unsafe_code)]

use super::{Share, filter::Instruction, inner, interface::Interface, ring::Ring};
use std::{
    io,
    mem::size_of,
    os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd},
    time::Duration,
};

/// A packet socket.
#[derive(Debug)]
pub(crate) struct Socket(OwnedFd);

/// What the kernel counted since the last asking.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Statistics {
    /// Frames that passed the filter and found no room in the ring.
    pub(crate) drops: u64,
    /// Times the ring was full when the kernel wanted its next block.
    pub(crate) freezes: u64,
}

/// Shape of a receive ring.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RingShape {
    pub(crate) block_size: u32,
    pub(crate) blocks: u32,
    /// Milliseconds after which a block is handed over though not full.
    pub(crate) timeout_ms: u32,
}

/// Bytes that the kernel reckons a frame to take; a version 3 ring packs frames whatever their length.
const FRAME_SIZE: u32 = 2048;
fn checked(result: libc::c_int) -> io::Result<()> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

impl Socket {
    /// A socket bound to nothing: it receives only once [`Socket::bind`] was called. A `cooked` one lends frames from
    /// their network header on.
    pub(crate) fn open(cooked: bool) -> io::Result<Self> {
        let kind = if cooked { libc::SOCK_DGRAM } else { libc::SOCK_RAW };
        // SAFETY: no memory is passed; the descriptor, where there is one, is new and owned by nobody else.
        unsafe {
            let fd = libc::socket(libc::AF_PACKET, kind | libc::SOCK_CLOEXEC, 0);
            checked(fd)?;
            Ok(Socket(OwnedFd::from_raw_fd(fd)))
        }
    }

    /// A socket of no use but to ask about interfaces, which anyone may.
    pub(crate) fn plain() -> io::Result<Self> {
        // SAFETY: as above.
        unsafe {
            let fd = libc::socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0);
            checked(fd)?;
            Ok(Socket(OwnedFd::from_raw_fd(fd)))
        }
    }

    pub(crate) fn raw(&self) -> RawFd {
        self.0.as_raw_fd()
    }

    /// Sets an option whose value is a plain C integer or structure.
    fn set<T: Copy>(&self, level: libc::c_int, name: libc::c_int, value: &T) -> io::Result<()> {
        let at: *const T = value;
        // SAFETY: `value` is live for the call, and the kernel reads at most the length given, which is its own.
        checked(unsafe {
            libc::setsockopt(self.raw(), level, name, at.cast(), size_of::<T>() as libc::socklen_t)
        })
    }

    /// Reads an option into `value`, which any bytes may fill.
    fn get<T: Copy>(&self, level: libc::c_int, name: libc::c_int, mut value: T) -> io::Result<T> {
        let mut len = size_of::<T>() as libc::socklen_t;
        let at: *mut T = &mut value;
        // SAFETY: the kernel writes at most `len` bytes, the size of `value`; callers pass integers and structures of
        // integers only, for which every content is valid.
        checked(unsafe { libc::getsockopt(self.raw(), level, name, at.cast(), &raw mut len) })?;
        Ok(value)
    }

    /// Makes the receive ring and maps it.
    pub(crate) fn ring(&self, shape: RingShape) -> io::Result<Ring> {
        self.set(
            libc::SOL_PACKET,
            libc::PACKET_VERSION,
            &(libc::tpacket_versions::TPACKET_V3 as libc::c_int),
        )?;
        let request = libc::tpacket_req3 {
            tp_block_size: shape.block_size,
            tp_block_nr: shape.blocks,
            tp_frame_size: FRAME_SIZE,
            tp_frame_nr: shape.block_size / FRAME_SIZE * shape.blocks,
            tp_retire_blk_tov: shape.timeout_ms,
            tp_sizeof_priv: 0,
            tp_feature_req_word: 0,
        };
        self.set(libc::SOL_PACKET, libc::PACKET_RX_RING, &request)?;
        Ring::map(self, shape.block_size as usize, shape.blocks as usize)
    }

    /// Replaces the filter.
    pub(crate) fn attach(&self, program: &[Instruction]) -> io::Result<()> {
        self.program(libc::SOL_SOCKET, libc::SO_ATTACH_FILTER, program)
    }

    /// Hands the kernel a program.
    fn program(&self, level: libc::c_int, name: libc::c_int, program: &[Instruction]) -> io::Result<()> {
        let mut code: Vec<_> = program
            .iter()
            .map(|i| libc::sock_filter { code: i.code, jt: i.jump_true, jf: i.jump_false, k: i.k })
            .collect();
        let program = libc::sock_fprog { len: code.len() as u16, filter: code.as_mut_ptr() };
        // The kernel copies the program before the call returns; `code` lives until then.
        self.set(level, name, &program)
    }

    /// Asks for the card's stamps; frames without one carry the kernel's.
    pub(crate) fn hardware_time(&self) -> io::Result<()> {
        self.set(libc::SOL_PACKET, libc::PACKET_TIMESTAMP, &libc::SOF_TIMESTAMPING_RAW_HARDWARE)
    }

    /// Leaves out what this machine sends; since Linux 4.20.
    pub(crate) fn ignore_outgoing(&self) -> io::Result<()> {
        self.set(libc::SOL_PACKET, libc::PACKET_IGNORE_OUTGOING, &1i32)
    }

    /// Lets the interface take frames for every address while the socket is open.
    pub(crate) fn promiscuous(&self, index: i32) -> io::Result<()> {
        let member = libc::packet_mreq {
            mr_ifindex: index,
            mr_type: libc::PACKET_MR_PROMISC as u16,
            mr_alen: 0,
            mr_address: [0; 8],
        };
        self.set(libc::SOL_PACKET, libc::PACKET_ADD_MEMBERSHIP, &member)
    }

    /// Begins to receive what `interface` sees, of every protocol.
    pub(crate) fn bind(&self, interface: &Interface) -> io::Result<()> {
        let to = libc::sockaddr_ll {
            sll_family: libc::AF_PACKET as u16,
            sll_protocol: (libc::ETH_P_ALL as u16).to_be(),
            sll_ifindex: interface.index,
            sll_hatype: 0,
            sll_pkttype: 0,
            sll_halen: 0,
            sll_addr: [0; 8],
        };
        let at: *const libc::sockaddr_ll = &to;
        // SAFETY: `to` is a whole address of the family named in it, of the length given, live for the call.
        checked(unsafe {
            libc::bind(self.raw(), at.cast(), size_of::<libc::sockaddr_ll>() as libc::socklen_t)
        })
    }

    /// Joins fanout group `id`, or with `None` one that the kernel finds unused; its number.
    /// The kernel puts datagrams together first, and hashes addresses and ports so that both directions are alike; or a
    /// program of ours does.
    pub(crate) fn join(&self, id: Option<u16>, share: Share, ignore_outgoing: bool) -> io::Result<u16> {
        let kind = match share {
            Share::Flow => libc::PACKET_FANOUT_HASH,
            Share::Inner => libc::PACKET_FANOUT_CBPF,
        };
        let mut flags = kind | libc::PACKET_FANOUT_FLAG_DEFRAG;
        if id.is_none() {
            flags |= libc::PACKET_FANOUT_FLAG_UNIQUEID;
        }
        let join = |flags: u32| {
            self.set(libc::SOL_PACKET, libc::PACKET_FANOUT, &(flags << 16 | u32::from(id.unwrap_or(0))))
        };
        match join(if ignore_outgoing { flags | libc::PACKET_FANOUT_FLAG_IGNORE_OUTGOING } else { flags }) {
            // An older kernel does not know the flag: such frames are then passed over when read.
            Err(e) if ignore_outgoing && e.raw_os_error() == Some(libc::EINVAL) => join(flags)?,
            joined => joined?,
        }
        if share == Share::Inner {
            self.program(libc::SOL_PACKET, libc::PACKET_FANOUT_DATA, &inner::program())?;
        }
        self.get(libc::SOL_PACKET, libc::PACKET_FANOUT, 0u32).map(|group| group as u16)
    }

    /// What was lost since the last call.
    pub(crate) fn statistics(&self) -> io::Result<Statistics> {
        let none = libc::tpacket_stats_v3 { tp_packets: 0, tp_drops: 0, tp_freeze_q_cnt: 0 };
        let got = self.get(libc::SOL_PACKET, libc::PACKET_STATISTICS, none)?;
        Ok(Statistics { drops: got.tp_drops.into(), freezes: got.tp_freeze_q_cnt.into() })
    }

    /// The error that the kernel left on the socket, once.
    pub(crate) fn take_error(&self) -> Option<io::Error> {
        match self.get(libc::SOL_SOCKET, libc::SO_ERROR, 0i32) {
            Ok(0) => None,
            Ok(code) => Some(io::Error::from_raw_os_error(code)),
            Err(e) => Some(e),
        }
    }

    /// Waits until a block is ready or an error stands on the socket; `false` where the time passed first.
    pub(crate) fn wait(&self, at_most: Duration) -> bool {
        let mut one = libc::pollfd { fd: self.raw(), events: libc::POLLIN | libc::POLLERR, revents: 0 };
        let ms = at_most.as_micros().div_ceil(1000).min(i32::MAX as u128) as i32;
        // SAFETY: one structure is passed and is live for the call.
        unsafe { libc::poll(&raw mut one, 1, ms) > 0 }
    }

    /// Sends one frame as it is; used by tests and benches only.
    #[cfg(feature = "inject")]
    pub(crate) fn send(&self, frame: &[u8]) -> io::Result<()> {
        // SAFETY: the kernel reads `frame.len()` bytes of a live slice.
        let sent = unsafe { libc::send(self.raw(), frame.as_ptr().cast(), frame.len(), 0) };
        if sent < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }
}
