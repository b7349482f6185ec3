//! Names: which texts can be accounts, which accounts are privileged, what paths say.

/// Whether a text can be the name of an account. Attack payloads and placeholders, which failed or tricked logins carry, cannot.
pub(crate) fn plausible(name: &str) -> bool {
    const PLACEHOLDERS: &[&str] = &[
        "null",
        "undefined",
        "none",
        "nil",
        "nan",
        "true",
        "false",
        "string",
        "username",
        "anonymous",
        "anonymoususer",
    ];
    let length = name.chars().count();
    (1..=128).contains(&length)
        && name.trim() == name
        && name.chars().any(char::is_alphanumeric)
        && name.chars().all(|c| {
            c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@' | '+' | '\\' | ' ' | ':' | '|' | '~')
        })
        && !name.contains("--")
        && !name.contains("  ")
        && !name.contains("..")
        && name.split(' ').count() <= 3
        && !PLACEHOLDERS.contains(&name.to_ascii_lowercase().as_str())
}

/// Whether a name by itself marks an account as privileged.
pub(crate) fn privileged(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "admin",
        "administrator",
        "admins",
        "dba",
        "devops",
        "mysql",
        "ops",
        "oracle",
        "postgres",
        "root",
        "sa",
        "security",
        "sudo",
        "super",
        "superadmin",
        "superuser",
        "supervisor",
        "sys",
        "sysadm",
        "sysadmin",
        "sysdba",
        "system",
        "webadmin",
        "webmaster",
    ];
    let local = name.split('@').next().unwrap_or_default().to_lowercase();
    let local = local.rsplit('\\').next().unwrap_or_default();
    let mut words =
        local.split(['.', '_', '-', ' ', ':']).map(|w| w.trim_end_matches(|c: char| c.is_ascii_digit()));
    words.any(|w| WORDS.contains(&w)) || ["管理员", "运维", "超管"].iter().any(|w| local.contains(w))
}

/// The words of a request path, lower case, without its query.
fn words(target: &str) -> impl Iterator<Item = String> + '_ {
    let path = target.split_once("://").map_or(target, |(_, rest)| rest);
    let path = path.split(['?', '#']).next().unwrap_or_default();
    path.split(['/', '.', ';'])
        .map(|w| w.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_ascii_lowercase())
}

/// Whether a path is one where people log in.
pub(crate) fn is_login_path(target: &str) -> bool {
    words(target).any(|w| {
        w.contains("login") && !w.contains("logins")
            || w.contains("logon")
            || w.contains("signin")
            || w.contains("authenticat")
            || matches!(
                &*w,
                "auth"
                    | "oauth"
                    | "oauth2"
                    | "sso"
                    | "cas"
                    | "token"
                    | "session"
                    | "sessions"
                    | "jsecuritycheck"
                    | "passport"
            )
    })
}

/// Whether a path is one where a session ends.
pub(crate) fn is_logout_path(target: &str) -> bool {
    // Asked of every request: hardly any path has what all of them end in, `out` and `off`.
    let bytes = target.as_bytes();
    let ends = |at: usize| {
        let last = bytes[at] | 0x20;
        let before = || (bytes[at - 2] | 0x20, bytes[at - 1] | 0x20);
        at >= 2 && (last == b't' && before() == (b'o', b'u') || last == b'f' && before() == (b'o', b'f'))
    };
    (2..bytes.len()).any(ends)
        && words(target).any(|w| ["logout", "logoff", "signout", "loginout"].iter().any(|l| w.contains(l)))
}

/// Whether a path is one where accounts are made or passwords changed, which takes passwords and is no login.
pub(crate) fn is_registration_path(target: &str) -> bool {
    words(target).any(|w| {
        [
            "register",
            "registration",
            "signup",
            "changepassword",
            "resetpassword",
            "passwordreset",
            "passwordchange",
            "updatepwd",
        ]
        .iter()
        .any(|r| w.contains(r))
            || matches!(&*w, "password" | "passwd" | "pwd" | "enroll" | "join" | "forgot" | "reset")
    })
}

/// Whether a name is one of a token against forged requests, which authenticates nobody.
pub(crate) fn is_csrf(name: &str) -> bool {
    const PARTS: [&[u8]; 6] =
        [b"csrf", b"xsrf", b"requestverification", b"antiforgery", b"viewstate", b"authenticity"];
    let name = name.as_bytes();
    // Asked of every credential: nothing is copied, and most bytes begin none of the parts.
    (0..name.len()).filter(|at| matches!(name[*at] | 0x20, b'c' | b'x' | b'r' | b'a' | b'v')).any(|at| {
        let fits = |part: &&[u8]| name[at..].get(..part.len()).is_some_and(|n| n.eq_ignore_ascii_case(part));
        PARTS.iter().any(fits)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_names_from_payloads() {
        for name in
            ["egarrett", "zhang.san@example.com", "张三", "CORP\\alice", "13800138000", "Zhang San", "a"]
        {
            assert!(plausible(name), "{name}");
        }
        let long = "a".repeat(129);
        for name in [
            "",
            " ",
            "*",
            "%",
            "admin' or '1'='1",
            "admin--",
            "a;b",
            "<script>",
            "null",
            "../x",
            " x",
            "${x}",
            &long,
        ] {
            assert!(!plausible(name), "{name}");
        }
    }

    #[test]
    fn knows_privileged_names() {
        for name in [
            "admin",
            "Admin01",
            "root",
            "ops-zhang",
            "sys_admin",
            "administrator@x.cn",
            "CORP\\dba",
            "超级管理员",
        ] {
            assert!(privileged(name), "{name}");
        }
        for name in ["egarrett", "badminton", "admiral", "alice@admin.cn", "grootveld"] {
            assert!(!privileged(name), "{name}");
        }
    }

    #[test]
    fn knows_tokens_against_forgery() {
        for name in [
            "X-CSRF-Token",
            "xsrf",
            "__RequestVerificationToken",
            "AntiForgery",
            "__VIEWSTATE",
            "authenticity_token",
        ] {
            assert!(is_csrf(name), "{name}");
        }
        for name in ["", "Authorization", "JSESSIONID", "csr", "x-auth-token", "令牌csr"] {
            assert!(!is_csrf(name), "{name}");
        }
    }

    #[test]
    fn reads_paths() {
        assert!(
            is_login_path("/users/v1/login?x=1")
                && is_login_path("/doLogin.action")
                && is_login_path("/api/auth")
        );
        assert!(!is_login_path("/users/author") && !is_login_path("/orders?next=/login"));
        assert!(is_registration_path("/users/v1/register") && is_registration_path("/me/change-password"));
        assert!(
            is_logout_path("/user/logout") && is_logout_path("/LogOff") && !is_logout_path("/user/login")
        );
        assert!(!is_logout_path("") && !is_logout_path("/o") && !is_logout_path("/routes/about"));
    }
}
