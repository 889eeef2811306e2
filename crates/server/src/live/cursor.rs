//! Cursors: how much of the feed a client has.

use std::fmt;
use std::str::FromStr;

/// A place in the feed. What is told in one epoch has places in order; nothing is known of the
/// places of other epochs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cursor {
    /// Random: drawn when the server begins to follow its commits, and when it has missed some.
    pub(crate) epoch: u64,
    pub(crate) place: u64,
}

/// A text that is no cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cursor is not one that this feed gave out")]
pub(crate) struct CursorError;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}-{}", self.epoch, self.place)
    }
}

impl FromStr for Cursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let (epoch, place) = text.split_once('-').ok_or(CursorError)?;
        let epoch = u64::from_str_radix(epoch, 16).map_err(|_| CursorError)?;
        let place = place.parse().map_err(|_| CursorError)?;
        Ok(Self { epoch, place })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_is_written() {
        let cursor = Cursor {
            epoch: 0xBEEF,
            place: 12,
        };
        assert_eq!(cursor.to_string(), "000000000000beef-12");
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for text in ["", "-", "12", "x-1", "1-x", "1--1", "10000000000000000-1"] {
            assert_eq!(text.parse::<Cursor>(), Err(CursorError), "{text:?}");
        }
    }
}
