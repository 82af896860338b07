package searchattr_test

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"

	"aevum.dev/examples/gateway"
	"aevum.dev/examples/internal/proof"
	"aevum.dev/examples/order"
	"aevum.dev/examples/searchattr"
)

func open(t *testing.T) *proof.Stage {
	t.Parallel()
	s := proof.Open(t, func(w worker.Registry, g *gateway.Gateway) {
		w.RegisterWorkflow(searchattr.OrderWorkflow)
		w.RegisterActivity(&order.Activities{Gateway: g})
	})
	register(t, s)
	return s
}

// register makes the attributes known and waits until the server knows them.
func register(t *testing.T, s *proof.Stage) {
	t.Helper()
	namespace := cmp.Or(os.Getenv("TEMPORAL_NAMESPACE"), "default")
	names := []string{searchattr.OrderID, searchattr.CustomerID, searchattr.OrderStatus}
	wanted := map[string]enums.IndexedValueType{}
	for _, name := range names {
		wanted[name] = enums.INDEXED_VALUE_TYPE_KEYWORD
	}
	_, err := s.Client.OperatorService().AddSearchAttributes(s.Ctx, &operatorservice.AddSearchAttributesRequest{
		Namespace: namespace, SearchAttributes: wanted,
	})
	var exists *serviceerror.AlreadyExists
	if err != nil && !errors.As(err, &exists) {
		t.Fatalf("the search attributes cannot be registered: %v", err)
	}
	// A server may take a while to use what it has registered.
	s.Until("the search attributes can be queried", func() bool {
		_, err := s.Client.ListWorkflow(s.Ctx, &workflowservice.ListWorkflowExecutionsRequest{
			Query: "CustomOrderID='x' AND CustomCustomerID='x' AND CustomOrderStatus='x'",
		})
		return err == nil
	})
}

// finish runs an order of a customer to its end.
func finish(t *testing.T, s *proof.Stage, customer, want string) client.WorkflowRun {
	t.Helper()
	run := s.Start(searchattr.OrderWorkflow, order.OrderWorkflowInput{
		OrderID: "order-12345", CustomerID: customer, RetryInterval: time.Millisecond,
	})
	var result order.OrderWorkflowResult
	s.Result(run, &result)
	proof.Equal(t, "status", result.Status, want)
	return run
}

// find lists ids once the query finds the wanted workflow: lists follow events
// with a little delay.
func find(s *proof.Stage, query string, want client.WorkflowRun) map[string]bool {
	found := map[string]bool{}
	s.Until(query+" finds "+want.GetID(), func() bool {
		clear(found)
		var token []byte
		for {
			page, err := s.Client.ListWorkflow(s.Ctx, &workflowservice.ListWorkflowExecutionsRequest{Query: query, NextPageToken: token})
			if err != nil {
				return false
			}
			for _, e := range page.GetExecutions() {
				found[e.GetExecution().GetWorkflowId()] = true
			}
			if token = page.GetNextPageToken(); len(token) == 0 {
				return found[want.GetID()]
			}
		}
	})
	return found
}

func TestAFailedOrderIsFoundByStatusAndCustomer(t *testing.T) {
	s := open(t)
	good := finish(t, s, "cust-123", order.StatusCompleted)
	s.Gateway.Fail("Charge", gateway.Always, errors.New("bank unavailable"))
	bad := finish(t, s, "cust-123", order.StatusPaymentFailed)
	other := finish(t, s, "cust-456", order.StatusPaymentFailed)

	found := find(s, "CustomOrderStatus='FAILED' AND CustomCustomerID='cust-123'", bad)
	proof.Equal(t, "the completed order is found", found[good.GetID()], false)
	proof.Equal(t, "the other customer's order is found", found[other.GetID()], false)

	found = find(s, `CustomOrderStatus="FAILED"`, other)
	find(s, `CustomOrderStatus="FAILED"`, bad)
	proof.Equal(t, "the completed order is found", found[good.GetID()], false)
	find(s, "CustomOrderStatus='COMPLETED' AND CustomCustomerID='cust-123'", good)
}

func TestTheHistoryTellsTheStatusFromPendingToCompleted(t *testing.T) {
	s := open(t)
	run := finish(t, s, "cust-789", order.StatusCompleted)
	s.ExpectHistory(run, `
		WorkflowExecutionStarted OrderWorkflow
		WorkflowTask
		UpsertWorkflowSearchAttributes CustomCustomerID="cust-789" CustomOrderID="order-12345" CustomOrderStatus="PENDING"
		ActivityTaskScheduled ProcessPayment
		ActivityTaskStarted ProcessPayment attempt 1
		ActivityTaskCompleted ProcessPayment
		WorkflowTask
		UpsertWorkflowSearchAttributes CustomOrderStatus="COMPLETED"
		WorkflowExecutionCompleted`)
	described, err := s.Client.DescribeWorkflow(s.Ctx, run.GetID(), run.GetRunID())
	if err != nil {
		t.Fatalf("the workflow cannot be described: %v", err)
	}
	for key, want := range map[temporal.SearchAttributeKeyKeyword]string{
		searchattr.OrderIDKey: "order-12345", searchattr.CustomerIDKey: "cust-789", searchattr.OrderStatusKey: searchattr.Completed,
	} {
		got, _ := described.TypedSearchAttributes.GetKeyword(key)
		proof.Equal(t, key.GetName(), got, want)
	}
}

func TestAnAttributeGivenAtTheStartIsFoundWhileTheOrderRuns(t *testing.T) {
	s := open(t)
	held := s.Gateway.Hold("Charge")
	defer held.Release()
	customer := proof.Unique("cust")
	run := s.StartWith(client.StartWorkflowOptions{
		TypedSearchAttributes: temporal.NewSearchAttributes(searchattr.CustomerIDKey.ValueSet(customer)),
	}, searchattr.OrderWorkflow, order.OrderWorkflowInput{OrderID: "order-1", CustomerID: customer})
	find(s, fmt.Sprintf("CustomCustomerID='%s' AND ExecutionStatus='Running'", customer), run)
	find(s, fmt.Sprintf("CustomOrderStatus='PENDING' AND CustomCustomerID='%s'", customer), run)
	if err := s.Client.TerminateWorkflow(s.Ctx, run.GetID(), "", "test over"); err != nil {
		t.Errorf("the termination was refused: %v", err)
	}
}
