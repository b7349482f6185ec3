//! One port from configuration to close, and what to do when its card asks for a reset.

use crate::{
    DpdkConfig, DpdkError, Link, Queue, Redirection, Step, Symmetry,
    raw::{
        burst::StampField,
        eal, events,
        nic::{self, Info, Losses, Setup},
        pool::{ANY_NODE, Pool},
    },
    report::{PortReport, Told},
    rss::is_symmetric_key,
    shared::{Shared, State},
    stamp::{self, CardClock, Stamps},
};
use std::sync::{Arc, atomic::Ordering};

/// Virtual drivers whose frames arrive in every queue they were given, read or not.
const FIXED: &[&str] = &["net_af_packet", "net_pcap"];
/// Drivers that leave a frame where it is when no buffer is free, and try again.
const PATIENT: &[&str] = &["net_af_packet"];
/// Looks (one a second) a link may take to come up after the start: cards negotiate for some seconds.
const LINK_TAKES: u32 = 6;
/// Bytes a frame is longer than its payload: Ethernet, two tags, check sequence.
const FRAMING: u32 = 14 + 8 + 4;

/// One port. Owned by the runtime; queues see only its [`Shared`].
pub(crate) struct Port {
    /// What its queues share.
    pub shared: Arc<Shared>,
    info: Info,
    setup: Setup,
    descriptors: (u16, u16),
    promiscuous: bool,
    pool: Arc<Pool>,
    node: Option<u32>,
    symmetry: Symmetry,
    losses: Losses,
    link: Option<Link>,
    looks_down: u32,
    told_down: bool,
    running: bool,
    restarts: u64,
    failing: bool,
    clock_read: Option<(u64, u64)>,
    /// Where stamps lie, where the port has any.
    stamp_field: Option<StampField>,
}

/// What a port needs before its buffers are made.
pub(crate) struct Plan {
    /// DPDK's number.
    pub id: u16,
    /// Its name.
    pub name: String,
    info: Info,
    /// Queues it gets.
    pub queues: u16,
    /// Its NUMA node.
    pub node: Option<u32>,
}

/// Checks what is asked of a port against what it is.
pub(crate) fn plan(id: u16, frame_size: Option<u64>, config: &DpdkConfig) -> Result<Plan, DpdkError> {
    let name = nic::name(id);
    let info = nic::info(id).map_err(|e| failure(&name, Step::Inspect, e))?;
    let fixed = FIXED.contains(&info.driver.as_str());
    let (asked, most) = (config.queues, info.queues);
    let queues = if asked > 0 {
        asked
    } else if fixed {
        most
    } else {
        1
    };
    if queues > most || queues == 0 {
        return Err(DpdkError::TooManyQueues { port: name, driver: info.driver, asked: queues, most });
    }
    if fixed && queues < most {
        return Err(DpdkError::QueuesUnread { port: name, driver: info.driver, asked: queues, have: most });
    }
    // This driver copies whole frames of its ring without looking at the buffer's size.
    if let Some(frame) = frame_size.filter(|f| *f > config.buffer_size.into()) {
        return Err(DpdkError::FrameOverBuffer { port: name, frame, buffer: config.buffer_size });
    }
    Ok(Plan { id, node: nic::node(id), name, info, queues })
}

fn failure(port: &str, step: Step, errno: i32) -> DpdkError {
    DpdkError::Port { port: port.into(), step, cause: nic::words(errno), log: eal::log_tail(), then: None }
}

impl Port {
    /// A port by its plan, not yet configured.
    pub(crate) fn new(plan: Plan, pool: Arc<Pool>, config: &DpdkConfig) -> Port {
        let Plan { id, name, info, queues, node } = plan;
        let setup = setup(&info, queues, config);
        let file = info.driver == "net_pcap";
        let stamped = file || setup.offloads & nic::TIMESTAMP != 0;
        Port {
            shared: Arc::new(Shared::new(&name, id, queues)),
            setup,
            descriptors: (config.descriptors, config.descriptors),
            promiscuous: config.promiscuous,
            pool,
            node,
            symmetry: Symmetry::Driver,
            losses: Losses::default(),
            link: None,
            looks_down: 0,
            told_down: false,
            running: false,
            restarts: 0,
            failing: false,
            clock_read: None,
            stamp_field: stamped.then(StampField::register).flatten(),
            info,
        }
    }

