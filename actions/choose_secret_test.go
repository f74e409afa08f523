package actions

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/component"
)

func specOf(t *testing.T, function string) component.Spec {
	t.Helper()
	for _, spec := range Specs(testOptions) {
		if spec.Name == function {
			return spec
		}
	}
	t.Fatalf("there is no function %s", function)
	return component.Spec{}
}

// choices asks for the model of the field secret.
func (l local) choices(t *testing.T, function, fields string) (map[string]string, error) {
	t.Helper()
	text, err := specOf(t, function).Models["secretNames"](t.Context(), l.deps(fields))
	if err != nil {
		return nil, err
	}
	var labels map[string]string
	require.NoError(t, json.Unmarshal(text, &labels))
	return labels, nil
}

// seed creates that many secrets.
func (l local) seed(t *testing.T, count int) {
	t.Helper()
	var list []string
	for i := range count {
		list = append(list, fmt.Sprintf(`{"name":"app-%05d","secretString":"planted-%d"}`, count-1-i, i))
	}
	require.NoError(t, l.Seed(strings.NewReader(`{"region":"eu-central-1","secrets":[`+strings.Join(list, ",")+`]}`)))
}

func TestSecretNames(t *testing.T) {
	l := newLocal(t)
	l.run(t, "CreateSecret", `{"Name":"shop/db","Description":" The shop's\n database ","SecretString":"planted"}`)
	l.run(t, "CreateSecret", `{"Name":"Shop/db","SecretString":"planted"}`)
	l.run(t, "CreateSecret", `{"Name":"a","Description":"`+strings.Repeat("ä", 200)+`"}`)
	l.run(t, "CreateSecret", `{"Name":"shop/old","Description":"Last year's"}`)
	l.run(t, "DeleteSecret", `{"SecretId":"shop/old"}`)

	for _, test := range []struct {
		name, function, fields string
		want                   map[string]string
	}{
		{"all", "GetSecretValue", "", map[string]string{
			"a": "a – " + strings.Repeat("ä", 100) + "…", "shop/db": "shop/db – The shop's database", "Shop/db": "Shop/db",
		}},
		{"by prefix", "PutSecretValue", `"namePrefix":"shop"`, map[string]string{"shop/db": "shop/db – The shop's database"}},
		{"white space around the prefix", "PutSecretValue", `"namePrefix":" Shop "`, map[string]string{"Shop/db": "Shop/db"}},
		{"none", "DescribeSecret", `"namePrefix":"other"`, map[string]string{}},
		{"those that can be restored", "RestoreSecret", "", map[string]string{"shop/old": "shop/old – Last year's"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := l.choices(t, test.function, test.fields)
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
		})
	}
}

// Of 10,000 secrets the first 1,000 are listed, with as few calls as can be.
func TestManySecrets(t *testing.T) {
	l := newLocal(t)
	l.seed(t, 10_000)
	text, err := specOf(t, "GetSecretValue").Models["secretNames"](t.Context(), l.deps(""))
	require.NoError(t, err)
	names := strings.Split(strings.Trim(string(text), "{}"), ",")
	require.Len(t, names, 1000)
	for i, name := range names {
		require.Equal(t, fmt.Sprintf(`"app-%05[1]d":"app-%05[1]d"`, i), name)
	}
	assert.Equal(t, 10, l.Calls()["ListSecrets"])

	got, err := l.choices(t, "GetSecretValue", `"namePrefix":"app-099"`)
	require.NoError(t, err)
	assert.Len(t, got, 100)
	assert.Equal(t, 11, l.Calls()["ListSecrets"])
	assert.Len(t, l.Calls(), 1, "nothing else is called")
}

func TestSecretNamesFail(t *testing.T) {
	l := newLocal(t)
	l.Deny(testKeyID, "ListSecrets")
	_, err := l.choices(t, "GetSecretValue", "")
	require.ErrorContains(t, err, "the secrets cannot be listed, but SecretId can be mapped instead: ListSecrets failed: AccessDeniedException")
	require.ErrorContains(t, err, "the IAM permission secretsmanager:ListSecrets is missing")
	assert.NotContains(t, err.Error(), testSecret)

	for fields, want := range map[string]string{
		`"namePrefix":{"planted":1}`: `namePrefix ("Names begin with") must be text`,
		`"secret":["planted"]`:       "secret must be text",
		`"namePrefix":"plänted"`:     `namePrefix ("Names begin with") must be letters from a to z`,
		`"region":"planted"`:         "region must look like eu-central-1",
	} {
		_, err := l.choices(t, "GetSecretValue", fields)
		require.ErrorContains(t, err, want)
		assert.NotContains(t, err.Error(), "planted")
	}
}

func TestModelsStop(t *testing.T) {
	l := newLocal(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := specOf(t, "GetSecretValue").Models["secretNames"](ctx, l.deps(""))
	require.ErrorIs(t, err, context.Canceled)
}
