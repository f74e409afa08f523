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

func valuesOf(out *secretsmanager.BatchGetSecretValueOutput) []string {
	var values []string
	for _, v := range out.SecretValues {
		values = append(values, *v.Name+"="+*v.SecretString)
	}
	return values
}

func TestBatchGetSecretValueByID(t *testing.T) {
	w := newEnvironment(t)
	arn, _ := w.create("a", "one")
	w.create("b", "two")
	w.create("empty", "")
	w.create("gone", "x")
	ctx := t.Context()
	_, err := w.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: aws.String("gone")})
	require.NoError(t, err)

	out, err := w.BatchGetSecretValue(ctx, &secretsmanager.BatchGetSecretValueInput{SecretIdList: []string{"b", "never", arn, "gone", "empty"}})
	require.NoError(t, err)
	require.Equal(t, []string{"b=two", "a=one"}, valuesOf(out))
	require.Nil(t, out.NextToken)
	var errs []string
	for _, e := range out.Errors {
		errs = append(errs, *e.SecretId+" "+*e.ErrorCode)
		require.NotEmpty(t, *e.Message)
	}
	require.Equal(t, []string{"never ResourceNotFoundException", "gone InvalidRequestException", "empty ResourceNotFoundException"}, errs)
	require.NotNil(t, w.describe("a").LastAccessedDate)

	w.emulator.Deny("AKIDTEST", "secretsmanager:GetSecretValue")
	out, err = w.BatchGetSecretValue(ctx, &secretsmanager.BatchGetSecretValueInput{SecretIdList: []string{"a"}})
	require.NoError(t, err)
	require.Empty(t, out.SecretValues)
	require.Equal(t, "AccessDeniedException", *out.Errors[0].ErrorCode)
}

func TestBatchGetSecretValueByFilter(t *testing.T) {
	w := newEnvironment(t)
	for n := range 5 {
		w.create(fmt.Sprintf("s%d", n), fmt.Sprint(n))
	}
	w.create("other", "x")
	in := &secretsmanager.BatchGetSecretValueInput{Filters: []types.Filter{filterOf("name", "s")}, MaxResults: aws.Int32(2)}
	var values []string
	pages := 0
	for p := secretsmanager.NewBatchGetSecretValuePaginator(w, in); p.HasMorePages(); pages++ {
		page, err := p.NextPage(t.Context())
		require.NoError(t, err)
		values = append(values, valuesOf(page)...)
	}
	require.Equal(t, []string{"s0=0", "s1=1", "s2=2", "s3=3", "s4=4"}, values)
	require.Equal(t, 3, pages)

	w.emulator.Deny("AKIDTEST", "ListSecrets")
	_, err := w.BatchGetSecretValue(t.Context(), in)
	requireCode(t, err, "AccessDeniedException", "secretsmanager:ListSecrets")
}

func TestBatchGetSecretValueIsCutAtAMebibyte(t *testing.T) {
	w := newEnvironment(t)
	var ids []string
	for n := range 20 {
		ids = append(ids, fmt.Sprintf("s%d", n))
		w.create(ids[n], strings.Repeat("x", 65536))
	}
	in := &secretsmanager.BatchGetSecretValueInput{SecretIdList: ids}
	first, err := w.BatchGetSecretValue(t.Context(), in)
	require.NoError(t, err)
	require.Len(t, first.SecretValues, 16)
	in.NextToken = first.NextToken
	second, err := w.BatchGetSecretValue(t.Context(), in)
	require.NoError(t, err)
	require.Len(t, second.SecretValues, 4)
	require.Equal(t, "s16", *second.SecretValues[0].Name)
	require.Nil(t, second.NextToken)
}

func TestBatchGetSecretValueRefuses(t *testing.T) {
	w := newEnvironment(t)
	for _, tt := range []struct {
		name string
		in   secretsmanager.BatchGetSecretValueInput
		code string
		text string
	}{
		{"neither", secretsmanager.BatchGetSecretValueInput{}, "InvalidParameterException", "Either 'SecretIdList' or 'Filters'"},
		{"both", secretsmanager.BatchGetSecretValueInput{SecretIdList: []string{"a"}, Filters: []types.Filter{filterOf("name", "a")}}, "InvalidParameterException", "not both"},
		{"results without filters", secretsmanager.BatchGetSecretValueInput{SecretIdList: []string{"a"}, MaxResults: aws.Int32(1)}, "InvalidParameterException", "'Filters' not specified"},
		{"foreign token", secretsmanager.BatchGetSecretValueInput{SecretIdList: []string{"a"}, NextToken: aws.String("x")}, "InvalidNextTokenException", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := w.BatchGetSecretValue(t.Context(), &tt.in)
			requireCode(t, err, tt.code, tt.text)
		})
	}
}
