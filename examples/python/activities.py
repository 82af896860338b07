"""The activities of the seven proofs: one that fails before it succeeds, one that waits to be cancelled, one that undoes."""

import asyncio
from collections import Counter

from temporalio import activity

# How often each activity body ran, by (activity, workflow id).
ran: Counter[tuple[str, str]] = Counter()


def _note(name: str) -> None:
    ran[name, activity.info().workflow_id] += 1


@activity.defn
async def fail_twice() -> int:
    """Fails in its first two attempts, then says which attempt succeeded."""
    _note("fail_twice")
    attempt = activity.info().attempt
    if attempt < 3:
        raise RuntimeError(f"attempt {attempt} fails")
    return attempt


@activity.defn
async def wait_to_be_cancelled() -> None:
    """Sends heartbeats until the answer to one says that it is cancelled."""
    _note("wait_to_be_cancelled")
    while True:
        activity.heartbeat()
        await asyncio.sleep(0.05)


@activity.defn
async def compensate() -> None:
    """Undoes what the cancelled activity may have done."""
    _note("compensate")


ALL = [fail_twice, wait_to_be_cancelled, compensate]
