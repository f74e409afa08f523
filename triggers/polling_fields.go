package triggers

import (
	"context"
	"encoding/json"
	"math"
	"strings"
	"time"

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
	fields, err := component.ReadFields(config)
	if err != nil {
		return f, err
	}
	if f.filters, err = actions.FilterFields(config); err != nil {
		return f, err
	}
	startTime, endTime := component.Field{Name: "startTime", Label: "Start time"}, component.Field{Name: "endTime", Label: "End time"}
	var wrong [5]error
	f.start, wrong[0] = date(fields, startTime, 0)
	f.end, wrong[1] = date(fields, endTime, math.MaxInt64)
	f.pageSize, wrong[2] = fields.WholeNumber(component.Field{Name: "pageSize", Label: "Page size"}, 1, maxPageSize, defaultPageSize)
	f.emitBehaviour, wrong[3] = fields.Choice(component.Field{Name: "emitBehaviour", Label: "Emit behaviour"}, emitIndividually, emitPage)
	f.singlePage, wrong[4] = fields.Checked(component.Field{Name: "singlePage", Label: "Process single page per execution"})
	var problems []string
	for _, err := range wrong {
		if err != nil {
			problems = append(problems, err.Error())
		}
	}
	switch {
	case len(problems) > 0:
		return f, component.Errorf(component.InvalidConfig, "the fields of the step cannot be used: %s", strings.Join(problems, "; "))
	case f.end < f.start:
		return f, component.Errorf(component.InvalidConfig, "the fields of the step cannot be used: %v is before %v, so that no change is left; correct or empty one of them", endTime, startTime)
	}
	return f, nil
}

// date returns the time that was entered in ms since 1970, otherwise where none was.
func date(fields component.Fields, field component.Field, otherwise int64) (int64, error) {
	text, err := fields.Text(field)
	if err != nil || text == "" {
		return otherwise, err
	}
	at, err := parseDate(text)
	if err != nil {
		return 0, field.Wrong("must be a date, with or without a time, in ISO 8601, such as 2030-01-31T12:00:00Z", text)
	}
	return at.UnixMilli(), nil
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
