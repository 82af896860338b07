package opening

import (
	"context"
	"time"

	"aevum.dev/examples/gateway"
	"aevum.dev/examples/order"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// CancellableOrderWorkflow charges and ships. When the customer cancels while
// the parcel is being made, that is stopped and the money goes back, in a
// context the cancellation does not reach.
func CancellableOrderWorkflow(ctx workflow.Context, input order.OrderWorkflowInput) error {
	ctx = workflow.WithActivityOptions(ctx, order.ActivityOptions(input.RetryInterval))
	var a *order.Activities
	var payment order.PaymentResult
	charge := order.PaymentInput{CustomerID: input.CustomerID}
	if err := workflow.ExecuteActivity(ctx, a.ProcessPayment, charge).Get(ctx, &payment); err != nil {
		return err
	}

	var c *Carrier
	shipping := workflow.WithHeartbeatTimeout(workflow.WithWaitForCancellation(ctx, true), 500*time.Millisecond)
	err := workflow.ExecuteActivity(shipping, c.PackParcel, input.OrderID).Get(ctx, nil)
	if temporal.IsCanceledError(err) {
		compensation, stop := workflow.NewDisconnectedContext(ctx)
		defer stop()
		if undo := workflow.ExecuteActivity(compensation, a.RefundPayment, payment.TransactionID).Get(compensation, nil); undo != nil {
			return undo
		}
	}
	return err // a canceled error makes the workflow CANCELED, not FAILED
}

// Carrier packs parcels, which takes a while and can be stopped.
type Carrier struct {
	Gateway *gateway.Gateway
}

// PackParcel asks the carrier and keeps the server informed while it waits;
// the answer to a heartbeat is also how it hears of a cancellation.
func (c *Carrier) PackParcel(ctx context.Context, orderID string) error {
	packed := make(chan error, 1)
	go func() { packed <- c.Gateway.Call(ctx, "PackParcel", orderID) }()
	beat := time.NewTicker(50 * time.Millisecond)
	defer beat.Stop()
	for {
		select {
		case err := <-packed:
			return err
		case <-beat.C:
			activity.RecordHeartbeat(ctx)
		}
	}
}
