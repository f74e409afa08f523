package actions

import (
	"context"
	"slices"
	"strings"

	"aws-secrets-manager-connector/internal/component"
)

// rotationPrefix begins the label that a version has from BeginRotation until
// FinishRotation or AbortRotation. It names the version that was the current one, and
// the pending one, for a label is on one version only.
const rotationPrefix = "BeginRotation-"

// rotated is what FinishRotation and AbortRotation emit.
type rotated struct{ ARN, Name, VersionId string }

type rotationInput struct{ SecretId, VersionId string }

// rotation is one of a secret, whose pending version has the id (decision 25).
type rotation struct {
	versions
	function string // that works on it
	id       string
}

func (r rotation) label(base string) string { return rotationPrefix + base + "-" + r.id }

// base is the version that was the current one when the rotation began, "" if the
// labels of its pending version do not tell.
func (r rotation) base(labels []string) string {
	for _, label := range labels {
		if rest, ok := strings.CutPrefix(label, rotationPrefix); ok {
			if base, ok := strings.CutSuffix(rest, "-"+r.id); ok {
				return base
			}
		}
	}
	return ""
}

// end takes from the pending version what says that it is: AWSPENDING at last, for a
// version that has only the other label is one that is to become pending.
func (r rotation) end(ctx context.Context, secret labels) (*rotated, error) {
	own := slices.DeleteFunc(slices.Clone(secret.of[r.id]), func(label string) bool {
		return label != labelPending && !strings.HasPrefix(label, rotationPrefix)
	})
	slices.SortFunc(own, func(a, b string) int { return strings.Compare(b, a) })
	for _, label := range own {
		if err := r.unlabel(ctx, label, r.id); err != nil {
			return nil, err
		}
	}
	return &rotated{secret.ARN, secret.Name, r.id}, nil
}

// refuse is the error of a rotation that is not in the state for it.
func (r rotation) refuse(format string, args ...any) error {
	return component.Errorf(component.Conflict, "%s of %.256q failed: "+format, append([]any{r.function, r.secretID}, args...)...)
}

// lostRaces is the error of one that others were faster than, each time.
func (r rotation) lostRaces() error {
	e := component.Errorf(component.Unavailable, "%s of %.256q failed: others move its staging labels at the same time", r.function, r.secretID)
	return &component.Rebound{Reason: e.Message, Err: e}
}

// with returns the version with a label, "" if there is none.
func (l labels) with(label string) string {
	for version, all := range l.of {
		if slices.Contains(all, label) {
			return version
		}
	}
	return ""
}
