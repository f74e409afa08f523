package emulator

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// cron is a cron() schedule as Secrets Manager takes it: minutes are 0, for
// windows open on the hour, and the year is "*".
type cron struct {
	hours    []int
	months   []int
	days     []dayRule // of the month
	weekdays []dayRule
}

// dayRule is one element of a day field: plain days, or one of the special ones.
type dayRule struct {
	days    []int // of the month from 1, or of the week from 1 (Sunday)
	last    bool  // L: the last day of the month, or the last such weekday of it
	nearest bool  // W: the weekday nearest to the day
	nth     int   // #: the nth such weekday of the month
}

const (
	monthNames   = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"
	weekdayNames = "SUN MON TUE WED THU FRI SAT"
	searchDays   = 366 * 9 // a 29 February may be eight years away
)

func parseCron(expression string) (schedule, error) {
	f := strings.Fields(expression)
	switch {
	case len(f) != 6:
		return nil, invalidSchedule("cron() must have six fields: minutes, hours, day of month, month, day of week, year")
	case f[0] != "0":
		return nil, invalidSchedule("the minutes of cron() must be 0")
	case f[5] != "*":
		return nil, invalidSchedule("the year of cron() must be *")
	case (f[2] == "?") == (f[4] == "?"):
		return nil, invalidSchedule("either the day of month or the day of week of cron() must be ?")
	}
	var c cron
	ok := [4]bool{}
	c.hours, ok[0] = parseField(f[1], 0, 23, "")
	c.months, ok[1] = parseField(f[3], 1, 12, monthNames)
	c.days, ok[2] = parseDays(f[2], 1, 31, "")
	c.weekdays, ok[3] = parseDays(f[4], 1, 7, weekdayNames)
	for i, name := range []string{"hours", "month", "day of month", "day of week"} {
		if !ok[i] {
			return nil, invalidSchedule("the " + name + " of cron() cannot be read")
		}
	}
	if !c.fourHoursApart() {
		return nil, invalidSchedule("windows must be at least four hours apart")
	}
	if c.after(time.Unix(0, 0).UTC()).IsZero() {
		return nil, invalidSchedule("cron() never comes true")
	}
	return c, nil
}

// fourHoursApart: a secret can be rotated every four hours at most.
func (c cron) fourHoursApart() bool {
	for i := 1; i < len(c.hours); i++ {
		if c.hours[i]-c.hours[i-1] < 4 {
			return false
		}
	}
	n := len(c.hours)
	return n < 2 || c.hours[0]+24-c.hours[n-1] >= 4
}

func (c cron) hourly() bool { return len(c.hours) > 1 }

func (c cron) after(t time.Time) time.Time {
	d := day(t)
	for range searchDays {
		if c.onDay(d) {
			for _, h := range c.hours {
				if start := d.Add(time.Duration(h) * time.Hour); start.After(t) {
					return start
				}
			}
		}
		d = d.AddDate(0, 0, 1)
	}
	return time.Time{}
}

func (c cron) onDay(d time.Time) bool {
	if !slices.Contains(c.months, int(d.Month())) {
		return false
	}
	return slices.ContainsFunc(c.days, func(r dayRule) bool { return r.monthDay(d) }) ||
		slices.ContainsFunc(c.weekdays, func(r dayRule) bool { return r.weekday(d) })
}

func (r dayRule) monthDay(d time.Time) bool {
	last := lastOfMonth(d)
	if r.last {
		return d.Day() == last
	}
	if r.nearest {
		return d.Day() == nearestWeekday(d, r.days[0])
	}
	return slices.Contains(r.days, d.Day())
}

func (r dayRule) weekday(d time.Time) bool {
	if !slices.Contains(r.days, int(d.Weekday())+1) {
		return false
	}
	if r.last {
		return d.Day()+7 > lastOfMonth(d)
	}
	return r.nth == 0 || (d.Day()-1)/7+1 == r.nth
}

func lastOfMonth(d time.Time) int {
	return time.Date(d.Year(), d.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// nearestWeekday stays within the month.
func nearestWeekday(d time.Time, want int) int {
	last := lastOfMonth(d)
	if want > last {
		return 0
	}
	switch time.Date(d.Year(), d.Month(), want, 0, 0, 0, 0, time.UTC).Weekday() {
	case time.Saturday:
		if want == 1 {
			return 3
		}
		return want - 1
	case time.Sunday:
		if want == last {
			return want - 2
		}
		return want + 1
	}
	return want
}

// parseDays reads a day field; "?" means that the other field decides.
func parseDays(field string, lo, hi int, names string) ([]dayRule, bool) {
	if field == "?" {
		return nil, true
	}
	var rules []dayRule
	for _, part := range strings.Split(field, ",") {
		r, ok := parseDay(part, lo, hi, names)
		if !ok {
			return nil, false
		}
		rules = append(rules, r)
	}
	return rules, true
}

func parseDay(part string, lo, hi int, names string) (r dayRule, ok bool) {
	ofWeek := names != ""
	if part == "L" {
		return dayRule{days: []int{hi}, last: !ofWeek}, true // as a weekday, L is Saturday
	}
	if of, nth, found := strings.Cut(part, "#"); found {
		part = of
		r.nth, _ = strconv.Atoi(nth)
		if !ofWeek || r.nth < 1 || r.nth > 5 {
			return r, false
		}
	} else if of, found := strings.CutSuffix(part, "L"); found && ofWeek {
		part, r.last = of, true
	} else if of, found := strings.CutSuffix(part, "W"); found && !ofWeek {
		part, r.nearest = of, true
	}
	r.days, ok = parseField(part, lo, hi, names)
	if r.nth > 0 || r.last || r.nearest {
		ok = ok && len(r.days) == 1
	}
	return r, ok
}

// parseField reads lists, ranges and steps of numbers or names.
func parseField(field string, lo, hi int, names string) ([]int, bool) {
	var out []int
	for _, part := range strings.Split(field, ",") {
		span, by, stepped := strings.Cut(part, "/")
		step := 1
		if stepped {
			n, err := strconv.Atoi(by)
			if err != nil || n < 1 {
				return nil, false
			}
			step = n
		}
		from, to, ok := parseSpan(span, lo, hi, names, stepped)
		if !ok {
			return nil, false
		}
		for n := from; n <= to; n += step {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), true
}

func parseSpan(span string, lo, hi int, names string, stepped bool) (from, to int, ok bool) {
	if span == "*" {
		return lo, hi, true
	}
	first, second, ranged := strings.Cut(span, "-")
	from, ok = parseOne(first, lo, hi, names)
	to = from
	switch {
	case ranged:
		var okTo bool
		to, okTo = parseOne(second, lo, hi, names)
		ok = ok && okTo && from <= to
	case stepped:
		to = hi
	}
	return from, to, ok
}

func parseOne(s string, lo, hi int, names string) (int, bool) {
	if i := slices.Index(strings.Fields(names), strings.ToUpper(s)); i >= 0 {
		return i + lo, true
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= lo && n <= hi
}
