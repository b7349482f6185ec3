//! Attack payloads in request targets.

use crate::{Meaning, Seen, target};
use weir_exchange::Request;

/// A family of payloads with its names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Attack {
    /// Chinese name.
    pub zh: &'static str,
    /// English name.
    pub en: &'static str,
}

impl Attack {
    /// Whether it is an injection of SQL.
    pub fn is_sql(self) -> bool {
        self == SQL
    }
}

const SQL: Attack = Attack { zh: "SQL 注入", en: "SQL injection" };
const NOSQL: Attack = Attack { zh: "NoSQL 注入", en: "NoSQL injection" };
const XSS: Attack = Attack { zh: "跨站脚本", en: "cross-site scripting" };
const TRAVERSAL: Attack = Attack { zh: "路径穿越", en: "path traversal" };
const COMMAND: Attack = Attack { zh: "命令注入", en: "command injection" };
const SSRF: Attack = Attack { zh: "服务端请求伪造", en: "server-side request forgery" };
const JNDI: Attack = Attack { zh: "JNDI 注入", en: "JNDI injection" };
const TEMPLATE: Attack = Attack { zh: "模板注入", en: "template injection" };
const XXE: Attack = Attack { zh: "XML 外部实体", en: "XML external entity" };

/// Texts that are no part of any honest value, lower case, decoded, with comments and runs of blanks made one blank.
const MARKS: &[(Attack, &[&str])] = &[
    (
        SQL,
        &[
            "union select",
            "union all select",
            "union distinct select",
            "extractvalue(",
            "updatexml(",
            "waitfor delay '",
            "pg_sleep(",
            "benchmark(",
            "information_schema.",
            "xp_cmdshell",
            "dbms_pipe.receive_message",
            "randomblob(",
            "' or 1=1",
            "\" or 1=1",
            ") or 1=1",
            "and sleep(",
            "or sleep(",
            "select sleep(",
            "; drop table",
            "'; shutdown",
            "procedure analyse(",
            "group by concat(",
            "(select concat(",
            "select char(",
            "rlike (select",
            "load_file(",
            "into outfile",
        ],
    ),
    (
        NOSQL,
        &[
            "[$ne]",
            "[$gt]",
            "[$gte]",
            "[$regex]",
            "[$where]",
            "[$nin]",
            "{\"$ne\"",
            "{\"$gt\"",
            "{\"$regex\"",
            "\"$where\"",
        ],
    ),
    (
        XSS,
        &[
            "<script",
            "</script",
            "<svg onload",
            "<svg/onload",
            "<iframe src",
            " onerror=",
            "<body onload",
            "javascript:alert(",
        ],
    ),
    (
        TRAVERSAL,
        &[
            "../../",
            "..\\..\\",
            "/etc/passwd",
            "/etc/shadow",
            "/proc/self/",
            "windows/win.ini",
            "windows\\win.ini",
            "..;/",
            "..%2f..%2f",
        ],
    ),
    (
        COMMAND,
        &[
            ";cat /",
            "; cat /",
            "|cat /",
            "| cat /",
            "&& cat /",
            "$(id)",
            "`id`",
            ";id;",
            "|id|",
            "$(whoami)",
            "`whoami`",
            ";wget http",
            "; wget http",
            ";curl http",
            "; curl http",
            "| nc ",
            "/bin/sh",
            "/bin/bash",
            "cmd.exe",
            "powershell -",
            ";ping -c",
            "; ping -c",
            "|ping -",
        ],
    ),
    (
        SSRF,
        &[
            "=http://169.254.169.254",
            "=http://metadata.google",
            "=gopher://",
            "=dict://",
            "=file:///",
            "=http://100.100.100.200",
        ],
    ),
    (JNDI, &["${jndi:", "${${lower:j", "${${::-j}"]),
    (
        TEMPLATE,
        &["{{7*7}}", "${7*7}", "#{7*7}", "<%= 7*7", "{{config", "{{''.__class__", "t(java.lang.runtime)"],
    ),
    (XXE, &["<!entity", "<!doctype foo ["]),
];

/// Parameters that take SQL as their normal value, in plain form.
pub(crate) const TAKES_SQL: &[&str] = &["sql", "query", "statement", "stmt"];

