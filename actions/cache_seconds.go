package actions

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/smithy-go"

	"aws-secrets-manager-connector/internal/awsapi"
	"aws-secrets-manager-connector/internal/cache"
	"aws-secrets-manager-connector/internal/component"
)

// maxCacheSeconds is the longest that an answer is kept.
const maxCacheSeconds = 3600

// cached is h, which reads values, from memory where the step's field cacheSeconds
// asks for that. The member Refresh of a message goes to AWS all the same.
func cached(s *step, h component.Handler) component.Handler {
	ttl, wrong := readCacheSeconds(s.deps.Config)
	if ttl > 0 {
		s.connect = connectCached(s.connect, s.deps.Config, cache.New(ttl))
	}
	return component.HandlerFunc(func(ctx context.Context, req component.Request, out component.Emitter) error {
		if wrong != nil {
			return wrong
		}
		var refresh bool
		req.Message.Body, refresh = takeRefresh(req.Message.Body)
		if refresh {
			ctx = context.WithValue(ctx, refreshing{}, true)
		}
		return h.Handle(ctx, req, out)
	})
}

func readCacheSeconds(config json.RawMessage) (time.Duration, error) {
	fields, err := component.ReadFields(config)
	if err != nil {
		return 0, err
	}
	seconds, err := fields.WholeNumber(component.Field{Name: "cacheSeconds", Label: "Cache for (seconds)"}, 0, maxCacheSeconds, 0)
	return time.Duration(seconds) * time.Second, err
}

// takeRefresh returns a body without the member Refresh, and whether that is true.
// The schema has checked it.
func takeRefresh(body json.RawMessage) (rest json.RawMessage, refresh bool) {
	if !bytes.Contains(body, []byte(`"Refresh"`)) {
		return body, false
	}
	return withoutMembers(body, "Refresh"), string(member(body, "Refresh")) == "true"
}

type refreshing struct{}

// connectCached is dial, for clients that keep answers.
func connectCached(dial connect, config json.RawMessage, kept *cache.Cache) connect {
	return func(cfg awsapi.Config) (awsapi.API, error) {
		api, err := dial(cfg)
		if err != nil {
			return nil, err
		}
		var process [sha256.Size]byte
		_, _ = rand.Read(process[:]) // never returns an error
		return newCachedAPI(api, process[:], config, kept), nil
	}
}

// cachedAPI keeps the answers of the operations that read values.
type cachedAPI struct {
	awsapi.API

	kept *cache.Cache
	// scope is a hash of the step's configuration, which has the credentials, the
	// region and the endpoint. It is made with a key that this process alone has, and
	// is the key of what is hashed for each message.
	scope []byte
}

func newCachedAPI(api awsapi.API, process []byte, config json.RawMessage, kept *cache.Cache) *cachedAPI {
	mac := hmac.New(sha256.New, process)
	mac.Write(config)
	return &cachedAPI{API: api, kept: kept, scope: mac.Sum(nil)}
}

// GetSecretValue implements awsapi.API. All callers get the same output, which
// they may only read.
func (c *cachedAPI) GetSecretValue(ctx context.Context, in *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	key := c.keyOf("GetSecretValue", aws.ToString(in.SecretId), aws.ToString(in.VersionId), aws.ToString(in.VersionStage))
	return answer(ctx, c, key, awsapi.API.GetSecretValue, in, func(out *secretsmanager.GetSecretValueOutput) bool {
		return aws.ToString(in.VersionStage) != awsPending && !isPending(out.VersionStages)
	})
}

// BatchGetSecretValue implements awsapi.API. Pages are joined and cut, so each
// caller gets one of its own.
func (c *cachedAPI) BatchGetSecretValue(ctx context.Context, in *secretsmanager.BatchGetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.BatchGetSecretValueOutput, error) {
	out, err := answer(ctx, c, c.keyOf("BatchGetSecretValue", string(encode(in))), awsapi.API.BatchGetSecretValue, in, func(out *secretsmanager.BatchGetSecretValueOutput) bool {
		return len(out.Errors) == 0 && !slices.ContainsFunc(out.SecretValues, func(v types.SecretValueEntry) bool { return isPending(v.VersionStages) })
	})
	if err != nil {
		return nil, err
	}
	own := *out
	own.SecretValues, own.Errors = slices.Clone(out.SecretValues), slices.Clone(out.Errors)
	return &own, nil
}

// Region is that in which a secret is called.
func (c *cachedAPI) Region(secretID string) string {
	if located, ok := c.API.(interface{ Region(secretID string) string }); ok {
		return located.Region(secretID)
	}
	return ""
}

// Failover is the client to read with while the region of a secret is away. What
// that one answers is not kept.
func (c *cachedAPI) Failover(secretID string, err error) (awsapi.API, string) {
	if regional, ok := c.API.(interface {
		Failover(secretID string, err error) (awsapi.API, string)
	}); ok {
		return regional.Failover(secretID, err)
	}
	return nil, ""
}

const awsPending = "AWSPENDING"

// isPending reports whether a version is on its way to be the current one: it may
// be gone at any moment.
func isPending(stages []string) bool {
	return slices.Contains(stages, awsPending) && !slices.Contains(stages, "AWSCURRENT")
}

// encoded is the key of an output's metadata under which it is in JSON, so that an
// answer that is kept is encoded once.
type encoded struct{}

// encodedBefore is a value that was kept in JSON, nil if it was not.
func encodedBefore(v any) json.RawMessage {
	if value, ok := v.(*secretsmanager.GetSecretValueOutput); ok {
		body, _ := value.ResultMetadata.Get(encoded{}).(json.RawMessage)
		return body
	}
	return nil
}

// answer is what an operation returns for an input, now or not long ago. keeps
// tells what may be kept.
func answer[In smithy.Serializable, Out smithy.Serializable](
	ctx context.Context, c *cachedAPI, key cache.Key, op operation[In, Out], in In, keeps func(Out) bool,
) (none Out, err error) {
	get := c.kept.Get
	if ctx.Value(refreshing{}) != nil {
		get = c.kept.Renew
	}
	value, err := get(ctx, key, func(ctx context.Context) (cache.Answer, error) {
		out, err := op(c.API, ctx, in)
		if err != nil {
			return cache.Answer{Keep: mayPass(in, err)}, err
		}
		body := encode(out)
		if value, ok := any(out).(*secretsmanager.GetSecretValueOutput); ok {
			value.ResultMetadata.Set(encoded{}, body)
		}
		return cache.Answer{Value: out, Size: 2 * len(body), Keep: keeps(out)}, nil
	})
	if err != nil {
		return none, err
	}
	return value.(Out), nil
}

// mayPass reports whether an error tells nothing of the secret: AWS did not refuse to
// read it.
func mayPass(in smithy.Serializable, err error) bool {
	var later *component.Rebound
	return errors.As(awsapi.Wrap("", in, err), &later) || errors.Is(err, context.Canceled)
}

// keyOf hashes what is asked for, and with which credentials.
func (c *cachedAPI) keyOf(parts ...string) (key cache.Key) {
	mac := hmac.New(sha256.New, c.scope)
	for _, part := range parts { // with their lengths, so that "ab","c" is not "a","bc"
		mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		mac.Write([]byte(part))
	}
	mac.Sum(key[:0])
	return key
}
