//! Inputs that traffic alone does not give (所需输入): what they hold and where they come from.

/// A column of an input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Column {
    /// Name in files and records.
    pub name: &'static str,
    /// What it holds, in Chinese.
    pub zh: &'static str,
    /// What it holds, in English.
    pub en: &'static str,
    /// Whether a row is nothing without it.
    pub required: bool,
}

macro_rules! inputs {
    ($($name:ident $key:literal $zh:literal $en:literal from $from_zh:literal $from_en:literal {
        $($column:literal $must:ident $czh:literal $cen:literal;)+
    })+) => {
        /// What a risk source needs beside the traffic.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Input { $(#[doc = $en] $name,)+ }

        impl Input {
            /// All of them.
            pub const ALL: &[Input] = &[$(Input::$name,)+];
            /// Its name in records.
            pub const fn key(self) -> &'static str { match self { $(Input::$name => $key,)+ } }
            /// Its Chinese name.
            pub const fn zh(self) -> &'static str { match self { $(Input::$name => $zh,)+ } }
            /// Its English name.
            pub const fn en(self) -> &'static str { match self { $(Input::$name => $en,)+ } }
            /// Where it comes from, in Chinese.
            pub const fn from_zh(self) -> &'static str { match self { $(Input::$name => $from_zh,)+ } }
            /// Where it comes from, in English.
            pub const fn from_en(self) -> &'static str { match self { $(Input::$name => $from_en,)+ } }
            /// What a row of it holds.
            pub const fn columns(self) -> &'static [Column] {
                match self {
                    $(Input::$name => &[$(Column {
                        name: $column, zh: $czh, en: $cen, required: inputs!(@ $must),
                    },)+],)+
                }
            }
        }
    };
    (@ must) => { true };
    (@ may) => { false };
}

