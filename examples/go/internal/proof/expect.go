package proof

import (
	"slices"
	"strings"
	"testing"

	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"

	"aevum.dev/examples/history"
)

// ExpectHistory compares the whole history with want, one event a line. The
// line WorkflowTask stands for a task scheduled, started and completed.
func (s *Stage) ExpectHistory(run client.WorkflowRun, want string) {
	s.t.Helper()
	if got, want := s.text(run), strings.Join(lines(want), "\n"); got != want {
		s.t.Errorf("history of %s\n--- got\n%s\n--- want\n%s", run.GetID(), got, want)
	}
}

// ExpectEvents compares what the history holds besides workflow tasks, in any
// order: for programs whose branches race.
func (s *Stage) ExpectEvents(run client.WorkflowRun, want string) {
	s.t.Helper()
	var got []string
	for _, line := range s.Lines(run) {
		if !strings.HasPrefix(line, "WorkflowTask") {
			got = append(got, line)
		}
	}
	expected := lines(want)
	slices.Sort(got)
	slices.Sort(expected)
	if !slices.Equal(got, expected) {
		s.t.Errorf("events of %s\n--- got\n%s\n--- want\n%s", run.GetID(), strings.Join(got, "\n"), strings.Join(expected, "\n"))
	}
}

// ExpectOrder wants these lines in the history, in this order, whatever lies
// between them.
func (s *Stage) ExpectOrder(run client.WorkflowRun, want string) {
	s.t.Helper()
	rest := s.Lines(run)
	for _, line := range lines(want) {
		at := slices.Index(rest, line)
		if at < 0 {
			s.t.Errorf("history of %s lacks %q at its place:\n%s", run.GetID(), line, s.text(run))
			return
		}
		rest = rest[at+1:]
	}
}

// Lines reads the run's history, one line an event.
func (s *Stage) Lines(run client.WorkflowRun) []string {
	s.t.Helper()
	return history.Lines(s.Events(run))
}

// Events reads the run's history and checks that its ids count from 1.
func (s *Stage) Events(run client.WorkflowRun) []*historypb.HistoryEvent {
	s.t.Helper()
	events, err := history.Read(s.Ctx, s.Client, run.GetID(), run.GetRunID())
	if err != nil {
		s.t.Fatalf("the history cannot be read: %v", err)
	}
	for i, e := range events {
		if e.GetEventId() != int64(i+1) {
			s.t.Fatalf("event ids must count from 1 without a gap, but number %d is %d", i+1, e.GetEventId())
		}
	}
	return events
}

// ExpectCalls compares the outside world's calls, in order, by name.
func (s *Stage) ExpectCalls(want ...string) {
	s.t.Helper()
	if got := s.Gateway.Ops(); !slices.Equal(got, want) {
		s.t.Errorf("the outside world was called\n     %v\nwant %v", got, want)
	}
}

// Equal compares two values.
func Equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func lines(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}
