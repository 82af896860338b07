// Package expense is the article's human in the loop: an expense waits for an
// approver's signal, for seven days at most.
package expense

import (
	"context"
	"time"

	"aevum.dev/examples/gateway"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// ApprovalSignal is the name of the approver's signal.
const ApprovalSignal = "approval"

// Patience is how long an expense waits when its input does not say.
const Patience = 7 * 24 * time.Hour

// Expense is what somebody wants back.
type Expense struct {
	ID     string
	Amount float64
	// ApprovalTimeout is how long to wait for the approver; zero: Patience.
	ApprovalTimeout time.Duration
}

// ApprovalDecision is the content of the approver's signal.
type ApprovalDecision struct {
	Approved bool
	Reason   string
}

// ExpenseApprovalWorkflow returns the decision it acted on. (The article
// returns the error alone; a caller wants to see the reason.)
func ExpenseApprovalWorkflow(ctx workflow.Context, expense Expense) (*ApprovalDecision, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Minute,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: 10 * time.Millisecond, MaximumAttempts: 3},
	})
	var a *Activities
	_ = workflow.ExecuteActivity(ctx, a.NotifyApprover, expense).Get(ctx, nil)

	patience := expense.ApprovalTimeout
	if patience == 0 {
		patience = Patience
	}
	var approval ApprovalDecision
	selector := workflow.NewSelector(ctx)
	selector.AddReceive(workflow.GetSignalChannel(ctx, ApprovalSignal), func(ch workflow.ReceiveChannel, more bool) {
		ch.Receive(ctx, &approval)
	})
	selector.AddFuture(workflow.NewTimer(ctx, patience), func(f workflow.Future) {
		approval = ApprovalDecision{Approved: false, Reason: "timeout"}
	})
	selector.Select(ctx)

	act := a.RejectExpense
	if approval.Approved {
		act = a.ProcessExpense
	}
	if err := workflow.ExecuteActivity(ctx, act, expense).Get(ctx, nil); err != nil {
		return nil, err
	}
	return &approval, nil
}

// Activities do the expense's work on the outside world.
type Activities struct {
	Gateway *gateway.Gateway
}

// NotifyApprover asks the approver.
func (a *Activities) NotifyApprover(ctx context.Context, expense Expense) error {
	return a.Gateway.Call(ctx, "NotifyApprover", expense.ID)
}

// ProcessExpense pays.
func (a *Activities) ProcessExpense(ctx context.Context, expense Expense) error {
	return a.Gateway.Call(ctx, "ProcessExpense", expense.ID)
}

// RejectExpense says no.
func (a *Activities) RejectExpense(ctx context.Context, expense Expense) error {
	return a.Gateway.Call(ctx, "RejectExpense", expense.ID)
}
