//! Floods: frames that mean nothing, from everywhere.

use crate::http::API_MIX;
use crate::mix::Mix;
use crate::rng::Rng;
use crate::workload::api;
use weir_wire::Timestamp;

/// W1 with as many flood frames as its own: two SYN for each UDP datagram.
pub fn under(mix: &Mix, mut each: impl FnMut(Timestamp, &[u8])) {
    let mut rng = Rng::new(mix.seed ^ 0xf100d);
    api(mix, &API_MIX, |time, frame| {
        each(time, frame);
        let flood = if rng.chance(2.0 / 3.0) { syn(&mut rng) } else { datagram(&mut rng) };
        each(time, &flood);
    });
}

/// A SYN from nowhere in particular.
pub fn syn(rng: &mut Rng) -> Vec<u8> {
    let mut f = ip(rng, 6, 20);
    f.extend((1024 + rng.below(60_000) as u16).to_be_bytes());
    f.extend(8080u16.to_be_bytes());
    f.extend((rng.bits() as u32).to_be_bytes());
    f.extend([0, 0, 0, 0, 0x50, 0x02, 0xff, 0xff, 0, 0, 0, 0]);
    f
}

/// A datagram to no one.
fn datagram(rng: &mut Rng) -> Vec<u8> {
    let mut f = ip(rng, 17, 8 + 18);
    f.extend((1024 + rng.below(60_000) as u16).to_be_bytes());
    f.extend((1024 + rng.below(60_000) as u16).to_be_bytes());
    f.extend([0, 26, 0, 0]);
    f.extend([0; 18]);
    f
}

fn ip(rng: &mut Rng, protocol: u8, payload: u16) -> Vec<u8> {
    let mut f = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9, 8, 0, 0x45, 0];
    f.extend((20 + payload).to_be_bytes());
    f.extend([0, 0, 0x40, 0, 64, protocol, 0, 0]);
    f.extend((rng.bits() as u32 & 0x7fff_ffff).to_be_bytes());
    f.extend([10, 2, 0, 1 + rng.below(20) as u8]);
    f
}
