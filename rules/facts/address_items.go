package facts

import "bytes"

// openAngle begins an address in angle brackets. What stood before it is its display name.
func (l *listReader) openAngle(at int) {
	if l.inAngle {
		l.damage |= badAngle
		if len(l.tokens) == 0 {
			return
		}
		l.endAngle()
	}
	if l.done {
		// <a@example.com> Name <b@example.com>
		l.damage |= badComma
		l.done = false
	}
	switch ats := l.tokenAts; {
	case ats == 0:
		l.phrase = append(l.phrase[:0], l.tokens...)
	case ats == 1 && l.single(l.tokens):
		l.damage |= badPhrase
		l.phrase = append(l.phrase[:0], l.tokens...)
	default:
		l.damage |= badComma
		l.phrase = append(l.phrase[:0], l.resolve(l.tokens)...)
	}
	l.clear()
	l.inAngle, l.route, l.angleAt = true, false, at
	l.spaced = false
}

// routeSoFar tells that what stands in angle brackets can be the beginning of a source route.
func (l *listReader) routeSoFar() bool {
	return len(l.tokens) > 0 && l.tokens[0].kind == atSign && l.tokenAts == 1 || l.route && len(l.tokens) == 0
}

// endAngle ends an address in angle brackets.
func (l *listReader) endAngle() {
	l.inAngle = false
	l.done = true
	t := l.tokens
	switch {
	case len(t) == 0 && !l.route:
		l.mb = mailbox{null: true, angle: true, off: l.angleAt, phrase: l.phrase, comment: l.comment}
		l.put()
	case len(t) == 0:
		l.damage |= badAngle
	case len(t) == 1 && t[0].kind == quoted && l.unquote(t[0]):
	case l.tokenAts == 1:
		l.angleAddress(t)
	case l.tokenAts == 0:
		l.words(t, true)
	default:
		l.resolve(t)
	}
	l.clear()
	l.phrase = l.phrase[:0]
	l.route = false
}

// angleAddress yields the one address that stands in angle brackets. Blanks in its local part belong to it.
func (l *listReader) angleAddress(t []token) {
	at := 0
	for t[at].kind != atSign {
		at++
	}
	end := l.domainEnd(t, at+1)
	if end < len(t) {
		l.damage |= trailing
	}
	obsolete := spacedWithin(t[:at]) || spacedWithin(t[at+1:end])
	start := l.localStart(t, at)
	if start > 0 {
		l.damage |= badAngle
	}
	l.mb = mailbox{at: true, angle: true, route: l.route, obsolete: obsolete, off: t[0].from, phrase: l.phrase, comment: l.comment}
	sep := ""
	if start > 0 {
		sep = " "
	}
	l.scratch = l.scratch[:0]
	l.mb.local = l.span(t[:at], sep)
	l.mb.domain = l.span(t[at+1:end], "")
	l.put()
}

// colon ends a group's name, a source route, or a scheme such as mailto.
func (l *listReader) colon() {
	l.spaced = true
	t := l.tokens
	switch {
	case l.inAngle && len(t) > 0 && t[0].kind == atSign && l.tokenAts == 1, l.inAngle && l.route && len(t) == 0:
		l.route = true
		l.clear()
	case l.inAngle:
		l.damage |= badAngle
		if l.tokenAts == 0 {
			l.clear()
		}
	case len(t) == 0:
		l.damage |= badGroup
	case t[0].kind == atSign:
		l.damage |= badAngle
		l.clear()
	case l.tokenAts > 0 || l.done:
		l.damage |= badPhrase
	case len(t) == 1 && bytes.EqualFold(l.s[t[0].from:t[0].to], []byte("mailto")):
		l.damage |= badPhrase
		l.clear()
	default:
		if l.inGroup {
			l.damage |= badGroup
			l.endGroup()
		}
		l.clear()
		l.inGroup = true
		l.groupCount = l.count
		l.groups++
	}
}

func (l *listReader) endGroup() {
	l.inGroup = false
	if l.count == l.groupCount {
		l.empty++
	}
}

// endItem ends what stands between two separators.
func (l *listReader) endItem() {
	t := l.tokens
	switch {
	case len(t) == 0:
	case l.tokenAts > 0:
		if l.done {
			l.damage |= badComma
		}
		if rest := l.resolve(t); len(rest) > 0 {
			l.damage |= trailing
		}
	case l.done:
		l.damage |= trailing
	case len(t) == 1 && t[0].kind == quoted && l.unquote(t[0]):
	default:
		l.words(t, false)
	}
	l.clear()
	l.comment = nil
	l.done = false
	l.spaced = false
}