    fn fail(&self, step: Step, errno: i32) -> DpdkError {
        failure(&self.shared.name, step, errno)
    }

    /// One of its queues, which the caller holds.
    pub(crate) fn queue(&self, index: u16) -> Queue {
        Queue::new(Arc::clone(&self.shared), index, self.descriptors.0, self.stamp_field)
    }

    /// Configures and starts the port, and lets its queues in.
    pub(crate) fn start(&mut self) -> Result<(), DpdkError> {
        let id = self.shared.id;
        self.configure().and_then(|()| nic::start(id).map_err(|e| self.fail(Step::Start, e)))?;
        self.losses = Losses::default();
        self.running = true;
        if self.promiscuous
            && let Err(e) = nic::promiscuous(id)
        {
            self.shared.tell(&Told::NotPromiscuous { why: nic::words(e) });
        }
        self.spread()?;
        self.read_clock();
        self.shared.open();
        Ok(())
    }

    fn configure(&mut self) -> Result<(), DpdkError> {
        let id = self.shared.id;
        nic::configure(id, &self.info, &self.setup).map_err(|e| self.fail(Step::Configure, e))?;
        self.descriptors =
            nic::descriptors(id, self.descriptors.0).map_err(|e| self.fail(Step::Configure, e))?;
        let node = self.node.map_or(ANY_NODE, |n| n as i32);
        for queue in 0..self.setup.queues {
            nic::receive_queue(id, queue, self.descriptors.0, node, &self.info, &self.setup, &self.pool)
                .map_err(|e| self.fail(Step::Queue(queue), e))?;
        }
        for queue in 0..self.setup.transmit_queues {
            nic::transmit_queue(id, queue, self.descriptors.1, node)
                .map_err(|e| self.fail(Step::Queue(queue), e))?;
        }
        Ok(())
    }

    /// Looks at how the card spreads, and evens it out where it leaves queues without their share.
    fn spread(&mut self) -> Result<(), DpdkError> {
        let id = self.shared.id;
        let queues = self.setup.queues;
        self.symmetry = match (queues, self.setup.spread) {
            (1, _) => Symmetry::OneQueue,
            (_, false) => Symmetry::Driver,
            _ if self.setup.card_symmetry => Symmetry::Card,
            _ => match nic::key(id, &self.info) {
                Some(key) if is_symmetric_key(&key) => Symmetry::Key,
                Some(_) => Symmetry::No,
                None => Symmetry::Unconfirmed,
            },
        };
        if self.symmetry == Symmetry::No && nic::has_card_symmetry(&self.info) {
            self.setup.card_symmetry = true;
            nic::stop(id).map_err(|e| self.fail(Step::Stop, e))?;
            self.configure().and_then(|()| nic::start(id).map_err(|e| self.fail(Step::Start, e)))?;
            self.symmetry = Symmetry::Card;
        }
        match self.symmetry {
            Symmetry::No => self.shared.tell(&Told::Asymmetric),
            Symmetry::Unconfirmed => self.shared.tell(&Told::KeyUnread),
            _ => {}
        }
        if self.setup.spread && nic::redirection(id, &self.info).is_some_and(|t| !t.is_even(queues)) {
            let done = nic::redirect(id, &Redirection::even(self.info.reta, queues));
            let now = nic::redirection(id, &self.info);
            if let Some(table) = now.filter(|t| done.is_err() || !t.is_even(queues)) {
                self.shared.tell(&Told::Uneven { shares: table.shares(queues) });
            }
        }
        Ok(())
    }

