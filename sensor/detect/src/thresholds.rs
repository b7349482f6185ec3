//! The figures detectors and grading compare with.

use weir_model::{ColumnRule, Grading};

/// One threshold: its key, what it means and what it may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Threshold {
    /// Key as in packs: catalogue id, `case`, `column` or `grade`, dot, name (`c10.failures`).
    pub key: &'static str,
    /// What it means, in Chinese.
    pub zh: &'static str,
    /// What it means, in English.
    pub en: &'static str,
    /// Value where no pack says otherwise.
    pub default: u64,
    /// Least value accepted.
    pub min: u64,
    /// Greatest value accepted.
    pub max: u64,
}

/// Why a threshold was not set.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ThresholdError {
    /// There is no such key.
    #[error("there is no threshold \"{0}\"")]
    Unknown(String),
    /// The value is outside the accepted range.
    #[error("threshold \"{key}\" must be {min} to {max}, not {value}")]
    OutOfRange {
        /// Which.
        key: &'static str,
        /// What was asked for.
        value: u64,
        /// Least value accepted.
        min: u64,
        /// Greatest value accepted.
        max: u64,
    },
}

impl ThresholdError {
    /// The message in Chinese; `Display` gives it in English.
    pub fn zh(&self) -> String {
        match self {
            ThresholdError::Unknown(key) => format!("没有名为“{key}”的阈值"),
            ThresholdError::OutOfRange { key, value, min, max } => {
                format!("阈值“{key}”须在 {min} 到 {max} 之间，不能为 {value}")
            }
        }
    }
}

