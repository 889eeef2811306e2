//! The parts of the benchmark, by the names under which each can be asked for alone.

use anyhow::bail;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    ColdStart,
    Idle,
    Latency,
    Throughput,
    Intake,
    Crowd,
    Matching,
    Tenants,
    History,
}

impl Part {
    /// In the order in which they are measured.
    pub(crate) const ALL: [Self; 9] = [
        Self::ColdStart,
        Self::Idle,
        Self::Latency,
        Self::Throughput,
        Self::Intake,
        Self::Crowd,
        Self::Matching,
        Self::Tenants,
        Self::History,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ColdStart => "cold-start",
            Self::Idle => "idle",
            Self::Latency => "latency",
            Self::Throughput => "throughput",
            Self::Intake => "intake",
            Self::Crowd => "crowd",
            Self::Matching => "matching",
            Self::Tenants => "tenants",
            Self::History => "history",
        }
    }

    pub(crate) fn parse(name: &str) -> anyhow::Result<Self> {
        match Self::ALL.into_iter().find(|part| part.name() == name) {
            Some(part) => Ok(part),
            None => bail!(
                "there is no part {name:?}; the parts are {}",
                Self::ALL.map(Self::name).join(", ")
            ),
        }
    }

    /// Whether it is measured on the one server that goes from part to part.
    pub(crate) fn is_on_shared_server(self) -> bool {
        match self {
            Self::Idle | Self::Latency | Self::Throughput | Self::Intake => true,
            Self::ColdStart | Self::Crowd | Self::Matching | Self::Tenants | Self::History => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_named_or_the_names_are_told() {
        assert_eq!(Part::parse("crowd").unwrap(), Part::Crowd);
        let message = Part::parse("crowds").unwrap_err().to_string();
        assert_eq!(
            message,
            "there is no part \"crowds\"; the parts are cold-start, idle, latency, throughput, intake, crowd, matching, tenants, history"
        );
    }
}
