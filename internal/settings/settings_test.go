package settings_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"aws-secrets-manager-connector/internal/settings"
)

var requiredAlways = []string{
	"FLOW_ID", "EXEC_ID", "STEP_ID", "CONTAINER_ID", "WORKSPACE_ID", "USER_ID", "COMP_ID", "FUNCTION",
	"API_URI", "API_USERNAME", "API_KEY",
}

var requiredForMessages = []string{
	"AMQP_URI", "LISTEN_MESSAGES_ON", "PUBLISH_MESSAGES_TO", "DATA_ROUTING_KEY", "ERROR_ROUTING_KEY",
	"REBOUND_ROUTING_KEY", "SNAPSHOT_ROUTING_KEY", "MESSAGE_CRYPTO_IV", "MESSAGE_CRYPTO_PASSWORD",
}

type environment map[string]string

func (e environment) lookup(name string) (string, bool) {
	value, ok := e[name]
	return value, ok
}

func (e environment) with(pairs ...string) environment {
	e = maps.Clone(e)
	for i := 0; i < len(pairs); i += 2 {
		e[pairs[i]] = pairs[i+1]
	}
	return e
}

func (e environment) without(names ...string) environment {
	e = maps.Clone(e)
	for _, name := range names {
		delete(e, "ELASTICIO_"+name)
	}
	return e
}

// complete holds all required variables, each with its own value.
func complete() environment {
	e := environment{}
	for _, names := range [][]string{requiredAlways, requiredForMessages} {
		for _, name := range names {
			e["ELASTICIO_"+name] = "value of " + name
		}
	}
	return e
}

func read(t *testing.T, e environment) settings.Settings {
	t.Helper()
	s, err := settings.Read(e.lookup)
	require.NoError(t, err)
	return s
}

func TestReadTakesEveryRequiredVariable(t *testing.T) {
	s := read(t, complete())

	got := []string{
		s.FlowID, s.ExecID, s.StepID, s.ContainerID, s.WorkspaceID, s.UserID, s.CompID, s.Function,
		s.APIURI.Reveal(), s.APIUsername, s.APIKey.Reveal(),
		s.AMQPURI.Reveal(), s.ListenMessagesOn, s.PublishMessagesTo, s.DataRoutingKey, s.ErrorRoutingKey,
		s.ReboundRoutingKey, s.SnapshotRoutingKey, s.MessageCryptoIV.Reveal(), s.MessageCryptoPassword.Reveal(),
	}
	var want []string
	for _, names := range [][]string{requiredAlways, requiredForMessages} {
		for _, name := range names {
			want = append(want, "value of "+name)
		}
	}
	assert.Equal(t, want, got)
}

func TestDefaults(t *testing.T) {
	s := read(t, complete())

	assert.Equal(t, 1, s.Prefetch)
	assert.Equal(t, 15*time.Second, s.ReboundInitialExpiry)
	assert.Equal(t, 20, s.ReboundLimit)
	assert.Empty(t, s.ComponentPath)
	assert.False(t, s.StartupRequired)
	assert.False(t, s.HookShutdown)
	assert.Equal(t, 3, s.APIRequestRetryAttempts)
	assert.Equal(t, 100*time.Millisecond, s.APIRequestRetryDelay)
	assert.Equal(t, 10, s.DataRateLimit)
	assert.Equal(t, 2, s.ErrorRateLimit)
	assert.Equal(t, 2, s.SnapshotRateLimit)
	assert.Equal(t, 100*time.Millisecond, s.RateInterval)
	assert.Equal(t, 100*time.Millisecond, s.AMQPPublishRetryDelay)
	assert.Zero(t, s.AMQPPublishRetryAttempts)
	assert.Equal(t, 5*time.Minute, s.AMQPPublishMaxRetryDelay)
	assert.Equal(t, 3, s.AMQPReconnectAttempts)
	assert.Equal(t, 100*time.Millisecond, s.AMQPReconnectTimeout)
	assert.False(t, s.AMQPPersistentMessages)
	assert.Equal(t, 10485760, s.OutgoingMessageSizeLimit)
	assert.False(t, s.NoSelfPassthrough)
	assert.Equal(t, 1, s.ProtocolVersion)
	assert.False(t, s.NoErrorReplies)
	assert.Equal(t, "default", s.InputFormat)
	assert.True(t, s.ObjectStorageURI.IsZero())
	assert.True(t, s.ObjectStorageToken.IsZero())
	assert.Equal(t, 1048576, s.ObjectStorageSizeThreshold)
	assert.False(t, s.EmitLightweightMessage)
	assert.Empty(t, s.AdditionalHeaders)
	assert.Equal(t, "info", s.LogLevel)
	assert.False(t, s.AllowAmbientCredentials)
	assert.False(t, s.AllowInsecureEndpoint)
	assert.False(t, s.StrictOutput)
}

