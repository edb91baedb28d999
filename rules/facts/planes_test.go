package facts

import "testing"

// meaning are the marks that mean something to passed.mark.
var meaning = [256]bool{':': true, '{': true, '[': true, '%': true, '}': true, '|': true, '*': true, '#': true, '_': true, '@': true, '$': true, '<': true, '-': true}

// TestClassify: what planes of bits say of each octet is what the tables say.
func TestClassify(t *testing.T) {
	for k := range 64 {
		for b := range 128 {
			var block [64]byte
			for i := range block {
				block[i] = byte(7*i+b*k) & 127
			}
			block[k] = byte(b)
			var o octetClasses
			o.classify(&block)
			letters, capitals := 0, 0
			for i, c := range block {
				is := func(m uint64) bool { return m>>i&1 != 0 }
				if is(o.word) != (isLetter(c) || isDigit(c)) || is(o.digits) != isDigit(c) || is(o.blank) != asciiBlank[c] || meaning[c] && !is(o.marks) {
					t.Fatalf("octet %d, %q: %+v", i, c, o)
				}
				if isLetter(c) {
					letters++
				}
				if isUpper(c) {
					capitals++
				}
			}
			if letters != o.letters || capitals != o.capitals {
				t.Fatalf("%q: %d letters, %d capitals", block, o.letters, o.capitals)
			}
		}
	}
}
