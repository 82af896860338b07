package expense_test

import (
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"aevum.dev/examples/expense"
	"aevum.dev/examples/gateway"
	"aevum.dev/examples/internal/proof"
)

func open(t *testing.T) *proof.Stage {
	t.Parallel()
	return proof.Open(t, func(w worker.Registry, g *gateway.Gateway) {
		w.RegisterWorkflow(expense.ExpenseApprovalWorkflow)
		w.RegisterActivity(&expense.Activities{Gateway: g})
	})
}

// decide signals once the workflow waits.
func decide(t *testing.T, s *proof.Stage, run client.WorkflowRun, decision expense.ApprovalDecision) {
	t.Helper()
	s.Await(run, "TimerStarted 168h0m0s")
	if err := s.Client.SignalWorkflow(s.Ctx, run.GetID(), "", expense.ApprovalSignal, decision); err != nil {
		t.Fatalf("the signal was refused: %v", err)
	}
}

func TestCoreAnExpenseIsApprovedBySignal(t *testing.T) {
	s := open(t)
	run := s.Start(expense.ExpenseApprovalWorkflow, expense.Expense{ID: "expense-1", Amount: 120})
	decide(t, s, run, expense.ApprovalDecision{Approved: true, Reason: "fine"})
	var decision expense.ApprovalDecision
	s.Result(run, &decision)

	proof.Equal(t, "decision", decision, expense.ApprovalDecision{Approved: true, Reason: "fine"})
	s.ExpectCalls("NotifyApprover", "ProcessExpense")
	s.ExpectHistory(run, `
		WorkflowExecutionStarted ExpenseApprovalWorkflow
		WorkflowTask
		ActivityTaskScheduled NotifyApprover
		ActivityTaskStarted NotifyApprover attempt 1
		ActivityTaskCompleted NotifyApprover
		WorkflowTask
		TimerStarted 168h0m0s
		WorkflowExecutionSignaled approval
		WorkflowTask
		ActivityTaskScheduled ProcessExpense
		ActivityTaskStarted ProcessExpense attempt 1
		ActivityTaskCompleted ProcessExpense
		WorkflowTask
		WorkflowExecutionCompleted`)
}

func TestAnExpenseIsRejectedBySignal(t *testing.T) {
	s := open(t)
	run := s.Start(expense.ExpenseApprovalWorkflow, expense.Expense{ID: "expense-2", Amount: 9000})
	decide(t, s, run, expense.ApprovalDecision{Approved: false, Reason: "too much"})
	var decision expense.ApprovalDecision
	s.Result(run, &decision)

	proof.Equal(t, "decision", decision, expense.ApprovalDecision{Approved: false, Reason: "too much"})
	s.ExpectCalls("NotifyApprover", "RejectExpense")
	s.ExpectOrder(run, `
		TimerStarted 168h0m0s
		WorkflowExecutionSignaled approval
		ActivityTaskScheduled RejectExpense
		WorkflowExecutionCompleted`)
}

func TestCoreAnExpenseNobodyDecidesIsRejectedByTheTimer(t *testing.T) {
	s := open(t)
	run := s.Start(expense.ExpenseApprovalWorkflow, expense.Expense{ID: "expense-3", ApprovalTimeout: 300 * time.Millisecond})
	var decision expense.ApprovalDecision
	s.Result(run, &decision)

	proof.Equal(t, "decision", decision, expense.ApprovalDecision{Approved: false, Reason: "timeout"})
	s.ExpectCalls("NotifyApprover", "RejectExpense")
	s.ExpectHistory(run, `
		WorkflowExecutionStarted ExpenseApprovalWorkflow
		WorkflowTask
		ActivityTaskScheduled NotifyApprover
		ActivityTaskStarted NotifyApprover attempt 1
		ActivityTaskCompleted NotifyApprover
		WorkflowTask
		TimerStarted 300ms
		TimerFired
		WorkflowTask
		ActivityTaskScheduled RejectExpense
		ActivityTaskStarted RejectExpense attempt 1
		ActivityTaskCompleted RejectExpense
		WorkflowTask
		WorkflowExecutionCompleted`)
}

func TestADecisionThatComesWithTheStartIsNotLost(t *testing.T) {
	s := open(t)
	run, err := s.Client.SignalWithStartWorkflow(s.Ctx, proof.Unique("expense"), expense.ApprovalSignal,
		expense.ApprovalDecision{Approved: true}, client.StartWorkflowOptions{TaskQueue: s.Queue},
		expense.ExpenseApprovalWorkflow, expense.Expense{ID: "expense-4"})
	if err != nil {
		t.Fatalf("signal with start was refused: %v", err)
	}
	s.Result(run, nil)
	s.ExpectCalls("NotifyApprover", "ProcessExpense")
	s.ExpectOrder(run, `
		WorkflowExecutionStarted ExpenseApprovalWorkflow
		WorkflowExecutionSignaled approval
		WorkflowTaskScheduled
		ActivityTaskCompleted ProcessExpense
		WorkflowExecutionCompleted`)
}
