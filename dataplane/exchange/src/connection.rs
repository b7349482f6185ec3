//! Connections that are told of as a whole (连接), beside or instead of the exchanges on them: what they speak, and whether it was read.

use crate::{FlowRef, SshFacts, Text, TlsFacts};
use std::sync::Arc;
use weir_wire::Timestamp;

/// A connection, handed on once, when it is known whether what it carries can be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Connection {
    /// First byte.
    pub time: Timestamp,
    /// When it was settled: the order in which connections leave a lane.
    pub emitted: Timestamp,
    /// Its flow; `client` spoke as the client does.
    pub flow: FlowRef,
    /// What it showed of itself.
    pub shown: Shown,
    /// Whether what it carries is read in clear, or why not.
    pub reading: Reading,
}

impl Connection {
    /// What it speaks.
    pub fn kind(&self) -> Kind {
        match &self.shown {
            Shown::Tls(_) => Kind::Tls,
            Shown::Ssh(_) => Kind::Ssh,
            Shown::Quic(..) => Kind::Quic,
            Shown::Dtls(_) => Kind::Dtls,
            Shown::Named(named) => Kind::Named(*named),
        }
    }
    /// Its handshake, where it is TLS, or has one of TLS (QUIC, DTLS).
    pub fn tls(&self) -> Option<&TlsFacts> {
        match &self.shown {
            Shown::Tls(tls) | Shown::Quic(tls, _) | Shown::Dtls(tls) => Some(tls),
            _ => None,
        }
    }
    /// Name that the client asked the server for; empty where it asked for none, or its protocol has no names.
    pub fn server_name(&self) -> Text {
        self.tls().map(|t| t.server_name.clone()).unwrap_or_default()
    }
}

/// What a connection showed of itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Shown {
    /// The handshake of TLS.
    Tls(Arc<TlsFacts>),
    /// The opening of SSH.
    Ssh(Arc<SshFacts>),
    /// The handshake of QUIC, and its version's number (RFC 9000, 15).
    Quic(Arc<TlsFacts>, u32),
    /// The handshake of DTLS.
    Dtls(Arc<TlsFacts>),
    /// Nothing but what it speaks.
    Named(Named),
}

/// What a connection speaks that is told of as a whole.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// TLS.
    Tls,
    /// SSH.
    Ssh,
    /// QUIC, which carries HTTP/3.
    Quic,
    /// DTLS.
    Dtls,
    /// A protocol that is known by name.
    Named(Named),
}

impl Kind {
    /// Its name in records.
    pub const fn key(self) -> &'static str {
        match self {
            Kind::Tls => "tls",
            Kind::Ssh => "ssh",
            Kind::Quic => "quic",
            Kind::Dtls => "dtls",
            Kind::Named(named) => named.key(),
        }
    }
}

macro_rules! named {
    ($($(#[doc = $doc:literal])+ $name:ident = $key:literal;)+) => {
        /// A protocol that is known by name and not read (仅识别、不解析的协议).
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Named { $($(#[doc = $doc])+ $name,)+ }

        impl Named {
            /// Every one, in order.
            pub const ALL: &'static [Named] = &[$(Named::$name),+];
            /// Its name in records.
            pub const fn key(self) -> &'static str { match self { $(Named::$name => $key),+ } }
        }
    };
}

named! {
    /// Mail in transit (RFC 5321).
    Smtp = "smtp";
    /// Directories (RFC 4511).
    Ldap = "ldap";
    /// Windows file shares (MS-SMB, MS-SMB2).
    Smb = "smb";
    /// Network file system and its MOUNT (RFC 1813, 7530) over ONC RPC.
    Nfs = "nfs";
    /// ONC RPC (RFC 5531) of other programs.
    Rpc = "rpc";
    /// Names of hosts over TCP (RFC 1035, 4.2.2).
    Dns = "dns";
    /// MongoDB.
    Mongodb = "mongodb";
    /// Kafka.
    Kafka = "kafka";
    /// Dubbo.
    Dubbo = "dubbo";
    /// Thrift, in the binary or compact protocol.
    Thrift = "thrift";
    /// Trivial file transfer (RFC 1350), over UDP.
    Tftp = "tftp";
}

/// Whether what a connection carries was read in clear, or why not (未解密原因).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Reading {
    /// With the owner's keys.
    Decrypted,
    /// No key of it was given.
    NoKey,
    /// A session of an earlier connection was resumed, and there is no key of this one.
    Resumed,
    /// Its suite or version is one that is not decrypted.
    Unsupported,
    /// The flow was picked up after the handshake, or a part of that is missing.
    HandshakeNotSeen,
    /// There was a key, and it does not fit.
    WrongKey,
    /// It ended in the handshake: refused, given up, or the capture ended.
    Unfinished,
    /// Its protocol is known by name and not read.
    NotRead,
}

impl Reading {
    /// Every one, in order.
    pub const ALL: [Reading; 8] = [
        Reading::Decrypted,
        Reading::NoKey,
        Reading::Resumed,
        Reading::Unsupported,
        Reading::HandshakeNotSeen,
        Reading::WrongKey,
        Reading::Unfinished,
        Reading::NotRead,
    ];
    /// Its name in records.
    pub const fn key(self) -> &'static str {
        match self {
            Reading::Decrypted => "decrypted",
            Reading::NoKey => "no key",
            Reading::Resumed => "resumed without ticket",
            Reading::Unsupported => "suite unsupported",
            Reading::HandshakeNotSeen => "handshake not seen",
            Reading::WrongKey => "key does not fit",
            Reading::Unfinished => "handshake unfinished",
            Reading::NotRead => "protocol not read",
        }
    }
    /// In Chinese.
    pub const fn zh(self) -> &'static str {
        match self {
            Reading::Decrypted => "已解密",
            Reading::NoKey => "无密钥",
            Reading::Resumed => "会话复用且无密钥",
            Reading::Unsupported => "套件或版本不支持解密",
            Reading::HandshakeNotSeen => "未见握手",
            Reading::WrongKey => "密钥不符",
            Reading::Unfinished => "握手未完成",
            Reading::NotRead => "协议仅识别、不解析",
        }
    }
}
