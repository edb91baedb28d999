package facts

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postern/mimesize"
)

// makeFacts gives the facts of a message that is written with LF.
func makeFacts(t testing.TB, message string, env *Envelope, opts Options) *Facts {
	t.Helper()
	b := []byte(strings.ReplaceAll(message, "\n", "\r\n"))
	res, err := mimesize.Scan(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return Make(bytes.NewReader(b), int64(len(b)), res, env, opts)
}

// headerProblems gives the problems that header.go and its neighbours found, as "id line xcount detail".
func headerProblems(f *Facts) []string {
	got := []string{}
	for _, p := range f.Problems {
		if !slices.Contains(problemIDs, p.ID) {
			continue // mimesize's
		}
		s := fmt.Sprintf("%s %d", p.ID, p.Line)
		if p.Count > 1 {
			s += fmt.Sprintf(" x%d", p.Count)
		}
		if p.Detail != "" {
			s += " " + p.Detail
		}
		got = append(got, s)
	}
	return got
}

const (
	dated  = "Date: Mon, 02 Mar 2026 10:00:00 +0000\nMessage-ID: <1@mail.example.net>\n"
	good   = "From: Anna <anna@example.net>\nTo: bert@example.org\nSubject: Hello\n" + dated
	noFrom = "To: bert@example.org\nSubject: Hello\n" + dated
	noTo   = "From: Anna <anna@example.net>\nSubject: Hello\n" + dated
	noSubj = "From: Anna <anna@example.net>\nTo: bert@example.org\n" + dated
	noID   = "From: Anna <anna@example.net>\nTo: bert@example.org\nSubject: Hello\nDate: Mon, 02 Mar 2026 10:00:00 +0000\n"
	noDate = "From: Anna <anna@example.net>\nTo: bert@example.org\nSubject: Hello\nMessage-ID: <1@mail.example.net>\n"
)

func TestHeaderProblems(t *testing.T) {
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name, in string
		want     []string
	}{
		{"ordinary", good, nil},
		{"ordinary reply", good + "In-Reply-To: <a@b.example>\nReferences: <c@d.example>\n <a@b.example>\n", nil},
		{"comments and folds", "From: Anna\n (at home) <anna@example.net>\n" + noFrom, nil},
		{"other sender", good + "Sender: carl@example.net\n", nil},
		{"names and literals", "From: \"A. B\" <\"a b\"@[192.0.2.1]>\n" + noFrom, nil},
		{"MIME", good + "MIME-Version: 1.0 (mailer)\nContent-Type: text/plain\n", nil},
		{"list group", "To: The List: a@example.org, b@example.org;\n" + noTo, nil},

		{"nothing", "X-A: b\n", []string{
			"rfc.from_missing 1", "rfc.date_missing 1", "rfc.msgid_missing 1", "rfc.subject_missing 1", "rfc.recipients_none 1",
		}},
		{"delivered to nobody we know of", "Received: by mail.example.net; Mon, 02 Mar 2026 10:00:00 +0000\n" + noTo, []string{"rfc.received_present 1 received"}},
		{"two From", "From: b@example.net\n" + good, []string{"rfc.from_duplicate 2", "rfc.sender_required 2"}},
		{"two in From", "From: a@example.net,\n b@example.net\n" + noFrom, []string{"rfc.from_multiple 1 a@example.net, b@example.net", "rfc.sender_required 2"}},
		{"two in From and a sender", "From: a@example.net, b@example.net\nSender: a@example.net\n" + noFrom, []string{"rfc.from_multiple 1 a@example.net, b@example.net"}},
		{"empty From", "From:\n" + noFrom, []string{"rfc.address_syntax 1 no address"}},
		{"null From", "From: Mail <>\n" + noFrom, []string{"rfc.address_syntax 1 <>"}},
		{"comma in name", "From: B, Anna <anna@example.net>\n" + noFrom, []string{
			"rfc.address_unqualified 1 B", "rfc.from_multiple 1 B, anna@example.net", "rfc.sender_required 1",
		}},
		{"needless sender", good + "Sender: anna@example.net\n", []string{"rfc.sender_redundant 6 anna@example.net"}},
		{"twice", good + "Subject: Hello\nTo: bert@example.org\nTo: bert@example.org\n", []string{"rfc.header_duplicate 6 x3 to, subject"}},
		{"date", "Date: 2026-03-02\n" + noDate, []string{"rfc.date_syntax 1 2026-03-02"}},
		{"weekday", "Date: Tue, 2 Mar 2026 10:00:00 +0000\n" + noDate, []string{"rfc.date_syntax 1 not a Tue: Tue, 2 Mar 2026 10:00:00 +0000"}},
		{"obsolete zone", "Date: Mon, 2 Mar 26 10:00 GMT\n" + noDate, nil},
		{"date ahead", "Date: Mon, 02 Mar 2026 11:00:01 +0000\n" + noDate, []string{"rfc.date_skew 1 Mon, 02 Mar 2026 11:00:01 +0000"}},
		{"date at the limit ahead", "Date: Mon, 02 Mar 2026 11:00:00 +0000\n" + noDate, nil},
		{"date behind", "Date: Sun, 01 Mar 2026 09:59:59 +0000\n" + noDate, []string{"rfc.date_skew 1 Sun, 01 Mar 2026 09:59:59 +0000"}},
		{"date at the limit behind", "Date: Sun, 01 Mar 2026 10:00:00 +0000\n" + noDate, nil},
		{"id", "Message-ID: 1@example.net\n" + noID, []string{"rfc.msgid_syntax 1 1@example.net"}},
		{"id with colon", "Message-ID: <1:2@example.net>\n" + noID, []string{"rfc.msgid_syntax 1 <1:2@example.net>"}},
		{"id of nowhere", "Message-ID: <1@localhost.localdomain>\n" + noID, []string{"rfc.msgid_host 1 <1@localhost.localdomain>"}},
		{"id of an address", "Message-ID: <1@192.0.2.1>\n" + noID, []string{"rfc.msgid_host 1 <1@192.0.2.1>"}},
		{"references", good + "References: abc\nIn-Reply-To: abc\n", []string{"rfc.references_syntax 7 x2 abc"}},
		{"empty subject", "Subject: =?utf-8?q?_?=\n" + noSubj, []string{"rfc.subject_empty 1", "rfc.2047_excess 1 =?utf-8?q?_?="}},
		{"line end in subject", "Subject: =?utf-8?q?a=0D=0ABcc:_=C3=A4?=\n" + noSubj, []string{"rfc.subject_crlf 1 a\r\nBcc: ä"}},
		{"double dot", "From: a..b@example.net\n" + noFrom, []string{"rfc.address_syntax 1 a..b@example.net"}},
		{"final dot", "From: a@example.net.\n" + noFrom, []string{"rfc.address_syntax 1 a@example.net."}},
		{"route", "From: <@b.example:a@example.net>\n" + noFrom, []string{"rfc.address_syntax 1 a@example.net"}},
		{"semicolons", "To: a@example.org; b@example.org\n" + noTo, []string{"rfc.address_syntax 1 semicolon between addresses"}},
		{"broken on the third line", "To: a@example.org,\n b@example.org,\n b c d\n" + noTo, []string{"rfc.address_syntax 3 b c d"}},
		{"unqualified", "To: root, me@localhost\n" + noTo, []string{"rfc.address_unqualified 1 x2 root"}},
		{"long", "To: " + strings.Repeat("a", 64) + "@example.org, " + strings.Repeat("b", 65) + "@example.org\n" + noTo,
			[]string{"rfc.address_length 1 local part of " + strings.Repeat("b", 65) + "@example.org"}},
		{"not ASCII", "To: \u00e4@example.org\n" + noTo, []string{"rfc.address_nonascii 1 ä@example.org", "rfc.smtputf8 1 ä@example.org"}},
		{"domain not ASCII", "To: a@b\u00fccher.example\n" + noTo, []string{"rfc.address_nonascii 1 a@bücher.example"}},
		{"undisclosed", "To: undisclosed-recipients:;\n" + noTo, []string{"rfc.group_empty 1 undisclosed-recipients:;"}},
		{"reply to nobody", good + "Reply-To: not an address\n", []string{"rfc.replyto_syntax 6 not an address"}},
		{"trace", "Return-Path: <>\nDelivered-To: x@example.net\nAuthentication-Results: mx.example.net; none\n" + good, []string{
			"rfc.returnpath_present 1 return-path", "rfc.delivered_to 2 delivered-to", "rfc.authresults 3 authentication-results",
		}},
		{"Bcc", good + "Bcc: c@example.org\n", []string{"rfc.bcc_present 6"}},
		{"empty Bcc", good + "Bcc:\n", nil},
		{"resent", good + "Resent-To: c@example.org\nResent-Bcc: d@example.org\n", []string{
			"rfc.resent_bcc 7 resent-bcc", "rfc.resent_incomplete 6 no Resent-Date, Resent-From",
		}},
		{"obsolete", good + "Errors-To: a@example.net\nStatus: RO\n", []string{"rfc.obsolete_header 6 x2 errors-to, status"}},
		{"receipts", good + "Disposition-Notification-To: a@example.net, b@example.net\n", []string{"rfc.mdn_multiple 6 a@example.net, b@example.net"}},
		{"urgent", "Subject: URGENT news\nX-Priority: 1 (Highest)\n" + noSubj, []string{"rfc.importance 2"}},
		{"mailer alone", good + "X-Mailer: PHP/8.2\n", []string{"rfc.mailer_leak 6 PHP/8.2"}},
		{"script", good + "X-PHP-Originating-Script: 1000:mail.php\nX-Mailer: PHP/8.2\n", []string{"rfc.mailer_leak 6 x2 x-php-originating-script"}},
		{"word in quotes", "From: \"=?utf-8?q?J=C3=BCrgen?=\" <j@example.net>\n" + noFrom, []string{"rfc.2047_inquoted 1 =?utf-8?q?J=C3=BCrgen?="}},
		{"word as address", "To: =?utf-8?q?J=C3=BCrgen?=@example.org\n" + noTo, []string{"rfc.2047_inquoted 1 =?utf-8?q?J=C3=BCrgen?="}},
		{"words joined", "Subject: =?utf-8?q?=C3=A4?==?utf-8?q?=C3=B6?=\n" + noSubj, []string{"rfc.2047_adjacent 1 =?utf-8?q?=C3=A4?="}},
		{"no version", good + "Content-Type: text/plain\n", []string{"rfc.mime_version 6 content-type without MIME-Version"}},
		{"other version", good + "MIME-Version: 2.0\n", []string{"rfc.mime_version 6 2.0"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.want == nil {
				test.want = []string{}
			}
			f := makeFacts(t, test.in+"\nbody\n", nil, Options{Now: now})
			got := headerProblems(f)
			slices.Sort(got)
			slices.Sort(test.want)
			if d := cmp.Diff(test.want, got); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
		})
	}
}

