//! What every [`Store`] does, as tests: one function per case.
//!
//! A test binary names an implementation and gets one `#[tokio::test]` per case:
//!
//! ```text
//! everstep_store::conformance_tests!(memory, MemoryFactory::new());
//! ```
//!
//! Each case has a store of its own, made by the expression.

pub mod attributes;
pub mod cancellations;
pub mod commits;
pub mod control;
pub mod defers;
pub mod errors;
pub mod events;
pub mod held_back;
pub mod jobs;
pub mod lease;
pub mod limits;
mod lists;
pub mod metadata;
pub mod operations;
mod random;
mod random_flow;
pub mod registry;
pub mod retention;
pub mod rollups;
pub mod run_lists;
pub mod runs;
mod sample;
mod sample_flow;
mod sample_history;
pub mod size;
pub mod spans;
pub mod starts;
pub mod steps;
mod subject;
pub mod waits;

use std::sync::Arc;

use async_trait::async_trait;

use crate::Store;

/// Makes the store of one test.
#[async_trait]
pub trait Factory: Send + Sync {
    /// The store, empty the first time. Opened again after everything that used it was dropped, it
    /// holds what was committed.
    async fn open(&self) -> Arc<dyn Store>;
}

/// One test per case, in a module `$name`. `$factory` makes the [`Factory`] of a test.
#[macro_export]
macro_rules! conformance_tests {
    ($name:ident, $factory:expr) => {
        mod $name {
            use super::*;

            $crate::conformance_tests! { @cases $factory;
                registry:
                    apps_round_trip,
                    app_is_replaced,
                    functions_round_trip,
                    function_is_replaced,
                    shard_loads_its_own_registry;
                events:
                    event_round_trips,
                    stored_event_stays,
                    known_events_are_found,
                    events_are_read_by_id,
                    events_by_id_are_bounded,
                    event_pages_are_newest_first,
                    events_are_filtered_by_name,
                    events_are_filtered_by_time,
                    events_of_several_names_are_listed_in_order,
                    event_pages_look_at_a_bounded_number,
                    events_are_found_in_a_large_window,
                    what_events_led_to_is_counted,
                    skips_round_trip;
                runs:
                    runs_round_trip,
                    run_is_replaced,
                    output_is_stored_and_stays,
                    run_events_keep_their_order,
                    event_runs_are_found,
                    snapshot_is_complete_and_in_order,
                    ended_runs_have_no_snapshot,
                    snapshot_without_its_event_is_damage;
                steps:
                    steps_round_trip,
                    steps_of_every_kind_wait,
                    outstanding_step_is_replaced,
                    first_value_of_a_step_wins,
                    first_value_stays_in_an_outstanding_step,
                    first_value_wins_within_a_commit,
                    step_ids_are_opaque;
                jobs:
                    jobs_round_trip,
                    job_is_replaced,
                    jobs_are_deleted,
                    due_jobs_are_bounded,
                    due_jobs_are_in_order,
                    due_jobs_are_of_their_shard,
                    due_calls_know_their_run,
                    due_calls_share_equal_keys,
                    attempts_round_trip,
                    attempt_is_replaced;
                waits:
                    waits_round_trip,
                    wait_is_replaced,
                    a_wait_is_resolved_once,
                    a_signal_is_lost,
                    waits_are_deleted,
                    a_resolution_is_the_event_that_is_stored,
                    a_resolution_without_its_event_is_damage,
                    a_shard_starts_with_waits_in_the_order_of_their_creation,
                    a_shard_starts_with_waits_of_live_runs,
                    a_shard_starts_with_its_own_waits;
                defers:
                    defers_round_trip,
                    defer_is_replaced,
                    a_long_input_round_trips;
                metadata:
                    metadata_round_trips,
                    metadata_is_replaced,
                    long_metadata_round_trips,
                    known_steps_are_found;
                spans:
                    spans_round_trip,
                    a_span_that_is_stored_stays,
                    triggered_runs_are_found;
                starts:
                    ticks_round_trip,
                    cr_5_a_tick_is_replaced_by_function_and_expression,
                    ticks_are_deleted,
                    idempotency_round_trips,
                    idempotency_is_replaced,
                    idempotency_expires_at_its_time,
                    starts_are_of_their_shard;
                cancellations:
                    cancellations_round_trip,
                    cancellation_is_replaced,
                    cancellations_are_deleted,
                    cancellation_pages_are_newest_first,
                    a_shard_starts_with_its_open_cancellations,
                    live_runs_are_found_in_a_range;
                limits:
                    holds_round_trip,
                    hold_is_replaced,
                    holds_are_deleted,
                    rates_round_trip,
                    rate_is_replaced,
                    rates_expire_at_their_time,
                    limits_are_of_their_shard;
                held_back:
                    debounces_round_trip,
                    db_1_a_debounce_is_replaced,
                    debounces_are_deleted,
                    batches_round_trip,
                    batch_is_replaced,
                    ba_6_a_batch_goes_with_its_list,
                    what_is_held_back_is_of_its_shard;
                control:
                    pauses_round_trip,
                    pause_is_replaced,
                    pauses_are_deleted,
                    overrides_round_trip,
                    override_is_replaced_by_function_limit_and_key,
                    overrides_are_deleted,
                    audit_round_trips,
                    an_audit_entry_stays,
                    audit_pages_are_newest_first,
                    the_audit_log_is_filtered,
                    control_is_of_its_shard;
                attributes:
                    attributes_round_trip,
                    attribute_is_replaced_by_name,
                    a_shard_starts_with_its_attributes,
                    attributes_of_runs_round_trip;
                operations:
                    operations_round_trip,
                    operation_is_replaced,
                    operation_pages_are_newest_first,
                    a_shard_starts_with_its_open_operations,
                    reruns_round_trip,
                    rerun_pages_are_newest_first;
                rollups:
                    a_run_is_counted_once,
                    runs_are_counted_in_their_minute,
                    skipped_runs_are_not_scheduled,
                    rollups_are_summed_up;
                errors:
                    failures_are_grouped,
                    a_run_fails_once,
                    a_failure_of_no_run_is_not_noted,
                    a_decision_holds_until_the_error_is_seen_again,
                    error_pages_are_those_seen_last_first,
                    failures_are_counted_by_the_hour,
                    runs_of_an_error_are_newest_first;
                retention:
                    ended_runs_go_with_all_that_belongs_to_them,
                    live_and_later_runs_stay,
                    a_large_run_goes_in_portions,
                    portions_are_bounded_and_go_on,
                    traces_go_before_their_runs,
                    old_events_go,
                    events_that_are_needed_stay,
                    minutes_become_hours,
                    old_rollups_and_errors_go,
                    what_is_live_is_left_alone;
                lease:
                    epochs_count_up,
                    earlier_lease_writes_nothing,
                    unknown_leases_are_refused,
                    leases_of_other_shards_stay_valid,
                    owners_compete;
                commits:
                    a_list_applied_twice_equals_once,
                    random_changes_mean_what_the_model_says,
                    changes_apply_in_order,
                    concurrent_commits_are_all_kept,
                    readers_see_whole_commits,
                    everything_is_there_after_reopening;
                run_lists:
                    run_lists_are_in_the_order_of_a_time,
                    runs_are_filtered_by_status,
                    runs_are_filtered_by_function_and_app,
                    runs_are_filtered_by_what_started_them,
                    runs_are_filtered_by_key,
                    runs_are_filtered_by_operation,
                    runs_are_filtered_by_error_group,
                    runs_are_filtered_by_attributes,
                    runs_are_filtered_by_time,
                    a_page_begins_after_its_cursor,
                    outputs_are_listed_when_asked_for,
                    triggers_of_runs_are_found,
                    lists_follow_the_life_of_a_run;
                size:
                    large_payloads_round_trip,
                    text_of_any_script_round_trips,
                    ten_thousand_steps_are_in_order,
                    one_large_commit_is_one_commit;
            }
        }
    };
    (@cases $factory:expr; $($topic:ident: $($case:ident),+;)+) => {
        $(mod $topic {
            use super::*;

            $crate::conformance_tests! { @topic $topic, $factory; $($case)+ }
        })+
    };
    (@topic $topic:ident, $factory:expr; $($case:ident)+) => {
        $(#[tokio::test]
        async fn $case() {
            $crate::conformance::$topic::$case(&$factory).await;
        })+
    };
}
