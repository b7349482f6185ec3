//! Frames from an interface, by packet sockets (`AF_PACKET`, version 3 rings): no driver but the kernel's.
//!
//! Each socket is a [`Source`] of its own for one lane. The kernel copies frames into blocks of a ring it shares with
//! this process; they are lent from there and a block is given back when its last frame was. Several sockets share an
//! interface by a hash of addresses and ports that is the same in both directions, after putting IPv4 datagrams
//! together. A full socket is not helped out by its neighbours (`PACKET_FANOUT_FLAG_ROLLOVER`): a segment that strays
//! into another lane is lost to its flow as well, but uncounted.

mod block;
mod config;
mod filter;
#[cfg(feature = "inject")]
mod inject;
mod inner;
mod interface;
mod opened;
mod report;
mod ring;
mod socket;

pub use config::{AfPacketConfig, Share};
pub use filter::{Filter, FilterError};
#[cfg(feature = "inject")]
pub use inject::Injector;
pub use report::{InterfaceReport, OffloadState, interface_report};

use crate::{Break, Notice, Polled, Source, SourceCounters, SourceError};
use opened::{Opened, Shared};
use std::{io, sync::Arc, thread, time::Duration};
use weir_wire::Frame;

/// Notices kept of one interface; a link that flaps on is not told of for ever.
const NOTICES: usize = 100;
/// How long an interface that is away is left alone before it is looked for again.
const AWAY: Duration = Duration::from_millis(200);
/// Blocks after which the kernel is asked for its losses.
const ASKED: u32 = 16;

/// One socket on an interface. Where the link goes down or the interface is removed, the socket waits, and goes on when
/// an interface of the same name is up again; [`Source::notices`] of the first socket tell of it. Losses are known when
/// [`Source::wait`] found nothing to wait for, and every 16 blocks.
#[derive(Debug)]
pub struct AfPacket {
    shared: Arc<Shared>,
    /// The first of its interface's sockets: tells of the link, and counts what the card itself lost.
    first: bool,
    opened: Option<Opened>,
    state: Link,
    /// Whether a failure to open again was told since the interface went away.
    told_failure: bool,
    card: Card,
    blocks: u32,
    freezes: u64,
    counters: SourceCounters,
    notices: Vec<Notice>,
}

/// What is known of the link.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Link {
    Up,
    Down,
    /// There is no such interface.
    Gone,
}

/// The card's own losses, as it counted them when last asked.
#[derive(Clone, Copy, Default, Debug)]
struct Card {
    missed: u64,
    damaged: u64,
}

impl Card {
    fn of(name: &str) -> Self {
        let count = |file: &str| {
            let text = interface::sysfs(name, &format!("statistics/{file}"));
            text.and_then(|t| t.parse().ok()).unwrap_or(0u64)
        };
        let damaged = ["rx_crc_errors", "rx_frame_errors", "rx_length_errors"].map(count).iter().sum();
        Card { missed: count("rx_missed_errors"), damaged }
    }
}

impl AfPacket {
    /// Opens `config.queues` sockets on the interface. No frame is lent twice, whatever passes while they open.
    ///
    /// # Errors
    /// Where there is no such interface, the right to read it, or the memory for the rings; an interface that is only
    /// down is waited for.
    pub fn open(config: &AfPacketConfig) -> Result<Vec<AfPacket>, SourceError> {
        config.check()?;
        let shared = Arc::new(Shared::new(config.clone()));
        let mut sockets = Vec::with_capacity(config.queues);
        for queue in 0..config.queues {
            let mut opened = Opened::prepare(&shared)?;
            let up = opened.is_up(&config.interface);
            if up {
                opened.join(&shared)?;
            }
            let mut socket = AfPacket {
                shared: shared.clone(),
                first: queue == 0,
                opened: None,
                state: if up { Link::Up } else { Link::Down },
                told_failure: false,
                card: Card::of(&config.interface),
                blocks: 0,
                freezes: 0,
                counters: SourceCounters::default(),
                notices: Vec::new(),
            };
            if let Some(why) = opened.no_hardware_time.take() {
                socket.tell(Break::NoHardwareTime(why));
            }
            if up {
                socket.opened = Some(opened);
            } else {
                socket.tell(Break::LinkDown);
            }
            sockets.push(socket);
        }
        // Until now every socket refused every frame, so that none saw what belongs to another.
        for opened in sockets.iter().filter_map(|s| s.opened.as_ref()) {
            opened.begin(&shared)?;
        }
        Ok(sockets)
    }

