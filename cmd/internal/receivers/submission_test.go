//go:build linux

package receivers_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"postern/cmd/internal/needs"
	"postern/cmd/internal/submit"
	fake "postern/cmd/internal/submit/fakeserver"
)

const (
	submissionHost = "smtp.example.com"
	submissionUser = "alice@example.com"
	submissionPass = "four score and seven"
)

// submissionServer is a Postfix as providers run it: TLS on one port, STARTTLS on another, AUTH by Cyrus SASL, and what it takes
// is delivered into a Maildir.
type submissionServer struct {
	*postfix
	implicit, starttls int // ports
	authority          *fake.Authority
}

func startSubmission(t *testing.T) *submissionServer {
	t.Helper()
	saslpasswd := needs.Program(t, "saslpasswd2")
	// Cyrus SASL has PLAIN and LOGIN in a package of their own.
	plugin := "/usr/lib/sasl2/libplain.so"
	if found, _ := filepath.Glob("/usr/lib/*/sasl2/libplain.so"); len(found) > 0 {
		plugin = found[0]
	}
	needs.File(t, plugin)
	s := &submissionServer{}
	var err error
	if s.authority, err = fake.NewAuthority(); err != nil {
		t.Fatal(err)
	}
	s.postfix = startExtended(t, nil, func(p *postfix) (main, table []string, err error) {
		if err := s.files(p, saslpasswd); err != nil {
			return nil, nil, err
		}
		owner, err := user.Lookup("postfix")
		if err != nil {
			return nil, nil, err
		}
		main = []string{
			"smtpd_sasl_auth_enable = yes", "smtpd_sasl_type = cyrus",
			"smtpd_sasl_path = submission", "smtpd_sasl_local_domain = example.com", "smtpd_sasl_security_options = noanonymous",
			"smtpd_tls_auth_only = yes", "smtpd_tls_cert_file = " + filepath.Join(p.Conf, "cert.pem"),
			"smtpd_tls_key_file = " + filepath.Join(p.Conf, "key.pem"),
			// As a provider has it: who has not logged in sends nothing, from this machine neither.
			"mynetworks =", "smtpd_relay_restrictions = permit_sasl_authenticated, reject",
			"smtpd_recipient_restrictions = check_recipient_access inline:{refused@example.net=REJECT}, permit_sasl_authenticated, reject",
			"virtual_mailbox_domains = example.net, example.org", "virtual_mailbox_base = " + filepath.Join(p.Dir, "mail"),
			"virtual_mailbox_maps = static:box/", "virtual_uid_maps = static:" + owner.Uid, "virtual_gid_maps = static:" + owner.Gid,
			"virtual_minimum_uid = 1", "virtual_mailbox_limit = 0", "message_size_limit = 4000000", "local_header_rewrite_clients =",
			"smtputf8_autodetect_classes = all",
		}
		table = []string{"virtual unix - n n - 20 virtual", "tlsmgr unix - - n 1000? 1 tlsmgr"}
		ports, err := freePorts(2)
		if err != nil {
			return nil, nil, err
		}
		s.implicit, s.starttls = ports[0], ports[1]
		for i, option := range []string{"smtpd_tls_wrappermode=yes", "smtpd_tls_security_level=encrypt"} {
			p.ports[postfixService{limit: int64(ports[i])}] = ports[i] // so that start waits for it
			table = append(table, fmt.Sprintf("127.0.0.1:%d inet n - n - 50 smtpd -o %s", ports[i], option))
		}
		return main, table, nil
	})
	return s
}

