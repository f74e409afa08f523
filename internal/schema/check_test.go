package schema

import (
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const planted = "pl4nted-Se¢ret"

// sample uses each keyword that the connector's schemas use.
const sample = `{
  "title": "Sample", "type": "object", "additionalProperties": false,
  "properties": {
    "Name": {"type": "string", "required": true, "minLength": 1, "maxLength": 12},
    "SecretString": {"type": "string", "format": "password", "minLength": 1, "maxLength": 100},
    "SecretBinary": {"type": "string", "format": "password", "contentEncoding": "base64", "x-minBytes": 1, "x-maxBytes": 4},
    "Token": {"type": "string", "minLength": 3, "pattern": "^[a-z]+$"},
    "Days": {"type": "integer", "minimum": 7, "maximum": 30},
    "Ratio": {"type": "number", "minimum": 0.5},
    "Force": {"type": "boolean"},
    "Order": {"type": "string", "enum": ["asc", "desc"]},
    "When": {"type": "string", "format": "date-time"},
    "Tags": {"type": "array", "maxItems": 2, "items": {
      "type": "object", "additionalProperties": false,
      "properties": {
        "Key": {"type": "string", "required": true, "maxLength": 4, "not": {"pattern": "^aws:"}},
        "Value": {"type": "string"},
        "Weight": {"type": "integer"}
      }
    }},
    "Rules": {"type": "object", "additionalProperties": false,
      "not": {"required": ["Every", "Cron"]},
      "properties": {"Every": {"type": "integer"}, "Cron": {"type": "string"}}
    },
    "Stages": {"type": "object", "additionalProperties": false,
      "patternProperties": {"^v[0-9]+$": {"type": "array", "minItems": 1, "items": {"type": "string"}}}
    },
    "Passwords": {"type": "object", "additionalProperties": {"type": "string", "format": "password", "maxLength": 3}},
    "Vault": {"type": "object", "format": "password", "additionalProperties": false, "properties": {"Pin": {"type": "integer"}}},
    "Texts": {"type": "array", "minItems": 1, "items": {"type": "string"}},
    "Region": {"type": "string", "pattern": "^[a-z]+-[a-z]+-[0-9]$", "examples": ["eu-central-1"]},
    "Regions": {"type": "array", "items": {"type": "string", "pattern": "^[a-z]+-[a-z]+-[0-9]$"}, "examples": ["eu-west-3"]},
    "Free": {"type": "object"}
  },
  "allOf": [
    {"not": {"required": ["SecretString", "SecretBinary"]}},
    {"not": {"required": ["Days", "Force"], "properties": {"Force": {"enum": [true]}}}}
  ],
  "dependencies": {"Order": ["When"]}
}`

// names are what the sample knows, as an unknown one is told.
const names = "not one of Days, Force, Free, Name, Order, Passwords, Ratio, Region, Regions, Rules, SecretBinary, SecretString, Stages, Tags, Texts, Token, Vault, When"

func compiled(t testing.TB, document string) *Schema {
	t.Helper()
	s, err := Compile("test", []byte(document))
	require.NoError(t, err)
	return s
}

func violations(t testing.TB, err error) *Violations {
	t.Helper()
	var v *Violations
	require.ErrorAs(t, err, &v)
	return v
}

func TestCheckReports(t *testing.T) {
	long := strings.Repeat("x", 70000)
	cases := []struct {
		name, doc string
		want      []string
	}{
		{"missing", `{}`, []string{"body.Name: is missing – map a value"}},
		{"missing in an entry", `{"Name":"a","Tags":[{"Key":"k"},{}]}`, []string{"body.Tags[1].Key: is missing – map a value"}},
		{"empty", `{"Name":""}`, []string{`body.Name: must not be empty (given: a string of 0 characters) – map a value`}},
		{"too long", `{"Name":"abcdefghijklm"}`, []string{`body.Name: must have at most 12 characters (given: a string of 13 characters)`}},
		{"far too long", `{"Name":"` + long + `"}`, []string{"body.Name: must have at most 12 characters (given: a string of 70,000 characters)"}},
		{"length in characters, not bytes", `{"Name":"éééééééééééé"}`, nil},
		{"too short and wrong pattern", `{"Name":"a","Token":"A"}`, []string{
			`body.Token: must have at least 3 characters (given: a string of 1 character)`,
			`body.Token: must match the pattern ^[a-z]+$ (given: a string of 1 character)`,
		}},
		{"below and above", `{"Name":"a","Days":6,"Ratio":0.25}`, []string{
			"body.Days: must be at least 7 (given: 6)", "body.Ratio: must be at least 0.5 (given: 0.25)",
		}},
		{"above", `{"Name":"a","Days":31}`, []string{"body.Days: must be at most 30 (given: 31)"}},
		{"enum", `{"Name":"a","Order":"up","When":"2030-01-31T12:00:00Z"}`, []string{`body.Order: must be one of asc, desc (given: a string of 2 characters)`}},
		{"date", `{"Name":"a","When":"tomorrow"}`, []string{`body.When: must be a date and time in ISO 8601, such as 2030-01-31T12:00:00Z (given: a string of 8 characters)`}},
		{"dependency", `{"Name":"a","Order":"asc"}`, []string{"body: Order needs When as well"}},
		{"wrong types", `{"Name":7,"Days":"seven","Force":"yes","Tags":7,"Rules":[1,2]}`, []string{
			`body.Days: must be a whole number (given: a string of 5 characters)`,
			`body.Force: must be true or false (given: a string of 3 characters)`,
			`body.Name: must be a string (given: a number) – make text of it with $string(…)`,
			`body.Rules: must be an object (given: a list of 2 entries) – map an object with Cron, Every`,
			`body.Tags: must be a list (given: a number) – map objects with Key, Value, Weight`,
		}},
		{"null where something must be", `{"Name":null}`, []string{"body.Name: is null: the mapping found nothing – check the mapping"}},
		{"an empty list where something must be", `{"Name":[]}`, []string{"body.Name: must be a string (given: a list of 0 entries) – map a value"}},
		{"an empty list where nothing need be", `{"Name":"a","Texts":[]}`, []string{"body.Texts: must not be empty (given: a list of 0 entries) – leave it out where there is none"}},
		{"an object where a text must be", `{"Name":"a","Texts":[{"text":"x"}]}`, []string{
			"body.Texts[0]: must be a string (given: an object) – map the text alone, or an object with Value and nothing else",
		}},
		{"an object where a list of texts must be", `{"Name":"a","Texts":{"text":"x"}}`, []string{
			"body.Texts: must be a list (given: an object) – map the text alone, or an object with Value and nothing else",
		}},
		{"a text where objects must be", `{"Name":"a","Tags":["x"]}`, []string{"body.Tags[0]: must be an object (given: a string of 1 character) – map an object with Key, Value, Weight"}},
		{"a pattern with an example", `{"Name":"a","Region":"Frankfurt","Regions":["Paris"]}`, []string{
			"body.Region: must look like eu-central-1 (given: a string of 9 characters)",
			"body.Regions[0]: must look like eu-west-3 (given: a string of 5 characters)",
		}},
		{"an empty text that breaks several rules", `{"Name":"a","Token":""}`, []string{
			"body.Token: must not be empty (given: a string of 0 characters) – leave it out where there is none",
		}},
		{"null where nothing need be", `{"Name":"a","Days":null,"Tags":[{"Key":"a","Weight":null}]}`, nil},
		{"nothing, as text", `{"Name":"a","Days":"","Tags":"","When":""}`, []string{
			"body.Days: must be a whole number (given: a string of 0 characters) – leave it out where there is none",
			"body.Tags: must be a list (given: a string of 0 characters) – leave it out where there is none",
			"body.When: must be a date and time in ISO 8601, such as 2030-01-31T12:00:00Z (given: a string of 0 characters) – leave it out where there is none",
		}},
		{"fraction", `{"Name":"a","Days":7.5}`, []string{"body.Days: must be a whole number (given: 7.5)"}},
		{"too many", `{"Name":"a","Tags":[{"Key":"a"},{"Key":"b"},{"Key":"c"}]}`, []string{"body.Tags: must have at most 2 entries (given: a list of 3 entries)"}},
		{"reserved prefix", `{"Name":"a","Tags":[{"Key":"aws:"}]}`, []string{`body.Tags[0].Key: must not begin with aws: (given: a string of 4 characters)`}},
		{"both of two", `{"Name":"a","SecretString":"s","SecretBinary":"AA=="}`, []string{"body: SecretString and SecretBinary are mutually exclusive: give one of them"}},
		{"both of two, below", `{"Name":"a","Rules":{"Every":1,"Cron":"x"}}`, []string{"body.Rules: Every and Cron are mutually exclusive: give one of them"}},
		{"both of two, when true", `{"Name":"a","Days":7,"Force":"true"}`, []string{"body: Days and Force = true are mutually exclusive: give one of them"}},
		{"both of two, but false", `{"Name":"a","Days":7,"Force":false}`, nil},
		{"unknown, other case", `{"name":"a"}`, []string{"body.Name: is missing – map a value", "body.name: is an unknown property – did you mean Name?"}},
		{"unknown, other style", `{"Name":"a","secret_string":"` + planted + `"}`, []string{"body.secret_string: is an unknown property – did you mean SecretString?"}},
		{"unknown, typing error", `{"Name":"a","Tags":[{"Key":"k","Valeu":"v"}]}`, []string{"body.Tags[0].Valeu: is an unknown property – did you mean Value?"}},
		{"unknown, far from all", `{"Name":"a","Zzzzzzzz":{"x":"` + planted + `"}}`, []string{"body: has an unknown property (given: a name of 8 characters, " + names + ")"}},
		{"unknown, long name", `{"Name":"a","` + long + `":1}`, []string{"body: has an unknown property (given: a name of 70,000 characters, " + names + ")"}},
		{"unknown, odd name", `{"Name":"a","a.b \n":1}`, []string{"body: has an unknown property (given: a name of 5 characters, " + names + ")"}},
		{"free name against its pattern", `{"Name":"a","Stages":{"x":["A"]}}`, []string{"body.Stages{}: must have a name that matches the pattern ^v[0-9]+$"}},
		{"below a free name", `{"Name":"a","Stages":{"v1":[]}}`, []string{"body.Stages{}: must not be empty (given: a list of 0 entries) – map a value"}},
		{"not base64", `{"Name":"a","SecretBinary":"` + planted + `"}`, []string{"body.SecretBinary: must be base64 (standard alphabet, padded, no line breaks) (given: a string)"}},
		{"base64 unpadded", `{"Name":"a","SecretBinary":"AA"}`, []string{"body.SecretBinary: must be base64 (standard alphabet, padded, no line breaks) (given: a string)"}},
		{"base64 with line break", `{"Name":"a","SecretBinary":"AA\n=="}`, []string{"body.SecretBinary: must be base64 (standard alphabet, padded, no line breaks) (given: a string)"}},
		{"base64 for URLs", `{"Name":"a","SecretBinary":"_-A="}`, []string{"body.SecretBinary: must be base64 (standard alphabet, padded, no line breaks) (given: a string)"}},
		{"base64 of nothing", `{"Name":"a","SecretBinary":""}`, []string{"body.SecretBinary: must not be empty once decoded (given: a string) – leave it out where there is none"}},
		{"base64 of too much", `{"Name":"a","SecretBinary":"AAAAAAA="}`, []string{"body.SecretBinary: must have at most 4 bytes once decoded (given: a string)"}},
		{"base64 of just enough", `{"Name":"a","SecretBinary":"AAAAAA=="}`, nil},
		{"huge number", `{"Name":"a","Days":1e999999999}`, []string{"body.Days: must be a number of at most 100 characters, with an exponent of at most 400 (given: a number of 11 characters)"}},
		{"huge number as text", `{"Name":"a","Days":"1e-999999999"}`, []string{"body.Days: must be a number of at most 100 characters, with an exponent of at most 400 (given: a number of 12 characters)"}},
		{"huge number where all is free", `{"Name":"a","Free":{"n":1e999999999}}`, nil},
		{"given twice", `{"Name":"a","Name":"b"}`, []string{"body.Name: is given more than once"}},
		{"given twice, below", `{"Name":"a","Tags":[{"Key":"a","Key":"b"}]}`, []string{"body.Tags[0].Key: is given more than once"}},
		{"given twice and more", `{"Name":1,"Name":2,"Days":1}`, []string{
			"body.Days: must be at least 7 (given: 1)", "body.Name: is given more than once", "body.Name: must be a string (given: a number) – make text of it with $string(…)",
		}},
		{"all at once", `{"Nme":"a","Days":1,"Order":"x","When":"x","Tags":[{"Key":"12345"}]}`, []string{
			"body.Days: must be at least 7 (given: 1)",
			"body.Name: is missing – map a value",
			"body.Nme: is an unknown property – did you mean Name?",
			`body.Order: must be one of asc, desc (given: a string of 1 character)`,
			`body.Tags[0].Key: must have at most 4 characters (given: a string of 5 characters)`,
			`body.When: must be a date and time in ISO 8601, such as 2030-01-31T12:00:00Z (given: a string of 1 character)`,
		}},
	}
	s := compiled(t, sample)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			doc := json.RawMessage(c.doc)
			out, err := s.Check(doc)
			if c.want == nil {
				require.NoError(t, err)
				return
			}
			v := violations(t, err)
			var got []string
			for _, one := range v.List {
				got = append(got, one.String())
			}
			assert.Equal(t, c.want, got)
			assert.Equal(t, strings.Join(c.want, "; "), err.Error())
			assert.NotContains(t, err.Error(), planted)
			assert.NotContains(t, v.ErrorPaths(), "(given")
			assert.Equal(t, c.doc, string(out), "a bad document comes back as it was")
		})
	}
}

