use super::*;

fn topic(channel: &str) -> Topic {
    Topic {
        channel: channel.to_owned(),
        name: "$stream".to_owned(),
    }
}

fn listen(realtime: &Realtime, channel: &str) -> Listener {
    realtime.listen(vec![topic(channel)]).unwrap()
}

#[tokio::test]
async fn bytes_go_to_the_listeners_of_the_channel_in_order() {
    let realtime = Realtime::default();
    let (mut one, mut two) = (listen(&realtime, "a"), listen(&realtime, "a"));
    let mut other = listen(&realtime, "b");
    realtime.publish(&topic("a"), Bytes::from_static(b"1"));
    realtime.publish(&topic("a"), Bytes::from_static(b"2"));
    for listener in [&mut one, &mut two] {
        assert_eq!(listener.next().await.unwrap(), "1");
        assert_eq!(listener.next().await.unwrap(), "2");
    }
    assert!(other.pieces.try_recv().is_err());
}

#[tokio::test]
async fn what_nobody_heard_is_held_for_the_first_listener() {
    let realtime = Realtime::default();
    realtime.publish(&topic("a"), Bytes::from_static(b"early"));
    let mut first = listen(&realtime, "a");
    let mut second = listen(&realtime, "a");
    assert_eq!(first.next().await.unwrap(), "early");
    assert!(second.pieces.try_recv().is_err());
    // Heard once is not held any more.
    realtime.publish(&topic("a"), Bytes::from_static(b"heard"));
    drop((first, second));
    assert!(listen(&realtime, "a").pieces.try_recv().is_err());
}

#[tokio::test]
async fn a_slow_listener_is_dropped_and_the_others_are_not() {
    let realtime = Realtime::default();
    let (mut slow, mut quick) = (listen(&realtime, "a"), listen(&realtime, "a"));
    for _ in 0..=PIECES_BEHIND_MAX {
        realtime.publish(&topic("a"), Bytes::from_static(b"x"));
        quick.next().await.unwrap();
    }
    let mut heard = 0;
    while slow.next().await.is_some() {
        heard += 1;
    }
    assert_eq!(heard, PIECES_BEHIND_MAX);
    realtime.publish(&topic("a"), Bytes::from_static(b"y"));
    assert_eq!(quick.next().await.unwrap(), "y");
}

#[tokio::test]
async fn long_bytes_are_cut_up() {
    let realtime = Realtime::default();
    let mut listener = listen(&realtime, "a");
    realtime.publish(&topic("a"), vec![b'x'; PIECE_MAX + 1].into());
    assert_eq!(listener.next().await.unwrap().len(), PIECE_MAX);
    assert_eq!(listener.next().await.unwrap().len(), 1);
}

#[test]
fn listeners_are_bounded() {
    let realtime = Realtime::default();
    let mut listeners: Vec<_> = (0..LISTENERS_PER_TOPIC_MAX)
        .map(|_| listen(&realtime, "a"))
        .collect();
    assert!(realtime.listen(vec![topic("a")]).is_none());
    listeners.extend((LISTENERS_PER_TOPIC_MAX..LISTENERS_MAX).map(|_| listen(&realtime, "b")));
    assert!(realtime.listen(vec![topic("c")]).is_none());
    drop(listeners);
    assert!(realtime.listen(vec![topic("a")]).is_some());
    let shared = realtime.lock();
    assert!(shared.listeners.is_empty() && shared.listening == 0);
}
