package submit

import (
	"time"

	"postern/cmd/internal/config"
)

// FromConfig gives the options that the submission part of postern.yaml states. The error is an *Error of kind Setup: without a
// host, and where the file asks for what is not done, which is to send without TLS or without looking at the certificate.
//
// It takes a password that is in the environment out of it, so it is called once, and before other programs are started.
func FromConfig(cfg *config.Config) (Options, error) {
	o, wrong := fromConfig(cfg)
	if wrong != nil {
		return Options{}, wrong
	}
	bad := func(text string) (Options, error) { return Options{}, newError(Setup, "", "4.3.5", "%s", text) }
	switch sub := cfg.Submission; {
	case sub.TLS == "none":
		return bad("submission.tls is none, and nothing is sent without TLS: write implicit or starttls")
	case sub.Verify != nil && !*sub.Verify:
		return bad("submission.verify is false, and nothing is sent to a server that has not proved its name: remove it")
	case o.User == "" && sub.Auth != nil && *sub.Auth:
		return bad("submission.auth is true and there is no submission.user")
	}
	return o, nil
}

func fromConfig(cfg *config.Config) (Options, *Error) {
	sub := cfg.Submission
	if sub == nil || sub.Host == "" {
		return Options{}, newError(Setup, "", "4.3.5", "nothing says where mail is submitted: write submission.host into postern.yaml")
	}
	o := Options{Host: sub.Host, Port: sub.Port, User: sub.User, Pins: sub.Pins, Limits: Timeouts{Total: sub.Timeout}}
	// Without a word about it TLS begins at once, but where the port says that it cannot.
	if sub.TLS == "starttls" || sub.TLS != "implicit" && (sub.Port == 587 || sub.Port == 25) {
		o.TLS = StartTLS
	}
	if o.User == "" {
		return o, nil
	}
	source := Source{Command: sub.PasswordCommand, Dir: cfg.Dir(), Credential: sub.PasswordCredential, Env: sub.PasswordEnv}
	if sub.PasswordFile != "" {
		source.File = cfg.Path(sub.PasswordFile)
	}
	o.Password = NewPassword(source).Get
	return o, nil
}

// ProbeConfig asks the server of postern.yaml. What the file says of TLS and certificates is not held against it here: that is
// judged by the rules.
func ProbeConfig(cfg *config.Config) (Options, error) {
	o, bad := fromConfig(cfg)
	if bad != nil {
		return o, bad
	}
	if o.Limits.Total == 0 {
		o.Limits.Total = time.Minute // somebody waits at a terminal
	}
	return o, nil
}
