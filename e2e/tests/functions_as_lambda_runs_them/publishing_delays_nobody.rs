//! A client never waits for SNS, and what SNS did not take is published later.

use std::time::{Duration, Instant};

use runtime_api::{Config, Function};

use crate::support::{USER_KEY, World, ask, in_time, request_event, token_event, user_key};

/// Makes a call that 3scale answers, and one that rings.
async fn ring(authorizer: &Function) {
    assert_eq!(ask(authorizer, &token_event(USER_KEY)).await, "allow granted miss");
    assert_eq!(ask(authorizer, &request_event(USER_KEY)).await, "allow granted hit");
}

#[tokio::test]
async fn an_answer_is_there_while_sns_is_still_thinking() {
    in_time(async {
        let world = World::start().await;
        let authorizer = world.authorizer(&[]).await;
        world.topic.hold();
        ring(&authorizer).await;
        world.topic.requested(1).await;
        assert!(world.topic.accepted().is_empty());
        world.topic.accept();
        authorizer.settled().await;
        assert_eq!(world.topic.accepted().len(), 1);
        assert_eq!(world.topic.publishes().len(), 1);
        world.end([authorizer]).await;
    })
    .await;
}

/// Each hit comes when the function is idle, as Lambda sends it: while an environment still publishes, Lambda sends the
/// next event to another one, or starts one. So SNS can cost a second environment, but no client a wait.
#[tokio::test]
async fn an_answer_takes_no_longer_when_sns_does() {
    const DELAY: Duration = Duration::from_millis(500);
    const PAIRS: usize = 6;
    in_time(async {
        let world = World::start().await;
        let authorizer = world.authorizer(&[]).await;
        let (mut instant, mut delayed) = (Vec::new(), Vec::new());
        for pair in 0..PAIRS {
            world.topic.accept();
            instant.push(time_to_answer(&world, &authorizer, &user_key(2 * pair)).await.answered);
            world.topic.accept_after(DELAY);
            let Timed { answered, published } = time_to_answer(&world, &authorizer, &user_key(2 * pair + 1)).await;
            assert!(published >= DELAY, "SNS took its time: {published:?}");
            delayed.push(answered);
        }
        let (instant, delayed) = (median(instant), median(delayed));
        println!(
            "a hit takes {instant:?} while SNS takes messages at once, {delayed:?} while it takes {DELAY:?} for each"
        );
        assert!(delayed < instant + DELAY / 2, "{delayed:?}, not {instant:?}");
        world.end([authorizer]).await;
    })
    .await;
}

/// How long after the event.
struct Timed {
    answered: Duration,
    published: Duration,
}

