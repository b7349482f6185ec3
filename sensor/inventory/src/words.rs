//! Words: which segments name a resource or an action, and which look like values.

use std::collections::BTreeSet;
use std::sync::LazyLock;
use weir_model::is_version;

/// Words that name resources and actions in the paths of most applications. They never become values of a variable, however
/// alike their replies are. Lower case.
static RESOURCES: LazyLock<BTreeSet<&'static str>> =
    LazyLock::new(|| include_str!("resources.txt").split_whitespace().collect());

/// Extensions of file names in paths; what stands before them may be a value.
const EXTENSIONS: &[&str] = &[
    "7z", "action", "apk", "asp", "aspx", "bin", "bmp", "css", "csv", "dat", "db", "dcm", "do", "doc",
    "docx", "eml", "gif", "gz", "htm", "html", "ico", "ics", "ipa", "jpeg", "jpg", "js", "json", "jsp",
    "log", "m3u8", "map", "md", "mjs", "mp3", "mp4", "parquet", "pdf", "php", "png", "ppt", "pptx", "rar",
    "sql", "sqlite", "svg", "tar", "tgz", "tif", "tiff", "ts", "tsv", "ttf", "txt", "vcf", "wasm", "webp",
    "woff", "woff2", "wsdl", "xls", "xlsx", "xml", "yaml", "yml", "zip",
];

/// Extensions of static content.
const STATIC: &[&str] = &[
    "bmp", "css", "gif", "ico", "jpeg", "jpg", "js", "map", "mjs", "png", "svg", "ttf", "wasm", "webp",
    "woff", "woff2",
];

/// Stem and extension (with its dot) of a file name with a known extension; else the whole and nothing.
pub(crate) fn split_extension(text: &str) -> (&str, &str) {
    match text.rfind('.') {
        Some(at) if at > 0 && listed(EXTENSIONS, &text[at + 1..]) => text.split_at(at),
        _ => (text, ""),
    }
}

/// Whether a file name's extension is one of static content.
pub(crate) fn is_static(text: &str) -> bool {
    text.rsplit_once('.').is_some_and(|(_, e)| listed(STATIC, e))
}

/// Whether an extension (with its dot) is one of documents and tables that people download.
pub(crate) fn is_download(suffix: &str) -> bool {
    listed(DOWNLOADS, suffix)
}

/// Extensions, with their dots, of documents and tables that people download.
const DOWNLOADS: &[&str] = &[
    ".7z", ".apk", ".bin", ".csv", ".dat", ".db", ".dcm", ".doc", ".docx", ".gz", ".ipa", ".parquet", ".pdf",
    ".ppt", ".pptx", ".rar", ".sql", ".sqlite", ".tar", ".tgz", ".tsv", ".xls", ".xlsx", ".zip",
];

fn listed(list: &[&str], word: &str) -> bool {
    word.len() <= 24
        && (list.binary_search(&word).is_ok()
            || word.bytes().any(|b| b.is_ascii_uppercase())
                && list.binary_search(&word.to_ascii_lowercase().as_str()).is_ok())
}

fn is_resource(word: &str) -> bool {
    word.len() <= 24
        && (RESOURCES.contains(word)
            || word.bytes().any(|b| b.is_ascii_uppercase())
                && RESOURCES.contains(word.to_ascii_lowercase().as_str()))
}

/// Whether a segment names a resource, an action, a version or a language, so that it is never a value.
pub(crate) fn names_resource(text: &str) -> bool {
    let stem = split_extension(text).0;
    is_resource(stem)
        || is_version(stem)
        || is_language(stem)
        || stem.starts_with(['_', '$', '.', '-'])
        || compound(stem)
}

/// Words that begin the names of actions.
const VERBS: &[&str] = &[
    "add", "change", "check", "create", "delete", "download", "export", "fetch", "find", "forgot", "get",
    "import", "list", "query", "remove", "reset", "save", "search", "send", "set", "submit", "sync",
    "update", "upload", "verify",
];

/// An action or resource in several words (`getUserInfo`, `change_email`, `user-list`): begins or ends with a known one.
fn compound(stem: &str) -> bool {
    if stem.bytes().any(|b| b.is_ascii_digit()) {
        return false;
    }
    let (mut first, mut last, mut words, mut from) = ("", "", 0, 0);
    let bytes = stem.as_bytes();
    for at in 1..=bytes.len() {
        let ends = at == bytes.len()
            || b"-_".contains(&bytes[at])
            || bytes[at].is_ascii_uppercase() && bytes[at - 1].is_ascii_lowercase();
        if !ends {
            continue;
        }
        let word = stem.get(from..at).unwrap_or_default().trim_matches(['-', '_']);
        first = if words == 0 { word } else { first };
        (last, words, from) = (word, words + 1, at);
    }
    let joined = !stem.contains(['-', '_']);
    match words {
        2..=4 if joined => is_resource(first) || is_resource(last),
        // Slugs are made of the same words, so that separators allow less.
        2 => is_resource(first) || is_resource(last) && last.ends_with(['s', 't', 'o', 'l']),
        3 => VERBS.contains(&first),
        _ => false,
    }
}

/// `zh-CN`, `en_US`, and other words of two letters: a language, but a short name where names stand.
pub(crate) fn is_language(text: &str) -> bool {
    let b = text.as_bytes();
    match b.len() {
        2 => b.iter().all(u8::is_ascii_lowercase),
        5 => {
            b[..2].iter().all(u8::is_ascii_lowercase)
                && b"-_".contains(&b[2])
                && b[3..].iter().all(u8::is_ascii_uppercase)
        }
        _ => false,
    }
}

/// Whether a segment by its look is more likely a value than the name of a resource.
pub(crate) fn looks_like_value(plain: &str) -> bool {
    let stem = split_extension(plain).0;
    let separators = stem.bytes().filter(|b| b"-_.".contains(b)).count();
    stem.bytes().any(|b| b.is_ascii_digit() || b"@~%".contains(&b))
        || !stem.is_ascii()
        || separators >= 2
        || stem.len() >= 2 && stem.bytes().all(|b| b.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted() {
        for list in [EXTENSIONS, STATIC, DOWNLOADS] {
            assert_eq!(list.windows(2).find(|w| w[0] >= w[1]), None);
        }
    }

    #[test]
    fn knows_resources() {
        for w in [
            "login",
            "Users",
            "v1",
            "v2.1",
            "1.0",
            "v1beta1",
            "zh-CN",
            "en",
            "getUserInfo",
            "change_email",
            "_debug",
        ] {
            assert!(names_resource(w), "{w}");
        }
        for w in [
            "egarrett",
            "evelyn04",
            "name1",
            "vanessa",
            "zhangsan",
            "face-to-face",
            "CNY",
            "how-to-train",
            "v8engine",
        ] {
            assert!(!names_resource(w), "{w}");
        }
    }

    #[test]
    fn knows_values_by_look() {
        for w in ["evelyn04", "张三", "how-to-train", "CNY", "a@b"] {
            assert!(looks_like_value(w), "{w}");
        }
        for w in ["egarrett", "daily", "paid-orders"] {
            assert!(!looks_like_value(w), "{w}");
        }
    }

    #[test]
    fn splits_file_names() {
        assert_eq!(split_extension("5.json"), ("5", ".json"));
        assert_eq!(split_extension(".json"), (".json", ""));
        assert_eq!(split_extension("pkg.Service"), ("pkg.Service", ""));
        assert!(is_static("a/b.CSS") && !is_static("css") && is_download(".xlsx"));
    }
}
