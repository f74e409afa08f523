package emulator

import (
	"slices"
	"strings"
)

type randomPasswordInput struct {
	PasswordLength          *int64
	ExcludeCharacters       secretText // part of a password's rules: as sensitive as these
	ExcludeNumbers          bool
	ExcludePunctuation      bool
	ExcludeUppercase        bool
	ExcludeLowercase        bool
	IncludeSpace            bool
	RequireEachIncludedType *bool
}

type randomPasswordOutput struct{ RandomPassword secretText }

func (s *service) getRandomPassword(_ call, in *randomPasswordInput) (*randomPasswordOutput, error) {
	password, err := s.random.password(in)
	return &randomPasswordOutput{secretText(password)}, err
}

// types are the alphabets that are left to choose from. The space is a
// character more, not a type of its own.
func (in *randomPasswordInput) types() []string {
	var types []string
	for _, t := range []struct {
		alphabet string
		excluded bool
	}{
		{lowercase, in.ExcludeLowercase},
		{uppercase, in.ExcludeUppercase},
		{numbers, in.ExcludeNumbers},
		{punctuation, in.ExcludePunctuation},
	} {
		if !t.excluded {
			types = append(types, in.without(t.alphabet))
		}
	}
	return types
}

func (in *randomPasswordInput) without(alphabet string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(string(in.ExcludeCharacters), r) {
			return -1
		}
		return r
	}, alphabet)
}

// password makes a password by the rules of GetRandomPassword.
func (r random) password(in *randomPasswordInput) (string, error) {
	length := 32
	if in.PasswordLength != nil {
		length = int(*in.PasswordLength)
	}
	types := in.types()
	all := strings.Join(types, "")
	if in.IncludeSpace {
		all += in.without(" ")
	}
	if all == "" {
		return "", invalidParameter("The password can't be empty: every character is excluded.")
	}
	var out []byte
	if in.RequireEachIncludedType == nil || *in.RequireEachIncludedType {
		if len(types) > length {
			return "", invalidParameter("The password length %d is too short for the %d character types that are required.", length, len(types))
		}
		if slices.Contains(types, "") {
			return "", invalidParameter("ExcludeCharacters leaves no character of a type that is required.")
		}
		for _, alphabet := range types {
			out = append(out, r.text(1, alphabet)...)
		}
	}
	out = append(out, r.text(length-len(out), all)...)
	r.Shuffle(length, func(i, j int) { out[i], out[j] = out[j], out[i] })
	return string(out), nil
}
