//! DescribeTaskQueue: pollers, exact counts, rates.

use std::collections::BTreeMap;

use model::{TaskQueueKind, TaskQueueName, Timestamp};
use prost_types::{Duration as ProtoDuration, Timestamp as ProtoTimestamp};
use proto::temporal::api::enums::v1::{RateLimitSource, TaskQueueType};
use proto::temporal::api::taskqueue::v1::{PollerInfo, TaskQueueStats, TaskQueueStatus};
use proto::temporal::api::workflowservice::v1 as api;
use rpc::Error;
use rpc::services::NamespaceRef;

use crate::queue::{QueueKey, State};
use crate::service::Service;

impl Service {
    pub(super) fn describe(
        &self,
        namespace: &NamespaceRef,
        request: &api::DescribeTaskQueueRequest,
    ) -> Result<api::DescribeTaskQueueResponse, Error> {
        let name = request.task_queue.as_ref().map(|queue| queue.name.as_str()).unwrap_or_default();
        let name = TaskQueueName::parse(name).map_err(|error| Error::InvalidArgument(format!("task queue: {error}")))?;
        let kind = match request.task_queue_type() {
            TaskQueueType::Activity => TaskQueueKind::Activity,
            TaskQueueType::Nexus => {
                return Err(Error::Unimplemented("Nexus task queues are not built yet".to_owned()));
            }
            _ => TaskQueueKind::Workflow,
        };
        let key = QueueKey { namespace: namespace.id, kind, name };
        self.inner.owned(&key)?;
        // A queue that nobody used yet is described as empty.
        let Some(queue) = self.inner.existing(&key) else { return Ok(self.describe_state(&mut State::default(), request)) };
        let mut state = queue.state.lock();
        Ok(self.describe_state(&mut state, request))
    }

    fn describe_state(&self, state: &mut State, request: &api::DescribeTaskQueueRequest) -> api::DescribeTaskQueueResponse {
        let now = self.inner.now();
        let total = state.queue.len() as i64 + signed(state.unread.total());
        let pollers = state
            .notes
            .recent(self.inner.options.poller_memory, now)
            .map(|(identity, note)| PollerInfo {
                last_access_time: Some(ProtoTimestamp { seconds: note.last.seconds(), nanos: note.last.subsec_nanos() }),
                identity: identity.clone(),
                rate_per_second: note.rate,
                deployment_options: note.deployment.clone(),
                ..PollerInfo::default()
            })
            .collect();
        let mut response = api::DescribeTaskQueueResponse { pollers, ..Default::default() };
        if request.report_stats {
            response.stats = Some(TaskQueueStats {
                approximate_backlog_count: total,
                approximate_backlog_age: age(state.queue.oldest().into_iter().chain(state.unread.oldest()).min(), now),
                tasks_add_rate: state.queue.added.per_second(now),
                tasks_dispatch_rate: state.queue.dispatched.per_second(now),
                ..TaskQueueStats::default()
            });
            response.stats_by_priority_key = by_priority(state, now);
        }
        if let Some(rate) = state.queue.limit.per_second() {
            response.effective_rate_limit = Some(api::describe_task_queue_response::EffectiveRateLimit {
                requests_per_second: rate as f32,
                rate_limit_source: RateLimitSource::Worker as i32,
            });
        }
        #[expect(deprecated, reason = "old clients ask for it")]
        if request.include_task_queue_status {
            response.task_queue_status = Some(TaskQueueStatus {
                backlog_count_hint: total,
                rate_per_second: state.queue.limit.per_second().unwrap_or(100_000.0),
                ..TaskQueueStatus::default()
            });
        }
        response
    }
}

fn by_priority(state: &State, now: Timestamp) -> BTreeMap<i32, TaskQueueStats> {
    let mut levels = state.queue.by_priority();
    for (priority, (count, oldest)) in state.unread.levels() {
        let level = levels.entry(*priority).or_insert((0, *oldest));
        level.0 += signed(*count);
        level.1 = level.1.min(*oldest);
    }
    levels
        .into_iter()
        .map(|(priority, (count, oldest))| {
            let stats = TaskQueueStats {
                approximate_backlog_count: count,
                approximate_backlog_age: age(Some(oldest), now),
                ..TaskQueueStats::default()
            };
            (priority, stats)
        })
        .collect()
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn age(oldest: Option<Timestamp>, now: Timestamp) -> Option<ProtoDuration> {
    let age = oldest.map(|at| now.since(at)).unwrap_or_default();
    Some(ProtoDuration { seconds: i64::try_from(age.as_secs()).unwrap_or(i64::MAX), nanos: age.subsec_nanos() as i32 })
}