    /// Reads the card's clock beside the system's; the second reading and each one after it set the queues right.
    fn read_clock(&mut self) {
        if self.info.driver == "net_pcap" {
            if self.clock_read.replace((0, 0)).is_none() {
                self.shared.set_stamps(Stamps::File);
            }
        } else if self.setup.offloads & nic::TIMESTAMP != 0 {
            let Some(now) = nic::clock(self.shared.id).map(|ticks| (ticks, stamp::system())) else { return };
            if let Some(card) = self.clock_read.replace(now).and_then(|then| CardClock::between(then, now)) {
                self.shared.set_stamps(Stamps::Card(card));
            }
        }
    }

    /// Adds what the port lost since the last look.
    pub(crate) fn count(&mut self) {
        let Some(now) = self.running.then(|| nic::losses(self.shared.id)).flatten() else { return };
        // A counter that fell was set to zero by the driver.
        let more = |now: u64, then: u64| if now >= then { now - then } else { now };
        let missing = more(now.no_buffer, self.losses.no_buffer);
        let loses = !PATIENT.contains(&self.info.driver.as_str());
        let dropped = more(now.missed, self.losses.missed) + if loses { missing } else { 0 };
        self.shared.dropped.fetch_add(dropped, Ordering::Relaxed);
        self.shared.damaged.fetch_add(more(now.errors, self.losses.errors), Ordering::Relaxed);
        if missing > 0 && self.losses.no_buffer == 0 {
            self.shared.tell(&Told::NoBuffers { loses });
        }
        self.losses = now;
    }

    /// Looks at the link and tells changes. A link that was never up is told once it had time to come up.
    pub(crate) fn look_at_link(&mut self) {
        let Some(now) = self.running.then(|| nic::link(self.shared.id)).flatten() else { return };
        self.shared.mbps.store(now.mbps, Ordering::Relaxed);
        self.looks_down = if now.up { 0 } else { self.looks_down.saturating_add(1) };
        let was_up = self.link.replace(now).is_some_and(|l| l.up);
        if self.told_down && now.up {
            self.told_down = false;
            self.shared.tell(&Told::LinkUp { mbps: now.mbps });
        } else if !self.told_down && !now.up && (was_up || self.looks_down >= LINK_TAKES) {
            self.told_down = true;
            self.shared.tell(&Told::LinkDown);
        }
    }

    /// What is due once a second.
    pub(crate) fn each_second(&mut self) {
        if self.failing {
            self.restart();
        }
        self.look_at_link();
        if self.running {
            self.read_clock();
        }
    }

    /// Does what events ask for.
    pub(crate) fn heed(&mut self, events: u32) {
        if events & events::REMOVED != 0 && self.shared.state() != State::Removed {
            // Whether lanes come back or not: nothing is stopped or freed here.
            let _ = self.shared.shut(State::Removed);
            self.running = false;
            self.failing = false;
            self.shared.tell(&Told::Removed);
            return;
        }
        if events & events::RESET != 0 && self.shared.state() != State::Removed {
            self.shared.tell(&Told::Restarting);
            self.restart();
        }
        if events & events::LINK != 0 {
            self.look_at_link();
        }
    }

    /// Stops the port, resets the card where its driver can, and starts it again. Tried anew each second until it works.
    pub(crate) fn restart(&mut self) {
        let done = self.stop_receiving().and_then(|()| {
            match nic::reset(self.shared.id) {
                // Most drivers of virtual devices have nothing to reset.
                Err(e) if e != NOT_SUPPORTED => Err(self.fail(Step::Reset, e)),
                _ => self.start(),
            }
        });
        match done {
            Ok(()) => {
                self.failing = false;
                self.restarts += 1;
                self.shared.tell(&Told::Restarted);
            }
            Err(why) => {
                self.running = false;
                if !std::mem::replace(&mut self.failing, true) {
                    self.shared.tell(&Told::RestartFailed(why));
                }
            }
        }
    }

