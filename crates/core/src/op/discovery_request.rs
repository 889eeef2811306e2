//! `DiscoveryRequest`: the app asks to be called again; nothing is stored.

use super::Applying;

pub(super) fn apply(applying: &mut Applying<'_>) {
    applying.progress.discover = true;
}
