// demo runs the article's order from the outside in: a worker, one order, its
// result, and the history the server wrote down.
//
// It needs a server at TEMPORAL_ADDRESS and ends with status 1 and the reason
// when anything goes wrong.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"aevum.dev/examples/gateway"
	"aevum.dev/examples/history"
	"aevum.dev/examples/order"
)

const (
	queue    = "order-queue"
	patience = 10 * time.Second // for the server to come up
	deadline = time.Minute      // for the whole demo
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "demo failed:", err)
		os.Exit(1)
	}
}

func run() error {
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	c, err := dial(ctx, os.Getenv("TEMPORAL_ADDRESS"))
	if err != nil {
		return err
	}
	defer c.Close()

	w := worker.New(c, queue, worker.Options{})
	w.RegisterWorkflow(order.OrderWorkflow)
	w.RegisterActivity(&order.Activities{Gateway: gateway.New()})
	if err := w.Start(); err != nil {
		return fmt.Errorf("the worker did not start: %w", err)
	}
	defer w.Stop()

	run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: "order-12345", TaskQueue: queue}, order.OrderWorkflow,
		order.OrderWorkflowInput{
			OrderID:    "order-12345",
			CustomerID: "cust-98765",
			Items:      []order.OrderItem{{SKU: "WIDGET-001", Quantity: 2, Price: 29.99}},
		})
	if err != nil {
		return fmt.Errorf("the order did not start: %w", err)
	}
	fmt.Printf("Started workflow %s, run %s\n\n", run.GetID(), run.GetRunID())

	var result order.OrderWorkflowResult
	if err := run.Get(ctx, &result); err != nil {
		return fmt.Errorf("the order did not complete: %w", err)
	}
	if result.Status != order.StatusCompleted {
		return fmt.Errorf("the order should be %s, it is %s", order.StatusCompleted, result.Status)
	}
	fmt.Printf("Result\n  order      %s\n  status     %s\n  total      %.2f\n  shipment   %s\n  completed  %s\n\n",
		result.OrderID, result.Status, result.Total, result.ShipmentID, result.CompletedAt.Format(time.RFC3339Nano))

	events, err := history.Read(ctx, c, run.GetID(), run.GetRunID())
	if err != nil {
		return fmt.Errorf("the history cannot be read back: %w", err)
	}
	if n := len(events); n == 0 || events[n-1].GetEventType() != enums.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED {
		return errors.New("the history does not end with WorkflowExecutionCompleted")
	}
	fmt.Println("History, read back from the server")
	printTable(os.Stdout, events)
	return nil
}

// dial tries until the server answers or patience is over.
func dial(ctx context.Context, address string) (client.Client, error) {
	if address == "" {
		return nil, errors.New("TEMPORAL_ADDRESS is not set: say where the server is, for example 127.0.0.1:7233")
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for {
		c, err := client.DialContext(ctx, client.Options{HostPort: address, Namespace: os.Getenv("TEMPORAL_NAMESPACE"), Logger: quiet{}})
		if err == nil {
			return c, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("no server answers at %s after %s: %w", address, patience, err)
		case <-again.C:
		}
	}
}

// quiet keeps the SDK's chatter out of the demo; its errors stay.
type quiet struct{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(message string, fields ...any) {
	fmt.Fprintln(os.Stderr, append([]any{message}, fields...)...)
}
