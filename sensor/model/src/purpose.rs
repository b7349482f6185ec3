//! What interfaces are for (用途), proposed from their paths, operations, data and files.
//!
//! A proposal names its evidence. Words are compared whole (`order`, not `border`), English and pinyin alike; Chinese words
//! wherever they stand.

use crate::{Interface, InterfaceForm, Operation};
use percent_encoding::percent_decode_str;
use std::collections::BTreeMap;
use weir_exchange::Catalogue;

/// Most tags of one interface: the best founded.
const MOST: usize = 4;

macro_rules! purposes {
    ($($name:ident $key:literal $zh:literal $en:literal: [$($word:literal)*] [$($han:literal)*] [$($data:literal)*];)+) => {
        /// What an interface is for.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Purpose { $(#[doc = $en] $name,)+ }

        impl Purpose {
            /// All of them.
            pub const ALL: &'static [Purpose] = &[$(Purpose::$name),+];
            /// Its name in records.
            pub const fn key(self) -> &'static str {
                match self { $(Purpose::$name => $key,)+ }
            }
            /// Its name in Chinese.
            pub const fn zh(self) -> &'static str {
                match self { $(Purpose::$name => $zh,)+ }
            }
            /// Its name in English.
            pub const fn en(self) -> &'static str {
                match self { $(Purpose::$name => $en,)+ }
            }
            /// Words of paths in English and pinyin, lower case; `a+b` stands for both beside each other.
            const fn words(self) -> &'static [&'static str] {
                match self { $(Purpose::$name => &[$($word),*],)+ }
            }
            /// Words of paths in Chinese.
            const fn han(self) -> &'static [&'static str] {
                match self { $(Purpose::$name => &[$($han),*],)+ }
            }
            /// Data types that speak for it.
            const fn data(self) -> &'static [&'static str] {
                match self { $(Purpose::$name => &[$($data),*],)+ }
            }
        }
    };
}

purposes! {
    Login "login" "登录" "login": ["login" "signin" "sign+in" "logon" "authenticate" "denglu" "sso"] ["登录" "登陆"] [];
    Logout "logout" "登出" "logout": ["logout" "signout" "sign+out" "logoff" "tuichu" "zhuxiao"] ["退出登录" "登出" "注销"] [];
    Registration "registration" "注册" "registration": ["register" "registration" "signup" "sign+up" "enroll" "zhuce"] ["注册"] [];
    PasswordReset "password_reset" "密码重置" "password reset":
        ["forgot" "forgotpassword" "resetpassword" "resetpwd" "reset+password" "reset+pwd" "change+password" "changepwd" "update+password" "zhaohuimima" "xiugaimima" "chongzhimima"]
        ["找回密码" "重置密码" "修改密码" "忘记密码"] [];
    VerificationCode "verification_code" "验证码" "verification code":
        ["captcha" "otp" "sms+code" "smscode" "verify+code" "verifycode" "verification+code" "auth+code" "vcode" "kaptcha" "yanzhengma" "totp"]
        ["验证码" "校验码"] ["otp_code"];
    Payment "payment" "支付" "payment":
        ["pay" "payment" "payments" "checkout" "refund" "recharge" "transfer" "withdraw" "alipay" "wechatpay" "wxpay" "unionpay" "zhifu" "tuikuan" "chongzhi" "zhuanzhang"]
        ["支付" "付款" "退款" "充值" "转账"] [];
    Order "order" "订单" "order": ["order" "orders" "cart" "dingdan" "orderlist"] ["订单" "购物车"] [];
    Export "export" "导出" "export": ["export" "exports" "dump" "daochu"] ["导出"] [];
    Import "import" "导入" "import": ["import" "imports" "daoru"] ["导入"] [];
    Upload "upload" "上传" "upload": ["upload" "uploads" "shangchuan"] ["上传"] [];
    Download "download" "下载" "download": ["download" "downloads" "xiazai" "attachment"] ["下载" "附件"] [];
    Search "search" "查询" "search": ["search" "query" "find" "lookup" "filter" "chaxun" "sousuo" "jiansuo"] ["查询" "搜索" "检索"] [];
    Administration "administration" "管理" "administration":
        ["admin" "administration" "manage" "management" "manager" "console" "backend" "houtai" "guanli" "sysadmin" "permission" "permissions" "role" "roles"]
        ["后台" "管理" "权限" "角色"] [];
    UserInfo "user_info" "用户信息" "user information":
        ["user" "users" "userinfo" "profile" "profiles" "member" "members" "customer" "customers" "me" "employee" "employees" "patient" "patients" "person" "people" "account" "accounts" "yonghu" "kehu" "huiyuan" "renyuan" "yuangong"]
        ["用户" "客户" "会员" "员工" "人员" "患者"] [];
    Report "report" "报表" "report": ["report" "reports" "statistics" "stats" "dashboard" "chart" "baobiao" "tongji"] ["报表" "统计" "报告"] [];
    Message "message" "消息" "message":
        ["message" "messages" "sms" "notify" "notification" "notifications" "mail" "email" "push" "chat" "xiaoxi" "duanxin" "tongzhi"]
        ["消息" "短信" "通知" "邮件"] [];
    Approval "approval" "审批" "approval": ["approve" "approval" "audit" "workflow" "shenpi" "shenhe"] ["审批" "审核"] [];
    Token "token" "令牌签发" "token issue": ["token" "oauth" "oauth2" "refreshtoken" "refresh+token" "lingpai"] ["令牌"] [];
    Configuration "configuration" "配置" "configuration": ["config" "configuration" "settings" "setting" "dict" "peizhi" "shezhi" "zidian"] ["配置" "设置" "字典"] [];
}

