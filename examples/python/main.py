"""Runs the seven proofs against the server at TEMPORAL_ADDRESS and prints a line for each.

Ends with status 1 when one fails or the server does not answer.
"""

import asyncio
import logging
import os
import sys
import uuid

from temporalio.client import Client
from temporalio.worker import Worker

import activities
import proofs
import workflows

PATIENCE = 30  # seconds for one proof


async def prove(name: str, stage: proofs.Stage) -> bool:
    try:
        await asyncio.wait_for(proofs.ALL[name](stage), PATIENCE)
    except TimeoutError:
        print(f"failed {name}: no end within {PATIENCE} s", flush=True)
        return False
    except Exception as why:
        print(f"failed {name}: {why}", flush=True)
        return False
    print(f"ok {name}", flush=True)
    return True


async def main() -> int:
    address = os.environ.get("TEMPORAL_ADDRESS")
    if not address:
        print("TEMPORAL_ADDRESS is not set: say where the server is, for example 127.0.0.1:7233", file=sys.stderr)
        return 1
    # Attempts that are meant to fail would fill the screen with tracebacks.
    logging.getLogger("temporalio").setLevel(logging.CRITICAL)
    try:
        client = await Client.connect(address, namespace=os.environ.get("TEMPORAL_NAMESPACE", "default"))
    except RuntimeError as why:
        print(f"no server answers at {address}: {why}", file=sys.stderr)
        return 1
    stage = proofs.Stage(client, f"python-{uuid.uuid4()}")
    async with Worker(
        client, task_queue=stage.queue, workflows=workflows.ALL, activities=activities.ALL
    ):
        passed = [await prove(name, stage) for name in proofs.ALL]
    print(f"{passed.count(True)} passed, {passed.count(False)} failed", flush=True)
    return 0 if all(passed) else 1


if __name__ == "__main__":
    status = asyncio.run(main())
    # Threads of the SDK's native part may still let go of the interpreter while it ends, which aborts the process now and then
    # after everything was proved: it ends without taking itself apart.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
