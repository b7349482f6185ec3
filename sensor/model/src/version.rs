//! Versions that paths name.

/// Whether a path segment is a version: `v1`, `v2.1`, `v1beta1`, `1.0`.
pub fn is_version(text: &str) -> bool {
    let digits = |s: &str| (1..=2).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_digit());
    if let Some((a, b)) = text.split_once('.')
        && a.len() == 1
        && digits(a)
        && digits(b)
    {
        return true;
    }
    let Some(rest) = text.strip_prefix(['v', 'V']) else { return false };
    rest.starts_with(|c: char| c.is_ascii_digit())
        && rest.len() <= 8
        && rest.split(['.', '_']).all(|p| {
            let p = p.trim_start_matches(|c: char| c.is_ascii_digit());
            let p = p.strip_prefix("alpha").or(p.strip_prefix("beta")).or(p.strip_prefix("rc")).unwrap_or(p);
            p.bytes().all(|b| b.is_ascii_digit())
        })
}

/// The segment of a template that names its version (`v2` of `/api/v2/users`).
pub fn version_segment(template: &str) -> Option<&str> {
    template.split('/').find(|s| s.starts_with(['v', 'V']) && is_version(s))
}

/// The version that a template names, as its numbers, and the template without it.
pub fn version_of(template: &str) -> Option<(Vec<u32>, String)> {
    let segment = version_segment(template)?;
    let numbers = segment.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
    let without = template.split('/').map(|s| if s == segment { "{version}" } else { s });
    Some((numbers, without.collect::<Vec<_>>().join("/")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn reads_versions() {
        assert_eq!(
            version_of("/api/v2.1/users/{id}").unwrap(),
            (vec![2, 1], "/api/{version}/users/{id}".into())
        );
        assert!(version_of("/v1/users").unwrap().0 < version_of("/v10/users").unwrap().0);
        assert_eq!(version_of("/users/vip"), None);
    }
}
