"""The seven proofs: each runs a workflow and checks its result, its status and its history."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import CancelledError

import activities
import workflows


@dataclass
class Stage:
    """A connection and the task queue of this run's worker."""

    client: Client
    queue: str

    async def start(self, workflow: Any, *args: Any) -> WorkflowHandle:
        return await self.client.start_workflow(
            workflow, args=args, id=f"python-{uuid.uuid4()}", task_queue=self.queue
        )


def expect(what: str, got: Any, want: Any) -> None:
    if got != want:
        raise AssertionError(f"{what}: got {got!r}, want {want!r}")


async def events(handle: WorkflowHandle) -> list[str]:
    """The run's events by name, without the workflow tasks."""
    history = await handle.fetch_history()
    expect("event ids", [e.event_id for e in history.events], list(range(1, len(history.events) + 1)))
    names = (EventType.Name(e.event_type).removeprefix("EVENT_TYPE_") for e in history.events)
    return [name for name in names if not name.startswith("WORKFLOW_TASK_")]


async def activity_retries(stage: Stage) -> None:
    handle = await stage.start(workflows.Retries.run)
    expect("attempt", await handle.result(), 3)
    expect("runs of the body", activities.ran["fail_twice", handle.id], 3)
    expect("events", await events(handle), [
        "WORKFLOW_EXECUTION_STARTED",
        "ACTIVITY_TASK_SCHEDULED", "ACTIVITY_TASK_STARTED", "ACTIVITY_TASK_COMPLETED",
        "WORKFLOW_EXECUTION_COMPLETED",
    ])  # fmt: skip


async def signal(stage: Stage) -> None:
    handle = await stage.start(workflows.Approval.run)
    await handle.signal(workflows.Approval.approve, "Ada")
    expect("result", await handle.result(), "approved by Ada")
    expect("events", await events(handle), [
        "WORKFLOW_EXECUTION_STARTED", "WORKFLOW_EXECUTION_SIGNALED", "WORKFLOW_EXECUTION_COMPLETED",
    ])  # fmt: skip


async def query(stage: Stage) -> None:
    handle = await stage.start(workflows.Approval.run)
    expect("state before", await handle.query(workflows.Approval.state), "waiting")
    await handle.signal(workflows.Approval.approve, "Ada")
    await handle.result()
    expect("state after the end", await handle.query(workflows.Approval.state), "approved")


async def timer(stage: Stage) -> None:
    handle = await stage.start(workflows.Timer.run, 200)
    slept = await handle.result()
    if slept < 200:
        raise AssertionError(f"the timer fired after {slept} ms, before its 200 ms")
    expect("events", await events(handle), [
        "WORKFLOW_EXECUTION_STARTED", "TIMER_STARTED", "TIMER_FIRED", "WORKFLOW_EXECUTION_COMPLETED",
    ])  # fmt: skip


async def child(stage: Stage) -> None:
    handle = await stage.start(workflows.Parent.run, 21)
    expect("result", await handle.result(), 42)
    expect("events", await events(handle), [
        "WORKFLOW_EXECUTION_STARTED",
        "START_CHILD_WORKFLOW_EXECUTION_INITIATED",
        "CHILD_WORKFLOW_EXECUTION_STARTED",
        "CHILD_WORKFLOW_EXECUTION_COMPLETED",
        "WORKFLOW_EXECUTION_COMPLETED",
    ])  # fmt: skip


async def continue_as_new(stage: Stage) -> None:
    handle = await stage.start(workflows.Countdown.run, 3, 0)
    expect("runs", await handle.result(), 4)
    first = stage.client.get_workflow_handle(handle.id, run_id=handle.first_execution_run_id)
    expect("first run", (await first.describe()).status, WorkflowExecutionStatus.CONTINUED_AS_NEW)
    expect("events", await events(first), ["WORKFLOW_EXECUTION_STARTED", "WORKFLOW_EXECUTION_CONTINUED_AS_NEW"])
    newest = stage.client.get_workflow_handle(handle.id)
    expect("last run", (await newest.describe()).status, WorkflowExecutionStatus.COMPLETED)


async def cancellation(stage: Stage) -> None:
    handle = await stage.start(workflows.Cancellable.run)
    while not activities.ran["wait_to_be_cancelled", handle.id]:
        await asyncio.sleep(0.02)
    await handle.cancel()
    try:
        await handle.result()
        raise AssertionError("the workflow completed although it was cancelled")
    except WorkflowFailureError as failure:
        expect("kind of end", type(failure.cause), CancelledError)
    expect("status", (await handle.describe()).status, WorkflowExecutionStatus.CANCELED)
    expect("compensations", activities.ran["compensate", handle.id], 1)
    expect("events", await events(handle), [
        "WORKFLOW_EXECUTION_STARTED",
        "ACTIVITY_TASK_SCHEDULED",
        "WORKFLOW_EXECUTION_CANCEL_REQUESTED",
        "ACTIVITY_TASK_CANCEL_REQUESTED", "ACTIVITY_TASK_STARTED", "ACTIVITY_TASK_CANCELED",
        "ACTIVITY_TASK_SCHEDULED", "ACTIVITY_TASK_STARTED", "ACTIVITY_TASK_COMPLETED",
        "WORKFLOW_EXECUTION_CANCELED",
    ])  # fmt: skip


ALL: dict[str, Callable[[Stage], Awaitable[None]]] = {
    "activity-retries": activity_retries,
    "signal": signal,
    "query": query,
    "timer": timer,
    "child": child,
    "continue-as-new": continue_as_new,
    "cancellation": cancellation,
}
