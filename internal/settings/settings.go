// Package settings reads what the platform and the operator tell a step
// through environment variables.
package settings

import (
	"fmt"
	"time"

	"aws-secrets-manager-connector/internal/component"
)

const prefix = "ELASTICIO_"

// Settings are the settings of one step. Each field is named after its
// variable, less the prefix ELASTICIO_.
//
// Numbers and durations may be negative, for the platform's own runtime passes
// such values on as well; an unparsable number or 0 is the default.
type Settings struct {
	FlowID      string
	ExecID      string
	StepID      string
	ContainerID string
	WorkspaceID string
	UserID      string
	CompID      string
	Function    string

	APIURI      component.Secret // a URI that may carry user and password
	APIUsername string
	APIKey      component.Secret

	// These are required unless HOOK_SHUTDOWN is set to anything at all.
	AMQPURI               component.Secret // a URI that carries user and password
	ListenMessagesOn      string           // queue
	PublishMessagesTo     string           // exchange
	DataRoutingKey        string
	ErrorRoutingKey       string
	ReboundRoutingKey     string
	SnapshotRoutingKey    string
	MessageCryptoIV       component.Secret
	MessageCryptoPassword component.Secret

	Prefetch                int // RABBITMQ_PREFETCH_SAILOR: messages in work at once
	ReboundInitialExpiry    time.Duration
	ReboundLimit            int
	ComponentPath           string // directory of component.json, below the working directory
	StartupRequired         bool
	HookShutdown            bool
	APIRequestRetryAttempts int // attempts in all
	APIRequestRetryDelay    time.Duration

	// Emits per RateInterval.
	DataRateLimit     int
	ErrorRateLimit    int
	SnapshotRateLimit int
	RateInterval      time.Duration

	AMQPPublishRetryDelay    time.Duration
	AMQPPublishRetryAttempts int // 0 means without limit
	AMQPPublishMaxRetryDelay time.Duration
	AMQPReconnectAttempts    int // for each connection, beside the first attempt
	AMQPReconnectTimeout     time.Duration
	AMQPPersistentMessages   bool

	OutgoingMessageSizeLimit int  // bytes, after encryption and encoding
	NoSelfPassthrough        bool // NO_SELF_PASSTRHOUGH
	ProtocolVersion          int  // of emitted data: 1 base64 text, 2 raw bytes
	NoErrorReplies           bool
	InputFormat              string // "default", or "error" for an error handler

	ObjectStorageURI           component.Secret // a URI that may carry user and password
	ObjectStorageToken         component.Secret
	ObjectStorageSizeThreshold int // bytes
	EmitLightweightMessage     bool

	// AdditionalHeaders go into every emitted message, by header name. They
	// are the variables that ADDITIONAL_VARS_FOR_HEADERS lists, where set.
	AdditionalHeaders map[string]string

	Operator
}

// Operator are the settings of who runs the process. Their variables have no
// prefix, and they matter without a platform, too.
type Operator struct {
	LogLevel                string // as given, "info" when unset
	AllowAmbientCredentials bool
	AllowInsecureEndpoint   bool
	StrictOutput            bool // OUTPUT_VALIDATION=error
}

// DefaultMessageSizeLimit is what OUTGOING_MESSAGE_SIZE_LIMIT is when unset, in
// bytes.
const DefaultMessageSizeLimit = 10 << 20

// ReadOperator reads the operator's settings alone.
func ReadOperator(lookup func(name string) (string, bool)) (Operator, error) {
	r := reader{lookup: lookup}
	return r.operator(), r.err()
}

func (r *reader) operator() Operator {
	return Operator{
		LogLevel:                r.plain("LOG_LEVEL", "info"),
		AllowAmbientCredentials: r.flag("ALLOW_AMBIENT_CREDENTIALS"),
		AllowInsecureEndpoint:   r.flag("ALLOW_INSECURE_ENDPOINT"),
		StrictOutput:            r.is("OUTPUT_VALIDATION", "error"),
	}
}