func TestSkewNeedsClock(t *testing.T) {
	f := makeFacts(t, good+"\n", nil, Options{})
	if d := f.Header.Date; d.SkewSeconds != nil || d.Unix == nil || *d.Unix != 1772445600 {
		t.Errorf("%+v", d)
	}
	f = makeFacts(t, good+"\n", nil, Options{Now: time.Unix(1772445599, 0)})
	if d := f.Header.Date; d.SkewSeconds == nil || *d.SkewSeconds != 1 {
		t.Errorf("%+v", d)
	}
}

func TestRecipients(t *testing.T) {
	sender := "a@example.net"
	for _, test := range []struct {
		name, in string
		env      *Envelope
		want     Recipients
	}{
		{"none", "", nil, Recipients{}},
		{"one", "To: a@x.net\n", nil, Recipients{Total: 1, Unique: 1, HeaderUnique: 1, Visible: 1, To: 1, ToFields: 1, Domains: []string{"x.net"}, DomainCount: 1}},
		{
			"all fields", "To: a@x.net, b@x.net\nCc: A@X.net., c@y.net\nCc: d@y.net\nBcc: e@z.net, b@x.net\nResent-To: f@z.net\n", nil,
			Recipients{
				Total: 8, Unique: 6, HeaderUnique: 5, Visible: 4, To: 2, Cc: 3, Bcc: 2, Resent: 1, ToFields: 1, CcFields: 2, BccFields: 1,
				Duplicates: 2, DuplicateSample: []string{"A@x.net", "b@x.net"}, Domains: []string{"x.net", "y.net", "z.net"}, DomainCount: 3, Uncertain: true,
			},
		},
		{
			"envelope", "To: a@x.net\n", &Envelope{From: &sender, To: []string{"a@x.net", "b@x.net"}},
			Recipients{
				Total: 3, Unique: 2, HeaderUnique: 1, Visible: 1, To: 1, ToFields: 1, Envelope: 2, EnvelopeUnique: 2, EnvelopeKnown: true,
				Domains: []string{"x.net"}, DomainCount: 1,
			},
		},
		{
			"copies in the envelope", "To: a@x.net, c@x.net\n", &Envelope{To: []string{"b@x.net", "B@X.net", "a@x.net", "b@x.net"}},
			Recipients{
				Total: 6, Unique: 3, HeaderUnique: 2, Visible: 2, To: 2, ToFields: 1, Envelope: 4, EnvelopeUnique: 2, EnvelopeKnown: true,
				Domains: []string{"x.net"}, DomainCount: 1,
			},
		},
		{
			"two in one envelope recipient", "To: a@x.net\n", &Envelope{To: []string{"a b@x.net"}},
			Recipients{
				Total: 2, Unique: 2, HeaderUnique: 1, Visible: 1, To: 1, ToFields: 1, Envelope: 1, EnvelopeUnique: 1, EnvelopeKnown: true,
				Domains: []string{"x.net"}, DomainCount: 1, Uncertain: true,
			},
		},
		{
			"envelope recipient in quotes and brackets", "To: a@x.net\n", &Envelope{To: []string{`<"a b,c"@x.net>`}},
			Recipients{
				Total: 2, Unique: 2, HeaderUnique: 1, Visible: 1, To: 1, ToFields: 1, Envelope: 1, EnvelopeUnique: 1, EnvelopeKnown: true,
				Domains: []string{"x.net"}, DomainCount: 1,
			},
		},
		{
			"broken in the middle", "To: a@x.net, broken, c@x.net\n", nil,
			Recipients{
				Total: 3, Unique: 3, HeaderUnique: 3, Visible: 3, To: 3, ToFields: 1, Unqualified: 1,
				Domains: []string{"x.net"}, DomainCount: 1, Uncertain: true,
			},
		},
		{"semicolon", "To: a@x.net; c@x.net\n", nil, Recipients{
			Total: 2, Unique: 2, HeaderUnique: 2, Visible: 2, To: 2, ToFields: 1, Domains: []string{"x.net"}, DomainCount: 1, Uncertain: true,
		}},
		{"group", "To: g: a@x.net, b@x.net;, undisclosed:;\n", nil, Recipients{
			Total: 2, Unique: 2, HeaderUnique: 2, Visible: 2, To: 2, ToFields: 1, Groups: 2, EmptyGroups: 1, Domains: []string{"x.net"}, DomainCount: 1,
		}},
		{"roles and dummies", "To: Postmaster@x.net, sales.team@x.net, a@sub.example.com, b@c.test\n", nil, Recipients{
			Total: 4, Unique: 4, HeaderUnique: 4, Visible: 4, To: 4, ToFields: 1, Roles: []string{"Postmaster@x.net"},
			Dummies: []string{"a@sub.example.com", "b@c.test"}, Domains: []string{"c.test", "sub.example.com", "x.net"}, DomainCount: 3,
		}},
		{"sorted", "To: a@x.net, b@x.net, c@x.net\nCc: d@x.net, e@x.net, f@x.net\n", nil, Recipients{
			Total: 6, Unique: 6, HeaderUnique: 6, Visible: 6, To: 3, Cc: 3, ToFields: 1, CcFields: 1, Sorted: true, Domains: []string{"x.net"}, DomainCount: 1,
		}},
		{"five sorted", "To: a@x.net, b@x.net, c@x.net, d@x.net, e@x.net\n", nil, Recipients{
			Total: 5, Unique: 5, HeaderUnique: 5, Visible: 5, To: 5, ToFields: 1, Domains: []string{"x.net"}, DomainCount: 1,
		}},
		{"internationalized", "To: a@b\u00fccher.net, b@xn--bcher-kva.net\n", nil, Recipients{
			Total: 2, Unique: 2, HeaderUnique: 2, Visible: 2, To: 2, ToFields: 1, Domains: []string{"xn--bcher-kva.net"}, DomainCount: 1,
		}},
		{"quoted local part", "To: \"a\"@x.net, a@x.net\n", nil, Recipients{
			Total: 2, Unique: 1, HeaderUnique: 1, Visible: 1, To: 2, ToFields: 1, Duplicates: 1, DuplicateSample: []string{"a@x.net"},
			Domains: []string{"x.net"}, DomainCount: 1,
		}},
		{"blanks and quotes in a quoted local part", `To: " "@x.net, "a "@x.net, "\"a\""@x.net, <" b\\"@x.net>` + "\n", nil, Recipients{
			Total: 4, Unique: 4, HeaderUnique: 4, Visible: 4, To: 4, ToFields: 1, Domains: []string{"x.net"}, DomainCount: 1,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, p := range []*[]string{&test.want.Domains, &test.want.DuplicateSample, &test.want.Roles, &test.want.Dummies} {
				if *p == nil {
					*p = []string{}
				}
			}
			got := makeFacts(t, test.in+"From: x@example.net\n\n", test.env, Options{}).Recipients
			if d := cmp.Diff(test.want, got); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
		})
	}
}