inputs! {
    AccessLog "access_log" "应用访问日志" "application access log"
        from "应用、网关或审计系统导出的逐次调用日志" "per-call logs of the application, gateway or audit system" {
        "time" must "调用时间（RFC 3339）" "time of the call (RFC 3339)";
        "account" must "操作账号" "account that acted";
        "ip" must "来源地址" "address it came from";
        "operation" must "操作（方法与路径或功能名）" "operation: method and path, or the function's name";
        "object" must "操作对象" "object acted upon";
        "result" must "结果" "result";
        "request_id" may "与流量对应的请求号" "request id that traffic shows too";
    }
    Specification "specification" "接口规范" "interface specification"
        from "开发或网关给出的 OpenAPI、WSDL" "OpenAPI or WSDL of the developers or the gateway" {
        "host" may "主机" "host";
        "method" must "方法" "method";
        "path" must "路径模板" "path template";
        "parameters" must "参数：名称、位置、类型、必填、长度" "parameters: name, place, type, required, length";
        "fields" must "响应字段" "fields of replies";
        "statuses" may "应答状态" "statuses answered";
        "authentication" may "鉴权与签名要求" "authentication and signature asked for";
    }
    Contract "contract" "合作合同" "partner contract"
        from "法务或合作管理台账" "the register of contracts" {
        "partner" must "合作方" "partner";
        "credential" must "其密钥、证书或账号的标识" "id of its key, certificate or account";
        "interfaces" must "约定的接口" "interfaces agreed upon";
        "data_types" must "约定的数据类型" "data types agreed upon";
        "purpose" must "约定的用途" "purpose agreed upon";
        "hosts" may "约定的回调与外发主机" "hosts agreed upon for callbacks and pushes";
        "quota_day" may "日限量（人）" "persons a day";
        "filing" may "评估、备案或认证编号" "number of the assessment, filing or certification";
        "until" must "终止日" "last day";
    }
    Approval "approval" "审批与变更记录" "approval and change records"
        from "工单、变更或安全评估系统" "the system of tickets, changes or assessments" {
        "interface" must "接口（主机、方法、路径）" "interface: host, method, path";
        "kind" must "种类：上线、变更、调用、共享" "kind: go-live, change, call, sharing";
        "caller" may "获准的调用方" "caller it is granted to";
        "snapshot" may "批准时的参数、字段、鉴权与级别" "parameters, fields, authentication and level as approved";
        "approver" must "批准人" "who approved";
        "time" must "批准时间" "time of the approval";
        "until" may "有效期至" "last day it holds";
    }
    Purposes "purposes" "处理目的与接收方清单" "register of purposes and recipients"
        from "个人信息处理活动记录" "the record of processing activities" {
        "interface" must "接口" "interface";
        "purpose" must "处理目的" "purpose";
        "data_types" must "为此必要的数据类型" "data types that it takes";
        "combinations" may "允许汇集到同一人名下的类型组合" "combinations of types that one person's record may hold";
        "recipients" may "接收方（组织、密钥、网段）" "recipients: organisation, key, network";
    }
    BusinessEvents "business_events" "业务事件" "business events"
        from "工单、呼叫中心、网点柜面系统" "ticket, call-centre and counter systems" {
        "time" must "发生时间" "time";
        "staff" must "经办账号" "account of the member of staff";
        "kind" must "种类：工单、来电、到访" "kind: ticket, call, visit";
        "subject" must "客户标识的键控指纹" "keyed fingerprint of the customer's identifier";
    }
    BusinessRules "business_rules" "业务规则" "business rules"
        from "业务部门" "the business department" {
        "interface" must "接口" "interface";
        "step" must "业务步骤：下发短信、注册、下单、支付等" "step: send a message, register, order, pay";
        "requires" may "须先完成的步骤" "steps that must come first";
        "parameters" may "须签名保护的参数" "parameters that a signature must protect";
        "limit" may "每号码、每地址、每账号的次数上限" "most times a number, address or account may";
    }
    Devices "devices" "终端台账" "register of devices"
        from "终端管理或单点登录系统" "device management or single sign-on" {
        "account" must "账号" "account";
        "device" must "终端标识" "device id";
        "user_agent" may "浏览器或客户端标识" "browser or client";
        "networks" may "常用网段" "usual networks";
        "bastion" may "须经的堡垒机地址" "address of the bastion host to come through";
    }
    ServiceLevels "service_levels" "服务能力指标" "service levels"
        from "运维监控系统" "the monitoring of operations" {
        "interface" must "接口" "interface";
        "capacity" must "每秒可承受的调用" "calls a second that it bears";
        "latency_p95_ms" must "95 分位响应时间（毫秒）" "response time at the 95th percentile, in ms";
        "time" must "时间" "time";
        "load" may "当时的主机负载" "load of the host then";
    }
    ThreatFeed "threat_feed" "威胁情报" "threat intelligence"
        from "情报订阅（可离线导入）" "a subscription, which may be taken in offline" {
        "indicator" must "网段、域名或证书指纹" "network, domain or certificate fingerprint";
        "kind" must "种类：Tor、代理、机房、控制端、黑名单" "kind: Tor, proxy, hosting, command and control, blocklist";
        "source" must "来源与可信度" "source and how far it is trusted";
        "until" must "失效时间" "when it ends";
    }
    VulnerabilityFeed "vulnerability_feed" "漏洞库" "vulnerability database"
        from "国家漏洞库等（离线导入）" "a national database, taken in offline" {
        "product" must "产品" "product";
        "versions" must "受影响的版本" "versions affected";
        "id" must "漏洞编号" "id of the vulnerability";
        "severity" must "级别" "severity";
        "fixed" may "修复版本" "version that repairs it";
    }
    Probe "probe" "主动探测结果" "results of active probes"
        from "经书面授权的限速探测，缺省关闭" "rate-limited probes under written authorisation, off by default" {
        "interface" must "接口" "interface";
        "case" must "测试用例编号" "number of the test case";
        "request" must "发出的请求（敏感值以样例代替）" "request sent, with samples for sensitive values";
        "status" must "应答状态" "status answered";
        "verdict" must "结果判定" "verdict";
        "authorisation" must "授权文号与期限" "number and term of the authorisation";
    }
    ReplyFacts "reply_facts" "采集侧尚未保留的应答事实" "facts of replies that lanes do not keep"
        from "处理通道的解析器（扩充事实字段后自动取得）" "the parsers of the lanes, once they keep these facts" {
        "security_headers" must "CSP、HSTS、nosniff、X-Frame-Options 是否存在" "whether CSP, HSTS, nosniff and X-Frame-Options are there";
        "cors" must "允许的来源与是否允许凭证" "origins allowed, and whether with credentials";
        "content_marks" must "正文的文件特征：系统文件、序列化数据、可执行文件" "marks of content: system files, serialised data, executables";
        "signature" may "响应签名与正文摘要" "signature of the reply and digest of its body";
    }
    ServerEgress "server_egress" "服务器外联流量" "outgoing traffic of servers"
        from "服务器区出口的镜像口" "a mirror port where the servers' network leaves" {
        "time" must "连接时间" "time of the connection";
        "server" must "服务器地址" "address of the server";
        "destination" must "目的地址与域名" "address and name connected to";
        "port" must "端口" "port";
        "bytes" must "字节数" "bytes";
    }
    ZonePlan "zone_plan" "安全域划分" "plan of security zones"
        from "网络与等级保护台账" "the register of networks and their grades" {
        "zone" must "安全域" "zone";
        "networks" must "网段" "networks";
        "grade" must "保护等级" "grade of protection";
        "flows" must "声明的跨域接口" "interfaces declared between zones";
        "ports" may "声明的端口与协议" "ports and protocols declared";
    }
    Accounts "accounts" "账号清单" "list of accounts"
        from "账号目录（weir import accounts）与注册系统" "the directory of accounts (weir import accounts) and the registration system" {
        "account" must "账号" "account";
        "exists" must "是否存在" "whether it exists";
        "created" may "注册时间" "when it was registered";
        "source" may "注册来源地址与设备" "address and device it was registered from";
    }
}
