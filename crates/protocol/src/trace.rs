//! Names of traces and spans, and the trace context that calls carry (connect-realtime §6.2, §6.4).
//!
//! Server and SDK derive the same id for the span of a step without a word about it, so the bytes
//! matter: [`Seed`] has the table.

use std::fmt;

use sha2::{Digest as _, Sha256};
use url::form_urlencoded;

use crate::{AppId, FunctionId, Json, RequestId, RunId, SpanId, StepId};

/// A trace: 32 lower-case hex digits on the wire.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraceId([u8; 16]);

impl TraceId {
    /// The bytes as traces have them.
    pub fn to_bytes(self) -> [u8; 16] {
        self.0
    }

    /// The inverse of `to_bytes`.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TraceId({self})")
    }
}

/// What a span is about: its ids follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seed<'a> {
    /// A run, and its whole trace.
    Run(RunId),
    /// A step.
    Step(&'a StepId),
    /// An attempt of a step, zero-based.
    Attempt(&'a StepId, u32),
    /// A call to an app. Only the server knows this span; what comes back names it.
    Call(RequestId),
    /// What the function of a run does outside of its steps.
    Body(RunId),
    /// An attempt of that, zero-based.
    BodyAttempt(RunId, RequestId),
    /// Any other text.
    Text(&'a str),
}

impl Seed<'_> {
    /// The id of the trace.
    pub fn trace_id(self) -> TraceId {
        let mut id = [0; 16];
        id.copy_from_slice(&self.stream()[..16]);
        TraceId(id)
    }

    /// The id of the span.
    pub fn span_id(self) -> SpanId {
        let mut id = [0; 8];
        id.copy_from_slice(&self.stream()[16..24]);
        SpanId::from_bytes(id)
    }

    fn stream(self) -> [u8; STREAM_LEN] {
        match self {
            Self::Run(run) => stream(&run.to_bytes()),
            Self::Step(step) => stream(step.as_str().as_bytes()),
            Self::Attempt(step, attempt) => stream(format!("{step}:{attempt}").as_bytes()),
            Self::Call(request) => stream(format!("call:{request}").as_bytes()),
            Self::Body(run) => stream(format!("nonstep:{run}").as_bytes()),
            Self::BodyAttempt(run, request) => {
                stream(format!("nonstep:{run}:{request}").as_bytes())
            }
            Self::Text(text) => stream(text.as_bytes()),
        }
    }
}

/// What a call tells of the trace that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceContext {
    /// W3C: trace, span, sampled.
    pub traceparent: String,
    /// What an SDK copies to each span that user code opens.
    pub tracestate: String,
}

impl TraceContext {
    /// The context of one call.
    ///
    /// ```
    /// # use everstep_protocol::trace::{Seed, TraceContext, call_of};
    /// # use everstep_protocol::{AppId, FunctionId, RequestId, RunId, Timestamp};
    /// let now = Timestamp::from_millis(1_700_000_000_000);
    /// let (run, request) = (RunId::from_parts(now, 1), RequestId::from_parts(now, 2));
    /// let app = AppId::derive("shop");
    /// let context = TraceContext::of_call(run, request, FunctionId::derive(app, "shop-pay"), app);
    /// let reference = context.tracestate.split(&['=', ','][..]).nth(1).unwrap();
    /// assert_eq!(call_of(reference), Some(Seed::Call(request).span_id()));
    /// ```
    pub fn of_call(run: RunId, request: RequestId, function: FunctionId, app: AppId) -> Self {
        let (trace, span) = (Seed::Run(run).trace_id(), Seed::Call(request).span_id());
        let traceparent = format!("00-{trace}-{span}-01");
        // The reference is `{"tp":"…","ts":""}`, encoded as in a form. What it names needs no encoding.
        let tracestate = format!(
            "inngest@traceref=%7B%22tp%22%3A%22{traceparent}%22%2C%22ts%22%3A%22%22%7D,\
             inngest@fn={function},inngest@app={app}"
        );
        Self {
            traceparent,
            tracestate,
        }
    }
}

/// The span of the call that a `traceref` names; `None` if this server did not write it.
pub fn call_of(reference: &str) -> Option<SpanId> {
    // Not as a form: a plus is a plus.
    let encoded = format!("r={}", reference.replace('+', "%2B"));
    let (_, json) = form_urlencoded::parse(encoded.as_bytes()).next()?;
    let parent = Json::parse(json.as_bytes()).ok()?.member_text("tp")?;
    let mut parts = parent.split('-');
    let span = parts.nth(2)?.parse().ok();
    parts.next().and(span)
}

/// Bytes that ids are taken from.
const STREAM_LEN: usize = 24;
const CONSTANTS: [u32; 4] = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574];
const DOUBLE_ROUNDS: usize = 4;