func TestSenders(t *testing.T) {
	envelope := "Bounce@Example.NET"
	f := makeFacts(t, `Return-Path: <bounce@example.net>
From: "Bank =?utf-8?q?S=C3=BCd?= (service@bank.example)" <me@Mail.Example.co.uk.>
Sender: root
Reply-To: A <a@example.net>, <'b@example.net'>
Resent-From: c@example.net

`, &Envelope{From: &envelope}, Options{})
	want := Sender{
		From: []Address{{
			Field: "from", Address: "me@mail.example.co.uk", Local: "me", Domain: "mail.example.co.uk", DomainUnicode: "mail.example.co.uk",
			RegistrableDomain: "example.co.uk", DisplayName: "Bank Süd (service@bank.example)", DisplayNameAddress: "service@bank.example", Valid: true, Line: 2,
		}},
		Sender: []Address{{Field: "sender", Address: "root", Local: "root", Line: 3}},
		ReplyTo: []Address{
			{
				Field: "reply-to", Address: "a@example.net", Local: "a", Domain: "example.net", DomainUnicode: "example.net",
				RegistrableDomain: "example.net", DisplayName: "A", Valid: true, Line: 4,
			},
			{
				Field: "reply-to", Address: "b@example.net", Local: "b", Domain: "example.net", DomainUnicode: "example.net",
				RegistrableDomain: "example.net", Valid: true, Line: 4,
			},
		},
		ReturnPath: []Address{{
			Field: "return-path", Address: "bounce@example.net", Local: "bounce", Domain: "example.net", DomainUnicode: "example.net",
			RegistrableDomain: "example.net", Valid: true, Line: 1,
		}},
		ResentFrom: []Address{{
			Field: "resent-from", Address: "c@example.net", Local: "c", Domain: "example.net", DomainUnicode: "example.net",
			RegistrableDomain: "example.net", Valid: true, Line: 5,
		}},
		Envelope: &Address{
			Field: "envelope", Address: "Bounce@example.net", Local: "Bounce", Domain: "example.net", DomainUnicode: "example.net",
			RegistrableDomain: "example.net", Valid: true,
		},
		FromFields: 1, SenderFields: 1, ReplyToFields: 1, Uncertain: true,
	}
	if d := cmp.Diff(want, f.Sender); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func TestSenderTricks(t *testing.T) {
	for _, test := range []struct {
		from  string
		check func(a *Address) bool
	}{
		{"a@\u0435xample.com", func(a *Address) bool {
			return a.MixedScript && a.LookalikeOf == "example.com" && a.Domain == "xn--xample-2of.com"
		}},
		{"a@xn--xample-2of.com", func(a *Address) bool {
			return a.MixedScript && a.LookalikeOf == "example.com" && a.DomainUnicode == "\u0435xample.com"
		}},
		{"=?utf-8?q?a=E2=80=AEb?= <a@example.com>", func(a *Address) bool { return a.NameBidi }},
		{"a@co.uk", func(a *Address) bool { return a.PublicSuffix && a.RegistrableDomain == "" }},
		{"a@[192.0.2.1]", func(a *Address) bool { return a.Domain == "[192.0.2.1]" && a.Valid }},
		{"a@under_score.example", func(a *Address) bool { return !a.Valid }},
		{"a@good.example@bad.example", func(a *Address) bool { return a.Domain == "bad.example" && !a.Valid }},
		{"<@good.example:a@bad.example>", func(a *Address) bool { return a.Domain == "bad.example" }},
		{"caf\xe9 <a@example.com>", func(a *Address) bool { return a.DisplayName == "café" }},
	} {
		f := makeFacts(t, "From: "+test.from+"\n\n", nil, Options{})
		if len(f.Sender.From) != 1 || !test.check(&f.Sender.From[0]) {
			t.Errorf("%q: %+v", test.from, f.Sender.From)
		}
	}
	empty := ""
	if f := makeFacts(t, good+"\n", &Envelope{From: &empty}, Options{}); !f.Sender.NullEnvelope || f.Sender.Envelope != nil {
		t.Errorf("null sender: %+v", f.Sender)
	}
}

func TestSubject(t *testing.T) {
	for in, want := range map[string]Subject{
		"Hello":                         {Text: "Hello", Letters: 5, Capitals: 1},
		"=?utf-8?q?=C3=84B?=\n 1":       {Text: "ÄB 1", Letters: 2, Capitals: 2},
		"Re: a":                         {Text: "Re: a", Letters: 3, Capitals: 1, Reply: true},
		"AW[2]: a":                      {Text: "AW[2]: a", Letters: 3, Capitals: 2, Reply: true},
		"Fwd: a":                        {Text: "Fwd: a", Letters: 4, Capitals: 1, Forward: true},
		"Result: a":                     {Text: "Result: a", Letters: 7, Capitals: 1},
		"see www.example.net":           {Text: "see www.example.net", Letters: 16, URL: true},
		"for $ 5":                       {Text: "for $ 5", Letters: 3, Currency: true},
		"for 5€":                        {Text: "for 5€", Letters: 3, Currency: true},
		"$ and 5":                       {Text: "$ and 5", Letters: 3},
		"x" + strings.Repeat("y", 2000): {Text: "x" + strings.Repeat("y", 999), Length: 2001, Letters: 2001},
	} {
		want.Count = 1
		if want.Length == 0 {
			want.Length = len([]rune(want.Text))
		}
		if got := makeFacts(t, "Subject: "+in+"\n\n", nil, Options{}).Header.Subject; got != want {
			t.Errorf("%q:\n got %+v\nwant %+v", in, got, want)
		}
	}
}

func TestHeaderFacts(t *testing.T) {
	f := makeFacts(t, good+`Received: a
received: b
X-Mailer: Mailer 1.0
X-PHP-Script: example.net/mail.php
Importance: High
List-ID: The List <list.example.net>
List-Unsubscribe: <https://example.net/u
 ?a=1>, <mailto:u@example.net>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
Precedence: Bulk
Feedback-ID: a:b:c:d
X-Mailman-Version: 3
Auto-Submitted: Auto-Generated (rejected); x=y
X-Auto-Response-Suppress: All
DKIM-Signature: v=1; a=rsa-sha256; d=Example.NET; s=x;
 h=From:To:List-Unsubscribe:
 List-Unsubscribe-Post; b=abc=
DKIM-Signature: v=1; d=other.example; h=from; b=
ARC-Seal: i=1
Received-SPF: pass

`, nil, Options{})
	h := f.Header
	if h.Received != 2 || h.Mailer != "Mailer 1.0" || !h.PHPScript || !h.Priority || h.MessageID != (Unstruct{1, "<1@mail.example.net>"}) || h.Fields != 22 {
		t.Errorf("%+v", h)
	}
	if !slices.IsSorted(h.Names) || !slices.Contains(h.Names, "x-mailer") || len(h.Names) != 20 {
		t.Errorf("%d %q", len(h.Names), h.Names)
	}
	list := List{
		ID: "list.example.net", IDFields: 1, Unsubscribe: []string{"https://example.net/u?a=1", "mailto:u@example.net"}, UnsubscribeFields: 1,
		UnsubscribeHTTPS: true, UnsubscribeMailto: true, UnsubscribePost: "List-Unsubscribe=One-Click", OneClick: true,
		Precedence: "bulk", FeedbackID: "a:b:c:d", Software: "Mailman",
	}
	if d := cmp.Diff(list, f.List); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	if d := cmp.Diff(Automation{AutoSubmitted: "auto-generated", AutoResponseSuppress: true}, f.Automation); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	auth := Authentication{DKIM: 2, DKIMDomains: []string{"example.net", "other.example"}, DKIMCoversUnsubscribe: true, ARC: 1, ReceivedSPF: 1}
	if d := cmp.Diff(auth, f.Authentication); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

// TestManyRecipients reads more addresses than are kept, in a field that is longer than what is read at once.
func TestManyRecipients(t *testing.T) {
	var b strings.Builder
	b.WriteString("From: a@example.net\nTo: ")
	for i := range 100_000 {
		fmt.Fprintf(&b, "\"Name, %d\" <u%d@d%d.example.net>,\n ", i, i, i%100)
	}
	b.WriteString("last@example.net\n\n")
	f := makeFacts(t, b.String(), nil, Options{})
	r := f.Recipients
	// What fills the header takes nothing from the count of the envelope.
	env := &Envelope{To: []string{"b@example.net", "c@example.net", "b@example.net"}}
	if n := makeFacts(t, b.String(), env, Options{}).Recipients.EnvelopeUnique; n != 2 {
		t.Errorf("%d unique in the envelope, want 2", n)
	}
	if r.Total != 100_001 || r.To != r.Total || r.Unique != maxAddresses || !r.Uncertain || r.DomainCount != 100 {
		t.Errorf("%+v", r)
	}
	if !slices.ContainsFunc(f.Problems, func(p Problem) bool { return p.ID == "limit.addresses" && p.Count == 90_001 }) {
		t.Errorf("no limit.addresses in %+v", f.Problems)
	}
}

// TestHostileHeaders reads what costs other readers minutes.
func TestHostileHeaders(t *testing.T) {
	for name, in := range map[string]string{
		"comment in Message-ID": "Message-ID: <a@b> (" + strings.Repeat("a", 300_000) + ")\n\n",
		"nested comments":       "Message-ID: <a@b> " + strings.Repeat("(", 300_000) + "\n\n",
		"references":            "References: " + strings.Repeat("<a@b> ", 50_000) + "\n\n",
		"encoded words":         "Subject: " + strings.Repeat("=?utf-8?q?a?= ", 50_000) + "\n\n",
		"half encoded words":    "To: " + strings.Repeat("=?a?q?", 50_000) + "\n\n",
		"From with thousands":   "From: " + strings.Repeat("a@b.example, ", 50_000) + "\n\n",
		"fields":                strings.Repeat("To: a@b.example\n", 2000) + "\n",
		"tags":                  "DKIM-Signature: " + strings.Repeat("a=b;", 50_000) + "\n\n",
		"NUL":                   "From: a\x00b@c.example\nTo: \x00\n\n",
		"no header":             "\nbody\n",
		"empty":                 "",
	} {
		f := makeFacts(t, in, nil, Options{})
		if _, err := json.Marshal(f); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if len(f.Sender.From) > maxSenders {
			t.Errorf("%s: %d senders", name, len(f.Sender.From))
		}
	}
}

// TestNoNull holds that every list is [] in JSON when it holds nothing.
func TestNoNull(t *testing.T) {
	b, err := json.Marshal(makeFacts(t, "", nil, Options{}))
	if err != nil {
		t.Fatal(err)
	}
	var f map[string]any
	if err := json.Unmarshal(b, &f); err != nil {
		t.Fatal(err)
	}
	var nulls []string
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case nil:
			nulls = append(nulls, path)
		case map[string]any:
			for k, e := range v {
				walk(path+"."+k, e)
			}
		}
	}
	walk("", f)
	slices.Sort(nulls)
	if d := cmp.Diff([]string{".header.date.skew_seconds", ".header.date.unix", ".history", ".sender.envelope"}, nulls); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func TestProblemsAreBounded(t *testing.T) {
	m := maker{f: New(KindMessage), res: &mimesize.Result{Parts: make([]mimesize.Part, 200)}}
	for part := range 200 {
		m.problem("rfc.x", part, 1, strings.Repeat("\xff", 300))
		m.problem("rfc.x", part, 1, "")
	}
	if len(m.f.Problems) != maxSame {
		t.Errorf("%d problems", len(m.f.Problems))
	}
	var n int64
	for _, p := range m.f.Problems {
		n += p.Count
		if len(p.Detail) > maxDetail {
			t.Errorf("detail of %d octets", len(p.Detail))
		}
	}
	if n != 400 {
		t.Errorf("%d occurrences, want 400", n)
	}
}

// FuzzAddressList holds that the tolerant reader finds every address that the strict parser finds, and that reading does not
// depend on where a list is cut into pieces.
func FuzzAddressList(f *testing.F) {
	for _, s := range []string{
		"a@x, broken, c@x", `"foo <a@x>, b@x`, "<@a,@b:c@d>", "g: a@x; b@y", "=?utf-8?q?A,_B?= <a@x>", "a@[1], [b]@y", `"\"" (()) <a@x>`,
		"(a) b . c @ (d) e . f (g)", `"a@x"`, "mailto:a@x", "<<a@x>>", "a@x\x00, \xff@y", "'a@x'", `<"a b"@x>`, "a@b@c",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b := []byte(s)
		keys := map[string]bool{}
		var m maker
		var l listReader
		n := 0
		l.yield = func(mb *mailbox) {
			l.display(mb)
			if mb.null {
				return
			}
			n++
			a := m.address(mb)
			keys[a.key] = true
			f := &found{address: a, mb: mb, list: &l}
			m.senderAddress(f, "from", m.nameOf(f))
		}
		l.read(b)
		if n != l.count {
			t.Fatalf("%q: %d addresses, counted %d", s, n, l.count)
		}
		list, err := lib.AddressList(unfold(b))
		if err != nil {
			return
		}
		if len(list) > n {
			t.Fatalf("%q: %d addresses, the strict parser finds %d: %v", s, n, len(list), list)
		}
	})
}