func TestCheckRefusesWhatIsNoDocument(t *testing.T) {
	cases := []struct{ name, doc, want string }{
		{"nothing", ``, "body: must be an object (given: null)"},
		{"null", ` null `, "body: must be an object (given: null)"},
		{"a string", `"` + planted + `"`, "body: must be an object (given: a string of 14 characters)"},
		{"a long string", `"` + planted + strings.Repeat("x", 100) + `"`, "body: must be an object (given: a string of 114 characters)"},
		{"a number", `4711`, "body: must be an object (given: a number)"},
		{"a boolean", `true`, "body: must be an object (given: true or false)"},
		{"a list", `["` + planted + `"]`, "body: must be an object (given: a list of 1 entry)"},
		{"no JSON", `{"Name": ` + planted + `}`, "body: must be one JSON value, which breaks at byte 10"},
		{"cut short", `{"Name": "` + planted, "body: must be one JSON value, which breaks at byte 25"},
		{"more behind", `{"Name":"a"} {}`, "body: must be one JSON value, which breaks at byte 14"},
		{"trailing comma", `{"Name":"a",}`, "body: must be one JSON value, which breaks at byte 13"},
		{"space that JSON has not", "\u00a0{}", "body: must be one JSON value, which breaks at byte 1"},
		{"invalid UTF-8", "{\"Name\":\"\xff\"}", "body: must be UTF-8, which breaks at byte 10"},
		{"invalid UTF-8 behind a real U+FFFD", "{\"Name\":\"\ufffd\xff\"}", "body: must be UTF-8, which breaks at byte 13"},
		{"half a surrogate pair", `{"Name":"\ud83d"}`, `body: must not have half of a surrogate pair, as the \u escape at byte 10 is`},
		{"the other half", `{"Name":"\ude00"}`, `body: must not have half of a surrogate pair, as the \u escape at byte 10 is`},
		{"two first halves", `{"Name":"\ud83d\ud83d"}`, `body: must not have half of a surrogate pair, as the \u escape at byte 10 is`},
		{"too deep", strings.Repeat(`[`, 65) + strings.Repeat(`]`, 65), "body: must not be nested deeper than 64 levels"},
	}
	s := compiled(t, sample)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			out, err := s.Check(json.RawMessage(c.doc))
			assert.EqualError(t, violations(t, err), c.want)
			assert.Equal(t, c.doc, string(out))
		})
	}
}