// Read reads the settings of a step; lookup is shaped like os.LookupEnv. The
// error is a *MissingError, an *InvalidError, or both joined.
func Read(lookup func(name string) (string, bool)) (Settings, error) {
	r := reader{lookup: lookup, words: "missing"}
	forMessages := r.required
	if r.text("HOOK_SHUTDOWN", "") != "" {
		forMessages = func(name string) string { return r.text(name, "") }
	}

	s := Settings{
		// The required ones, in the order in which the platform documents them.
		FlowID:      r.required("FLOW_ID"),
		ExecID:      r.required("EXEC_ID"),
		StepID:      r.required("STEP_ID"),
		ContainerID: r.required("CONTAINER_ID"),
		WorkspaceID: r.required("WORKSPACE_ID"),
		UserID:      r.required("USER_ID"),
		CompID:      r.required("COMP_ID"),
		Function:    r.required("FUNCTION"),
		APIURI:      component.NewSecret(r.required("API_URI")),
		APIUsername: r.required("API_USERNAME"),
		APIKey:      component.NewSecret(r.required("API_KEY")),

		AMQPURI:               component.NewSecret(forMessages("AMQP_URI")),
		ListenMessagesOn:      forMessages("LISTEN_MESSAGES_ON"),
		PublishMessagesTo:     forMessages("PUBLISH_MESSAGES_TO"),
		DataRoutingKey:        forMessages("DATA_ROUTING_KEY"),
		ErrorRoutingKey:       forMessages("ERROR_ROUTING_KEY"),
		ReboundRoutingKey:     forMessages("REBOUND_ROUTING_KEY"),
		SnapshotRoutingKey:    forMessages("SNAPSHOT_ROUTING_KEY"),
		MessageCryptoIV:       component.NewSecret(forMessages("MESSAGE_CRYPTO_IV")),
		MessageCryptoPassword: component.NewSecret(forMessages("MESSAGE_CRYPTO_PASSWORD")),

		Prefetch:                r.number("RABBITMQ_PREFETCH_SAILOR", 1),
		ReboundInitialExpiry:    r.millis("REBOUND_INITIAL_EXPIRATION", 15_000),
		ReboundLimit:            r.number("REBOUND_LIMIT", 20),
		ComponentPath:           r.text("COMPONENT_PATH", ""),
		StartupRequired:         r.boolean("STARTUP_REQUIRED"),
		HookShutdown:            r.boolean("HOOK_SHUTDOWN"),
		APIRequestRetryAttempts: r.number("API_REQUEST_RETRY_ATTEMPTS", 3),
		APIRequestRetryDelay:    r.millis("API_REQUEST_RETRY_DELAY", 100),

		DataRateLimit:     r.number("DATA_RATE_LIMIT", 10),
		ErrorRateLimit:    r.number("ERROR_RATE_LIMIT", 2),
		SnapshotRateLimit: r.number("SNAPSHOT_RATE_LIMIT", 2),
		RateInterval:      r.millis("RATE_INTERVAL", 100),

		AMQPPublishRetryDelay:    r.millis("AMQP_PUBLISH_RETRY_DELAY", 100),
		AMQPPublishRetryAttempts: r.number("AMQP_PUBLISH_RETRY_ATTEMPTS", 0),
		AMQPPublishMaxRetryDelay: r.millis("AMQP_PUBLISH_MAX_RETRY_DELAY", 300_000),
		AMQPReconnectAttempts:    r.number("AMQP_RECONNECT_ATTEMPTS", 3),
		AMQPReconnectTimeout:     r.millis("AMQP_RECONNECT_TIMEOUT", 100),
		AMQPPersistentMessages:   r.boolean("AMQP_PERSISTENT_MESSAGES"),

		OutgoingMessageSizeLimit: r.number("OUTGOING_MESSAGE_SIZE_LIMIT", DefaultMessageSizeLimit),
		NoSelfPassthrough:        r.boolean("NO_SELF_PASSTRHOUGH"), // so spelt by the platform
		ProtocolVersion:          r.number("PROTOCOL_VERSION", 1),
		NoErrorReplies:           r.boolean("NO_ERROR_REPLIES"),
		InputFormat:              r.text("INPUT_FORMAT", "default"),

		ObjectStorageURI:           component.NewSecret(r.text("OBJECT_STORAGE_URI", "")),
		ObjectStorageToken:         component.NewSecret(r.text("OBJECT_STORAGE_TOKEN", "")),
		ObjectStorageSizeThreshold: r.number("OBJECT_STORAGE_SIZE_THRESHOLD", 1<<20),
		EmitLightweightMessage:     r.boolean("EMIT_LIGHTWEIGHT_MESSAGE"),

		AdditionalHeaders: additionalHeaders(r.text("ADDITIONAL_VARS_FOR_HEADERS", ""), lookup),

		Operator: r.operator(),
	}
	if err := r.err(); err != nil {
		return Settings{}, err
	}
	return s, nil
}

// String names the step; the settings themselves are not printed.
func (s Settings) String() string {
	return fmt.Sprintf("settings{flow: %s, step: %s, function: %s}", s.FlowID, s.StepID, s.Function)
}

// Format prints String for every verb.
func (s Settings) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// MarshalText is String, for encoding/json, slog and the like.
func (s Settings) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
