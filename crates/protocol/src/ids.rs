//! Identifiers and how they are derived. Ids never cross a function boundary as bare text.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha1::{Digest as _, Sha1};
use sha2::Sha256;
use ulid::{ULID_LEN, Ulid};
use uuid::Uuid;

use crate::Timestamp;

// Bytes and not a number: numbers of 128 bits are aligned to 16, and a job, which is kept in memory by
// the million, would be 32 bytes instead of 20.
macro_rules! ulid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// The id made of a time (Unix milliseconds, clamped to 48 bits) and 80 bits of entropy.
            pub fn from_parts(at: Timestamp, entropy: u128) -> Self {
                let ms = u64::try_from(at.as_millis()).unwrap_or(0);
                Self(Ulid::from_parts(ms, entropy).to_bytes())
            }

            /// The time that the id carries.
            pub fn timestamp(self) -> Timestamp {
                let ms = Ulid::from_bytes(self.0).timestamp_ms();
                Timestamp::from_millis(i64::try_from(ms).unwrap_or(i64::MAX))
            }

            /// Big-endian, so that bytes sort as times do.
            pub fn to_bytes(self) -> [u8; 16] {
                self.0
            }

            /// The inverse of `to_bytes`.
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(Ulid::from_bytes(self.0).array_to_str(&mut [0; ULID_LEN]))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Ulid::from_string(text)
                    .map(|ulid| Self(ulid.to_bytes()))
                    .map_err(|_| IdError { kind: stringify!($name), text: text.to_owned() })
            }
        }
    };
}

ulid_id! {
    /// One execution of one function. Its time is when the run was queued.
    RunId
}
ulid_id! {
    /// One stored event. Never the `id` that the user gave it, which is a deduplication key.
    EventId
}

ulid_id! {
    /// One call: fresh for each dispatch (`x-request-id`). Its time is when the call was decided on.
    RequestId
}

ulid_id! {
    /// A request to cancel the runs of a function that started in a range of time. Its time is when
    /// it was made.
    CancellationId
}

ulid_id! {
    /// Events that start one run together. Its time is when the first of them came.
    BatchId
}

ulid_id! {
    /// An entry of the audit log. Its time is when the thing was done.
    AuditId
}

ulid_id! {
    /// Something that is done to many runs, one after the other. Its time is when it was asked for.
    OperationId
}

impl OperationId {
    /// The id of the run that the operation makes of another one: always the same, at the time of
    /// the operation, so that a repetition starts no second run.
    pub fn rerun_of(self, source: RunId) -> RunId {
        RunId::from_parts(
            self.timestamp(),
            entropy_of(&format!("rerun:{self}:{source}")),
        )
    }
}

/// 80 bits for an id that follows from what it is about.
fn entropy_of(text: &str) -> u128 {
    let hash = Sha256::digest(text);
    let bytes = hash.iter().take(10);
    bytes.fold(0, |bits, byte| bits << 8 | u128::from(*byte))
}

/// A text that is not an id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a valid {kind}")]
pub struct IdError {
    /// Name of the id type.
    pub kind: &'static str,
    /// The text.
    pub text: String,
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Uuid::parse_str(text)
                    .map(Self)
                    .map_err(|_| IdError { kind: stringify!($name), text: text.to_owned() })
            }
        }
    };
}

uuid_id! {
    /// An app: UUIDv5 (OID namespace) of its name (server-semantics §0).
    AppId
}
uuid_id! {
    /// A function: UUIDv5 of environment, app and slug, so it is stable across syncs
    /// (sdk-protocol §2.3). Travels as `ctx.fn_id`.
    FunctionId
}

/// The one environment of a single-node server (server-semantics §0).
pub const ENVIRONMENT: Uuid = Uuid::from_u128(0x0000_0000_0000_4000_b000_0000_0000_0000);
/// The one account of a single-node server (server-semantics §0).
pub const ACCOUNT: Uuid = Uuid::from_u128(0x0000_0000_0000_4000_a000_0000_0000_0000);

impl AppId {
    /// The id of the app of that name.
    pub fn derive(app_name: &str) -> Self {
        Self(Uuid::new_v5(&Uuid::NAMESPACE_OID, app_name.as_bytes()))
    }
}

impl FunctionId {
    /// The id of the function with that composite id (`<app name>-<function id>`).
    pub fn derive(app: AppId, slug: &str) -> Self {
        let name = format!("{ENVIRONMENT}/{app}/{slug}");
        Self(Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()))
    }

    /// A hash of a text that differs between functions (UUIDv5 in the function's namespace).
    pub fn hash(self, text: &str) -> [u8; 16] {
        Uuid::new_v5(&self.0, text.as_bytes()).into_bytes()
    }
}

