package facts

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

var usStates = words("AL,AK,AZ,AR,CA,CO,CT,DE,DC,FL,GA,HI,ID,IL,IN,IA,KS,KY,LA,ME,MD,MA,MI,MN,MS,MO,MT,NE,NV,NH,NJ,NM,NY,NC,ND,OH,OK,OR,PA,RI,SC,SD,TN," +
	"TX,UT,VT,VA,WA,WV,WI,WY,PR")

var usStateNames = words("alabama,alaska,arizona,arkansas,california,colorado,connecticut,delaware,florida,georgia,hawaii,idaho,illinois,indiana,iowa," +
	"kansas,kentucky,louisiana,maine,maryland,massachusetts,michigan,minnesota,mississippi,missouri,montana,nebraska,nevada,hampshire,jersey," +
	"mexico,york,carolina,dakota,ohio,oklahoma,oregon,pennsylvania,island,tennessee,texas,utah,vermont,virginia,washington,wisconsin,wyoming")

// streetWords are words of a street's name, which a number stands beside.
var streetWords = words("street,st,avenue,ave,av,boulevard,blvd,road,rd,drive,dr,lane,ln,way,court,ct,place,pl,parkway,pkwy,highway,hwy,square,sq,suite,ste,floor,fl," +
	"rue,allée,chemin,via,viale,piazza,corso,calle,avenida,plaza,rua,praça,str,straße,strasse,weg,platz,allee,gasse,ring,straat,laan,plein,ul,ulica")

// streetEnds are endings of one-word street names.
var streetEnds = []string{"straße", "strasse", "str", "weg", "platz", "allee", "gasse", "straat", "laan", "plein", "kade", "gatan", "vägen", "vej", "gade", "katu"}

// reach is how many words apart the parts of an address may stand.
const reach = 12

// hasPostalAddress tells whether text holds something that reads as a postal address: a post office box, a street with its
// number followed by a postcode, or a postcode of a form that little else has. It is a heuristic for addresses of North
// America and Europe.
func hasPostalAddress(text string) bool {
	if !strings.ContainsAny(text, "0123456789") {
		return false // all forms have a digit
	}
	var prev, prev2 string // words before, without punctuation
	comma := false         // a comma stood before the state
	// Where the last of each stood, in words; street is a name and a number side by side.
	name, number, street, postcode := -100, -200, -100, -100
	var last [4]placeWord // words that a name and its number may stand apart
	i := 0
	for raw := range strings.FieldsSeq(text) {
		i++
		word := bare(raw)
		if word == "" || len(word) > 40 {
			prev2, prev, comma = prev, "", false
			last[i%len(last)] = placeWord{}
			continue
		}
		digits := allDigits(word)
		if isPOBox(prev2, prev, word) {
			return true
		}
		last[i%len(last)] = placeWord{text: word}
		if houseNumber(word) {
			number = i
			for k := range len(last) {
				if n := i - k; n > 0 && last[n%len(last)].isStreet() {
					name = n
				}
			}
		} else if i-number < len(last) && last[i%len(last)].isStreet() {
			name = i
		}
		if (name == i || number == i) && name-number < len(last) && number-name < len(last) && i-street >= len(last) {
			street = i
		}
		switch {
		case isZIP(word) && prev != "" && !isDigit(prev[0]) && (usStates.has(prev) || usStateNames.has(strings.ToLower(prev))) && (comma || i-street <= reach):
			return true
		case isUKPostcode(prev, word), isCanadianPostcode(prev, word):
			return true
		case postcode == i-1 && capitalised(word) && i-street <= reach:
			return true
		}
		if digits && (len(word) == 5 || len(word) == 4) && i-street <= reach && i-street > 0 && street != i {
			postcode = i
		}
		if n := len(word); n > 2 && word[1] == '-' && strings.IndexByte("DAF", word[0]) >= 0 && allDigits(word[2:]) && n <= 7 {
			postcode = i
		}
		prev2, prev = prev, word
		comma = strings.HasSuffix(raw, ",") || comma && (usStates.has(word) || usStateNames.has(strings.ToLower(word)))
	}
	return false
}

// endsAddress tells whether hasPostalAddress may find an address by the word with a digit in it that begins at text[i], and the words
// beside it. Of most words with digits the form alone rules it out.
func endsAddress(text string, i int) bool {
	raw := firstField(text[i:])
	word := bare(raw)
	if word == "" {
		return false
	}
	digits := allDigits(word)
	if digits && (len(word) == 4 || len(word) == 5) || len(word) > 2 && word[1] == '-' {
		if next := bare(firstField(strings.TrimLeftFunc(text[i+len(raw):], unicode.IsSpace))); next != "" && capitalised(next) {
			return true
		}
	}
	if !isDigit(word[0]) {
		return false
	}
	before := strings.TrimRightFunc(text[:i], unicode.IsSpace)
	prev := bare(before[strings.LastIndexFunc(before, unicode.IsSpace)+1:])
	return isZIP(word) && (usStates.has(prev) || usStateNames.has(strings.ToLower(prev))) || isUKPostcode(prev, word) || isCanadianPostcode(prev, word) || isPOBox("po", prev, word)
}

