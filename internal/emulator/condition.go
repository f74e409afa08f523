package emulator

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// operator compares the values of a condition key in a request with those in a
// policy.
type operator struct {
	matches func(wanted, given string) bool // a single pair
	negated bool                            // holds when no pair matches
	absent  bool                            // holds when the request has no such key
	every   bool                            // must hold for all values in the request, not just for one
	null    bool                            // asks only whether the key is absent
}

// parseOperator reads a name such as ForAnyValue:StringNotLikeIfExists.
func parseOperator(name string) (o operator, err error) {
	base, every := strings.CutPrefix(name, "ForAllValues:")
	base, anyOf := strings.CutPrefix(base, "ForAnyValue:")
	if base == "Null" && !every && !anyOf {
		return operator{null: true}, nil
	}
	base, ifExists := strings.CutSuffix(base, "IfExists")
	positive := strings.Replace(base, "Not", "", 1)
	o = operator{matches: comparisons()[positive], negated: positive != base, every: every}
	o.absent = ifExists || every || o.negated && !anyOf
	if o.matches == nil {
		return o, fmt.Errorf("condition operator %q is not understood here", name)
	}
	return o, nil
}

func comparisons() map[string]func(wanted, given string) bool {
	number := func(compare func(given, wanted float64) bool) func(wanted, given string) bool {
		return func(wanted, given string) bool {
			w, wErr := strconv.ParseFloat(wanted, 64)
			g, gErr := strconv.ParseFloat(given, 64)
			return wErr == nil && gErr == nil && compare(g, w)
		}
	}
	return map[string]func(wanted, given string) bool{
		"StringEquals":             func(wanted, given string) bool { return wanted == given },
		"StringEqualsIgnoreCase":   strings.EqualFold,
		"StringLike":               glob,
		"ArnEquals":                globARN,
		"ArnLike":                  globARN,
		"Bool":                     strings.EqualFold,
		"NumericEquals":            number(func(g, w float64) bool { return g == w }),
		"NumericLessThan":          number(func(g, w float64) bool { return g < w }),
		"NumericLessThanEquals":    number(func(g, w float64) bool { return g <= w }),
		"NumericGreaterThan":       number(func(g, w float64) bool { return g > w }),
		"NumericGreaterThanEquals": number(func(g, w float64) bool { return g >= w }),
	}
}

func (o operator) holds(wanted []conditionValue, given []string) bool {
	if o.null {
		return slices.ContainsFunc(wanted, func(w conditionValue) bool { return strings.EqualFold(string(w), strconv.FormatBool(len(given) == 0)) })
	}
	if len(given) == 0 {
		return o.absent
	}
	holds := func(value string) bool {
		return o.negated != slices.ContainsFunc(wanted, func(w conditionValue) bool { return o.matches(string(w), value) })
	}
	if o.every {
		return !slices.ContainsFunc(given, func(value string) bool { return !holds(value) })
	}
	return slices.ContainsFunc(given, holds)
}

// conditionsHold reports whether all conditions do, in a request with these
// values. A key that is not known here is absent from every request.
func (s statement) conditionsHold(context map[string][]string) bool {
	for name, keys := range s.Condition {
		o, err := parseOperator(name)
		if err != nil {
			return false // such a policy is refused when it is read
		}
		for key, wanted := range keys {
			if !o.holds(wanted, context[strings.ToLower(key)]) {
				return false
			}
		}
	}
	return true
}
