//! Names of people.

use super::Verdict;
use super::characters::Characters;

/// Family names of one character, the most frequent 400 or so (with the Hundred Family Surnames' common part).
const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔文赖柴翁游殷施安牛洪樊葛邢庞温芦兰倪聂章路俞焦左申尤纪季管辛欧祝宁齐涂靳詹单瞿裴童关柯霍成岳简盛鲍耿米鲁费苗凌卓蒲桂项臧车甘席卫古项苟舒阮柳解冉吉华屈涂甄蓝池骆司冷匡鞠应景伍丛宫晏缪边商封隋谷明敖战时栗辜房娄祁佟邬查郎滕卜饶包尚褚储苑楚原丘官鄢甯占党仇麦晋闵计揭乐邝晁巫全戚仲班初卞栾慕尉鹿伏平和穆萧戈厉荆竹阳母弓牟冼茅花干但来练蔚苍连巩敬么由修亓衡艾岑薄衣那代喻危阚沙蒙荣虞幸况粟嵇麻宗从展桑郁籍谌庄国宇雍经都靖富凤喜宫巴弘奚郗段佘羊於惠曲井邸堵印支昝裘刁窦单耿利居束胥双闻莘翟冀欧郦颜尔卯禹狄贝臧伏成明伊昌管柏水滑邰强栾暴甘钭历戎祖符景詹龙印宿怀蒲从索咸籍赖卓屠池乔阴胥苍双牧隗山侍鲜";

/// Family names of two characters.
const COMPOUND: &[&str] = &[
    "欧阳", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "司徒", "司空", "夏侯",
    "轩辕", "端木", "百里", "南宫", "长孙", "宇文", "独孤", "呼延", "闻人", "澹台", "公羊", "赫连", "钟离",
    "鲜于", "闾丘", "太叔", "申屠", "淳于", "单于", "仲孙", "公冶", "宗政", "濮阳", "拓跋", "夹谷", "东郭",
    "西门", "南门", "左丘", "第五", "万俟", "欧陽", "纳兰", "完颜", "耶律",
];

/// Words that end names of places, firms, things and offices, not of people.
const NOT_ENDINGS: &[&str] = &[
    "市", "县", "省", "区", "镇", "乡", "村", "路", "街", "巷", "店", "厂", "院", "校", "局", "部", "室",
    "站", "所", "队", "组", "科", "处", "行", "馆", "公司", "集团", "银行", "酒店", "小学", "中学", "大学",
    "先生", "女士", "小姐", "老师", "经理", "主任", "医生", "用户", "客户", "商品", "产品", "套餐", "手机",
    "电脑", "衬衫", "牛奶", "茶叶", "水果", "机", "器", "包", "鞋", "衣", "裤", "酒", "茶", "米", "油", "奶",
    "糖", "卡", "券", "费", "款", "险", "版", "型", "号", "山", "河", "湖", "岛", "港", "桥", "寺", "州",
    "城", "园", "苑", "楼", "角",
];

/// Common words that begin with a character that is also a family name.
const NOT_NAMES: &[&str] = &[
    "成功",
    "全部",
    "时间",
    "明细",
    "和平",
    "平台",
    "平均",
    "高级",
    "高中",
    "高清",
    "安全",
    "安装",
    "应用",
    "项目",
    "管理",
    "管理员",
    "单位",
    "单价",
    "经理",
    "经营",
    "计划",
    "计算",
    "文件",
    "文档",
    "文章",
    "文本",
    "关闭",
    "关于",
    "关联",
    "方案",
    "方法",
    "方式",
    "代码",
    "代理",
    "代表",
    "任务",
    "任何",
    "印章",
    "来源",
    "商品",
    "商家",
    "商户",
    "国家",
    "国际",
    "国内",
    "都市",
    "连接",
    "解决",
    "解析",
    "查询",
    "查看",
    "常用",
    "常规",
    "正常",
    "路径",
    "路由",
    "空间",
    "白色",
    "黄色",
    "蓝色",
    "金色",
    "金额",
    "黑色",
    "红色",
    "水果",
    "水杯",
    "花生",
    "牛奶",
    "石油",
    "车辆",
    "车型",
    "房间",
    "房屋",
    "华为",
    "华东",
    "华南",
    "华北",
    "江苏",
    "江西",
    "云南",
    "安徽",
    "宁夏",
    "海南",
    "贵州",
    "山东",
    "山西",
    "温度",
    "温馨",
    "易购",
    "乐器",
    "权限",
    "钱包",
    "支付",
    "支持",
    "利率",
    "利息",
    "和谐",
    "初始",
    "荣耀",
    "富士",
    "由于",
    "修改",
    "修复",
    "从业",
    "展示",
    "居住",
    "强制",
    "历史",
    "封面",
    "边框",
    "党员",
    "党委",
    "官方",
    "官网",
    "原价",
    "原因",
    "米饭",
    "小米",
    "申请",
    "左侧",
    "向上",
    "向下",
    "安卓",
    "苹果",
    "曲线",
    "游戏",
    "游客",
    "游泳",
    "贝壳",
    "别名",
    "盛大",
    "钟表",
    "童装",
    "童鞋",
    "简介",
    "简历",
    "石家庄",
    "连云港",
    "温州",
    "金华",
    "常州",
    "高雄",
    "安庆",
    "黄山",
    "黄石",
    "马鞍山",
    "秦皇岛",
    "双鸭山",
    "汤圆",
    "文具",
    "白酒",
    "茶几",
    "蓝牙",
    "时尚",
    "明星",
    "水壶",
    "通知",
];

