//! Windows of texts that are over, for those to come.

/// Most memory kept, in bytes.
const MAX_HELD: usize = 16 << 20;

/// Windows that are not in use. One a lane.
#[derive(Default)]
pub(crate) struct Windows {
    idle: Vec<Vec<u8>>,
    /// What they hold together, in bytes.
    held: usize,
}

impl Windows {
    /// A window; empty, and without memory where there is none to be used again.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        let window = self.idle.pop().unwrap_or_default();
        self.held -= window.capacity();
        window
    }
    /// Takes a window back; what it held is overwritten.
    pub(crate) fn put_back(&mut self, mut window: Vec<u8>) {
        window.fill(0);
        window.clear();
        if window.capacity() > 0 && self.held + window.capacity() <= MAX_HELD {
            self.held += window.capacity();
            self.idle.push(window);
        }
    }
}
