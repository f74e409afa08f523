package main

import (
	"encoding/xml"
	"fmt"
	"strings"
)

// Sizes of the picture, in pixels.
const (
	panelWidth, panelHeight = 285, 116
	barLeft, barHeight      = 100, 16
	barRoom                 = panelWidth - barLeft - 64 // for the longest bar
	margin, header          = 16, 58
)

// panel is one comparison.
type panel struct {
	title string
	m     metric
}

func panels() []panel {
	peak := load{headline, peakPrefetch}
	return []panel{
		{"messages/s, prefetch 100 (more: better)", rate(peak)},
		{string(cpu(peak)), cpu(peak)},
		{string(peakMemory), peakMemory},
		{string(latencyP50), latencyP50},
		{"idle memory, MiB", idleMemory},
		{"cold start, ms", coldStart},
	}
}

const panelsPerRow = 3

// style keeps the picture readable on light and dark pages: it brings its own
// ground, and follows the reader's preference.
const style = `<style>
    .ground { fill: #ffffff; stroke: #d0d7de }
    text { fill: #1f2328; font: 12px system-ui, sans-serif }
    .title { font-weight: 600 }
    .small { fill: #59636e }
    .ours { fill: #0969da } .reference { fill: #bf8700 } .floor { fill: #8c959f }
    @media (prefers-color-scheme: dark) {
      .ground { fill: #0d1117; stroke: #3d444d }
      text { fill: #f0f6fc }
      .small { fill: #9198a1 }
      .ours { fill: #4493f8 } .reference { fill: #d29922 } .floor { fill: #6e7681 }
    }
  </style>`

// picture draws the medians as bars.
func (r report) picture() string {
	all := panels()
	rows := (len(all) + panelsPerRow - 1) / panelsPerRow
	width, height := panelsPerRow*panelWidth+2*margin, rows*panelHeight+header+margin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" aria-labelledby="title">
  <title id="title">GetSecretValue on this component, on the Node.js sailor, and a bare relay</title>
  %s
  <rect class="ground" x="0.5" y="0.5" width="%d" height="%d" rx="8"/>
  <text class="title" x="%d" y="26">GetSecretValue, protocol %d: medians of one run</text>
  <text class="small" x="%d" y="44">%s</text>
`, width, height, width, height, style, width-1, height-1, margin, headline, margin, escaped(cores(r.machine)))
	for i, p := range all {
		r.draw(&b, p, margin+i%panelsPerRow*panelWidth, header+i/panelsPerRow*panelHeight)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// cores is the beginning of a machine's description.
func cores(machine string) string {
	words, _, _ := strings.Cut(machine, ";")
	return words
}

func (r report) draw(b *strings.Builder, p panel, x, y int) {
	fmt.Fprintf(b, "  <text class=\"title\" x=\"%d\" y=\"%d\">%s</text>\n", x, y+20, escaped(p.title))
	bars := []struct{ class, name string }{{"ours", ours}, {"reference", reference}, {"floor", floor}}
	longest := 0.0
	for _, bar := range bars {
		if v, ok := r.results.median(p.m, bar.name); ok {
			longest = max(longest, v)
		}
	}
	y += 30
	for _, bar := range bars {
		v, ok := r.results.median(p.m, bar.name)
		if !ok {
			continue
		}
		length := max(1, int(v/longest*barRoom))
		fmt.Fprintf(b, `  <text class="small" x="%d" y="%d" text-anchor="end">%s</text>
  <rect class="%s" x="%d" y="%d" width="%d" height="%d" rx="2"/>
  <text x="%d" y="%d">%s</text>
`, x+barLeft-6, y+12, bar.name, bar.class, x+barLeft, y, length, barHeight, x+barLeft+length+5, y+12, number(v))
		y += barHeight + 6
	}
}

func escaped(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a strings.Builder takes everything
	return b.String()
}