// files writes certificate, key and the password database.
func (s *submissionServer) files(p *postfix, saslpasswd string) error {
	cert, err := s.authority.Certificate(time.Now().Add(time.Hour), submissionHost, "localhost")
	if err != nil {
		return err
	}
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		return err
	}
	db := filepath.Join(p.Conf, "sasldb2")
	// Debian's Postfix has Cyrus SASL look there.
	if err := os.Mkdir(filepath.Join(p.Conf, "sasl"), 0o755); err != nil {
		return err
	}
	for name, data := range map[string][]byte{
		"cert.pem":             pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]}),
		"key.pem":              pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}),
		"sasl/submission.conf": []byte("pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: " + db + "\nmech_list: PLAIN LOGIN\n"),
	} {
		if err := os.WriteFile(filepath.Join(p.Conf, name), data, 0o600); err != nil {
			return err
		}
	}
	if err := os.Chmod(filepath.Join(p.Conf, "sasl", "submission.conf"), 0o644); err != nil {
		return err
	}
	cmd := exec.Command(saslpasswd, "-p", "-c", "-f", db, "-u", "example.com", "alice")
	cmd.Stdin = strings.NewReader(submissionPass)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("saslpasswd2: %w\n%s", err, out)
	}
	owner, err := user.Lookup("postfix")
	if err != nil {
		return err
	}
	uid, err := strconv.Atoi(owner.Uid)
	if err != nil {
		return err
	}
	mail := filepath.Join(p.Dir, "mail")
	if err := os.Mkdir(mail, 0o755); err != nil {
		return err
	}
	return errors.Join(os.Chown(mail, uid, -1), os.Chown(db, uid, -1))
}

// options are those that reach the server, by STARTTLS for odd numbers.
func (s *submissionServer) options(n int) submit.Options {
	o := submit.Options{Host: submissionHost, User: submissionUser, RootCAs: s.authority.Pool,
		Password: func(context.Context) (string, error) { return submissionPass, nil }}
	port := s.implicit
	if n%2 == 1 {
		o.TLS, port = submit.StartTLS, s.starttls
	}
	o.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	}
	return o
}

// submissionMessage makes message number n of a series that is the same in every run, in wire form.
func submissionMessage(n int) (wire []byte, from string, rcpts []string) {
	rnd := rand.New(rand.NewPCG(uint64(n), 6409))
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: Alice <alice@example.com>\r\nSubject: %d\r\nDate: Mon, 23 Nov 2026 09:30:00 +0000\r\n", n)
	fmt.Fprintf(&b, "Message-ID: <%d@example.com>\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: 8bit\r\n\r\n", n)
	lines := 1 + rnd.IntN(40)
	if n%50 == 7 {
		lines = 4000 // several blocks
	}
	for range lines {
		switch rnd.IntN(9) {
		case 0:
			b.WriteString(strings.Repeat(".", rnd.IntN(5)))
		case 1:
			b.WriteString("." + strings.Repeat("x", rnd.IntN(80)))
		case 2:
			b.WriteString("..")
		case 3: // 8-bit, valid and not
			raw := make([]byte, rnd.IntN(120))
			for i := range raw {
				raw[i] = byte(0x80 + rnd.IntN(0x80))
			}
			b.Write(raw)
		case 4:
			b.WriteString(strings.Repeat("long ", rnd.IntN(1000)))
		case 5: // around the ends of pieces
			b.WriteString(strings.Repeat("y", 998+rnd.IntN(3)))
		case 6:
			b.WriteString("From the beginning \t ")
		case 7:
		default:
			b.WriteString(strings.Repeat("word ", rnd.IntN(15)))
		}
		b.WriteString("\r\n")
	}
	b.WriteString([]string{"", "\r\n", ".\r\n", "\r\n.\r\n\r\n"}[n%4])
	from = []string{"alice@example.com", "", "alice+tag=x@example.com"}[n%3]
	for i := range 1 + n%3 {
		rcpts = append(rcpts, fmt.Sprintf("r%d-%d@%s", n, i, []string{"example.net", "example.org"}[i%2]))
	}
	return b.Bytes(), from, rcpts
}

var deliveredHead = regexp.MustCompile(`^Return-Path: <(.*)>\nX-Original-To: (.*)\nDelivered-To: (.*)\nReceived: .*\n(?:[ \t].*\n)*`)