// Each optional variable is set to its own value, so that one that is read
// from the wrong place shows.
func TestOptionalVariables(t *testing.T) {
	s := read(t, complete().with(
		"ELASTICIO_RABBITMQ_PREFETCH_SAILOR", "11",
		"ELASTICIO_REBOUND_INITIAL_EXPIRATION", "12",
		"ELASTICIO_REBOUND_LIMIT", "13",
		"ELASTICIO_COMPONENT_PATH", "some/where",
		"ELASTICIO_STARTUP_REQUIRED", "1",
		"ELASTICIO_HOOK_SHUTDOWN", "true",
		"ELASTICIO_API_REQUEST_RETRY_ATTEMPTS", "14",
		"ELASTICIO_API_REQUEST_RETRY_DELAY", "15",
		"ELASTICIO_DATA_RATE_LIMIT", "16",
		"ELASTICIO_ERROR_RATE_LIMIT", "17",
		"ELASTICIO_SNAPSHOT_RATE_LIMIT", "18",
		"ELASTICIO_RATE_INTERVAL", "19",
		"ELASTICIO_AMQP_PUBLISH_RETRY_DELAY", "20",
		"ELASTICIO_AMQP_PUBLISH_RETRY_ATTEMPTS", "21",
		"ELASTICIO_AMQP_PUBLISH_MAX_RETRY_DELAY", "22",
		"ELASTICIO_AMQP_RECONNECT_ATTEMPTS", "23",
		"ELASTICIO_AMQP_RECONNECT_TIMEOUT", "24",
		"ELASTICIO_AMQP_PERSISTENT_MESSAGES", "true",
		"ELASTICIO_PROCESS_AMQP_DRAIN", "false",
		"ELASTICIO_WAIT_MESSAGES_TIMEOUT", "25",
		"ELASTICIO_OUTGOING_MESSAGE_SIZE_LIMIT", "26",
		"ELASTICIO_NO_SELF_PASSTRHOUGH", "true",
		"ELASTICIO_PROTOCOL_VERSION", "2",
		"ELASTICIO_NO_ERROR_REPLIES", "true",
		"ELASTICIO_INPUT_FORMAT", "error",
		"ELASTICIO_OBJECT_STORAGE_URI", "http://storage",
		"ELASTICIO_OBJECT_STORAGE_TOKEN", "t",
		"ELASTICIO_OBJECT_STORAGE_SIZE_THRESHOLD", "27",
		"ELASTICIO_EMIT_LIGHTWEIGHT_MESSAGE", "true",
		"LOG_LEVEL", "trace",
		"ALLOW_AMBIENT_CREDENTIALS", "true",
		"ALLOW_INSECURE_ENDPOINT", "true",
		"OUTPUT_VALIDATION", "error",
	))

	assert.Equal(t, []int{11, 13, 14, 16, 17, 18, 21, 23, 26, 27, 2}, []int{
		s.Prefetch, s.ReboundLimit, s.APIRequestRetryAttempts, s.DataRateLimit, s.ErrorRateLimit,
		s.SnapshotRateLimit, s.AMQPPublishRetryAttempts, s.AMQPReconnectAttempts,
		s.OutgoingMessageSizeLimit, s.ObjectStorageSizeThreshold, s.ProtocolVersion,
	})
	ms := time.Millisecond
	assert.Equal(t, []time.Duration{12 * ms, 15 * ms, 19 * ms, 20 * ms, 22 * ms, 24 * ms}, []time.Duration{
		s.ReboundInitialExpiry, s.APIRequestRetryDelay, s.RateInterval, s.AMQPPublishRetryDelay,
		s.AMQPPublishMaxRetryDelay, s.AMQPReconnectTimeout,
	})
	assert.Equal(t, []string{"some/where", "error", "http://storage", "t", "trace"}, []string{
		s.ComponentPath, s.InputFormat, s.ObjectStorageURI.Reveal(), s.ObjectStorageToken.Reveal(), s.LogLevel,
	})
	for name, on := range map[string]bool{
		"STARTUP_REQUIRED": s.StartupRequired, "HOOK_SHUTDOWN": s.HookShutdown,
		"AMQP_PERSISTENT_MESSAGES": s.AMQPPersistentMessages, "NO_SELF_PASSTRHOUGH": s.NoSelfPassthrough,
		"NO_ERROR_REPLIES": s.NoErrorReplies, "EMIT_LIGHTWEIGHT_MESSAGE": s.EmitLightweightMessage,
		"ALLOW_AMBIENT_CREDENTIALS": s.AllowAmbientCredentials, "ALLOW_INSECURE_ENDPOINT": s.AllowInsecureEndpoint,
		"OUTPUT_VALIDATION": s.StrictOutput,
	} {
		assert.True(t, on, name)
	}
}

