package facts

import (
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// phrases are stock phrases of unwanted mail by the id that Text.Phrases gives them, in the form of foldText.
var phrases = []struct {
	id  string
	any []string
}{
	{"act_now", []string{"act now!", "act immediately", "don't delay, call", "call now!", "order now and receive"}},
	{"as_seen_on", []string{"as seen on tv", "as seen on national tv", "as seen on oprah", "as seen on cnn", "as seen on nbc", "as seen on abc"}},
	{"bulk_lists", []string{"million email addresses", "million e-mail addresses", "targeted email addresses", "bulk email software", "bulk e-mail software", "bulk friendly"}},
	{"cash", []string{"make money fast", "earn extra cash", "be your own boss", "double your income", "financial freedom", "fast cash", "cash bonus", "unlimited income"}},
	{"dear_friend", []string{"dear friend,", "dear friend:", "dear friend;", "dear friend."}},
	{"dear_something", []string{"dear beneficiary", "dear winner", "dear sir/madam", "dear sir / madam", "dear valued customer", "dear account owner", "dear email user", "dear e-mail user", "dear webmail user"}},
	{"free_of_charge", []string{"100% free", "absolutely free", "free money", "free gift inside"}},
	{"guaranteed_100", []string{"100% guaranteed", "100 % guaranteed", "100% satisfaction guaranteed", "guaranteed 100%"}},
	{"lifetime_opportunity", []string{"once in a lifetime opportunity", "chance of a lifetime", "opportunity of a lifetime"}},
	{"limited_time", []string{"limited time offer", "limited-time offer", "offer expires today", "while supplies last"}},
	{"lottery", []string{"lottery winner", "winning notification", "claim your prize", "you have won the", "lucky winner"}},
	{"money_back", []string{"money back guarantee", "money-back guarantee"}},
	{"no_obligation", []string{"no obligation", "no cost or obligation", "without obligation"}},
	{"no_prescription", []string{"no prescription", "without a prescription", "viagra", "cialis"}},
	{"not_spam", []string{"this is not spam", "this e-mail is not spam", "this email is not spam", "this message is not spam", "cannot be considered spam", "can not be considered spam", "not be considered spam"}},
	{"removal_excuse", []string{
		"to be removed from our list", "to be removed from our mailing list", "to be removed from this list", "to be removed from future mailings",
		"with the word remove", "with remove in the subject", "with \"remove\" in the subject", "put remove in the subject", "type remove in the subject",
		"bill s.1618", "bill s. 1618", "bill 1618 title iii", "s.1618 title iii",
	}},
	{"risk_free", []string{"risk free", "risk-free"}},
	{"transfer_of_money", []string{"million united states dollars", "million us dollars", "million u.s. dollars", "united states dollars only", "utmost confidentiality", "as the next of kin", "foreign account", "foreign partner"}},
	{"unclaimed_money", []string{"unclaimed money", "unclaimed funds", "unclaimed assets", "unclaimed fund", "dormant account"}},
	{"urgent_business", []string{"urgent business", "business proposal", "urgent assistance", "confidential business"}},
	{"verify_account", []string{"verify your account", "confirm your account information", "your account has been suspended", "your account will be suspended", "your mailbox is full", "upgrade your mailbox"}},
	{"weight_loss", []string{"lose weight fast", "lose weight while you sleep", "lose up to", "burn fat"}},
}

// phraseTable finds all phrases in one pass, by their first four octets.
type phraseTable struct {
	begin [256][4]uint64 // by the first octet: bits of the second
	byKey map[[4]byte][]phrase
	words int // at least as many as any has, and one
	marks []phraseMark
	low   [0x800 / 64]uint64 // of the characters up to U+07FF: a bit for each that touches says yes of, whatever stands before it
}

// phraseMark is the character by which a phrase that is not all ASCII is known: the one with the highest number.
type phraseMark struct {
	r      rune
	before byte // the ASCII letter before it, 0 if there is none
}

// phrase is one phrase; an offer to unsubscribe has no id, and need not end with its word.
type phrase struct{ id, text string }

var phrasesByKey = sync.OnceValue(func() *phraseTable {
	t := &phraseTable{byKey: map[[4]byte][]phrase{}}
	add := func(id, text string) {
		t.begin[text[0]][text[1]>>6] |= 1 << (text[1] & 63)
		key := [4]byte([]byte(text[:4]))
		t.byKey[key] = append(t.byKey[key], phrase{id, text})
		t.words = max(t.words, strings.Count(text, " ")+2)
	}
	for _, p := range phrases {
		for _, s := range p.any {
			add(p.id, s)
		}
	}
	for _, s := range optOut {
		add("", s)
		if m := markOf(s); m.r >= utf8.RuneSelf && !slices.Contains(t.marks, m) {
			t.marks = append(t.marks, m)
		}
	}
	for r := rune(utf8.RuneSelf); r < rune(64*len(t.low)); r++ {
		if t.touched(r) {
			t.low[r>>6] |= 1 << (r & 63)
		}
	}
	return t
})

func markOf(s string) (m phraseMark) {
	for i, r := range s {
		if r >= m.r {
			m = phraseMark{r: r}
			if i > 0 && isLetter(s[i-1]) {
				m.before = s[i-1]
			}
		}
	}
	return m
}

// touched tells whether a character above 127 may belong to a phrase of a folded text, be its end, or vanish from it.
func (t *phraseTable) touched(r rune) bool {
	if isInvisible(r) || unicode.IsSpace(r) || r == '\u2018' || r == '\u2019' || r == '\u2010' || r == '\u2011' {
		return true
	}
	lower := unicode.ToLower(r)
	return lower < utf8.RuneSelf || slices.ContainsFunc(t.marks, func(m phraseMark) bool { return m.r == lower })
}

// next gives the place of the next character that touches a phrase, from i on.
func (t *phraseTable) next(text string, i int) int {
	octets := octetsOf(text)
	for i += asciiLength(octets[i:]); i < len(octets); i += asciiLength(octets[i:]) {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r < rune(64*len(t.low)) {
			if t.low[r>>6]>>(r&63)&1 != 0 && t.fits(text, i, r) {
				return i
			}
		} else if t.touched(r) {
			return i
		}
		i += size
	}
	return i
}

// fits tells whether what stands before text[i] may belong to a phrase too, where r is the mark of one.
func (t *phraseTable) fits(text string, i int, r rune) bool {
	lower, mark := unicode.ToLower(r), false
	for _, m := range t.marks {
		if m.r == lower {
			if mark = true; m.before == 0 || i == 0 || text[i-1] >= utf8.RuneSelf || text[i-1]|0x20 == m.before|0x20 {
				return true
			}
		}
	}
	return !mark
}

// findPhrases notes the phrases that a folded text holds. None begins inside a word, and those with an id do not end inside
// one either; in scripts without blanks between words a phrase may begin anywhere.
func (c *contents) findPhrases(folded string) {
	t := phrasesByKey()
	for i := 0; i+4 <= len(folded); i++ {
		b := folded[i]
		next := folded[i+1]
		if t.begin[b][next>>6]>>(next&63)&1 == 0 || b < 0x80 && i > 0 && wordByte(folded[i-1]) {
			continue
		}
		for _, p := range t.byKey[[4]byte{b, next, folded[i+2], folded[i+3]}] {
			if !strings.HasPrefix(folded[i:], p.text) {
				continue
			}
			end := i + len(p.text)
			switch {
			case p.id == "":
				c.unsubscribe = true
			case end == len(folded) || !wordByte(folded[end]) || !wordByte(folded[end-1]):
				c.phrase(p.id)
			}
		}
	}
}

// wordByte tells whether an octet is of a word; those of other alphabets are.
func wordByte(c byte) bool { return isLetter(c) || isDigit(c) || c >= 0x80 }

// optOut are words, in the form of foldText, with which a message offers to end itself.
var optOut = []string{
	"unsubscribe", "un-subscribe", "opt out", "opt-out", "optout", "stop receiving", "no longer wish to receive", "no longer want to receive",
	"don't want to receive", "do not wish to receive", "remove me", "to be removed", "removed from our", "removed from this list", "email preferences", "e-mail preferences",
	"manage your subscription", "manage subscription", "manage preferences", "change your subscription", "cancel your subscription",
	"abbestellen", "abmelden", "austragen", "newsletter abbestell", "désabonn", "désinscri", "se desinscrire", "darse de baja", "darte de baja", "cancelar la suscripci",
	"cancelar suscripci", "cancelar a inscri", "descadastr", "cancellare l'iscrizione", "annulla l'iscrizione", "disiscri", "disiscriv", "uitschrijven", "afmelden",
	"avregistrera", "avprenumerera", "afmeld", "avmeld", "peruuta tilaus", "wypisz", "zrezygnuj", "odhlásit", "leiratkoz", "отписаться", "отказаться от рассылки",
	"配信停止", "購読解除", "退订", "取消订阅", "수신거부", "수신 거부",
}

// targetsUnsubscribe tells whether a link's target says that it is for that.
func targetsUnsubscribe(target string) bool {
	for i := range len(target) {
		switch target[i] | 0x20 {
		case 'u':
			if hasPrefixFold(target[i:], "unsub") {
				return true
			}
		case 'o':
			if hasPrefixFold(target[i:], "optout") || hasPrefixFold(target[i:], "opt-out") || hasPrefixFold(target[i:], "opt_out") {
				return true
			}
		}
	}
	return false
}
