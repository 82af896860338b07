package batch_test

import (
	"errors"
	"slices"
	"testing"

	"go.temporal.io/sdk/worker"

	"aevum.dev/examples/batch"
	"aevum.dev/examples/gateway"
	"aevum.dev/examples/internal/proof"
)

var orders = []batch.Order{{ID: "a"}, {ID: "b"}, {ID: "c"}, {ID: "d"}}

func open(t *testing.T) *proof.Stage {
	t.Parallel()
	return proof.Open(t, func(w worker.Registry, g *gateway.Gateway) {
		w.RegisterWorkflow(batch.ProcessBatchWorkflow)
		w.RegisterActivity(&batch.Activities{Gateway: g})
	})
}

func TestEveryOrderOfABatchIsProcessed(t *testing.T) {
	s := open(t)
	run := s.Start(batch.ProcessBatchWorkflow, orders)
	var result batch.BatchResult
	s.Result(run, &result)
	if !slices.Equal(result.Processed, []string{"a", "b", "c", "d"}) || result.Failed != nil {
		t.Errorf("all four orders should be processed, in their order: %+v", result)
	}
	proof.Equal(t, "calls", s.Gateway.Count("ProcessOrder"), 4)
}

func TestCoreOneFailingOrderDoesNotSpoilTheBatch(t *testing.T) {
	s := open(t)
	s.Gateway.FailFor("ProcessOrder", "b", gateway.Always, errors.New("no such order"))
	run := s.Start(batch.ProcessBatchWorkflow, orders)
	var result batch.BatchResult
	s.Result(run, &result)

	if !slices.Equal(result.Processed, []string{"a", "c", "d"}) || !slices.Equal(result.Failed, []string{"b"}) {
		t.Errorf("b alone should fail: %+v", result)
	}
	proof.Equal(t, "calls", s.Gateway.Count("ProcessOrder"), 5)
	// All four are scheduled by the first workflow task, before any result.
	lines := s.Lines(run)
	first := slices.Index(lines, "ActivityTaskScheduled ProcessOrder")
	for _, line := range lines[first : first+len(orders)] {
		proof.Equal(t, "event", line, "ActivityTaskScheduled ProcessOrder")
	}
	s.ExpectEvents(run, `
		WorkflowExecutionStarted ProcessBatchWorkflow
		ActivityTaskScheduled ProcessOrder
		ActivityTaskScheduled ProcessOrder
		ActivityTaskScheduled ProcessOrder
		ActivityTaskScheduled ProcessOrder
		ActivityTaskStarted ProcessOrder attempt 1
		ActivityTaskStarted ProcessOrder attempt 1
		ActivityTaskStarted ProcessOrder attempt 1
		ActivityTaskStarted ProcessOrder attempt 2
		ActivityTaskCompleted ProcessOrder
		ActivityTaskCompleted ProcessOrder
		ActivityTaskCompleted ProcessOrder
		ActivityTaskFailed ProcessOrder MaximumAttemptsReached
		WorkflowExecutionCompleted`)
}

func TestAnEmptyBatchCompletesAtOnce(t *testing.T) {
	s := open(t)
	run := s.Start(batch.ProcessBatchWorkflow, []batch.Order{})
	s.Result(run, nil)
	s.ExpectHistory(run, `
		WorkflowExecutionStarted ProcessBatchWorkflow
		WorkflowTask
		WorkflowExecutionCompleted`)
}
