package emulator

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// rotationRules say when a secret is rotated: every so many days, or after a
// rate() or cron() expression, never both (RotationRulesType).
type rotationRules struct {
	AutomaticallyAfterDays int    `json:",omitempty"`
	Duration               string `json:",omitempty"`
	ScheduleExpression     string `json:",omitempty"`
}

// schedule tells the windows in which a secret may be rotated.
type schedule interface {
	// after returns the start of the first window that begins after t.
	after(t time.Time) time.Time
	// hourly windows close after an hour, others at the end of the UTC day.
	hourly() bool
}

func (r *rotationRules) check() error {
	if r.AutomaticallyAfterDays > 0 && r.ScheduleExpression != "" {
		return invalidParameter("You cannot specify both rotation frequency and schedule expression together.")
	}
	if h := r.hours(); r.Duration != "" && (h < 1 || h > 24) {
		return invalidParameter("Duration must be from 1h to 24h.")
	}
	_, err := r.schedule()
	return err
}

func (r *rotationRules) hours() int {
	h, _ := strconv.Atoi(strings.TrimSuffix(r.Duration, "h")) // its pattern is checked
	return h
}

func (r *rotationRules) schedule() (schedule, error) {
	if r.ScheduleExpression == "" {
		return everyDays(r.AutomaticallyAfterDays), nil
	}
	kind, rest, _ := strings.Cut(r.ScheduleExpression, "(")
	inner, closed := strings.CutSuffix(rest, ")")
	count, unit, _ := strings.Cut(inner, " ")
	switch {
	case closed && kind == "cron":
		return parseCron(inner)
	case closed && kind == "rate" && consistsOf(count, numbers) && slices.Contains([]string{"hour", "hours", "day", "days"}, unit):
		return parseRate(count, unit)
	}
	return nil, invalidSchedule("it must be rate(N hours), rate(N days) or cron() with six fields")
}

func invalidSchedule(reason string) *apiError {
	return invalidParameter("Invalid ScheduleExpression: %s.", reason)
}

func parseRate(count, unit string) (schedule, error) {
	n, _ := strconv.Atoi(count) // digits; 0 or the largest number is out of bounds, too
	if (n == 1) == strings.HasSuffix(unit, "s") {
		return nil, invalidSchedule("the unit must agree with its number, as in rate(1 day) and rate(2 days)")
	}
	if strings.HasPrefix(unit, "day") {
		if n < 1 || n > 1000 {
			return nil, invalidSchedule("a rate must be from 1 to 1000 days")
		}
		return everyDays(n), nil
	}
	if n < 4 || n > 999 {
		return nil, invalidSchedule("a rate must be from 4 to 999 hours")
	}
	return everyHours(n), nil
}

// everyDays opens a window at midnight, so many days later.
type everyDays int

func (d everyDays) after(t time.Time) time.Time { return day(t).AddDate(0, 0, int(d)) }
func (d everyDays) hourly() bool                { return false }

// everyHours opens a window each so many hours from midnight on.
type everyHours int

func (h everyHours) after(t time.Time) time.Time {
	step := time.Duration(h) * time.Hour
	return day(t).Add((t.Sub(day(t))/step + 1) * step)
}
func (h everyHours) hourly() bool { return true }

// next is the end of the next window after t: the secret is rotated on or
// before then (NextRotationDate). Zero without rules.
func (r *rotationRules) next(t time.Time) time.Time {
	if r == nil || (r.AutomaticallyAfterDays == 0 && r.ScheduleExpression == "") {
		return time.Time{}
	}
	s, err := r.schedule()
	if err != nil {
		return time.Time{} // rules are checked before they are kept
	}
	start := s.after(t.UTC())
	switch {
	case start.IsZero():
		return start
	case r.Duration != "":
		return start.Add(time.Duration(r.hours()) * time.Hour)
	case s.hourly():
		return start.Add(time.Hour)
	}
	return day(start).AddDate(0, 0, 1).Add(-time.Second)
}

// described adds the days that a rate in days stands for.
func (r *rotationRules) described() *rotationRules {
	if r == nil {
		return nil
	}
	out := *r
	if s, err := r.schedule(); err == nil {
		if d, ok := s.(everyDays); ok {
			out.AutomaticallyAfterDays = int(d)
		}
	}
	return &out
}