/// A purpose with what speaks for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tag {
    /// The purpose.
    pub purpose: Purpose,
    /// What speaks for it, one clause each (`path word "login"`).
    pub evidence: Vec<String>,
}

/// What an interface is for, as far as it shows: at most four, the best founded first.
pub fn purposes(i: &Interface, catalogue: &Catalogue) -> Vec<Tag> {
    let words = Words::of(i);
    let mut found: BTreeMap<Purpose, (u32, Vec<String>)> = BTreeMap::new();
    let mut add = |purpose, worth, clause: String| {
        let entry = found.entry(purpose).or_default();
        entry.0 += worth;
        entry.1.push(clause);
    };
    for purpose in Purpose::ALL {
        if let Some((place, depth, word)) = words.find(*purpose) {
            // The last words say what is done, those before where.
            add(*purpose, 4 + depth, format!("{place} \"{word}\""));
        }
        for ((response, id, _), profile) in &i.data {
            let Some(t) = catalogue.data_type(*id).filter(|t| purpose.data().contains(&&*t.id)) else {
                continue;
            };
            if profile.counted() > 0 {
                let side = if *response { "response" } else { "request" };
                add(*purpose, 2, format!("data type {} in the {side}", t.id));
            }
        }
    }
    if i.operation == Operation::Login {
        add(Purpose::Login, 9, "calls carry an account and a password".into());
    }
    if i.form == InterfaceForm::File {
        let purpose = if i.operation == Operation::Read { Purpose::Download } else { Purpose::Upload };
        add(purpose, 3, "a file is carried".into());
    }
    let persons = |p: &&crate::DataProfile| p.personal && p.counted() > 0;
    let kinds = i.data.iter().filter(|((response, _, _), p)| *response && persons(p)).count();
    if kinds >= 2 {
        add(Purpose::UserInfo, 2, format!("{kinds} kinds of personal information in the response"));
    }
    let mut tags: Vec<_> = found.into_iter().collect();
    tags.sort_by_key(|(purpose, (worth, _))| (std::cmp::Reverse(*worth), *purpose));
    tags.truncate(MOST);
    tags.into_iter().map(|(purpose, (_, evidence))| Tag { purpose, evidence }).collect()
}

/// The words of an interface's name.
struct Words {
    /// Runs of words, one a segment, and whether the run is the operation's name.
    runs: Vec<(Vec<String>, bool)>,
    /// The path decoded, for Chinese.
    plain: String,
}

impl Words {
    fn of(i: &Interface) -> Words {
        let plain = format!("{} {}", percent_decode_str(&i.template).decode_utf8_lossy(), i.operation_name);
        let segments = i.template.split('/').filter(|s| !s.is_empty() && !s.starts_with('{'));
        let mut runs: Vec<_> = segments.map(|s| (split(s), false)).collect();
        if !i.operation_name.is_empty() {
            runs.push((split(&i.operation_name), true));
        }
        Words { runs, plain }
    }

    /// Where a word of the purpose stands, how far back (0 to 3), and the word.
    fn find(&self, purpose: Purpose) -> Option<(&'static str, u32, String)> {
        let depth = |at: usize| 3u32.saturating_sub(u32::try_from(self.runs.len() - 1 - at).unwrap_or(3));
        for (at, (run, operation)) in self.runs.iter().enumerate().rev() {
            let place = if *operation { "operation word" } else { "path word" };
            for word in purpose.words() {
                let whole: String = run.concat();
                let there = match word.split_once('+') {
                    Some((a, b)) => run.windows(2).any(|w| w[0] == a && w[1] == b),
                    None => run.iter().any(|w| w == word) || whole == **word,
                };
                if there {
                    return Some((place, depth(at), word.replace('+', " ")));
                }
            }
        }
        let han = purpose.han().iter().find(|w| self.plain.contains(**w))?;
        Some(("path word", 2, (*han).to_string()))
    }
}

/// The words of a segment in any spelling, lower case; an extension is one too.
fn split(segment: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = '\0';
    for c in segment.chars().take(128) {
        let begins = c.is_uppercase() && before.is_lowercase() || !c.is_alphanumeric();
        if begins && words.last().is_some_and(|w| !w.is_empty()) {
            words.push(String::new());
        }
        if let Some(w) = words.last_mut()
            && c.is_alphanumeric()
        {
            w.extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|w| !w.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(template: &str) -> Words {
        let runs = template.split('/').filter(|s| !s.is_empty() && !s.starts_with('{'));
        Words {
            runs: runs.map(|s| (split(s), false)).collect(),
            plain: percent_decode_str(template).decode_utf8_lossy().into(),
        }
    }

    #[test]
    fn finds_words_whole_in_three_spellings() {
        for (path, purpose) in [
            ("/api/v1/user/login", Purpose::Login),
            ("/api/userLogin", Purpose::Login),
            ("/passport/sign-in", Purpose::Login),
            ("/api/yonghu/zhuce", Purpose::Registration),
            ("/%E8%AE%A2%E5%8D%95/list", Purpose::Order),
            ("/account/resetPassword", Purpose::PasswordReset),
            ("/sms/sendVerifyCode", Purpose::VerificationCode),
            ("/orders/export.csv", Purpose::Export),
            ("/admin/users", Purpose::Administration),
        ] {
            assert!(words(path).find(purpose).is_some(), "{path}");
        }
        for (path, purpose) in
            [("/border/x", Purpose::Order), ("/payload", Purpose::Payment), ("/{user}", Purpose::UserInfo)]
        {
            assert!(words(path).find(purpose).is_none(), "{path}");
        }
    }

    #[test]
    fn keys_are_distinct() {
        let keys: std::collections::BTreeSet<_> = Purpose::ALL.iter().map(|p| p.key()).collect();
        assert_eq!(keys.len(), Purpose::ALL.len());
    }
}
