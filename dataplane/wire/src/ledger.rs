//! The ledger: every frame, byte, message and body ends in exactly one account.

/// What an account counts, and against which total it must balance.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Layer {
    /// Frames and their captured bytes; balances against what the source said it received.
    Frame,
    /// UDP payload bytes of decoded packets; balances against [`Ledger::datagrams`].
    Datagram,
    /// TCP payload bytes of decoded packets; balances against [`Account::FrameTcp`]'s payload total.
    Stream,
    /// Bytes delivered in order; balances against [`Account::StreamDelivered`].
    Message,
    /// Bodies of messages and their transfer-decoded bytes; balances against [`Account::MessageBody`].
    Body,
    /// Exchanges that a lane finished and the wire bytes of their bodies; balances against those it emitted.
    Exchange,
}

impl Layer {
    /// Every layer, in the order of the pipeline.
    pub const ALL: [Layer; 6] =
        [Layer::Frame, Layer::Datagram, Layer::Stream, Layer::Message, Layer::Body, Layer::Exchange];
}

macro_rules! accounts {
    ($($(#[doc = $doc:literal])+ $name:ident = $layer:ident, $key:literal, $zh:literal;)+) => {
        /// The closed list of accounts. The doc of each is what `weir explain` prints.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[repr(u8)]
        pub enum Account { $($(#[doc = $doc])+ $name,)+ }

        impl Account {
            /// Every account, in the order of the pipeline.
            pub const ALL: &'static [Account] = &[$(Account::$name),+];
            /// Its name in `ledger.json` and in `weir explain`.
            pub const fn key(self) -> &'static str { match self { $(Account::$name => $key),+ } }
            /// Its layer.
            pub const fn layer(self) -> Layer { match self { $(Account::$name => Layer::$layer),+ } }
            /// One sentence in English.
            pub fn en(self) -> &'static str { match self { $(Account::$name => concat!($($doc),+).trim_ascii_start()),+ } }
            /// One sentence in Chinese.
            pub const fn zh(self) -> &'static str { match self { $(Account::$name => $zh),+ } }
        }
    };
}

accounts! {
    /// Frames that carried a TCP segment to reassembly.
    FrameTcp = Frame, "tcp", "携带 TCP 报文段并交给重组的帧";
    /// Frames that carried a UDP datagram.
    FrameUdp = Frame, "udp", "携带 UDP 数据报的帧";
    /// Frames that repeat a TCP segment of a moment ago: a mirror that shows it at several ports.
    FrameRepeated = Frame, "repeated", "片刻之前的 TCP 报文段的重复帧：镜像在多个端口看到同一报文段";
    /// IP fragments handed to fragment reassembly; the last one of a datagram is counted by what it completed.
    FrameFragment = Frame, "fragment", "交给分片重组的 IP 分片";
    /// Frames of other network or transport protocols (ARP, ICMP, STP, ...).
    FrameOther = Frame, "not-tcp-udp", "其他网络层或传输层协议的帧（ARP、ICMP、STP 等）";
    /// Frames whose link type Weir does not read.
    FrameUnknownLink = Frame, "undecodable:link-type", "链路层类型不受支持的帧";
    /// Frames whose headers end before they should or contradict themselves.
    FrameMalformed = Frame, "undecodable:malformed", "首部截断或自相矛盾的帧";
    /// Frames that reached the interface and found no room in its ring: lost before Weir could read them.
    FrameDropped = Frame, "lost:no-room", "到达接口但接收环已满的帧：在读取之前丢失";
    /// Frames that the card refused as damaged.
    FrameDamaged = Frame, "lost:damaged", "网卡因校验或长度错误而拒收的帧";
    /// Frames whose tunnels or header chains nest deeper than the bound.
    FrameTooDeep = Frame, "undecodable:nesting", "隧道或首部嵌套超过上限的帧";

    /// Bytes of DNS over UDP: which names stand for which addresses is read of its answers.
    DatagramDns = Datagram, "datagram:dns", "UDP 上 DNS 报文的字节：从应答中读取域名与地址的对应";
    /// Bytes of QUIC and DTLS whose handshake is read: packets that anybody can open, and records in clear.
    DatagramHandshake = Datagram, "datagram:handshake", "QUIC 与 DTLS 中握手可读的字节：任何人都能打开的初始报文，以及明文记录";
    /// Bytes of QUIC beside those: HTTP/3, and what else it carries, is not read.
    DatagramHttp3 = Datagram, "datagram:http3-not-read", "QUIC 的其余字节：不解析 HTTP/3 及其承载的其他内容";
    /// Bytes of encrypted records of DTLS.
    DatagramEncrypted = Datagram, "datagram:encrypted", "DTLS 加密记录的字节";
    /// Bytes of protocols over UDP that are known by name and not read (TFTP).
    DatagramNotRead = Datagram, "datagram:not-read", "仅识别协议名、不解析的 UDP 协议（TFTP）的字节";
    /// UDP payload bytes in which no known protocol was recognised.
    DatagramNotInterface = Datagram, "datagram:not-an-interface", "未识别出已知协议的 UDP 载荷字节";

    /// TCP payload bytes delivered in order to a parser.
    StreamDelivered = Stream, "stream:delivered", "按序交给协议解析的 TCP 载荷字节";
    /// TCP payload bytes already delivered or buffered: retransmissions and overlaps (first copy wins).
    StreamDuplicate = Stream, "stream:duplicate", "重传或重叠的 TCP 载荷字节（以先到者为准）";
    /// TCP payload bytes outside any plausible window, or on a closed flow.
    StreamOutOfWindow = Stream, "stream:out-of-window", "窗口之外或连接关闭之后的 TCP 载荷字节";
    /// Out-of-order bytes given up because the per-flow or global budget was full.
    StreamOverBudget = Stream, "stream:over-budget", "乱序缓存超出预算而放弃的字节";
    /// TCP payload bytes of flows refused because the flow table was full.
    StreamNoFlow = Stream, "shed:flow-table-full", "流表已满而未受理的流的载荷字节";
    /// Out-of-order bytes still waiting when their flow ended.
    StreamUndelivered = Stream, "stream:undelivered", "流结束时仍在等待次序的字节";

    /// Bytes parsed as heads, framing and trailers of messages.
    MessageHead = Message, "parsed:head", "作为报文首部、分帧与尾部解析的字节";
    /// Bytes parsed as message bodies, before transfer decoding.
    MessageBody = Message, "parsed:body", "作为报文正文解析的字节（传输解码前）";
    /// Bytes of TLS itself: record headers, handshakes, tags and padding.
    MessageTls = Message, "parsed:tls", "作为 TLS 自身（记录首部、握手、校验与填充）解析的字节";
    /// Bytes passed over to find the next message after a gap or garbage.
    MessageSkipped = Message, "skipped:resync", "缺口或无法识别的字节之后为寻找下一报文而跳过的字节";
    /// Bytes of flows in which no known protocol was recognised.
    MessageNotInterface = Message, "not-an-interface", "未识别出已知协议的流的字节";
    /// Bytes of flows of a protocol that is known by name and not read (SMTP, LDAP, SMB, ...): `encrypted.jsonl` names it by service.
    MessageNotRead = Message, "not-read", "仅识别协议名、不解析的流（SMTP、LDAP、SMB 等）的字节；encrypted.jsonl 按服务列出";
    /// Bytes of TLS and other encrypted flows without keys.
    MessageEncrypted = Message, "encrypted", "没有密钥的 TLS 等加密流的字节";
    /// Bytes after a protocol switch (CONNECT, Upgrade) to something not read.
    MessageTunnelled = Message, "tunnelled", "协议切换（CONNECT、Upgrade）之后不再解析的字节";
    /// Bytes of new flows that were refused, each as a whole, because the lane was overloaded.
    MessageShedFlow = Message, "shed:new-flow", "因过载而整条拒绝的新流的字节";
    /// Bytes of an unfinished head when the flow ended.
    MessageUnfinished = Message, "unfinished:head", "流结束时尚未完整的首部字节";

    /// Bodies decoded and scanned to their end.
    BodyScanned = Body, "body:scanned", "完整解码并扫描的正文";
    /// Bodies that are files (archives, office documents, mail), or hold some, of which a part was not read: encrypted, damaged, of a kind that is not read, or beyond a bound.
    BodyInPart = Body, "body:file-in-part", "正文是文件（压缩包、办公文档、邮件）或含有文件，其中一部分未能读取：加密、损坏、格式不支持或超出上限";
    /// Bodies that are not text (images, media, fonts, files of kinds that are not read): recognised, not scanned.
    BodyBinary = Body, "body:binary", "非文本正文（图片、媒体、字体、不支持的文件格式）：仅识别，不扫描";
    /// Bodies scanned as far as they were captured.
    BodyPartial = Body, "body:partial", "因缺口或抓包结束而只扫描了一部分的正文";
    /// Bodies whose content coding was broken; scanned up to the break.
    BodyBroken = Body, "body:undecodable", "内容编码损坏的正文：扫描至损坏处";
    /// Bodies whose expansion passed the ratio limit; scanned up to the limit.
    BodyBomb = Body, "body:expansion-limit", "解压超过倍率上限的正文：扫描至上限处";
    /// Bodies of static content (scripts, styles, fonts, media) not scanned because the lane was overloaded.
    BodyShedStatic = Body, "shed:static", "因过载而未扫描的静态内容（脚本、样式、字体、媒体）正文";
    /// Bodies scanned up to a bound and no further because the lane was overloaded.
    BodyShedBound = Body, "shed:bound", "因过载而只扫描到上限处的正文";
    /// Bodies of interfaces in whose many earlier bodies nothing was found, not scanned because the lane was overloaded.
    BodyShedPublic = Body, "shed:public-interface", "因过载而未扫描的正文：其接口此前的大量正文中均未发现敏感数据";
    /// Bodies of any kind not scanned because the lane was overloaded past everything else: only heads are read then.
    BodyShedAny = Body, "shed:body", "因严重过载而未扫描的任意正文：此时只解析首部";

    /// Exchanges handed to the analyst.
    ExchangeHanded = Exchange, "exchange:handed-over", "已交给分析线程的接口调用";
    /// Exchanges of which only these totals are kept, because the analyst was behind and the queue to it full.
    ExchangeBehind = Exchange, "shed:analyst-behind", "因分析线程滞后、队列已满而只计总数的接口调用";
}

/// What one account holds: a count of its unit (frames, segments, messages or bodies) and bytes.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Entry {
    /// Frames, pieces or bodies.
    pub count: u64,
    /// Bytes.
    pub bytes: u64,
}

/// One thread's ledger. Sums of ledgers are ledgers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ledger {
    /// Frames and captured bytes the source handed over.
    pub received: Entry,
    /// UDP datagrams with payload and their payload bytes.
    pub datagrams: Entry,
    /// TCP segments with payload and their payload bytes.
    pub payload: Entry,
    /// Bodies begun, and their bytes before content decoding.
    pub bodies: Entry,
    /// Exchanges finished, and the wire bytes of their bodies.
    pub exchanges: Entry,
    /// Of each account. Apart, as an addition to both is then two instructions.
    counts: [u64; Account::ALL.len()],
    bytes: [u64; Account::ALL.len()],
}

impl Default for Ledger {
    fn default() -> Self {
        let zero = Entry::default();
        Ledger {
            received: zero,
            datagrams: zero,
            payload: zero,
            bodies: zero,
            exchanges: zero,
            counts: [0; Account::ALL.len()],
            bytes: [0; Account::ALL.len()],
        }
    }
}

impl Ledger {
    /// Adds one unit of `bytes` to `account`.
    #[inline]
    pub fn add(&mut self, account: Account, bytes: u64) {
        self.counts[account as usize] += 1;
        self.bytes[account as usize] += bytes;
    }
    /// Adds several units at once.
    pub fn add_many(&mut self, account: Account, more: Entry) {
        self.counts[account as usize] += more.count;
        self.bytes[account as usize] += more.bytes;
    }
    /// Books `frames` that never got as far as Weir: received by the interface, lost to `account`, bytes unknown.
    pub fn lost(&mut self, account: Account, frames: u64) {
        self.received.count += frames;
        self.counts[account as usize] += frames;
    }
    /// Moves what was booked to where it belongs.
    pub fn rebook(&mut self, from: Account, to: Account, what: Entry) {
        let held = self.entry(from);
        let moved = Entry { count: what.count.min(held.count), bytes: what.bytes.min(held.bytes) };
        self.set(from, Entry { count: held.count - moved.count, bytes: held.bytes - moved.bytes });
        self.add_many(to, moved);
    }
    /// Sets what `account` holds: for a ledger that is put together from published figures.
    pub fn set(&mut self, account: Account, held: Entry) {
        (self.counts[account as usize], self.bytes[account as usize]) = (held.count, held.bytes);
    }
    /// What `account` holds.
    pub fn entry(&self, account: Account) -> Entry {
        Entry { count: self.counts[account as usize], bytes: self.bytes[account as usize] }
    }
    /// Adds another thread's ledger to this one.
    pub fn absorb(&mut self, other: &Ledger) {
        for account in Account::ALL {
            self.add_many(*account, other.entry(*account));
        }
        let heads = [
            (&mut self.received, &other.received),
            (&mut self.datagrams, &other.datagrams),
            (&mut self.payload, &other.payload),
            (&mut self.bodies, &other.bodies),
            (&mut self.exchanges, &other.exchanges),
        ];
        for (a, b) in heads {
            a.count += b.count;
            a.bytes += b.bytes;
        }
    }
    /// Sum of the accounts of one layer.
    pub fn total(&self, layer: Layer) -> Entry {
        let mut sum = Entry::default();
        for a in Account::ALL.iter().filter(|a| a.layer() == layer) {
            let e = self.entry(*a);
            sum.count += e.count;
            sum.bytes += e.bytes;
        }
        sum
    }
    /// Whether every layer sums to what entered it:
    /// frames to `received`, datagram bytes to `datagrams`, stream bytes to `payload`, message bytes to what was delivered, bodies to `bodies`, exchanges to `exchanges`.
    pub fn balanced(&self) -> bool {
        self.total(Layer::Frame) == self.received
            && self.total(Layer::Datagram).bytes == self.datagrams.bytes
            && self.total(Layer::Stream).bytes == self.payload.bytes
            && self.total(Layer::Message).bytes == self.entry(Account::StreamDelivered).bytes
            && self.total(Layer::Body) == self.bodies
            && self.total(Layer::Exchange) == self.exchanges
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unbooked_byte_unbalances() {
        let mut l = Ledger::default();
        assert!(l.balanced());
        l.received = Entry { count: 1, bytes: 60 };
        assert!(!l.balanced());
        l.add(Account::FrameOther, 59);
        assert!(!l.balanced());
        let mut m = Ledger::default();
        m.add(Account::FrameOther, 60);
        m.received = l.received;
        assert!(m.balanced());
    }

    #[test]
    fn keys_are_unique() {
        let mut keys: Vec<_> = Account::ALL.iter().map(|a| a.key()).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), Account::ALL.len());
        assert_eq!(Account::FrameTcp.en(), "Frames that carried a TCP segment to reassembly.");
    }
}
