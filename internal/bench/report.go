package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// report is what a run prints.
type report struct {
	results results
	machine string
	plan    plan
}

// columns are the measured in the order in which people compare them.
func (r report) columns() []string {
	var names []string
	for _, name := range []string{ours, oursCached, reference, referenceCached, floor, bareCall, awsCall} {
		for _, by := range r.results {
			if len(by[name]) > 0 {
				names = append(names, name)
				break
			}
		}
	}
	return names
}

// markdown is the tables, with a word on where they come from.
func (r report) markdown() string {
	var b strings.Builder
	rounds := "1 round"
	if r.plan.rounds > 1 {
		rounds = fmt.Sprintf("%d rounds: median (lowest–highest)", r.plan.rounds)
	}
	fmt.Fprintf(&b, "%s\n\n%s.\n\n", r.machine, rounds)
	r.figures(&b)
	fmt.Fprintln(&b)
	r.ratios(&b)
	return strings.TrimRight(b.String(), "\n")
}

func (r report) figures(b *strings.Builder) {
	columns := r.columns()
	row(b, append([]string{""}, columns...)...)
	row(b, append([]string{"---"}, slices.Repeat([]string{"--:"}, len(columns))...)...)
	for _, m := range metrics(r.plan.loads) {
		if r.results[m] == nil {
			continue
		}
		cells := []string{string(m)}
		for _, name := range columns {
			cells = append(cells, r.cell(m, name))
		}
		row(b, cells...)
	}
}

func (r report) cell(m metric, subject string) string {
	s, ok := r.results.spread(m, subject)
	switch {
	case !ok:
		return "–"
	case len(r.results[m][subject]) == 1:
		return number(s.median)
	}
	return fmt.Sprintf("%s (%s–%s)", number(s.median), number(s.lowest), number(s.highest))
}

func (r report) ratios(b *strings.Builder) {
	row(b, "ratio or figure", "wanted", "this run", "")
	row(b, "---", "--:", "--:", "---")
	for _, t := range targets() {
		got, ok := t.got(r.results)
		if !ok {
			continue
		}
		verdict := "missed"
		if t.met(got) {
			verdict = "met"
		}
		row(b, t.what, t.rule(), number(got)+" "+t.unit, verdict)
	}
}

func row(b *strings.Builder, cells ...string) {
	fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
}

// number writes three significant digits, and groups of thousands.
func number(v float64) string {
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	decimals := 2 - int(math.Floor(math.Log10(math.Abs(v))))
	if decimals > 0 {
		text := strconv.FormatFloat(v, 'f', decimals, 64)
		if decimals <= 2 { // 15.0 is 15
			text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
		}
		return text
	}
	scale := math.Pow(10, float64(-decimals))
	digits := strconv.FormatFloat(math.Round(v/scale)*scale, 'f', 0, 64)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// The marks in benchmark.md around what is written there.
const (
	beginTables = "<!-- what a run prints: begin -->\n"
	endTables   = "\n<!-- what a run prints: end -->"
	beginStages = "<!-- where the time goes: begin -->\n"
	endStages   = "\n<!-- where the time goes: end -->"
)

// writeDocs puts the tables into benchmark.md, and the picture beside it.
func (r report) writeDocs(dir string) error {
	if err := replaceInDocs(dir, beginTables, endTables, r.markdown()); err != nil {
		return err
	}
	picture, err := r.picture()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "benchmark.svg"), picture, 0o644)
}

// replaceInDocs puts a text between two marks of benchmark.md.
func replaceInDocs(dir, begin, end, text string) error {
	page := filepath.Join(dir, "benchmark.md")
	old, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	before, rest, found := strings.Cut(string(old), begin)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		return fmt.Errorf("%s has lost the mark %s or %s", page, strings.TrimSpace(begin), strings.TrimSpace(end))
	}
	return os.WriteFile(page, []byte(before+begin+text+end+after), 0o644)
}