func TestCheckConverts(t *testing.T) {
	cases := []struct{ name, doc, want string }{
		{"nothing to do keeps the bytes", ` {"Name" : "7", "Days" : 7} `, ` {"Name" : "7", "Days" : 7} `},
		{"whole number", `{"Name":"7","Days":"7"}`, `{"Days":7,"Name":"7"}`},
		{"whole number with a point", `{"Name":"a","Days":7.0}`, `{"Days":7,"Name":"a"}`},
		{"whole number with an exponent as text", `{"Name":"a","Days":"1e1"}`, `{"Days":10,"Name":"a"}`},
		{"number", `{"Name":"a","Ratio":"0.50"}`, `{"Name":"a","Ratio":0.50}`},
		{"true", `{"Name":"true","Force":"true"}`, `{"Force":true,"Name":"true"}`},
		{"false", `{"Name":"a","Force":"false"}`, `{"Force":false,"Name":"a"}`},
		{"in lists", `{"Name":"<&>","Tags":[{"Key":"1","Weight":"-0"},{"Key":"2","Weight":"3"}]}`, `{"Name":"<&>","Tags":[{"Key":"1","Weight":-0},{"Key":"2","Weight":3}]}`},
		{"a pair of surrogates is a character", `{"Name":"\ud83d\ude00\\ud83d"}`, `{"Name":"\ud83d\ude00\\ud83d"}`},
		{"deep, but not too deep", `{"Name":"a","Free":` + strings.Repeat(`{"a":`, 62) + `1` + strings.Repeat(`}`, 63), `{"Name":"a","Free":` + strings.Repeat(`{"a":`, 62) + `1` + strings.Repeat(`}`, 63)},
		{"huge number stays as it is beside a change", `{"Name":"a","Days":"8","Free":{"n":1e999999999}}`, `{"Days":8,"Free":{"n":1e999999999},"Name":"a"}`},
	}
	s := compiled(t, sample)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			out, err := s.Check(json.RawMessage(c.doc))
			require.NoError(t, err)
			assert.Equal(t, c.want, string(out))
			again, err := s.Check(out)
			require.NoError(t, err)
			assert.Equal(t, string(out), string(again))
		})
	}
	for _, text := range []string{"", " 7", "7 ", "+7", "07", "0x7", "1_0", "7,5", "NaN", "Infinity", "True", "1"} {
		doc := `{"Name":"a","Force":` + quoted(t, text) + `,"Ratio":` + quoted(t, text+"_") + `}`
		_, err := s.Check(json.RawMessage(doc))
		assert.Len(t, violations(t, err).List, 2, doc)
	}
}

