// Package submit hands one message to the account's submission server (RFC 6409), without an MTA on this machine.
//
// It promises little and keeps it. TLS is there and verified before anything is sent, or nothing is sent: there is no mode
// without it and no way back to clear text. A password is fetched only when the server has proved its name, and is in no
// argument, error or log. Either every recipient is taken or no octet of the message leaves. What goes over the wire is the
// message as it was given, octet for octet, with dots stuffed and nothing else: it has to be in CRLF form already, because
// whoever judged it judged that form. Only when the answer to the final dot is lost can nobody say whether the message was
// taken (RFC 1047): that is a third kind of result, and nothing is tried again here.
//
// # Calling it
//
// The caller has judged a sealed copy of the message in wire form and has its envelope:
//
//	o, err := submit.FromConfig(cfg) // host, TLS, user, password, pins, timeout of postern.yaml; an *Error too
//	o.Digest = &judged               // SHA-256 of what was judged: anything else is refused before the final dot
//	reply, err := submit.Send(ctx, o, "alice@example.com", []string{"bob@example.net"}, memfd, size)
//
// From is "" for the null sender; addresses stand without angle brackets. Send is to be called between reserving in the
// ledger and committing:
//
//	nil                commit; exit status 0; reply.Text goes into the decision log
//	Uncertain          keep the reservation, log "uncertain", exit 75 (never send again without being asked)
//	any other error    release the reservation, keep the message where held mail is kept, exit err.Sysexit()
//
// Every error of Send is an *Error. Its text begins with the enhanced status code, as pipe(8) wants it, is one line, and is
// safe to print. Refused lists the recipients that the server would not take, each with the server's words.
package submit
