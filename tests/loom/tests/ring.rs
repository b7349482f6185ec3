//! Every order in which the two ends of a ring may run.

use loom::thread;
use weir_loom::{Batch, Closed, ring};

/// A batch that knows what it holds.
#[derive(Default, Debug)]
struct Numbers(Vec<u32>);

impl Batch for Numbers {
    fn clear(&mut self) {
        self.0.clear();
    }
}

fn filled(mut batch: Box<Numbers>, n: u32) -> Box<Numbers> {
    assert!(batch.0.is_empty(), "a batch that comes back is empty");
    batch.0.push(n);
    batch
}

#[test]
fn what_was_sent_before_the_end_is_received() {
    loom::model(|| {
        let (tx, rx) = ring::<Numbers>(2);
        let producer = thread::spawn(move || {
            for n in 0..2 {
                tx.send(filled(tx.batch(), n)).expect("a receiver");
            }
        });
        let mut next = 0;
        while let Some(batch) = rx.receive() {
            assert_eq!(batch.0, [next]);
            next += 1;
        }
        assert_eq!(next, 2, "nothing is lost when the sender goes");
        producer.join().expect("the producer");
    });
}

#[test]
fn a_sender_waits_for_room_and_batches_come_back() {
    loom::model(|| {
        let (tx, rx) = ring::<Numbers>(1);
        let producer = thread::spawn(move || {
            for n in 0..3 {
                tx.send(filled(tx.batch(), n)).expect("a receiver");
            }
        });
        for n in 0..3 {
            let batch = rx.receive().expect("a batch");
            assert_eq!(batch.0, [n]);
            rx.recycle(batch);
        }
        assert!(rx.receive().is_none() && rx.is_closed());
        producer.join().expect("the producer");
    });
}

#[test]
fn a_sender_on_a_wire_loses_nothing_that_it_was_not_given_back() {
    loom::model(|| {
        let (tx, rx) = ring::<Numbers>(1);
        let producer = thread::spawn(move || {
            let mut given = 0;
            for n in 0..3 {
                given += u32::from(tx.try_send(filled(tx.batch(), n)).expect("a receiver").is_none());
            }
            given
        });
        let (mut received, mut last) = (0, None);
        while let Some(batch) = rx.receive() {
            assert!(last < Some(batch.0[0]), "in order");
            last = Some(batch.0[0]);
            received += 1;
            rx.recycle(batch);
        }
        assert_eq!(received, producer.join().expect("the producer"));
    });
}

#[test]
fn a_sender_is_told_that_the_receiver_is_gone() {
    loom::model(|| {
        let (tx, rx) = ring::<Numbers>(1);
        let consumer = thread::spawn(move || drop(rx));
        // There is room for one; the second waits until it is told.
        let sent: Vec<_> = (0..2).map(|n| tx.send(filled(tx.batch(), n))).collect();
        assert_eq!(sent[1], Err(Closed));
        consumer.join().expect("the consumer");
    });
}
