package retries_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"aevum.dev/examples/gateway"
	"aevum.dev/examples/internal/proof"
	"aevum.dev/examples/retries"
)

// The article's table, a row after the other.
//
// ApplicationError: retried unless its type is listed or it says it must not
// be (policy_test.go has the second half).

func TestAnApplicationErrorIsRetried(t *testing.T) {
	s := open(t)
	s.Gateway.Fail("CallService", 2, temporal.NewApplicationError("try again", "Ordinary"))
	run := s.Start(retries.CallServiceWorkflow, retries.Limits{StartToClose: time.Minute})
	var attempt int32
	s.Result(run, &attempt)
	proof.Equal(t, "attempt", attempt, 3)
}

// TimeoutError: retried within the schedule-to-close time.

func TestATimeoutIsRetried(t *testing.T) {
	s := open(t)
	s.Gateway.Fail("CallService", 2, retries.ErrHang)
	s.Gateway.Fail("Heartbeat", gateway.Always, errors.New("silent"))
	run := s.Start(retries.CallServiceWorkflow, retries.Limits{StartToClose: 200 * time.Millisecond, ScheduleToClose: 30 * time.Second})
	var attempt int32
	s.Result(run, &attempt)
	proof.Equal(t, "attempt", attempt, 3)
	s.ExpectHistory(run, `
		WorkflowExecutionStarted CallServiceWorkflow
		WorkflowTask
		ActivityTaskScheduled CallService
		ActivityTaskStarted CallService attempt 3
		ActivityTaskCompleted CallService
		WorkflowTask
		WorkflowExecutionCompleted`)
}

func TestTimeoutsAreRetriedNoLongerThanScheduleToClose(t *testing.T) {
	s := open(t)
	s.Gateway.Fail("CallService", gateway.Always, retries.ErrHang)
	s.Gateway.Fail("Heartbeat", gateway.Always, errors.New("silent"))
	run := s.Start(retries.CallServiceWorkflow, retries.Limits{StartToClose: 300 * time.Millisecond, ScheduleToClose: 3 * time.Second})
	expectTimeout(t, s.Failure(run), enums.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE)
	if n := s.Gateway.Count("CallService"); n < 2 {
		t.Errorf("there was time for a second attempt, but only %d were made", n)
	}
	s.ExpectStatus(run, enums.WORKFLOW_EXECUTION_STATUS_FAILED)
}

func TestALateStartIsNotRetried(t *testing.T) {
	s := open(t)
	run := s.Start(retries.CallServiceWorkflow, retries.Limits{
		Queue: proof.Unique("nobody"), StartToClose: time.Minute, ScheduleToStart: 200 * time.Millisecond,
	})
	expectTimeout(t, s.Failure(run), enums.TIMEOUT_TYPE_SCHEDULE_TO_START)
	s.ExpectHistory(run, `
		WorkflowExecutionStarted CallServiceWorkflow
		WorkflowTask
		ActivityTaskScheduled CallService
		ActivityTaskTimedOut CallService ScheduleToStart Timeout
		WorkflowTask
		WorkflowExecutionFailed RetryPolicyNotSet`)
}

func TestAnActivityThatFallsSilentIsRetried(t *testing.T) {
	s := open(t)
	s.Gateway.Fail("CallService", 1, retries.ErrHang)
	s.Gateway.Fail("Heartbeat", gateway.Always, errors.New("silent"))
	run := s.Start(retries.CallServiceWorkflow, retries.Limits{StartToClose: time.Minute, Heartbeat: 300 * time.Millisecond})
	var attempt int32
	s.Result(run, &attempt)
	proof.Equal(t, "attempt", attempt, 2)
}

func expectTimeout(t *testing.T, err error, kind enums.TimeoutType) {
	t.Helper()
	var timeout *temporal.TimeoutError
	if !errors.As(err, &timeout) {
		t.Fatalf("the failure should be a time-out: %v", err)
	}
	proof.Equal(t, "time-out", timeout.TimeoutType(), kind)
}

// CanceledError: not retried.

