package fulfillment_test

import (
	"errors"
	"testing"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"

	"aevum.dev/examples/fulfillment"
	"aevum.dev/examples/gateway"
	"aevum.dev/examples/internal/proof"
)

func open(t *testing.T) *proof.Stage {
	t.Parallel()
	return proof.Open(t, func(w worker.Registry, g *gateway.Gateway) {
		w.RegisterWorkflow(fulfillment.OrderFulfillmentWorkflow)
		w.RegisterWorkflow(fulfillment.PaymentWorkflow)
		w.RegisterWorkflow(fulfillment.InventoryWorkflow)
		w.RegisterActivity(&fulfillment.Activities{Gateway: g})
	})
}

func start(s *proof.Stage) (fulfillment.Order, client.WorkflowRun) {
	order := fulfillment.Order{
		ID:      proof.Unique("order"),
		Payment: fulfillment.Payment{CustomerID: "cust-1", Amount: 59.98},
		Items:   []string{"WIDGET-001", "WIDGET-002"},
	}
	return order, s.Start(fulfillment.OrderFulfillmentWorkflow, order)
}

func TestCorePaymentAndInventoryRunAsChildrenAndTheOrderShips(t *testing.T) {
	s := open(t)
	order, run := start(s)
	s.Result(run, nil)

	proof.Equal(t, "shipped", s.Gateway.Count("ShipOrder"), 1)
	proof.Equal(t, "refunds", s.Gateway.Count("RefundPayment"), 0)
	s.ExpectEvents(run, `
		WorkflowExecutionStarted OrderFulfillmentWorkflow
		StartChildWorkflowExecutionInitiated PaymentWorkflow
		StartChildWorkflowExecutionInitiated InventoryWorkflow
		ChildWorkflowExecutionStarted PaymentWorkflow
		ChildWorkflowExecutionStarted InventoryWorkflow
		ChildWorkflowExecutionCompleted PaymentWorkflow
		ChildWorkflowExecutionCompleted InventoryWorkflow
		ActivityTaskScheduled ShipOrder
		ActivityTaskStarted ShipOrder attempt 1
		ActivityTaskCompleted ShipOrder
		WorkflowExecutionCompleted`)
	payment := s.Client.GetWorkflow(s.Ctx, "payment-"+order.ID, "")
	var paid fulfillment.PaymentResult
	s.Result(payment, &paid)
	proof.Equal(t, "payment", paid.ID, "pay-cust-1")
	s.ExpectHistory(payment, `
		WorkflowExecutionStarted PaymentWorkflow
		WorkflowTask
		ActivityTaskScheduled ChargePayment
		ActivityTaskStarted ChargePayment attempt 1
		ActivityTaskCompleted ChargePayment
		WorkflowTask
		WorkflowExecutionCompleted`)
}

func TestAFailingInventoryRefundsThePayment(t *testing.T) {
	s := open(t)
	s.Gateway.Fail("ReserveItem", gateway.Always, errors.New("warehouse closed"))
	order, run := start(s)
	err := s.Failure(run)

	var child *temporal.ChildWorkflowExecutionError
	if !errors.As(err, &child) {
		t.Errorf("the failure should be the child's: %v", err)
	}
	proof.Equal(t, "charges", s.Gateway.Count("ChargePayment"), 1)
	proof.Equal(t, "refunds", s.Gateway.Count("RefundPayment"), 1)
	proof.Equal(t, "shipped", s.Gateway.Count("ShipOrder"), 0)
	s.ExpectStatus(run, enums.WORKFLOW_EXECUTION_STATUS_FAILED)
	s.ExpectEvents(run, `
		WorkflowExecutionStarted OrderFulfillmentWorkflow
		StartChildWorkflowExecutionInitiated PaymentWorkflow
		StartChildWorkflowExecutionInitiated InventoryWorkflow
		ChildWorkflowExecutionStarted PaymentWorkflow
		ChildWorkflowExecutionStarted InventoryWorkflow
		ChildWorkflowExecutionCompleted PaymentWorkflow
		ChildWorkflowExecutionFailed InventoryWorkflow
		ActivityTaskScheduled RefundPayment
		ActivityTaskStarted RefundPayment attempt 1
		ActivityTaskCompleted RefundPayment
		WorkflowExecutionFailed RetryPolicyNotSet`)
	inventory := s.Client.GetWorkflow(s.Ctx, "inventory-"+order.ID, "")
	s.ExpectHistory(inventory, `
		WorkflowExecutionStarted InventoryWorkflow
		WorkflowTask
		ActivityTaskScheduled ReserveItem
		ActivityTaskStarted ReserveItem attempt 2
		ActivityTaskFailed ReserveItem MaximumAttemptsReached
		WorkflowTask
		WorkflowExecutionFailed RetryPolicyNotSet`)
}

func TestAFailingPaymentFailsTheOrderAndEndsTheOtherChild(t *testing.T) {
	s := open(t)
	held := s.Gateway.Hold("ReserveItem")
	defer held.Release()
	s.Gateway.Fail("ChargePayment", gateway.Always, errors.New("card refused"))
	order, run := start(s)
	_ = s.Failure(run)

	proof.Equal(t, "refunds", s.Gateway.Count("RefundPayment"), 0)
	s.ExpectStatus(run, enums.WORKFLOW_EXECUTION_STATUS_FAILED)
	s.ExpectOrder(run, `
		ChildWorkflowExecutionFailed PaymentWorkflow
		WorkflowExecutionFailed RetryPolicyNotSet`)
	// The parent's end terminates a child that is still at work.
	inventory := s.Client.GetWorkflow(s.Ctx, "inventory-"+order.ID, "")
	var terminated *temporal.TerminatedError
	if err := s.Failure(inventory); !errors.As(err, &terminated) {
		t.Errorf("the inventory child should be terminated: %v", err)
	}
	s.ExpectStatus(inventory, enums.WORKFLOW_EXECUTION_STATUS_TERMINATED)
	s.ExpectOrder(inventory, `WorkflowExecutionTerminated by parent close policy`)
}
