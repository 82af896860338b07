package order

import "time"

// Statuses of a finished order.
const (
	StatusCompleted      = "COMPLETED"
	StatusRejected       = "REJECTED"
	StatusPaymentFailed  = "PAYMENT_FAILED"
	StatusShipmentFailed = "SHIPMENT_FAILED"
)

// OrderWorkflowInput is what a customer ordered.
type OrderWorkflowInput struct {
	OrderID    string
	CustomerID string
	Items      []OrderItem
	// RetryInterval is the wait before an activity's second attempt. Zero means
	// one second, as in the article; tests make it short.
	RetryInterval time.Duration
}

// OrderItem is one line of an order.
type OrderItem struct {
	SKU      string
	Quantity int
	Price    float64
}

// OrderWorkflowResult says how the order ended.
type OrderWorkflowResult struct {
	OrderID     string
	Status      string
	Total       float64
	ShipmentID  string
	CompletedAt time.Time
}

// ValidationResult is the answer of ValidateOrder.
type ValidationResult struct {
	Valid bool
	Total float64
}

// PaymentInput asks ProcessPayment for money.
type PaymentInput struct {
	CustomerID string
	Amount     float64
}

// PaymentResult is the answer of ProcessPayment.
type PaymentResult struct {
	TransactionID string
	Status        string
}

// ShipmentInput asks CreateShipment for a parcel.
type ShipmentInput struct {
	OrderID string
	Items   []OrderItem
}

// ShipmentResult is the answer of CreateShipment.
type ShipmentResult struct {
	ShipmentID string
	LabelURL   string
}
