package main

import (
	"context"
	"errors"
	"fmt"

	"postern/cmd/internal/gate"
	"postern/cmd/internal/sendmail"
	"postern/cmd/internal/submit"
)

// submit sends the message to the account's server, which gets exactly the octets that were judged, and writes down what came of
// it. reply is what the server said to it.
func (h *handover) submit(ctx context.Context) (reply string, bad *sendmail.Error) {
	if err := h.note("submitting", gate.Taken); err != nil {
		return "", err
	}
	o := h.server
	o.Digest = &h.message.SHA256
	r, err := submit.Send(ctx, o, h.env.Sender, h.env.Recipients, h.message.File, h.message.Octets)
	if err != nil {
		bad = submitError(err)
		if bad.Live == gate.LoginRefused && h.set.AuthFailure == "permanent" {
			bad.Live, bad.Status = gate.LoginWrong, ""
		}
		what := "not sent: "
		if bad.Uncertain {
			what = "uncertain: "
		}
		h.noteStatus(what+bad.Err.Error(), bad.Answer().Status)
		return "", bad
	}
	reply = fmt.Sprintf("sent: %d %s %s", r.Code, r.Enhanced, r.Text)
	h.noteStatus(reply, r.Enhanced) // it is sent, whatever becomes of the line
	return reply, nil
}

// submitError gives an error of package submit its answer.
func submitError(err error) *sendmail.Error {
	var e *submit.Error
	if !errors.As(err, &e) {
		return &sendmail.Error{Live: gate.Failed, Err: err}
	}
	l := map[submit.Kind]gate.Live{
		submit.Temporary: gate.Deferred, submit.Permanent: gate.Rejected, submit.Uncertain: gate.TimedOut, submit.TLS: gate.Untrusted,
		submit.Auth: gate.LoginRefused, submit.Message: gate.Malformed, submit.Usage: gate.NoRecipients, submit.Setup: gate.Misconfigured,
	}[e.Kind]
	text := e.Error()[len(e.Enhanced):]
	out := &sendmail.Error{Live: l, Status: e.Enhanced, Err: errors.New(text[min(1, len(text)):]), Uncertain: e.Kind == submit.Uncertain}
	if !out.Uncertain {
		out.Hint = "nothing was sent"
	} else {
		out.Hint = "the server may have the message: the answer to it was lost"
	}
	return out
}
