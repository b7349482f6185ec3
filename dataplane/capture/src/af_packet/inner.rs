//! Sharing traffic by what is inside tunnels: a classic BPF program that tells the kernel which socket a frame is for.
//!
//! The kernel's own hash sees the outer headers of VXLAN and GENEVE only, whose source port may differ by direction, and
//! of ERSPAN the switch that sent it. This program looks into up to two tunnels (VXLAN, GENEVE, GRE, NVGRE, ERSPAN, IP
//! in IP) and adds up innermost addresses and ports so that both directions come to the same. What is cut short or not
//! IP goes to the first socket.

use super::filter::Instruction;

/// Offsets from the network header, and the ethertype that the kernel knows (`linux/filter.h`).
const NET: u32 = -0x0010_0000i32 as u32;
const PROTOCOL: u32 = -0x1000i32 as u32;

/// Operations (`linux/bpf_common.h`).
mod op {
    pub(super) const LOAD_PROTOCOL: u16 = 0x28;
    pub(super) const WORD: u16 = 0x40;
    pub(super) const HALF: u16 = 0x48;
    pub(super) const BYTE: u16 = 0x50;
    pub(super) const LOAD: u16 = 0x60;
    pub(super) const LOAD_X: u16 = 0x61;
    pub(super) const STORE: u16 = 0x02;
    pub(super) const STORE_X: u16 = 0x03;
    pub(super) const ADD: u16 = 0x04;
    pub(super) const ADD_X: u16 = 0x0c;
    pub(super) const MULTIPLY: u16 = 0x24;
    pub(super) const AND: u16 = 0x54;
    pub(super) const LEFT: u16 = 0x64;
    pub(super) const RIGHT: u16 = 0x74;
    pub(super) const XOR_X: u16 = 0xac;
    pub(super) const A_TO_X: u16 = 0x07;
    pub(super) const X_TO_A: u16 = 0x87;
    pub(super) const CONSTANT: u16 = 0x00;
    pub(super) const X_CONSTANT: u16 = 0x01;
    pub(super) const GO: u16 = 0x05;
    pub(super) const IF_EQUAL: u16 = 0x15;
    pub(super) const IF_ANY: u16 = 0x45;
    pub(super) const RETURN: u16 = 0x06;
    pub(super) const RETURN_A: u16 = 0x16;
}

/// Scratch words: the sum so far, where the header begins, a type, flags, a port.
const SUM: u32 = 0;
const HERE: u32 = 1;
const KIND: u32 = 2;
const FLAGS: u32 = 3;
const PORT: u32 = 4;

/// Levels of IP that are looked at: an outer one and two inside tunnels.
const LEVELS: usize = 3;

/// Places of one level that jumps lead to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    Tagged,
    Ip,
    Four,
    Six,
    Transport,
    Udp,
    Vxlan,
    Geneve,
    Gre,
    Ethernet,
    Ports,
    Addresses,
    Mix,
    None,
    /// Numbered within GRE, whose optional fields are passed over one by one.
    Gre2(u8),
    /// The next level, with the ethertype of what is there.
    Inside,
}

/// The program, with jumps that are not resolved yet: where they stand, and which place of the level they lead to.
#[derive(Default)]
struct Code {
    program: Vec<Instruction>,
    jumps: Vec<(usize, Place)>,
    places: Vec<(Place, usize)>,
}

impl Code {
    fn add(&mut self, code: u16, k: u32) {
        self.program.push(Instruction { code, jump_true: 0, jump_false: 0, k });
    }
    fn all(&mut self, operations: &[(u16, u32)]) {
        operations.iter().for_each(|(code, k)| self.add(*code, *k));
    }
    /// Goes to `place` where the accumulator equals `k` (or, by `IF_ANY`, has a bit of it); else on.
    fn when(&mut self, code: u16, k: u32, place: Place) {
        self.jumps.push((self.program.len(), place));
        self.add(code, k);
    }
    fn go(&mut self, place: Place) {
        self.when(op::GO, 0, place);
    }
    fn here(&mut self, place: Place) {
        self.places.push((place, self.program.len()));
    }
    /// Moves the index register on.
    fn pass(&mut self, bytes: u32) {
        self.all(&[(op::X_TO_A, 0), (op::ADD, bytes), (op::A_TO_X, 0)]);
    }
    /// Adds the word at `offset` of the header at `HERE` to the sum; neither order nor direction matters.
    fn sum(&mut self, offset: u32) {
        self.all(&[(op::LOAD_X, HERE), (op::WORD, NET.wrapping_add(offset)), (op::LOAD_X, SUM)]);
        self.all(&[(op::XOR_X, 0), (op::STORE, SUM)]);
    }
    /// Ends a level: resolves its jumps, which all lead forwards.
    fn resolve(&mut self) {
        self.here(Place::Inside);
        for (at, place) in std::mem::take(&mut self.jumps) {
            let to = self.places.iter().find(|(p, _)| *p == place).map_or(at, |(_, to)| *to);
            let distance = to.saturating_sub(at + 1);
            let jump = &mut self.program[at];
            match jump.code {
                op::GO => jump.k = distance as u32,
                _ => jump.jump_true = u8::try_from(distance).unwrap_or(u8::MAX),
            }
        }
        self.places.clear();
    }
}

