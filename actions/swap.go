package actions

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/google/uuid"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/component"
)

const (
	labelPrefix = "SetSecretKeys-"

	maxSwaps = 5
	// maxOwn is more versions than a message makes: up to maxSwaps each time that it
	// comes back, and one to give up.
	maxOwn = 1000
	// abandoned is the value of a version that says of the one before it that it
	// never became the current one. No such value is a JSON object.
	abandoned   = "abandoned"
	cleanUpTime = 30 * time.Second
)

// swap changes the value of a secret by compare-and-swap: it reads AWSCURRENT,
// stages a new version under a label of the message's own, and moves AWSCURRENT
// from the version that it has read to the new one, which AWS refuses when
// AWSCURRENT is somewhere else by then.
//
// The versions that a message makes have ids that follow from it, one after the
// other. So another delivery of the message, even at the same time in another
// container, finds them, and can tell what became of each (decision 23):
//
//   - With AWSCURRENT or AWSPREVIOUS it is done.
//   - With the message's label it has not been the current one. For whoever moves
//     AWSCURRENT away from a version takes such a label away from it before.
//   - Without labels it is done if there is no next one. For the next one, which may
//     be a mere sign that this one is abandoned, takes the label over from it.
type swap struct {
	versions
	change func(current string) (next string, err error)
	seed   uuid.UUID
	label  string

	n      int  // of the version under way, from 1
	staged bool // perhaps
}

// newSwap returns the swap of the message that has the token. The change is made
// of the current value, as often as that changes meanwhile.
func newSwap(api awsapi.API, secretID, token string, change func(string) (string, error)) *swap {
	seed := uuid.NewSHA1(uuid.Nil, []byte(token))
	return &swap{versions: versions{api, secretID}, change: change, seed: seed, label: labelPrefix + uuid.NewSHA1(seed, []byte("label")).String(), n: 1}
}

// swapped is what came of a swap.
type swapped struct {
	ARN, Name, VersionId string
	Changed              bool
}

func (s *swap) run(ctx context.Context) (*swapped, error) {
	var out *swapped
	var err error
	for i := 0; i < maxSwaps && out == nil && err == nil; i++ {
		out, err = s.try(ctx)
	}
	if out != nil {
		return out, err
	}
	if err == nil {
		err = lostEachTime(s.secretID)
	}
	if !s.staged {
		return nil, err
	}
	return s.cleanUp(ctx, err)
}

// try changes the secret once. It returns nil when somebody else was faster.
func (s *swap) try(ctx context.Context) (*swapped, error) {
	own, done, err := s.resume(ctx)
	if err != nil || done {
		return s.finish(ctx, own, err)
	}
	current, err := s.get(ctx, nil)
	if err != nil {
		return nil, err
	}
	if own != nil {
		if still, err := s.stillStaged(ctx); err != nil || !still {
			return nil, err
		}
	}
	next, err := s.change(aws.ToString(current.SecretString))
	if own == nil && (err != nil || next == aws.ToString(current.SecretString)) {
		return s.unchanged(ctx, current, err)
	}
	staged := true
	switch {
	case err != nil:
		return nil, err
	case own == nil:
		staged, err = s.stage(ctx, s.n, next)
	case next != aws.ToString(own.SecretString): // it was made of a value that is not the current one any more
		staged, err = s.stage(ctx, s.n+1, next)
	}
	if err != nil || !staged {
		return nil, err
	}
	return s.promote(ctx, current)
}

// unchanged tells that the current value is not to be changed, or cannot be. It
// returns nil if another delivery of the message has made a version since resume
// looked for one: the current value may be what came of that.
func (s *swap) unchanged(ctx context.Context, current *secretsmanager.GetSecretValueOutput, failure error) (*swapped, error) {
	_, err := s.get(ctx, aws.String(s.versionID(s.n)))
	switch {
	case err == nil:
		return nil, nil
	case !isNotFound(err):
		return nil, err
	case failure != nil:
		return nil, failure
	}
	return &swapped{ARN: *current.ARN, Name: *current.Name, VersionId: *current.VersionId}, nil
}

// stillStaged reports whether version n has not been the current one so far. What
// is read as current before is then not made of it.
func (s *swap) stillStaged(ctx context.Context) (bool, error) {
	own, err := s.get(ctx, aws.String(s.versionID(s.n)))
	if err != nil {
		return false, err
	}
	stages := own.VersionStages
	return slices.Contains(stages, s.label) && !slices.Contains(stages, labelCurrent) && !slices.Contains(stages, labelPrevious), nil
}

