package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/fake"
	"aws-secrets-manager-connector/internal/testkit"
)

// TestModelsOfLists asks what messages a list emits, as the platform does.
func TestModelsOfLists(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	for _, test := range []struct{ golden, function, behaviour, tagKey string }{
		{"BatchGetSecretValue.emitPage.json", "BatchGetSecretValue", "", ""},
		{"BatchGetSecretValue.emitAll.json", "BatchGetSecretValue", "emitAll", "team"},
		{"BatchGetSecretValue.emitIndividually.json", "BatchGetSecretValue", "emitIndividually", ""},
		{"ListSecrets.emitAll.json", "ListSecrets", "emitAll", "team"},
		{"ListSecretVersionIds.emitIndividually.json", "ListSecretVersionIds", "emitIndividually", ""},
	} {
		t.Run(test.golden, func(t *testing.T) {
			d := openDesk(t, http.StatusOK)
			c := newServiceCall(d)
			c.cfg = map[string]any{ // AWS is not there, and is not asked
				"accessKeyId": userKey, "accessKeySecret": c.token("access key secret"), "region": "us-east-1", "endpoint": "http://127.0.0.1:1",
				"emitBehaviour": test.behaviour, "namePrefix": "", "tagKey": test.tagKey, "tagValue": nil,
			}
			c.env["ELASTICIO_ACTION_OR_TRIGGER"] = test.function
			c.run(ctx, t, 0, "node", "./node_modules/elasticio-sailor-nodejs/runService.js", "getMetaModel")
			assertData(t, test.golden, d.only(t, c))
		})
	}
}

// TestFilterFields has a step's fields narrow down what a message asks for.
func TestFilterFields(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	functions := []string{"ListSecrets", "BatchGetSecretValue"}
	environment, err := fake.NewEnvironment(ctx, fake.InMemory(), functions)
	require.NoError(t, err)
	steps := fake.Steps{Environment: environment, New: inProcess(t, new(testkit.Output))}
	defer func() {
		assert.NoError(t, steps.Stop())
		assert.NoError(t, environment.Close(context.WithoutCancel(ctx)))
	}()
	require.NoError(t, environment.AWS.Seed(strings.NewReader(`{"region":"eu-central-1","secrets":[
		{"name":"shop/db","secretString":"x"},{"name":"shop/mail","secretString":"x"},{"name":"other/db","secretString":"x"}]}`)))

	for _, function := range functions {
		environment.SetStep(function, map[string]any{"namePrefix": "shop/", "emitBehaviour": "emitIndividually"})
		require.NoError(t, steps.Start(ctx, function))
		for _, test := range []struct {
			body any
			want []string // names, or what the error tells
		}{
			{nil, []string{"shop/db", "shop/mail"}},
			{map[string]any{}, []string{"shop/db", "shop/mail"}},
			{map[string]any{"Filters": map[string]any{"Key": "name", "Values": "shop/m, other/"}, "MaxResults": "5"}, []string{"shop/mail"}},
			{map[string]any{"Filters": "all"}, []string{`body.Filters`}},
		} {
			_, err := environment.Send(ctx, function, test.body, 2, nil)
			require.NoError(t, err)
			var got []string
			for range test.want {
				received, err := environment.Receive(ctx)
				require.NoError(t, err)
				require.Equal(t, function, received.Function)
				if received.Kind == "error" {
					got = append(got, received.Failure.Message[:len("body.Filters")])
					continue
				}
				var one struct{ Name string }
				require.NoError(t, json.Unmarshal(received.Content, &one))
				got = append(got, one.Name)
			}
			assert.ElementsMatch(t, test.want, got, function)
		}
	}
	_, err = environment.Send(ctx, "BatchGetSecretValue", map[string]any{"SecretIdList": "other/db"}, 2, nil)
	require.NoError(t, err)
	received, err := environment.Receive(ctx)
	require.NoError(t, err)
	assert.Contains(t, received.Failure.Message, `is mutually exclusive with the step's namePrefix ("Names begin with")`)
}

