package faults

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"
)

// row is what was counted in one fault.
type row struct {
	place           int // in the table
	fault           string
	in, out         int
	sameID, otherID int // published again, beyond out
	errors          int
	left, unacked   int
	calls           int           // of AWS
	ended           time.Duration // from SIGTERM to the end
}

// table collects rows, from tests that run at the same time.
type table struct {
	mu   sync.Mutex
	rows []row
	more []string // lines below it
}

func (t *table) add(r row) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rows = append(t.rows, r)
}

func (t *table) note(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.more = append(t.more, line)
}

func (t *table) print(w io.Writer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	slices.SortFunc(t.rows, func(a, b row) int { return a.place - b.place })
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	columns := []string{"in", "out", "again (same id)", "again (new id)", "errors", "left", "unacked", "AWS calls per message", "ended in"}
	width := 0
	for _, r := range t.rows {
		width = max(width, len(r.fault))
	}
	_, _ = fmt.Fprintf(tab, "%-*s\t%s\t\n", width, "fault", strings.Join(columns, "\t"))
	for _, r := range t.rows {
		calls := fmt.Sprintf("%.2f", float64(r.calls)/float64(max(r.in, 1)))
		_, _ = fmt.Fprintf(tab, "%-*s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t%.1f s\t\n",
			width, r.fault, r.in, r.out, r.sameID, r.otherID, r.errors, r.left, r.unacked, calls, r.ended.Seconds())
	}
	_ = tab.Flush()
	underTwoIDs := 0
	for _, r := range t.rows {
		underTwoIDs += r.otherID
	}
	_, _ = fmt.Fprintf(w, "%d under two ids\n", underTwoIDs)
	for _, line := range t.more {
		_, _ = fmt.Fprintln(w, line)
	}
}
