// Package fulfillment is the article's child-workflow program: payment and
// inventory run as two children at once, and the parent refunds the payment
// when the goods cannot be had.
package fulfillment

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// Order is what OrderFulfillmentWorkflow fulfills.
type Order struct {
	ID      string
	Payment Payment
	Items   []string
}

// Payment is the input of PaymentWorkflow.
type Payment struct {
	CustomerID string
	Amount     float64
}

// PaymentResult is the answer of PaymentWorkflow.
type PaymentResult struct {
	ID string
}

// InventoryResult is the answer of InventoryWorkflow.
type InventoryResult struct {
	Reserved int
}

// withActivities gives up after two attempts, so that a failing child fails.
func withActivities(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Minute,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: 10 * time.Millisecond, MaximumAttempts: 2},
	})
}

// OrderFulfillmentWorkflow runs both children, then ships.
func OrderFulfillmentWorkflow(ctx workflow.Context, order Order) error {
	ctx = withActivities(ctx)
	var a *Activities

	paymentCtx := workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{WorkflowID: "payment-" + order.ID})
	payment := workflow.ExecuteChildWorkflow(paymentCtx, PaymentWorkflow, order.Payment)

	inventoryCtx := workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{WorkflowID: "inventory-" + order.ID})
	inventory := workflow.ExecuteChildWorkflow(inventoryCtx, InventoryWorkflow, order.Items)

	var paid PaymentResult
	if err := payment.Get(ctx, &paid); err != nil {
		return err
	}
	var reserved InventoryResult
	if err := inventory.Get(ctx, &reserved); err != nil {
		_ = workflow.ExecuteActivity(ctx, a.RefundPayment, paid.ID).Get(ctx, nil)
		return err
	}
	return workflow.ExecuteActivity(ctx, a.ShipOrder, order.ID).Get(ctx, nil)
}

// PaymentWorkflow takes the money.
func PaymentWorkflow(ctx workflow.Context, payment Payment) (*PaymentResult, error) {
	var a *Activities
	var id string
	if err := workflow.ExecuteActivity(withActivities(ctx), a.ChargePayment, payment).Get(ctx, &id); err != nil {
		return nil, err
	}
	return &PaymentResult{ID: id}, nil
}

// InventoryWorkflow reserves the goods.
func InventoryWorkflow(ctx workflow.Context, items []string) (*InventoryResult, error) {
	var a *Activities
	ctx = withActivities(ctx)
	for _, sku := range items {
		if err := workflow.ExecuteActivity(ctx, a.ReserveItem, sku).Get(ctx, nil); err != nil {
			return nil, err
		}
	}
	return &InventoryResult{Reserved: len(items)}, nil
}