func quoted(t testing.TB, text string) string {
	t.Helper()
	out, err := json.Marshal(text)
	require.NoError(t, err)
	return string(out)
}

func TestCheckNeverShowsSecrets(t *testing.T) {
	hide := quoted(t, planted)
	cases := []struct{ name, doc, want string }{
		{"too long", `{"Name":"a","SecretString":"` + strings.Repeat(planted, 10) + `"}`, "body.SecretString: must have at most 100 characters (given: a string of 140 characters)"},
		{"object for a string", `{"Name":"a","SecretString":{` + hide + `:` + hide + `}}`, "body.SecretString: must be a string (given: an object)"},
		{"list for a string", `{"Name":"a","SecretString":[` + hide + `]}`, "body.SecretString: must be a string (given: a list of 1 entry)"},
		{"number for a string", `{"Name":"a","SecretString":4711}`, "body.SecretString: must be a string (given: a number) – make text of it with $string(…)"},
		{"boolean for a string", `{"Name":"a","SecretString":true}`, "body.SecretString: must be a string (given: true or false) – make text of it with $string(…)"},
		{"name given twice below", `{"Name":"a","SecretString":{` + hide + `:1,` + hide + `:2}}`,
			"body.SecretString: has a property that is given more than once; body.SecretString: must be a string (given: an object)"},
		{"name given twice below something unknown", `{"Name":"a","X":{` + hide + `:1,` + hide + `:2}}`,
			"body: has a property that is given more than once; body: has an unknown property (given: a name of 1 character, " + names + ")"},
		{"name given twice below a list's first value", `{"Name":"a","Tags":{` + hide + `:1,` + hide + `:2},"Tags":[]}`,
			"body.Tags: has a property that is given more than once; body.Tags: is given more than once"},
		{"free name of a secret", `{"Name":"a","Passwords":{` + hide + `:"12345"}}`, "body.Passwords{}: must have at most 3 characters (given: a string)"},
		{"string for an object of secrets", `{"Name":"a","Passwords":` + hide + `}`, "body.Passwords: must be an object (given: a string of 14 characters)"},
		{"string for a secret object", `{"Name":"a","Vault":` + hide + `}`, "body.Vault: must be an object (given: a string) – map an object with Pin"},
		{"unknown member of a secret object", `{"Name":"a","Vault":{` + hide + `:1}}`, "body.Vault: has an unknown property"},
		{"known member of a secret object", `{"Name":"a","Vault":{"Pin":` + hide + `}}`, "body.Vault: must be a whole number (given: a string)"},
	}
	s := compiled(t, sample)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := s.Check(json.RawMessage(c.doc))
			assert.EqualError(t, violations(t, err), c.want)
			assert.NotContains(t, err.Error(), planted)
			assert.NotContains(t, err.Error(), "4711")
		})
	}
}

