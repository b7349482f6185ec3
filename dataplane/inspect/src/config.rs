//! Bounds and choices of the inspection.

/// Bounds and choices of an [`Inspector`](crate::Inspector).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config {
    /// Whether bodies are digested (SHA-256). Default: no.
    pub digest: bool,
    /// Bytes of a body gathered and scanned at a time; longer bodies are scanned window by window. At least 2 KiB. Default: 64 KiB.
    pub window: usize,
    /// Most bytes that one byte of coded body may become, once 1 MiB has come out. Default: 200.
    pub max_expansion: u64,
    /// Most bytes that a coded body may become. Default: 1 GiB.
    pub max_decoded: u64,
    /// Most content codings stacked. Default: 3.
    pub max_codings: usize,
    /// Most exchanges of a flow that are open at a time; the oldest is given up. As many as streams of HTTP/2. Default: 128.
    pub max_open: usize,
    /// Most data items of an exchange; further ones are not listed. Default: 256.
    pub max_items: usize,
    /// Most bytes of one file (archive, office document, mail) gathered to be opened; of longer ones the rest is not read. Default: 16 MiB.
    pub max_file: usize,
    /// Most bytes that the files being gathered may hold together. Default: 64 MiB.
    pub max_files: usize,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            digest: false,
            window: 64 * 1024,
            max_expansion: 200,
            max_decoded: 1 << 30,
            max_codings: 3,
            max_open: 128,
            max_items: 256,
            max_file: 16 << 20,
            max_files: 64 << 20,
        }
    }
}

impl Config {
    /// The window, not shorter than four of the longest values.
    pub(crate) fn window(&self) -> usize {
        self.window.max(4 * weir_rules::MAX_VALUE)
    }
}
