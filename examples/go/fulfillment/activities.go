package fulfillment

import (
	"context"

	"aevum.dev/examples/gateway"
)

// Activities do the fulfillment's work on the outside world.
type Activities struct {
	Gateway *gateway.Gateway
}

// ChargePayment takes the money and returns the payment's id.
func (a *Activities) ChargePayment(ctx context.Context, payment Payment) (string, error) {
	if err := a.Gateway.Call(ctx, "ChargePayment", payment.CustomerID); err != nil {
		return "", err
	}
	return "pay-" + payment.CustomerID, nil
}

// RefundPayment gives the money back.
func (a *Activities) RefundPayment(ctx context.Context, paymentID string) error {
	return a.Gateway.Call(ctx, "RefundPayment", paymentID)
}

// ReserveItem puts one article aside.
func (a *Activities) ReserveItem(ctx context.Context, sku string) error {
	return a.Gateway.Call(ctx, "ReserveItem", sku)
}

// ShipOrder hands the parcel over.
func (a *Activities) ShipOrder(ctx context.Context, orderID string) error {
	return a.Gateway.Call(ctx, "ShipOrder", orderID)
}
