//! One core's loop from frames to exchanges, and the hand-off ring.
