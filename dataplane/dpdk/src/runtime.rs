//! DPDK running: its ports, their buffers and the thread that keeps them.

use crate::{
    Device, DpdkConfig, DpdkError, PortReport, Queue,
    eal::Eal,
    memory::{self, Memory},
    pci,
    port::{self, Plan, Port},
    raw::{
        self, events, nic,
        pool::{ANY_NODE, Pool},
    },
    report::Told,
    shared::lock,
};
use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

/// How often the keeper looks at events and losses.
const TICK: Duration = Duration::from_millis(100);
/// Ticks of a second.
const SECOND: u32 = 10;
/// Most buffers of one pool: what DPDK's rings and the kernel's patience allow.
const MOST_BUFFERS: u64 = 1 << 24;

/// DPDK, started. Dropping it stops and closes every port; queues that are still held come to their end.
pub struct Runtime {
    ports: Arc<Mutex<Vec<Port>>>,
    stop: Arc<AtomicBool>,
    keeper: Option<JoinHandle<()>>,
    // Last: ports are closed before the environment ends.
    eal: Eal,
}

impl Runtime {
    /// Starts DPDK and all ports.
    ///
    /// # Errors
    /// Whatever is missing, by name and with what to do. What was started by then is stopped again; only a failure before
    /// EAL itself started leaves the process able to try again.
    pub fn start(config: &DpdkConfig) -> Result<Runtime, DpdkError> {
        check(config)?;
        if Eal::is_taken() {
            return Err(DpdkError::AlreadyStarted);
        }
        dpdk_sys::check_layout().map_err(|e| DpdkError::Layout(e.to_string()))?;
        let memory = memory_for(config)?;
        for device in &config.devices {
            if let Device::Pci { address, .. } = device {
                pci::check(Path::new("/sys/bus/pci/devices"), address, memory.huge)?;
            }
        }
        let eal = Eal::start(config, &memory)?;
        let plans = take_devices(config)?;
        let mut ports = Vec::new();
        let pools = pools(&plans, config)?;
        for plan in plans {
            let pool = pools.get(&plan.node).cloned().ok_or(DpdkError::NoDevice)?;
            ports.push(Port::new(plan, pool, config));
        }
        let mut runtime =
            Runtime { ports: Arc::new(Mutex::new(ports)), stop: Arc::default(), keeper: None, eal };
        runtime.start_ports(&memory)?;
        runtime.keep();
        Ok(runtime)
    }

    fn start_ports(&mut self, memory: &Memory) -> Result<(), DpdkError> {
        let mut ports = lock(&self.ports);
        for at in 0..ports.len() {
            events::listen(ports[at].shared.id);
            if let Err(first) = ports[at].start() {
                let second = ports.iter_mut().filter_map(|p| p.close().err()).next();
                ports.clear();
                return Err(match second {
                    Some(second) => first.followed_by(&second),
                    None => first,
                });
            }
            ports[at].look_at_link();
        }
        if let (Some((need, free)), Some(port)) = (memory.lacking, ports.first()) {
            port.shared.tell(&Told::WithoutHugepages { need, free });
        }
        Ok(())
    }

    /// Starts the thread that watches events, links and losses. Without it (no thread to be had) the ports still run.
    fn keep(&mut self) {
        let (ports, stop) = (Arc::clone(&self.ports), Arc::clone(&self.stop));
        let keeper = std::thread::Builder::new().name("weir-dpdk".into()).spawn(move || {
            for tick in 1u32.. {
                std::thread::park_timeout(TICK);
                if stop.load(Ordering::Acquire) {
                    return;
                }
                for port in lock(&ports).iter_mut() {
                    port.heed(events::take(port.shared.id));
                    port.count();
                    if tick.is_multiple_of(SECOND) {
                        port.each_second();
                    }
                }
            }
        });
        self.keeper = keeper.ok();
    }

    /// Every queue that nobody holds, port by port. The first call gives all of them; a queue that was dropped (its lane ended)
    /// is given again.
    pub fn queues(&self) -> Vec<Queue> {
        let ports = lock(&self.ports);
        let mut queues = Vec::new();
        for port in ports.iter() {
            for index in (0..port.shared.queues()).filter(|i| port.shared.hold(*i)) {
                queues.push(port.queue(index));
            }
        }
        queues
    }

    /// How every port is set up and does now.
    pub fn port_report(&self) -> Vec<PortReport> {
        lock(&self.ports).iter_mut().map(Port::report).collect()
    }

    /// Reads every port's losses now, not with the next tick: before the last look at the queues' counters.
    pub fn count(&self) {
        lock(&self.ports).iter_mut().for_each(Port::count);
    }