// TestSubmission submits messages of many shapes to a real Postfix with TLS and AUTH, and finds every one of them octet for octet
// with every recipient and no other. POSTERN_LONG=1 sends 2,000.
func TestSubmission(t *testing.T) {
	count := 100
	if os.Getenv("POSTERN_LONG") != "" {
		count = 2000
	}
	server := startSubmission(t)
	var group errgroup.Group
	group.SetLimit(4)
	want := map[string]string{} // by recipient: sender, a line end, message as it is stored
	for n := range count {
		wire, from, rcpts := submissionMessage(n)
		for _, r := range rcpts {
			want[r] = from + "\n" + string(bytes.ReplaceAll(wire, []byte("\r\n"), []byte("\n")))
		}
		group.Go(func() error {
			reply, err := submit.Send(t.Context(), server.options(n), from, rcpts, bytes.NewReader(wire), int64(len(wire)))
			if err != nil {
				return fmt.Errorf("message %d: %w", n, err)
			}
			if reply.Code != 250 || !strings.Contains(reply.Text, "queued as") {
				return fmt.Errorf("message %d: %+v", n, reply)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	got := server.delivered(t, len(want))
	for r, w := range want {
		switch g, ok := got[r]; {
		case !ok:
			t.Errorf("%s has no mail", r)
		case g != w:
			t.Errorf("%s has another message:\n%.400q\nwant\n%.400q", r, g, w)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d recipients have mail, want %d", len(got), len(want))
	}
	t.Logf("%d messages for %d recipients are equal", count, len(want))
}

// delivered waits until count files are in the Maildir, and gives them by recipient.
func (s *submissionServer) delivered(t *testing.T, count int) map[string]string {
	t.Helper()
	dir := filepath.Join(s.Dir, "mail", "box", "new")
	var files []string
	for files = nil; len(files) < count; time.Sleep(20 * time.Millisecond) {
		if t.Context().Err() != nil {
			t.Fatal("interrupted")
		}
		files, _ = filepath.Glob(filepath.Join(dir, "*"))
	}
	got := map[string]string{}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		m := deliveredHead.FindSubmatch(raw)
		if m == nil {
			t.Fatalf("no head of a delivery: %.300q", raw)
		}
		if _, twice := got[string(m[3])]; twice {
			t.Errorf("%s has the message twice", m[3])
		}
		got[string(m[3])] = string(m[1]) + "\n" + string(raw[len(m[0]):])
	}
	return got
}

// TestSubmissionRefused has a real Postfix refuse: a password, a size, a recipient among others.
func TestSubmissionRefused(t *testing.T) {
	server := startSubmission(t)
	wire := []byte("From: alice@example.com\r\nSubject: x\r\n\r\ntext\r\n")
	send := func(o submit.Options, wire []byte, rcpts ...string) *submit.Error {
		t.Helper()
		_, err := submit.Send(t.Context(), o, submissionUser, rcpts, bytes.NewReader(wire), int64(len(wire)))
		var e *submit.Error
		if !errors.As(err, &e) {
			t.Fatalf("error %v", err)
		}
		t.Log(e)
		return e
	}
	for n := range 2 {
		o := server.options(n)
		o.Password = func(context.Context) (string, error) { return "wrong", nil }
		if e := send(o, wire, "bob@example.net"); e.Kind != submit.Auth || e.Code != 535 || e.Enhanced != "4.7.8" {
			t.Errorf("wrong password: %+v", e)
		}
		o = server.options(n)
		o.User = ""
		if e := send(o, wire, "bob@example.net"); e.Kind != submit.Permanent || e.Phase != "RCPT" {
			t.Errorf("no login: %+v", e)
		}
		o = server.options(n)
		if e := send(o, append(wire[:len(wire):len(wire)], bytes.Repeat([]byte("0123456789\r\n"), 400_000)...), "bob@example.net"); e.Kind != submit.Message || e.Enhanced != "5.3.4" {
			t.Errorf("too large: %+v", e)
		}
		if e := send(o, wire, "bob@example.net", "refused@example.net", "carol@example.org"); e.Kind != submit.Permanent || len(e.Refused) != 1 || e.Refused[0].Recipient != "refused@example.net" {
			t.Errorf("one recipient refused: %+v", e)
		}
		o.Host = "mail.example.com"
		if e := send(o, wire, "bob@example.net"); e.Kind != submit.TLS || e.Enhanced != "4.7.5" {
			t.Errorf("another name: %+v", e)
		}
	}
	// A message that is taken comes after all that were not: were one of those under way, it would be there first or soon.
	if _, err := submit.Send(t.Context(), server.options(0), submissionUser, []string{"last@example.net"}, bytes.NewReader(wire), int64(len(wire))); err != nil {
		t.Fatal(err)
	}
	got := server.delivered(t, 1)
	if _, ok := got["last@example.net"]; !ok || len(got) != 1 {
		t.Errorf("mail for %v", got)
	}
}

// TestProgramSubmits has the whole program, called as a sendmail, submit messages of many shapes to a real Postfix with TLS and AUTH:
// every recipient gets what was judged, octet for octet, and nobody else anything. POSTERN_LONG=1 sends 2,000.
func TestProgramSubmits(t *testing.T) {
	count := 40
	if os.Getenv("POSTERN_LONG") != "" {
		count = 2000
	}
	server := startSubmission(t)
	dir := t.TempDir()
	program := filepath.Join(dir, "sendmail")
	if out, err := exec.Command("go", "build", "-o", program, "postern/cmd/postern").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	write := func(name, text string) string {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	write("password", submissionPass+"\n")
	env := append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "POSTERN_") }),
		"SSL_CERT_FILE="+write("ca.pem", string(server.authority.PEM)))
	var conf [2]string
	for i, tls := range []string{"implicit", "starttls"} {
		// The messages are about octets, not about manners: what else stands against them is switched off.
		conf[i] = write(tls+".yaml", fmt.Sprintf("account:\n  username: alice\n  created: 2015-03-01\n  domains: [example.com]\n"+
			"disabled: [limit.text, recipients.dummy, rfc.body_line998, rfc.cte_8bit, rfc.charset_missing, spam.body_empty]\n"+
			"sendmail:\n  transport: smtp\n  log: log\n"+
			"submission:\n  host: localhost\n  port: %d\n  tls: %s\n  user: %s\n  password_file: password\n",
			[]int{server.implicit, server.starttls}[i], tls, submissionUser))
	}
	var group errgroup.Group
	group.SetLimit(4)
	want := map[string]string{} // by recipient: sender, a line end, message as it is stored
	for n := range count {
		wire, from, rcpts := submissionMessage(n)
		text := bytes.ReplaceAll(wire, []byte("\r\n"), []byte("\n"))
		for _, r := range rcpts {
			want[r] = from + "\n" + string(text)
		}
		if n%5 == 2 {
			text = wire // some callers end lines in CRLF
		}
		group.Go(func() error {
			for try := 0; ; try++ {
				cmd := exec.Command(program, append([]string{"-i", "-f", from, "--"}, rcpts...)...)
				cmd.Env = append(slices.Clone(env), "POSTERN_CONFIG="+conf[n%2])
				cmd.Stdin = bytes.NewReader(text)
				out, err := cmd.CombinedOutput()
				if err == nil && len(out) == 0 {
					return nil
				}
				// A server on a busy machine may not answer in time. The caller is told so, and comes again.
				if cmd.ProcessState.ExitCode() != 75 || !bytes.Contains(out, []byte("nothing was sent")) || try == 2 {
					return fmt.Errorf("message %d: %w: %s", n, err, out)
				}
				t.Logf("message %d again: %s", n, out)
			}
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	got := server.delivered(t, len(want))
	for r, w := range want {
		if g, ok := got[r]; !ok || g != w {
			t.Errorf("%s has %.400q\nwant\n%.400q", r, g, w)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d recipients have mail, want %d", len(got), len(want))
	}
	t.Logf("%d messages for %d recipients are equal", count, len(want))
}
