package rawjson

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// A word holds 8 bytes of a document, the first one lowest.
const (
	wordSize = 8
	every    = 0x0101010101010101 // times a byte: the word of 8 such bytes
	topBits  = 0x80 * every
)

// skipPlain goes to the next byte of a string that may be special: a quote, a
// backslash, a control character, or one of the last few of the document.
func (s *Scanner) skipPlain() {
	for ; s.at+wordSize <= len(s.doc); s.at += wordSize {
		if found := special(binary.LittleEndian.Uint64(s.doc[s.at:])); found != 0 {
			s.at += bits.TrailingZeros64(found) / wordSize
			return
		}
	}
}

// AppendPlain appends text as a JSON string, if it is ASCII and all of it stands
// there as it is.
func AppendPlain(doc []byte, text string) ([]byte, bool) {
	begin := len(doc)
	doc = append(append(doc, '"'), text...)
	if !isPlain(doc[begin+1:]) {
		return doc[:begin], false
	}
	return append(doc, '"'), true
}

func isPlain(text []byte) bool {
	for ; len(text) >= wordSize; text = text[wordSize:] {
		if word := binary.LittleEndian.Uint64(text); special(word)|word&topBits != 0 {
			return false
		}
	}
	for _, c := range text {
		if c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// special sets the top bit of the first byte in word that a string has only in
// escapes, or at its end. Bits above that one mean nothing; 0 means there is none.
func special(word uint64) uint64 {
	return below(word, ' ') | below(word^'"'*every, 1) | below(word^'\\'*every, 1)
}

// below sets the top bit of the first byte in word that is less than limit,
// which is at most 0x80. Bits above that one mean nothing; 0 means none is less.
func below(word uint64, limit byte) uint64 {
	return (word - uint64(limit)*every) &^ word & topBits
}