func TestMissingVariables(t *testing.T) {
	for _, name := range append(requiredAlways, requiredForMessages...) {
		t.Run("without "+name, func(t *testing.T) {
			_, err := settings.Read(complete().without(name).lookup)
			require.EqualError(t, err, "ELASTICIO_"+name+" is missing")
		})
		t.Run("empty "+name, func(t *testing.T) {
			_, err := settings.Read(complete().with("ELASTICIO_"+name, "").lookup)
			require.EqualError(t, err, "ELASTICIO_"+name+" is missing")
		})
	}

	t.Run("several, in the documented order", func(t *testing.T) {
		_, err := settings.Read(complete().without("AMQP_URI", "STEP_ID", "API_KEY").lookup)

		require.EqualError(t, err, "ELASTICIO_STEP_ID is missing; missing as well: ELASTICIO_API_KEY, ELASTICIO_AMQP_URI")
		var missing *settings.MissingError
		require.ErrorAs(t, err, &missing)
		assert.Equal(t, []string{"ELASTICIO_STEP_ID", "ELASTICIO_API_KEY", "ELASTICIO_AMQP_URI"}, missing.Names)
	})

	t.Run("all", func(t *testing.T) {
		_, err := settings.Read(environment{}.lookup)

		var missing *settings.MissingError
		require.ErrorAs(t, err, &missing)
		assert.Len(t, missing.Names, len(requiredAlways)+len(requiredForMessages))
		assert.True(t, strings.HasPrefix(err.Error(), "ELASTICIO_FLOW_ID is missing"), err)
	})
}

func TestShutdownHookNeedsNoBroker(t *testing.T) {
	for _, test := range []struct {
		value string
		hook  bool
	}{{"true", true}, {"1", true}, {"false", false}} { // set is set, as the platform's runtime has it
		t.Run("HOOK_SHUTDOWN="+test.value, func(t *testing.T) {
			s := read(t, complete().without(requiredForMessages...).with("ELASTICIO_HOOK_SHUTDOWN", test.value))
			assert.Equal(t, test.hook, s.HookShutdown)
			assert.True(t, s.AMQPURI.IsZero())
		})
	}

	t.Run("empty counts as unset", func(t *testing.T) {
		_, err := settings.Read(complete().without("AMQP_URI").with("ELASTICIO_HOOK_SHUTDOWN", "").lookup)
		require.EqualError(t, err, "ELASTICIO_AMQP_URI is missing")
	})
	t.Run("the rest is required as ever", func(t *testing.T) {
		_, err := settings.Read(complete().without("API_URI").with("ELASTICIO_HOOK_SHUTDOWN", "true").lookup)
		require.EqualError(t, err, "ELASTICIO_API_URI is missing")
	})
	t.Run("what is set is read", func(t *testing.T) {
		s := read(t, complete().with("ELASTICIO_HOOK_SHUTDOWN", "true"))
		assert.Equal(t, "value of LISTEN_MESSAGES_ON", s.ListenMessagesOn)
	})
}