func BenchmarkMake(b *testing.B) {
	message := []byte(strings.ReplaceAll("Received: from a.example by b.example with ESMTP; Mon, 02 Mar 2026 10:00:00 +0000\n"+good+
		"Cc: \"B, Carl\" <carl@example.org>, =?utf-8?q?J=C3=BCrgen?= <j@example.org>\nMIME-Version: 1.0\n"+
		"Content-Type: text/plain; charset=utf-8\n\nHello\n", "\n", "\r\n"))
	res, err := mimesize.Scan(bytes.NewReader(message))
	if err != nil {
		b.Fatal(err)
	}
	r := bytes.NewReader(message)
	b.ReportAllocs()
	b.SetBytes(int64(len(message)))
	for b.Loop() {
		Make(r, int64(len(message)), res, nil, Options{})
	}
}

func BenchmarkRecipients(b *testing.B) {
	var s strings.Builder
	s.WriteString("From: a@example.net\r\nTo: ")
	for i := range 100_000 {
		fmt.Fprintf(&s, "\"Name, %d\" <u%d@d%d.example.net>,\r\n ", i, i, i%100)
	}
	s.WriteString("last@example.net\r\n\r\n")
	message := []byte(s.String())
	res, err := mimesize.Scan(bytes.NewReader(message))
	if err != nil {
		b.Fatal(err)
	}
	r := bytes.NewReader(message)
	b.ReportAllocs()
	b.SetBytes(int64(len(message)))
	for b.Loop() {
		Make(r, int64(len(message)), res, nil, Options{})
	}
}

// TestProblemIDs holds the list of ids equal to the ids that the sources name.
func TestProblemIDs(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	id := regexp.MustCompile(`"((?:rfc|mime|limit)\.[a-z0-9_]+)"`)
	seen := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || file == "problems.go" {
			continue
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range id.FindAllStringSubmatch(string(b), -1) {
			if !slices.Contains(mimesize.IDs(), m[1]) {
				seen[m[1]] = true
			}
		}
	}
	if d := cmp.Diff(slices.Sorted(maps.Keys(seen)), ProblemIDs()); d != "" {
		t.Errorf("-sources +list\n%s", d)
	}
}