// firstField gives a text up to the first blank.
func firstField(text string) string {
	if i := strings.IndexFunc(text, unicode.IsSpace); i >= 0 {
		return text[:i]
	}
	return text
}

// placeWord is a word, and what is known of it.
type placeWord struct {
	text          string
	asked, street bool
}

func (w *placeWord) isStreet() bool {
	if !w.asked {
		w.asked, w.street = true, w.text != "" && !isDigit(w.text[len(w.text)-1]) && isStreet(w.text)
	}
	return w.street
}

// bare takes what is neither letter nor number off both ends of a word.
func bare(word string) string {
	other := func(c byte) bool { return c < utf8.RuneSelf && !isLetter(c) && !isDigit(c) }
	for word != "" && other(word[0]) {
		word = word[1:]
	}
	for word != "" && other(word[len(word)-1]) {
		word = word[:len(word)-1]
	}
	if word == "" || word[0] < utf8.RuneSelf && word[len(word)-1] < utf8.RuneSelf {
		return word
	}
	return strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
}

func allDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}

// houseNumber reads "12", "12a", "12-14".
func houseNumber(s string) bool {
	return len(s) <= 7 && isDigit(s[0])
}

func isStreet(word string) bool {
	if n := len(word); isASCII(word) {
		if f := streetForms(); f.lengths[lowerCase[word[0]]]>>min(n, 63)&1 == 0 && !f.ends[lowerCase[word[n-1]]] {
			return false // as most words
		}
	}
	lower := strings.ToLower(word)
	if streetWords.has(lower) {
		return true
	}
	for _, end := range streetEnds {
		if len(lower) > len(end)+2 && strings.HasSuffix(lower, end) {
			return true
		}
	}
	return false
}

// streetForms tell quickly that a word of ASCII is none: how long those of streetWords are that begin with an octet, and which octets
// streetEnds end with.
var streetForms = sync.OnceValue(func() *struct {
	lengths [utf8.RuneSelf]uint64
	ends    [utf8.RuneSelf]bool
} {
	f := &struct {
		lengths [utf8.RuneSelf]uint64
		ends    [utf8.RuneSelf]bool
	}{}
	for w := range streetWords() {
		f.lengths[w[0]] |= 1 << len(w)
	}
	for _, w := range streetEnds {
		f.ends[w[len(w)-1]] = true
	}
	return f
})

// isPOBox reads the three words "P.O. Box 12", "PO Box 12", or the last two of "Postfach 12", "BP 12", "Apartado 12".
func isPOBox(a, b, c string) bool {
	if n := len(b); !isDigit(c[0]) || n != len("box") && n != len("postbus") && n != len("postfach") {
		return false
	}
	b = strings.ToLower(b)
	switch b {
	case "box":
		a = strings.ToLower(strings.ReplaceAll(a, ".", ""))
		return a == "po" || a == "o" || a == "post" || a == "office"
	case "postfach", "apartado", "postbus":
		return true
	}
	return false
}

func isZIP(s string) bool {
	return len(s) == 5 && allDigits(s) || len(s) == 10 && s[5] == '-' && allDigits(s[:5]) && allDigits(s[6:])
}

// isUKPostcode reads "SW1A 1AA".
func isUKPostcode(out, in string) bool {
	if len(in) != 3 || !isDigit(in[0]) || !isUpper(in[1]) || !isUpper(in[2]) || len(out) < 2 || len(out) > 4 || !isUpper(out[0]) {
		return false
	}
	i := 1
	if isUpper(out[1]) {
		i = 2
	}
	if i >= len(out) || !isDigit(out[i]) {
		return false
	}
	for _, c := range []byte(out[i+1:]) {
		if !isDigit(c) && !isUpper(c) {
			return false
		}
	}
	return true
}

// isCanadianPostcode reads "K1A 0B1".
func isCanadianPostcode(a, b string) bool {
	return len(a) == 3 && len(b) == 3 && isUpper(a[0]) && isDigit(a[1]) && isUpper(a[2]) && isDigit(b[0]) && isUpper(b[1]) && isDigit(b[2])
}

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }

func capitalised(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsUpper(r) && len(s) > 2
}
