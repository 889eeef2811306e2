use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use everstep_protocol::{FunctionId, RunId, Timestamp};

use super::connection::TOPICS_PER_CONNECTION_MAX;
use super::*;
use crate::live::journal::ROWS_PER_MESSAGE_MAX;
use crate::live::mailbox::MESSAGES_BEHIND_MAX;
use crate::live::message::Refusal;

/// Longer than anything that is to happen at once.
const SOON: Duration = Duration::from_millis(1);
/// Around a time at which something is to happen.
const NEAR: Duration = Duration::from_millis(5);

/// Commits as the test makes them, and rows that only say what was read.
#[derive(Clone)]
struct Fake(Arc<Inner>);

struct Inner {
    commits: broadcast::Sender<Arc<[Change]>>,
    epochs: AtomicU64,
    reads: AtomicUsize,
    is_broken: AtomicBool,
    /// Runs that are not there.
    missing: Mutex<Option<RunId>>,
}

struct World {
    source: Fake,
    hub: Hub,
}

#[async_trait]
impl Source for Fake {
    fn commits(&self) -> broadcast::Receiver<Arc<[Change]>> {
        self.0.commits.subscribe()
    }

    fn epoch(&self) -> u64 {
        self.0.epochs.fetch_add(1, Ordering::Relaxed)
    }

    async fn rows(&self, touched: &Touched) -> Result<Vec<Value>, ReadError> {
        self.0.reads.fetch_add(1, Ordering::Relaxed);
        // Others get their turn, as while a store reads.
        tokio::task::yield_now().await;
        if self.0.is_broken.load(Ordering::Relaxed) {
            let detail = "broken".to_owned();
            return Err(ReadError::Corrupt {
                table: "runs",
                detail,
            });
        }
        if let Touched::Run(run, _) = touched
            && *self.0.missing.lock().unwrap() == Some(*run)
        {
            return Ok(Vec::new());
        }
        Ok(vec![format!("{touched:?}").into()])
    }
}

impl World {
    fn start() -> Self {
        let source = Fake(Arc::new(Inner {
            commits: broadcast::channel(16).0,
            epochs: AtomicU64::new(1),
            reads: AtomicUsize::new(0),
            is_broken: AtomicBool::new(false),
            missing: Mutex::default(),
        }));
        let hub = Hub::new(source.clone());
        tokio::spawn(hub.clone().run());
        Self { source, hub }
    }

    /// A client that follows topics from now on.
    async fn client(&self, topics: &[Topic]) -> Connection {
        let mut client = self.hub.connect().unwrap();
        for topic in topics {
            client.follow(*topic, None).await.unwrap();
        }
        client
    }

    fn commit(&self, changes: impl Into<Arc<[Change]>>) {
        // There may be nobody who follows.
        let _ = self.source.0.commits.send(changes.into());
    }

    fn reads(&self) -> usize {
        self.source.0.reads.load(Ordering::Relaxed)
    }
}

fn run(number: u128) -> RunId {
    RunId::from_parts(Timestamp::from_millis(1), number)
}

/// Touches the row of a run.
fn touch(run: RunId) -> Change {
    let events = Vec::new();
    Change::PutRunEvents { run, events }
}

/// The next message, which comes within `time`.
async fn told(client: &Connection, time: Duration) -> Arc<Message> {
    let message = tokio::time::timeout(time, client.next()).await;
    message.unwrap_or_else(|_| panic!("no message within {time:?}"))
}

async fn is_silent(client: &Connection, time: Duration) -> bool {
    tokio::time::timeout(time, client.next()).await.is_err()
}

fn mentions(message: &Message, run: RunId) -> bool {
    message.text.contains(&run.to_string())
}

#[tokio::test(start_paused = true)]
async fn the_first_change_is_told_at_once_and_the_rest_ten_times_a_second() {
    let world = World::start();
    let client = world.client(&[Topic::Runs]).await;
    world.commit([touch(run(1))]);
    let first = told(&client, SOON).await;
    assert_eq!(first.kind, MessageKind::Delta);
    assert!(mentions(&first, run(1)), "{first:?}");
    world.commit([touch(run(2))]);
    world.commit([touch(run(3))]);
    assert!(is_silent(&client, TICK - NEAR).await);
    let second = told(&client, 2 * NEAR).await;
    assert!(
        mentions(&second, run(2)) && mentions(&second, run(3)),
        "{second:?}"
    );
    assert!(!mentions(&second, run(1)), "{second:?}");
    assert!(second.cursor > first.cursor);
    assert!(is_silent(&client, Duration::from_secs(3600)).await);
}

