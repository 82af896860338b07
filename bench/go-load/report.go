package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// report is what a load prints; bench/raw-load prints the same fields.
type report struct {
	Client            string  `json:"client"`
	Activities        int     `json:"activities"`
	Concurrency       int     `json:"concurrency"`
	Workflows         int     `json:"workflows"` // completed
	Errors            int     `json:"errors"`
	ElapsedS          float64 `json:"elapsed_s"`
	WorkflowsPerS     float64 `json:"workflows_per_s"`
	StartP50Ms        float64 `json:"start_p50_ms"`
	StartP99Ms        float64 `json:"start_p99_ms"`
	EndToEndP50Ms     float64 `json:"e2e_p50_ms"`
	EndToEndP99Ms     float64 `json:"e2e_p99_ms"`
	ServerCPUSPer1000 float64 `json:"server_cpu_s_per_1000"`
	ClientCPUSPer1000 float64 `json:"client_cpu_s_per_1000"`
}

func newReport(o options, run outcome, serverCPU, ownCPU float64) *report {
	slices.Sort(run.starts)
	slices.Sort(run.endToEnd)
	completed := len(run.endToEnd)
	per1000 := func(total float64) float64 { return total * 1000 / max(float64(completed), 1) }
	return &report{
		Client:            "go-sdk",
		Activities:        o.activities,
		Concurrency:       o.concurrency,
		Workflows:         completed,
		Errors:            run.failed,
		ElapsedS:          run.elapsed.Seconds(),
		WorkflowsPerS:     float64(completed) / run.elapsed.Seconds(),
		StartP50Ms:        percentile(run.starts, 50),
		StartP99Ms:        percentile(run.starts, 99),
		EndToEndP50Ms:     percentile(run.endToEnd, 50),
		EndToEndP99Ms:     percentile(run.endToEnd, 99),
		ServerCPUSPer1000: per1000(serverCPU),
		ClientCPUSPer1000: per1000(ownCPU),
	}
}

// percentile by nearest rank, in milliseconds; `sorted` ascends.
func percentile(sorted []time.Duration, p int) float64 {
	if len(sorted) == 0 {
		return 0
	}
	rank := (len(sorted)*p + 99) / 100
	return sorted[max(rank, 1)-1].Seconds() * 1000
}

// cpuSeconds is the user and system time that a process has used, from /proc (100 ticks a second on Linux).
func cpuSeconds(pid int) (float64, error) {
	if pid == 0 {
		return 0, nil
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("read the server's CPU time: %w", err)
	}
	// The command, in parentheses, may hold spaces; what follows it may not. utime and stime are fields 14 and 15.
	text := string(stat)
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	if len(fields) < 13 {
		return 0, errors.New("read the server's CPU time: /proc/PID/stat is too short")
	}
	var ticks float64
	for _, field := range fields[11:13] {
		n, err := strconv.ParseFloat(field, 64)
		if err != nil {
			return 0, fmt.Errorf("read the server's CPU time: %w", err)
		}
		ticks += n
	}
	return ticks / 100, nil
}

func ownCPUSeconds() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
}
