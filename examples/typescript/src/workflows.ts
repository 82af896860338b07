/**
 * The workflows of the seven proofs. Deterministic: time, timers and activities come from the SDK alone.
 */
import {
  ActivityCancellationType,
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  executeChild,
  isCancellation,
  proxyActivities,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type * as activities from './activities';

const attempt = { startToCloseTimeout: '30 s', retry: { initialInterval: '10 ms' } } as const;
const { failTwice, compensate } = proxyActivities<typeof activities>(attempt);
const { waitToBeCancelled } = proxyActivities<typeof activities>({
  ...attempt,
  heartbeatTimeout: '500 ms',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});

export const approve = defineSignal<[string]>('approve');
export const state = defineQuery<string>('state');

/** Runs an activity that fails twice. */
export async function retries(): Promise<number> {
  return failTwice();
}

/** Waits for a signal, and tells by query how far it is. */
export async function approval(): Promise<string> {
  let approver: string | undefined;
  setHandler(approve, (name) => void (approver = name));
  setHandler(state, () => (approver === undefined ? 'waiting' : 'approved'));
  await condition(() => approver !== undefined);
  return `approved by ${approver}`;
}

/** Sleeps on a durable timer and says how many milliseconds passed. */
export async function timer(milliseconds: number): Promise<number> {
  const began = Date.now();
  await sleep(milliseconds);
  return Date.now() - began;
}

/** Doubles a number. */
export async function child(number: number): Promise<number> {
  return 2 * number;
}

/** Has a child double a number. */
export async function parent(number: number): Promise<number> {
  return executeChild(child, { args: [number], workflowId: `${workflowInfo().workflowId}-child` });
}

/** Continues as new until it has counted to zero; returns how many runs it took. */
export async function countdown(left: number, runs: number): Promise<number> {
  if (left > 0) await continueAsNew<typeof countdown>(left - 1, runs + 1);
  return runs + 1;
}

/** Waits in an activity; when it is cancelled, it compensates and stays cancelled. */
export async function cancellable(): Promise<void> {
  try {
    await waitToBeCancelled();
  } catch (why) {
    if (isCancellation(why)) await CancellationScope.nonCancellable(() => compensate());
    throw why;
  }
}
