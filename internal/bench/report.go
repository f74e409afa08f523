package main

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
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
	for _, name := range []string{ours, reference, floor, awsCall} {
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
	row(b, append([]string{"---"}, repeat("--:", len(columns))...)...)
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

func (r report) cell(m metric, contender string) string {
	s, ok := r.results.spread(m, contender)
	switch {
	case !ok:
		return "–"
	case len(r.results[m][contender]) == 1:
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

func repeat(s string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = s
	}
	return all
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

const (
	beginMark = "<!-- what a run prints: begin -->\n"
	endMark   = "\n<!-- what a run prints: end -->"
)

// writeDocs puts the tables between the marks of benchmark.md, and the picture
// beside it.
func (r report) writeDocs(dir string) error {
	page := filepath.Join(dir, "benchmark.md")
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	before, rest, found1 := bytes.Cut(text, []byte(beginMark))
	_, after, found2 := bytes.Cut(rest, []byte(endMark))
	if !found1 || !found2 {
		return fmt.Errorf("%s has lost the marks around its tables", page)
	}
	text = bytes.Join([][]byte{before, []byte(beginMark + r.markdown() + endMark), after}, nil)
	if err := os.WriteFile(page, text, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "benchmark.svg"), []byte(r.picture()), 0o644)
}
