//! What searches can refer to. A name that is none is refused rather than absent: a search with a
//! typo finds nothing for ever.

use std::sync::Arc;

use everstep_core::expression::Path;

/// What must be loaded to know something. Later ones cost more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cost {
    /// The row of the run, and what is registered.
    Row,
    /// Its attributes.
    Attributes,
    /// The name of its event.
    Trigger,
    /// Its event.
    Event,
    /// What it returned.
    Output,
    /// Its calls.
    Attempts,
    /// Its steps, and their values.
    Steps,
}

impl Cost {
    /// Cheapest first.
    pub(super) const ALL: [Self; 7] = [
        Self::Row,
        Self::Attributes,
        Self::Trigger,
        Self::Event,
        Self::Output,
        Self::Attempts,
        Self::Steps,
    ];
}

/// A variable, and its members.
pub(super) struct Word {
    pub(super) variable: &'static str,
    /// The first ones; further ones are up to the data. Empty: the variable has whatever members.
    members: &'static [(&'static str, Cost)],
    /// Of the variable as a whole, and of members if they can be any.
    cost: Cost,
    /// Names come first, as in `step("name").output`.
    by_name: bool,
}

const EVENT: &[(&str, Cost)] = &[
    ("id", Cost::Event),
    ("name", Cost::Trigger),
    ("ts", Cost::Event),
    ("v", Cost::Event),
    ("user", Cost::Event),
    ("data", Cost::Event),
];

/// Of a search of runs.
pub(super) const RUNS: &[Word] = &[
    word(
        "run",
        &[
            ("id", Cost::Row),
            ("status", Cost::Row),
            ("queued_at", Cost::Row),
            ("started_at", Cost::Row),
            ("ended_at", Cost::Row),
            ("duration", Cost::Row),
            ("keys", Cost::Row),
            ("tags", Cost::Attributes),
            ("attempts", Cost::Attempts),
        ],
        Cost::Attempts,
    ),
    word(
        "fn",
        &[("id", Cost::Row), ("slug", Cost::Row), ("name", Cost::Row)],
        Cost::Row,
    ),
    word(
        "app",
        &[("id", Cost::Row), ("version", Cost::Row)],
        Cost::Row,
    ),
    word("trigger", &[("kind", Cost::Trigger)], Cost::Trigger),
    word("event", EVENT, Cost::Event),
    word("output", &[], Cost::Output),
    word("error", &[], Cost::Output),
    Word {
        variable: "step",
        members: &[
            ("status", Cost::Steps),
            ("output", Cost::Steps),
            ("error", Cost::Steps),
            ("duration", Cost::Steps),
            ("attempts", Cost::Steps),
        ],
        cost: Cost::Steps,
        by_name: true,
    },
];

/// Of a search of events.
pub(super) const EVENTS: &[Word] = &[Word {
    variable: "event",
    members: &[
        ("id", Cost::Row),
        ("name", Cost::Row),
        ("ts", Cost::Row),
        ("v", Cost::Row),
        ("user", Cost::Row),
        ("data", Cost::Row),
        ("internal_id", Cost::Row),
        ("received_at", Cost::Row),
    ],
    cost: Cost::Row,
    by_name: false,
}];

/// The variables of [`RUNS`].
pub(super) const RUN_VARIABLES: &[&str] = &[
    "run", "fn", "app", "trigger", "event", "output", "error", "step",
];

/// The variables of [`EVENTS`].
pub(super) const EVENT_VARIABLES: &[&str] = &["event"];

const fn word(
    variable: &'static str,
    members: &'static [(&'static str, Cost)],
    cost: Cost,
) -> Word {
    Word {
        variable,
        members,
        cost,
        by_name: false,
    }
}

impl Word {
    /// What it costs to know the part, or why there is none.
    pub(super) fn cost(&self, path: &Path) -> Result<Cost, String> {
        let member = path.members.get(usize::from(self.by_name));
        let Some(member) = member.filter(|_| !self.members.is_empty()) else {
            return Ok(self.cost);
        };
        let known = self.members.iter().find(|(name, _)| *name == &**member);
        known
            .map(|(_, cost)| *cost)
            .ok_or_else(|| self.unknown(member))
    }

    fn unknown(&self, member: &Arc<str>) -> String {
        let known: Vec<&str> = self.members.iter().map(|(name, _)| *name).collect();
        format!(
            "`{}` has no `{member}`; it has {}",
            self.variable,
            known.join(", ")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_of_variables_agree() {
        for (words, variables) in [(RUNS, RUN_VARIABLES), (EVENTS, EVENT_VARIABLES)] {
            let of_words: Vec<&str> = words.iter().map(|word| word.variable).collect();
            assert_eq!(of_words, variables);
        }
    }
}
