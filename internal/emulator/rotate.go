package emulator

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"aws-secrets-manager-connector/internal/rawjson"
)

// The steps of a rotation, in the order in which the Lambda function is called.
const (
	StepCreate = "createSecret"
	StepSet    = "setSecret"
	StepTest   = "testSecret"
	StepFinish = "finishSecret"
)

// RotationStep is the event that a rotation's Lambda function would get.
type RotationStep struct {
	Step     string // StepCreate, StepSet, StepTest or StepFinish
	SecretID string // ARN
	Region   string
	Lambda   string // ARN of the function, "" for a managed rotation
	Token    string // id of the version that is to become AWSCURRENT
}

// RotateFunc stands in for a rotation's Lambda function. It is called for each
// step in turn, without locks held, so that it may call the emulator.
// builtIn does what the emulator does without a RotateFunc: in createSecret it
// stores a random password as AWSPENDING (in the member "password" when the
// current value is a JSON object that has one), in finishSecret it moves
// AWSCURRENT. An error ends the rotation and leaves AWSPENDING where it is;
// the caller of RotateSecret does not see it, for rotation is asynchronous.
type RotateFunc func(ctx context.Context, step RotationStep, builtIn func() error) error

// rotation is the configuration of a secret's rotation.
type rotation struct {
	configured bool // rotation was turned on at least once
	enabled    bool
	lambda     string
	rules      *rotationRules
	metadata   []rotationMetadata
	role       string
	since      time.Time // when it was last configured
	last       time.Time // when a rotation last finished
}

type rotationMetadata struct{ Key, Value string }

type rotateSecretInput struct {
	SecretId                       string
	ClientRequestToken             string
	RotationLambdaARN              string
	RotationRules                  *rotationRules
	ExternalSecretRotationMetadata []rotationMetadata
	ExternalSecretRotationRoleArn  string
	RotateImmediately              *bool
}

// attempt is one way through the steps of a rotation.
type attempt struct {
	sec    *secret
	lambda string
	token  string
	steps  []string
	// To go back to where it could not begin:
	rotation rotation
	changed  time.Time
}

// rotateSecret configures and runs a rotation. The service runs it in the
// background; here it is over when the call returns, for the sake of tests.
func (s *service) rotateSecret(ctx context.Context, c call, in *rotateSecretInput) (json.RawMessage, error) {
	a, out, refused := s.startRotation(c, in)
	for n := 0; a != nil && n < s.rotationAttempts && s.rotationIsOpen(a); n++ {
		err := s.runRotation(ctx, a)
		if err == nil {
			break
		}
		if n == 0 && refused == nil && errors.Is(err, errNotInvocable) {
			s.forgetRotation(a)
			return nil, fail("AccessDeniedException", "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to the principal secretsmanager.amazonaws.com.")
		}
	}
	if refused != nil {
		return nil, refused
	}
	return rawjson.Marshal(out)
}

// startRotation returns what is to be run: nothing when the token's rotation is
// done, the test alone when the rotation waits for its schedule. It is the
// previous rotation when the new one is refused because that is not complete.
func (s *service) startRotation(c call, in *rotateSecretInput) (*attempt, *versionRef, error) {
	s.lock()
	defer s.unlock()
	if in.ClientRequestToken == "" {
		return nil, nil, invalidParameter(tokenMissing)
	}
	sec, err := s.writable(c, in.SecretId)
	if err != nil {
		return nil, nil, err
	}
	if err := in.check(sec); err != nil {
		return nil, nil, err
	}
	a := &attempt{
		sec: sec, lambda: cmp.Or(in.RotationLambdaARN, sec.rotation.lambda), token: in.ClientRequestToken,
		steps: []string{StepCreate, StepSet, StepTest, StepFinish}, rotation: sec.rotation, changed: sec.changed,
	}
	if err := s.mayInvoke(c, a.lambda); err != nil {
		return nil, nil, err
	}
	if p := sec.withStage(pending); p != nil && !p.has(current) {
		a.token, a.lambda = p.id, sec.rotation.lambda
		return s.reattempt(a), nil, invalidRequest("A previous rotation isn't complete. That rotation will be reattempted.")
	}
	out := &versionRef{refOf(sec), in.ClientRequestToken}
	if sec.version(in.ClientRequestToken) != nil {
		return nil, out, nil
	}
	if _, err := s.add(sec, in.ClientRequestToken, value{}, []string{pending}); err != nil {
		return nil, nil, err
	}
	in.configure(sec, s.now())
	if in.RotateImmediately != nil && !*in.RotateImmediately {
		out.VersionId, a.steps = "", []string{StepTest}
	}
	return a, out, nil
}

// reattempt: only functions that are really invoked are.
func (s *service) reattempt(a *attempt) *attempt {
	if s.rotationAttempts == 1 {
		return nil
	}
	return a
}

