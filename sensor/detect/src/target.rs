//! Request targets taken apart.

use weir_model::form_decoded;

/// The path of a target: without query, fragment, scheme and authority.
pub(crate) fn path(target: &str) -> &str {
    let end = target.find(['?', '#']).unwrap_or(target.len());
    let head = &target[..end];
    match head.find("://") {
        Some(i) if !head.starts_with('/') => {
            let after = &head[i + 3..];
            after.find('/').map_or("/", |s| &after[s..])
        }
        _ => head,
    }
}

/// Names and values of a target's query, as sent.
pub(crate) fn query(target: &str) -> impl Iterator<Item = (&str, &str)> {
    let query = target.split_once('?').map_or("", |(_, q)| q);
    let query = query.split('#').next().unwrap_or("");
    query.split('&').filter(|p| !p.is_empty()).map(|p| p.split_once('=').unwrap_or((p, "")))
}

/// A text of the query decoded, in lower case.
pub(crate) fn decoded(text: &str) -> String {
    form_decoded(text).to_lowercase()
}

/// A name without case and separators, and without what stands before its last dot: `data.page_no` is `pageno`.
pub(crate) fn plain_name(name: &str) -> String {
    let last = name.rsplit(['.', ':', '[']).find(|s| !s.is_empty() && *s != "]").unwrap_or(name);
    if last.is_ascii() {
        let mut plain = String::with_capacity(last.len());
        plain.extend(
            last.bytes().filter(u8::is_ascii_alphanumeric).map(|b| char::from(b.to_ascii_lowercase())),
        );
        return plain;
    }
    last.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_targets_apart() {
        assert_eq!(path("/a/b?c=d#e"), "/a/b");
        assert_eq!(path("http://h:1/a?b"), "/a");
        assert_eq!(path("http://h"), "/");
        assert_eq!(path("/r?u=http://x/y"), "/r");
        assert_eq!(query("/a?b=1&&c&d=x=y#f").collect::<Vec<_>>(), [("b", "1"), ("c", ""), ("d", "x=y")]);
        assert_eq!(query("/a").count(), 0);
        assert_eq!(decoded("%27+OR%201%3d1%zz%"), "' or 1=1%zz%");
        assert_eq!(plain_name("data.page_No"), "pageno");
        assert_eq!(plain_name("ids[]"), "ids");
    }
}
