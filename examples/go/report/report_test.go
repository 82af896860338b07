package report_test

import (
	"errors"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"aevum.dev/examples/gateway"
	"aevum.dev/examples/history"
	"aevum.dev/examples/internal/proof"
	"aevum.dev/examples/report"
)

func open(t *testing.T) *proof.Stage {
	t.Parallel()
	return proof.Open(t, func(w worker.Registry, g *gateway.Gateway) {
		w.RegisterWorkflow(report.DailyReportWorkflow)
		w.RegisterActivity(&report.Activities{Gateway: g})
	})
}

// cron starts the report and ends it with the test.
func cron(t *testing.T, s *proof.Stage, line string) client.WorkflowRun {
	t.Helper()
	run := s.StartWith(client.StartWorkflowOptions{CronSchedule: line}, report.DailyReportWorkflow)
	t.Cleanup(func() { _ = s.Client.TerminateWorkflow(s.Ctx, run.GetID(), "", "test over") })
	return run
}

func TestTheReportIsMadeOfYesterday(t *testing.T) {
	s := open(t)
	yesterday := time.Now().UTC().Add(-24 * time.Hour).Format(time.DateOnly)
	run := s.Start(report.DailyReportWorkflow)
	s.Result(run, nil)
	s.ExpectCalls("GenerateDailyReport", "EmailReport")
	if day := s.Gateway.Calls()[1].Key; day != yesterday && day != time.Now().UTC().Add(-24*time.Hour).Format(time.DateOnly) {
		t.Errorf("the report should be of %s, it is of %s", yesterday, day)
	}
}

func TestACronWorkflowRunsAgainAndAgain(t *testing.T) {
	s := open(t)
	run := cron(t, s, "@every 1s")
	second := s.Client.GetWorkflow(s.Ctx, run.GetID(), next(t, s, run))
	third := s.Client.GetWorkflow(s.Ctx, run.GetID(), next(t, s, second))

	s.ExpectStatus(run, enums.WORKFLOW_EXECUTION_STATUS_COMPLETED)
	s.ExpectStatus(second, enums.WORKFLOW_EXECUTION_STATUS_COMPLETED)
	s.ExpectStatus(third, enums.WORKFLOW_EXECUTION_STATUS_RUNNING)
	const report = `
		WorkflowExecutionStarted DailyReportWorkflow
		WorkflowTask
		ActivityTaskScheduled GenerateDailyReport
		ActivityTaskStarted GenerateDailyReport attempt 1
		ActivityTaskCompleted GenerateDailyReport
		WorkflowTask
		ActivityTaskScheduled EmailReport
		ActivityTaskStarted EmailReport attempt 1
		ActivityTaskCompleted EmailReport
		WorkflowTask
		WorkflowExecutionCompleted`
	s.ExpectHistory(run, report)
	s.ExpectHistory(second, report)
	first, again := started(t, s, run), started(t, s, second)
	proof.Equal(t, "initiator", again.GetInitiator(), enums.CONTINUE_AS_NEW_INITIATOR_CRON_SCHEDULE)
	proof.Equal(t, "previous run", again.GetContinuedExecutionRunId(), run.GetRunID())
	proof.Equal(t, "first run", again.GetFirstExecutionRunId(), run.GetRunID())
	proof.Equal(t, "cron line", again.GetCronSchedule(), "@every 1s")
	proof.Equal(t, "first wait", first.GetFirstWorkflowTaskBackoff().AsDuration(), time.Second)
}

func TestAFailedReportDoesNotEndTheCron(t *testing.T) {
	s := open(t)
	s.Gateway.Fail("GenerateDailyReport", 2, errors.New("no data"))
	run := cron(t, s, "@every 1s")
	second := s.Client.GetWorkflow(s.Ctx, run.GetID(), next(t, s, run))
	_ = next(t, s, second)
	s.ExpectStatus(run, enums.WORKFLOW_EXECUTION_STATUS_FAILED)
	s.ExpectStatus(second, enums.WORKFLOW_EXECUTION_STATUS_COMPLETED)
	if started(t, s, second).GetContinuedFailure() == nil {
		t.Error("the second run should know of the first one's failure")
	}
}

func TestTheDailyReportWaitsForNineOClock(t *testing.T) {
	s := open(t)
	before := untilNine()
	run := cron(t, s, report.NineEveryMorning)
	wait := started(t, s, run).GetFirstWorkflowTaskBackoff().AsDuration()
	after := untilNine()
	// Rounded up to whole seconds; at nine itself the clock wraps.
	if (wait > before+time.Second || wait < after) && after < before {
		t.Errorf("the first run should wait until nine, %s, it waits %s", before, wait)
	}
	s.ExpectHistory(run, `WorkflowExecutionStarted DailyReportWorkflow`)
}

func untilNine() time.Duration {
	now := time.Now().UTC()
	nine := time.Date(now.Year(), now.Month(), now.Day(), 9, 0, 0, 0, time.UTC)
	if !nine.After(now) {
		nine = nine.AddDate(0, 0, 1)
	}
	return nine.Sub(now)
}

// next waits for the run's end and returns the run that follows it.
func next(t *testing.T, s *proof.Stage, run client.WorkflowRun) string {
	t.Helper()
	if err := history.Follow(s.Ctx, s.Client, run.GetID(), run.GetRunID(), func(string) bool { return true }); err != nil {
		t.Fatalf("the run did not end: %v", err)
	}
	events := s.Events(run)
	last := events[len(events)-1]
	id := last.GetWorkflowExecutionCompletedEventAttributes().GetNewExecutionRunId() +
		last.GetWorkflowExecutionFailedEventAttributes().GetNewExecutionRunId()
	if id == "" {
		t.Fatalf("the run's last event should name the next run: %v", last)
	}
	return id
}

func started(t *testing.T, s *proof.Stage, run client.WorkflowRun) *historypb.WorkflowExecutionStartedEventAttributes {
	t.Helper()
	return s.Events(run)[0].GetWorkflowExecutionStartedEventAttributes()
}
