package mimesize

// kind is the index of a problem's id in kindIDs; counting by kind needs no map.
type kind uint8

const (
	kBOM kind = iota
	kMboxPrefix
	kMboxFrom
	kHeaderName
	kHeaderCtl
	kHeaderFold
	kHeaderEightBit
	kHeaderLine998
	kHeaderLine78
	kHeaderTotal
	kBareLF
	kBareCR
	kSmuggling
	kNUL
	kBodyLine998
	kBodyLine78
	kFinalNewline
	kCTEEightBit
	kCTEUnknown
	kCTEComposite
	kCTEBinary
	kBase64Chars
	kBase64Padding
	kBase64Line76
	kQPLine76
	kQPSyntax
	kQPTrailing
	kTypeSyntax
	kBoundaryMissing
	kBoundaryLong
	kBoundaryChars
	kBoundaryTrailing
	kBoundaryClash
	kUnclosed
	kEmptyMultipart
	kSinglePart
	kDepth20
	kDuplicateType
	kDuplicateEncoding
	kBoundaryJunk
	kAfterClose
	kCROnly
	kCommentInType
	kBadParameter
	kNestedPrefix
	kBase64AfterPadding
	kMissingSeparator
	kFoldBeforeColon
	kEmbeddedEncoded
	kPartialMessage
	kUnclearType
	kLimitDepth
	kLimitParts
	kLimitHeaderBytes
	kLimitFields
	kLimitFieldBytes
	kinds
)

// kindIDs are the ids of the rule table. What each means and which RFC section it rests on stands there, once.
var kindIDs = [kinds]string{
	kBOM:                "rfc.bom",
	kMboxPrefix:         "rfc.mboxfrom_prefix",
	kMboxFrom:           "rfc.mboxfrom",
	kHeaderName:         "rfc.header_name",
	kHeaderCtl:          "rfc.header_ctl",
	kHeaderFold:         "rfc.header_fold",
	kHeaderEightBit:     "rfc.header_8bit",
	kHeaderLine998:      "rfc.header_line998",
	kHeaderLine78:       "rfc.header_line78",
	kHeaderTotal:        "rfc.header_total",
	kBareLF:             "rfc.eol_barelf",
	kBareCR:             "rfc.eol_barecr",
	kSmuggling:          "rfc.smuggling",
	kNUL:                "rfc.nul",
	kBodyLine998:        "rfc.body_line998",
	kBodyLine78:         "rfc.body_line78",
	kFinalNewline:       "rfc.body_finalnl",
	kCTEEightBit:        "rfc.cte_8bit",
	kCTEUnknown:         "rfc.cte_unknown",
	kCTEComposite:       "rfc.cte_composite",
	kCTEBinary:          "rfc.cte_binary",
	kBase64Chars:        "rfc.base64_chars",
	kBase64Padding:      "rfc.base64_padding",
	kBase64Line76:       "rfc.base64_line76",
	kQPLine76:           "rfc.qp_line76",
	kQPSyntax:           "rfc.qp_syntax",
	kQPTrailing:         "rfc.qp_trailing",
	kTypeSyntax:         "rfc.mime_ctype_syntax",
	kBoundaryMissing:    "rfc.mime_boundary_missing",
	kBoundaryLong:       "rfc.mime_boundary_long",
	kBoundaryChars:      "rfc.mime_boundary_chars",
	kBoundaryTrailing:   "rfc.mime_boundary_trailing",
	kBoundaryClash:      "rfc.mime_boundary_clash",
	kUnclosed:           "rfc.mime_unclosed",
	kEmptyMultipart:     "rfc.mime_empty",
	kSinglePart:         "rfc.mime_single",
	kDepth20:            "rfc.mime_depth",
	kDuplicateType:      "mime.ambiguous_duplicate_content_type",
	kDuplicateEncoding:  "mime.ambiguous_duplicate_encoding",
	kBoundaryJunk:       "mime.ambiguous_boundary_junk",
	kAfterClose:         "mime.ambiguous_after_close",
	kCROnly:             "mime.ambiguous_cr_only",
	kCommentInType:      "mime.ambiguous_comment_in_type",
	kBadParameter:       "mime.ambiguous_bad_parameter",
	kNestedPrefix:       "mime.ambiguous_nested_prefix",
	kBase64AfterPadding: "mime.ambiguous_base64_after_padding",
	kMissingSeparator:   "mime.ambiguous_missing_separator",
	kFoldBeforeColon:    "mime.ambiguous_fold_before_colon",
	kEmbeddedEncoded:    "mime.ambiguous_embedded_encoded",
	kPartialMessage:     "mime.ambiguous_partial_message",
	kUnclearType:        "mime.ambiguous_content_type",
	kLimitDepth:         "limit.depth",
	kLimitParts:         "limit.parts",
	kLimitHeaderBytes:   "limit.header_bytes",
	kLimitFields:        "limit.fields",
	kLimitFieldBytes:    "limit.field_bytes",
}

// maxPerKind bounds the problems that are kept of one kind; later ones are counted in the last that was kept.
const maxPerKind = 50

// maxDetail bounds the octets of the message that a problem quotes.
const maxDetail = 60

// IDs gives the ids of all problems that a scan can report.
func IDs() []string { return append([]string(nil), kindIDs[:]...) }

// problem notes one occurrence in part. detail is only copied when the problem is new.
func (s *Scanner) problem(k kind, part int, off, line int64, detail []byte) {
	s.problems(k, part, off, line, 1, detail)
}

func (s *Scanner) problems(k kind, part int, off, line, count int64, detail []byte) {
	n := s.seen[k]
	if n > 0 {
		last := &s.res.Problems[s.last[k]]
		if last.Part == part || n >= maxPerKind {
			last.Count += count
			return
		}
	}
	if len(detail) > maxDetail {
		detail = detail[:maxDetail]
	}
	s.last[k] = int32(len(s.res.Problems))
	s.seen[k] = n + 1
	s.res.Problems = append(s.res.Problems, Problem{
		ID: kindIDs[k], Part: part, Offset: off, Line: line, Count: count, Detail: string(detail),
	})
}
