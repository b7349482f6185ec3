//! DPDK's environment: start, end, log, devices.

use dpdk_sys as sys;
use std::{
    ffi::{CStr, CString, c_char, c_int},
    sync::atomic::{AtomicBool, Ordering},
};

/// Whether EAL is up. Threads that end later must not tell it so.
static UP: AtomicBool = AtomicBool::new(false);
/// Bytes of the log that a message may quote.
const QUOTED: usize = 600;

/// Whether EAL is up.
pub(crate) fn is_up() -> bool {
    UP.load(Ordering::Acquire)
}

/// Starts EAL; the error is DPDK's number. The caller sees to it that this happens once.
pub(crate) fn start(arguments: &[String]) -> Result<(), i32> {
    let texts: Vec<CString> = arguments.iter().filter_map(|a| CString::new(a.as_str()).ok()).collect();
    let mut pointers: Vec<*mut c_char> = texts.iter().map(|t| t.as_ptr().cast_mut()).collect();
    pointers.push(std::ptr::null_mut());
    // SAFETY: the shim opens its stream once and keeps it; its buffer is static and locked.
    unsafe { sys::weir_log_capture() };
    // SAFETY: `pointers` holds `texts.len()` strings and a NULL, all alive during the call; EAL copies what it keeps.
    let taken = unsafe { sys::rte_eal_init(texts.len() as c_int, pointers.as_mut_ptr()) };
    if taken < 0 {
        return Err(errno());
    }
    UP.store(true, Ordering::Release);
    Ok(())
}

/// Ends EAL; ports must be closed and pools free.
pub(crate) fn end() {
    if UP.swap(false, Ordering::AcqRel) {
        // SAFETY: EAL was up, and the swap lets one caller pass.
        unsafe { sys::rte_eal_cleanup() };
    }
}

/// Lets a driver take a virtual device.
pub(crate) fn probe(device: &str) -> Result<(), i32> {
    let text = CString::new(device).map_err(|_| 22)?;
    // SAFETY: a terminated string, copied by the callee.
    match unsafe { sys::rte_dev_probe(text.as_ptr()) } {
        rc if rc < 0 => Err(-rc),
        _ => Ok(()),
    }
}

/// DPDK's last error number of this thread.
pub(crate) fn errno() -> i32 {
    // SAFETY: reads a variable of the thread.
    unsafe { sys::weir_errno() }
}

/// An error number in words.
pub(crate) fn describe(errno: i32) -> String {
    // SAFETY: DPDK returns a string of its own, valid until the thread's next call.
    let text = unsafe { CStr::from_ptr(sys::rte_strerror(errno.abs())) };
    format!("{} ({})", text.to_string_lossy(), errno.abs())
}

/// The release of the library, as `DPDK 22.11.4`.
pub(crate) fn release() -> String {
    // SAFETY: a constant of the library.
    unsafe { CStr::from_ptr(sys::rte_version()) }.to_string_lossy().into_owned()
}

/// The end of DPDK's log on one line; `-` where it is silent.
pub(crate) fn log_tail() -> String {
    let mut text = vec![0u8; QUOTED];
    // SAFETY: the shim writes at most the given number of bytes and says how many.
    let n = unsafe { sys::weir_log_tail(text.as_mut_ptr().cast(), text.len()) };
    text.truncate(n);
    let text = String::from_utf8_lossy(&text);
    // The first line may have lost its beginning.
    let whole = if n == QUOTED { text.split_once('\n').map_or(&*text, |(_, rest)| rest) } else { &text };
    let lines: Vec<_> = whole.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    if lines.is_empty() { "-".into() } else { lines.join(" | ") }
}
