//! Abnormal provision that awaits an input.

super::entries! { AbnormalProvision;
"P06" "未授权变更" "unapproved change" Medium [19] [9] "API9:2023 CWE-1059" "CAICT 4(1)2, 5.1"
    needs [Approval] meanwhile ["P12" "P04" "P10"]
    why "参数、字段、鉴权与级别的变化已记在接口的生命周期里；是否经过批准须由变更记录给出。"
        "Changes of parameters, fields, authentication and level are kept in the interface's life; whether they were approved the records must say."
    then "生命周期中的每项变化与同一接口、时间在前 7 日内的变更记录（或批准时的快照）对照，没有对应记录的按接口报告，列出变化项。"
        "Each change is put beside a record of the same interface from the 7 days before, or the snapshot approved; one without is reported by interface, with what changed.";
"P07" "未评估上线" "online without assessment" Medium [19] [9] "API9:2023 CWE-1059" "CAICT 4(1)2"
    needs [Approval] meanwhile ["P01" "P12"]
    why "上线前是否做过安全评估，流量里看不到；新接口何时出现已记录。"
        "Whether an interface was assessed before it went live cannot be seen; when a new one appears is known."
    then "新出现的接口 1 小时内没有种类为“上线”的批准记录，且已给出个人信息或接受写操作，按接口报告，附其首小时的风险源。"
        "A new interface that has no approval of the kind go-live within an hour, and gives personal data or takes writes, is reported with the risk sources of its first hour.";
"P13" "响应内容被篡改" "altered content" High [2 6] [13 19] "API10:2023 CWE-345 CWE-353" "CAICT 3.1.2"
    needs [ReplyFacts] meanwhile ["P09" "P10"]
    why "须有响应签名可验，或在服务端与客户端两处采集同一应答相比；单点镜像只见一份。"
        "It takes a signature of the reply to verify, or the same reply captured at both ends; one mirror sees one copy."
    then "签名或摘要不符、同一请求在两个采集点的应答不同、或应答中新出现外链脚本，按接口报告，保全两份证据。"
        "A signature or digest that does not fit, replies to one request that differ between two taps, or a new script from elsewhere, are reported by interface with both copies kept.";
"P14" "回调外发至未约定主机" "push or callback to an unapproved host" High [10 12] [12 17] "API10:2023 API7:2023 CWE-601 CWE-918" "CAICT 4(2)4"
    needs [Contract ServerEgress] meanwhile ["C29" "V35"]
    why "约定的回调主机写在合同里，推送本身走服务器的外联。"
        "The hosts agreed upon stand in the contract, and pushes leave with the server's outgoing traffic."
    then "向合同约定之外的主机推送或重定向、且携带个人信息或凭证的，按接口和主机报告。"
        "A push or redirect to a host that no contract names, with personal data or a credential, is reported by interface and host.";
"P15" "合作终止未关闭" "not closed after partnership end" High [10 19] [8 17] "API9:2023 CWE-613" "GB/T 45577 合作外包 d; CAICT 5.1"
    needs [Contract] meanwhile ["P03" "C24" "C27"]
    why "合作何时终止写在合同里；登记的有效期与账号的离职日已由 P03、C24 核对。"
        "When a partnership ends stands in the contract; terms of interfaces and last days of accounts are checked by P03 and C24."
    then "终止日之后该合作方的密钥、证书或账号仍得到 2xx，一次即报，按接口和合作方汇总。"
        "A key, certificate or account of the partner that is answered 2xx after the last day is reported at the first, by interface and partner.";
"P17" "共享、交易、跨境接口无依据" "sharing, trading or cross-border interface without a basis" High [10 12] [16 17] "CWE-359" "GB/T 46796-2025 A.3; GB/T 45577 出境"
    needs [Contract] meanwhile ["D11" "C27"]
    why "业务形态（共享、交易、跨境）已按流量提出建议；合同、评估与备案编号须由台账给出。"
        "The business form (sharing, trading, cross-border) is proposed by traffic; contract, assessment and filing stand in the register."
    then "形态为共享、交易或跨境而没有有效合同、评估或备案编号的接口，按接口报告，附接收方与人数。"
        "An interface of one of these forms without a valid contract, assessment or filing is reported, with recipients and the number of persons.";
"P19" "非标准端口、协议提供" "undeclared port or protocol" Low [19] [9] "API9:2023 CWE-1059" "OWASP API Security Top 10 2023, API9"
    needs [ZonePlan] meanwhile ["V22" "V34" "P01"]
    why "协议识别与端口无关，端口与协议均已知；哪些是声明过的须由台账给出。"
        "Protocols are told whatever the port, so both are known; which were declared the register must say."
    then "服务器在声明之外的端口或协议上提供数据接口，按服务器和端口报告。"
        "A server that offers data interfaces on a port or by a protocol that was not declared is reported by server and port.";
"P20" "文档与实际不符" "specification drift" Low [13 19] [9] "API9:2023 CWE-1059" "GB/T 46796-2025 5.2.3 c"
    needs [Specification] meanwhile ["P01" "P04"]
    why "登记清单目前只比对主机、方法、路径与范围；参数、字段、状态与鉴权须有完整的规范。"
        "Of the registered list host, method, path and scope are compared; parameters, fields, statuses and authentication take the whole specification."
    then "逐接口列出规范之外的参数、字段与状态，以及鉴权不符；连续 20 次调用一致方算，按接口汇总为一条。"
        "Parameters, fields and statuses beyond the specification, and authentication that differs, are listed where 20 calls agree, one finding an interface.";
"P21" "调用审批缺失" "no call approval" Medium [10] [9] "API5:2023 CWE-285" "GB/T 45577 接口 b"
    needs [Approval] meanwhile ["C07"]
    why "调用方是否经过审批只在审批记录里；登记的调用方网段已由 C07 核对。"
        "Whether a caller was approved stands in the records alone; registered networks are checked by C07."
    then "给出个人信息或重要数据的接口，其在用的调用方（密钥、账号、网段）没有有效的“调用”审批，按接口和调用方报告。"
        "A caller in use (key, account, network) of an interface with personal or important data without a valid approval of the kind call is reported by interface and caller.";
"P22" "跨安全域流动无管控" "uncontrolled cross-zone flow" Medium [19 1] [9 4] "API9:2023 CWE-668" "GB/T 45577 接口 c"
    needs [ZonePlan] meanwhile ["P04" "P05" "D04"]
    why "安全域及其等级由组织划分，地址本身不说明。"
        "Zones and their grades are the organisation's; addresses do not tell."
    then "3 级以上个人信息由高等级域流向低等级域，而该跨域接口未声明，按接口和域对报告，未加密的升一级。"
        "Personal data of grade 3 that go from a zone of higher grade to one of lower by an interface that was not declared are reported by interface and pair of zones, one step more serious in clear.";
"P23" "提供方失陷迹象" "signs of a compromised provider" High [1 3] [19] "API8:2023 CWE-506" "OWASP API Security Top 10 2023, API8"
    needs [ServerEgress ThreatFeed] meanwhile ["C17" "V17" "P10"]
    why "失陷后的外联不经过接口的镜像，须有服务器外联与控制端情报。"
        "What a compromised server connects to passes no mirror of interfaces; it takes its outgoing traffic and a feed."
    then "服务器被攻击（C17、V17）后 24 小时内首次外联到情报所列或从未连接过的主机，或出现只有一个来源调用的新脚本接口，按服务器报告并启动应急。"
        "A server that within 24 hours of an attack (C17, V17) connects for the first time to a host a feed names or that is new, or that grows an interface which one source alone calls, is reported, and the incident plan begins.";
}
