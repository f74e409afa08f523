package emulator_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/require"
)

// TestUpdateSecretVersionStage starts with three versions: 1 AWSPREVIOUS,
// 2 AWSCURRENT, 3 AWSPENDING and MINE.
func TestUpdateSecretVersionStage(t *testing.T) {
	start := map[int][]string{1: {"AWSPREVIOUS"}, 2: {"AWSCURRENT"}, 3: {"AWSPENDING", "MINE"}}
	tests := []struct {
		name     string
		label    string
		from, to int // versions; 0: not given
		want     map[int][]string
		text     string // of the InvalidParameterException
	}{
		{"promote", "AWSCURRENT", 2, 3, map[int][]string{2: {"AWSPREVIOUS"}, 3: {"AWSCURRENT", "AWSPENDING", "MINE"}}, ""},
		{"roll back", "AWSCURRENT", 2, 1, map[int][]string{1: {"AWSCURRENT"}, 2: {"AWSPREVIOUS"}, 3: {"AWSPENDING", "MINE"}}, ""},
		{"move own label", "MINE", 3, 1, map[int][]string{1: {"AWSPREVIOUS", "MINE"}, 2: {"AWSCURRENT"}, 3: {"AWSPENDING"}}, ""},
		{"remove own label", "MINE", 3, 0, map[int][]string{1: {"AWSPREVIOUS"}, 2: {"AWSCURRENT"}, 3: {"AWSPENDING"}}, ""},
		{"remove AWSPENDING", "AWSPENDING", 3, 0, map[int][]string{1: {"AWSPREVIOUS"}, 2: {"AWSCURRENT"}, 3: {"MINE"}}, ""},
		{"new label", "NEW", 0, 1, map[int][]string{1: {"AWSPREVIOUS", "NEW"}, 2: {"AWSCURRENT"}, 3: {"AWSPENDING", "MINE"}}, ""},
		{"already there", "AWSCURRENT", 0, 2, start, ""},
		{"already there, from itself", "AWSCURRENT", 2, 2, start, ""},
		{"neither version", "MINE", 0, 0, nil, "MoveToVersionId, RemoveFromVersionId, or both"},
		{"attached elsewhere, not said where", "AWSCURRENT", 0, 3, nil, "RemoveFromVersionId can't be empty. Staging label AWSCURRENT is currently attached to version 00000000-0000-4000-8000-000000000002"},
		{"attached elsewhere, said wrongly", "AWSCURRENT", 1, 3, nil, "it must be set to the version that currently has the staging label AWSCURRENT"},
		{"AWSCURRENT away", "AWSCURRENT", 2, 0, nil, "can't be completely removed"},
		{"remove from where it is not", "MINE", 1, 0, nil, "not attached to version"},
		{"move what is nowhere", "NEW", 1, 2, nil, "not attached to version"},
		{"to no version", "MINE", 3, 9, nil, "Not a valid version: 00000000-0000-4000-8000-000000000009"},
		{"from no version", "MINE", 9, 1, nil, "Not a valid version: 00000000-0000-4000-8000-000000000009"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newEnvironment(t)
			w.create("a", "")
			for n, stages := range [][]string{{"AWSCURRENT"}, {"AWSCURRENT"}, {"AWSPENDING", "MINE"}} {
				_, err := w.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{
					SecretId: aws.String("a"), SecretString: aws.String("v"), ClientRequestToken: token(n + 1), VersionStages: stages,
				})
				require.NoError(t, err)
			}
			in := &secretsmanager.UpdateSecretVersionStageInput{SecretId: aws.String("a"), VersionStage: &tt.label}
			if tt.from > 0 {
				in.RemoveFromVersionId = token(tt.from)
			}
			if tt.to > 0 {
				in.MoveToVersionId = token(tt.to)
			}
			_, err := w.UpdateSecretVersionStage(t.Context(), in)
			want := tt.want
			if tt.text != "" {
				requireCode(t, err, "InvalidParameterException", tt.text)
				want = start
			} else {
				require.NoError(t, err)
			}
			labels := map[string][]string{}
			for n, stages := range want {
				labels[*token(n)] = stages
			}
			require.Equal(t, labels, w.stages("a"))
			require.Len(t, w.versions("a", true), 3, "no version is lost")
		})
	}
}