/// Makes a hit that rings.
async fn time_to_answer(world: &World, authorizer: &Function, user_key: &str) -> Timed {
    let (event, accepted) = (token_event(user_key), world.topic.accepted().len());
    assert_eq!(ask(authorizer, &event).await, "allow granted miss");
    authorizer.settled().await;
    let begun = Instant::now();
    assert_eq!(ask(authorizer, &event).await, "allow granted hit");
    let answered = begun.elapsed();
    authorizer.settled().await;
    let published = begun.elapsed();
    assert_eq!(world.topic.accepted().len(), accepted + 1);
    Timed { answered, published }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// While SNS fails in some way the answers are the same, and afterwards one more call brings the message out.
async fn comes_later(mut world: World, authorizer: Function, told: &str) {
    ring(&authorizer).await;
    let line = authorizer.logged("publish failed").await;
    assert!(line.contains(told) && line.contains("ERROR"), "{line}");
    authorizer.settled().await;
    assert!(world.topic.accepted().is_empty());
    world.topic.accept();
    world.topic.open();
    assert_eq!(ask(&authorizer, &token_event(USER_KEY)).await, "allow granted hit");
    authorizer.settled().await;
    let accepted = world.topic.accepted();
    assert_eq!(accepted.len(), 1);
    assert_eq!(world.ledger_of(&accepted[0]).await.uses, 3);
    let log = world.end([authorizer]).await;
    assert_eq!(log.iter().filter(|line| line.contains("publish failed")).count(), 1, "{log:#?}");
}

#[tokio::test]
async fn a_message_that_the_role_may_not_publish_comes_later() {
    in_time(async {
        let world = World::start().await;
        let authorizer = world.authorizer(&[]).await;
        world.topic.deny();
        let told = "SNS denies access: `AuthorizationError` (HTTP 403); the function's role needs `sns:Publish`";
        comes_later(world, authorizer, told).await;
    })
    .await;
}

#[tokio::test]
async fn a_message_that_sns_fails_at_comes_later() {
    in_time(async {
        let world = World::start().await;
        let authorizer = world.authorizer(&[]).await;
        world.topic.fail();
        comes_later(world, authorizer, "SNS refuses: `InternalFailure` (HTTP 500)").await;
    })
    .await;
}

#[tokio::test]
async fn a_message_that_sns_never_answers_comes_later() {
    in_time(async {
        let world = World::start().await;
        let authorizer = world.authorizer(&[("SNS_TIMEOUT_MS", "2000")]).await;
        world.topic.hold();
        comes_later(world, authorizer, "SNS did not answer in time").await;
    })
    .await;
}

#[tokio::test]
async fn a_message_for_a_topic_out_of_reach_comes_later() {
    in_time(async {
        let mut world = World::start().await;
        let authorizer = world.authorizer(&[]).await;
        world.topic.close().await;
        comes_later(world, authorizer, "SNS can't be reached").await;
    })
    .await;
}

#[tokio::test]
async fn a_backlog_takes_no_longer_than_a_function_may_run() {
    const KEYS: usize = 12;
    in_time(async {
        let world = World::start().await;
        let config = world.config("authorizer", &[("SNS_TIMEOUT_MS", "1000")]);
        let authorizer = Function::start(Config { timeout: Duration::from_secs(3), ..config }).await.unwrap();
        let pid = authorizer.pid();
        world.topic.fail();
        for number in 0..KEYS {
            assert_eq!(ask(&authorizer, &token_event(&user_key(number))).await, "allow granted miss");
            assert_eq!(ask(&authorizer, &token_event(&user_key(number))).await, "allow granted hit");
        }
        authorizer.settled().await;
        world.topic.accept_after(Duration::from_millis(300));
        while world.topic.accepted().len() < KEYS {
            assert_eq!(ask(&authorizer, &token_event(USER_KEY)).await, "allow granted hit");
            authorizer.settled().await;
        }
        assert_eq!(world.topic.accepted().len(), KEYS);
        assert_eq!(authorizer.pid(), pid, "the process was never lost");
        world.end([authorizer]).await;
    })
    .await;
}

#[tokio::test]
async fn a_topic_that_fails_in_a_row_is_left_alone_for_a_while() {
    const CALLS: usize = 20;
    in_time(async {
        let world = World::start().await;
        let authorizer = world.authorizer(&[]).await;
        world.topic.deny();
        ring(&authorizer).await;
        for _ in 0..CALLS {
            assert_eq!(ask(&authorizer, &token_event(USER_KEY)).await, "allow granted hit");
            authorizer.settled().await;
        }
        assert!(world.topic.publishes().len() < CALLS, "{}", world.topic.publishes().len());
        world.end([authorizer]).await;
    })
    .await;
}

#[tokio::test]
async fn a_topic_that_takes_longer_than_a_function_may_run_costs_no_answer() {
    in_time(async {
        let world = World::start().await;
        let config = world.config("authorizer", &[]);
        let authorizer = Function::start(Config { timeout: Duration::from_secs(3), ..config }).await.unwrap();
        world.topic.hold();
        ring(&authorizer).await;
        authorizer.settled().await;
        assert_eq!(authorizer.pid(), None, "Lambda has ended the process");
        assert_eq!(ask(&authorizer, &token_event(USER_KEY)).await, "allow granted hit");
        world.end([authorizer]).await;
    })
    .await;
}