    /// Times the kernel found the ring full and stopped filling it; each began a run of dropped frames.
    pub fn freezes(&self) -> u64 {
        self.freezes
    }

    fn tell(&mut self, cause: Break) {
        if self.first && self.notices.len() < NOTICES {
            let file = self.shared.config.interface.as_str().into();
            self.notices.push(Notice { file, offset: self.counters.frames, cause });
        }
    }

    /// Asks the kernel what was lost.
    fn account(&mut self) {
        if let Some(Ok(lost)) = self.opened.as_ref().map(|o| o.socket.statistics()) {
            self.counters.dropped += lost.drops;
            self.freezes += lost.freezes;
        }
        if self.first {
            let now = Card::of(&self.shared.config.interface);
            // An interface that was made anew counts from zero.
            self.counters.dropped += now.missed.saturating_sub(self.card.missed);
            self.counters.damaged += now.damaged.saturating_sub(self.card.damaged);
            self.card = now;
        }
    }

    /// Nothing came for a while: how is the link?
    fn look(&mut self) {
        self.account();
        let name = &self.shared.config.interface;
        let Some(opened) = &self.opened else { return };
        let state = if interface::running(&opened.socket, name) { Link::Up } else { Link::Down };
        if state != std::mem::replace(&mut self.state, state) {
            self.tell(if state == Link::Up { Break::LinkUp } else { Break::LinkDown });
        }
    }

    /// The kernel left an error on the socket: the link went down, or the interface away.
    fn fault(&mut self) {
        let Some(opened) = &mut self.opened else { return };
        let config = &self.shared.config;
        if interface::find(&config.interface) == Some(opened.interface) {
            return self.look();
        }
        // The block that was being filled is handed over when its time is up.
        thread::sleep(config.timeout * 2);
        opened.leaving = true;
        self.state = Link::Gone;
        self.told_failure = false;
        self.tell(Break::Gone);
    }

    /// Looks for the interface again.
    fn reopen(&mut self) {
        let shared = self.shared.clone();
        let name = &shared.config.interface;
        if interface::find(name).is_none() {
            return;
        }
        let open = || -> Result<Option<Opened>, SourceError> {
            let mut opened = Opened::prepare(&shared)?;
            if !opened.is_up(name) {
                return Ok(None);
            }
            opened.join(&shared)?;
            opened.begin(&shared)?;
            Ok(Some(opened))
        };
        match open() {
            Ok(None) => {}
            Ok(Some(opened)) => {
                self.opened = Some(opened);
                self.card = Card::of(name);
                let was = std::mem::replace(&mut self.state, Link::Up);
                self.tell(if was == Link::Gone { Break::Back } else { Break::LinkUp });
            }
            Err(why) => {
                if !std::mem::replace(&mut self.told_failure, true) {
                    self.tell(Break::NotReopened(why.to_string()));
                }
            }
        }
    }
}

impl Source for AfPacket {
    fn poll(&mut self, lend: &mut dyn FnMut(&[Frame<'_>])) -> Result<Polled, SourceError> {
        let Some(opened) = &mut self.opened else { return Ok(Polled::Idle) };
        let read = opened.lend(lend);
        self.counters.frames += read.frames;
        self.counters.bytes += read.bytes;
        self.counters.damaged += read.unreadable;
        self.blocks += read.blocks;
        if self.blocks >= ASKED {
            self.blocks = 0;
            self.account();
        }
        Ok(if read.frames > 0 { Polled::Frames(read.frames as usize) } else { Polled::Idle })
    }

    fn wait(&mut self, at_most: Duration) {
        let Some(opened) = &mut self.opened else {
            thread::sleep(at_most.min(AWAY));
            return self.reopen();
        };
        if opened.ready() {
            return;
        }
        if opened.leaving {
            self.account();
            self.opened = None;
        } else if !opened.socket.wait(at_most) {
            self.look();
        } else if opened.socket.take_error().is_some() {
            self.fault();
        }
    }

    fn counters(&self) -> SourceCounters {
        self.counters
    }

    fn notices(&self) -> &[Notice] {
        &self.notices
    }
}

/// Names what failed, and for the failures with a remedy, the remedy.
fn refusal(name: &str, doing: crate::Doing, cause: io::Error) -> SourceError {
    let interface = name.into();
    match cause.kind() {
        io::ErrorKind::PermissionDenied => SourceError::NotPermitted { interface },
        _ => SourceError::Interface { interface, doing, cause },
    }
}
