package emulator

import "strings"

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
	if err != nil {
		return nil, err
	}
	return &randomPasswordOutput{secretText(password)}, nil
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
func (s *source) password(in *randomPasswordInput) (string, error) {
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
		picked, err := s.oneOfEach(types, length)
		if err != nil {
			return "", err
		}
		out = picked
	}
	rest, err := s.text(length-len(out), all)
	if err != nil {
		return "", err
	}
	out = append(out, rest...)
	if err := s.shuffle(out); err != nil {
		return "", err
	}
	return string(out), nil
}

func (s *source) oneOfEach(types []string, length int) ([]byte, error) {
	if len(types) > length {
		return nil, invalidParameter("The password length %d is too short for the %d character types that are required.", length, len(types))
	}
	var out []byte
	for _, alphabet := range types {
		if alphabet == "" {
			return nil, invalidParameter("ExcludeCharacters leaves no character of a type that is required.")
		}
		c, err := s.text(1, alphabet)
		if err != nil {
			return nil, err
		}
		out = append(out, c...)
	}
	return out, nil
}
