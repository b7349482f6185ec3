//! Paths.

/// Longest path kept, in bytes.
const MAX: usize = 4096;

/// The absolute path of `name` in the directory `in_dir`.
pub(super) fn absolute(in_dir: &[u8], name: &[u8]) -> Vec<u8> {
    let base = if name.starts_with(b"/") { &b""[..] } else { in_dir };
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in base.split(|b| *b == b'/').chain(name.split(|b| *b == b'/')) {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let mut out = Vec::new();
    for part in parts {
        out.push(b'/');
        out.extend_from_slice(part);
    }
    if out.is_empty() {
        out.push(b'/');
    }
    out.truncate(MAX);
    out
}

/// A path as a target: what would be taken for a query, a fragment or an escape is escaped.
pub(super) fn target(path: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(path.len());
    for b in path {
        match b {
            b'%' | b'?' | b'#' | b' ' | 0..=31 | 127 => out.extend_from_slice(format!("%{b:02X}").as_bytes()),
            b => out.push(*b),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolves() {
        for (dir, name, path) in [
            ("/a", "b", "/a/b"),
            ("/a/", "../c.csv", "/c.csv"),
            ("/a", "/x/./y", "/x/y"),
            ("/", "../..", "/"),
            ("/a", "", "/a"),
        ] {
            assert_eq!(absolute(dir.as_bytes(), name.as_bytes()), path.as_bytes());
        }
        assert_eq!(target(b"/a b?#%"), b"/a%20b%3F%23%25");
    }
}
