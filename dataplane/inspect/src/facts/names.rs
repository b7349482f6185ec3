//! What the names of fields, headers and cookies say.

use std::sync::LazyLock;
use weir_rules::{FoldedName, NameTable};

/// What a name promises for logins and credentials.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    /// A password.
    Password,
    /// The name of an account.
    Account,
    /// A token or session.
    Token,
    /// An API key.
    ApiKey,
    /// A request signature.
    Signature,
}

const PASSWORDS: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "pass",
    "passwrod",
    "userpassword",
    "userpwd",
    "loginpassword",
    "loginpwd",
    "passcode",
    "mima",
    "密码",
    "口令",
    "登录密码",
    "j_password",
    "txtpassword",
    "userpass",
    "loginpass",
    "pswd",
    "psw",
    "secretpassword",
];
const ACCOUNTS: &[&str] = &[
    "username",
    "user",
    "account",
    "loginname",
    "loginid",
    "login",
    "email",
    "mail",
    "phone",
    "mobile",
    "useraccount",
    "userid",
    "uname",
    "accountname",
    "accountid",
    "tel",
    "telephone",
    "phonenumber",
    "mobilephone",
    "usercode",
    "loginaccount",
    "zhanghao",
    "yonghuming",
    "用户名",
    "账号",
    "帐号",
    "登录名",
    "手机号",
    "j_username",
    "txtusername",
    "nickname",
    "userno",
    "jobnumber",
    "name",
    "log",
];
const TOKENS: &[&str] = &[
    "token",
    "accesstoken",
    "authtoken",
    "jwt",
    "idtoken",
    "sessionid",
    "sessiontoken",
    "jsessionid",
    "phpsessid",
    "usertoken",
    "authorization",
    "bearer",
    "sessionkey",
    "xauthtoken",
    "xaccesstoken",
    "xtoken",
    "refreshtoken",
    "logintoken",
    "sid",
    "ticket",
    "jwttoken",
    "apitoken",
    "satoken",
    "sessid",
];
const KEYS: &[&str] = &[
    "apikey",
    "appkey",
    "accesskey",
    "accesskeyid",
    "xapikey",
    "appsecret",
    "ak",
    "secretkey",
    "subscriptionkey",
];
const SIGNATURES: &[&str] = &["sign", "signature", "sig", "xsign", "xsignature"];

/// Longest folded name, in characters.
const MAX_FOLDED: usize = 64;

/// Lower case, without `_`, `-`, `.`, `[`, `]` and spaces; only what is behind the last `.` or `[` of a path.
fn fold(name: &str) -> String {
    let last = name.trim_end_matches(']').rsplit(['.', '[']).next().unwrap_or(name);
    let kept = |c: &char| !matches!(c, '_' | '-' | ' ');
    if last.is_ascii() {
        let lower = last.bytes().map(|b| char::from(b.to_ascii_lowercase()));
        return lower.filter(kept).take(MAX_FOLDED).collect();
    }
    last.chars().filter(kept).flat_map(char::to_lowercase).take(MAX_FOLDED).collect()
}

/// Roles by folded name; the first list that has a name decides.
static ROLES: LazyLock<NameTable<Role>> = LazyLock::new(|| {
    let lists = [
        (Role::Password, PASSWORDS),
        (Role::Token, TOKENS),
        (Role::ApiKey, KEYS),
        (Role::Signature, SIGNATURES),
        (Role::Account, ACCOUNTS),
    ];
    let mut roles = NameTable::default();
    for (role, names) in lists {
        for name in names.iter().filter_map(|name| FoldedName::new(name)) {
            roles.add(name.text(), role);
        }
    }
    roles
});

/// What a field of this name holds.
pub(crate) fn role(name: &FoldedName) -> Option<Role> {
    ROLES.get(name.text()).copied()
}

