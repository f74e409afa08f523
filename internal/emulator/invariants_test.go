package emulator_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/require"
)

// TestLabelInvariants does random things to a secret, and looks after each
// whether its labels are still in order. A failure names the seed.
func TestLabelInvariants(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			w := newEnvironment(t)
			w.create("a", "")
			rnd := rand.New(rand.NewPCG(seed, 1))
			before := map[string][]string{}
			for step := range 90 {
				what, err := w.randomStep(rnd)
				after := w.stages("a")
				checkLabels(t, fmt.Sprintf("step %d, %s", step, what), before, after, err)
				before = after
			}
		})
	}
}

// randomStep returns what it did, and the error of the call.
func (w *environment) randomStep(rnd *rand.Rand) (string, error) {
	ctx, id := w.t.Context(), aws.String("a")
	labels := []string{"AWSCURRENT", "AWSPREVIOUS", "AWSPENDING", "ONE", "TWO"}
	versions := append(w.versions("a", true), *token(999))
	pick := func() *string { return aws.String(versions[rnd.IntN(len(versions))]) }
	w.clock.Advance(time.Duration(rnd.IntN(10)) * time.Hour)
	switch rnd.IntN(6) {
	case 0:
		var stages []string
		for range rnd.IntN(4) {
			stages = append(stages, labels[rnd.IntN(len(labels))])
		}
		if len(stages) == 0 {
			stages = nil
		}
		_, err := w.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
			SecretId: id, SecretString: aws.String(fmt.Sprint(rnd.IntN(3))), VersionStages: stages, ClientRequestToken: token(rnd.IntN(200)),
		})
		return fmt.Sprintf("PutSecretValue %v", stages), err
	case 1:
		_, err := w.UpdateSecret(ctx, &secretsmanager.UpdateSecretInput{
			SecretId: id, SecretString: aws.String("u"), ClientRequestToken: token(rnd.IntN(200)),
		})
		return "UpdateSecret", err
	case 2:
		_, err := w.rotate(withToken(rnd.IntN(200)))
		return "RotateSecret", err
	default:
		in := &secretsmanager.UpdateSecretVersionStageInput{SecretId: id, VersionStage: aws.String(labels[rnd.IntN(len(labels))])}
		if rnd.IntN(4) > 0 {
			in.MoveToVersionId = pick()
		}
		if rnd.IntN(4) > 0 {
			in.RemoveFromVersionId = pick()
		}
		_, err := w.UpdateSecretVersionStage(ctx, in)
		return "UpdateSecretVersionStage " + *in.VersionStage, err
	}
}

func checkLabels(t *testing.T, what string, before, after map[string][]string, err error) {
	t.Helper()
	holder := map[string]string{}
	for id, stages := range after {
		require.NotEmpty(t, stages, what)
		require.True(t, slices.IsSorted(stages), what)
		for _, s := range stages {
			require.NotContains(t, holder, s, "%s: a label is at one version only", what)
			holder[s] = id
		}
	}
	if err != nil {
		if len(before)+len(after) > 0 {
			require.Equal(t, before, after, "%s: an error changes nothing", what)
		}
		return
	}
	was := holderOf(before, "AWSCURRENT")
	if was != "" {
		require.NotEmpty(t, holder["AWSCURRENT"], "%s: AWSCURRENT does not go away", what)
	}
	if was != "" && was != holder["AWSCURRENT"] {
		require.Equal(t, was, holder["AWSPREVIOUS"], "%s: AWSPREVIOUS follows AWSCURRENT", what)
	}
}

func holderOf(stages map[string][]string, label string) string {
	for id, have := range stages {
		if slices.Contains(have, label) {
			return id
		}
	}
	return ""
}
