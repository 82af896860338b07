package saga_test

import (
	"errors"
	"testing"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"

	"aevum.dev/examples/gateway"
	"aevum.dev/examples/internal/proof"
	"aevum.dev/examples/saga"
)

var errDown = errors.New("service unavailable")

func open(t *testing.T) *proof.Stage {
	t.Parallel()
	return proof.Open(t, func(w worker.Registry, g *gateway.Gateway) {
		w.RegisterWorkflow(saga.SagaOrderWorkflow)
		w.RegisterActivity(&saga.Activities{Gateway: g})
	})
}

func TestASagaWithoutAFailureCompensatesNothing(t *testing.T) {
	s := open(t)
	run := s.Start(saga.SagaOrderWorkflow, saga.Order{ID: "order-1"})
	s.Result(run, nil)
	s.ExpectCalls("ReserveInventory", "ProcessPayment", "CreateShipment", "SendNotification")
}

func TestASagaThatFailsInItsFirstStepHasNothingToUndo(t *testing.T) {
	fails(t, "ReserveInventory", `
		WorkflowExecutionStarted SagaOrderWorkflow
		WorkflowTask
		ActivityTaskScheduled ReserveInventory
		ActivityTaskStarted ReserveInventory attempt 2
		ActivityTaskFailed ReserveInventory MaximumAttemptsReached
		WorkflowTask
		WorkflowExecutionFailed RetryPolicyNotSet`,
		"ReserveInventory", "ReserveInventory")
}

func TestASagaThatFailsInItsSecondStepUndoesTheFirst(t *testing.T) {
	fails(t, "ProcessPayment", `
		WorkflowExecutionStarted SagaOrderWorkflow
		WorkflowTask
		ActivityTaskScheduled ReserveInventory
		ActivityTaskStarted ReserveInventory attempt 1
		ActivityTaskCompleted ReserveInventory
		WorkflowTask
		ActivityTaskScheduled ProcessPayment
		ActivityTaskStarted ProcessPayment attempt 2
		ActivityTaskFailed ProcessPayment MaximumAttemptsReached
		WorkflowTask
		ActivityTaskScheduled ReleaseInventory
		ActivityTaskStarted ReleaseInventory attempt 1
		ActivityTaskCompleted ReleaseInventory
		WorkflowTask
		WorkflowExecutionFailed RetryPolicyNotSet`,
		"ReserveInventory", "ProcessPayment", "ProcessPayment", "ReleaseInventory")
}

func TestCoreASagaThatFailsInItsThirdStepCompensatesInReverse(t *testing.T) {
	fails(t, "CreateShipment", `
		WorkflowExecutionStarted SagaOrderWorkflow
		WorkflowTask
		ActivityTaskScheduled ReserveInventory
		ActivityTaskStarted ReserveInventory attempt 1
		ActivityTaskCompleted ReserveInventory
		WorkflowTask
		ActivityTaskScheduled ProcessPayment
		ActivityTaskStarted ProcessPayment attempt 1
		ActivityTaskCompleted ProcessPayment
		WorkflowTask
		ActivityTaskScheduled CreateShipment
		ActivityTaskStarted CreateShipment attempt 2
		ActivityTaskFailed CreateShipment MaximumAttemptsReached
		WorkflowTask
		ActivityTaskScheduled RefundPayment
		ActivityTaskStarted RefundPayment attempt 1
		ActivityTaskCompleted RefundPayment
		WorkflowTask
		ActivityTaskScheduled ReleaseInventory
		ActivityTaskStarted ReleaseInventory attempt 1
		ActivityTaskCompleted ReleaseInventory
		WorkflowTask
		WorkflowExecutionFailed RetryPolicyNotSet`,
		"ReserveInventory", "ProcessPayment", "CreateShipment", "CreateShipment", "RefundPayment", "ReleaseInventory")
}

func fails(t *testing.T, step, history string, calls ...string) {
	t.Helper()
	s := open(t)
	s.Gateway.Fail(step, gateway.Always, errDown)
	run := s.Start(saga.SagaOrderWorkflow, saga.Order{ID: "order-1"})
	err := s.Failure(run)

	var failed *temporal.ActivityError
	if !errors.As(err, &failed) || failed.ActivityType().GetName() != step {
		t.Errorf("the failure should be that of %s: %v", step, err)
	}
	s.ExpectStatus(run, enums.WORKFLOW_EXECUTION_STATUS_FAILED)
	s.ExpectCalls(calls...)
	s.ExpectHistory(run, history)
}

func TestACompensationThatFailsDoesNotStopTheOthers(t *testing.T) {
	s := open(t)
	s.Gateway.Fail("CreateShipment", gateway.Always, errDown)
	s.Gateway.Fail("RefundPayment", gateway.Always, errDown)
	run := s.Start(saga.SagaOrderWorkflow, saga.Order{ID: "order-1"})
	_ = s.Failure(run)
	s.ExpectCalls("ReserveInventory", "ProcessPayment", "CreateShipment", "CreateShipment",
		"RefundPayment", "RefundPayment", "ReleaseInventory")
	s.ExpectOrder(run, `
		ActivityTaskFailed CreateShipment MaximumAttemptsReached
		ActivityTaskFailed RefundPayment MaximumAttemptsReached
		ActivityTaskCompleted ReleaseInventory
		WorkflowExecutionFailed RetryPolicyNotSet`)
}

func TestANotificationThatFailsUndoesNothing(t *testing.T) {
	s := open(t)
	s.Gateway.Fail("SendNotification", gateway.Always, errDown)
	run := s.Start(saga.SagaOrderWorkflow, saga.Order{ID: "order-1"})
	s.Result(run, nil)
	s.ExpectCalls("ReserveInventory", "ProcessPayment", "CreateShipment", "SendNotification", "SendNotification")
	s.ExpectOrder(run, `
		ActivityTaskFailed SendNotification MaximumAttemptsReached
		WorkflowExecutionCompleted`)
}
