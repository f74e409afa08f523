package triggers

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"aws-secrets-manager-connector/actions"
	"aws-secrets-manager-connector/internal/component"
	"aws-secrets-manager-connector/schemas"
)

// pollingFields is what the designer of a flow enters for the polling.
type pollingFields struct {
	filters       []types.Filter
	start, end    int64 // ms since 1970
	pageSize      int
	singlePage    bool
	emitBehaviour string
}

// The values of the field emitBehaviour, in the platform's words.
const (
	emitIndividually = "emitIndividually" // one message for each secret
	emitPage         = "emitPage"         // one message for each page
)

const (
	defaultPageSize = 100
	maxPageSize     = 1000
)

func readPollingFields(config json.RawMessage) (f pollingFields, err error) {
	var texts map[string]any
	if len(config) > 0 && json.Unmarshal(config, &texts) != nil {
		return f, component.Errorf(component.InvalidConfig, "the step's configuration must be a JSON object")
	}
	text := func(field string) string {
		switch value := texts[field].(type) {
		case nil:
			return ""
		case string:
			return strings.TrimSpace(value)
		default:
			return strings.TrimSpace(fmt.Sprint(value))
		}
	}
	f = pollingFields{end: math.MaxInt64, pageSize: defaultPageSize, emitBehaviour: emitIndividually}
	if f.filters, err = actions.FilterFields(config); err != nil {
		return f, err
	}
	var problems []string
	problem := func(field, title, rule string) {
		problems = append(problems, fmt.Sprintf("%s (%q) must be %s (given: a text of %d characters)", field, title, rule, utf8.RuneCountInString(text(field))))
	}
	date := func(field, title string, ms *int64) {
		if text(field) == "" {
			return
		}
		at, err := parseDate(text(field))
		if err != nil {
			problem(field, title, "a date, with or without a time, in ISO 8601, such as 2030-01-31T12:00:00Z")
		}
		*ms = at.UnixMilli()
	}
	date("startTime", "Start time", &f.start)
	date("endTime", "End time", &f.end)
	if size := text("pageSize"); size != "" {
		if f.pageSize, err = strconv.Atoi(size); err != nil || f.pageSize < 1 || f.pageSize > maxPageSize {
			problem("pageSize", "Page size", fmt.Sprintf("a whole number from 1 to %d", maxPageSize))
		}
	}
	switch behaviour := text("emitBehaviour"); behaviour {
	case emitIndividually, emitPage:
		f.emitBehaviour = behaviour
	case "":
	default:
		problem("emitBehaviour", "Emit behaviour", emitIndividually+" or "+emitPage)
	}
	switch text("singlePage") {
	case "true", "on":
		f.singlePage = true
	case "false", "":
	default:
		problem("singlePage", "Process single page per execution", "true or false")
	}
	if len(problems) > 0 {
		return f, component.Errorf(component.InvalidConfig, "the fields of the step cannot be used: %s", strings.Join(problems, "; "))
	}
	return f, nil
}

const pollingName = "getNewAndUpdatedSecretsPolling"

// pollingMetaModel is the trigger's schemas, with what is emitted alone.
func pollingMetaModel(_ context.Context, deps component.Deps) (json.RawMessage, error) {
	f, err := readPollingFields(deps.Config)
	if err != nil {
		return nil, err
	}
	in, err := schemas.FS.ReadFile(pollingName + ".in.json")
	if err != nil {
		return nil, err
	}
	out, err := schemas.FS.ReadFile(pollingName + ".out.json")
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]json.RawMessage{"in": in, "out": actions.EmittedSchema(out, "SecretList", f.emitBehaviour)})
}

func parseDate(text string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		at, err = time.Parse(time.DateOnly, text)
	}
	return at, err
}

// input lists the newest change first.
func (f pollingFields) input() *secretsmanager.ListSecretsInput {
	return &secretsmanager.ListSecretsInput{
		Filters: f.filters, MaxResults: aws.Int32(largePage), IncludePlannedDeletion: aws.Bool(true),
		SortBy: types.SortByTypeLastChangedDate, SortOrder: types.SortOrderTypeDesc,
	}
}