/// A step within a run, as the SDK hashed it: 40 lower-case hex digits in every current SDK. The
/// server treats it as opaque text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepId(Arc<str>);

impl StepId {
    /// Takes the text as it is.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The id that SDKs give to a step: the SHA-1 of `<user id>` for its first use in a run, of
    /// `<user id>:<index>` for the further ones (sdk-protocol §5.5).
    pub fn derive(user_id: &str, index: u32) -> Self {
        let hash = match index {
            0 => Sha1::digest(user_id.as_bytes()),
            index => Sha1::digest(format!("{user_id}:{index}").as_bytes()),
        };
        Self::new(hex::encode(hash))
    }

    /// The id under which an SDK reports the end of the function (`RunComplete`): that of a step
    /// `complete`. An error under this id is one of the function (connect-realtime §4, DE-2).
    pub fn complete() -> Self {
        Self::derive("complete", 0)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StepId({})", self.0)
    }
}

/// A span of a trace: 16 lower-case hex digits on the wire.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpanId([u8; 8]);

impl SpanId {
    /// The bytes as traces have them.
    pub fn to_bytes(self) -> [u8; 8] {
        self.0
    }

    /// The inverse of `to_bytes`.
    pub fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", u64::from_be_bytes(self.0))
    }
}

impl fmt::Debug for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SpanId({self})")
    }
}

impl FromStr for SpanId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let mut bytes = [0; 8];
        let is_lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
        match hex::decode_to_slice(text, &mut bytes) {
            Ok(()) if is_lower => Ok(Self(bytes)),
            _ => Err(IdError {
                kind: "SpanId",
                text: text.to_owned(),
            }),
        }
    }
}

/// A defer within a run, as the SDK hashed it. Opaque like a [`StepId`], which it is on the wire.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeferId(Arc<str>);

impl DeferId {
    /// Takes the text as it is.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The defer whose op has this id.
    pub fn of(op: &StepId) -> Self {
        Self(Arc::clone(&op.0))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id of the event that the defer of this run becomes: always the same one, at the time of
    /// the run, so that no function is started twice for it (connect-realtime §4, DE-7).
    pub fn event_id(&self, run: RunId) -> EventId {
        let entropy = entropy_of(&format!("defer-event:{run}:{self}"));
        EventId::from_parts(run.timestamp(), entropy)
    }
}

impl fmt::Display for DeferId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for DeferId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeferId({})", self.0)
    }
}

/// A job: its run and a number within it. The job that finds out what comes next is always the same
/// one, [`JobId::DISCOVERY`]; for the others the run counts up. Travels as `job_id` in the form
/// `<run id>-<number>`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct JobId {
    /// The run that the job belongs to.
    pub run: RunId,
    /// Zero, or counts the other jobs of the run.
    pub number: u32,
}

// Kept in memory by the million.
const _: () = assert!(size_of::<JobId>() == 20);

impl JobId {
    /// The number of the discovery of a run.
    pub const DISCOVERY: u32 = 0;
    /// Number of the job that cancels a run whose singleton another one takes.
    pub const CANCELLATION: u32 = u32::MAX;

    /// The discovery of a run.
    pub fn discovery(run: RunId) -> Self {
        Self {
            run,
            number: Self::DISCOVERY,
        }
    }

    /// The job that cancels a run whose singleton another one takes.
    pub fn cancellation(run: RunId) -> Self {
        Self {
            run,
            number: Self::CANCELLATION,
        }
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.run, self.number)
    }
}

impl FromStr for JobId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let error = || IdError {
            kind: "JobId",
            text: text.to_owned(),
        };
        let (run, number) = text.split_once('-').ok_or_else(error)?;
        Ok(Self {
            run: run.parse().map_err(|_| error())?,
            number: number.parse().map_err(|_| error())?,
        })
    }
}

/// One dispatch of a job by one owner of its shard. Travels as `qi_id`, which every SDK gives back
/// with its checkpoints; TypeScript SDK 3 and GO say nothing else of the dispatch. Its form is
/// `<run id>-<number>.<epoch>.<generation>`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Ticket {
    /// The job.
    pub job: JobId,
    /// The owner of the shard: how many there were before, and itself.
    pub epoch: u64,
    /// Counts the dispatches of the job.
    pub generation: u32,
}

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.job, self.epoch, self.generation)
    }
}

impl FromStr for Ticket {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let error = || IdError {
            kind: "Ticket",
            text: text.to_owned(),
        };
        let (job, dispatch) = text.split_once('.').ok_or_else(error)?;
        let (epoch, generation) = dispatch.split_once('.').ok_or_else(error)?;
        Ok(Self {
            job: job.parse().map_err(|_| error())?,
            epoch: epoch.parse().map_err(|_| error())?,
            generation: generation.parse().map_err(|_| error())?,
        })
    }
}