// unquote reads what a quoted string holds that stands where an address belongs, if it holds an "@".
func (l *listReader) unquote(t token) bool {
	in := l.s[t.from+1 : t.to-1]
	if l.insideQuote || bytes.IndexByte(in, '@') < 0 {
		return false
	}
	l.damage |= quotedList
	if l.within == nil {
		l.within = &listReader{insideQuote: true}
		l.within.yield = func(mb *mailbox) {
			if !mb.at {
				return
			}
			l.mb = *mb
			l.mb.off += l.withinAt
			l.mb.phrase = l.phrase
			l.put()
		}
	}
	l.within.noQuotes, l.withinAt = true, t.from+1
	before := l.count
	l.within.scan(in)
	return l.count > before
}

// words yields words that stand where an address belongs.
func (l *listReader) words(t []token, angle bool) {
	l.scratch = l.scratch[:0]
	l.mb = mailbox{angle: angle, off: t[0].from, comment: l.comment, local: l.span(t, " ")}
	if angle {
		l.mb.phrase = l.phrase
	}
	l.put()
}

// put hands l.mb over.
func (l *listReader) put() {
	if !l.mb.null {
		l.count++
		if l.mb.at {
			l.ats++
		}
	}
	if l.yield != nil {
		l.yield(&l.mb)
	}
}

// single tells whether tokens are one address and nothing else.
func (l *listReader) single(t []token) bool {
	for at := range t {
		if t[at].kind == atSign {
			return l.localStart(t, at) == 0 && l.domainEnd(t, at+1) == len(t)
		}
	}
	return false
}

// localStart gives the first token of the local part that ends before t[at].
func (l *listReader) localStart(t []token, at int) int {
	i := at
	for i > 0 && t[i-1].kind != atSign && (i == at || l.joined(t, i)) {
		i--
	}
	return i
}

// domainEnd gives the end of the domain that begins with t[i].
func (l *listReader) domainEnd(t []token, i int) int {
	if i >= len(t) || t[i].kind == atSign {
		return i
	}
	for i++; i < len(t) && t[i].kind != atSign && l.joined(t, i); i++ {
		if i+1 < len(t) && t[i+1].kind == atSign && t[i].spaced {
			break // the local part of the next address
		}
	}
	return i
}

// joined tells whether t[i] goes on what t[i-1] is: nothing stands between them, or a dot (obs-local-part, obs-domain).
func (l *listReader) joined(t []token, i int) bool {
	return !t[i].spaced || l.s[t[i].from] == '.' || l.s[t[i-1].to-1] == '.'
}

func spacedWithin(t []token) bool {
	for i := 1; i < len(t); i++ {
		if t[i].spaced {
			return true
		}
	}
	return false
}

// span gives the text of tokens, with sep where blanks stood. Several tokens are put together in scratch, which the caller
// empties before the first span of a mailbox.
func (l *listReader) span(t []token, sep string) []byte {
	if len(t) == 0 {
		return nil
	}
	if len(t) == 1 {
		return l.s[t[0].from:t[0].to]
	}
	from := len(l.scratch)
	for i := range t {
		if i > 0 && t[i].spaced {
			l.scratch = append(l.scratch, sep...)
		}
		l.scratch = append(l.scratch, l.s[t[i].from:t[i].to]...)
	}
	return l.scratch[from:len(l.scratch):len(l.scratch)]
}

// resolve yields the addresses among tokens and gives the tokens after the last.
func (l *listReader) resolve(t []token) []token {
	first := true
	for {
		at := 0
		for at < len(t) && t[at].kind != atSign {
			at++
		}
		if at == len(t) {
			return t
		}
		start := l.localStart(t, at)
		end := l.domainEnd(t, at+1)
		for end < len(t) && t[end].kind == atSign && !t[end].spaced {
			// a@b@c is one address to every server that reads it at all.
			at = end
			end = l.domainEnd(t, at+1)
		}
		if start > 0 {
			l.damage |= trailing
		}
		if !first {
			l.damage |= badComma
		}
		l.mb = mailbox{
			at: true, off: t[start].from, comment: l.comment,
			obsolete: spacedWithin(t[start:at]) || spacedWithin(t[at+1:end]),
		}
		if start > 0 {
			l.mb.phrase = t[:start]
		}
		l.scratch = l.scratch[:0]
		l.mb.local = l.span(t[start:at], "")
		l.mb.domain = l.span(t[at+1:end], "")
		l.put()
		t = t[end:]
		first = false
	}
}