#[tokio::test(start_paused = true)]
async fn ten_clients_cost_one_read() {
    let world = World::start();
    let mut clients = Vec::new();
    for _ in 0..10 {
        clients.push(world.client(&[Topic::Runs]).await);
    }
    world.commit([touch(run(1))]);
    for client in &clients {
        let message = told(client, SOON).await;
        assert!(mentions(&message, run(1)));
    }
    assert_eq!(world.reads(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_nobody_follows_is_not_read() {
    let world = World::start();
    let mut client = world.client(&[Topic::Runs, Topic::Run(run(2))]).await;
    client.leave(Topic::Runs);
    let reads = world.reads();
    world.commit([touch(run(1))]);
    assert!(is_silent(&client, Duration::from_secs(1)).await);
    assert_eq!(world.reads(), reads);
    world.commit([touch(run(2))]);
    assert_eq!(told(&client, SOON).await.topic, Topic::Run(run(2)));
}

#[tokio::test(start_paused = true)]
async fn who_comes_back_with_a_cursor_is_told_what_was_missed() {
    let world = World::start();
    let client = world.client(&[Topic::Runs]).await;
    world.commit([touch(run(1))]);
    let cursor = told(&client, SOON).await.cursor;
    drop(client);
    for number in 2..5 {
        world.commit([touch(run(number))]);
        tokio::time::sleep(2 * TICK).await;
    }
    let mut client = world.hub.connect().unwrap();
    let first = client.follow(Topic::Runs, Some(cursor)).await.unwrap();
    assert_eq!(first.kind, MessageKind::Delta);
    assert!(!mentions(&first, run(1)), "{first:?}");
    assert!(
        (2..5).all(|number| mentions(&first, run(number))),
        "{first:?}"
    );
    // It is told the rest as if it had never been away.
    world.commit([touch(run(5))]);
    let message = told(&client, SOON).await;
    assert!(mentions(&message, run(5)));
    let cursor = client.follow(Topic::Runs, None).await.unwrap().cursor;
    let nothing = client.follow(Topic::Runs, Some(cursor)).await.unwrap();
    assert_eq!(nothing.kind, MessageKind::Delta);
    assert!(nothing.text.contains(r#""data":[]"#), "{nothing:?}");
}

#[tokio::test(start_paused = true)]
async fn a_cursor_from_elsewhere_is_a_gap() {
    let world = World::start();
    let mut client = world.client(&[]).await;
    let cursor = Cursor {
        epoch: 99,
        place: 0,
    };
    let first = client.follow(Topic::Runs, Some(cursor)).await.unwrap();
    assert_eq!(first.kind, MessageKind::Gap);
    // It goes on from the gap.
    world.commit([touch(run(1))]);
    let delta = told(&client, SOON).await;
    let again = client
        .follow(Topic::Runs, Some(first.cursor))
        .await
        .unwrap();
    assert!(mentions(&again, run(1)) && mentions(&delta, run(1)));
}

#[tokio::test(start_paused = true)]
async fn commits_that_were_missed_are_a_gap_for_everyone() {
    let world = World::start();
    let first = world.client(&[Topic::Runs, Topic::Flow]).await;
    let other = world.client(&[Topic::Events]).await;
    tokio::time::sleep(SOON).await;
    for number in 0..100 {
        world.commit([touch(run(number))]);
    }
    for (client, topic) in [
        (&first, Topic::Runs),
        (&first, Topic::Flow),
        (&other, Topic::Events),
    ] {
        let gap = told(client, SOON).await;
        assert_eq!((gap.topic, gap.kind), (topic, MessageKind::Gap));
    }
    // What was not missed is told under the new cursor, the first of it at once.
    let (delta, rest) = (told(&first, SOON).await, told(&first, TICK + NEAR).await);
    assert!(!mentions(&delta, run(1)), "{delta:?}");
    assert!(mentions(&rest, run(99)), "{rest:?}");
}

#[tokio::test(start_paused = true)]
async fn more_rows_than_a_message_carries_are_a_gap_once_a_second() {
    let world = World::start();
    let client = world.client(&[Topic::Runs, Topic::Run(run(1))]).await;
    let reads = world.reads();
    let crowd = || {
        let runs = 0..=ROWS_PER_MESSAGE_MAX as u128;
        runs.map(|number| touch(run(number))).collect::<Vec<_>>()
    };
    let began = Instant::now();
    let mut gaps = 0;
    while began.elapsed() < Duration::from_millis(2950) {
        world.commit(crowd());
        tokio::time::sleep(Duration::from_millis(50)).await;
        while let Some(message) = client.mailbox.next().now_or_never() {
            gaps += usize::from(message.topic == Topic::Runs && message.kind == MessageKind::Gap);
            assert!(message.topic != Topic::Runs || message.kind == MessageKind::Gap);
        }
    }
    assert_eq!(gaps, 3);
    // The one run is told of as often as ever.
    assert!(
        (25..=30).contains(&(world.reads() - reads)),
        "{}",
        world.reads()
    );
}

#[tokio::test(start_paused = true)]
async fn flow_is_told_once_a_second() {
    let world = World::start();
    let client = world.client(&[Topic::Flow]).await;
    world.commit([Change::DeleteHolds(run(1))]);
    told(&client, SOON).await;
    world.commit([Change::DeleteHolds(run(1))]);
    assert!(is_silent(&client, PULSE - NEAR).await);
    told(&client, 2 * NEAR).await;
    assert!(is_silent(&client, Duration::from_secs(3600)).await);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_takes_nothing_is_told_of_gaps_and_holds_nobody_up() {
    let world = World::start();
    let slow = world.client(&[Topic::Runs]).await;
    let quick = world.client(&[Topic::Runs]).await;
    for number in 0..=MESSAGES_BEHIND_MAX as u128 {
        world.commit([touch(run(number))]);
        let message = told(&quick, TICK + SOON).await;
        assert!(mentions(&message, run(number)));
    }
    let gap = told(&slow, SOON).await;
    assert_eq!(gap.kind, MessageKind::Gap);
    assert!(is_silent(&slow, SOON).await);
    world.commit([touch(run(500))]);
    let delta = told(&slow, TICK + SOON).await;
    assert!(mentions(&delta, run(500)) && delta.cursor > gap.cursor);
}

#[tokio::test(start_paused = true)]
async fn rows_that_cannot_be_read_are_a_gap() {
    let world = World::start();
    let mut client = world.client(&[Topic::Runs]).await;
    world.source.0.is_broken.store(true, Ordering::Relaxed);
    world.commit([touch(run(1))]);
    assert_eq!(told(&client, SOON).await.kind, MessageKind::Gap);
    let refusal = client.follow(Topic::Run(run(1)), None).await.unwrap_err();
    assert_eq!(refusal, Refusal::Unavailable);
    assert_eq!(client.topics.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_does_not_exist_cannot_be_followed() {
    let world = World::start();
    let mut client = world.client(&[]).await;
    *world.source.0.missing.lock().unwrap() = Some(run(1));
    let topic = Topic::Run(run(1));
    let refusal = client.follow(topic, None).await.unwrap_err();
    assert_eq!(refusal, Refusal::NotFound(topic));
    assert!(world.hub.lock().topics.is_empty());
}

#[tokio::test(start_paused = true)]
async fn connections_and_their_topics_are_bounded() {
    let world = World::start();
    let connect = || world.hub.connect();
    let clients: Vec<_> = (0..CONNECTIONS_MAX).map(|_| connect().unwrap()).collect();
    assert!(connect().is_none());
    drop(clients);
    let mut client = connect().unwrap();
    let topic = |number| Topic::Run(run(number));
    for number in 0..TOPICS_PER_CONNECTION_MAX as u128 {
        client.follow(topic(number), None).await.unwrap();
    }
    let limit = TOPICS_PER_CONNECTION_MAX;
    let refusal = client.follow(Topic::Runs, None).await.unwrap_err();
    assert_eq!(refusal, Refusal::TooManyTopics { limit });
    // One that is followed already is not one more.
    client.follow(topic(0), None).await.unwrap();
    client.leave(topic(0));
    client.follow(Topic::Runs, None).await.unwrap();
    drop(client);
    assert!(world.hub.lock().topics.is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_hub_rests_some_minutes_after_the_last_client() {
    let world = World::start();
    let is_at_rest = || world.source.0.commits.receiver_count() == 0;
    assert!(is_at_rest());
    let client = world.client(&[Topic::Runs]).await;
    world.commit([touch(run(1))]);
    let cursor = told(&client, SOON).await.cursor;
    assert!(!is_at_rest());
    tokio::time::sleep(3 * LINGER).await;
    drop(client);
    tokio::time::sleep(LINGER - SOON).await;
    assert!(!is_at_rest());
    tokio::time::sleep(LINGER + 2 * SOON).await;
    assert!(is_at_rest());
    // And begins again.
    let mut client = world.hub.connect().unwrap();
    let first = client.follow(Topic::Runs, Some(cursor)).await.unwrap();
    assert_eq!(first.kind, MessageKind::Gap);
    let pause = Change::DeletePause(FunctionId(uuid::Uuid::nil()));
    client.follow(Topic::Functions, None).await.unwrap();
    world.commit([pause]);
    assert_eq!(told(&client, SOON).await.topic, Topic::Functions);
}
