//! How something found stands: what people decided of it, and whether the traffic bears them out.

use serde::{Deserialize, Serialize};
use weir_store::{Action, Decision};

macro_rules! states {
    ($($variant:ident $key:literal $zh:literal $doc:literal,)+) => {
        /// State of a case (处置状态).
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum State { $(#[doc = $doc] $variant,)+ }

        impl State {
            /// All of them.
            pub const ALL: &[State] = &[$(State::$variant,)+];
            /// Its name in records and options.
            pub const fn key(self) -> &'static str { match self { $(State::$variant => $key,)+ } }
            /// Its Chinese name.
            pub const fn zh(self) -> &'static str { match self { $(State::$variant => $zh,)+ } }
        }
    };
}

states! {
    Reopened "reopened" "重新打开" "It came back after it was handled or ignored.",
    Open "open" "待确认" "Nobody has looked at it.",
    Confirmed "confirmed" "已确认" "A person says that it is so.",
    Handled "handled" "已处置" "A person says that it was put right; the traffic does not tell yet.",
    Verified "verified" "复测通过" "It was put right, and the traffic shows that.",
    Ignored "ignored" "已忽略" "A person accepts it, for a reason and until a day.",
    Dismissed "false" "误报" "A person says that it is not so.",
}

/// What the traffic says of a fix.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct Checked {
    /// Since when.
    pub since: String,
    /// Calls since then that would have shown it were it still so.
    pub calls: u64,
    /// When it was seen again, where it was.
    pub seen_again: Option<String>,
    /// Calls from which none showing it means that it is gone: three times as many as it took on the average before, so that by chance
    /// alone none would show it in one case of twenty.
    pub enough: u64,
}

/// State with its reasons.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct Standing {
    /// `open`, `confirmed`, `handled`, `verified`, `reopened`, `ignored`, `false`.
    pub state: String,
    /// Number of the decision it rests on; null where there is none.
    pub decision: Option<u64>,
    /// When that was made.
    pub decided: Option<String>,
    /// Why, as the person says.
    pub reason: Option<String>,
    /// Until when it is ignored.
    pub until: Option<String>,
    /// What the traffic says, where it was handled.
    pub checked: Option<Checked>,
}

/// Counts calls since a time, and tells from how many on none would mean something.
type Calls<'a> = dyn Fn(&str) -> Result<(u64, u64), weir_store::StoreError> + 'a;

/// What the state is judged from.
pub(crate) struct Seen<'a> {
    /// Last sighting of what the decision covers.
    pub last_seen: &'a str,
    /// First sighting of what it does not cover, where there is such.
    pub beyond: Option<&'a str>,
    /// Newest time the records know.
    pub now: &'a str,
    /// Calls that would show it.
    pub calls: &'a Calls<'a>,
}

impl Standing {
    /// Nobody has looked at it.
    pub(crate) fn open() -> Standing {
        Standing {
            state: State::Open.key().into(),
            decision: None,
            decided: None,
            reason: None,
            until: None,
            checked: None,
        }
    }

    /// By the newest decision that covers it.
    pub(crate) fn by(d: &Decision, seen: &Seen<'_>) -> Result<Standing, weir_store::StoreError> {
        let mut checked = None;
        let state = match d.action {
            Action::Confirm => State::Confirmed,
            Action::Dismiss => State::Dismissed,
            Action::Ignore if d.until.as_deref().is_some_and(|until| until < seen.now) => State::Open,
            Action::Ignore if seen.beyond.is_some() => State::Reopened,
            Action::Ignore => State::Ignored,
            Action::Handle => {
                let (state, found) = fixed(d.since.as_deref().unwrap_or(&d.time), seen)?;
                checked = Some(found);
                state
            }
            Action::Reopen => State::Reopened,
            _ => State::Open,
        };
        Ok(Standing {
            state: state.key().into(),
            decision: Some(d.n),
            decided: Some(d.time.clone()),
            reason: d.reason.clone(),
            until: d.until.clone(),
            checked,
        })
    }
}

/// Whether a fix shows in the traffic since `since`.
fn fixed(since: &str, seen: &Seen<'_>) -> Result<(State, Checked), weir_store::StoreError> {
    let again = (seen.last_seen > since).then_some(seen.last_seen);
    let again = again.or(seen.beyond.filter(|t| *t > since));
    let (calls, enough) = (seen.calls)(since)?;
    let state = match again {
        Some(_) => State::Reopened,
        None if calls >= enough => State::Verified,
        None => State::Handled,
    };
    let checked = Checked { since: since.into(), calls, seen_again: again.map(Into::into), enough };
    Ok((state, checked))
}

impl Checked {
    /// In a sentence, in both languages.
    pub fn told(&self) -> (String, String) {
        let since = self.since.get(..16).unwrap_or(&self.since).replace('T', " ");
        match &self.seen_again {
            Some(t) => {
                let t = t.get(..19).unwrap_or(t).replace('T', " ");
                (
                    format!("自 {since} 处置后，于 {t} 再次出现"),
                    format!("handled at {since}, seen again at {t}"),
                )
            }
            None => {
                let (calls, enough) = (self.calls, self.enough);
                let more = calls < enough;
                (
                    format!(
                        "自 {since} 起 {calls} 次调用，均未再现{}",
                        if more { format!("；满 {enough} 次方可判定") } else { String::new() }
                    ),
                    format!(
                        "since {since}, {calls} calls, none shows it{}",
                        if more { format!("; {enough} are needed to tell") } else { String::new() }
                    ),
                )
            }
        }
    }
}
