//! Signals of paths: globs, found by the longest literal part of each.

use aho_corasick::{AhoCorasick, MatchKind};
use weir_exchange::SignalId;

/// Globs of paths.
#[derive(Default, Debug)]
pub(crate) struct Paths {
    globs: Vec<(Vec<u8>, SignalId)>,
    automaton: Option<AhoCorasick>,
}

/// Longest path looked at.
const MAX_PATH: usize = 2048;

impl Paths {
    /// Adds a glob; `false` where it has no literal part of at least two bytes.
    pub(crate) fn add(&mut self, glob: &str, signal: SignalId) -> bool {
        let glob = glob.to_ascii_lowercase().into_bytes();
        let holds = literal(&glob).len() >= 2;
        if holds {
            self.globs.push((glob, signal));
        }
        holds
    }
    /// Builds the automaton.
    pub(crate) fn finish(&mut self) -> Result<(), String> {
        if !self.globs.is_empty() {
            let literals = self.globs.iter().map(|(g, _)| literal(g));
            let mut builder = AhoCorasick::builder();
            builder.ascii_case_insensitive(true).match_kind(MatchKind::Standard);
            self.automaton = Some(builder.build(literals).map_err(|e| e.to_string())?);
        }
        Ok(())
    }
    /// The signals of a path, sorted; the query is cut off.
    pub(crate) fn signals(&self, path: &str) -> Vec<SignalId> {
        let path = path.split(['?', '#']).next().unwrap_or(path);
        let path = path.as_bytes().get(..MAX_PATH).unwrap_or(path.as_bytes());
        let mut found: Vec<SignalId> = Vec::new();
        let Some(automaton) = &self.automaton else { return found };
        for m in automaton.find_overlapping_iter(path) {
            let (glob, signal) = &self.globs[m.pattern().as_usize()];
            if !found.contains(signal) && matches(glob, path) {
                found.push(*signal);
            }
        }
        found.sort_unstable();
        found
    }
}

/// The longest part of a glob without a star.
fn literal(glob: &[u8]) -> &[u8] {
    glob.split(|b| *b == b'*').max_by_key(|p| p.len()).unwrap_or(&[])
}

/// Whether a glob in lower case matches all of a path.
fn matches(glob: &[u8], path: &[u8]) -> bool {
    let (mut g, mut p) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while p < path.len() {
        match glob.get(g) {
            Some(b'*') => {
                back = Some((g + 1, p));
                g += 1;
            }
            Some(c) if *c == path[p].to_ascii_lowercase() => {
                g += 1;
                p += 1;
            }
            _ => match back.as_mut() {
                Some((after, from)) => {
                    *from += 1;
                    (g, p) = (*after, *from);
                }
                None => return false,
            },
        }
    }
    glob[g..].iter().all(|b| *b == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        let mut paths = Paths::default();
        for (n, glob) in ["/actuator", "*/actuator/*", "*.sql", "/.git/config"].iter().enumerate() {
            assert!(paths.add(glob, SignalId(n as u16)));
        }
        assert!(!paths.add("*", SignalId(9)));
        paths.finish().unwrap_or_default();
        let of = |p: &str| paths.signals(p).iter().map(|s| s.0).collect::<Vec<_>>();
        assert_eq!(of("/Actuator?x=1"), [0]);
        assert_eq!(of("/api/actuator/env"), [1]);
        assert_eq!(of("/dump/all.SQL"), [2]);
        assert_eq!(of("/.git/config"), [3]);
        assert!(of("/actuators").is_empty() && of("/x.sqlite").is_empty() && of("").is_empty());
    }
}
