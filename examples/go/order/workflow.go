// Package order is the article's first program: an order is checked, paid,
// shipped and confirmed; a payment is refunded when the parcel cannot be sent.
//
// The workflow only decides; everything that touches the world is in
// Activities.
package order

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// ActivityOptions are the article's: a minute an attempt, five attempts, the
// wait doubling from first up to a minute. Zero means a first wait of a second.
func ActivityOptions(first time.Duration) workflow.ActivityOptions {
	if first == 0 {
		first = time.Second
	}
	return workflow.ActivityOptions{
		StartToCloseTimeout: time.Minute,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval:    first,
			BackoffCoefficient: 2.0,
			MaximumInterval:    time.Minute,
			MaximumAttempts:    5,
		},
	}
}

// OrderWorkflow takes an order from validation to the parcel.
func OrderWorkflow(ctx workflow.Context, input OrderWorkflowInput) (*OrderWorkflowResult, error) {
	ctx = workflow.WithActivityOptions(ctx, ActivityOptions(input.RetryInterval))
	ended := func(status string) (*OrderWorkflowResult, error) {
		return &OrderWorkflowResult{OrderID: input.OrderID, Status: status}, nil
	}
	var a *Activities // names the activities; the worker holds the real one

	// Step 1: validate the order and check the stock.
	var validation ValidationResult
	if err := workflow.ExecuteActivity(ctx, a.ValidateOrder, input).Get(ctx, &validation); err != nil {
		return nil, err
	}
	if !validation.Valid {
		return ended(StatusRejected)
	}

	// Step 2: take the money. When that fails nothing was charged.
	var payment PaymentResult
	charge := PaymentInput{CustomerID: input.CustomerID, Amount: validation.Total}
	if err := workflow.ExecuteActivity(ctx, a.ProcessPayment, charge).Get(ctx, &payment); err != nil {
		return ended(StatusPaymentFailed)
	}

	// Step 3: order the parcel. When that fails the money goes back.
	var shipment ShipmentResult
	parcel := ShipmentInput{OrderID: input.OrderID, Items: input.Items}
	if err := workflow.ExecuteActivity(ctx, a.CreateShipment, parcel).Get(ctx, &shipment); err != nil {
		_ = workflow.ExecuteActivity(ctx, a.RefundPayment, payment.TransactionID).Get(ctx, nil)
		return ended(StatusShipmentFailed)
	}

	// Step 4: confirm, without waiting. The workflow completes in the same
	// task, so the order is complete whatever becomes of the message.
	workflow.ExecuteActivity(ctx, a.SendConfirmation, input.OrderID)

	return &OrderWorkflowResult{
		OrderID:     input.OrderID,
		Status:      StatusCompleted,
		Total:       validation.Total,
		ShipmentID:  shipment.ShipmentID,
		CompletedAt: workflow.Now(ctx),
	}, nil
}
