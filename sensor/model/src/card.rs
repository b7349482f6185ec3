//! Cards: what a risk source is, for people and for the catalogue.

use crate::Severity;

/// The four groups of risk sources (GB/T 46796-2025, 7.3.1).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Group {
    /// 数据接口脆弱性
    Vulnerability,
    /// 数据未授权披露
    Disclosure,
    /// 数据接口异常调用
    AbnormalCall,
    /// 数据接口异常提供
    AbnormalProvision,
}

impl Group {
    /// Chinese name.
    pub const fn zh(self) -> &'static str {
        match self {
            Group::Vulnerability => "数据接口脆弱性",
            Group::Disclosure => "数据未授权披露",
            Group::AbnormalCall => "数据接口异常调用",
            Group::AbnormalProvision => "数据接口异常提供",
        }
    }
    /// English name.
    pub const fn en(self) -> &'static str {
        match self {
            Group::Vulnerability => "interface vulnerability",
            Group::Disclosure => "unauthorised disclosure",
            Group::AbnormalCall => "abnormal call",
            Group::AbnormalProvision => "abnormal provision",
        }
    }
}

/// Risk type (风险类型; R1 to R21 of the catalogue).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RiskType(pub u8);

/// Handling measure (处置措施; H1 to H20 of the catalogue).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Handling(pub u8);

macro_rules! named {
    ($type:ident, $($n:literal $zh:literal $en:literal;)+) => {
        impl $type {
            /// Chinese name; empty for a number the catalogue does not have.
            pub const fn zh(self) -> &'static str { match self.0 { $($n => $zh,)+ _ => "" } }
            /// English name; empty for a number the catalogue does not have.
            pub const fn en(self) -> &'static str { match self.0 { $($n => $en,)+ _ => "" } }
        }
    };
}

named! { RiskType,
    1 "数据泄露" "data leak";
    2 "数据篡改" "data tampering";
    3 "数据破坏" "data destruction";
    4 "数据丢失" "data loss";
    5 "数据滥用" "data misuse";
    6 "数据伪造" "data forgery";
    7 "违法违规获取" "unlawful acquisition";
    8 "违法违规保存" "unlawful retention";
    9 "违法违规利用" "unlawful use";
    10 "违法违规提供" "unlawful provision";
    11 "违法违规公开" "unlawful publication";
    12 "违法违规出境" "unlawful cross-border transfer";
    13 "超范围处理" "processing beyond scope";
    14 "数据处理缺乏正当性" "processing without legitimacy";
    15 "缺乏公平公正" "unfair processing";
    16 "未有效保障个人信息主体权利" "rights of data subjects not ensured";
    17 "App违法违规收集使用" "unlawful collection by apps";
    18 "数据处理抵赖" "repudiation of processing";
    19 "数据不可控" "loss of control over data";
    20 "数据推断" "inference of data";
    21 "其他" "other";
}

named! { Handling,
    1 "修复或强制身份鉴别，使用短时且绑定的令牌" "Enforce or repair authentication; short-lived, bound tokens";
    2 "多因素认证、口令策略、强制改密与锁定" "Multi-factor login, password policy, forced reset, lockout";
    3 "修复对象级、功能级与属性级授权，最小权限" "Repair object, function and property authorisation; least privilege";
    4 "启用 TLS 1.2 以上或 TLCP，更新证书，使用 VPN 或专线" "TLS 1.2 or later or TLCP, certificate renewal, VPN or leased line";
    5 "后端统一脱敏、去标识化" "Uniform masking in the back end, de-identification";
    6 "返回字段最小化，限制分页，拆分宽接口" "Return fewer fields, cap paging, split wide interfaces";
    7 "限流、配额、人机验证" "Rate limits, quotas, human check";
    8 "下线接口或收窄访问域" "Take offline or restrict the zone";
    9 "登记、定责、审批、评估并重建基线" "Register, assign an owner, approve, assess, take a new baseline";
    10 "吊销并轮换令牌、密钥、口令" "Revoke and rotate tokens, keys, secrets";
    11 "限制或锁定账号，加强验证，主管核实" "Restrict or lock the account, step up, have a supervisor check";
    12 "限时封禁调用方、地址或指纹" "Block caller, address or fingerprint for a time";
    13 "增加签名、时间戳与随机数" "Signature, timestamp and nonce";
    14 "修补与加固：错误信息、响应头、跨域、输入校验" "Patch and harden: errors, headers, CORS, input validation";
    15 "补全日志、留存与审计" "Complete logging, retention, audit";
    16 "停止或评估数据出境，合同、认证、备案" "Stop or assess cross-border transfer; contract, certification, filing";
    17 "通知合作方，落实合同责任、删除证明与终止" "Partner notice, contract duty, deletion proof, termination";
    18 "保全证据，线索溯源与主体溯源" "Preserve evidence; trace by clue and by subject";
    19 "启动应急预案：遏制、报告、告知、复盘" "Incident plan: contain, report, notify, review";
    20 "调优、列入白名单或在期限内接受，并记录批准人" "Tune, allow-list or accept with expiry and approver";
}

/// The card of a risk source (风险源卡片): its row of the catalogue and how Weir identifies it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Card {
    /// Catalogue id (`V01`).
    pub id: &'static str,
    /// Chinese name.
    pub zh: &'static str,
    /// English name.
    pub en: &'static str,
    /// Group.
    pub group: Group,
    /// Severity where the interface carries sensitive personal information and can be reached from outside.
    pub severity: Severity,
    /// Risk types it can lead to.
    pub risks: &'static [RiskType],
    /// Handling measures.
    pub measures: &'static [Handling],
    /// OWASP API Security Top 10 2023 and CWE.
    pub owasp: &'static str,
    /// Where the catalogue has it from (clause, section).
    pub basis: &'static str,
    /// How it is identified, in Chinese: strategy, thresholds, what is not reported.
    pub how_zh: &'static str,
    /// How it is identified, in English.
    pub how_en: &'static str,
}
