package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.temporal.io/sdk/activity"
)

// Bodies are the activities.
type Bodies struct {
	// Folder gets a file per activity.
	Folder string
}

// Step appends its attempt to a file of its own, takes a moment, and returns who it was.
func (b *Bodies) Step(ctx context.Context, step int, fails bool) (string, error) {
	info := activity.GetInfo(ctx)
	name := fmt.Sprintf("%s_%s", info.WorkflowExecution.RunID, info.ActivityID)
	file, err := os.OpenFile(filepath.Join(b.Folder, name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	defer file.Close()
	// One short write to an appended file is whole or not there, also when this process is killed.
	if _, err := fmt.Fprintf(file, "%s %s %d\n", info.WorkflowExecution.RunID, info.ActivityID, info.Attempt); err != nil {
		return "", err
	}
	if fails && info.Attempt == 1 {
		return "", errors.New("the first attempt always fails")
	}
	time.Sleep(time.Duration(100+50*step) * time.Millisecond)
	return fmt.Sprintf("%s/%s/%d/%d", info.WorkflowExecution.RunID, info.ActivityID, info.Attempt, step), nil
}
