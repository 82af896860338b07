// Package report is the article's recurring job: a report is made and mailed,
// and the server starts the next run when it is due.
package report

import (
	"context"
	"time"

	"aevum.dev/examples/gateway"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// NineEveryMorning is the article's cron line.
const NineEveryMorning = "0 9 * * *"

// Report is a day's report.
type Report struct {
	Day string
}

// DailyReportWorkflow reports on yesterday.
func DailyReportWorkflow(ctx workflow.Context) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 10 * time.Minute,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: 10 * time.Millisecond, MaximumAttempts: 2},
	})
	var a *Activities
	yesterday := workflow.Now(ctx).Add(-24 * time.Hour)
	var report Report
	if err := workflow.ExecuteActivity(ctx, a.GenerateDailyReport, yesterday).Get(ctx, &report); err != nil {
		return err
	}
	return workflow.ExecuteActivity(ctx, a.EmailReport, report).Get(ctx, nil)
}

// Activities do the report's work on the outside world.
type Activities struct {
	Gateway *gateway.Gateway
}

// GenerateDailyReport makes the report of a day.
func (a *Activities) GenerateDailyReport(ctx context.Context, day time.Time) (*Report, error) {
	report := &Report{Day: day.UTC().Format(time.DateOnly)}
	if err := a.Gateway.Call(ctx, "GenerateDailyReport", report.Day); err != nil {
		return nil, err
	}
	return report, nil
}

// EmailReport mails it.
func (a *Activities) EmailReport(ctx context.Context, report Report) error {
	return a.Gateway.Call(ctx, "EmailReport", report.Day)
}
