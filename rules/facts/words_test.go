package facts

import (
	"strings"
	"testing"
)

func TestDecodeWords(t *testing.T) {
	for in, want := range map[string]string{
		"":                                      "",
		"plain":                                 "plain",
		"=?utf-8?q?gr=C3=BCn?=":                 "grün",
		"a =?ISO-8859-1?Q?=E4_b?= c":            "a ä b c",
		"=?utf-8?b?w6TDtg==?= =?utf-8?b?w7w=?=": "äöü",
		"=?utf-8?b?w6TD?=\t =?utf-8?b?tsO8?=":   "äöü", // a character in two words
		"=?utf-8?q?a?= b =?utf-8?q?c?=":         "a b c",
		"=?us-ascii*en?q?word?=":                "word",
		"=?x-nobody-knows?q?a=41?= b":           "=?x-nobody-knows?q?a=41?= b",
		"=?utf-8?q?unfinished":                  "=?utf-8?q?unfinished",
		"=?utf-8?x?a?=":                         "=?utf-8?x?a?=",
		"=?windows-1251?Q?=EF=F0=E8=E2=E5=F2?=": "привет",
		"=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=":    "日本",
		"caf\xe9":                               "café",
		"=?utf-8?q?caf=E9?=":                    "café", // ISO 8859-1 under a wrong name
		"=?utf-8?b?!!!?=":                       "",
		"x=?utf-8?q?y?=z":                       "xyz",
		"=?utf-8?q?a?==?utf-8?q?b?=":            "ab",
		"=?=?=?utf-8?q?a?=":                     "=?=?a",
	} {
		if got := decodeWords(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestCheckWords(t *testing.T) {
	long := "=?utf-8?q?" + strings.Repeat("=C3=A4", 20) + "?="
	for _, test := range []struct {
		in   string
		want wordFaults
	}{
		{"=?utf-8?q?gr=C3=BCn?= =?utf-8?q?=C3=A4?=", wordFaults{}},
		{long, wordFaults{length: long}},
		{"=?utf-8?b?w6TD?= =?utf-8?b?tsO8?=", wordFaults{split: "=?utf-8?b?tsO8?="}},
		{"x=?utf-8?q?=C3=A4?=", wordFaults{adjacent: "=?utf-8?q?=C3=A4?="}},
		{"=?utf-8?q?=E4?=", wordFaults{charset: "=?utf-8?q?=E4?="}},
		{"=?x-nobody-knows?q?=E4?=", wordFaults{charset: "=?x-nobody-knows?q?=E4?="}},
		{"=?utf-8?q?word?=", wordFaults{excess: "=?utf-8?q?word?="}},
		{"=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", wordFaults{}},
	} {
		if got := checkWords(test.in); got != test.want {
			t.Errorf("%q:\n got %+v\nwant %+v", test.in, got, test.want)
		}
	}
}

func TestDecodeWordsIsLinear(t *testing.T) {
	for _, piece := range []string{"=?", "=?a?q?", "=?utf-8?b?", "=?a?q?b?=", "=?a?q?b?= "} {
		s := strings.Repeat(piece, 1<<20/len(piece))
		decodeWords(s)
		checkWords(s)
	}
}
