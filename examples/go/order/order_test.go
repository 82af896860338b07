package order_test

import (
	"errors"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"aevum.dev/examples/gateway"
	"aevum.dev/examples/internal/proof"
	"aevum.dev/examples/order"
)

var errDown = errors.New("service unavailable")

func open(t *testing.T) *proof.Stage {
	t.Parallel()
	return proof.Open(t, func(w worker.Registry, g *gateway.Gateway) {
		w.RegisterWorkflow(order.OrderWorkflow)
		w.RegisterActivity(&order.Activities{Gateway: g})
	})
}

func start(s *proof.Stage) client.WorkflowRun {
	return s.Start(order.OrderWorkflow, order.OrderWorkflowInput{
		OrderID:       "order-12345",
		CustomerID:    "cust-98765",
		Items:         []order.OrderItem{{SKU: "WIDGET-001", Quantity: 2, Price: 29.99}},
		RetryInterval: 10 * time.Millisecond,
	})
}

func TestCoreAnOrderIsCompletedAndItsConfirmationIsNotAwaited(t *testing.T) {
	s := open(t)
	run := start(s)
	var result order.OrderWorkflowResult
	s.Result(run, &result)

	proof.Equal(t, "status", result.Status, order.StatusCompleted)
	proof.Equal(t, "order", result.OrderID, "order-12345")
	proof.Equal(t, "total", result.Total, 59.98)
	proof.Equal(t, "shipment", result.ShipmentID, "ship-order-12345")
	if result.CompletedAt.IsZero() {
		t.Error("the result should say when the order was completed")
	}
	// The confirmation is scheduled by the task that completes the workflow. A
	// closed workflow's activities are not handed out: it is never sent.
	s.ExpectHistory(run, `
		WorkflowExecutionStarted OrderWorkflow
		WorkflowTask
		ActivityTaskScheduled ValidateOrder
		ActivityTaskStarted ValidateOrder attempt 1
		ActivityTaskCompleted ValidateOrder
		WorkflowTask
		ActivityTaskScheduled ProcessPayment
		ActivityTaskStarted ProcessPayment attempt 1
		ActivityTaskCompleted ProcessPayment
		WorkflowTask
		ActivityTaskScheduled CreateShipment
		ActivityTaskStarted CreateShipment attempt 1
		ActivityTaskCompleted CreateShipment
		WorkflowTask
		ActivityTaskScheduled SendConfirmation
		WorkflowExecutionCompleted`)
	s.ExpectCalls("CheckStock", "Charge", "CreateShipment")
}

func TestCoreAnOrderIsRejectedWhenTheStockIsTooSmall(t *testing.T) {
	s := open(t)
	s.Gateway.SetStock("WIDGET-001", 1)
	run := start(s)
	var result order.OrderWorkflowResult
	s.Result(run, &result)

	proof.Equal(t, "status", result.Status, order.StatusRejected)
	s.ExpectHistory(run, `
		WorkflowExecutionStarted OrderWorkflow
		WorkflowTask
		ActivityTaskScheduled ValidateOrder
		ActivityTaskStarted ValidateOrder attempt 1
		ActivityTaskCompleted ValidateOrder
		WorkflowTask
		WorkflowExecutionCompleted`)
	s.ExpectCalls("CheckStock")
}

func TestCoreAPaymentIsGivenUpAfterFiveAttempts(t *testing.T) {
	s := open(t)
	s.Gateway.Fail("Charge", gateway.Always, errDown)
	run := start(s)
	var result order.OrderWorkflowResult
	s.Result(run, &result)

	proof.Equal(t, "status", result.Status, order.StatusPaymentFailed)
	proof.Equal(t, "charges tried", s.Gateway.Count("Charge"), 5)
	proof.Equal(t, "refunds", s.Gateway.Count("Refund"), 0)
	s.ExpectHistory(run, `
		WorkflowExecutionStarted OrderWorkflow
		WorkflowTask
		ActivityTaskScheduled ValidateOrder
		ActivityTaskStarted ValidateOrder attempt 1
		ActivityTaskCompleted ValidateOrder
		WorkflowTask
		ActivityTaskScheduled ProcessPayment
		ActivityTaskStarted ProcessPayment attempt 5
		ActivityTaskFailed ProcessPayment MaximumAttemptsReached
		WorkflowTask
		WorkflowExecutionCompleted`)
}