// promote makes the staged version the current one.
func (s *swap) promote(ctx context.Context, current *secretsmanager.GetSecretValueOutput) (*swapped, error) {
	if err := s.settle(ctx, *current.VersionId, current.VersionStages); err != nil {
		return nil, err
	}
	moved, err := s.move(ctx, labelCurrent, s.versionID(s.n), *current.VersionId)
	if err != nil || !moved {
		return nil, err
	}
	return s.finish(ctx, &secretsmanager.GetSecretValueOutput{
		ARN: current.ARN, Name: current.Name, VersionId: aws.String(s.versionID(s.n)), VersionStages: []string{s.label},
	}, nil)
}

// settle takes the labels of swaps from the current version, which are done, before
// AWSCURRENT leaves it.
func (v versions) settle(ctx context.Context, versionID string, labels []string) error {
	for _, label := range labels {
		if strings.HasPrefix(label, labelPrefix) {
			if err := v.unlabel(ctx, label, versionID); err != nil {
				return err
			}
		}
	}
	return nil
}

// finish takes the label from the version that is done.
func (s *swap) finish(ctx context.Context, own *secretsmanager.GetSecretValueOutput, err error) (*swapped, error) {
	if err == nil && slices.Contains(own.VersionStages, s.label) {
		err = s.unlabel(ctx, s.label, *own.VersionId)
	}
	if err != nil {
		return nil, err
	}
	return &swapped{ARN: *own.ARN, Name: *own.Name, VersionId: *own.VersionId, Changed: true}, nil
}

// resume finds the last version that the message has made, if it is staged or
// done. Without one, the next to make is version n.
func (s *swap) resume(ctx context.Context) (own *secretsmanager.GetSecretValueOutput, done bool, err error) {
	for s.n <= maxOwn {
		v, err := s.get(ctx, aws.String(s.versionID(s.n)))
		switch {
		case isNotFound(err):
			return own, own != nil, nil
		case err != nil:
			return nil, false, err
		}
		s.staged = true
		labelled := slices.Contains(v.VersionStages, s.label)
		switch isAbandoned := aws.ToString(v.SecretString) == abandoned; {
		case slices.Contains(v.VersionStages, labelCurrent), slices.Contains(v.VersionStages, labelPrevious):
			return v, true, nil
		case labelled && isAbandoned:
			own, err = nil, s.unlabel(ctx, s.label, *v.VersionId)
		case labelled:
			return v, false, nil
		case isAbandoned:
			own = nil
		default:
			own = v
		}
		if err != nil {
			return nil, false, err
		}
		s.n++
	}
	return nil, false, component.Errorf(component.InvalidOutput,
		"SetSecretKeys of %.256q failed: the server has every version that it is asked for; check endpoint", s.secretID)
}

// cleanUp leaves nothing staged after a failure. It may find that the failed call
// has worked.
func (s *swap) cleanUp(ctx context.Context, failure error) (*swapped, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpTime)
	defer cancel()
	var out *swapped
	var err error
	for range maxSwaps {
		var over bool
		var later *component.Rebound
		out, over, err = s.abandon(ctx)
		if over || err != nil && !errors.As(err, &later) {
			break
		}
	}
	var later *component.Rebound
	switch {
	case out != nil:
		return out, nil
	case err != nil && !errors.As(failure, &later): // a rebound tries again
		return nil, leftBehind(failure, s.label)
	}
	return nil, failure
}

// abandon gives the version up that is staged, for good and for all deliveries of
// the message. But one that another delivery could still make the current one is
// made so here. It reports whether it is over, one way or the other.
func (s *swap) abandon(ctx context.Context) (out *swapped, over bool, err error) {
	own, done, err := s.resume(ctx)
	switch {
	case err != nil || done:
		out, err = s.finish(ctx, own, err)
		return out, err == nil, err
	case own == nil:
		return nil, true, nil
	}
	current, err := s.get(ctx, nil)
	if err != nil {
		return nil, false, err
	}
	if still, err := s.stillStaged(ctx); err != nil || !still {
		return nil, false, err
	}
	if next, err := s.change(aws.ToString(current.SecretString)); err == nil && next == aws.ToString(own.SecretString) {
		out, err = s.promote(ctx, current)
		return out, out != nil, err
	}
	if staged, err := s.stage(ctx, s.n+1, abandoned); err != nil || !staged {
		return nil, false, err
	}
	return nil, true, s.unlabel(ctx, s.label, s.versionID(s.n))
}

func (s *swap) versionID(n int) string {
	return uuid.NewSHA1(s.seed, fmt.Appendf(nil, "version %d", n)).String()
}

// stage stores version n. It reports false when there is one already, and not
// staged any more or of another value: another delivery of the message is at work.
func (s *swap) stage(ctx context.Context, n int, value string) (bool, error) {
	s.staged = true
	stored, err := s.put(ctx, &secretsmanager.PutSecretValueInput{
		SecretString: &value, VersionStages: []string{s.label}, ClientRequestToken: aws.String(s.versionID(n)),
	})
	if err == nil {
		s.n = n
	}
	return stored, err
}
