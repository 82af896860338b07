package retries_test

import (
	"errors"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"

	"aevum.dev/examples/gateway"
	"aevum.dev/examples/internal/proof"
	"aevum.dev/examples/retries"
)

func open(t *testing.T) *proof.Stage {
	t.Parallel()
	return proof.Open(t, func(w worker.Registry, g *gateway.Gateway) {
		w.RegisterWorkflow(retries.ChargeCardWorkflow)
		w.RegisterWorkflow(retries.CallServiceWorkflow)
		w.RegisterWorkflow(retries.ImpatientWorkflow)
		w.RegisterWorkflow(retries.WaitWorkflow)
		w.RegisterWorkflow(retries.ParentWorkflow)
		w.RegisterWorkflow(retries.SecondTimeLuckyWorkflow)
		w.RegisterActivity(&retries.Activities{Gateway: g})
	})
}

func charge(s *proof.Stage) client.WorkflowRun {
	return s.Start(retries.ChargeCardWorkflow, retries.Charge{Card: "4111", Unit: 2 * time.Millisecond})
}

func TestNineFailuresAreRetriedAndTheTenthAttemptCounts(t *testing.T) {
	s := open(t)
	s.Gateway.Fail("ChargeCard", 9, errors.New("bank unavailable"))
	run := charge(s)
	s.Result(run, nil)
	proof.Equal(t, "attempts", s.Gateway.Count("ChargeCard"), 10)
	s.ExpectHistory(run, `
		WorkflowExecutionStarted ChargeCardWorkflow
		WorkflowTask
		ActivityTaskScheduled ChargeCard
		ActivityTaskStarted ChargeCard attempt 10
		ActivityTaskCompleted ChargeCard
		WorkflowTask
		WorkflowExecutionCompleted`)
}

func TestTheTenthFailureIsTheLast(t *testing.T) {
	s := open(t)
	s.Gateway.Fail("ChargeCard", gateway.Always, errors.New("bank unavailable"))
	run := charge(s)
	expectActivityError(t, s.Failure(run), enums.RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED)
	proof.Equal(t, "attempts", s.Gateway.Count("ChargeCard"), 10)
	s.ExpectStatus(run, enums.WORKFLOW_EXECUTION_STATUS_FAILED)
	s.ExpectOrder(run, `
		ActivityTaskStarted ChargeCard attempt 10
		ActivityTaskFailed ChargeCard MaximumAttemptsReached
		WorkflowExecutionFailed RetryPolicyNotSet`)
}

func TestCoreAnInvalidCreditCardIsNotTriedAgain(t *testing.T) {
	notRetried(t, temporal.NewApplicationError("no such card", retries.InvalidCreditCard))
}

func TestInsufficientFundsAreNotTriedAgain(t *testing.T) {
	notRetried(t, temporal.NewApplicationError("not enough", retries.InsufficientFunds))
}

func TestAnErrorMarkedNonRetryableIsNotTriedAgain(t *testing.T) {
	notRetried(t, temporal.NewNonRetryableApplicationError("never", "Whatever", nil))
}

func notRetried(t *testing.T, planned error) {
	t.Helper()
	s := open(t)
	s.Gateway.Fail("ChargeCard", gateway.Always, planned)
	run := charge(s)
	err := s.Failure(run)

	expectActivityError(t, err, enums.RETRY_STATE_NON_RETRYABLE_FAILURE)
	var want, got *temporal.ApplicationError
	if !errors.As(planned, &want) || !errors.As(errors.Unwrap(errors.Unwrap(err)), &got) || got.Type() != want.Type() {
		t.Errorf("the cause should be %v: %v", planned, err)
	}
	s.ExpectCalls("ChargeCard")
	s.ExpectHistory(run, `
		WorkflowExecutionStarted ChargeCardWorkflow
		WorkflowTask
		ActivityTaskScheduled ChargeCard
		ActivityTaskStarted ChargeCard attempt 1
		ActivityTaskFailed ChargeCard NonRetryableFailure
		WorkflowTask
		WorkflowExecutionFailed RetryPolicyNotSet`)
}

func expectActivityError(t *testing.T, err error, state enums.RetryState) {
	t.Helper()
	var failed *temporal.ActivityError
	if !errors.As(err, &failed) {
		t.Fatalf("the failure should be an activity's: %v", err)
	}
	proof.Equal(t, "retry state", failed.RetryState(), state)
}
