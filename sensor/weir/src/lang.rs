//! The language of messages: Chinese or English.

/// Language of what people read. Records and JSON do not depend on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum Lang {
    /// 中文
    Zh,
    /// English
    En,
}

impl Lang {
    /// From the locale, as POSIX orders it: `LC_ALL`, `LC_MESSAGES`, `LANG`; English where none is Chinese.
    pub fn of_locale() -> Lang {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()))
            .unwrap_or_default();
        if locale.to_ascii_lowercase().starts_with("zh") { Lang::Zh } else { Lang::En }
    }

    /// Before the arguments are parsed: `--lang zh`, `--lang=zh`, else the locale. Needed for `--help` itself.
    pub fn of_arguments(args: &[String]) -> Lang {
        let mut said = None;
        for (i, a) in args.iter().enumerate() {
            let value = match a.strip_prefix("--lang") {
                Some("") => args.get(i + 1).map(String::as_str),
                Some(rest) => rest.strip_prefix('='),
                None => None,
            };
            said = match value {
                Some("zh") => Some(Lang::Zh),
                Some("en") => Some(Lang::En),
                _ => said,
            };
        }
        said.unwrap_or_else(Lang::of_locale)
    }

    /// One of two sentences.
    pub fn pick<T>(self, zh: T, en: T) -> T {
        match self {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_win() {
        let args = |a: &[&str]| a.iter().map(|s| s.to_string()).collect::<Vec<_>>();
        assert_eq!(Lang::of_arguments(&args(&["--lang", "zh"])), Lang::Zh);
        assert_eq!(Lang::of_arguments(&args(&["replay", "--lang=en"])), Lang::En);
    }
}
