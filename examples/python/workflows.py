"""The workflows of the seven proofs. Deterministic: time, timers and activities come from the SDK alone."""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    import activities

ATTEMPT = {
    "start_to_close_timeout": timedelta(seconds=30),
    "retry_policy": RetryPolicy(initial_interval=timedelta(milliseconds=10)),
}


@workflow.defn
class Retries:
    """Runs an activity that fails twice."""

    @workflow.run
    async def run(self) -> int:
        return await workflow.execute_activity(activities.fail_twice, **ATTEMPT)


@workflow.defn
class Approval:
    """Waits for a signal, and tells by query how far it is."""

    def __init__(self) -> None:
        self._approver: str | None = None

    @workflow.run
    async def run(self) -> str:
        await workflow.wait_condition(lambda: self._approver is not None)
        return f"approved by {self._approver}"

    @workflow.signal
    def approve(self, approver: str) -> None:
        self._approver = approver

    @workflow.query
    def state(self) -> str:
        return "waiting" if self._approver is None else "approved"


@workflow.defn
class Timer:
    """Sleeps on a durable timer and says how many milliseconds passed."""

    @workflow.run
    async def run(self, milliseconds: int) -> int:
        began = workflow.now()
        await asyncio.sleep(milliseconds / 1000)
        return round((workflow.now() - began) / timedelta(milliseconds=1))


@workflow.defn
class Child:
    """Doubles a number."""

    @workflow.run
    async def run(self, number: int) -> int:
        return 2 * number


@workflow.defn
class Parent:
    """Has a child double a number."""

    @workflow.run
    async def run(self, number: int) -> int:
        return await workflow.execute_child_workflow(
            Child.run, number, id=f"{workflow.info().workflow_id}-child"
        )


@workflow.defn
class Countdown:
    """Continues as new until it has counted to zero; returns how many runs it took."""

    @workflow.run
    async def run(self, left: int, runs: int) -> int:
        if left > 0:
            workflow.continue_as_new(args=[left - 1, runs + 1])
        return runs + 1


@workflow.defn
class Cancellable:
    """Waits in an activity; when it is cancelled, it compensates and stays cancelled."""

    @workflow.run
    async def run(self) -> None:
        try:
            await workflow.execute_activity(
                activities.wait_to_be_cancelled,
                heartbeat_timeout=timedelta(milliseconds=500),
                cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
                **ATTEMPT,
            )
        except (asyncio.CancelledError, ActivityError):
            await workflow.execute_activity(activities.compensate, **ATTEMPT)
            raise


ALL = [Retries, Approval, Timer, Child, Parent, Countdown, Cancellable]