// The expected values are what the platform's runtime makes of the texts.
func TestNumbers(t *testing.T) {
	const fallback = 20
	for _, test := range []struct {
		name, text string
		want       int
	}{
		{"plain", "7", 7},
		{"empty", "", fallback},
		{"zero", "0", fallback},
		{"word", "abc", fallback},
		{"digits, then garbage", "12abc", 12},
		{"exponent is garbage", "1e3", 1},
		{"fraction is cut", "1.9", 1},
		{"fraction only", ".5", fallback},
		{"grouped", "1_000", 1},
		{"white space before", " \t\n7", 7},
		{"no-break space before", "\u00a08", 8},
		{"byte order mark before", "\ufeff9", 9},
		{"white space behind", "7 ", 7},
		{"plus", "+5", 5},
		{"minus", "-5", -5},
		{"two signs", "--5", fallback},
		{"sign apart", "- 5", fallback},
		{"sign only", "-", fallback},
		{"hexadecimal", "0x10", 16},
		{"hexadecimal with sign and garbage", "-0X1Fg", -31},
		{"hexadecimal without digits", "0x", fallback},
		{"octal is decimal", "010", 10},
		{"binary is garbage", "0b1", fallback},
		{"infinity", "Infinity", fallback},
		{"too large", "99999999999999999999999", 9223372036854775807},
		{"too small", "-99999999999999999999999", -9223372036854775808},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := read(t, complete().with("ELASTICIO_REBOUND_LIMIT", test.text))
			assert.Equal(t, test.want, s.ReboundLimit)
		})
	}
}

func TestDurationsSaturate(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"99999999999999999999999":  9223372036854 * time.Millisecond,
		"-99999999999999999999999": -9223372036854 * time.Millisecond,
		"-5":                       -5 * time.Millisecond,
	} {
		t.Run(text, func(t *testing.T) {
			assert.Equal(t, want, read(t, complete().with("ELASTICIO_RATE_INTERVAL", text)).RateInterval)
		})
	}
}

func TestUnlimitedPublishAttempts(t *testing.T) {
	for text, want := range map[string]int{"": 0, "0": 0, "Infinity": 0, "never": 0, "5": 5} {
		t.Run(text, func(t *testing.T) {
			s := read(t, complete().with("ELASTICIO_AMQP_PUBLISH_RETRY_ATTEMPTS", text))
			assert.Equal(t, want, s.AMQPPublishRetryAttempts)
		})
	}
}

func TestBooleans(t *testing.T) {
	for text, want := range map[string]bool{"": false, "false": false, "true": true, "FALSE": true, "0": true, " ": true} {
		t.Run(fmt.Sprintf("%q", text), func(t *testing.T) {
			s := read(t, complete().with("ELASTICIO_NO_ERROR_REPLIES", text))
			assert.Equal(t, want, s.NoErrorReplies)
		})
	}
}

