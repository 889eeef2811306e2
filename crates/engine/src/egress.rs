//! Which addresses may be reached by requests that users write.
//!
//! Owns the decision about one address. That it is asked for each address before a connection, and
//! that no other address is connected to, is up to [`http`](crate::http).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use std::sync::Arc;

/// The word that allows everything.
const ALL: &str = "all";

/// Which addresses may be reached: all that are public, and others that were allowed.
///
/// An address that stands for an IPv4 address (IPv4-mapped, NAT64) is judged as that one.
///
/// ```
/// # use everstep_engine::EgressPolicy;
/// let policy: EgressPolicy = "10.1.0.0/16, fd00::/8".parse()?;
/// assert!(policy.check("1.1.1.1".parse()?).is_ok());
/// assert!(policy.check("10.1.2.3".parse()?).is_ok());
/// assert_eq!(
///     policy.check("127.0.0.1".parse()?).unwrap_err().to_string(),
///     "127.0.0.1 is not a public address (loopback), and was not allowed"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EgressPolicy {
    allowed: Allowed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Allowed {
    All,
    Ranges(Arc<[Range]>),
}

/// An address that may not be reached, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{address} is not a public address ({kind}), and was not allowed")]
pub struct EgressRefusal {
    pub address: IpAddr,
    /// Such as `loopback` or `private`.
    pub kind: &'static str,
}

/// A text that does not say which addresses to allow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EgressPolicyError {
    #[error(
        "{entry:?} is not a range of addresses; write \"all\", or ranges such as 10.0.0.0/8, with commas in between"
    )]
    NotARange { entry: String },
    #[error("{entry:?} has address bits behind its prefix; write {meant}, or a longer prefix")]
    BitsBehindPrefix { entry: String, meant: String },
}

impl EgressPolicy {
    /// Public addresses only.
    pub fn public_only() -> Self {
        Self {
            allowed: Allowed::Ranges(Arc::from([])),
        }
    }

    /// Everything, such as what listens on the machine of a developer.
    pub fn all() -> Self {
        Self {
            allowed: Allowed::All,
        }
    }

    /// Whether an address may be reached.
    pub fn check(&self, address: IpAddr) -> Result<(), EgressRefusal> {
        let Allowed::Ranges(allowed) = &self.allowed else {
            return Ok(());
        };
        let meant = without_translation(address);
        let is_allowed = |range: &Range| range.contains(address) || range.contains(meant);
        match special(meant) {
            Some(kind) if !allowed.iter().any(is_allowed) => Err(EgressRefusal { address, kind }),
            Some(_) | None => Ok(()),
        }
    }
}

/// Reads a setting: `all`, or ranges and single addresses with commas in between, which are allowed
/// in addition to public ones. An empty text allows nothing more.
impl FromStr for EgressPolicy {
    type Err = EgressPolicyError;

    fn from_str(text: &str) -> Result<Self, EgressPolicyError> {
        if text.trim().eq_ignore_ascii_case(ALL) {
            return Ok(Self::all());
        }
        let entries = text
            .split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty());
        let ranges: Result<Vec<_>, _> = entries.map(Range::parse).collect();
        Ok(Self {
            allowed: Allowed::Ranges(ranges?.into()),
        })
    }
}

/// All addresses with the same first bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    first: IpAddr,
    prefix: u32,
}

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u32) -> Range {
    Range {
        first: IpAddr::V4(Ipv4Addr::new(a, b, c, d)),
        prefix,
    }
}

/// A range whose address is zero behind its third group.
const fn v6(a: u16, b: u16, c: u16, prefix: u32) -> Range {
    Range {
        first: IpAddr::V6(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0)),
        prefix,
    }
}