/// The head of what the generator chacha8rand puts out, whose key is the hash of the seed. It runs
/// four blocks side by side and gives the first word of each, then the second one of each, and so
/// on, so these are words 0 and 1.
fn stream(seed: &[u8]) -> [u8; STREAM_LEN] {
    let key = Sha256::digest(seed);
    let mut words = [0; 8];
    for (word, bytes) in words.iter_mut().zip(key.chunks_exact(4)) {
        *word = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    }
    let blocks = [0, 1, 2, 3].map(|counter| block(words, counter));
    let order = (0..2).flat_map(|word| blocks.iter().map(move |block| block[word]));
    let mut out = [0; STREAM_LEN];
    for (bytes, word) in out.chunks_exact_mut(4).zip(order) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    out
}

/// ChaCha with eight rounds. Unlike in the cipher, only the key is added back at the end, which the
/// first four words have no part in.
fn block(key: [u32; 8], counter: u32) -> [u32; 4] {
    let mut state = [0; 16];
    state[..4].copy_from_slice(&CONSTANTS);
    state[4..12].copy_from_slice(&key);
    state[12] = counter;
    for _ in 0..DOUBLE_ROUNDS {
        for column in 0..4 {
            quarter_round(&mut state, [column, column + 4, column + 8, column + 12]);
        }
        for diagonal in 0..4 {
            let at = |row: usize| 4 * row + (diagonal + row) % 4;
            quarter_round(&mut state, [at(0), at(1), at(2), at(3)]);
        }
    }
    [state[0], state[1], state[2], state[3]]
}

fn quarter_round(state: &mut [u32; 16], [a, b, c, d]: [usize; 4]) {
    let mut mix = |into: usize, with: usize, turned: usize, bits: u32| {
        state[into] = state[into].wrapping_add(state[with]);
        state[turned] = (state[turned] ^ state[into]).rotate_left(bits);
    };
    mix(a, b, d, 16);
    mix(c, d, b, 12);
    mix(a, b, d, 8);
    mix(c, d, b, 7);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vectors of connect-realtime §6.4, and those that a recording of an SDK has.
    #[test]
    fn ids_are_those_that_sdks_derive() {
        let of_text = [
            ("", "9d4ed117bc35f7e2040733c1be2b974e", "dd9fc5ea353468a4"),
            (
                "hello",
                "71eeab122c16e2337e13aa425bc51912",
                "b5c2db5b06a644c5",
            ),
            (
                "test-seed-for-deterministic-span",
                "6a4f52ebd50a2f6fdd1172da4a564e5b",
                "1f9f1fae2c8b51c4",
            ),
            (
                "00000000-0000-0000-0000-000000000000",
                "bd6c4397825c65a21861d747630cba9e",
                "51706347ebf6ef86",
            ),
        ];
        for (text, trace, span) in of_text {
            let seed = Seed::Text(text);
            let ids = (seed.trace_id().to_string(), seed.span_id().to_string());
            assert_eq!(ids, (trace.to_owned(), span.to_owned()), "{text:?}");
        }
        let run = Seed::Run("01J00000000000000000000000".parse().unwrap());
        assert_eq!(
            run.trace_id().to_string(),
            "a331d9ddb4b047a31a975e8f6a33f28c"
        );
        assert_eq!(run.span_id().to_string(), "3a7cf7f544da5bfe");
        let step = StepId::derive("one", 0);
        assert_eq!(Seed::Step(&step).span_id().to_string(), "efe2d001889b2cc6");
        let step = StepId::derive("a", 0);
        assert_eq!(
            Seed::Attempt(&step, 0).span_id().to_string(),
            "b017a66031df8079"
        );
    }

    #[test]
    fn the_reference_of_a_call_is_encoded_as_in_a_form() {
        let now = crate::Timestamp::from_millis(1_700_000_000_000);
        let (run, request) = (RunId::from_parts(now, 1), RequestId::from_parts(now, 2));
        let app = AppId::derive("shop");
        let function = FunctionId::derive(app, "shop-pay");
        let context = TraceContext::of_call(run, request, function, app);
        let reference = format!(r#"{{"tp":"{}","ts":""}}"#, context.traceparent);
        let reference: String = form_urlencoded::byte_serialize(reference.as_bytes()).collect();
        let expected =
            format!("inngest@traceref={reference},inngest@fn={function},inngest@app={app}");
        assert_eq!(context.tracestate, expected);
    }

    #[test]
    fn only_a_reference_of_this_server_names_a_call() {
        let recorded = "%7B%22tp%22%3A%2200-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00%22%2C%22ts%22%3A%22%22%7D";
        let call = call_of(recorded).map(|span| span.to_string());
        assert_eq!(call.as_deref(), Some("b7ad6b7169203331"));
        for other in [
            "",
            "%7B%7D",
            "{\"tp\":1}",
            "{\"tp\":\"00-1-2\"}",
            "%",
            "{\"tp\":\"00-1-zz-01\"}",
        ] {
            assert_eq!(call_of(other), None, "{other:?}");
        }
    }
}
