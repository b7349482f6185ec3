//! Messages to exchanges: body decoding, field paths, sensitive data.
