// Package batch is the article's fan-out and fan-in: every order of a batch is
// processed at once, and one bad order does not spoil the others.
package batch

import (
	"context"
	"fmt"
	"time"

	"aevum.dev/examples/gateway"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// Order is one order of a batch.
type Order struct {
	ID string
}

// OrderResult is the answer of ProcessOrder.
type OrderResult struct {
	OrderID string
}

// BatchResult says which orders were processed and which were not. (The
// article only logs this; a caller wants to know.)
type BatchResult struct {
	Processed []string
	Failed    []string
}

// ProcessBatchWorkflow processes all orders in parallel and waits for each.
func ProcessBatchWorkflow(ctx workflow.Context, orders []Order) (*BatchResult, error) {
	// Without a limit a bad order would be tried for ever.
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Minute,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: 10 * time.Millisecond, MaximumAttempts: 2},
	})
	var a *Activities
	futures := make([]workflow.Future, len(orders))
	for i, order := range orders {
		futures[i] = workflow.ExecuteActivity(ctx, a.ProcessOrder, order)
	}
	outcome := &BatchResult{}
	for i, future := range futures {
		var result OrderResult
		if err := future.Get(ctx, &result); err != nil {
			workflow.GetLogger(ctx).Warn("order failed", "order", orders[i].ID, "error", err)
			outcome.Failed = append(outcome.Failed, orders[i].ID)
			continue
		}
		outcome.Processed = append(outcome.Processed, result.OrderID)
	}
	return outcome, nil
}

// Activities do the batch's work on the outside world.
type Activities struct {
	Gateway *gateway.Gateway
}

// ProcessOrder processes one order.
func (a *Activities) ProcessOrder(ctx context.Context, order Order) (*OrderResult, error) {
	if err := a.Gateway.Call(ctx, "ProcessOrder", order.ID); err != nil {
		return nil, fmt.Errorf("order %s cannot be processed: %w", order.ID, err)
	}
	return &OrderResult{OrderID: order.ID}, nil
}
