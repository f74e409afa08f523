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
		"COMPANYthings":                     "COMPAN|Ythings",
		"uat/COMPANY/things":                "uat|COMPANY|things",
		"SecretFTag":                        "Secret|F|Tag",
		"MyDB":                              "My|DB",
		"credsDatabase#892":                 "creds|Database|892",
		"CompanyThings":                     "Company|Things",
		"shopDb2Key":                        "shop|Db|2|Key",
		"A":                                 "A",
		"aB":                                "a|B",
		"\u00c4rger im Stra\u00dfenverkehr": "\u00c4rger|im|Stra\u00dfenverkehr",
	} {
		require.Equal(t, want, strings.Join(words(text), "|"), text)
	}
}
