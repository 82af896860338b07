/**
 * The activities of the seven proofs: one that fails before it succeeds, one that waits to be cancelled, one that undoes.
 */
import { activityInfo, heartbeat, sleep } from '@temporalio/activity';

/** How often each activity body ran, by activity and workflow id. */
const counts = new Map<string, number>();

export function ran(activity: string, workflowId: string): number {
  return counts.get(`${activity} ${workflowId}`) ?? 0;
}

function note(activity: string): void {
  const workflowId = activityInfo().workflowExecution?.workflowId ?? '';
  counts.set(`${activity} ${workflowId}`, ran(activity, workflowId) + 1);
}

/** Fails in its first two attempts, then says which attempt succeeded. */
export async function failTwice(): Promise<number> {
  note('failTwice');
  const { attempt } = activityInfo();
  if (attempt < 3) throw new Error(`attempt ${attempt} fails`);
  return attempt;
}

/** Sends heartbeats until the answer to one says that it is cancelled. */
export async function waitToBeCancelled(): Promise<void> {
  note('waitToBeCancelled');
  for (;;) {
    heartbeat();
    await sleep(50);
  }
}

/** Undoes what the cancelled activity may have done. */
export async function compensate(): Promise<void> {
  note('compensate');
}
