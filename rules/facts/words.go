package facts

// decodeWords decodes the encoded words of a header value (RFC 2047). What cannot be decoded is left as it is; the result
// is UTF-8.
func (m *maker) decodeWords(s string) string { return clean(s) }
