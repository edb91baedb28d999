package facts_test

import (
	"os"
	"strings"
	"testing"
)

// readersFind has files that some reader was seen to call evil.exe, by what is peculiar of them.
var readersFind = []struct{ name, fields, repeated string }{
	{"two dispositions, GMime takes the last", "Content-Disposition: attachment; filename=a.pdf\nContent-Disposition: attachment; filename=evil.exe", "rfc.header_duplicate"},
	{"two dispositions, Python takes the first", "Content-Disposition: attachment; filename=evil.exe\nContent-Disposition: attachment; filename=a.pdf", "rfc.header_duplicate"},
	{"two types", "Content-Type: application/pdf; name=a.pdf\nContent-Type: application/pdf; name=evil.exe", "rfc.header_duplicate"},
	{"the same disposition twice", "Content-Disposition: attachment; filename=evil.exe\nContent-Disposition: attachment;\n filename=evil.exe", ""},
	{"filename and name", "Content-Type: application/pdf; name=evil.exe\nContent-Disposition: attachment; filename=a.pdf", ""},
	{"plain and extended", "Content-Disposition: attachment; filename=a.pdf; filename*=utf-8''evil.exe", ""},
	{"plain and in pieces", "Content-Disposition: attachment; filename=a.pdf; filename*0=evil; filename*1=.exe", ""},
	{"extended and in pieces", "Content-Disposition: attachment; filename*=utf-8''evil.exe; filename*0=a.pdf", ""},
	{"plain twice", "Content-Disposition: attachment; filename=a.pdf; filename=evil.exe", ""},
	{"a piece twice", "Content-Disposition: attachment; filename*0=evil.; filename*1=pdf; filename*1=exe", ""},
	{"a piece missing", "Content-Disposition: attachment; filename*0=evil.exe; filename*2=.pdf", ""},
	{"ended by NUL", "Content-Disposition: attachment; filename*=utf-8''evil.exe%00.pdf", ""},
	{"every backslash escapes", `Content-Disposition: attachment; filename="evil.e\xe"`, ""},
	{"a comment in a value", "Content-Disposition: attachment; filename=evil.exe(a.pdf)", ""},
	{"a comma after a value", "Content-Disposition: attachment; filename=evil.exe,", ""},
	{"a quote after a value", "Content-Disposition: attachment; filename=evil.exe\"", ""},
	{"an unknown charset", `Content-Disposition: attachment; filename="=?foo?q?evil=2Eexe?="`, ""},
	{"encoded twice", `Content-Disposition: attachment; filename="=?utf-8?q?=3D=3Futf-8=3Fq=3Fevil=3D2Eexe=3F=3D?="`, ""},
	{"no disposition", `Content-Disposition: filename="evil.exe"`, ""},
	{"no semicolon", `Content-Disposition: attachment, filename="evil.exe"`, ""},
}

func TestNamesOfOtherReaders(t *testing.T) {
	for _, c := range readersFind {
		t.Run(c.name, func(t *testing.T) {
			f := measure(t, top+"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n--b\n"+c.fields+"\n\nx\n--b--\n")
			if len(f.Attachments) != 1 || f.Attachments[0].Filename != "evil.exe" || f.Attachments[0].Extension != "exe" {
				t.Errorf("attachments %+v, want evil.exe", f.Attachments)
			}
			if got := ids(f, "rfc.header_duplicate"); got != c.repeated {
				t.Errorf("problems %q, want %q", got, c.repeated)
			}
		})
	}
}

// Of harmless names the first stays, whatever the others are, and of programs too.
func TestHarmlessOtherNames(t *testing.T) {
	for _, c := range []struct{ fields, want string }{
		{"Content-Type: application/pdf; name=b.pdf\nContent-Disposition: attachment; filename=a.pdf", "a.pdf"},
		{"Content-Type: application/pdf; name=b.com\nContent-Disposition: attachment; filename=a.exe", "a.exe"},
		{"Content-Disposition: attachment; filename=report.exe(1).pdf.txt", "report.exe"},
		{"Content-Disposition: attachment; filename=report(1).pdf", "report(1).pdf"},
		{"Content-Disposition: attachment; filename=a.txt; filename*=utf-8''b.txt", "a.txt"},
		{"Content-Disposition: attachment filename=a.txt", ""},
	} {
		f := measure(t, top+"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n--b\n"+c.fields+"\n\nx\n--b--\n")
		if len(f.Attachments) != 1 || f.Attachments[0].Filename != c.want {
			t.Errorf("%s: attachments %+v, want %q", c.fields, f.Attachments, c.want)
		}
	}
}

// Readers give a program without a name an extension by its type, so that it runs when it is opened.
func TestProgramWithoutName(t *testing.T) {
	for fields, want := range map[string]string{
		"Content-Type: application/x-msdownload":                                                     "exe",
		"Content-Type: Application/X-MSDownload\nContent-Disposition: attachment":                    "exe",
		"Content-Type: application/hta\nContent-Disposition: inline":                                 "hta",
		"Content-Type: application/java-archive":                                                     "jar",
		"Content-Type: application/x-msdownload; name=a.txt":                                         "txt",
		"Content-Type: application/octet-stream\nContent-Disposition: attachment":                    "",
		"Content-Type: application/pdf\nContent-Disposition: attachment; filename=\"exe.a-b_c.pdf\"": "pdf",
	} {
		f := measure(t, top+"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n--b\n"+fields+"\n\nx\n--b--\n")
		if len(f.Attachments) != 1 || f.Attachments[0].Extension != want {
			t.Errorf("%s: %+v, want %q", fields, f.Attachments, want)
		}
	}
}

// In a forwarded message a repeated field is as somebody else wrote it.
func TestRepeatedInForwarded(t *testing.T) {
	f := measure(t, top+"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n--b\nContent-Type: message/rfc822\n\n"+
		"From: c@example.com\nContent-Disposition: inline; filename=a.txt\nContent-Disposition: inline; filename=b.txt\n\nx\n--b--\n")
	if got := ids(f, "rfc.header_duplicate"); got != "" {
		t.Errorf("problems %q, want none", got)
	}
}

// The programs of this package are those that the rule blocks.
func TestPrograms(t *testing.T) {
	text, err := os.ReadFile("../../policies/spam/attachment_blocked_type/data.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(text), "\ngmail:\n")
	list, _, _ = strings.Cut(list, "\noutlook:\n")
	extensions := strings.Split(strings.ReplaceAll(strings.TrimSpace(list), " ", ""), "\n")
	if len(extensions) < 50 {
		t.Fatalf("%d extensions in the rule's data", len(extensions))
	}
	for _, line := range extensions {
		ext, ok := strings.CutSuffix(line, ":true")
		if !ok {
			t.Fatalf("%q is no extension", line)
		}
		f := measure(t, top+"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n--b\nContent-Type: application/pdf; name=evil."+strings.ToUpper(ext)+
			"\nContent-Disposition: attachment; filename=a.pdf\n\nx\n--b--\n")
		if a := f.Attachments; len(a) != 1 || a[0].Extension != ext {
			t.Errorf("evil.%s behind a.pdf: %+v", ext, a)
		}
	}
}
