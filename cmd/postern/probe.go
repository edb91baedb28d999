package main

import (
	"context"
	"errors"
	"slices"

	"postern/cmd/internal/config"
	"postern/cmd/internal/gate"
	"postern/cmd/internal/submit"
	"postern/rules/facts"
)

// probed is the server of postern.yaml that is to be asked.
type probed struct{ options submit.Options }

// newProbe prepares to ask. It comes before any other program is started, because it takes a password that is in the
// environment out of it. Files are not named with it: a password goes to the host that one's own postern.yaml names, never
// to one that a directory which only is looked at names.
func newProbe(cfg *config.Config, paths []string) (*probed, error) {
	if len(paths) > 0 {
		return nil, gate.Usagef("name another postern.yaml with --config", "--probe asks the server of postern.yaml, and takes no files")
	}
	o, err := submit.ProbeConfig(cfg)
	if err != nil {
		var own *submit.Error
		if errors.As(err, &own) {
			err = errors.New(own.Text)
		}
		return nil, gate.Errorf(gate.Config, "postern init writes one", "%w", err)
	}
	return &probed{o}, nil
}

// ask puts what the server says to the settings of postern.yaml. A server that does not answer leaves nothing to judge.
func (p *probed) ask(ctx context.Context, found []facts.Setting, login bool) error {
	i := slices.IndexFunc(found, func(s facts.Setting) bool { return s.Format == "postern" && s.Host == p.options.Host })
	if i < 0 {
		return gate.Errorf(gate.Config, "write submission.host into postern.yaml", "nothing says where mail is submitted")
	}
	if login && p.options.User == "" {
		return gate.Errorf(gate.Config, "write submission.user and one of the password_ keys into postern.yaml", "--auth: nobody is named to log in as")
	}
	r, err := submit.Probe(ctx, p.options, login)
	if err != nil {
		hint := "the settings were not judged; check host and port, and whether a firewall lets the connection out"
		var own *submit.Error
		if errors.As(err, &own) && own.Kind == submit.Auth {
			hint = "the settings were not judged; without --auth no password is needed"
		}
		return gate.Errorf(gate.Unjudged, hint, "%w", err)
	}
	s := &found[i]
	s.User = p.options.User
	if s.Port == 0 {
		s.Port = r.Port
	}
	s.Probe = facts.Probe{
		Done: true, StartTLS: r.StartTLS, TLS: r.TLS, TLSProblem: r.TLSProblem, Certificate: r.Certificate, CertificateNames: r.Names,
		Key: r.Key, AuthClear: r.AuthClear, Auth: r.Auth, Login: r.Login, Size: r.Size, EightBitMIME: r.EightBit, SMTPUTF8: r.UTF8,
	}
	return nil
}
