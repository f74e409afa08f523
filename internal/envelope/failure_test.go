package envelope

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestErrorPayload(t *testing.T) {
	c := newCipher(t)
	failure := Failure{Name: "InvalidInput", Message: "<Name> is missing & \"more\" ü", Stack: "none"}
	encrypted := EncodeError(c, failure)

	plain, err := c.Decode(encrypted, Base64)
	require.NoError(t, err)
	assert.Equal(t, `{"name":"InvalidInput","message":"<Name> is missing & \"more\" ü","stack":"none"}`, string(plain))
	back, err := DecodeError(c, encrypted)
	require.NoError(t, err)
	assert.Equal(t, failure, back)

	const message = `{"body":{"a":"ü"}}`
	for _, protocol := range []int{Base64, Raw} {
		payload := ErrorPayload(encrypted, c.Encode([]byte(message), protocol), protocol)

		var members map[string]string
		require.NoError(t, json.Unmarshal(payload, &members))
		assert.Equal(t, map[string]string{
			"error": string(encrypted), "errorInput": string(c.Encode([]byte(message), Base64)),
		}, members, "protocol %d", protocol)

		back, input, err := DecodeErrorPayload(c, payload)
		require.NoError(t, err)
		assert.Equal(t, failure, back)
		assert.Equal(t, message, string(input))
	}

	t.Run("without a message", func(t *testing.T) {
		payload := ErrorPayload(encrypted, nil, Base64)
		assert.Equal(t, `{"error":"`+string(encrypted)+`"}`, string(payload))

		back, input, err := DecodeErrorPayload(c, payload)
		require.NoError(t, err)
		assert.Equal(t, failure, back)
		assert.Nil(t, input)
	})
	t.Run("with a message that is empty or garbage", func(t *testing.T) {
		assert.JSONEq(t, `{"error":"x","errorInput":""}`, string(ErrorPayload([]byte("x"), []byte{}, Base64)))
		assert.JSONEq(t, `{"error":"x","errorInput":"\"\ufffd"}`, string(ErrorPayload([]byte("x"), []byte("\"\xff"), Base64)))
	})
}

func TestDecodeErrorPayloadRefuses(t *testing.T) {
	c := newCipher(t)
	encrypted := string(EncodeError(c, Failure{Name: "n"}))
	for _, test := range []struct {
		name, payload string
		err           error
	}{
		{"no JSON", "s3cret", ErrFailure},
		{"error is not encrypted", `{"error":"s3cret"}`, ErrDecode},
		{"no error", `{}`, ErrDecode},
		{"error is a list inside", `{"error":"` + string(c.Encode([]byte(`["s3cret"]`), Base64)) + `"}`, ErrFailure},
		{"input is not encrypted", `{"error":"` + encrypted + `","errorInput":"s3cret"}`, ErrDecode},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := DecodeErrorPayload(c, []byte(test.payload))
			require.ErrorIs(t, err, test.err)
			assert.NotContains(t, err.Error(), "s3cret")
		})
	}
}

func FuzzDecodeErrorPayload(f *testing.F) {
	c := newCipher(f)
	f.Add(ErrorPayload(EncodeError(c, Failure{Message: "m"}), c.Encode([]byte("{}"), Raw), Raw))
	f.Add([]byte(`{"error":1}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		_, _, _ = DecodeErrorPayload(c, payload) // must not panic

		_, input, err := DecodeErrorPayload(c, ErrorPayload(EncodeError(c, Failure{}), c.Encode(payload, Raw), Raw))
		require.NoError(t, err)
		require.Equal(t, string(payload), string(input))
	})
}