// TestBatch reads 45 secrets, of which two are missing, in each way to emit them
// and in each way in which the platform's mapper makes a list of their names.
func TestBatch(t *testing.T) {
	const function = "BatchGetSecretValue"
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	rabbit := testkit.RabbitMQ(t)
	environment, err := fake.NewEnvironment(ctx, fake.OnRabbitMQ(rabbit.URI, "e2e", slog.New(slog.DiscardHandler)), []string{function})
	require.NoError(t, err)
	defer func() { assert.NoError(t, environment.Close(context.WithoutCancel(ctx))) }()

	var planted testkit.Planted
	for label, value := range environment.Secrets() {
		planted.Add(label, value)
	}
	var ids, found, seeds []string
	var objects []any
	values := map[string]string{}
	for i := range 45 {
		id := fmt.Sprintf("batch/%02d", i)
		ids, objects = append(ids, id), append(objects, map[string]any{"Value": id})
		if i == 7 || i == 43 {
			continue // missing
		}
		values[id] = planted.New("value of " + id)
		text, err := json.Marshal(map[string]any{"name": id, "secretString": values[id]})
		require.NoError(t, err)
		found, seeds = append(found, id), append(seeds, string(text))
	}
	require.NoError(t, environment.AWS.Seed(strings.NewReader(`{"region":"eu-central-1","secrets":[`+strings.Join(seeds, ",")+`]}`)))

	type message struct{ values, errors []string }
	single := func() (all []message) {
		for _, id := range ids {
			if values[id] != "" {
				all = append(all, message{values: []string{id}})
			}
		}
		// Each error follows the values of its call.
		all = append(all[:19:19], append([]message{{errors: []string{ids[7]}}}, all[19:]...)...)
		return append(all, message{errors: []string{ids[43]}})
	}
	for _, test := range []struct {
		behaviour string
		list      any
		want      []message
	}{
		{"emitPage", ids, []message{
			{found[:19], []string{ids[7]}}, {found[19:39], nil}, {found[39:], []string{ids[43]}},
		}},
		{"emitAll", strings.Join(ids, ", "), []message{{found, []string{ids[7], ids[43]}}}},
		{"emitIndividually", objects, single()},
	} {
		t.Run(test.behaviour, func(t *testing.T) {
			environment.SetStep(function, map[string]any{"emitBehaviour": test.behaviour})
			env := environment.Env(function)
			env["ELASTICIO_AMQP_URI"], env["LOG_LEVEL"] = rabbit.URI.Reveal(), "trace"
			process := testkit.Start(ctx, t, "", env, program)
			_, err := environment.Send(ctx, function, map[string]any{"SecretIdList": test.list}, 2, nil)
			require.NoError(t, err)
			var got []message
			for range test.want {
				received, err := environment.Receive(ctx)
				require.NoError(t, err)
				if received.Kind == "error" {
					assert.Equal(t, "ResourceNotFoundException", received.Failure.Name)
					_, rest, _ := strings.Cut(received.Failure.Message, `BatchGetSecretValue of "`)
					id, _, _ := strings.Cut(rest, `"`)
					got = append(got, message{errors: []string{id}})
					continue
				}
				got = append(got, readBatch(t, received.Content, values))
			}
			assert.Equal(t, test.want, got)
			process.Stop(t)
			waiting, err := environment.Waiting(ctx, function)
			require.NoError(t, err)
			assert.Zero(t, waiting)
			planted.AssertAbsent(t, "log", []byte(process.Output()))
		})
	}
	assert.Equal(t, map[string]int{function: 9}, environment.AWS.Calls())
}

// readBatch reads a page, or a single value.
func readBatch(t *testing.T, content json.RawMessage, values map[string]string) (m struct{ values, errors []string }) {
	t.Helper()
	type value struct{ Name, SecretString string }
	var page struct {
		value
		SecretValues []value
		Errors       []struct{ SecretId, ErrorCode string }
	}
	require.NoError(t, json.Unmarshal(content, &page))
	if page.Name != "" {
		page.SecretValues = []value{page.value}
	}
	for _, v := range page.SecretValues {
		assert.True(t, values[v.Name] == v.SecretString, "the value of %s", v.Name)
		m.values = append(m.values, v.Name)
	}
	for _, e := range page.Errors {
		assert.Equal(t, "ResourceNotFoundException", e.ErrorCode)
		m.errors = append(m.errors, e.SecretId)
	}
	return m
}
