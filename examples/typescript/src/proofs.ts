/**
 * The seven proofs: each runs a workflow and checks its result, its status and its history.
 */
import { deepStrictEqual, fail, ok } from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { CancelledFailure, Client, Workflow, WorkflowFailedError, WorkflowHandle } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { ran } from './activities';
import * as workflows from './workflows';

const { EventType } = temporal.api.enums.v1;

/** A connection and the task queue of this run's worker. */
export interface Stage {
  client: Client;
  taskQueue: string;
}

type Proof = (stage: Stage) => Promise<void>;

function start<T extends Workflow>(stage: Stage, workflow: T, ...args: Parameters<T>) {
  const { client, taskQueue } = stage;
  return client.workflow.start<Workflow>(workflow, { args, taskQueue, workflowId: `typescript-${randomUUID()}` });
}

/** The run's events by name, without the workflow tasks. */
async function events(handle: WorkflowHandle): Promise<string[]> {
  const history = (await handle.fetchHistory()).events ?? [];
  deepStrictEqual(
    history.map((e) => Number(e.eventId)),
    history.map((_, i) => i + 1),
    'event ids count from 1'
  );
  return history
    .map((e) => EventType[e.eventType ?? 0].replace('EVENT_TYPE_', ''))
    .filter((name) => !name.startsWith('WORKFLOW_TASK_'));
}

async function expectEvents(handle: WorkflowHandle, want: string): Promise<void> {
  deepStrictEqual(await events(handle), want.trim().split(/\s+/));
}

const activityRetries: Proof = async (stage) => {
  const handle = await start(stage, workflows.retries);
  deepStrictEqual(await handle.result(), 3);
  deepStrictEqual(ran('failTwice', handle.workflowId), 3);
  await expectEvents(
    handle,
    `WORKFLOW_EXECUTION_STARTED
     ACTIVITY_TASK_SCHEDULED ACTIVITY_TASK_STARTED ACTIVITY_TASK_COMPLETED
     WORKFLOW_EXECUTION_COMPLETED`
  );
};

const signal: Proof = async (stage) => {
  const handle = await start(stage, workflows.approval);
  await handle.signal(workflows.approve, 'Ada');
  deepStrictEqual(await handle.result(), 'approved by Ada');
  await expectEvents(handle, 'WORKFLOW_EXECUTION_STARTED WORKFLOW_EXECUTION_SIGNALED WORKFLOW_EXECUTION_COMPLETED');
};

const query: Proof = async (stage) => {
  const handle = await start(stage, workflows.approval);
  deepStrictEqual(await handle.query(workflows.state), 'waiting');
  await handle.signal(workflows.approve, 'Ada');
  await handle.result();
  deepStrictEqual(await handle.query(workflows.state), 'approved');
};

const timer: Proof = async (stage) => {
  const handle = await start(stage, workflows.timer, 200);
  const slept = await handle.result();
  ok(slept >= 200, `the timer fired after ${slept} ms, before its 200 ms`);
  await expectEvents(handle, 'WORKFLOW_EXECUTION_STARTED TIMER_STARTED TIMER_FIRED WORKFLOW_EXECUTION_COMPLETED');
};

const child: Proof = async (stage) => {
  const handle = await start(stage, workflows.parent, 21);
  deepStrictEqual(await handle.result(), 42);
  await expectEvents(
    handle,
    `WORKFLOW_EXECUTION_STARTED
     START_CHILD_WORKFLOW_EXECUTION_INITIATED CHILD_WORKFLOW_EXECUTION_STARTED CHILD_WORKFLOW_EXECUTION_COMPLETED
     WORKFLOW_EXECUTION_COMPLETED`
  );
};

const continueAsNew: Proof = async (stage) => {
  const handle = await start(stage, workflows.countdown, 3, 0);
  deepStrictEqual(await handle.result(), 4);
  const first = stage.client.workflow.getHandle(handle.workflowId, handle.firstExecutionRunId);
  deepStrictEqual((await first.describe()).status.name, 'CONTINUED_AS_NEW');
  await expectEvents(first, 'WORKFLOW_EXECUTION_STARTED WORKFLOW_EXECUTION_CONTINUED_AS_NEW');
  const newest = stage.client.workflow.getHandle(handle.workflowId);
  deepStrictEqual((await newest.describe()).status.name, 'COMPLETED');
};

const cancellation: Proof = async (stage) => {
  const handle = await start(stage, workflows.cancellable);
  while (ran('waitToBeCancelled', handle.workflowId) === 0) await setTimeout(20);
  await handle.cancel();
  await handle.result().then(
    () => fail('the workflow completed although it was cancelled'),
    (why) => ok(why instanceof WorkflowFailedError && why.cause instanceof CancelledFailure, String(why))
  );
  deepStrictEqual((await handle.describe()).status.name, 'CANCELLED');
  deepStrictEqual(ran('compensate', handle.workflowId), 1);
  await expectEvents(
    handle,
    `WORKFLOW_EXECUTION_STARTED
     ACTIVITY_TASK_SCHEDULED
     WORKFLOW_EXECUTION_CANCEL_REQUESTED
     ACTIVITY_TASK_CANCEL_REQUESTED ACTIVITY_TASK_STARTED ACTIVITY_TASK_CANCELED
     ACTIVITY_TASK_SCHEDULED ACTIVITY_TASK_STARTED ACTIVITY_TASK_COMPLETED
     WORKFLOW_EXECUTION_CANCELED`
  );
};

export const proofs: Record<string, Proof> = {
  'activity-retries': activityRetries,
  signal,
  query,
  timer,
  child,
  'continue-as-new': continueAsNew,
  cancellation,
};