// rotationIsOpen reports whether the rotation is neither done nor abandoned: by
// CancelRotateSecret, by the loss of its AWSPENDING or of the secret.
func (s *service) rotationIsOpen(a *attempt) bool {
	s.lock()
	defer s.unlock()
	p := a.sec.withStage(pending)
	return s.secrets[location{a.sec.region, a.sec.name}] == a.sec && a.sec.deleted.IsZero() && a.sec.rotation.enabled &&
		p != nil && p.id == a.token && !p.has(current)
}

// forgetRotation undoes startRotation.
func (s *service) forgetRotation(a *attempt) {
	s.lock()
	defer s.unlock()
	s.touch(a.sec)
	a.sec.removeVersion(a.token)
	a.sec.rotation, a.sec.changed = a.rotation, a.changed
}

func (s *secret) removeVersion(id string) {
	s.versions = slices.DeleteFunc(s.versions, func(v *version) bool { return v.id == id })
}

func (in *rotateSecretInput) check(sec *secret) error {
	managed := sec.managedType != "" && (in.ExternalSecretRotationRoleArn != "" || sec.rotation.role != "")
	if in.RotationLambdaARN == "" && sec.rotation.lambda == "" && !managed {
		return invalidRequest("No Lambda rotation function ARN is associated with this secret.")
	}
	if in.RotationRules != nil {
		return in.RotationRules.check()
	}
	return nil
}

func (in *rotateSecretInput) configure(sec *secret, now time.Time) {
	r := &sec.rotation
	r.configured, r.enabled, r.since = true, true, now
	if in.RotationLambdaARN != "" {
		r.lambda = in.RotationLambdaARN
	}
	if in.RotationRules != nil {
		r.rules = in.RotationRules
	}
	if in.ExternalSecretRotationMetadata != nil {
		r.metadata = in.ExternalSecretRotationMetadata
	}
	if in.ExternalSecretRotationRoleArn != "" {
		r.role = in.ExternalSecretRotationRoleArn
	}
	sec.changed = now
}

// runRotation calls the steps until one fails. A test by itself leaves no
// version behind (RotateSecret, RotateImmediately).
func (s *service) runRotation(ctx context.Context, a *attempt) error {
	err := s.runSteps(ctx, a)
	s.lock()
	defer s.unlock()
	s.touch(a.sec)
	if len(a.steps) == 1 && !errors.Is(err, errNotInvocable) {
		a.sec.removeVersion(a.token)
		return nil // nobody is told how the test went
	}
	if v := a.sec.withStage(current); err == nil && v != nil && v.id == a.token {
		a.sec.rotation.last, a.sec.changed = s.now(), s.now()
	}
	return err
}

func (s *service) runSteps(ctx context.Context, a *attempt) error {
	event := RotationStep{SecretID: a.sec.arn, Region: a.sec.region, Lambda: a.lambda, Token: a.token}
	for _, step := range a.steps {
		event.Step = step
		if err := s.rotate(ctx, event, func() error { return s.builtInStep(a.sec, step, a.token) }); err != nil {
			return err
		}
	}
	return nil
}

func (s *service) builtInStep(sec *secret, step, token string) error {
	s.lock()
	defer s.unlock()
	s.touch(sec)
	switch step {
	case StepCreate:
		val, err := s.nextValue(sec)
		if err != nil {
			return err
		}
		_, err = s.putVersion(sec, token, val, []string{pending})
		return err
	case StepFinish:
		v := sec.version(token)
		if v == nil {
			return errNoSecret()
		}
		sec.attach(v, current)
	}
	return nil
}

// nextValue is a new password, put where the current value has its own.
func (s *service) nextValue(sec *secret) (value, error) {
	password, err := s.random.password(&randomPasswordInput{})
	if err != nil {
		return value{}, err
	}
	text := secretText(password)
	if v := sec.withStage(current); v != nil && v.value.text != nil {
		var fields map[string]json.RawMessage
		if json.Unmarshal([]byte(*v.value.text), &fields) == nil && fields["password"] != nil {
			if fields["password"], err = rawjson.Marshal(password); err != nil {
				return value{}, err
			}
			b, err := rawjson.Marshal(fields)
			if err != nil {
				return value{}, err
			}
			text = secretText(b)
		}
	}
	return value{text: &text}, nil
}

// cancelRotateSecret turns rotation off. What an unfinished rotation left
// behind stays, labels included, and is named in the response.
func (s *service) cancelRotateSecret(c call, in *secretIDInput) (*versionRef, error) {
	sec, err := s.writable(c, in.SecretId)
	if err != nil {
		return nil, err
	}
	if !sec.rotation.enabled {
		return nil, invalidRequest("You can't cancel the rotation of a secret that has rotation turned off.")
	}
	sec.rotation.enabled, sec.changed = false, s.now()
	out := &versionRef{ref: refOf(sec)}
	if p := sec.withStage(pending); p != nil && !p.has(current) {
		out.VersionId = p.id
	}
	return out, nil
}
