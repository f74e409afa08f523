package main

import (
	"bytes"
	_ "embed"
	"html"
	"strings"
	"text/template"
)

// Sizes of the picture, in pixels.
const (
	panelWidth, panelHeight = 285, 160
	panelsPerRow            = 3
	header                  = 58
	barWidth                = 121 // the longest
	barHeight               = 16
)

//go:embed picture.svg.tmpl
var pictureTemplate string

// panel is one comparison.
type panel struct {
	Title string
	X, Y  int
	Bars  []bar
}

type bar struct {
	Class, Name, Value string
	Y, Length          int
}

// picture draws the medians as bars.
func (r report) picture() ([]byte, error) {
	t, err := template.New("").Funcs(template.FuncMap{
		"add":    func(a, b int) int { return a + b },
		"escape": html.EscapeString,
	}).Parse(pictureTemplate)
	if err != nil {
		return nil, err
	}
	machine, _, _ := strings.Cut(r.machine, ";") // its cores
	var b bytes.Buffer
	err = t.Execute(&b, map[string]any{"Machine": machine, "Protocol": headline, "Panels": r.panels()})
	return b.Bytes(), err
}

func (r report) panels() []panel {
	peak := load{headline, peakPrefetch}
	var panels []panel
	for i, compared := range []struct {
		title string
		m     metric
	}{
		{"messages/s, prefetch 100 (more: better)", rate(peak)},
		{string(cpu(peak)), cpu(peak)},
		{string(peakMemory), peakMemory},
		{string(latencyP50), latencyP50},
		{"idle memory, MiB", idleMemory},
		{"cold start, ms", coldStart},
	} {
		panels = append(panels, panel{
			Title: compared.title,
			X:     i % panelsPerRow * panelWidth,
			Y:     header + i/panelsPerRow*panelHeight,
			Bars:  r.bars(compared.m),
		})
	}
	return panels
}

func (r report) bars(m metric) []bar {
	var bars []bar
	longest := 0.0
	compared := []struct{ class, subject, name string }{
		{"ours", ours, ours}, {"ours", oursCached, "… cached"}, {"reference", reference, reference}, {"reference", referenceCached, "… cached"},
		{"floor", floor, floor},
	}
	for _, s := range compared {
		v, _ := r.results.median(m, s.subject)
		longest = max(longest, v)
	}
	for _, s := range compared {
		if v, ok := r.results.median(m, s.subject); ok {
			bars = append(bars, bar{
				Class: s.class, Name: s.name, Value: number(v),
				Y: 30 + len(bars)*(barHeight+6), Length: max(1, int(v/longest*barWidth)),
			})
		}
	}
	return bars
}
