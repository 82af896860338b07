package opening_test

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
	"aevum.dev/examples/opening"
	"aevum.dev/examples/order"
)

var errDown = errors.New("service unavailable")

func open(t *testing.T) *proof.Stage {
	t.Parallel()
	return proof.Open(t, func(w worker.Registry, g *gateway.Gateway) {
		w.RegisterWorkflow(opening.ConfirmedOrderWorkflow)
		w.RegisterWorkflow(opening.CancellableOrderWorkflow)
		w.RegisterActivity(&order.Activities{Gateway: g})
		w.RegisterActivity(&opening.Carrier{Gateway: g})
	})
}

func start(s *proof.Stage, workflow any) client.WorkflowRun {
	return s.Start(workflow, order.OrderWorkflowInput{OrderID: "order-1", CustomerID: "cust-1", RetryInterval: 10 * time.Millisecond})
}

func TestAShipmentStandsWhenTheMailServerStaysDown(t *testing.T) {
	s := open(t)
	s.Gateway.Fail("SendOrderConfirmation", gateway.Always, errDown)
	run := start(s, opening.ConfirmedOrderWorkflow)
	var result order.OrderWorkflowResult
	s.Result(run, &result)

	proof.Equal(t, "status", result.Status, opening.StatusUnconfirmed)
	proof.Equal(t, "shipment", result.ShipmentID, "ship-order-1")
	proof.Equal(t, "shipments", s.Gateway.Count("CreateShipment"), 1)
	proof.Equal(t, "mails tried", s.Gateway.Count("SendOrderConfirmation"), 5)
	s.ExpectHistory(run, `
		WorkflowExecutionStarted ConfirmedOrderWorkflow
		WorkflowTask
		ActivityTaskScheduled CreateShipment
		ActivityTaskStarted CreateShipment attempt 1
		ActivityTaskCompleted CreateShipment
		WorkflowTask
		ActivityTaskScheduled SendConfirmation
		ActivityTaskStarted SendConfirmation attempt 5
		ActivityTaskFailed SendConfirmation MaximumAttemptsReached
		WorkflowTask
		WorkflowExecutionCompleted`)
}

func TestTheMailGoesOutOnceWhenItsServerComesBack(t *testing.T) {
	s := open(t)
	s.Gateway.Fail("SendOrderConfirmation", 2, errDown)
	run := start(s, opening.ConfirmedOrderWorkflow)
	var result order.OrderWorkflowResult
	s.Result(run, &result)

	proof.Equal(t, "status", result.Status, order.StatusCompleted)
	s.ExpectCalls("CreateShipment", "SendOrderConfirmation", "SendOrderConfirmation", "SendOrderConfirmation")
	s.ExpectOrder(run, `
		ActivityTaskStarted SendConfirmation attempt 3
		ActivityTaskCompleted SendConfirmation
		WorkflowExecutionCompleted`)
}

func TestACustomerWhoCancelsInFlightGetsTheMoneyBack(t *testing.T) {
	s := open(t)
	parcel := s.Gateway.Hold("PackParcel")
	run := start(s, opening.CancellableOrderWorkflow)
	<-parcel.Entered
	if err := s.Client.CancelWorkflow(s.Ctx, run.GetID(), ""); err != nil {
		t.Fatalf("the cancellation was refused: %v", err)
	}
	if err := s.Failure(run); !temporal.IsCanceledError(err) {
		t.Errorf("the workflow should end as canceled: %v", err)
	}
	s.ExpectStatus(run, enums.WORKFLOW_EXECUTION_STATUS_CANCELED)
	s.ExpectCalls("Charge", "PackParcel", "Refund")
	s.ExpectHistory(run, `
		WorkflowExecutionStarted CancellableOrderWorkflow
		WorkflowTask
		ActivityTaskScheduled ProcessPayment
		ActivityTaskStarted ProcessPayment attempt 1
		ActivityTaskCompleted ProcessPayment
		WorkflowTask
		ActivityTaskScheduled PackParcel
		WorkflowExecutionCancelRequested
		WorkflowTask
		ActivityTaskCancelRequested PackParcel
		ActivityTaskStarted PackParcel attempt 1
		ActivityTaskCanceled PackParcel
		WorkflowTask
		ActivityTaskScheduled RefundPayment
		ActivityTaskStarted RefundPayment attempt 1
		ActivityTaskCompleted RefundPayment
		WorkflowTask
		WorkflowExecutionCanceled`)
}

func TestAnOrderNobodyCancelsIsPaidAndPacked(t *testing.T) {
	s := open(t)
	run := start(s, opening.CancellableOrderWorkflow)
	s.Result(run, nil)
	s.ExpectCalls("Charge", "PackParcel")
}
