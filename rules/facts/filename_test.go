package facts_test

import "testing"

// Programs that end a name at NUL write a.exe to disk; others see a text file.
func TestControlInFilename(t *testing.T) {
	for value, problems := range map[string]string{
		"filename*=utf-8''a.exe%00.txt":  "rfc.mime_param2231",
		"filename*=utf-8''a%1B%5B2J.txt": "rfc.mime_param2231",
		"filename*=utf-8''a%09b.txt":     "",
	} {
		f := measure(t, top+"Content-Disposition: attachment; "+value+"\n\nx\n")
		if got := ids(f, "rfc.mime_param2231", "rfc.content_type_name"); got != problems || len(f.Attachments) != 1 {
			t.Errorf("%s: problems %q, want %q; attachments %+v", value, got, problems, f.Attachments)
		}
	}
}

// Some readers take the first of two parameters of one name, some the last: a file must not have two names unseen.
func TestRepeatedFilename(t *testing.T) {
	for _, c := range []struct{ name, parameters, filename, problems string }{
		{"two", "filename=a.txt; filename=b.exe", "b.exe", "rfc.mime_param2231"},
		{"the same twice", "filename=a.txt; filename=a.txt", "a.txt", ""},
		{"two encoded", "filename*=utf-8''a.txt; filename*=utf-8''b.exe", "b.exe", "rfc.mime_param2231"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := measure(t, top+"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n--b\nContent-Disposition: attachment; "+
				c.parameters+"\n\nx\n--b--\n")
			if len(f.Attachments) != 1 || f.Attachments[0].Filename != c.filename {
				t.Errorf("attachments %+v, want one named %q", f.Attachments, c.filename)
			}
			if got := ids(f, "rfc.mime_param2231", "rfc.content_type_name"); got != c.problems {
				t.Errorf("problems %q, want %q", got, c.problems)
			}
		})
	}
}
