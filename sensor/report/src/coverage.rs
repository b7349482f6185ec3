//! What the result rests on, in one honest sentence.

use crate::ReportInput;
use crate::words::percent;
use weir_wire::{Account, Layer};

/// Accounts whose bytes could have held exchanges that were not seen.
const UNSEEN: [Account; 6] = [
    Account::StreamOutOfWindow,
    Account::StreamOverBudget,
    Account::StreamNoFlow,
    Account::MessageShedFlow,
    Account::StreamUndelivered,
    Account::MessageSkipped,
];

/// The sentence, in Chinese and English.
pub(crate) fn sentence(input: &ReportInput<'_>) -> (String, String) {
    let ledger = input.ledger;
    let payload = ledger.payload.bytes;
    let parsed = ledger.entry(Account::MessageHead).bytes + ledger.entry(Account::MessageBody).bytes;
    let duplicate = ledger.entry(Account::StreamDuplicate).bytes;
    let unseen: u64 = UNSEEN.iter().map(|a| ledger.entry(*a).bytes).sum();
    let encrypted = ledger.entry(Account::MessageEncrypted).bytes;
    let frames = ledger.total(Layer::Frame);
    let undecoded = [
        Account::FrameDropped,
        Account::FrameDamaged,
        Account::FrameUnknownLink,
        Account::FrameMalformed,
        Account::FrameTooDeep,
    ];
    let undecoded: u64 = undecoded.iter().map(|a| ledger.entry(*a).count).sum();
    let once = payload.saturating_sub(duplicate);
    let cut = input.tally.exchanges - input.tally.complete.min(input.tally.exchanges);
    let balance = if ledger.balanced() {
        ("账目平衡", "the ledger balances")
    } else {
        ("账目不平衡", "the ledger does NOT balance")
    };
    if payload == 0 {
        return (
            format!("覆盖：没有 TCP 载荷可供分析；{}。", balance.0),
            format!("Coverage: there was no TCP payload to analyse; {}.", balance.1),
        );
    }
    let (read, lost, dark) = (percent(parsed, once), percent(unseen, once), percent(encrypted, once));
    (
        format!(
            "覆盖：去重后的 TCP 载荷中 {read} 被解析为接口调用，{dark} 为无密钥的加密流量，{lost} 因缺失或超限未能分析；丢失或无法解码的帧占 {}；{cut} 次调用不完整；{}。",
            percent(undecoded, frames.count.max(1)),
            balance.0
        ),
        format!(
            "Coverage: of the TCP payload (less repeats) {read} was parsed as exchanges, {dark} is encrypted without keys, {lost} was lost to gaps or bounds; {} of frames were lost or could not be decoded; {}; {}.",
            percent(undecoded, frames.count.max(1)),
            if cut == 1 {
                "1 exchange is incomplete".into()
            } else {
                format!("{cut} exchanges are incomplete")
            },
            balance.1
        ),
    )
}
