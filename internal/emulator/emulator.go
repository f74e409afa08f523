package emulator

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"aws-secrets-manager-connector/internal/apimodel"
	"aws-secrets-manager-connector/internal/component"
)

// Options of an Emulator. The zero value works.
type Options struct {
	// Account owns the secrets; twelve digits, 123456789012 when empty.
	Account string
	// Region is that of seeds that name none, and of the rare signature that is
	// for any; us-east-1 when empty.
	Region string
	// Clock tells the time; time.Now when nil. It is called from many
	// goroutines at once.
	Clock func() time.Time
	// Random is where ARNs, version ids, passwords and request ids are drawn
	// from; crypto/rand when nil. One goroutine at a time draws from it.
	Random rand.Source
	// Lag is how much later than all other operations ListSecrets knows of a
	// change, as it may in AWS; what Seed creates it knows at once.
	Lag time.Duration
	// RandomLag draws the lag of each change from Random, up to Lag. ListSecrets
	// then knows a later change before an earlier one, but never goes back.
	RandomLag bool
	// MaxVersions is the quota of a secret's versions; AWS's 100 when 0.
	MaxVersions int
	// Sleep waits for a slow call; it returns early with the context's error.
	// A timer when nil.
	Sleep func(ctx context.Context, d time.Duration) error
	// Credentials are the access keys that are known, by access key id. When
	// there are any, signatures are verified and other keys are refused; when
	// there are none, any well-formed signature passes.
	Credentials map[string]Credential
	// CheckSkew refuses signatures whose time is not Clock's, as AWS does: more
	// than 5 minutes off, 15 for STS.
	CheckSkew bool
	// Roles are the roles that STS AssumeRole grants, by ARN.
	Roles map[string]Role
	// Rotate stands in for the Lambda function of rotations; the built-in one
	// when nil.
	Rotate RotateFunc
	// LambdaEndpoint is the URL of the Lambda API, or of a function's runtime
	// interface emulator, that invokes the functions of rotations. Without it, and
	// with Rotate, none is invoked.
	LambdaEndpoint string
	// Hosts are the names, besides localhost and the loopback addresses, that
	// the Host of a request may have which arrives at a loopback address.
	Hosts []string
	// Log gets a line per request: operation, the secret as it is named, status,
	// error code, duration, request id.
	// Nothing is logged when nil.
	Log *slog.Logger
}

// Check tells what is wrong with the options that must have a form. Its errors do
// not repeat them: what stands in the wrong place may be a secret.
func (o Options) Check() error {
	switch {
	case o.Account != "" && !isAccount(o.Account):
		return fmt.Errorf("account must have twelve digits (given: a text of %d characters)", len(o.Account))
	case o.Region != "" && !isRegion(o.Region):
		return fmt.Errorf("region must be an AWS Region, such as eu-central-1 (given: a text of %d characters)", len(o.Region))
	case o.Lag < 0:
		return fmt.Errorf("lag is %s, must not be negative", o.Lag)
	case o.MaxVersions < 0:
		return fmt.Errorf("maximum of versions is %d, must not be negative", o.MaxVersions)
	case o.LambdaEndpoint != "":
		return checkLambdaEndpoint(o.LambdaEndpoint)
	}
	return nil
}

// Credential is an access key's other half.
type Credential struct {
	User         string // name of its owner, "emulator" when empty
	SecretKey    component.Secret
	SessionToken component.Secret // of temporary credentials
	Expires      time.Time        // zero: never
	Policy       *IdentityPolicy  // what it may do; everything when nil
}

// Role is a role that may be assumed.
type Role struct {
	ExternalID string          // must be given when it is not empty
	Policy     *IdentityPolicy // what it may do; everything when nil
}

// Emulator is AWS Secrets Manager in memory, with AssumeRole and
// GetCallerIdentity of AWS STS. It is safe for concurrent use. It prints without what it holds.
type Emulator struct {
	service     *service
	operations  map[string]operation
	model       func() (map[string]apimodel.Operation, error) // read at the first call
	region      string
	credentials map[string]Credential
	checkSkew   bool
	roles       map[string]Role
	hosts       []string
	sleep       func(context.Context, time.Duration) error
	log         *slog.Logger

	mu       sync.Mutex // guards everything below
	seeds    []seed
	calls    map[string]int // by operation
	faults   []Fault        // oldest first
	denials  map[denial]bool
	sessions map[string]session // of assumed roles, by access key id
}

var _ http.Handler = (*Emulator)(nil)

// New returns an emulator without secrets. The options must pass Check.
func New(o Options) *Emulator {
	if o.Account == "" {
		o.Account = "123456789012"
	}
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Random == nil {
		o.Random = cryptoSource()
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	attempts := 1
	switch {
	case o.Rotate != nil:
	case o.LambdaEndpoint != "":
		o.Rotate, attempts = newLambdas(o.LambdaEndpoint, o.Clock, o.Log).rotate, maxRotationAttempts
	default:
		o.Rotate = func(_ context.Context, _ RotationStep, builtIn func() error) error { return builtIn() }
	}
	r := newRandom(o.Random)
	s := &service{
		account: o.Account, maxVersions: cmp.Or(o.MaxVersions, maxVersions), now: o.Clock, random: r, rotate: o.Rotate, rotationAttempts: attempts,
		pageKey: []byte(r.text(32, alphanumeric)), secrets: make(map[location]*secret), late: newLate(o.Lag, o.RandomLag), mostStored: maxStored,
	}
	e := &Emulator{
		service: s, operations: s.operations(), model: sync.OnceValues(apimodel.Operations),
		region: o.Region, credentials: o.Credentials, checkSkew: o.CheckSkew, roles: o.Roles, hosts: o.Hosts, sleep: o.Sleep, log: o.Log,
	}
	e.forget()
	return e
}

// Calls tells how often each operation was called, those that failed or were
// made to fail included.
func (e *Emulator) Calls() map[string]int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return maps.Clone(e.calls)
}

func (e *Emulator) countCall(operation string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calls[operation]++
}

// Reset takes the emulator back to its seeds: other secrets, faults, denials,
// assumed roles and counts are gone.
func (e *Emulator) Reset() error {
	e.service.reset()
	for _, s := range e.forget() {
		if err := e.createSeed(s); err != nil {
			return err
		}
	}
	e.service.settle()
	return nil
}

// forget drops what came after New, but for the seeds, which it returns.
func (e *Emulator) forget() []seed {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calls, e.faults = make(map[string]int), nil
	e.denials, e.sessions = make(map[denial]bool), make(map[string]session)
	return slices.Clone(e.seeds)
}

// Format prints how many secrets there are, and nothing of them.
func (e *Emulator) Format(f fmt.State, _ rune) {
	e.service.mu.Lock()
	defer e.service.mu.Unlock()
	_, _ = fmt.Fprintf(f, "emulator with %d secrets", len(e.service.secrets))
}

// LogValue is Format, for slog.
func (e *Emulator) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(e)) }

func (s *service) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
}

func (s *service) clear() {
	clear(s.secrets)
	s.late, s.nextPurge, s.stored = newLate(s.late.by, s.late.isRandom), time.Time{}, 0
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
