package emulator

import (
	"slices"
	"strings"
)

const maxTags = 50

type tagInput struct {
	Key   *string
	Value string
}

// mergeTags puts tags over those there are, keeping their order.
func mergeTags(have []tag, add []tagInput) ([]tag, error) {
	merged := slices.Clone(have)
	seen := make(map[string]bool, len(add))
	for _, t := range add {
		if t.Key == nil {
			return nil, invalidParameter("Each tag must have a Key.")
		}
		if err := checkTagKey(*t.Key); err != nil {
			return nil, err
		}
		if seen[*t.Key] {
			return nil, invalidParameter("Tag keys must be unique: %s is given more than once.", *t.Key)
		}
		seen[*t.Key] = true
		next := tag{*t.Key, t.Value}
		if i := slices.IndexFunc(merged, func(h tag) bool { return h.Key == next.Key }); i >= 0 {
			merged[i] = next
		} else {
			merged = append(merged, next)
		}
	}
	if len(merged) > maxTags {
		return nil, invalidParameter("You can't attach more than %d tags to a secret.", maxTags)
	}
	return merged, nil
}

func checkTagKey(key string) error {
	if strings.HasPrefix(strings.ToLower(key), "aws:") {
		return invalidParameter("Tag keys that start with aws: are reserved for AWS: %s", key)
	}
	return nil
}

type tagResourceInput struct {
	SecretId string
	Tags     []tagInput
}

func (s *service) tagResource(c call, in *tagResourceInput) (*noOutput, error) {
	sec, err := s.writable(c, in.SecretId)
	if err != nil {
		return nil, err
	}
	tags, err := mergeTags(sec.tags, in.Tags)
	if err != nil {
		return nil, err
	}
	sec.tags, sec.changed = tags, s.now()
	return nil, nil
}

type untagResourceInput struct {
	SecretId string
	TagKeys  []string
}

// untagResource ignores keys that are not there (UntagResource is idempotent).
func (s *service) untagResource(c call, in *untagResourceInput) (*noOutput, error) {
	sec, err := s.writable(c, in.SecretId)
	if err != nil {
		return nil, err
	}
	for _, key := range in.TagKeys {
		if err := checkTagKey(key); err != nil {
			return nil, err
		}
	}
	sec.tags = slices.DeleteFunc(sec.tags, func(t tag) bool { return slices.Contains(in.TagKeys, t.Key) })
	sec.changed = s.now()
	return nil, nil
}
