//! Files gathered whole, within what all files of a lane may hold together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// What the files being gathered may hold. Shared by all of a lane.
#[derive(Clone, Debug)]
pub(crate) struct Quota {
    used: Arc<AtomicUsize>,
    each: usize,
    all: usize,
}

impl Quota {
    /// Of so many bytes a file, and together.
    pub(crate) fn new(each: usize, all: usize) -> Self {
        Quota { used: Arc::default(), each, all }
    }
}

impl Default for Quota {
    fn default() -> Self {
        let config = crate::Config::default();
        Quota::new(config.max_file, config.max_files)
    }
}

/// A file being gathered. What it holds counts until it is dropped.
#[derive(Default)]
pub(crate) struct Gathered {
    bytes: Vec<u8>,
    counted: usize,
    used: Option<Arc<AtomicUsize>>,
    /// Something of it was let go.
    pub(crate) cut: bool,
}

impl Gathered {
    /// Adds the next bytes, as far as there is room for them.
    pub(crate) fn add(&mut self, piece: &[u8], quota: &Quota) {
        if self.cut {
            return;
        }
        let used = self.used.get_or_insert_with(|| Arc::clone(&quota.used));
        let n = piece.len().min(quota.each.saturating_sub(self.bytes.len()));
        if used.fetch_add(n, Relaxed) + n > quota.all {
            used.fetch_sub(n, Relaxed);
            self.cut = true;
            return;
        }
        self.counted += n;
        if self.bytes.capacity() - self.bytes.len() < n {
            let room = (self.bytes.len() + n).max(2 * self.bytes.capacity()).min(quota.each);
            self.bytes.reserve_exact(room - self.bytes.len());
        }
        self.bytes.extend_from_slice(&piece[..n]);
        self.cut = n < piece.len();
    }
    /// What was gathered.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Gathered {
    fn drop(&mut self) {
        // It may have held passwords.
        self.bytes.fill(0);
        if let Some(used) = &self.used {
            used.fetch_sub(self.counted, Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_bounded_and_given_back() {
        let quota = Quota::new(10, 15);
        let (mut a, mut b) = (Gathered::default(), Gathered::default());
        a.add(b"12345678", &quota);
        a.add(b"12345678", &quota);
        assert!(a.bytes() == b"1234567812" && a.cut);
        b.add(b"1234", &quota);
        b.add(b"1234", &quota);
        assert!(b.bytes() == b"1234" && b.cut);
        drop(a);
        let mut c = Gathered::default();
        c.add(b"12345678", &quota);
        assert!(!c.cut);
        drop((b, c));
        assert_eq!(quota.used.load(Relaxed), 0);
    }
}