func TestCoreAFailedShipmentRefundsThePaymentExactlyOnce(t *testing.T) {
	s := open(t)
	s.Gateway.Fail("CreateShipment", gateway.Always, errDown)
	run := start(s)
	var result order.OrderWorkflowResult
	s.Result(run, &result)

	proof.Equal(t, "status", result.Status, order.StatusShipmentFailed)
	proof.Equal(t, "shipments tried", s.Gateway.Count("CreateShipment"), 5)
	proof.Equal(t, "refunds", s.Gateway.Count("Refund"), 1)
	s.ExpectHistory(run, `
		WorkflowExecutionStarted OrderWorkflow
		WorkflowTask
		ActivityTaskScheduled ValidateOrder
		ActivityTaskStarted ValidateOrder attempt 1
		ActivityTaskCompleted ValidateOrder
		WorkflowTask
		ActivityTaskScheduled ProcessPayment
		ActivityTaskStarted ProcessPayment attempt 1
		ActivityTaskCompleted ProcessPayment
		WorkflowTask
		ActivityTaskScheduled CreateShipment
		ActivityTaskStarted CreateShipment attempt 5
		ActivityTaskFailed CreateShipment MaximumAttemptsReached
		WorkflowTask
		ActivityTaskScheduled RefundPayment
		ActivityTaskStarted RefundPayment attempt 1
		ActivityTaskCompleted RefundPayment
		WorkflowTask
		WorkflowExecutionCompleted`)
}

func TestAnOrderFailsWhenTheInventoryNeverAnswers(t *testing.T) {
	s := open(t)
	s.Gateway.Fail("CheckStock", gateway.Always, errDown)
	run := start(s)
	_ = s.Failure(run)

	s.ExpectCalls("CheckStock", "CheckStock", "CheckStock", "CheckStock", "CheckStock")
	s.ExpectHistory(run, `
		WorkflowExecutionStarted OrderWorkflow
		WorkflowTask
		ActivityTaskScheduled ValidateOrder
		ActivityTaskStarted ValidateOrder attempt 5
		ActivityTaskFailed ValidateOrder MaximumAttemptsReached
		WorkflowTask
		WorkflowExecutionFailed RetryPolicyNotSet`)
}

func TestAPaymentServiceThatComesBackInTimeCompletesTheOrder(t *testing.T) {
	s := open(t)
	s.Gateway.Fail("Charge", 3, errDown)
	run := start(s)
	var result order.OrderWorkflowResult
	s.Result(run, &result)

	proof.Equal(t, "status", result.Status, order.StatusCompleted)
	s.ExpectCalls("CheckStock", "Charge", "Charge", "Charge", "Charge", "CreateShipment")
	s.ExpectOrder(run, `
		ActivityTaskStarted ProcessPayment attempt 4
		ActivityTaskCompleted ProcessPayment
		ActivityTaskCompleted CreateShipment
		WorkflowExecutionCompleted`)
}

func TestTheArticlesRetryIntervalsAreKept(t *testing.T) {
	s := open(t)
	s.Gateway.Fail("Charge", 2, errDown)
	began := time.Now()
	run := s.Start(order.OrderWorkflow, order.OrderWorkflowInput{OrderID: "order-1", CustomerID: "cust-1"})
	var result order.OrderWorkflowResult
	s.Result(run, &result)

	proof.Equal(t, "status", result.Status, order.StatusCompleted)
	// One second, then two.
	if took := time.Since(began); took < 3*time.Second {
		t.Errorf("two retries should take three seconds, they took %s", took)
	}
}
