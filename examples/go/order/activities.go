package order

import (
	"context"
	"fmt"

	"aevum.dev/examples/gateway"
)

// Activities do the order's work on the outside world.
type Activities struct {
	Gateway *gateway.Gateway
}

// ValidateOrder checks the stock of every item and adds up the price.
func (a *Activities) ValidateOrder(ctx context.Context, input OrderWorkflowInput) (*ValidationResult, error) {
	total := 0.0
	for _, item := range input.Items {
		available, err := a.Gateway.Stock(ctx, item.SKU)
		if err != nil {
			return nil, fmt.Errorf("inventory check failed: %w", err)
		}
		if available < item.Quantity {
			return &ValidationResult{Valid: false}, nil
		}
		total += float64(item.Quantity) * item.Price
	}
	return &ValidationResult{Valid: true, Total: total}, nil
}

// ProcessPayment charges the customer.
func (a *Activities) ProcessPayment(ctx context.Context, input PaymentInput) (*PaymentResult, error) {
	if err := a.Gateway.Call(ctx, "Charge", input.CustomerID); err != nil {
		return nil, fmt.Errorf("payment failed: %w", err)
	}
	return &PaymentResult{TransactionID: "txn-" + input.CustomerID, Status: "CHARGED"}, nil
}

// CreateShipment orders a parcel from the carrier.
func (a *Activities) CreateShipment(ctx context.Context, input ShipmentInput) (*ShipmentResult, error) {
	if err := a.Gateway.Call(ctx, "CreateShipment", input.OrderID); err != nil {
		return nil, fmt.Errorf("shipment creation failed: %w", err)
	}
	id := "ship-" + input.OrderID
	return &ShipmentResult{ShipmentID: id, LabelURL: "https://carrier.example/labels/" + id}, nil
}

// RefundPayment gives the money back.
func (a *Activities) RefundPayment(ctx context.Context, transactionID string) error {
	return a.Gateway.Call(ctx, "Refund", transactionID)
}

// SendConfirmation writes to the customer.
func (a *Activities) SendConfirmation(ctx context.Context, orderID string) error {
	return a.Gateway.Call(ctx, "SendOrderConfirmation", orderID)
}