func TestOperatorSettings(t *testing.T) {
	for _, test := range []struct{ name, value, problem string }{
		{"ALLOW_AMBIENT_CREDENTIALS", "yes", `ALLOW_AMBIENT_CREDENTIALS must be true or false; what was given has 3 characters`},
		{"ALLOW_INSECURE_ENDPOINT", "no", `ALLOW_INSECURE_ENDPOINT must be true or false; what was given has 2 characters`},
		{"OUTPUT_VALIDATION", "warn", `OUTPUT_VALIDATION must be unset or error; what was given has 4 characters`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := settings.Read(complete().with(test.name, test.value).lookup)
			require.EqualError(t, err, test.problem)
			var invalid *settings.InvalidError
			require.ErrorAs(t, err, &invalid)
			assert.Equal(t, test.name, invalid.Name)
		})
	}

	t.Run("empty is unset", func(t *testing.T) {
		s := read(t, complete().with("ALLOW_AMBIENT_CREDENTIALS", "", "OUTPUT_VALIDATION", "", "LOG_LEVEL", ""))
		assert.False(t, s.AllowAmbientCredentials)
		assert.False(t, s.StrictOutput)
		assert.Equal(t, "info", s.LogLevel)
	})
	t.Run("false", func(t *testing.T) {
		assert.False(t, read(t, complete().with("ALLOW_INSECURE_ENDPOINT", "false")).AllowInsecureEndpoint)
	})
	t.Run("beside a missing variable", func(t *testing.T) {
		_, err := settings.Read(complete().without("USER_ID").with("OUTPUT_VALIDATION", "warn").lookup)
		var missing *settings.MissingError
		var invalid *settings.InvalidError
		require.ErrorAs(t, err, &missing)
		require.ErrorAs(t, err, &invalid)
	})
}

func TestReadOperatorNeedsNoPlatform(t *testing.T) {
	operator, err := settings.ReadOperator(environment{"LOG_LEVEL": "debug", "ALLOW_INSECURE_ENDPOINT": "true", "OUTPUT_VALIDATION": "error"}.lookup)
	require.NoError(t, err)
	assert.Equal(t, settings.Operator{LogLevel: "debug", AllowInsecureEndpoint: true, StrictOutput: true}, operator)

	_, err = settings.ReadOperator(environment{"ALLOW_AMBIENT_CREDENTIALS": "perhaps"}.lookup)
	require.EqualError(t, err, `ALLOW_AMBIENT_CREDENTIALS must be true or false; what was given has 7 characters`)
}

func TestAdditionalHeaders(t *testing.T) {
	env := complete().with(
		"ELASTICIO_FOO_BAR2", "1", "MY_VAR", "2", "xHTTP", "3", "ELASTICIO_EMPTY", "", "ELASTICIO_MY_VAR", "4",
	)
	for _, test := range []struct {
		name, list string
		want       map[string]string
	}{
		{"none", "", map[string]string{}},
		{"with and without prefix", "ELASTICIO_FOO_BAR2,MY_VAR,xHTTP", map[string]string{"fooBar2": "1", "myVar": "2", "xHttp": "3"}},
		{"white space around", " MY_VAR ,\txHTTP\n", map[string]string{"myVar": "2", "xHttp": "3"}},
		{"unset is absent", "ELASTICIO_NOWHERE,MY_VAR", map[string]string{"myVar": "2"}},
		{"empty is present", "ELASTICIO_EMPTY", map[string]string{"empty": ""}},
		{"empty entries", ",,MY_VAR,", map[string]string{"myVar": "2"}},
		{"one name twice: the last decides", "MY_VAR,ELASTICIO_MY_VAR", map[string]string{"myVar": "4"}},
		{"one name twice: the last is unset", "ELASTICIO_FOO_BAR2,FOO_BAR2", map[string]string{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := read(t, env.with("ELASTICIO_ADDITIONAL_VARS_FOR_HEADERS", test.list))
			assert.Equal(t, test.want, s.AdditionalHeaders)
		})
	}
}

