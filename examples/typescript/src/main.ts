/**
 * Runs the seven proofs against the server at TEMPORAL_ADDRESS and prints a line for each.
 *
 * Ends with status 1 when one fails or the server does not answer.
 */
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import * as activities from './activities';
import { proofs, Stage } from './proofs';

const PATIENCE = 30_000; // milliseconds for one proof

async function prove(name: string, stage: Stage): Promise<boolean> {
  let alarm: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    alarm = setTimeout(() => reject(new Error(`no end within ${PATIENCE / 1000} s`)), PATIENCE);
  });
  try {
    await Promise.race([proofs[name](stage), late]);
    console.log(`ok ${name}`);
    return true;
  } catch (why) {
    console.log(`failed ${name}: ${why instanceof Error ? why.message : why}`);
    return false;
  } finally {
    clearTimeout(alarm);
  }
}

async function main(): Promise<number> {
  const address = process.env.TEMPORAL_ADDRESS;
  if (!address) {
    console.error('TEMPORAL_ADDRESS is not set: say where the server is, for example 127.0.0.1:7233');
    return 1;
  }
  const namespace = process.env.TEMPORAL_NAMESPACE ?? 'default';
  // Attempts that are meant to fail would fill the screen with warnings.
  Runtime.install({ logger: new DefaultLogger('ERROR') });

  const connection = await Connection.connect({ address }).catch((why) => {
    throw new Error(`no server answers at ${address}: ${why instanceof Error ? why.message : why}`);
  });
  const workerConnection = await NativeConnection.connect({ address });
  try {
    const taskQueue = `typescript-${randomUUID()}`;
    const worker = await Worker.create({
      connection: workerConnection,
      namespace,
      taskQueue,
      activities: { ...activities },
      workflowsPath: require.resolve('./workflows'),
    });
    const stage = { client: new Client({ connection, namespace }), taskQueue };
    const passed: boolean[] = [];
    await worker.runUntil(async () => {
      for (const name of Object.keys(proofs)) passed.push(await prove(name, stage));
    });
    const good = passed.filter(Boolean).length;
    console.log(`${good} passed, ${passed.length - good} failed`);
    return good === passed.length ? 0 : 1;
  } finally {
    await workerConnection.close();
    await connection.close();
  }
}

main().then(
  (status) => process.exit(status),
  (why) => {
    console.error(`the proofs could not run: ${why instanceof Error ? why.message : why}`);
    process.exit(1);
  }
);
