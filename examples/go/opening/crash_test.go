package opening_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"aevum.dev/examples/internal/proof"
	"aevum.dev/examples/opening"
)

// program builds cmd/worker.
func program(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "worker")
	if out, err := exec.Command("go", "build", "-o", path, "../cmd/worker").CombinedOutput(); err != nil {
		t.Fatalf("cmd/worker does not build: %v\n%s", err, out)
	}
	return path
}

// spawn starts a worker process; it is killed with the test at the latest.
func spawn(t *testing.T, path string, args ...string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(path, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("the worker process did not start: %v", err)
	}
	t.Cleanup(func() { kill(cmd) })
	return cmd, bufio.NewScanner(out)
}

// kill sends SIGKILL: the process gets no chance to say goodbye.
func kill(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

func TestCoreAWorkerKilledAfterStepThreeOfTenIsResumedAtStepFour(t *testing.T) {
	t.Parallel()
	s := proof.Connect(t)
	path := program(t)
	ledger := filepath.Join(t.TempDir(), "ledger")

	first, output := spawn(t, path, "-queue", s.Queue, "-ledger", ledger, "-pause-after-step", "3")
	// The dead worker's workflow task has to time out: one second, not ten.
	var steps *opening.Steps
	run := s.StartWith(client.StartWorkflowOptions{WorkflowTaskTimeout: time.Second}, steps.TenStepsWorkflow)
	for paused := false; !paused; paused = output.Text() == "paused after step 3" {
		if !output.Scan() {
			t.Fatal("the worker ended before step 3 was done")
		}
	}
	kill(first)
	second, _ := spawn(t, path, "-queue", s.Queue, "-ledger", ledger)

	var done int
	s.Result(run, &done)
	proof.Equal(t, "steps done", done, opening.TenSteps)

	var want []string
	for step := 1; step <= opening.TenSteps; step++ {
		pid := second.Process.Pid
		if step <= 3 {
			pid = first.Process.Pid
		}
		want = append(want, fmt.Sprintf("%d 1 %d", step, pid))
	}
	got, err := os.ReadFile(ledger)
	if err != nil {
		t.Fatal(err)
	}
	proof.Equal(t, "ledger (step, attempt, process)", strings.TrimSpace(string(got)), strings.Join(want, "\n"))
	s.ExpectOrder(run, strings.Repeat("ActivityTaskCompleted Step\n", 3)+
		"WorkflowTaskTimedOut StartToClose\n"+
		strings.Repeat("ActivityTaskScheduled Step\nActivityTaskStarted Step attempt 1\nActivityTaskCompleted Step\n", 7)+
		"WorkflowExecutionCompleted")
}
