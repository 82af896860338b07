//! Workers for activities: every attempt that is handed out is remembered by the world, then anything may happen to it.

use std::sync::Arc;
use std::time::Duration;

use model::{ChainKey, RunId};
use prost::Message;
use proto::aevum::token::v1::ActivityTaskToken;
use proto::temporal::api::taskqueue::v1::TaskQueue;
use proto::temporal::api::workflowservice::v1 as api;
use rpc::services::{History, Matching};
use rpc::{Context, Error};
use testkit::commands::{application_failure, payloads};

use super::{POLL, QUEUE};
use crate::invariants::of_answers::Fact;
use crate::process::namespace;
use crate::rng::Rng;
use crate::world::World;

/// Polls for activities until the world is over.
pub(super) fn start(world: &Arc<World>, name: &str, moody: bool) {
    let (world, name) = (world.clone(), name.to_owned());
    tokio::task::spawn_local(async move {
        let over = world.over.clone();
        tokio::select! {
            biased;
            () = over.cancelled() => {}
            () = poll(&world, &name, moody) => {}
        }
    });
}

async fn poll(world: &Arc<World>, name: &str, moody: bool) {
    loop {
        let process = world.process().await;
        let request = api::PollActivityTaskQueueRequest {
            namespace: "default".to_owned(),
            task_queue: Some(TaskQueue { name: QUEUE.to_owned(), ..TaskQueue::default() }),
            identity: name.to_owned(),
            ..Default::default()
        };
        let context = Context::within(POLL);
        match process.call(process.matching.poll_activity_task(&context, &namespace(), request)).await {
            Ok(task) if !task.task_token.is_empty() => begin(world, name, task, moody),
            Ok(_) => crate::clock::wait(Duration::from_millis(20)).await,
            Err(_) => crate::clock::wait(Duration::from_millis(100)).await,
        }
        if moody && world.rng.fork(&format!("{name}{}", world.wall.elapsed().as_nanos())).chance(1, 12) {
            // Busy elsewhere: tasks gather.
            crate::clock::wait(Duration::from_secs(2)).await;
        }
    }
}

/// One attempt in a worker's hands.
struct Attempt {
    world: Arc<World>,
    identity: String,
    chain: ChainKey,
    run: RunId,
    token: ActivityTaskToken,
    rng: Rng,
}

/// Notes that the attempt was handed out, and carries it out.
pub(super) fn begin(world: &Arc<World>, identity: &str, task: api::PollActivityTaskQueueResponse, moody: bool) {
    let Ok(token) = ActivityTaskToken::decode(task.task_token.clone()) else { return };
    let (Some(chain), Ok(run)) = (World::chain(&token.workflow_id), RunId::parse(&token.run_id)) else { return };
    let (scheduled_event_id, attempt) = (token.scheduled_event_id, token.attempt);
    let rng = world.rng.fork(&format!("{run} {scheduled_event_id} {attempt}"));
    world.told(Fact::AttemptHandedOut { chain: chain.clone(), run, scheduled_event_id, attempt });
    let attempt = Attempt { world: world.clone(), identity: identity.to_owned(), chain, run, token, rng };
    let heartbeats = task.heartbeat_timeout.is_some_and(|timeout| timeout.seconds > 0);
    tokio::task::spawn_local(async move {
        let over = attempt.world.over.clone();
        tokio::select! {
            biased;
            () = over.cancelled() => {}
            () = attempt.carry_out(moody, heartbeats) => {}
        }
    });
}

impl Attempt {
    async fn carry_out(mut self, moody: bool, heartbeats: bool) {
        if !moody {
            return self.complete(false).await;
        }
        let time = self.rng.millis(0, 1_500);
        crate::clock::wait(time).await;
        if heartbeats || self.rng.chance(1, 6) {
            for beat in 0..1 + self.rng.below(3) {
                if self.heartbeat(beat).await {
                    return self.acknowledge_cancel().await;
                }
                let pause = self.rng.millis(200, 1_400);
                crate::clock::wait(pause).await;
            }
        }
        match self.rng.below(20) {
            0..=3 => self.fail(false).await,
            4 => self.fail(true).await,
            5..=6 => self.world.say(|| format!("{} forgets {} of {}", self.identity, self.token.scheduled_event_id, self.run)),
            7..=8 => self.complete(true).await,
            _ => self.complete(false).await,
        }
    }

    fn task_token(&self, by_id: bool) -> prost::bytes::Bytes {
        let mut token = self.token.clone();
        if by_id {
            token.scheduled_event_id = 0;
        }
        token.encode_to_vec().into()
    }

    async fn complete(&self, by_id: bool) {
        let request = api::RespondActivityTaskCompletedRequest {
            task_token: self.task_token(by_id),
            result: Some(payloads("done")),
            identity: self.identity.clone(),
            ..Default::default()
        };
        self.last_word(async |process| {
            process.history.activity_completed(&Context::default(), &namespace(), request.clone()).await
        })
        .await;
    }

    async fn fail(&self, for_good: bool) {
        let request = api::RespondActivityTaskFailedRequest {
            task_token: self.task_token(false),
            failure: Some(application_failure("it broke", for_good)),
            identity: self.identity.clone(),
            last_heartbeat_details: Some(payloads("half")),
            ..Default::default()
        };
        self.last_word(async |process| process.history.activity_failed(&Context::default(), &namespace(), request.clone()).await)
            .await;
    }

    async fn acknowledge_cancel(&self) {
        let request = api::RespondActivityTaskCanceledRequest {
            task_token: self.task_token(false),
            details: Some(payloads("stopped")),
            identity: self.identity.clone(),
            ..Default::default()
        };
        self.last_word(async |process| {
            process.history.activity_canceled(&Context::default(), &namespace(), request.clone()).await
        })
        .await;
    }

    /// Says how it ended, until somebody listens.
    async fn last_word(&self, say: impl AsyncFn(&crate::process::Process) -> Result<(), Error>) {
        for _ in 0..5 {
            let process = self.world.process().await;
            match process.call(say(&process)).await {
                Ok(()) => {
                    return self.world.told(Fact::ActivityEnded {
                        chain: self.chain.clone(),
                        run: self.run,
                        scheduled_event_id: self.token.scheduled_event_id,
                        attempt: self.token.attempt,
                    });
                }
                Err(Error::Unavailable(_) | Error::ResourceExhausted { .. }) => {
                    crate::clock::wait(Duration::from_millis(150)).await;
                }
                Err(error) => {
                    return self.world.say(|| format!("{} ended in vain: {error}", self.token.scheduled_event_id));
                }
            }
        }
    }

    /// Whether the activity is to stop.
    async fn heartbeat(&self, beat: u64) -> bool {
        let details = (beat != 1).then(|| payloads(&format!("beat {beat}")));
        let kept = details.is_some();
        let process = self.world.process().await;
        let request = api::RecordActivityTaskHeartbeatRequest {
            task_token: self.task_token(false),
            details,
            identity: self.identity.clone(),
            ..Default::default()
        };
        match process.call(process.history.activity_heartbeat(&Context::default(), &namespace(), request)).await {
            Ok(answer) => {
                if kept {
                    self.world.told(Fact::HeartbeatKept {
                        chain: self.chain.clone(),
                        run: self.run,
                        scheduled_event_id: self.token.scheduled_event_id,
                        attempt: self.token.attempt,
                    });
                }
                answer.cancel_requested
            }
            Err(_) => false,
        }
    }
}