/// The whole program.
pub(crate) fn program() -> Vec<Instruction> {
    let mut code = Code::default();
    code.all(&[(op::X_CONSTANT, 0), (op::LOAD_PROTOCOL, PROTOCOL)]);
    for level in 1..=LEVELS {
        network(&mut code);
        transport(&mut code, level < LEVELS);
        ends(&mut code);
        code.resolve();
    }
    // Nothing leads behind the last level, but a program must end by returning.
    code.add(op::RETURN, 0);
    code.program
}

/// In: the ethertype in the accumulator, where its header begins in the index. Out: the same of a transport header, and
/// the sum of the addresses.
fn network(code: &mut Code) {
    code.when(op::IF_EQUAL, 0x8100, Place::Tagged);
    code.when(op::IF_EQUAL, 0x88a8, Place::Tagged);
    code.go(Place::Ip);
    code.here(Place::Tagged);
    code.all(&[(op::HALF, NET.wrapping_add(2)), (op::STORE, KIND)]);
    code.pass(4);
    code.add(op::LOAD, KIND);
    code.here(Place::Ip);
    code.add(op::STORE_X, HERE);
    code.when(op::IF_EQUAL, 0x0800, Place::Four);
    code.when(op::IF_EQUAL, 0x86dd, Place::Six);
    code.go(Place::None);

    code.here(Place::Four);
    code.all(&[(op::CONSTANT, 0), (op::STORE, SUM)]);
    code.sum(12);
    code.sum(16);
    code.all(&[(op::LOAD_X, HERE), (op::HALF, NET.wrapping_add(6))]);
    // Fragments have no ports but the first, so none of them counts any.
    code.when(op::IF_ANY, 0x3fff, Place::Addresses);
    code.all(&[(op::BYTE, NET.wrapping_add(9)), (op::STORE, KIND), (op::BYTE, NET)]);
    code.all(&[(op::AND, 15), (op::LEFT, 2), (op::ADD_X, 0), (op::A_TO_X, 0), (op::LOAD, KIND)]);
    code.go(Place::Transport);

    code.here(Place::Six);
    code.all(&[(op::CONSTANT, 0), (op::STORE, SUM)]);
    // Of each address the ends of network and interface.
    [12, 20, 28, 36].into_iter().for_each(|offset| code.sum(offset));
    code.all(&[(op::LOAD_X, HERE), (op::BYTE, NET.wrapping_add(6)), (op::STORE, KIND)]);
    code.pass(40);
    code.add(op::LOAD, KIND);
}

