//! Disclosures that await an input.

super::entries! { Disclosure;
"D07" "返回超出业务所需字段" "excess properties" Medium [1 13] [6] "API3:2023 CWE-213 CWE-201" "CAICT 3.2.4"
    needs [Specification] meanwhile ["D05" "D15"]
    why "哪些字段是业务所需，须由接口规范给出；口令散列、密钥等任何接口都不该返回的字段已由 D15 报告。"
        "Which fields the business needs the specification must say; what no interface should return (password hashes, keys) is reported by D15."
    then "响应中出现规范之外的字段，且其中有个人信息、内部标志或他人数据，按接口列出字段与首次出现的时间。"
        "Fields of replies that the specification does not have, and that hold personal data, internal flags or others' data, are listed by interface with the time of their first appearance.";
"D10" "向未授权对象提供" "disclosure to an unapproved recipient" High [10 13] [9 17] "API5:2023 CWE-285 CWE-359" "GB/T 46796-2025 7.3.2.2 a; GB/T 45577 接口 b, g"
    needs [Purposes Contract] meanwhile ["C07" "D11" "P04"]
    why "谁可以为何目的取得哪些数据，写在处理目的清单与合同里；登记清单所给的调用方与类型已由 C07、P04 核对。"
        "Who may get which data for what is written in the register of purposes and the contracts; callers and types of the registered list are checked by C07 and P04."
    then "按（数据类型 × 接收方 × 目的）核对每次给出的个人信息：接收方以密钥、证书、账号或网段认定，不在清单或合同内的组合按接口和接收方各报一条。"
        "What is given is checked by type, recipient and purpose: the recipient is told by key, certificate, account or network, and a combination that neither the register nor a contract has is one finding an interface and recipient.";
"D17" "多接口拼接推断" "aggregation and inference" Medium [20] [6] "API3:2023 CWE-359 CWE-1230" "CAICT 3.1.5"
    needs [Purposes] meanwhile ["D03" "D05" "C03"]
    why "同一人的信息分在多个接口是常态，哪些组合不应汇集到一个调用方，须由处理目的清单给出。"
        "That one person's data come from several interfaces is everyday work; which combinations no caller should hold the register of purposes must say."
    then "以键控指纹将同一人的类型按调用方合并（24 小时，定长位图），合起来超出清单允许的组合、且涉及 2 个以上接口和 10 个以上的人，按调用方报告。"
        "Types of one person are put together by caller under keyed fingerprints (24 hours, bitmaps of fixed size); what exceeds the combinations allowed, over 2 interfaces and 10 persons or more, is reported by caller.";
"D20" "过度收集上行" "over-collection" Medium [7 17] [6] "CWE-359" "GB/T 46796-2025 A.3; CAICT 5.3"
    needs [Purposes] meanwhile []
    why "上行的设备标识、位置、通讯录是否必要，取决于声明的目的。"
        "Whether device ids, places and contact lists sent up are needed depends on the purpose that was declared."
    then "请求中上行的类型（IMEI 等设备标识、持续位置、通讯录、应用列表、生物特征）不在该接口目的的必要类型内，按接口列出类型、频率与样例。"
        "Types sent up (IMEI and other device ids, continuous places, contact lists, lists of applications, biometrics) that the interface's purpose does not take are listed by interface, with how often and samples.";
}
