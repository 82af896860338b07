// Package opening answers the questions the article opens with: what if the
// mail server is down after the parcel left, if the service crashes half-way,
// if the customer cancels while the parcel is on its way? (The fourth, a
// payment service that is down for a while, is answered by package order.)
package opening

import (
	"aevum.dev/examples/order"
	"go.temporal.io/sdk/workflow"
)

// StatusUnconfirmed is a shipped order whose customer could not be told.
const StatusUnconfirmed = "COMPLETED_UNCONFIRMED"

// ConfirmedOrderWorkflow ships an order and waits for its confirmation: a
// partial success is a result of its own, and the parcel is not taken back.
func ConfirmedOrderWorkflow(ctx workflow.Context, input order.OrderWorkflowInput) (*order.OrderWorkflowResult, error) {
	ctx = workflow.WithActivityOptions(ctx, order.ActivityOptions(input.RetryInterval))
	var a *order.Activities
	var shipment order.ShipmentResult
	parcel := order.ShipmentInput{OrderID: input.OrderID, Items: input.Items}
	if err := workflow.ExecuteActivity(ctx, a.CreateShipment, parcel).Get(ctx, &shipment); err != nil {
		return nil, err
	}
	status := order.StatusCompleted
	if err := workflow.ExecuteActivity(ctx, a.SendConfirmation, input.OrderID).Get(ctx, nil); err != nil {
		status = StatusUnconfirmed
	}
	return &order.OrderWorkflowResult{
		OrderID: input.OrderID, Status: status, ShipmentID: shipment.ShipmentID, CompletedAt: workflow.Now(ctx),
	}, nil
}
