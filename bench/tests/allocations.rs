//! What a warm lane asks of the allocator: counted, so that it is the same on every machine.

use allocation_counter::measure;
use weir_bench::load::Load;
use weir_bench::stage::Bench;
use weir_bench::workload::Workload;
use weir_wire::{Duration, Frame};

/// Most allocations an exchange of the API mix may take, the memory of its record included.
const MOST: f64 = 4.0;

#[test]
fn a_warm_lane_allocates_little_an_exchange() {
    let load = Load::of(Workload::W1, 100);
    let mut lane = Bench::default().lane();
    let span = Duration::from_secs(3600);
    let mut each = f64::MAX;
    for lap in 0..3u32 {
        let (mut exchanges, mut asked) = (0, 0);
        load.bursts(|burst| {
            // Time goes on, or the same frames again would be late ones.
            let later = |f: &Frame<'_>| (0..lap).fold(f.time, |time, _| time.plus(span));
            let burst: Vec<Frame<'_>> = burst.iter().map(|f| Frame { time: later(f), ..*f }).collect();
            let counted = measure(|| {
                lane.burst(&burst);
                exchanges += lane.exchanges().map(drop).count();
            });
            asked += counted.count_total;
        });
        assert!(exchanges > 500, "{exchanges} exchanges");
        each = asked as f64 / exchanges as f64;
    }
    assert!(each <= MOST, "{each:.2} allocations an exchange");
}