/// How well a name says account: a user name before an e-mail address before a telephone number before anything else.
pub(crate) fn account_rank(name: &str) -> u8 {
    let folded = fold(name);
    match &folded[..] {
        "username" | "loginname" | "account" | "useraccount" | "loginaccount" | "用户名" | "账号"
        | "帐号" | "login" => 5,
        "user" | "loginid" | "uname" | "jusername" | "accountname" | "usercode" | "log" => 4,
        "email" | "mail" => 3,
        "phone" | "mobile" | "手机号" | "tel" | "phonenumber" => 2,
        "name" | "nickname" => 0,
        _ => 1,
    }
}

/// Whether a name is that of a token against forged requests, which opens nothing.
pub(crate) fn is_csrf(name: &str) -> bool {
    let folded = fold(name);
    ["csrf", "xsrf", "requestverificationtoken", "authenticitytoken", "nonce"]
        .iter()
        .any(|w| folded.contains(w))
}

/// Whether a cookie looks like a session: by its name, else by a long value that only a machine writes.
pub(crate) fn is_session(name: &str, value: &[u8]) -> bool {
    let folded = fold(name);
    const TRACKING: [&str; 12] =
        ["ga", "gid", "gat", "utm", "hmlvt", "hmlpvt", "fbp", "gcl", "lang", "locale", "theme", "baiduid"];
    if is_csrf(name) || TRACKING.iter().any(|t| folded.starts_with(t)) || value.len() < 6 {
        return false;
    }
    const WORDS: [&str; 9] =
        ["sess", "sid", "token", "auth", "jwt", "ticket", "login", "remember", "passport"];
    let machine = value.len() >= 20
        && value.iter().any(u8::is_ascii_digit)
        && value.iter().any(u8::is_ascii_alphabetic)
        && value.iter().all(|b| b.is_ascii_alphanumeric() || b"-_.=+/%~:".contains(b));
    (WORDS.iter().any(|w| folded.contains(w)) && value.len() >= 8) || machine
}

/// Whether the words of a path or an operation say login.
pub(crate) fn says_login(text: &str) -> bool {
    const WORDS: [&str; 14] = [
        "login", "signin", "sign-in", "sign_in", "logon", "log-in", "auth", "token", "session", "denglu",
        "登录", "sso", "oauth", "passport",
    ];
    let lower = text.to_lowercase();
    WORDS.iter().any(|w| lower.contains(w)) && !says_change(&lower)
}

/// Whether the words of a path or an operation say registration or change of a password.
pub(crate) fn says_change(text: &str) -> bool {
    const WORDS: [&str; 13] = [
        "register", "regist", "signup", "sign-up", "sign_up", "reset", "change", "password", "passwd",
        "modify", "forget", "zhuce", "注册",
    ];
    let lower = text.to_lowercase();
    WORDS.iter().any(|w| lower.contains(w))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_names() {
        let role = |name| FoldedName::new(name).as_ref().and_then(role);
        assert_eq!(role("user[passWord]"), Some(Role::Password));
        assert_eq!(role("data.access_token"), Some(Role::Token));
        assert_eq!(role("login-name"), Some(Role::Account));
        assert_eq!(role("X-API-Key"), Some(Role::ApiKey));
        assert_eq!((role("j_password"), role("J_USERNAME")), (Some(Role::Password), Some(Role::Account)));
        assert_eq!((role("登录名"), role("ÜSER")), (Some(Role::Account), None));
        assert_eq!(role("appId"), None);
        assert!(is_csrf("csrfmiddlewaretoken"));
    }

    #[test]
    fn tells_sessions() {
        assert!(is_session("JSESSIONID", b"0123456789ABCDEF"));
        assert!(is_session("x", b"a1b2c3d4e5f6a7b8c9d0e1"));
        assert!(!is_session("csrftoken", b"a1b2c3d4e5f6a7b8c9d0e1"));
        assert!(!is_session("_ga", b"GA1.1.123456789.1234567890"));
        assert!(!is_session("theme", b"dark"));
        assert!(says_login("/api/v1/Login") && !says_login("/user/resetPassword"));
    }
}