static FAMILY: Characters = Characters::of(SURNAMES);
static COMPOUND_BEGINS: Characters = Characters::beginning(COMPOUND);
static NOT_ENDS: Characters = Characters::ending(NOT_ENDINGS);
static NOT_BEGINS: Characters = Characters::beginning(NOT_NAMES);

/// The Chinese characters of a text as slices of three bytes; `None` where it holds anything else.
fn han(value: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(value).ok()?;
    text.chars()
        .all(|c| matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}'))
        .then(|| text.chars().count())
}

/// Whether a text is a family name with one or two characters behind it.
pub(crate) fn is_name(value: &[u8]) -> bool {
    let Some(n) = han(value) else { return false };
    let Ok(text) = std::str::from_utf8(value) else { return false };
    let (Some(first), Some(last)) = (value.first_chunk(), value.last_chunk()) else { return false };
    let single = |at: usize| value.get(at..).and_then(<[u8]>::first_chunk).is_some_and(|c| FAMILY.has(*c));
    let double = || COMPOUND_BEGINS.has(*first) && COMPOUND.iter().any(|name| text.get(..6) == Some(name));
    let family = match n {
        2 => single(0) && !double(),
        3 => single(0) || double(),
        4 => double() || single(0) && single(3),
        _ => false,
    };
    family
        && !(NOT_BEGINS.has(*first) && NOT_NAMES.contains(&text))
        && !(NOT_ENDS.has(*last) && NOT_ENDINGS.iter().any(|e| text.ends_with(e)))
}

/// A Chinese name: family name first, two to four characters; or with a middle dot (阿依古丽·买买提).
pub(crate) fn chinese_name(value: &[u8]) -> Verdict {
    if is_name(value) {
        return Verdict::Plausible;
    }
    let Ok(text) = std::str::from_utf8(value) else { return Verdict::No };
    let mut parts = text.split(['·', '•']);
    let long = |p: Option<&str>| p.and_then(|p| han(p.as_bytes())).is_some_and(|n| (1..=8).contains(&n));
    Verdict::plausible(
        text.contains(['·', '•']) && long(parts.next()) && long(parts.next()) && value.len() <= 60,
    )
}

/// A name in Latin letters: two to four words that begin with capitals, or all capitals.
pub(crate) fn latin_name(value: &[u8]) -> Verdict {
    let mut words = 0;
    for word in value.split(|b| *b == b' ') {
        let Some((first, rest)) = word.split_first() else { return Verdict::No };
        let letters = rest.iter().all(|b| b.is_ascii_alphabetic() || matches!(b, b'.' | b'\'' | b'-'));
        if !first.is_ascii_uppercase() || !letters || word.len() > 20 {
            return Verdict::No;
        }
        words += 1;
    }
    Verdict::plausible((2..=4).contains(&words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in ["张伟", "欧阳娜娜", "诸葛亮", "王建国", "阿依古丽·买买提", "司马光"]
        {
            assert_eq!(chinese_name(good.as_bytes()), Verdict::Plausible, "{good}");
        }
        for bad in ["北京", "高新区", "管理员", "黄山市", "华为手机", "张", "张伟是一个人", "abc", "", "商品"]
        {
            assert_eq!(chinese_name(bad.as_bytes()), Verdict::No, "{bad}");
        }
        assert_eq!(latin_name(b"Elizabeth Benson"), Verdict::Plausible);
        assert_eq!(latin_name(b"hello world"), Verdict::No);
    }
}
