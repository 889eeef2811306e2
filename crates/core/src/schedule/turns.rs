//! Taking turns: who is served next, so that each gets its share of what there is.
//!
//! Start-time fair queueing (Goyal, Vin, Cheng 1996) with a cost of one per service: everyone has a
//! count of what was used up, the lowest is served next, and it counts on by one over its weight. Who
//! comes back after a while joins at the count of whoever is served then: having been idle is no
//! credit. Unlike a round robin it needs no round to be gone through, and weights cost nothing.

use std::collections::BTreeSet;

/// What one service counts for a weight of one.
const SERVICE: u64 = 1 << 20;

pub(crate) struct Turns<K> {
    waiting: BTreeSet<(u64, K)>,
    /// The count at which others join: of whoever was served last, or was forgotten.
    clock: u64,
}

impl<K: Ord + Copy> Turns<K> {
    pub(crate) fn new() -> Self {
        Self {
            waiting: BTreeSet::new(),
            clock: 0,
        }
    }

    /// Join, with the count that one had; it is brought up to date.
    pub(crate) fn join(&mut self, turn: &mut u64, key: K) {
        *turn = (*turn).max(self.clock);
        self.waiting.insert((*turn, key));
    }

    pub(crate) fn leave(&mut self, turn: u64, key: K) {
        self.waiting.remove(&(turn, key));
    }

    pub(crate) fn first(&self) -> Option<K> {
        self.waiting.first().map(|(_, key)| *key)
    }

    /// Whoever is first was served.
    pub(crate) fn serve(&mut self, turn: &mut u64, key: K, weight: u64) {
        let waited = self.waiting.remove(&(*turn, key));
        self.clock = self.clock.max(*turn);
        *turn += SERVICE / weight.max(1);
        if waited {
            self.waiting.insert((*turn, key));
        }
    }

    /// Someone who does not wait is forgotten, and will be new when they join again: not before the time
    /// to which they were served, or who comes and goes would be first each time.
    pub(crate) fn forget(&mut self, turn: u64) {
        self.clock = self.clock.max(turn);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// How often each is served in `services`, all of them waiting all the time.
    fn shares(weights: &[(char, u64)], services: usize) -> BTreeMap<char, usize> {
        let mut turns = Turns::new();
        let mut counts: BTreeMap<char, u64> = BTreeMap::new();
        for (key, _) in weights {
            turns.join(counts.entry(*key).or_default(), *key);
        }
        let mut served = BTreeMap::new();
        for _ in 0..services {
            let key = turns.first().unwrap();
            let weight = weights.iter().find(|(other, _)| *other == key).unwrap().1;
            turns.serve(counts.get_mut(&key).unwrap(), key, weight);
            *served.entry(key).or_default() += 1;
        }
        served
    }

    #[test]
    fn equal_weights_have_equal_shares() {
        let served = shares(&[('a', 1), ('b', 1), ('c', 1)], 300);
        assert!(served.values().all(|count| *count == 100), "{served:?}");
    }

    #[test]
    fn a_weight_of_three_has_three_shares() {
        let served = shares(&[('a', 3), ('b', 1)], 400);
        assert_eq!(served[&'a'], 300);
        assert_eq!(served[&'b'], 100);
    }

    #[test]
    fn who_was_idle_is_served_next_but_has_no_credit() {
        let mut turns = Turns::new();
        let (mut a, mut b) = (0, 0);
        turns.join(&mut a, 'a');
        for _ in 0..1_000 {
            turns.serve(&mut a, 'a', 1);
        }
        turns.join(&mut b, 'b');
        assert_eq!(turns.first(), Some('b'));
        turns.serve(&mut b, 'b', 1);
        turns.serve(&mut a, 'a', 1);
        // From here on they alternate.
        let mut order = String::new();
        for _ in 0..6 {
            let key = turns.first().unwrap();
            let turn = if key == 'a' { &mut a } else { &mut b };
            turns.serve(turn, key, 1);
            order.push(key);
        }
        assert!(order == "ababab" || order == "bababa", "{order}");
    }
}
