package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	historypb "go.temporal.io/api/history/v1"

	"aevum.dev/examples/history"
)

// printTable writes an event a row: id, time, type, telling detail.
func printTable(to io.Writer, events []*historypb.HistoryEvent) {
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "  ID\tTIME\tTYPE\tDETAIL")
	for i, detail := range history.Details(events) {
		e := events[i]
		fmt.Fprintf(table, "  %d\t%s\t%s\t%s\n", e.GetEventId(), e.GetEventTime().AsTime().Format("15:04:05.000"), e.GetEventType(), detail)
	}
	_ = table.Flush()
}