func TestACanceledActivityIsNotRetried(t *testing.T) {
	s := open(t)
	s.Gateway.Fail("CallService", gateway.Always, retries.ErrHang)
	run := s.Start(retries.ImpatientWorkflow, retries.Limits{StartToClose: time.Minute, Heartbeat: time.Second})
	s.AwaitCall("Heartbeat")
	if err := s.Client.SignalWorkflow(s.Ctx, run.GetID(), "", retries.GiveUp, nil); err != nil {
		t.Fatalf("the signal was refused: %v", err)
	}
	err := s.Failure(run)
	if !temporal.IsCanceledError(err) {
		t.Errorf("the failure should be a cancellation: %v", err)
	}
	proof.Equal(t, "attempts", s.Gateway.Count("CallService"), 1)
	s.ExpectHistory(run, `
		WorkflowExecutionStarted ImpatientWorkflow
		WorkflowTask
		ActivityTaskScheduled CallService
		WorkflowExecutionSignaled give-up
		WorkflowTask
		ActivityTaskCancelRequested CallService
		ActivityTaskStarted CallService attempt 1
		ActivityTaskCanceled CallService
		WorkflowTask
		WorkflowExecutionCanceled`)
}

// TerminatedError: not retried, though both workflows have a retry policy.

func TestATerminatedWorkflowIsNotRetried(t *testing.T) {
	s := open(t)
	run := s.StartWith(client.StartWorkflowOptions{RetryPolicy: retries.TenAttempts(10 * time.Millisecond)}, retries.WaitWorkflow)
	s.Await(run, "WorkflowTaskCompleted")
	if err := s.Client.TerminateWorkflow(s.Ctx, run.GetID(), "", "fatal"); err != nil {
		t.Fatalf("the termination was refused: %v", err)
	}
	var terminated *temporal.TerminatedError
	if err := s.Failure(run); !errors.As(err, &terminated) {
		t.Errorf("the failure should be a termination: %v", err)
	}
	newest := s.Client.GetWorkflow(s.Ctx, run.GetID(), "")
	proof.Equal(t, "newest run", newest.GetRunID(), run.GetRunID())
	s.ExpectStatus(run, enums.WORKFLOW_EXECUTION_STATUS_TERMINATED)
	s.ExpectHistory(run, `
		WorkflowExecutionStarted WaitWorkflow
		WorkflowTask
		WorkflowExecutionTerminated fatal`)
}

func TestAParentSeesThatItsChildWasTerminated(t *testing.T) {
	s := open(t)
	childID := proof.Unique("child")
	run := s.Start(retries.ParentWorkflow, childID)
	s.Await(run, "ChildWorkflowExecutionStarted WaitWorkflow")
	if err := s.Client.TerminateWorkflow(s.Ctx, childID, "", "fatal"); err != nil {
		t.Fatalf("the termination was refused: %v", err)
	}
	err := s.Failure(run)
	var terminated *temporal.TerminatedError
	if !errors.As(err, &terminated) {
		t.Errorf("the child's failure should be a termination: %v", err)
	}
	s.ExpectOrder(run, `
		ChildWorkflowExecutionStarted WaitWorkflow
		ChildWorkflowExecutionTerminated WaitWorkflow
		WorkflowExecutionFailed RetryPolicyNotSet`)
	proof.Equal(t, "children", count(s.Lines(run), "ChildWorkflowExecutionStarted WaitWorkflow"), 1)
}

// For comparison: a workflow that fails is retried, as a new run.

func TestAFailedWorkflowWithARetryPolicyIsRetried(t *testing.T) {
	s := open(t)
	run := s.StartWith(client.StartWorkflowOptions{RetryPolicy: retries.TenAttempts(10 * time.Millisecond)}, retries.SecondTimeLuckyWorkflow)
	first := s.Client.GetWorkflow(s.Ctx, run.GetID(), run.GetRunID()) // run itself follows the chain
	var attempt int32
	if err := run.Get(s.Ctx, &attempt); err != nil {
		t.Fatalf("the second run should succeed: %v", err)
	}
	proof.Equal(t, "attempt", attempt, 2)
	s.ExpectStatus(first, enums.WORKFLOW_EXECUTION_STATUS_FAILED)
	s.ExpectHistory(first, `
		WorkflowExecutionStarted SecondTimeLuckyWorkflow
		WorkflowTask
		WorkflowExecutionFailed InProgress`)
}

func count(lines []string, line string) int {
	n := 0
	for rest := lines; slices.Contains(rest, line); n++ {
		rest = rest[slices.Index(rest, line)+1:]
	}
	return n
}
