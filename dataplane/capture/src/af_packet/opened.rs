//! An open socket and its ring.

use super::{
    AfPacketConfig,
    block::{Begin, Place},
    filter::Filter,
    interface::{self, Interface},
    refusal,
    ring::Ring,
    socket::{RingShape, Socket},
};
use crate::{
    Doing, SourceError,
    source::{BURST, BURST_BYTES, POLL},
};
use smallvec::SmallVec;
use std::{
    io,
    sync::{Mutex, PoisonError},
};
use weir_wire::Frame;

/// What the sockets of one interface have in common.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) config: AfPacketConfig,
    /// The group that shares the traffic, and the interface it was made on: one made anew takes a new group, as the
    /// old one lasts until the last socket has left it.
    group: Mutex<Option<(Interface, u16)>>,
}

impl Shared {
    pub(super) fn new(config: AfPacketConfig) -> Self {
        Shared { config, group: Mutex::new(None) }
    }
}

/// A socket that is bound, and its ring.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) socket: Socket,
    pub(super) interface: Interface,
    /// The interface is gone: what the ring holds is the last.
    pub(super) leaving: bool,
    /// Why the card's stamps that were asked for are not had.
    pub(super) no_hardware_time: Option<String>,
    ring: Ring,
    begin: Begin,
    skip_outgoing: bool,
    /// The block that is read, or awaited.
    block: usize,
    place: Option<Place>,
}

/// What one [`Opened::lend`] came to.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Lent {
    pub(super) frames: u64,
    pub(super) bytes: u64,
    /// Frames behind a header that cannot be.
    pub(super) unreadable: u64,
    /// Blocks given back.
    pub(super) blocks: u32,
}

impl Opened {
    /// Opens a socket that refuses every frame until [`Opened::begin`].
    pub(super) fn prepare(shared: &Shared) -> Result<Self, SourceError> {
        let config = &shared.config;
        let name = config.interface.as_str();
        let failed = |doing| move |cause: io::Error| refusal(name, doing, cause);
        let Some(interface) = interface::find(name) else {
            return Err(SourceError::NoInterface {
                interface: name.into(),
                known: interface::names().join(", "),
            });
        };
        let mut socket = Socket::open(false).map_err(failed(Doing::Socket))?;
        let (begin, loopback) = interface::kind(&socket, name).map_err(failed(Doing::Settings))?;
        if begin == Begin::Network {
            socket = Socket::open(true).map_err(failed(Doing::Socket))?;
        }
        let mut no_hardware_time = None;
        if config.hardware_time {
            let asked = interface::stamp(&socket, name).and_then(|()| socket.hardware_time());
            no_hardware_time = asked.err().map(|e| e.to_string());
        }
        socket.attach(Filter::nothing().program()).map_err(failed(Doing::Filter))?;
        let shape = RingShape {
            block_size: config.block_size as u32,
            blocks: config.blocks as u32,
            timeout_ms: config.timeout.as_millis() as u32,
        };
        let ring = socket.ring(shape).map_err(failed(Doing::Ring(config.block_size * config.blocks)))?;
        let skip_outgoing = config.ignore_outgoing || loopback;
        if skip_outgoing {
            // Spares the copy where the kernel knows how; such frames are passed over in any case.
            let _ = socket.ignore_outgoing();
        }
        if config.promiscuous {
            socket.promiscuous(interface.index).map_err(failed(Doing::Promiscuous))?;
        }
        socket.bind(&interface).map_err(failed(Doing::Bind))?;
        Ok(Opened {
            socket,
            interface,
            leaving: false,
            no_hardware_time,
            ring,
            begin,
            skip_outgoing,
            block: 0,
            place: None,
        })
    }

    /// Whether the interface is set up; only then can sockets share it.
    pub(super) fn is_up(&self, name: &str) -> bool {
        interface::is_up(&self.socket, name)
    }

    /// Joins the sockets that share the interface, where there is anything to share.
    pub(super) fn join(&mut self, shared: &Shared) -> Result<(), SourceError> {
        let config = &shared.config;
        if config.queues == 1 && config.group.is_none() {
            return Ok(());
        }
        let mut group = shared.group.lock().unwrap_or_else(PoisonError::into_inner);
        let id = match *group {
            Some((interface, id)) if interface == self.interface => Some(id),
            _ => config.group,
        };
        let id = self.socket.join(id, config.share, self.skip_outgoing);
        let id = id.map_err(|cause| refusal(&config.interface, Doing::Join, cause))?;
        *group = Some((self.interface, id));
        Ok(())
    }

    /// Begins to take frames.
    pub(super) fn begin(&self, shared: &Shared) -> Result<(), SourceError> {
        let config = &shared.config;
        let filter = config.filter.as_ref().map_or(Filter::whole(config.snap), |f| f.cut(config.snap));
        let attached = self.socket.attach(filter.program());
        attached.map_err(|cause| refusal(&config.interface, Doing::Filter, cause))
    }

    /// Whether a block is ready to be lent.
    pub(super) fn ready(&self) -> bool {
        self.ring.filled(self.block).is_some()
    }

    /// Lends what is ready, within the bounds of one poll.
    pub(super) fn lend(&mut self, lend: &mut dyn FnMut(&[Frame<'_>])) -> Lent {
        let mut lent = Lent::default();
        // Bounded too where all frames are passed over.
        for _ in 0..POLL {
            if lent.frames >= POLL as u64 || lent.bytes >= BURST_BYTES as u64 {
                break;
            }
            let Some(block) = self.ring.filled(self.block) else { break };
            let mut place = self.place.unwrap_or_else(|| Place::front(block));
            let most = BURST.min(POLL - lent.frames as usize);
            let mut burst = SmallVec::<[Frame<'_>; BURST]>::new();
            while burst.len() < most && lent.bytes < BURST_BYTES as u64 {
                let Some(met) = place.next(block, self.begin) else { break };
                if !(met.outgoing && self.skip_outgoing) {
                    lent.bytes += met.frame.data.len() as u64;
                    burst.push(met.frame);
                }
            }
            lent.frames += burst.len() as u64;
            if !burst.is_empty() {
                lend(&burst);
            }
            drop(burst);
            self.place = Some(place);
            if place.done() {
                lent.unreadable += u64::from(place.lost());
                lent.blocks += 1;
                self.ring.release(self.block);
                self.block = (self.block + 1) % self.ring.blocks();
                self.place = None;
            }
        }
        lent
    }
}
