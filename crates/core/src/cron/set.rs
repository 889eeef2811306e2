//! Sets of small numbers, and the two directions in which they are searched.

/// Which way a search goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Forward,
    Backward,
}

impl Direction {
    pub(super) const fn sign(self) -> i8 {
        match self {
            Self::Forward => 1,
            Self::Backward => -1,
        }
    }

    /// The value at which a search of a whole set begins.
    pub(super) const fn edge(self) -> i8 {
        match self {
            Self::Forward => 0,
            Self::Backward => Set::MAX,
        }
    }

    /// Whether `at` is not beyond `limit`.
    pub(super) fn reaches<T: Ord>(self, at: T, limit: T) -> bool {
        match self {
            Self::Forward => at <= limit,
            Self::Backward => at >= limit,
        }
    }
}

/// Numbers from 0 to [`Set::MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) struct Set(u64);

impl Set {
    /// The largest number of any set.
    pub(super) const MAX: i8 = 63;

    pub(super) fn contains(self, value: i8) -> bool {
        self.nearest(value, Direction::Forward) == Some(value)
    }

    /// The member that is nearest to `from` in that direction, `from` itself included.
    pub(super) fn nearest(self, from: i8, direction: Direction) -> Option<i8> {
        let from = u32::try_from(from).ok()?;
        match direction {
            Direction::Forward => {
                let members = self.0 & u64::MAX.checked_shl(from)?;
                (members != 0).then_some(members.trailing_zeros())
            }
            Direction::Backward => {
                let beyond = u64::MAX.checked_shl(from + 1).unwrap_or(0);
                (self.0 & !beyond).checked_ilog2()
            }
        }
        .and_then(|member| i8::try_from(member).ok())
    }
}

/// Numbers that no set can hold are left out.
impl FromIterator<i8> for Set {
    fn from_iter<I: IntoIterator<Item = i8>>(values: I) -> Self {
        let bit = |value| 1_u64.checked_shl(u32::try_from(value).ok()?);
        Self(
            values
                .into_iter()
                .filter_map(bit)
                .fold(0, |set, bit| set | bit),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{Direction, Set};

    #[test]
    fn the_nearest_member_lies_in_the_direction() {
        let set: Set = [0, 7, 63].into_iter().collect();
        let table = [
            (-1, None, None),
            (0, Some(0), Some(0)),
            (1, Some(7), Some(0)),
            (7, Some(7), Some(7)),
            (8, Some(63), Some(7)),
            (63, Some(63), Some(63)),
            (64, None, Some(63)),
        ];
        for (from, forward, backward) in table {
            assert_eq!(set.nearest(from, Direction::Forward), forward, "{from}");
            assert_eq!(set.nearest(from, Direction::Backward), backward, "{from}");
        }
        assert_eq!(Set::default().nearest(0, Direction::Forward), None);
        assert_eq!(Set::default().nearest(Set::MAX, Direction::Backward), None);
    }

    #[test]
    fn membership() {
        let set: Set = [3, 63, -1, 64].into_iter().collect();
        let members: Vec<i8> = (-2..=65).filter(|value| set.contains(*value)).collect();
        assert_eq!(members, [3, 63]);
    }
}
