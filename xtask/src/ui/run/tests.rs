//! Estimates of the remaining time, for example plans.

use super::*;
use crate::event::Outcome;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn about(left: u64) -> Remaining {
    Remaining::About(seconds(left))
}

fn run(stages: &[(&str, Option<f64>, &[&str])]) -> Run {
    let stages = stages.iter().map(|(stage, expected_seconds, needs)| PlannedStage {
        stage: (*stage).to_owned(),
        title: String::new(),
        up_to_date: false,
        expected_seconds: *expected_seconds,
        unit: Unit::Bytes,
        needs: needs.iter().map(|need| (*need).to_owned()).collect(),
    });
    let mut run = Run::default();
    run.update(&Event::Planned { stages: stages.collect() }, Duration::ZERO);
    run
}

fn start(run: &mut Run, stage: &str, now: u64) {
    run.update(&Event::StageStarted { stage: stage.to_owned() }, seconds(now));
}

fn finish(run: &mut Run, stage: &str, now: u64) {
    let event = Event::StageFinished { stage: stage.to_owned(), outcome: Outcome::Built, seconds: 0.0 };
    run.update(&event, seconds(now));
}

fn progress(run: &mut Run, stage: &str, done: u64, now: u64) {
    run.update(&Event::StageProgress { stage: stage.to_owned(), done, total: Some(1000) }, seconds(now));
}

#[test]
fn the_longest_chain_counts_and_not_the_sum() {
    let run = run(&[
        ("fetch", Some(10.0), &[]),
        ("configure-build-python", Some(30.0), &["fetch"]),
        ("host-runner", Some(35.0), &[]),
        ("configure-host", Some(20.0), &["fetch", "configure-build-python"]),
    ]);
    assert_eq!(run.remaining(Duration::ZERO), about(60));
}

#[test]
fn finished_and_elapsed_time_is_subtracted() {
    let mut run = run(&[("a", Some(10.0), &[]), ("b", Some(30.0), &["a"]), ("c", Some(5.0), &["b"])]);
    start(&mut run, "a", 0);
    assert_eq!(run.remaining(seconds(4)), about(41));
    finish(&mut run, "a", 7);
    assert_eq!(run.remaining(seconds(7)), about(35));
    start(&mut run, "b", 8);
    assert_eq!(run.remaining(seconds(18)), about(25));
    assert_eq!(run.remaining(seconds(100)), about(5), "a late stage has no time left, but the next one still has");
}

#[test]
fn an_unknown_stage_makes_the_whole_unknown_until_it_finishes() {
    let mut run = run(&[("a", None, &[]), ("b", Some(30.0), &["a"])]);
    start(&mut run, "a", 0);
    assert_eq!(run.remaining(seconds(3)), Remaining::Unknown);
    finish(&mut run, "a", 5);
    assert_eq!(run.remaining(seconds(5)), about(30));
}

#[test]
fn invalid_times_are_unknown() {
    for expected in [f64::NAN, f64::INFINITY, -1.0] {
        assert_eq!(run(&[("a", Some(expected), &[])]).remaining(Duration::ZERO), Remaining::Unknown);
    }
}

#[test]
fn a_late_stage_is_never_negative() {
    let mut run = run(&[("a", Some(8.0), &[]), ("b", Some(30.0), &["a"])]);
    start(&mut run, "a", 0);
    finish(&mut run, "a", 8);
    start(&mut run, "b", 8);
    assert_eq!(run.remaining(seconds(39)), Remaining::Unknown, "a second late is nothing to tell");
    assert_eq!(run.remaining(seconds(60)), Remaining::Over(seconds(38)));
    assert_eq!(run.stages[1].remaining(seconds(60)), Remaining::Over(seconds(30)));
    assert_eq!(run.remaining(seconds(60)).words().as_deref(), Some("longer than last time (38 s)"));
    finish(&mut run, "b", 61);
    assert_eq!(run.remaining(seconds(61)), Remaining::Unknown, "nothing is late once all has ended");
}

#[test]
fn up_to_date_stages_take_no_time() {
    let mut run = run(&[("a", None, &[]), ("b", Some(30.0), &["a"])]);
    run.stages[0].plan.up_to_date = true;
    assert_eq!(run.remaining(Duration::ZERO), about(30));
}

#[test]
fn bytes_are_estimated_by_their_speed() {
    let mut run = run(&[("fetch", None, &[]), ("unpack", Some(7.0), &["fetch"])]);
    start(&mut run, "fetch", 0);
    progress(&mut run, "fetch", 500, 1);
    assert_eq!(run.remaining(seconds(1)), Remaining::Unknown, "resumed bytes are no speed");
    progress(&mut run, "fetch", 600, 2);
    assert_eq!(run.stages[0].per_second(seconds(2)), Some(100.0));
    assert_eq!(run.stages[0].remaining(seconds(2)), about(4));
    assert_eq!(run.remaining(seconds(2)), about(11));
    assert_eq!(run.stages[0].per_second(seconds(8)), None, "a stalled download has no speed");
    assert_eq!(run.remaining(seconds(8)), Remaining::Unknown);
}

#[test]
fn an_unknown_stage_is_added() {
    let mut run = run(&[]);
    assert_eq!(run.remaining(Duration::ZERO), Remaining::Unknown);
    start(&mut run, "fetch", 1);
    assert_eq!((run.stages.len(), run.ended(), run.active), (1, 0, true));
    run.update(&Event::Finished { ok: false, seconds: 1.0 }, seconds(2));
    assert!(!run.active);
}
