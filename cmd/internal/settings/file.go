package settings

import (
	"net"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"postern/cmd/internal/config"
	"postern/rules/facts"
	"postern/rules/pattern"
)

// file is one file while it is read.
type file struct {
	path     string
	text     string
	cfg      *config.Config
	settings []facts.Setting
	errs     []*Error
	also     []string // other files that were read with it
}

// maxLineErrors bounds the errors of one file; a file that is something else is wrong on every line.
const maxLineErrors = 20

func (f *file) fail(line int, message string) { f.failIn(f.path, line, message) }

func (f *file) failIn(path string, line int, message string) {
	if len(f.errs) == maxLineErrors {
		message, line = "more errors are not shown", 0
	}
	if len(f.errs) <= maxLineErrors {
		f.errs = append(f.errs, &Error{File: path, Line: int64(line), Message: message})
	}
}

// start gives a setting that begins on a line of the file.
func (f *file) start(format string, line int) facts.Setting {
	return facts.Setting{File: f.path, Line: int64(line), Format: format}
}

// parsers read a file of the format that formatOfName and formatOfText give.
var parsers map[string]func(*file)

func init() {
	parsers = map[string]func(*file){
		"postern": posternFile, "msmtp": msmtp, "postfix": mainCF, "sasl": saslMap, "git": gitConfig, "nullmailer": nullmailer,
		"php": phpINI, "env": envFile, "compose": compose,
	}
}

// formatOfName tells a file's format by its name alone, "" if the name does not say.
func formatOfName(path string) string {
	name := strings.ToLower(filepath.Base(path))
	parent := strings.ToLower(filepath.Base(filepath.Dir(path)))
	yaml := strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
	switch {
	case name == config.FileName:
		return "postern"
	case name == "msmtprc", strings.HasSuffix(name, ".msmtprc"):
		return "msmtp"
	case name == "main.cf":
		return "postfix"
	case name == "sasl_passwd":
		return "sasl"
	case name == ".gitconfig", name == "gitconfig", name == "config" && (parent == ".git" || parent == "git"):
		return "git"
	case name == "remotes":
		return "nullmailer"
	case name == "php.ini", name == ".user.ini":
		return "php"
	case yaml && (strings.HasPrefix(name, "docker-compose") || strings.HasPrefix(name, "compose")):
		return "compose"
	case name == ".env", strings.HasPrefix(name, ".env."), strings.HasSuffix(name, ".env"):
		return "env"
	}
	return ""
}

var (
	looksCompose    = pattern.Of(`(?m)^services:\s*(?:#.*)?$`)
	looksPostern    = pattern.Of(`(?m)^submission:`)
	looksMsmtp      = pattern.Of(`(?m)^(?:defaults|account\s+\S+)`)
	looksGit        = pattern.Of(`(?mi)^\s*\[sendemail(?:\s|\]|\.)`)
	looksPostfix    = pattern.Of(`(?m)^(?:relayhost|smtpd?_[a-z0-9_]+|myhostname)\s*=`)
	looksPHP        = pattern.Of(`(?mi)^\s*(?:\[mail function\]|sendmail_path\s*=)`)
	looksNullmailer = pattern.Of(`(?m)^\s*[A-Za-z0-9.\-\[\]:]+\s+(?:smtp|qmqp)(?:\s+-|\s*$)`)
	looksEnv        = pattern.Of(`(?m)^\s*(?:export\s+)?[A-Za-z_][A-Za-z0-9_]*=`)
)

// formatOfText tells a file's format by what stands in it.
func formatOfText(text string) string {
	for _, c := range []struct {
		form   func() *regexp.Regexp
		format string
	}{{looksCompose, "compose"}, {looksPostern, "postern"}, {looksGit, "git"}, {looksPHP, "php"}, {looksPostfix, "postfix"},
		{looksMsmtp, "msmtp"}, {looksNullmailer, "nullmailer"}, {looksEnv, "env"}} {
		if c.form().MatchString(text) {
			return c.format
		}
	}
	return ""
}

// posternFile reads a postern.yaml that was named beside the one that configures the run.
func posternFile(f *file) {
	cfg, err := config.Parse(f.path, []byte(f.text), time.Now())
	if err != nil {
		for _, e := range err.(config.Errors) {
			f.fail(e.Line, e.Key+": "+e.Message)
		}
		return
	}
	f.settings = append(f.settings, own(cfg)...)
}

// numberedLines gives each line of text without its line end, with its 1-based number.
func numberedLines(text string, yield func(n int, line string)) {
	n := 0
	for line := range strings.Lines(text) {
		n++
		yield(n, strings.TrimRight(line, "\r\n"))
	}
}

// portOf reads a port by number or by its name in the list of services; 0 if it is neither.
func portOf(s string) int {
	switch strings.ToLower(s) {
	case "smtp":
		return 25
	case "smtps", "submissions", "ssmtp", "urd":
		return 465
	case "submission":
		return 587
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > 65535 {
		return 0
	}
	return n
}

// hostOf gives a host in lower case without brackets and final dot.
func hostOf(s string) string {
	s = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(s), "["), "]")
	return strings.ToLower(strings.TrimSuffix(s, "."))
}

// splitHost takes host, host:port, [host] and [host]:port apart; an IPv6 address without brackets is a host.
func splitHost(s string) (host string, port int) {
	if strings.HasSuffix(s, "]") || strings.Count(s, ":") > 1 && !strings.HasPrefix(s, "[") {
		return hostOf(s), 0
	}
	if h, p, err := net.SplitHostPort(s); err == nil {
		return hostOf(h), portOf(p)
	}
	return hostOf(s), 0
}

// truth reads the words that these formats have for true and false.
func truth(s string) (value, known bool) {
	switch strings.ToLower(s) {
	case "1", "on", "yes", "true", "y", "t", "enable", "enabled":
		return true, true
	case "0", "off", "no", "false", "n", "f", "disable", "disabled", "none":
		return false, true
	}
	return false, false
}

// switchOf is on or off for a truth value, unknown for anything else.
func switchOf(s string) string {
	v, known := truth(s)
	switch {
	case !known:
		return unknown
	case v:
		return on
	}
	return off
}