/// In: the protocol in the accumulator, where its header begins in the index.
fn transport(code: &mut Code, inside: bool) {
    code.here(Place::Transport);
    code.when(op::IF_EQUAL, 6, Place::Ports);
    code.when(op::IF_EQUAL, 17, if inside { Place::Udp } else { Place::Ports });
    if !inside {
        return code.go(Place::Addresses);
    }
    code.when(op::IF_EQUAL, 47, Place::Gre);
    for (protocol, kind) in [(4, 0x0800), (41, 0x86dd)] {
        code.add(op::IF_EQUAL, protocol);
        // Where it is not, over the two that follow.
        if let Some(last) = code.program.last_mut() {
            last.jump_false = 2;
        }
        code.add(op::CONSTANT, kind);
        code.go(Place::Inside);
    }
    code.go(Place::Addresses);

    code.here(Place::Udp);
    code.add(op::HALF, NET.wrapping_add(2));
    code.when(op::IF_EQUAL, 4789, Place::Vxlan);
    code.when(op::IF_EQUAL, 8472, Place::Vxlan);
    code.when(op::IF_EQUAL, 6081, Place::Geneve);
    code.go(Place::Ports);
    code.here(Place::Geneve);
    code.all(&[(op::HALF, NET.wrapping_add(10)), (op::STORE, KIND), (op::BYTE, NET.wrapping_add(8))]);
    code.all(&[
        (op::AND, 0x3f),
        (op::LEFT, 2),
        (op::ADD_X, 0),
        (op::ADD, 16),
        (op::A_TO_X, 0),
        (op::LOAD, KIND),
    ]);
    code.when(op::IF_EQUAL, 0x6558, Place::Ethernet);
    code.go(Place::Inside);
    gre(code);
    code.here(Place::Vxlan);
    code.pass(16);
    code.here(Place::Ethernet);
    code.all(&[(op::HALF, NET.wrapping_add(12)), (op::STORE, KIND)]);
    code.pass(14);
    code.add(op::LOAD, KIND);
    code.go(Place::Inside);
}

/// GRE with its options, and the headers of ERSPAN II and III.
fn gre(code: &mut Code) {
    code.here(Place::Gre);
    code.all(&[(op::HALF, NET), (op::STORE, FLAGS), (op::HALF, NET.wrapping_add(2)), (op::STORE, KIND)]);
    code.pass(4);
    for (n, option) in [0x8000, 0x2000, 0x1000].into_iter().enumerate() {
        let (has, next) = (Place::Gre2(2 * n as u8), Place::Gre2(2 * n as u8 + 1));
        code.add(op::LOAD, FLAGS);
        code.when(op::IF_ANY, option, has);
        code.go(next);
        code.here(has);
        code.pass(4);
        code.here(next);
    }
    let [two, three, sub, short] = [6, 7, 8, 9].map(Place::Gre2);
    code.add(op::LOAD, KIND);
    code.when(op::IF_EQUAL, 0x6558, Place::Ethernet);
    code.when(op::IF_EQUAL, 0x88be, two);
    code.when(op::IF_EQUAL, 0x22eb, three);
    code.go(Place::Inside);
    code.here(three);
    code.add(op::HALF, NET.wrapping_add(10));
    code.pass_after(12);
    code.when(op::IF_ANY, 1, sub);
    code.go(Place::Ethernet);
    code.here(two);
    // Type II has a sequence number, and 8 bytes behind it; so has the longer kind of type III.
    code.add(op::LOAD, FLAGS);
    code.when(op::IF_ANY, 0x1000, sub);
    code.go(short);
    code.here(sub);
    code.pass(8);
    code.here(short);
    code.go(Place::Ethernet);
}

impl Code {
    /// Moves the index on and leaves the accumulator as it was.
    fn pass_after(&mut self, bytes: u32) {
        self.add(op::STORE, KIND);
        self.pass(bytes);
        self.add(op::LOAD, KIND);
    }
}

/// How a level ends where it is the innermost.
fn ends(code: &mut Code) {
    code.here(Place::Ports);
    code.all(&[(op::HALF, NET), (op::STORE, PORT), (op::HALF, NET.wrapping_add(2)), (op::LOAD_X, PORT)]);
    code.all(&[(op::XOR_X, 0), (op::LOAD_X, SUM), (op::XOR_X, 0)]);
    code.go(Place::Mix);
    code.here(Place::Addresses);
    code.add(op::LOAD, SUM);
    code.here(Place::Mix);
    code.all(&[(op::MULTIPLY, 0x9e37_79b1), (op::RIGHT, 16), (op::RETURN_A, 0)]);
    code.here(Place::None);
    code.add(op::RETURN, 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jumps_lead_forwards_and_not_too_far() {
        let program = program();
        assert!(program.len() < 600, "{}", program.len());
        for (at, i) in program.iter().enumerate() {
            let farthest = match i.code {
                op::GO => i.k as usize,
                _ => usize::from(i.jump_true.max(i.jump_false)),
            };
            let returns = matches!(i.code, op::RETURN | op::RETURN_A);
            assert!(returns || (at + 1 + farthest < program.len() && i.jump_true < u8::MAX), "{at}: {i:?}");
        }
    }
}
