//! What makes an incident (事件; GB/T 46796-2025, 8.2), as data: sub-types and levels of GB/T 20986-2023, and the duties that follow.
//!
//! Only the words are fixed here. Which risk source is which incident from when on, what level so many persons give, and whom to tell by
//! when stands in a rule pack (`rules/packs/incidents.toml`).

macro_rules! keyed {
    ($(#[$doc:meta])* $name:ident { $($variant:ident $key:literal $zh:literal $en:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
        pub enum $name { $(#[doc = $zh] $variant,)+ }

        impl $name {
            /// All of them, in order.
            pub const ALL: &[$name] = &[$($name::$variant,)+];
            /// Its name in records, packs and options.
            pub const fn key(self) -> &'static str { match self { $($name::$variant => $key,)+ } }
            /// Its Chinese name.
            pub const fn zh(self) -> &'static str { match self { $($name::$variant => $zh,)+ } }
            /// Its English name.
            pub const fn en(self) -> &'static str { match self { $($name::$variant => $en,)+ } }
            /// The one of that key.
            pub fn of(key: &str) -> Option<$name> {
                $name::ALL.iter().copied().find(|n| n.key() == key)
            }
        }
    };
}

keyed! {
    /// What a sighting shows to have happened, beyond a weakness or an attempt.
    Effect {
        Entered "entered" "登录成功" "logged in",
        Obtained "obtained" "取得数据" "data were obtained",
        Disclosed "disclosed" "数据外泄" "data were disclosed outside",
        Changed "changed" "数据被改动" "data were changed",
    }
}

keyed! {
    /// Type of incident (事件类型): the sub-types of data-security incidents (GB/T 20986-2023, 5.2.3), and those of others that a sensor can tell.
    IncidentType {
        DataTampering "data_tampering" "数据篡改" "data tampering",
        DataForgery "data_forgery" "数据假冒" "data forgery",
        DataLeak "data_leak" "数据泄露" "data leak",
        SocialEngineering "social_engineering" "社会工程" "social engineering",
        DataTheft "data_theft" "数据窃取" "data theft",
        DataInterception "data_interception" "数据拦截" "data interception",
        LocationDetection "location_detection" "位置检测" "location detection",
        DataPoisoning "data_poisoning" "数据投毒" "data poisoning",
        DataMisuse "data_misuse" "数据滥用" "data misuse",
        PrivacyInfringement "privacy_infringement" "隐私侵犯" "privacy infringement",
        DataLoss "data_loss" "数据损失" "data loss",
        OtherData "other_data" "其他数据安全事件" "other data-security incident",
        VulnerabilityExploit "vulnerability_exploit" "漏洞利用" "exploitation of a vulnerability",
        CredentialAttack "credential_attack" "凭据攻击" "attack on credentials",
        DenialOfService "denial_of_service" "拒绝服务" "denial of service",
        PrivilegeAbuse "privilege_abuse" "权限滥用" "abuse of privileges",
        UnauthorisedUse "unauthorised_use" "资源未授权使用" "unauthorised use of resources",
    }
}

impl IncidentType {
    /// The class of GB/T 20986-2023 that it belongs to, in both languages.
    pub const fn class(self) -> (&'static str, &'static str) {
        match self {
            IncidentType::VulnerabilityExploit
            | IncidentType::CredentialAttack
            | IncidentType::DenialOfService => ("网络攻击事件", "network attack"),
            IncidentType::PrivilegeAbuse | IncidentType::UnauthorisedUse => {
                ("违规操作事件", "operation against the rules")
            }
            _ => ("数据安全事件", "data-security incident"),
        }
    }
}

keyed! {
    /// Level of an incident (事件级别; GB/T 20986-2023, 6.2), from least.
    IncidentLevel {
        General "general" "一般" "general (IV)",
        Considerable "considerable" "较大" "considerable (III)",
        Major "major" "重大" "major (II)",
        Extreme "extreme" "特别重大" "extremely serious (I)",
    }
}

keyed! {
    /// Who runs the systems: it decides whom to tell, and how soon.
    Operator {
        Critical "cii" "关键信息基础设施运营者" "operator of critical information infrastructure",
        State "state" "中央和国家机关及其管理单位" "central or state organ",
        Other "other" "其他网络运营者" "other operator",
    }
}

keyed! {
    /// From when a duty's time runs.
    Since {
        Known "known" "获知时" "when it became known",
        Handled "handled" "处置结束" "when it was handled",
    }
}

/// A text in both languages.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Wording {
    /// Chinese.
    pub zh: Box<str>,
    /// English.
    pub en: Box<str>,
}

/// Which risk sources are an incident, and which.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IncidentCause {
    /// Catalogue ids (`C15`).
    pub sources: Vec<Box<str>>,
    /// What a sighting must show; without it they are attempts or weaknesses.
    pub effect: Effect,
    /// Primary type, then secondary ones.
    pub types: Vec<IncidentType>,
    /// Whether only callers from outside count.
    pub outside: bool,
    /// What happened, as the cause is told.
    pub said: Wording,
}

/// What gives a level.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LevelRule {
    /// The level.
    pub level: IncidentLevel,
    /// Persons concerned from which it holds.
    pub persons: Option<u64>,
    /// Whether any important data give it.
    pub important: bool,
    /// Where it stands, and what else it asks.
    pub said: Wording,
}

/// A duty with its clock (报告时限).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Duty {
    /// Id within the pack.
    pub id: Box<str>,
    /// What to do.
    pub said: Wording,
    /// Where the duty stands.
    pub clause: Box<str>,
    /// Seconds until it must be done; 0 for at once.
    pub within: u64,
    /// From when they count.
    pub since: Since,
    /// Least level.
    pub from: IncidentLevel,
    /// Whose duty; `None` for everybody's.
    pub operator: Option<Operator>,
    /// Whether only incidents that concern personal information.
    pub personal: bool,
    /// Whether only those that concern important data.
    pub important: bool,
}

/// How incidents are told and graded (事件研判规则). Empty where no pack says so: then there are no incidents.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct IncidentRules {
    /// Name and version of the pack, for records.
    pub version: Box<str>,
    /// What makes an incident; of several causes of one incident the first gives its primary type.
    pub causes: Vec<IncidentCause>,
    /// Levels above general.
    pub levels: Vec<LevelRule>,
    /// Duties.
    pub duties: Vec<Duty>,
    /// Risk sources that do not make an incident but are part of one of the same caller or account.
    pub joins: Vec<Box<str>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_name_one_each() {
        for t in IncidentType::ALL {
            assert_eq!(IncidentType::of(t.key()), Some(*t));
            assert!(!t.class().0.is_empty() && !t.zh().is_empty() && !t.en().is_empty());
        }
        assert!(IncidentLevel::General < IncidentLevel::Extreme);
        assert_eq!(IncidentType::of("theft"), None);
    }
}
