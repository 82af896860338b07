// Package saga is the article's saga: each step that succeeded leaves a
// compensation behind, and a step that fails runs them all, the last one first.
package saga

import (
	"context"
	"time"

	"aevum.dev/examples/gateway"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// Order is what the saga carries from step to step.
type Order struct {
	ID string
}

// attempts is how often a step or a compensation is tried.
const attempts = 2

// SagaOrderWorkflow reserves, charges, ships and notifies, or undoes.
func SagaOrderWorkflow(ctx workflow.Context, order Order) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Minute,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: 10 * time.Millisecond, MaximumAttempts: attempts},
	})
	run := func(activity any) error {
		return workflow.ExecuteActivity(ctx, activity, order).Get(ctx, nil)
	}
	var compensations []any
	step := func(do, undo any) error {
		err := run(do)
		if err == nil {
			compensations = append(compensations, undo)
			return nil
		}
		for i := len(compensations) - 1; i >= 0; i-- {
			// One that fails must not keep the earlier ones from running.
			if undoErr := run(compensations[i]); undoErr != nil {
				workflow.GetLogger(ctx).Error("compensation failed", "order", order.ID, "error", undoErr)
			}
		}
		return err
	}

	var a *Activities
	if err := step(a.ReserveInventory, a.ReleaseInventory); err != nil {
		return err
	}
	if err := step(a.ProcessPayment, a.RefundPayment); err != nil {
		return err
	}
	if err := step(a.CreateShipment, a.CancelShipment); err != nil {
		return err
	}
	// A notification cannot be taken back, and its failure undoes nothing.
	_ = run(a.SendNotification)
	return nil
}

// Activities do the saga's work on the outside world.
type Activities struct {
	Gateway *gateway.Gateway
}

// ReserveInventory is step 1.
func (a *Activities) ReserveInventory(ctx context.Context, order Order) error {
	return a.Gateway.Call(ctx, "ReserveInventory", order.ID)
}

// ReleaseInventory undoes step 1.
func (a *Activities) ReleaseInventory(ctx context.Context, order Order) error {
	return a.Gateway.Call(ctx, "ReleaseInventory", order.ID)
}

// ProcessPayment is step 2.
func (a *Activities) ProcessPayment(ctx context.Context, order Order) error {
	return a.Gateway.Call(ctx, "ProcessPayment", order.ID)
}

// RefundPayment undoes step 2.
func (a *Activities) RefundPayment(ctx context.Context, order Order) error {
	return a.Gateway.Call(ctx, "RefundPayment", order.ID)
}

// CreateShipment is step 3.
func (a *Activities) CreateShipment(ctx context.Context, order Order) error {
	return a.Gateway.Call(ctx, "CreateShipment", order.ID)
}

// CancelShipment undoes step 3; the saga has no later step that would ask for it.
func (a *Activities) CancelShipment(ctx context.Context, order Order) error {
	return a.Gateway.Call(ctx, "CancelShipment", order.ID)
}

// SendNotification is step 4, without a compensation.
func (a *Activities) SendNotification(ctx context.Context, order Order) error {
	return a.Gateway.Call(ctx, "SendNotification", order.ID)
}