macro_rules! thresholds {
    ($($field:ident $key:literal = $default:literal in $min:literal..=$max:literal, $zh:literal, $en:literal;)+) => {
        /// Every threshold. `Default` gives the values of the catalogue.
        #[derive(Clone, PartialEq, Eq, Debug)]
        pub struct Thresholds { $(#[doc = $en] pub $field: u64,)+ }

        impl Default for Thresholds {
            fn default() -> Self { Thresholds { $($field: $default,)+ } }
        }

        impl Thresholds {
            /// Every threshold there is, in order of the catalogue.
            pub const fn keys() -> &'static [Threshold] {
                &[$(Threshold { key: $key, zh: $zh, en: $en, default: $default, min: $min, max: $max }),+]
            }
            /// The value of a key in force; `None` for an unknown key.
            pub fn get(&self, key: &str) -> Option<u64> {
                match key { $($key => Some(self.$field),)+ _ => None }
            }
            /// Sets a key.
            ///
            /// # Errors
            /// [`ThresholdError`] where the key is unknown or the value outside its range; nothing changes then.
            pub fn set(&mut self, key: &str, value: u64) -> Result<(), ThresholdError> {
                let (place, known): (&mut u64, &'static str) = match key {
                    $($key => (&mut self.$field, $key),)+
                    _ => return Err(ThresholdError::Unknown(key.to_owned())),
                };
                let Some(t) = Self::keys().iter().find(|t| t.key == known) else {
                    return Err(ThresholdError::Unknown(key.to_owned()));
                };
                if value < t.min || value > t.max {
                    return Err(ThresholdError::OutOfRange { key: known, value, min: t.min, max: t.max });
                }
                *place = value;
                Ok(())
            }
        }
    };
}

thresholds! {
    column_least "column.least" = 20 in 5..=10_000,
        "判定一列所需的取值个数：更少时，十分之一的偶然通过无从与真实数据区分", "Values from which a column is judged: of fewer, one in ten that pass by chance cannot be told from the real thing";
    column_chance_percent "column.chance_percent" = 200 in 100..=1_000,
        "排除上限，为该类型偶然通过率的百分比：命中占比不超过偶然通过率两倍的列不是该类型，两倍为抽样波动留出余地", "Share found, in percent of the type's chance, up to which a column is something else: twice the chance leaves room for the scatter of small samples";
    column_affirm_percent "column.affirm_percent" = 60 in 35..=100,
        "认定下限（命中占比，百分比）：允许录入错误与少量其他内容", "Share found, in percent, from which a column is affirmed: leaves room for typing errors and a few values of other sorts";
    column_distinct "column.distinct" = 3 in 1..=1_000,
        "认定所需的不同取值个数：少于此数的列只是同一个值反复出现", "Different values that affirm a column: with fewer it is one value that comes again";
    grade_persons_2 "grade.persons_2" = 5_000 in 1..=100_000_000,
        "二级个人信息涉及的人数达到此数时接口升一级：法释〔2017〕10号第五条第一款第五项以五千条一般个人信息为情节严重", "Persons from which personal data of grade 2 raise an interface one grade: Fa Shi [2017] No. 10, article 5 (1) 5, takes 5,000 pieces of ordinary personal information for serious";
    grade_persons_3 "grade.persons_3" = 500 in 1..=100_000_000,
        "三级个人信息涉及的人数达到此数时接口升一级：同条第四项以五百条健康生理、交易等信息为情节严重", "Persons from which personal data of grade 3 raise an interface one grade: the same article, 5 (1) 4, takes 500 pieces on health or transactions for serious";
    case_quiet_hours "case.quiet_hours" = 24 in 1..=8_760,
        "静默期（小时）：风险源静默超过此时长后再次出现，计为新的一次", "Quiet period, in hours: a risk source that is sighted after so long a silence is back";
    v01_open_percent "v01.open_percent" = 20 in 1..=100,
        "无凭证成功调用占该接口成功调用的百分比下限", "Least share, in percent, of successful calls made without a credential";
    v01_open_callers "v01.open_callers" = 5 in 1..=100_000,
        "占比不足时，无凭证调用方数下限", "Callers without a credential that suffice where the share does not";
    v01_writes "v01.writes" = 5 in 1..=100_000,
        "不含敏感数据的无凭证写操作次数下限", "Successful writes without a credential, where no sensitive data shows the harm";
    v03_sessions "v03.sessions" = 20 in 5..=100_000,
        "没有第二因素而取得数据的会话数", "Sessions that got data without a second factor";
    v03_percent "v03.percent" = 95 in 50..=100,
        "其占取得数据的会话的百分比下限", "Least share of them, in percent, in the sessions that got data";
    v04_length "v04.length" = 8 in 1..=64,
        "口令最短字符数", "Characters a password must have";
    v04_classes "v04.classes" = 3 in 1..=4,
        "口令最少字符类别数", "Character classes a password must have";
    v08_access_hours "v08.access_hours" = 24 in 1..=8_760,
        "访问令牌有效期上限（小时）", "Longest validity of an access token, in hours";
    v08_refresh_days "v08.refresh_days" = 30 in 1..=3_650,
        "刷新令牌有效期上限（天）", "Longest validity of a refresh token, in days";
    v09_failures "v09.failures" = 20 in 5..=10_000,
        "连续登录失败次数", "Failed logins in a row";
    v09_seconds "v09.seconds" = 600 in 10..=86_400,
        "无防暴力破解判定窗口（秒）", "Window of failures in a row, in seconds";
    v11_objects "v11.objects" = 20 in 5..=10_000,
        "认定接口各看各的所需：在不同日子由本人复读的对象次数", "Objects read again by their own account, on other days, from which an interface counts as one where each sees the own";
    v12_calls "v12.calls" = 20 in 3..=100_000,
        "特权账号成功调用此数次后，接口可认定为受限", "Good calls of privileged accounts from which an interface may count as reserved";
    v12_refused "v12.refused" = 3 in 1..=8,
        "以 403 拒绝过的其他账号数", "Other accounts that the interface refused with 403";
    v13_values "v13.values" = 10 in 3..=100,
        "同一调用方以不同标识取得同构成功响应的个数", "Different identifiers by which one caller got alike, successful replies";
    v14_without "v14.without" = 2 in 1..=10_000,
        "不带该属性的成功请求数下限", "Good requests without the property from which one with it is odd";
    v16_seconds "v16.seconds" = 300 in 1..=86_400,
        "同一签名再次被接受即为可重放的间隔（秒；C18 同）", "Seconds after which a signature that is accepted again can be replayed (of C18 too)";
    v27_calls "v27.calls" = 1_000 in 100..=10_000_000,
        "10 分钟内同一调用方对同一接口的调用次数", "Calls of one interface by one caller within 10 minutes";
    v29_batch "v29.batch" = 20 in 2..=60,
        "一次请求执行的操作数（数组批量或编号别名）", "Operations carried out by one request, in an array or under numbered aliases";
    v30_codes "v30.codes" = 10 in 3..=128,
        "窗口内同一调用方提交的不同验证码个数", "Different one-time codes tried by one caller within the window";
    v30_seconds "v30.seconds" = 300 in 10..=86_400,
        "验证码猜测判定窗口（秒）", "Window of guessing codes, in seconds";
    d01_level "d01.level" = 3 in 1..=4,
        "要求脱敏的最低数据级别", "Least grade of a value that must be masked";
    d03_values "d03.values" = 3 in 1..=1_000,
        "认定一个接口脱敏所需的脱敏值个数", "Masked values from which an interface counts as masking";
    d03_unread "d03.unread" = 2 in 0..=8,
        "各接口保留字符合并后仍不可读的字符数上限", "Characters that may stay unread when what interfaces keep is put together";
    d05_types "d05.types" = 5 in 2..=64,
        "单次响应中敏感数据类型数", "Different sensitive types in one reply";
    d05_sensitive_types "d05.sensitive_types" = 3 in 2..=64,
        "单次响应中敏感个人信息类型数", "Different types of sensitive personal information in one reply";
    d06_notice "d06.notice" = 6 in 1..=1_000_000,
        "单次响应敏感记录数：提示", "Sensitive records in one reply: notice";
    d06_medium "d06.medium" = 100 in 1..=1_000_000,
        "单次响应敏感记录数：中", "Sensitive records in one reply: medium";
    d06_high "d06.high" = 1000 in 1..=1_000_000,
        "单次响应敏感记录数：高", "Sensitive records in one reply: high";
    d08_day_3 "d08.day_3" = 500 in 1..=100_000_000,
        "一日内取得的 3 级以上不同个人数上限", "Persons of grade 3 or above got within a day";
    d08_day_4 "d08.day_4" = 50 in 1..=100_000_000,
        "一日内取得的 4 级不同个人数上限", "Persons of grade 4 got within a day";
    d08_month_3 "d08.month_3" = 5_000 in 1..=100_000_000,
        "30 日内首次取得的 3 级以上个人数上限", "Persons of grade 3 or above got for the first time within 30 days";
    d08_month_4 "d08.month_4" = 500 in 1..=100_000_000,
        "30 日内首次取得的 4 级个人数上限", "Persons of grade 4 got for the first time within 30 days";
    d12_subjects "d12.subjects" = 3 in 2..=64,
        "公开接口披露的不同个人数", "Different persons whose data an open interface gives out";
    d13_level "d13.level" = 2 in 1..=4,
        "进入 URL 的个人信息的最低级别", "Least grade of personal data in a URL";
    d14_records "d14.records" = 100 in 1..=100_000_000,
        "导出文件中的敏感记录数", "Sensitive records in an exported file";
    d19_values "d19.values" = 3 in 1..=64,
        "测试环境中与其他站点相同的不同值个数", "Different values of a test environment that other sites have too";
    c01_floor "c01.floor" = 120 in 10..=10_000_000,
        "已有自身基线的调用方每分钟调用次数的下限", "Calls a minute that are always usual of a caller with a baseline of its own";
    c01_cold "c01.cold" = 300 in 10..=10_000_000,
        "尚无自身基线的调用方每分钟调用次数的下限", "Calls a minute that are always usual of a caller without a baseline yet";
    c02_records "c02.records" = 200 in 10..=100_000_000,
        "10 分钟内取得的敏感记录数下限（另须超过自身惯常的 3 倍）", "Sensitive records within 10 minutes that it takes at least, beside three times the own usual";
    c03_sum "c03.sum" = 8 in 2..=100,
        "逐日超出自身基线的离散度累计（C27 同）", "Spreads above the own baseline that days add up to (of C27 too)";
    c03_persons "c03.persons" = 30 in 5..=1_000_000,
        "累计期间首次取得个人信息的人数", "Persons got for the first time while the sum rose";
    c04_score "c04.score" = 70 in 10..=110,
        "判定为程序抓取的得分", "Score from which reading is a program's";
    c04_targets "c04.targets" = 100 in 10..=256,
        "给出个人信息的不同目标数", "Different targets that give personal data";
    c04_records "c04.records" = 1_000 in 100..=100_000_000,
        "20 个以上目标合计的记录数", "Records of 20 targets or more together";
    c05_records "c05.records" = 100 in 1..=100_000_000,
        "非工作时间窗口内取得的敏感记录数", "Sensitive records got within the window outside working hours";
    c05_seconds "c05.seconds" = 600 in 10..=86_400,
        "非工作时间判定窗口（秒）", "Window of off-hours access, in seconds";
    c05_habit_days "c05.habit_days" = 5 in 1..=200,
        "同一钟点已有此数天如此即视为惯常作业", "Days on which it was done at the same hour that make it a habit";
    c06_inside "c06.inside" = 2 in 1..=64,
        "认定站点主要由内部使用所需的内部调用方数", "Internal callers from which a site counts as used inside";
    c06_home "c06.home" = 5 in 1..=10_000,
        "账号在境内成功调用此数次后，境外使用即为异地", "Successful calls of an account at home after which one from abroad is unusual";
    c09_interleaved "c09.interleaved" = 3 in 2..=64,
        "1 小时内同一账号交错使用的地址数", "Addresses of one account that interleave within an hour";
    c09_addresses "c09.addresses" = 6 in 2..=64,
        "1 小时内同一账号使用的地址数（不论次序）", "Addresses of one account within an hour, in any order";
    c10_failures "c10.failures" = 10 in 3..=60,
        "窗口内同一账号登录失败次数", "Failed logins of one account within the window";
    c10_seconds "c10.seconds" = 300 in 10..=86_400,
        "暴力破解判定窗口（秒）", "Window of brute force, in seconds";
    c11_accounts "c11.accounts" = 20 in 5..=500,
        "窗口内尝试登录的不同账号数", "Different accounts tried within the window";
    c11_failed_percent "c11.failed_percent" = 80 in 50..=100,
        "其中未登录成功的账号百分比", "Share of them, in percent, that never got in";
    c11_seconds "c11.seconds" = 300 in 10..=86_400,
        "撞库判定窗口（秒）", "Window of credential stuffing, in seconds";
    c12_hour "c12.hour" = 10 in 3..=64,
        "1 小时内因同一口令失败的不同账号数", "Accounts for which one password failed within an hour";
    c12_week "c12.week" = 20 in 3..=64,
        "7 天内因同一口令失败的不同账号数", "Accounts for which one password failed within 7 days";
    c14_paths "c14.paths" = 10 in 3..=128,
        "窗口内以 403 拒绝的不同路径数", "Different paths refused with 403 within the window";
    c14_seconds "c14.seconds" = 600 in 10..=86_400,
        "越权尝试判定窗口（秒）", "Window of privilege probing, in seconds";
    c15_run "c15.run" = 10 in 3..=100,
        "连续编号的个数", "Consecutive numbers asked for";
    c15_new_values "c15.new_values" = 20 in 3..=100,
        "窗口内同一参数的新取值须多于此数", "New values of one parameter within the window must exceed this";
    c15_new_percent "c15.new_percent" = 70 in 1..=100,
        "新取值占调用的百分比下限", "Least share of calls, in percent, that bring a new value";
    c15_per_minute "c15.per_minute" = 2 in 1..=1_000,
        "每分钟新取值须多于此数", "New values a minute must exceed this";
    c15_seconds "c15.seconds" = 300 in 10..=86_400,
        "参数遍历判定窗口（秒）", "Window of enumeration, in seconds";
    c20_missing_paths "c20.missing_paths" = 50 in 5..=250,
        "窗口内返回 404 的不同路径数", "Different paths answered 404 within the window";
    c20_probe_paths "c20.probe_paths" = 4 in 1..=250,
        "窗口内命中敏感路径字典的不同路径数", "Different paths of the probe dictionary within the window";
    c20_methods "c20.methods" = 6 in 3..=20,
        "窗口内对同一路径试用的不同方法数", "Different methods tried on one path within the window";
    c20_tool_calls "c20.tool_calls" = 3 in 1..=10_000,
        "扫描或攻击工具的调用次数", "Calls by a scanner or attack tool";
    c20_seconds "c20.seconds" = 300 in 10..=86_400,
        "扫描判定窗口（秒）", "Window of scanning, in seconds";
    c22_deletes "c22.deletes" = 20 in 3..=128,
        "10 分钟内的删除次数", "Deletions within 10 minutes";
    c23_files "c23.files" = 5 in 1..=100_000,
        "一日内下载的含个人信息文件数下限（另须超过自身惯常的 3 倍）", "Files with personal data a day that it takes at least, beside three times the own usual";
    c27_persons "c27.persons" = 200 in 10..=100_000_000,
        "密钥累计期间首次取得个人信息的人数", "Persons a key got for the first time while the sum rose";
    c29_records "c29.records" = 100 in 1..=100_000_000,
        "一次外发请求中的个人信息记录数", "Records of personal data in one request that leaves";
    c31_page "c31.page" = 500 in 10..=10_000_000,
        "每页条数参数的值，达到即为过宽", "Page size asked for and given";
    c31_unfiltered "c31.unfiltered" = 100 in 10..=10_000_000,
        "不带查询条件的列表所含敏感记录数", "Sensitive records of a listing without a condition";
    p01_calls "p01.calls" = 20 in 1..=1_000_000,
        "未登记接口的调用次数", "Calls of an unregistered interface";
    p01_hours "p01.hours" = 2 in 0..=8_760,
        "其首末次调用相隔的小时数", "Hours between the first and the last of them";
    p09_answers "p09.answers" = 200 in 10..=1_000_000,
        "认定站点提供方所需的成功应答次数", "Good answers from which the providers of a site are known";
    p10_answers "p10.answers" = 200 in 10..=1_000_000,
        "认定服务器产品标识所需的成功应答次数", "Good answers from which a server's product is known";
    p11_calls "p11.calls" = 20 in 5..=100_000,
        "5 分钟一窗中至少须有的调用次数", "Calls that a window of 5 minutes must have";
    p12_replies "p12.replies" = 200 in 10..=1_000_000,
        "认定接口返回类型所需的响应次数", "Replies from which the types an interface gives are known";
    p12_percent "p12.percent" = 10 in 1..=100,
        "新类型出现后在响应中的占比下限（%）", "Least share, in percent, of the replies since that hold the new type";
}

impl Thresholds {
    /// By what interfaces are graded and their columns judged.
    pub fn grading(&self) -> Grading {
        Grading {
            columns: ColumnRule {
                least: self.column_least,
                chance_percent: self.column_chance_percent,
                affirm_percent: self.column_affirm_percent,
                distinct: self.column_distinct,
            },
            raise_2: self.grade_persons_2,
            raise_3: self.grade_persons_3,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn every_key_is_unique_named_and_settable() {
        let mut seen = std::collections::BTreeSet::new();
        let mut all = Thresholds::default();
        for t in Thresholds::keys() {
            assert!(seen.insert(t.key) && !t.zh.is_empty() && !t.en.is_empty(), "{}", t.key);
            assert!((t.min..=t.max).contains(&t.default), "{}", t.key);
            assert_eq!(all.get(t.key), Some(t.default));
            all.set(t.key, t.max).unwrap();
            assert_eq!(all.get(t.key), Some(t.max));
            let source = t.key.split('.').next().unwrap().to_uppercase();
            let known = crate::card(&source).is_some() || ["CASE", "COLUMN", "GRADE"].contains(&&*source);
            assert!(known, "{} names no risk source", t.key);
        }
    }

    #[test]
    fn grades_by_the_catalogue_unless_told_otherwise() {
        assert_eq!(Thresholds::default().grading(), Grading::default());
    }

    #[test]
    fn refuses_what_is_unknown_or_out_of_range() {
        let mut all = Thresholds::default();
        assert_eq!(all.set("c99.x", 1), Err(ThresholdError::Unknown("c99.x".into())));
        let wrong = all.set("c10.failures", 0).unwrap_err();
        assert_eq!(wrong.to_string(), "threshold \"c10.failures\" must be 3 to 60, not 0");
        assert_eq!(wrong.zh(), "阈值“c10.failures”须在 3 到 60 之间，不能为 0");
        assert_eq!(all, Thresholds::default());
    }
}