    /// Restarts a port as if its card had asked for it; whether there is one of that name. Queues are idle meanwhile.
    pub fn restart(&self, port: &str) -> bool {
        let found = nic::by_name(port);
        if let Some(id) = found {
            events::raise(id, events::RESET);
        }
        if let Some(keeper) = &self.keeper {
            keeper.thread().unpark();
        }
        found.is_some()
    }

    /// The library's release, as `DPDK 22.11.4`.
    pub fn release(&self) -> String {
        raw::eal::release()
    }

    /// Stops and closes every port, and ends DPDK. `drop` does the same and keeps what failed to itself.
    ///
    /// # Errors
    /// The first failure. Everything is tried nevertheless.
    pub fn stop(mut self) -> Result<(), DpdkError> {
        self.close()
    }

    fn close(&mut self) -> Result<(), DpdkError> {
        self.stop.store(true, Ordering::Release);
        if let Some(keeper) = self.keeper.take() {
            keeper.thread().unpark();
            // A keeper that panicked has nothing more to say; ports are closed below.
            let _ = keeper.join();
        }
        let mut ports = lock(&self.ports);
        let mut failed = Ok(());
        for port in ports.iter_mut() {
            let closed = port.close();
            if matches!(closed, Err(DpdkError::LaneHangs { .. })) {
                self.eal.leave();
            }
            failed = failed.and(closed);
        }
        ports.clear();
        failed
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        let _ = self.close();
    }
}

fn check(config: &DpdkConfig) -> Result<(), DpdkError> {
    let within = |what, given: u64, least: u64, most: u64| match given {
        g if (least..=most).contains(&g) => Ok(()),
        given => Err(DpdkError::OutOfRange { what, given, least, most }),
    };
    within("descriptors", config.descriptors.into(), 32, 32_768)?;
    within("buffer_size", config.buffer_size.into(), 1024, 16_384)?;
    within("mtu", config.mtu.into(), 68, 16_000)?;
    within("buffers", config.buffers.into(), 0, MOST_BUFFERS)?;
    within("queues", config.queues.into(), 0, 256)?;
    within("memory_mb", config.memory_mb.into(), 0, 1 << 20)?;
    if config.devices.is_empty() { Err(DpdkError::NoDevice) } else { Ok(()) }
}

/// Memory before any port is known: virtual devices say in their arguments how many queues they get.
fn memory_for(config: &DpdkConfig) -> Result<Memory, DpdkError> {
    let queues = config.devices.iter().map(|d| match config.queues {
        0 => d.queues_named().max(1),
        n => n.into(),
    });
    memory::choose(config, queues.sum(), memory::free_hugepages_mb(Path::new("/sys/kernel/mm/hugepages")))
}

/// Lets drivers take the devices; the ports that came of it, in the devices' order.
fn take_devices(config: &DpdkConfig) -> Result<Vec<Plan>, DpdkError> {
    let mut plans = Vec::new();
    for device in &config.devices {
        let not_taken =
            |cause| DpdkError::NotTaken { device: device.to_string(), cause, log: raw::eal::log_tail() };
        let before = nic::ports();
        if let Device::Virtual { .. } = device {
            raw::eal::probe(&device.to_string()).map_err(|e| not_taken(raw::eal::describe(e)))?;
        }
        // A card may have several ports, named alike to the card; a virtual device has the one that is new.
        let mine = |id: &u16| match device {
            Device::Pci { address, .. } => nic::name(*id).starts_with(address.as_str()),
            Device::Virtual { .. } => !before.contains(id),
        };
        let ports: Vec<u16> = nic::ports().into_iter().filter(mine).collect();
        if ports.is_empty() {
            return Err(not_taken("no port came of it / 未产生端口".into()));
        }
        for id in ports {
            plans.push(port::plan(id, device.frame_size(), config)?);
        }
    }
    Ok(plans)
}

/// One pool for each NUMA node that has ports.
fn pools(plans: &[Plan], config: &DpdkConfig) -> Result<BTreeMap<Option<u32>, Arc<Pool>>, DpdkError> {
    let mut queues: BTreeMap<Option<u32>, u64> = BTreeMap::new();
    for plan in plans {
        *queues.entry(plan.node).or_default() += u64::from(plan.queues);
    }
    let mut pools = BTreeMap::new();
    for (node, queues) in queues {
        let wanted = u64::from(config.buffers_per_queue()) * queues;
        let size = u32::try_from(wanted.min(MOST_BUFFERS)).unwrap_or(u32::MAX);
        let named = node.map_or("any".into(), |n| n.to_string());
        let place = node.map_or(ANY_NODE, |n| n as i32);
        let pool = Pool::new(&format!("weir-{named}"), size, config.buffer_size, place).map_err(|e| {
            let cause = nic::words(e);
            DpdkError::NoBuffers { buffers: size, size: config.buffer_size, node: named, cause }
        })?;
        pools.insert(node, Arc::new(pool));
    }
    Ok(pools)
}
