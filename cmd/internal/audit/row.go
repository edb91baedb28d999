package audit

import (
	"cmp"
	"math"
)

// Kind says what became of something that the walk yielded.
type Kind uint8

// The kinds of Row.
const (
	Judged     Kind = iota // a message with a verdict, which can be unjudged
	Broken                 // something that could not be read as a message
	Duplicate              // a message with the octets of one that was judged
	Filtered               // a message that the filters leave out
	Undated                // a message that the filters leave out because it has no date
	Sampled                // a message that is not in the sample
	LeftOut                // an entry of a directory that was left out, for a Reason
	SegmentEnd             // a segment of an mbox was read
	PathEnd                // the path Name was walked
	kinds
)

// Place is where something comes in the walk. The order of places is that of the walk, whoever reads which part of it.
type Place struct {
	File    uint64 `json:"file"`    // number of the file, or of what else the walk came upon, from 0
	Segment uint64 `json:"segment"` // of the mbox, from 1; 0 for a file that is read as a whole
	Seq     uint64 `json:"seq"`     // in that
}

// Compare gives the order of two places.
func (p Place) Compare(o Place) int {
	return cmp.Or(cmp.Compare(p.File, o.File), cmp.Compare(p.Segment, o.Segment), cmp.Compare(p.Seq, o.Seq))
}

// The outcomes, as they are kept.
const (
	Pass uint8 = iota
	Fail
	Unjudged
)

// NoDate is the Unix of a message without a date that can be read.
const NoDate = math.MinInt64

// Bounds of what a row keeps of a message.
const (
	maxDomains     = 1000 // recipient domains
	MaxRecipients  = 1000 // hashes of recipients
	MaxAttachments = 20   // the largest
	MaxFindings    = 1000
	MaxText        = 300 // octets of any text out of a message
	MaxNotes       = 10
)

// Usual stands in Row.Skipped for Head.Skipped.
const Usual = "\x00"

// Row is what an audit keeps of one message, or of something else that the walk came upon. It holds addresses and subjects in
// the clear.
type Row struct {
	Place Place
	// Ordinal is the number of the message, from 0. It is not kept, but counted when rows are read in order.
	Ordinal uint64
	Kind    Kind
	// Size is the number of octets as stored.
	Size   int64
	Hash   [16]byte // of the octets, if Hashed
	Hashed bool
	// What follows is of kinds Judged and Broken only.
	Name, Path, Folder string
	Offset             int64 // of the message in Path
	// Line is its 1-based line in Path, 0 if that is not known. It is kept as a line of the segment.
	Line             int64
	Outcome          uint8
	Reason           string // why it is unjudged
	Skipped          string // the rules that were skipped, as one text that names them
	Octets           int64  // as counted against a server's SIZE
	Unix             int64  // of the Date field, or NoDate
	Sender, Domain   string // address of the sender in lower case, and its domain
	Subject          string
	Recipients       int64 // unique
	Uncertain        bool  // there can be more recipients
	Domains          []string
	Hashes           []uint32 // of the recipients' addresses
	Attachments      []Attachment
	AttachmentOctets int64 // encoded
	Body             uint64
	Compared         bool // Body is the fingerprint of the text (facts.Text.Fingerprint)
	Notes            []Note
	Findings         []Finding
	WhatIf           bool // the following are set
	OtherOutcome     uint8
	Other            []Finding // of the other policy, without Message
	// First, Next and Lines are those of a mailbox.Segment, of kind SegmentEnd only.
	First, Next, Lines int64
	// Dir tells that the path is a directory, of kind PathEnd only.
	Dir bool
}

// Reset makes r ready for another row. It keeps the memory of its lists.
func (r *Row) Reset(at Place) {
	*r = Row{
		Place: at, Unix: NoDate,
		Domains: r.Domains[:0], Hashes: r.Hashes[:0], Attachments: r.Attachments[:0], Notes: r.Notes[:0], Findings: r.Findings[:0], Other: r.Other[:0],
	}
}

// again makes r ready for a row of kind Judged or Broken that was kept, which has all other fields. It takes half the time of Reset.
func (r *Row) again() {
	r.Ordinal, r.Hash, r.First, r.Next, r.Lines, r.Dir = 0, [16]byte{}, 0, 0, 0, false
	r.Domains, r.Hashes, r.Attachments = r.Domains[:0], r.Hashes[:0], r.Attachments[:0]
	r.Notes, r.Findings, r.Other = r.Notes[:0], r.Findings[:0], r.Other[:0]
}

// Note is something odd about the way a message was stored.
type Note struct{ ID, Text string }

// Finding is what a row keeps of a finding.
type Finding struct {
	Rule     string
	Severity uint8 // 0 error, 1 warning, 2 info
	Line     int64
	Message  string
	Value    float64 // if HasValue, likewise Limit
	Limit    float64
	HasValue bool
	HasLimit bool
}

// Attachment is what a row keeps of an attachment.
type Attachment struct {
	Name, Type       string
	Encoded, Decoded int64 // Decoded is -1 if it is not known
}
