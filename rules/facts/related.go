package facts

import (
	"strings"

	"postern/mimesize"
)

// contentID reads a Content-ID (RFC 2045 section 7: as a Message-ID), reports what is none, and gives it without brackets.
func (c *contents) contentID(i int, f mimesize.Field) string {
	v := c.value(f)
	id := strings.TrimSpace(v)
	if k := strings.IndexByte(id, '<'); k >= 0 {
		id = id[k+1:]
		if k = strings.IndexByte(id, '>'); k >= 0 {
			id = id[:k]
		}
	}
	inner := strings.TrimSpace(v)
	left, right, ok := strings.Cut(id, "@")
	if inner != "<"+id+">" || !ok || left == "" || right == "" || strings.ContainsAny(id, " \t<>()") && !strings.HasPrefix(left, "\"") || strings.Contains(right, "@") {
		c.problem("rfc.mime_related_syntax", i, f.Line, cut(v, 100))
	}
	return cut(strings.TrimSpace(id), 998)
}

// related compares the Content-IDs of the parts with the cid: URLs of the HTML (RFC 2392, RFC 2387). Parts inside a
// message/rfc822 part are another message's.
func (c *contents) related() {
	ids := map[string]int{}
	for i := range c.parts {
		id := c.parts[i].contentID
		if id == "" || c.res.Parts[i].Embedded {
			continue
		}
		if _, ok := ids[id]; ok {
			c.problem("rfc.mime_related_duplicate", i, c.res.Parts[i].Header.Line, cut(id, 100))
			continue
		}
		ids[id] = i
	}
	used := map[int]bool{}
	complete := map[int]bool{} // multipart/related whose HTML was read to its end
	for i := range c.texts {
		t := &c.texts[i]
		if !t.html {
			continue
		}
		if r := c.parts[t.part].related; r >= 0 {
			complete[r] = !t.cut
		}
		for _, cid := range t.cids {
			if p, ok := ids[cid]; ok {
				used[p] = true
			} else if !c.res.Truncated {
				c.problem("rfc.mime_related_unresolved", t.part, c.res.Parts[t.part].Header.Line, cut(cid, 100))
			}
		}
	}
	for i := range c.parts {
		p := &c.res.Parts[i]
		if p.Embedded || c.parts[i].contentID == "" || p.Parent < 0 || p.Ordinal == 1 || c.parts[i].location || used[i] ||
			c.parts[i].disposition == "attachment" || !complete[p.Parent] || c.res.Parts[p.Parent].MediaType != "multipart/related" {
			continue
		}
		c.problem("rfc.mime_related_unused", i, p.Header.Line, cut(c.parts[i].contentID, 100))
	}
}

// notFiles are types of application/* that mail programs read themselves.
var notFiles = words("application/pgp-signature,application/pgp-encrypted,application/pgp-keys,application/pkcs7-signature,application/x-pkcs7-signature," +
	"application/pkcs7-mime,application/x-pkcs7-mime,application/ms-tnef,application/ics,application/smil,application/smil+xml,application/pgp")

// dispositions reports parts that are files but do not say so: without Content-Disposition (RFC 2183) it is the reader's
// choice to show them as an attachment, as text, or not at all.
func (c *contents) dispositions() {
	for i := range c.parts {
		p, info := &c.res.Parts[i], &c.parts[i]
		major, _, _ := strings.Cut(p.MediaType, "/")
		if i == 0 || p.Embedded || p.Children > 0 || info.disposition != "" || info.contentID != "" || major != "application" && major != "audio" && major != "video" || notFiles.has(p.MediaType) {
			continue
		}
		switch c.res.Parts[p.Parent].MediaType {
		case "multipart/mixed", "multipart/alternative":
			c.problem("rfc.disposition", i, p.Header.Line, cut(p.MediaType, 100))
		}
	}
}
