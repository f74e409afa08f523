package emulator

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"":                                  "",
		"-/_":                               "",
		"main database":                     "main|database",
		"prod/shop_db.example":              "prod|shop|db|example",
		"COMPANYthings":                     "compan|ythings",
		"uat/COMPANY/things":                "uat|company|things",
		"SecretFTag":                        "secret|f|tag",
		"MyDB":                              "my|db",
		"credsDatabase#892":                 "creds|database|892",
		"CompanyThings":                     "company|things",
		"shopDb2Key":                        "shop|db|2|key",
		"A":                                 "a",
		"aB":                                "a|b",
		"\u00c4rger im Stra\u00dfenverkehr": "\u00e4rger|im|stra\u00dfenverkehr",
	} {
		require.Equal(t, want, strings.Join(words(text), "|"), text)
	}
}