/// The payload in a request's target or, for those that aim at logs, its user agent and referer.
pub(crate) fn in_target(request: &Request) -> Option<Attack> {
    let logged = [&request.user_agent, &request.referer];
    if logged.iter().any(|text| text.to_ascii_lowercase().contains("${jndi:")) {
        return Some(JNDI);
    }
    let marks = ['%', '\'', '"', '<', '(', '$', '{', '[', ';', '|', '`', '\\', ':'];
    if !request.target.contains(marks) && !request.target.contains("..") {
        return None;
    }
    let path = normal(target::path(&request.target));
    if target::query(&request.target).any(|(name, value)| fetches_itself(name, &target::decoded(value))) {
        return Some(SSRF);
    }
    let params = target::query(&request.target).map(|(name, value)| {
        let text = format!("{}={}", normal(name), normal(value));
        (text, TAKES_SQL.contains(&target::plain_name(name).as_str()))
    });
    let mut texts = std::iter::once((path, false)).chain(params);
    texts.find_map(|(text, takes_sql)| attack_in(&text).filter(|a| *a != SQL || !takes_sql))
}

/// Whether a name or a password is asked for by an operator of a query language (`password.$ne`), or code is sent as a condition.
pub(crate) fn operators_in_body(seen: &Seen<'_>) -> Option<Attack> {
    seen.params_that_say(Meaning::OPERATOR).next().map(|_| NOSQL)
}

/// Whether a field is such an operator.
pub(crate) fn is_operator(name: &str) -> bool {
    const OPERATORS: &[&str] =
        &["$ne", "$gt", "$gte", "$lt", "$lte", "$regex", "$in", "$nin", "$not", "$exists"];
    const ASKED: &[&str] = &[
        "username", "user", "login", "email", "account", "password", "passwd", "pass", "pwd", "token",
        "code", "otp",
    ];
    let name = name.trim_end_matches("[]");
    let (before, last) = name.rsplit_once('.').unwrap_or(("", name));
    last == "$where" || OPERATORS.contains(&last) && ASKED.contains(&&*target::plain_name(before))
}

/// Whether a parameter that names what the server is to fetch names the server itself.
fn fetches_itself(name: &str, value: &str) -> bool {
    // Not where a browser is sent: `redirect_uri` names the developer's own machine all day long.
    const FETCHED: &[&str] = &[
        "url",
        "uri",
        "imageurl",
        "fileurl",
        "feed",
        "feedurl",
        "webhook",
        "webhookurl",
        "proxy",
        "proxyurl",
        "fetch",
        "remote",
        "endpoint",
    ];
    const ITSELF: &[&str] = &["127.0.0.1", "localhost", "[::1]", "0.0.0.0"];
    let rest = value.strip_prefix("http://").or_else(|| value.strip_prefix("https://"));
    let host = rest.map(|r| r.split(['/', '?', '#']).next().unwrap_or(r));
    let host = host.map(|h| h.rsplit('@').next().unwrap_or(h));
    FETCHED.contains(&&*target::plain_name(name))
        && host.is_some_and(|h| {
            ITSELF
                .iter()
                .any(|i| h.strip_prefix(i).is_some_and(|port| port.is_empty() || port.starts_with(':')))
        })
}

/// Whether SQL in this request is its normal content.
pub(crate) fn takes_sql(seen: &Seen<'_>) -> bool {
    seen.params_that_say(Meaning::SQL).next().is_some()
}

fn attack_in(text: &str) -> Option<Attack> {
    let marked = MARKS.iter().find(|(_, marks)| marks.iter().any(|m| text.contains(m)));
    marked.map(|(attack, _)| *attack).or_else(|| tautology(text).then_some(SQL))
}

