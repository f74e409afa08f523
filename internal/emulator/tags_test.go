package emulator_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/stretchr/testify/require"
)

// tagsOf turns "k=v" into tags.
func tagsOf(pairs ...string) []types.Tag {
	tags := []types.Tag{}
	for _, p := range pairs {
		k, v, _ := strings.Cut(p, "=")
		tags = append(tags, types.Tag{Key: &k, Value: &v})
	}
	return tags
}

func (w *environment) tags(id string) []string {
	pairs := []string{}
	for _, t := range w.describe(id).Tags {
		pairs = append(pairs, *t.Key+"="+*t.Value)
	}
	return pairs
}

func TestTagResource(t *testing.T) {
	numbered := func(n int) []string {
		var pairs []string
		for i := range n {
			pairs = append(pairs, fmt.Sprintf("n%d=", i))
		}
		return pairs
	}
	tests := []struct {
		name string
		have []string
		add  []string
		want []string
		text string // of the InvalidParameterException
	}{
		{"append", []string{"a=1"}, []string{"b=2"}, []string{"a=1", "b=2"}, ""},
		{"overwrite", []string{"a=1", "b=2"}, []string{"a=3"}, []string{"a=3", "b=2"}, ""},
		{"case matters", []string{"a=1"}, []string{"A=2"}, []string{"a=1", "A=2"}, ""},
		{"none", []string{"a=1"}, nil, []string{"a=1"}, ""},
		{"up to 50", numbered(49), []string{"last="}, append(numbered(49), "last="), ""},
		{"overwrite among 50", numbered(50), []string{"n0="}, numbered(50), ""},
		{"51", numbered(50), []string{"last="}, nil, "50"},
		{"twice", nil, []string{"a=1", "a=2"}, nil, "unique"},
		{"of AWS", nil, []string{"aws:a=1"}, nil, "aws:"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newEnvironment(t)
			_, err := w.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: aws.String("a"), Tags: tagsOf(tt.have...)})
			require.NoError(t, err)
			_, err = w.TagResource(t.Context(), &secretsmanager.TagResourceInput{SecretId: aws.String("a"), Tags: tagsOf(tt.add...)})
			if tt.text != "" {
				requireCode(t, err, "InvalidParameterException", tt.text)
				require.ElementsMatch(t, tt.have, w.tags("a"), "all or nothing")
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want, w.tags("a"))
		})
	}
}

func TestUntagResource(t *testing.T) {
	w := newEnvironment(t)
	_, err := w.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: aws.String("a"), Tags: tagsOf("a=1", "b=2", "c=3")})
	require.NoError(t, err)
	for range 2 {
		_, err = w.UntagResource(t.Context(), &secretsmanager.UntagResourceInput{SecretId: aws.String("a"), TagKeys: []string{"a", "c", "never", "B"}})
		require.NoError(t, err)
		require.Equal(t, []string{"b=2"}, w.tags("a"))
	}
	w.create("never-tagged", "")
	_, err = w.UntagResource(t.Context(), &secretsmanager.UntagResourceInput{SecretId: aws.String("a"), TagKeys: []string{"b"}})
	require.NoError(t, err)
	list, err := w.ListSecrets(t.Context(), &secretsmanager.ListSecretsInput{})
	require.NoError(t, err)
	for _, tags := range [][]types.Tag{w.describe("a").Tags, list.SecretList[0].Tags} {
		require.NotNil(t, tags, "the list stays when its last tag goes")
		require.Empty(t, tags)
	}
	require.Nil(t, w.describe("never-tagged").Tags)
	require.Nil(t, list.SecretList[1].Tags)

	_, err = w.UntagResource(t.Context(), &secretsmanager.UntagResourceInput{SecretId: aws.String("a"), TagKeys: []string{"aws:x"}})
	requireCode(t, err, "InvalidParameterException", "aws:")
}