func TestCheckChoices(t *testing.T) {
	exactly := compiled(t, `{"type":"object","oneOf":[{"required":["A"]},{"required":["B"]}]}`)
	atLeast := compiled(t, `{"type":"object","anyOf":[{"required":["A"]},{"required":["B","C"]}]}`)
	texts := `"properties":{"A":{"type":"string"},"B":{"type":"string"},"C":{"type":"string"}}}`
	exactlyText := compiled(t, `{"type":"object","oneOf":[{"required":["A"]},{"required":["B"]}],`+texts)
	atLeastText := compiled(t, `{"type":"object","anyOf":[{"required":["A"]},{"required":["B","C"]}],`+texts)
	other := compiled(t, `{"type":"object","properties":{"A":{"anyOf":[{"minLength":3},{"type":"integer"}]}}}`)
	cases := []struct {
		name   string
		schema *Schema
		doc    string
		want   string
	}{
		{"none of exactly one", exactly, `{}`, "body: one of A, B is required"},
		{"two of exactly one", exactly, `{"A":1,"B":1}`, "body: A and B are mutually exclusive: give one of them"},
		{"one of exactly one", exactly, `{"B":1}`, ""},
		{"none of at least one", atLeast, `{"B":1}`, "body: at least one of A, B with C is required"},
		{"null of exactly one", exactlyText, `{"B":null}`, "body: one of A, B is required – B is null: the mapping found nothing"},
		{"null beside two of exactly one", exactlyText, `{"A":"1","B":"1","C":null}`, "body: A and B are mutually exclusive: give one of them"},
		{"null of at least one", atLeastText, `{"A":null,"C":"1"}`, "body: at least one of A, B with C is required – A is null: the mapping found nothing"},
		{"one of at least one", atLeast, `{"B":1,"C":1}`, ""},
		{"no words for it", other, `{"A":"x"}`, `body.A: breaks a rule of the schema about what may be given together (given: a string of 1 character)`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := c.schema.Check(json.RawMessage(c.doc))
			if c.want == "" {
				assert.NoError(t, err)
				return
			}
			assert.EqualError(t, violations(t, err), c.want)
		})
	}
}

