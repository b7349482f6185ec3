//! Abnormal calls that await an input.

super::entries! { AbnormalCall;
"C08" "异常登录" "abnormal login" Medium [5] [11 2] "API2:2023 CWE-287" "CAICT 4(2)1, 5.1"
    needs [Devices] meanwhile ["C06" "C09" "C13" "C24"]
    why "新设备、新网段与新时刻单独都很常见；是否为本人的终端，须由终端台账确认，否则误报多于真事。"
        "A new device, network and hour are each common; whether a device is the person's own only the register says, without which most reports would be false."
    then "登录成功的来源网段、客户端与时刻逐项与台账和该账号 30 日的登录档案比较：终端不在台账、网段与时刻又都是首次的，按站点和账号报告。"
        "Network, client and hour of a good login are compared with the register and with the account's own logins of 30 days: a device that is not registered, in a network and at an hour both new, is reported by site and account.";
"C16" "参数篡改、模糊测试" "tampering, fuzzing" Medium [2] [12] "API8:2023 CWE-20 CWE-472" "GB/T 46796-2025 7.3.2.1 a"
    needs [Specification] meanwhile ["C17" "C20" "V14"]
    why "参数缺失、类型不符、未知字段只有对照规范才能与正常的差异区分开。"
        "Missing, mistyped and unknown parameters are told from honest differences only beside the specification."
    then "同一调用方对一个接口的 50 次调用中有 30% 以上不合规范（缺必填、类型错、未知键、超长、特殊字符比例异常），按调用方和接口报告，附不合规的参数名。"
        "Where 30 % of 50 calls of one interface by one caller break the specification (a required parameter is missing, a type is wrong, a key unknown, a value too long, too many odd characters) it is reported by caller and interface, with the parameters' names.";
"C19" "拒绝服务、资源耗尽" "denial of service" High [3] [7 12] "API4:2023 CWE-400 CWE-770" "CAICT 3.1.2"
    needs [ServiceLevels] meanwhile ["C01" "V27" "P11"]
    why "频次（C01）与响应变慢、5xx 升高（P11）已分别识别；把二者归因于攻击须知道服务能力与当时的负载。"
        "High rates (C01), and slower replies and more 5xx (P11), are seen apart; that one caused the other is told only beside the capacity and load of the service."
    then "调用达到能力的 80% 以上、95 分位响应时间达 3 倍、5xx 达 5%，且一个调用方占三成以上的，按接口和调用方报告。"
        "Where calls reach 80 % of the capacity, the 95th percentile of the response time trebles, 5xx reach 5 % and one caller makes three in ten of the calls, it is reported by interface and caller.";
"C21" "特权账号异常" "privileged-account anomaly" High [5 1 3] [11 18] "API5:2023 CWE-269 CWE-250" "CAICT 3.2.6, 4(2)2, 5.1, 5.2"
    needs [Devices] meanwhile ["C05" "C06" "C08" "C14" "V12"]
    why "特权账号须经的堡垒机与终端写在台账里；直接登录（主机绕行）只有对照它才能认定。"
        "The bastion host and devices that privileged accounts must come through stand in the register; a way around them is told only beside it."
    then "目录标为特权的账号，其调用不来自台账所列堡垒机或终端，或在自身惯常的时刻、操作之外，一次即报，按站点和账号汇总。"
        "Calls of accounts that the directory has as privileged which do not come through the bastion host or devices registered, or are outside the own usual hours and operations, are reported at the first, by site and account.";
"C25" "调用时序异常" "sequence anomaly" Medium [5] [12] "API6:2023 CWE-841" "GB/T 46796-2025 7.3.2.3 a"
    needs [BusinessRules] meanwhile ["C04" "C20"]
    why "哪一步须在哪一步之后由业务规定；单凭常见次序学习，换一种客户端就会误报。"
        "Which step must follow which the business says; learned from usual orders alone, every new client would be wrong."
    then "会话中成功的步骤缺少规则要求的前置步骤（未下单先支付、未验证先改密），按会话判断，按接口和账号报告。"
        "A step that succeeds in a session without the steps that it requires (pay without order, new password without verification) is reported by interface and account.";
"C26" "业务滥用（短信、注册、通讯录匹配）" "business-flow abuse" High [5 7] [7 12] "API6:2023 CWE-799 CWE-837" "CAICT 2.4, 2.6, 5.3"
    needs [BusinessRules] meanwhile ["V30" "C01" "C04"]
    why "哪些接口会下发短信、注册或匹配通讯录，各自的合理上限是多少，由业务规定。"
        "Which interfaces send messages, register or match contact lists, and how much of it is reasonable, the business says."
    then "按规则所列接口计数：每号码每小时 5 条以上短信、每地址每小时 100 个以上号码、一次 500 个以上号码的匹配、每账号每日 2,000 个以上不同号码，按接口和调用方报告。"
        "Listed interfaces are counted: over 5 messages an hour to a number, over 100 numbers an hour by an address, 500 numbers matched at once, 2,000 different numbers a day by an account, are reported by interface and caller.";
"C28" "恶意、代理、机房来源" "source of bad repute" Low [1] [12] "API2:2023 CWE-346" "CAICT 5.2, 3.1.3"
    needs [ThreatFeed] meanwhile ["C06" "C17" "C20"]
    why "一个地址是否为 Tor 出口、代理或机房，须由情报给出。"
        "Whether an address is a Tor exit, a proxy or a data centre a feed must say."
    then "来源在有效期内的情报中，且成功调用了含个人信息的接口，按站点和调用方报告；专有云与合作方网段可列为例外。"
        "A source that a feed names, within its term, and that calls an interface with personal data well is reported by site and caller; networks of private clouds and partners may be left out.";
"C30" "内部访问境外接口" "internal call to an overseas interface" High [12] [16 12] "CWE-359" "CAICT 4(2)4"
    needs [ServerEgress] meanwhile ["C29" "V35" "D11"]
    why "本方去往境外的调用一般已加密，不经过服务端镜像；须有出口镜像与解密，或出口网关的记录。"
        "Our own calls abroad are as a rule encrypted and pass no mirror of servers; they need a mirror of the way out with decryption, or the gateway's records."
    then "内部地址向境外主机（按位置库）发出含 2 级以上个人信息的请求，或任何含重要数据的请求，按主机和调用方报告，并计入出境人数。"
        "Requests from inside to a host abroad, by the place databases, with personal data of grade 2 or with any important data are reported by host and caller and added to the persons transferred abroad.";
"C32" "无业务关联查询" "query without a business reason" Medium [9 5] [11 18] "API6:2023 CWE-359" "CAICT 5.2"
    needs [BusinessEvents] meanwhile ["C03" "D08" "V11"]
    why "查询有没有工单、来电或到访作为缘由，只有业务系统知道。"
        "Whether a ticket, call or visit was the reason of a query only the business systems know."
    then "账号查询客户记录之前 30 分钟内没有该客户（键控指纹）的事件，按账号统计无关联比例；一日 10 次以上且占三成以上、或涉及重点人员名单，按账号报告。"
        "Queries of a customer's record without an event of that customer, by keyed fingerprint, in the 30 minutes before are counted by account; 10 of a day that make three in ten, or one of a listed person, are reported.";
"C33" "虚假账户群、多账号协同" "coordinated fake accounts" Medium [7] [12] "API6:2023 CWE-799" "CAICT 2.4"
    needs [Accounts] meanwhile ["C04" "C11" "D08"]
    why "账号是何时从哪里注册的，流量镜像往往从注册之后才开始；须由注册系统给出。"
        "When and from where accounts were registered is mostly before the mirror began; the registration system must say."
    then "同一注册来源或设备的 10 个以上账号，以相同客户端、相近间隔分工读取不相交的对象，按群报告，列出账号与合计覆盖的人数。"
        "Ten accounts or more of one source or device of registration that read disjoint objects with the same client at like intervals are reported as a group, with the accounts and the persons covered together.";
"C34" "失败率、响应分布异常" "failure-ratio anomaly of a caller" Low [5] [20] "API8:2023 CWE-754" "GB/T 46796-2025 7.2.2 e 1"
    needs [Specification] meanwhile ["C10" "C14" "C20" "P11"]
    why "哪些状态是业务上的正常答复（未查到、重复提交）须由规范给出，否则失败率无从谈起。"
        "Which statuses are honest answers of the business (not found, sent twice) the specification must say, or there is no rate of failures."
    then "调用方 7 日的状态分布（规范中的正常答复除外）与当日比较，JS 散度超过 0.3 且当日有 100 次以上调用，按站点和调用方报告。"
        "A caller's statuses of the day, honest answers left out, are compared with those of 7 days: a Jensen-Shannon divergence over 0.3 with 100 calls or more is reported by site and caller.";
}