/// Addresses that are not public, from the registries of special addresses (RFC 6890).
const SPECIAL: &[(Range, &str)] = &[
    (v4(0, 0, 0, 0, 8), "unspecified"),
    (v4(10, 0, 0, 0, 8), "private"),
    (v4(100, 64, 0, 0, 10), "shared by a carrier"),
    (v4(127, 0, 0, 0, 8), "loopback"),
    // Not special to anybody but Azure, whose machines ask it for their identity.
    (v4(168, 63, 129, 16, 32), "metadata of a cloud"),
    (v4(169, 254, 0, 0, 16), "link-local"),
    (v4(172, 16, 0, 0, 12), "private"),
    (v4(192, 0, 0, 0, 24), "reserved"),
    (v4(192, 0, 2, 0, 24), "documentation"),
    (v4(192, 88, 99, 0, 24), "reserved"),
    (v4(192, 168, 0, 0, 16), "private"),
    (v4(198, 18, 0, 0, 15), "benchmarking"),
    (v4(198, 51, 100, 0, 24), "documentation"),
    (v4(203, 0, 113, 0, 24), "documentation"),
    (v4(224, 0, 0, 0, 4), "multicast"),
    (v4(240, 0, 0, 0, 4), "reserved"),
    (v6(0, 0, 0, 128), "unspecified"),
    (v6(0x64, 0xff9b, 1, 48), "private"),
    (v6(0x2001, 0, 0, 23), "reserved"),
    (v6(0x2001, 0xdb8, 0, 32), "documentation"),
    (v6(0x2002, 0, 0, 16), "tunnel"),
    (v6(0x3fff, 0, 0, 20), "documentation"),
    (v6(0xfc00, 0, 0, 7), "private"),
    (v6(0xfe80, 0, 0, 10), "link-local"),
    (v6(0xff00, 0, 0, 8), "multicast"),
];

/// All public addresses of IPv6 are in here; what is outside is special, now or one day.
const GLOBAL_V6: Range = v6(0x2000, 0, 0, 3);

/// The addresses by which IPv6 networks reach those of IPv4.
const NAT64: Range = v6(0x64, 0xff9b, 0, 96);

fn special(address: IpAddr) -> Option<&'static str> {
    if let Some((_, kind)) = SPECIAL.iter().find(|(range, _)| range.contains(address)) {
        return Some(kind);
    }
    match address {
        IpAddr::V6(Ipv6Addr::LOCALHOST) => Some("loopback"),
        IpAddr::V6(_) if !GLOBAL_V6.contains(address) => Some("reserved"),
        IpAddr::V6(_) | IpAddr::V4(_) => None,
    }
}

/// The IPv4 address that an IPv6 address stands for, if it does.
fn without_translation(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) if NAT64.contains(address) => {
            let [.., a, b, c, d] = v6.octets();
            Ipv4Addr::new(a, b, c, d).into()
        }
        other => other,
    }
}

impl Range {
    fn parse(entry: &str) -> Result<Self, EgressPolicyError> {
        let bad = || EgressPolicyError::NotARange {
            entry: entry.to_owned(),
        };
        let (first, prefix) = match entry.split_once('/') {
            Some((first, prefix)) => (first, Some(prefix)),
            None => (entry, None),
        };
        let first: IpAddr = first.parse().map_err(|_| bad())?;
        let bits_max = bits(first);
        let prefix = match prefix {
            Some(prefix) => prefix.parse().map_err(|_| bad())?,
            None => bits_max,
        };
        if prefix > bits_max {
            return Err(bad());
        }
        let range = Self {
            first: start(first, prefix),
            prefix,
        };
        // `10.1.2.3/8` may be meant as one address, and would allow sixteen million.
        if range.first != first {
            return Err(EgressPolicyError::BitsBehindPrefix {
                entry: entry.to_owned(),
                meant: range.to_string(),
            });
        }
        Ok(range)
    }

    fn contains(self, address: IpAddr) -> bool {
        address.is_ipv4() == self.first.is_ipv4() && start(address, self.prefix) == self.first
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.prefix)
    }
}

fn bits(address: IpAddr) -> u32 {
    match address {
        IpAddr::V4(_) => Ipv4Addr::BITS,
        IpAddr::V6(_) => Ipv6Addr::BITS,
    }
}

/// The first address with the same first `prefix` bits.
fn start(address: IpAddr, prefix: u32) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(Ipv4Addr::BITS - prefix).unwrap_or(0);
            Ipv4Addr::from_bits(v4.to_bits() & mask).into()
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(Ipv6Addr::BITS - prefix).unwrap_or(0);
            Ipv6Addr::from_bits(v6.to_bits() & mask).into()
        }
    }
}

#[cfg(test)]
mod tests;