func TestViolationsAreBounded(t *testing.T) {
	s := compiled(t, `{"type":"array","items":{"type":"string"}}`)
	_, err := s.Check(json.RawMessage("[" + strings.Repeat("1,", 1999) + "1]"))
	v := violations(t, err)
	assert.Len(t, v.List, 2000)
	assert.True(t, strings.HasSuffix(err.Error(), "; and 1,900 more"), err.Error())
	assert.Less(t, len(v.ErrorPaths()), 5000)
}

func TestCheckIsSafeForConcurrentUse(t *testing.T) {
	s := compiled(t, sample)
	want := violations(t, second(s.Check(json.RawMessage(`{"Days":"1"}`)))).Error()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				_, err := s.Check(json.RawMessage(`{"Days":"1"}`))
				var v *Violations
				if !errors.As(err, &v) || v.Error() != want {
					t.Errorf("got %v, want %s", err, want)
				}
			}
		})
	}
	wg.Wait()
}

func second[A any](_ A, err error) error { return err }

func BenchmarkCheck(b *testing.B) {
	s := compiled(b, sample)
	doc := json.RawMessage(`{"Name":"a","SecretString":"s","Token":"abc","Days":7,"Ratio":1,"Force":false,"Order":"asc",
		"When":"2030-01-31T12:00:00Z","Tags":[{"Key":"k","Value":"v"}],"Rules":{"Every":1},"Stages":{"v1":["A"]},"Free":{}}`)
	b.ReportAllocs()
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		if _, err := s.Check(doc); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheckMegabyte(b *testing.B) {
	s := compiled(b, `{"type":"object","additionalProperties":false,"properties":{"List":{"type":"array","items":{"type":"object","additionalProperties":false,
		"properties":{"Name":{"type":"string","maxLength":256},"ARN":{"type":"string","minLength":20,"maxLength":2048},"When":{"type":"string","format":"date-time"}}}}}}`)
	entry := `{"Name":"prod/database","ARN":"arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/database-AbCdEf","When":"2030-01-31T12:00:00.000Z"},`
	doc := json.RawMessage(`{"List":[` + strings.TrimSuffix(strings.Repeat(entry, 7000), ",") + `]}`)
	b.ReportAllocs()
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		if _, err := s.Check(doc); err != nil {
			b.Fatal(err)
		}
	}
}