// The expected names are what the platform's runtime makes of the variables'.
func TestHeaderNames(t *testing.T) {
	for variable, want := range map[string]string{
		"FOO_BAR2": "fooBar2", "FOO__BAR": "fooBar", "_X": "x", "a-b.c": "aBC", "don't": "dont",
		"xHTTP": "xHttp", "HTTPServer": "httpServer", "FOOBar": "fooBar", "fooBAR": "fooBar",
		"A1B2": "a1B2", "foo2bar": "foo2Bar", "v2": "v2", "V2API": "v2Api", "ABc1D": "aBc1D",
		"1ST_VAR": "1stVar", "X1st": "x1st", "21ST": "21st", "11TH": "11Th", "10TH": "10th", "0th": "0th",
		"12th_": "12Th", "2NDx": "2ndX", "2ndX": "2ndX", "3RDFOO": "3Rdfoo", "4TH_x": "4thX",
		"5thAvenue": "5thAvenue", "1sta": "1Sta",
	} {
		t.Run(variable, func(t *testing.T) {
			s := read(t, complete().with(variable, "set", "ELASTICIO_ADDITIONAL_VARS_FOR_HEADERS", variable))
			assert.Equal(t, map[string]string{want: "set"}, s.AdditionalHeaders)
		})
	}
}

func TestLogFields(t *testing.T) {
	env := environment{
		"ELASTICIO_FLOW_ID": "flow", "ELASTICIO_COMP_NAME": "", "ELASTICIO_TENANT_ID": "tenant",
		"ELASTICIO_API_KEY": "key", "ELASTICIO_AMQP_URI": "amqp://", "OTHER": "x",
	}
	assert.Equal(t, []slog.Attr{
		slog.String("ELASTICIO_COMP_NAME", ""),
		slog.String("ELASTICIO_FLOW_ID", "flow"),
		slog.String("ELASTICIO_TENANT_ID", "tenant"),
		slog.String("tag", "flow"),
	}, settings.LogFields(env.lookup))
	assert.Empty(t, settings.LogFields(environment{}.lookup))
}

func TestSettingsPrintNoSecret(t *testing.T) {
	const planted = "pl4nted"
	env := complete().with(
		"ELASTICIO_ADDITIONAL_VARS_FOR_HEADERS", "ELASTICIO_API_KEY",
		"ELASTICIO_OBJECT_STORAGE_URI", "http://u:"+planted+"@storage",
		"ELASTICIO_OBJECT_STORAGE_TOKEN", planted,
	)
	for _, name := range []string{"API_URI", "API_KEY", "AMQP_URI", "MESSAGE_CRYPTO_IV", "MESSAGE_CRYPTO_PASSWORD"} {
		env["ELASTICIO_"+name] = planted
	}
	s := read(t, env)
	asJSON, err := json.Marshal(map[string]any{"value": s, "pointer": &s})
	require.NoError(t, err)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "s", s, "in", struct{ S settings.Settings }{s})
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "s", &s, "in", struct{ S settings.Settings }{s})

	for name, text := range map[string]string{
		"%v": fmt.Sprintf("%v", s), "%+v": fmt.Sprintf("%+v", &s), "%#v": fmt.Sprintf("%#v", s), "%s": fmt.Sprintf("%s", s),
		"%d": fmt.Sprintf("%d", s), "field": fmt.Sprintf("%+v", struct{ S settings.Settings }{s}),
		"JSON": string(asJSON), "slog": log.String(),
	} {
		t.Run(name, func(t *testing.T) {
			assert.NotContains(t, text, planted)
			assert.Contains(t, text, "value of STEP_ID")
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add("12abc", "ELASTICIO_FOO_BAR2, MY_VAR")
	f.Add("-0x1f", "a1st,xHTTP,\x80")
	f.Fuzz(func(t *testing.T, number, list string) {
		s, err := settings.Read(complete().with("ELASTICIO_REBOUND_LIMIT", number,
			"ELASTICIO_RATE_INTERVAL", number, "ELASTICIO_ADDITIONAL_VARS_FOR_HEADERS", list).lookup)
		require.NoError(t, err)
		assert.NotZero(t, s.ReboundLimit)
		assert.NotZero(t, s.RateInterval)
		for name := range s.AdditionalHeaders {
			assert.Regexp(t, "^[a-zA-Z0-9]+$", name)
		}
	})
}
