package emulator_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/require"
)

const (
	lower = "abcdefghijklmnopqrstuvwxyz"
	upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digit = "0123456789"
	punct = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
)

func TestGetRandomPassword(t *testing.T) {
	yes, no := aws.Bool(true), aws.Bool(false)
	type input = secretsmanager.GetRandomPasswordInput
	tests := []struct {
		name   string
		in     input
		length int
		from   string   // characters that may occur; over many passwords, all do
		each   []string // of which each password has one
	}{
		{"default", input{}, 32, lower + upper + digit + punct, []string{lower, upper, digit, punct}},
		{"as short as its types", input{PasswordLength: aws.Int64(4)}, 4, lower + upper + digit + punct, []string{lower, upper, digit, punct}},
		{"longest", input{PasswordLength: aws.Int64(4096)}, 4096, lower + upper + digit + punct, []string{lower, upper, digit, punct}},
		{"no numbers", input{ExcludeNumbers: yes}, 32, lower + upper + punct, []string{lower, upper, punct}},
		{"no punctuation", input{ExcludePunctuation: yes}, 32, lower + upper + digit, []string{lower, upper, digit}},
		{"no uppercase", input{ExcludeUppercase: yes}, 32, lower + digit + punct, []string{lower, digit, punct}},
		{"no lowercase", input{ExcludeLowercase: yes}, 32, upper + digit + punct, []string{upper, digit, punct}},
		{"with space", input{IncludeSpace: yes}, 32, lower + upper + digit + punct + " ", []string{lower, upper, digit, punct}},
		{"characters excluded", input{ExcludeCharacters: aws.String("aB3ä !")}, 32, "bcdefghijklmnopqrstuvwxyz" + strings.Replace(upper, "B", "", 1) + "012456789" + punct[1:], []string{lower, upper, digit, punct}},
		{"digits only", input{ExcludeLowercase: yes, ExcludeUppercase: yes, ExcludePunctuation: yes}, 32, digit, nil},
		{"spaces only", input{ExcludeLowercase: yes, ExcludeUppercase: yes, ExcludePunctuation: yes, ExcludeNumbers: yes, IncludeSpace: yes, PasswordLength: aws.Int64(3)}, 3, " ", nil},
		{"one character, no type required", input{PasswordLength: aws.Int64(1), RequireEachIncludedType: no}, 1, lower + upper + digit + punct, nil},
		{"type used up, none required", input{ExcludeCharacters: aws.String(digit), RequireEachIncludedType: no}, 32, lower + upper + punct, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newEnvironment(t)
			var all strings.Builder
			for range max(1, 1500/tt.length) {
				out, err := w.GetRandomPassword(t.Context(), &tt.in)
				require.NoError(t, err)
				require.Len(t, *out.RandomPassword, tt.length)
				for _, set := range tt.each {
					require.True(t, strings.ContainsAny(*out.RandomPassword, set), "a character of each type")
				}
				all.WriteString(*out.RandomPassword)
			}
			require.Empty(t, strings.Trim(all.String(), tt.from), "no other character")
			require.Empty(t, strings.Trim(tt.from, all.String()), "each of them")
		})
	}
}

func TestGetRandomPasswordRefuses(t *testing.T) {
	yes := aws.Bool(true)
	type input = secretsmanager.GetRandomPasswordInput
	tests := []struct {
		name string
		in   input
		code string
		text string
	}{
		{"too short for its types", input{PasswordLength: aws.Int64(3)}, "InvalidParameterException", "3 is too short for the 4"},
		{"nothing left", input{ExcludeLowercase: yes, ExcludeUppercase: yes, ExcludePunctuation: yes, ExcludeNumbers: yes}, "InvalidParameterException", "every character is excluded"},
		{"required type used up", input{ExcludeCharacters: aws.String(digit)}, "InvalidParameterException", "required"},
	}
	w := newEnvironment(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := w.GetRandomPassword(t.Context(), &tt.in)
			requireCode(t, err, tt.code, tt.text)
		})
	}
}