    fn stop_receiving(&mut self) -> Result<(), DpdkError> {
        if !self.shared.shut(State::Shut) {
            return Err(self.hangs());
        }
        self.count();
        if std::mem::take(&mut self.running) {
            nic::stop(self.shared.id).map_err(|e| self.fail(Step::Stop, e))?;
        }
        Ok(())
    }

    fn hangs(&self) -> DpdkError {
        DpdkError::LaneHangs { port: self.shared.name.to_string() }
    }

    /// Stops and closes the port; the first failure, and what failed after it. A port that a lane hangs in is left as it is.
    pub(crate) fn close(&mut self) -> Result<(), DpdkError> {
        let removed = self.shared.state() == State::Removed;
        if !self.shared.shut(if removed { State::Removed } else { State::Ended }) {
            return Err(self.hangs());
        }
        self.count();
        let id = self.shared.id;
        events::ignore(id);
        let stopped = match std::mem::take(&mut self.running) {
            true => nic::stop(id).map_err(|e| self.fail(Step::Stop, e)),
            false => Ok(()),
        };
        let closed = nic::close(id).map_err(|e| self.fail(Step::Close, e));
        match (stopped, closed) {
            (Err(first), Err(second)) => Err(first.followed_by(&second)),
            (first, second) => first.and(second),
        }
    }

    /// What it is and how it does.
    pub(crate) fn report(&mut self) -> PortReport {
        self.count();
        let id = self.shared.id;
        let offloads = [
            (nic::CHECKSUM, "checksum"),
            (nic::VLAN_STRIP, "vlan-strip"),
            (nic::SCATTER, "scatter"),
            (nic::TIMESTAMP, "timestamp"),
        ];
        let total = |n: &std::sync::atomic::AtomicU64| n.load(Ordering::Relaxed);
        let spread = self.running && self.setup.spread;
        PortReport {
            name: nic::name(id),
            driver: self.info.driver.clone(),
            numa: self.node,
            link: self.running.then(|| nic::link(id)).flatten(),
            running: self.running,
            queues: self.setup.queues,
            queues_offered: self.info.queues,
            descriptors: self.descriptors.0,
            mtu: self.setup.mtu,
            promiscuous: nic::is_promiscuous(id),
            symmetry: self.symmetry,
            key: spread.then(|| nic::key(id, &self.info)).flatten(),
            redirection: spread.then(|| nic::redirection(id, &self.info)).flatten(),
            offloads: offloads
                .iter()
                .filter(|(bit, _)| self.setup.offloads & bit != 0)
                .map(|o| o.1)
                .collect(),
            times: match self.shared.stamps() {
                Stamps::Host => "host",
                Stamps::File => "file",
                Stamps::Card(_) => "card",
            },
            buffers: self.pool.size,
            buffers_free: self.pool.free(),
            frames: total(&self.shared.frames),
            dropped: total(&self.shared.dropped),
            damaged: total(&self.shared.damaged),
            bad_checksums: total(&self.shared.bad_checksums),
            copied: total(&self.shared.copied),
            restarts: self.restarts,
            counters: nic::counters(id),
        }
    }
}

/// `ENOTSUP`.
const NOT_SUPPORTED: i32 = 95;

/// What is asked for of what is offered.
fn setup(info: &Info, queues: u16, config: &DpdkConfig) -> Setup {
    let (least, most) = info.mtu;
    let mtu = config.mtu.max(least).min(if most == 0 { u16::MAX } else { most });
    let several = u32::from(mtu) + FRAMING > config.buffer_size.into();
    let wanted = nic::CHECKSUM | nic::VLAN_STRIP | nic::TIMESTAMP | if several { nic::SCATTER } else { 0 };
    Setup {
        queues,
        // Some drivers refuse a port that could only receive. Nothing is ever sent: this crate has no function for it.
        transmit_queues: queues.min(info.transmit_queues),
        mtu,
        offloads: info.offloads & wanted,
        spread: queues > 1 && info.kinds != 0,
        card_symmetry: false,
    }
}
