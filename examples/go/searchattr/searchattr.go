// Package searchattr is the order workflow that can be found: it tells the
// server its order, its customer and how far it is.
package searchattr

import (
	"aevum.dev/examples/order"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// The search attributes; they must be registered as keywords.
const (
	OrderID     = "CustomOrderID"
	CustomerID  = "CustomCustomerID"
	OrderStatus = "CustomOrderStatus"
)

// Typed keys of the same, for those who start or read workflows.
var (
	OrderIDKey     = temporal.NewSearchAttributeKeyKeyword(OrderID)
	CustomerIDKey  = temporal.NewSearchAttributeKeyKeyword(CustomerID)
	OrderStatusKey = temporal.NewSearchAttributeKeyKeyword(OrderStatus)
)

// Values of CustomOrderStatus.
const (
	Pending   = "PENDING"
	Completed = "COMPLETED"
	Failed    = "FAILED"
)

// OrderWorkflow charges an order and keeps its search attributes up to date.
func OrderWorkflow(ctx workflow.Context, input order.OrderWorkflowInput) (*order.OrderWorkflowResult, error) {
	ctx = workflow.WithActivityOptions(ctx, order.ActivityOptions(input.RetryInterval))
	err := workflow.UpsertTypedSearchAttributes(ctx,
		OrderIDKey.ValueSet(input.OrderID),
		CustomerIDKey.ValueSet(input.CustomerID),
		OrderStatusKey.ValueSet(Pending))
	if err != nil {
		return nil, err
	}

	var a *order.Activities
	result := &order.OrderWorkflowResult{OrderID: input.OrderID, Status: order.StatusCompleted, CompletedAt: workflow.Now(ctx)}
	status := Completed
	charge := order.PaymentInput{CustomerID: input.CustomerID}
	if err := workflow.ExecuteActivity(ctx, a.ProcessPayment, charge).Get(ctx, nil); err != nil {
		result.Status, status = order.StatusPaymentFailed, Failed
	}

	if err := workflow.UpsertTypedSearchAttributes(ctx, OrderStatusKey.ValueSet(status)); err != nil {
		return nil, err
	}
	return result, nil
}