/// A closed quote or bracket, `or` or `and`, and a comparison (`' AND 5231=5231`, `') or 'a'='a`), or a comparison of two
/// plain numbers (`5 and 1=1`).
fn tautology(text: &str) -> bool {
    const JOINS: &[&str] = &[
        "' or ",
        "' and ",
        "\" or ",
        "\" and ",
        "') or ",
        "') and ",
        ") or ",
        ") and ",
        "'||",
        "' order by ",
        "';select ",
    ];
    let closed = JOINS.iter().any(|join| {
        let Some(at) = text.find(join) else { return false };
        let rest: String = text[at + join.len()..].chars().take(60).collect();
        let compared =
            rest.contains('=') || rest.contains(" like ") || rest.contains('>') || rest.contains("--");
        compared && rest.contains(|c: char| c.is_ascii_digit() || c == '\'' || c == '"')
    });
    closed || [" and ", " or "].iter().any(|join| text.split(join).skip(1).any(compares_numbers))
}

/// Whether a text begins with a number, `=` and a number.
fn compares_numbers(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let right = rest.trim_start().strip_prefix('=').map(str::trim_start);
    rest.len() < text.len() && right.is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit()))
}

/// Decoded twice (double encoding hides), with SQL comments and runs of blanks made one blank.
fn normal(text: &str) -> String {
    let mut text = target::decoded(text);
    if text.contains('%') {
        text = target::decoded(&text);
    }
    while let Some(start) = text.find("/*") {
        let end = text[start + 2..].find("*/").map_or(text.len(), |e| start + 2 + e + 2);
        text.replace_range(start..end, " ");
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let c = if c.is_whitespace() { ' ' } else { c };
        if c != ' ' || !out.ends_with(' ') {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use weir_exchange::sample::request;

    fn found(target: &str) -> Option<&'static str> {
        in_target(&request("GET", target)).map(|a| a.en)
    }

    #[test]
    fn recognises_payloads() {
        for (target, en) in [
            ("/u/x%27%20AND%205231%3D5231--", "SQL injection"),
            ("/u/x%27%20UNION%20ALL%20SELECT%20NULL%2CNULL--%20-", "SQL injection"),
            ("/u?id=1%27/**/UNION/**/SELECT/**/1", "SQL injection"),
            ("/u?id=1%20AND%20SLEEP(5)", "SQL injection"),
            ("/u/name%20AND%209319%3D1400", "SQL injection"),
            ("/u?q=%3Cscript%3Ealert(1)%3C/script%3E", "cross-site scripting"),
            ("/f?n=..%2f..%2f..%2fetc%2fpasswd", "path traversal"),
            ("/f?n=%252e%252e%252f%252e%252e%252fx", "path traversal"),
            ("/p?h=1.1.1.1;cat%20/etc/hosts", "command injection"),
            ("/u?name[$ne]=x", "NoSQL injection"),
            ("/x?u=${jndi:ldap://a/b}", "JNDI injection"),
            ("/x?url=http://169.254.169.254/latest", "server-side request forgery"),
            ("/x?n={{7*7}}", "template injection"),
            ("/x?url=http://127.0.0.1:6379/", "server-side request forgery"),
            ("/x?image_url=https%3A%2F%2Fa%40localhost%2Fadmin", "server-side request forgery"),
        ] {
            assert_eq!(found(target), Some(en), "{target}");
        }
    }

    #[test]
    fn leaves_honest_targets_alone() {
        for target in [
            "/q?sql=select+*+from+t+union+all+select+1+and+sleep(1)",
            "/s?q=O%27Brien+and+sons",
            "/s?q=Tom+%26+Jerry%27s+%28select%29",
            "/a/../b.css",
            "/s?q=union+of+select+committees",
            "/x?next=http://shop.example/cart?id=5%261",
            "/x?ids[]=1&ids[]=2",
            "/x?filter=%7B%22name%22%3A%22a%22%7D",
            "/x?q=a+or+b%3D5",
            "/x?q=5+and+6+or+7",
            "/crm/t.json?_where=(price)+%3E+5",
            "/oauth?redirect_uri=http://localhost:3000/callback",
            "/x?url=http://localhost.example/",
        ] {
            assert_eq!(found(target), None, "{target}");
        }
    }

    #[test]
    fn recognises_operators_where_names_and_passwords_are_asked_for() {
        for name in ["password.$ne", "user.userName.$regex", "email.$in[]", "$where", "filter.$where"] {
            assert!(is_operator(name), "{name}");
        }
        for name in ["price.$gt", "where.age.$lt", "username", "$ne", "amount$", "tags.$in[]"] {
            assert!(!is_operator(name), "{name}");
        }
    }
}
