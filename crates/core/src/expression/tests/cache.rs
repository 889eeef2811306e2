//! The cache of compiled expressions (EX-3).

use crate::expression::Expressions;
use crate::limits::{
    EXPRESSION_TEXT_MAX, EXPRESSIONS_CACHED_AT_START_SIZE_MAX, EXPRESSIONS_CACHED_SIZE_MAX,
};

#[test]
fn ex_3_expressions_and_errors_are_kept() {
    let mut cache = Expressions::new();
    assert!(cache.is_empty());
    let first = cache.compile("event.data.x == 1").unwrap();
    let again = cache.compile("event.data.x == 1").unwrap();
    assert!(std::ptr::eq(first.text(), again.text()));
    let error = cache.compile("event.").unwrap_err();
    assert_eq!(cache.compile("event."), Err(error));
    assert_eq!(cache.len(), 2);
}

#[test]
fn ex_3_what_was_not_used_for_longest_goes_first() {
    let mut cache = Expressions::new();
    // A constant list is one literal, but was as many parts.
    let large = |index: usize| format!("event.data.x in [{}{index}]", "1,".repeat(8000));
    let kept = cache.compile("event.data.kept").unwrap();
    let size = cache.compile(&large(0)).unwrap().size();
    let fitting = EXPRESSIONS_CACHED_SIZE_MAX / size;
    for index in 1..2 * fitting {
        cache.compile(&large(index)).unwrap();
        let again = cache.compile("event.data.kept").unwrap();
        assert!(std::ptr::eq(kept.text(), again.text()), "lost at {index}");
    }
    assert!(cache.len() <= fitting + 1, "{} of {fitting}", cache.len());
    assert!(cache.len() > fitting / 2, "{} of {fitting}", cache.len());
}

#[test]
fn ex_3_a_shard_that_starts_keeps_less() {
    let mut cache = Expressions::bounded(EXPRESSIONS_CACHED_AT_START_SIZE_MAX);
    let texts = EXPRESSIONS_CACHED_AT_START_SIZE_MAX / 1024;
    for index in 0..texts {
        cache.compile(&format!("async.data.id == {index}")).unwrap();
    }
    assert!(cache.len() < texts, "{} of {texts}", cache.len());
    assert!(cache.len() > texts / 4, "{} of {texts}", cache.len());
}

#[test]
fn ex_3_bad_texts_do_not_fill_the_memory() {
    let mut cache = Expressions::new();
    let bad = "(".repeat(EXPRESSION_TEXT_MAX);
    for index in 0..EXPRESSIONS_CACHED_SIZE_MAX / EXPRESSION_TEXT_MAX + 10 {
        cache
            .compile(&format!("{}{index}", &bad[10..]))
            .unwrap_err();
    }
    assert!(cache.len() <= EXPRESSIONS_CACHED_SIZE_MAX / EXPRESSION_TEXT_MAX);
    let beyond_everything = "x".repeat(EXPRESSIONS_CACHED_SIZE_MAX);
    let before = cache.len();
    cache.compile(&beyond_everything).unwrap_err();
    assert_eq!(cache.len(), before);
}
