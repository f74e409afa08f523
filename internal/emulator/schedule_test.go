package emulator

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestNextRotation starts on Friday, 14 March 2025, 15:09:26 UTC.
func TestNextRotation(t *testing.T) {
	tests := []struct {
		name  string
		rules rotationRules
		want  string // the end of the window
	}{
		{"days", rotationRules{AutomaticallyAfterDays: 30}, "2025-04-13T23:59:59Z"},
		{"rate in days", rotationRules{ScheduleExpression: "rate(10 days)"}, "2025-03-24T23:59:59Z"},
		{"rate in days, window", rotationRules{ScheduleExpression: "rate(1 day)", Duration: "3h"}, "2025-03-15T03:00:00Z"},
		{"rate in hours", rotationRules{ScheduleExpression: "rate(4 hours)"}, "2025-03-14T17:00:00Z"},
		{"rate in hours, window", rotationRules{ScheduleExpression: "rate(6 hours)", Duration: "2h"}, "2025-03-14T20:00:00Z"},
		{"first of the month", rotationRules{ScheduleExpression: "cron(0 8 1 * ? *)"}, "2025-04-01T23:59:59Z"},
		{"later today", rotationRules{ScheduleExpression: "cron(0 16 14 * ? *)", Duration: "2h"}, "2025-03-14T18:00:00Z"},
		{"earlier today", rotationRules{ScheduleExpression: "cron(0 15 14 * ? *)"}, "2025-04-14T23:59:59Z"},
		{"every Sunday", rotationRules{ScheduleExpression: "cron(0 0 ? * SUN *)"}, "2025-03-16T23:59:59Z"},
		{"weekdays", rotationRules{ScheduleExpression: "cron(0 8 ? * MON-FRI *)"}, "2025-03-17T23:59:59Z"},
		{"weekday by number", rotationRules{ScheduleExpression: "cron(0 8 ? * 3 *)"}, "2025-03-18T23:59:59Z"},
		{"every eight hours", rotationRules{ScheduleExpression: "cron(0 */8 * * ? *)"}, "2025-03-14T17:00:00Z"},
		{"two hours", rotationRules{ScheduleExpression: "cron(0 4,12 * * ? *)"}, "2025-03-15T05:00:00Z"},
		{"last day", rotationRules{ScheduleExpression: "cron(0 8 L * ? *)"}, "2025-03-31T23:59:59Z"},
		{"last Friday", rotationRules{ScheduleExpression: "cron(0 8 ? * FRIL *)"}, "2025-03-28T23:59:59Z"},
		{"Saturday as L", rotationRules{ScheduleExpression: "cron(0 8 ? * L *)"}, "2025-03-15T23:59:59Z"},
		{"third Monday", rotationRules{ScheduleExpression: "cron(0 8 ? * MON#3 *)"}, "2025-03-17T23:59:59Z"},
		{"second Tuesday of a quarter", rotationRules{ScheduleExpression: "cron(0 10 ? FEB,MAY,AUG,NOV TUE#2 *)"}, "2025-05-13T23:59:59Z"},
		{"weekday nearest to a Saturday", rotationRules{ScheduleExpression: "cron(0 16 15W * ? *)", Duration: "1h"}, "2025-03-14T17:00:00Z"},
		{"weekday nearest to a Sunday", rotationRules{ScheduleExpression: "cron(0 8 16W * ? *)"}, "2025-03-17T23:59:59Z"},
		{"weekday nearest to a Saturday the first", rotationRules{ScheduleExpression: "cron(0 8 1W 11 ? *)"}, "2025-11-03T23:59:59Z"},
		{"weekday nearest to a Sunday the last", rotationRules{ScheduleExpression: "cron(0 8 31W 8 ? *)"}, "2025-08-29T23:59:59Z"},
		{"29 February", rotationRules{ScheduleExpression: "cron(0 8 29 2 ? *)"}, "2028-02-29T23:59:59Z"},
		{"every other month", rotationRules{ScheduleExpression: "cron(0 8 1 2/2 ? *)"}, "2025-04-01T23:59:59Z"},
		{"days in a range by step", rotationRules{ScheduleExpression: "cron(0 8 1-20/7 * ? *)"}, "2025-03-15T23:59:59Z"},
	}
	start := time.Date(2025, 3, 14, 15, 9, 26, 0, time.UTC)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.NoError(t, tt.rules.check())
			require.Equal(t, tt.want, tt.rules.next(start).Format(time.RFC3339))
		})
	}
	require.True(t, (*rotationRules)(nil).next(start).IsZero())
	require.True(t, (&rotationRules{}).next(start).IsZero())
}

func FuzzSchedule(f *testing.F) {
	for _, seed := range []string{"rate(10 days)", "cron(0 8 1 * ? *)", "cron(0 */8 ? JAN-MAR/2 MON#2,FRIL *)", "cron(0 8 15W,L * ? *)"} {
		f.Add(seed)
	}
	start := time.Date(2025, 3, 14, 15, 9, 26, 0, time.UTC)
	f.Fuzz(func(t *testing.T, expression string) {
		if len(expression) > 256 {
			t.Skip("longer than the API takes")
		}
		r := rotationRules{ScheduleExpression: expression}
		if expression != "" && r.check() == nil {
			require.True(t, r.next(start).After(start), "a schedule that is taken comes true")
		}
	})
}

// TestSchedulesThatTheDesignerIsOffered holds the examples of the schemas to what
// AWS takes.
func TestSchedulesThatTheDesignerIsOffered(t *testing.T) {
	text, err := os.ReadFile("../../schemas/RotateSecret.in.json")
	require.NoError(t, err)
	var schema struct {
		Properties struct {
			RotationRules struct {
				Properties map[string]struct{ Examples []string }
			}
		}
	}
	require.NoError(t, json.Unmarshal(text, &schema))
	offered := schema.Properties.RotationRules.Properties
	require.NotEmpty(t, offered["ScheduleExpression"].Examples)
	require.NotEmpty(t, offered["Duration"].Examples)
	for _, expression := range offered["ScheduleExpression"].Examples {
		rules := rotationRules{ScheduleExpression: expression}
		assert.NoError(t, rules.check(), expression)
	}
	for _, duration := range offered["Duration"].Examples {
		rules := rotationRules{ScheduleExpression: "rate(10 days)", Duration: duration}
		assert.NoError(t, rules.check(), duration)
	}
}
