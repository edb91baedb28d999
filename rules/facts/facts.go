package facts

// SchemaVersion is the version of the Rego input. It grows when a field changes its meaning or goes away; new fields do not
// change it.
const SchemaVersion = 1

// Kinds of input.
const (
	KindMessage  = "message"  // a message with its envelope
	KindSettings = "settings" // settings of programs that submit mail, no message
)

// Origins of a message.
const (
	OriginMessage  = "message"  // a message as it was found
	OriginTemplate = "template" // a message that was rendered from a template, or is one
)

// Facts is what was measured of a message, or of submission settings. It is the Rego input: closed, versioned and fully
// defined by policies/input.schema.json. Every field is always there; a list that holds nothing is [], never null; what
// could not be known is null and leaves a problem behind. Sizes are octets.
type Facts struct {
	SchemaVersion  int            `json:"schema_version"`
	Kind           string         `json:"kind"`
	Origin         string         `json:"origin"` // "message", or "template" for one that was rendered from a template or is one
	Opaque         bool           `json:"opaque"` // the message is a template whose values are not known: what its placeholders stand for can be anything
	Size           Size           `json:"size"`
	Lines          Lines          `json:"lines"`
	Header         Header         `json:"header"`
	Sender         Sender         `json:"sender"`
	Recipients     Recipients     `json:"recipients"`
	Parts          []Part         `json:"parts"`
	Attachments    []Attachment   `json:"attachments"`
	Embedded       []Attachment   `json:"embedded_attachments"`
	Archived       []HeldFile     `json:"archived_files"` // files in attached zip, tar and gzip archives, also in message/rfc822 parts: of each archive one file of each kind
	Text           Text           `json:"text"`
	Links          Links          `json:"links"`
	HTML           HTML           `json:"html"`
	Leftovers      Leftovers      `json:"leftovers"`
	Variables      []Variable     `json:"variables"`
	List           List           `json:"list"`
	Automation     Automation     `json:"automation"`
	Authentication Authentication `json:"authentication"`
	WebScript      bool           `json:"web_script"` // a web script sent it: the caller said so (Envelope.WebScript), or the header names the script (header.php_script)
	History        *History       `json:"history"`    // what the account sent before, as the ledger has it; null without a ledger
	Problems       []Problem      `json:"problems"`
	Settings       []Setting      `json:"settings"`

	// Later makes what was put off (Options.Later) if it is wanted, and is nil if nothing was. Complete and Forget call it.
	Later func(wanted bool) `json:"-"`
	// Keep says that the facts may still be read at a time that nobody knows, so that their Memory leaves them alone. It is nil for
	// facts that are in none.
	Keep func() `json:"-"`
}

// Complete makes what Options.Later has put off. Without anything put off it does nothing.
func (f *Facts) Complete() { f.end(true) }

// Forget says that nobody needs what Options.Later has put off. It saves memory.
func (f *Facts) Forget() { f.end(false) }

func (f *Facts) end(wanted bool) {
	if later := f.Later; later != nil {
		f.Later = nil
		later(wanted)
	}
}

// Size holds the octets of the message under each way of counting (reference: RFC 1870, Postfix, qmail).
type Size struct {
	WireBytes           int64 `json:"wire_bytes"`      // RFC 1870: every line end as CRLF
	DataBytes           int64 `json:"data_bytes"`      // wire_bytes and the last line's CRLF if it lacks one: what a server compares with its SIZE
	StoredBytes         int64 `json:"stored_bytes"`    // as stored, without prefix
	LFBytes             int64 `json:"lf_bytes"`        // stored with LF, as qmail's databytes counts
	HeaderBytes         int64 `json:"header_bytes"`    // the message's own header block, wire octets
	SeparatorBytes      int64 `json:"separator_bytes"` // the empty line after it, wire octets
	BodyBytes           int64 `json:"body_bytes"`      // everything after it, wire octets: "the message body and the sum of all attachments in their encoded state"
	PrefixBytes         int64 `json:"prefix_bytes"`    // mbox "From " or ">From " line or byte order mark before the message, as stored
	AttachmentsBytes    int64 `json:"attachments_bytes"`
	LargestAttachment   int64 `json:"largest_attachment_bytes"` // encoded
	LargestDecodedBytes int64 `json:"largest_decoded_bytes"`    // decoded size of the attachment that is largest when decoded
	OverheadBytes       int64 `json:"overhead_bytes"`           // boundary lines, preambles, epilogues: wire octets
}

// Lines is the census of lines.
type Lines struct {
	Count          int64 `json:"count"`
	CRLF           int64 `json:"crlf"`
	LF             int64 `json:"lf"`
	CR             int64 `json:"cr"`
	Longest        int64 `json:"longest"`
	LongestLine    int64 `json:"longest_line"`
	Over998        int64 `json:"over_998"`
	Over78         int64 `json:"over_78"`
	HeaderEightBit int64 `json:"header_eight_bit"`
	BodyEightBit   int64 `json:"body_eight_bit"`
	NUL            int64 `json:"nul"`
	Terminated     bool  `json:"terminated"`
}

// Header holds facts of the message's own header block.
type Header struct {
	Fields int      `json:"fields"` // number of fields
	Names  []string `json:"names"`  // field names, lower case, unique, sorted
	// Lines are the lines of the first field of each name, in their order: for places of findings, not for rules.
	Lines       []FieldLine `json:"-"`
	Received    int         `json:"received"`
	Subject     Subject     `json:"subject"`
	MessageID   Unstruct    `json:"message_id"`
	Date        Date        `json:"date"`
	InReplyTo   bool        `json:"in_reply_to"`
	References  bool        `json:"references"`
	MIMEVersion bool        `json:"mime_version"`
	Mailer      string      `json:"mailer"`     // X-Mailer or User-Agent
	PHPScript   bool        `json:"php_script"` // X-PHP-Script or X-PHP-Originating-Script is present: sent by way of a web script
	Priority    bool        `json:"priority"`   // X-Priority 1 or 2, Importance: high
}

// FieldLine is a name of header fields, in lower case, and the line that the first of them begins on.
type FieldLine struct {
	Name string
	Line int64
}

// FirstLine gives the line of the first field of a name, in lower case; 0 if there is none.
func (h *Header) FirstLine(name string) int64 {
	for i := range h.Lines {
		if h.Lines[i].Name == name {
			return h.Lines[i].Line
		}
	}
	return 0
}

// Unstruct is a field that is kept as text.
type Unstruct struct {
	Count int    `json:"count"` // number of fields of that name
	Value string `json:"value"` // of the first, unfolded, at most 998 octets
}

// Subject is the subject as people see it.
type Subject struct {
	Count    int    `json:"count"`
	Text     string `json:"text"` // of the first, decoded (RFC 2047), at most 1,000 characters
	Length   int    `json:"length"`
	Letters  int    `json:"letters"` // cased letters
	Capitals int    `json:"capitals"`
	URL      bool   `json:"url"`      // holds http://, https:// or www.
	Currency bool   `json:"currency"` // holds a currency sign beside a number
	Reply    bool   `json:"reply"`    // begins with Re: or a localized form
	Forward  bool   `json:"forward"`
}

// Date is the Date field.
type Date struct {
	Count       int    `json:"count"`
	Unix        *int64 `json:"unix"`         // null if none parses
	SkewSeconds *int64 `json:"skew_seconds"` // date minus the clock of the run; null if unknown
}

// Address is one mailbox of a sender field. Strings that do not apply are "".
type Address struct {
	Field              string `json:"field"`   // lower-case name of the field it stood in, or "envelope"
	Address            string `json:"address"` // addr-spec; domain lower case and as A-label, one final dot dropped, local part as written
	Local              string `json:"local"`
	Domain             string `json:"domain"`               // lower case, A-label where IDNA can make one
	DomainUnicode      string `json:"domain_unicode"`       // U-label form
	RegistrableDomain  string `json:"registrable_domain"`   // by the public suffix list; "" for literals, single labels and public suffixes
	PublicSuffix       bool   `json:"public_suffix"`        // the domain is itself a public suffix
	DisplayName        string `json:"display_name"`         // decoded (RFC 2047)
	DisplayNameAddress string `json:"display_name_address"` // an address inside the display name that is not this address, normalised
	MixedScript        bool   `json:"mixed_script"`         // domain mixes scripts (UTS 39)
	LookalikeOf        string `json:"lookalike_of"`         // ASCII domain that the domain's skeleton is equal to, if it differs from the domain (UTS 39)
	NameBidi           bool   `json:"name_bidi"`            // bidirectional control or zero-width characters in the display name
	Valid              bool   `json:"valid"`                // mailbox by RFC 5321 section 4.1.2, UTF-8 as RFC 6531 allows, with a domain
	Line               int64  `json:"line"`
}

// Sender holds every address that says who sent the message, of all occurrences of each field.
type Sender struct {
	From          []Address `json:"from"`
	Sender        []Address `json:"sender"`
	ReplyTo       []Address `json:"reply_to"`
	ReturnPath    []Address `json:"return_path"`
	ResentFrom    []Address `json:"resent_from"` // Resent-From and Resent-Sender
	Envelope      *Address  `json:"envelope"`    // null when no envelope sender was given or it is the null sender
	NullEnvelope  bool      `json:"null_envelope"`
	FromFields    int       `json:"from_fields"`
	SenderFields  int       `json:"sender_fields"`
	ReplyToFields int       `json:"reply_to_fields"`
	Uncertain     bool      `json:"uncertain"` // some field did not parse; addresses are then the tolerant reader's
}

// Recipients holds numbers and sets; no rule needs to loop over addresses.
type Recipients struct {
	Total           int      `json:"total"`         // addresses in To, Cc, Bcc, Resent-* and the envelope, copies counted; without an envelope in Apparently-To too
	Unique          int      `json:"unique"`        // the same, each address once (compared without regard to case)
	HeaderUnique    int      `json:"header_unique"` // unique in To, Cc and Bcc
	Visible         int      `json:"visible"`       // unique in To and Cc: what each recipient can read
	To              int      `json:"to"`            // addresses in To, copies counted; the same below
	Cc              int      `json:"cc"`
	Bcc             int      `json:"bcc"`
	Resent          int      `json:"resent"`
	Envelope        int      `json:"envelope"`
	EnvelopeUnique  int      `json:"envelope_unique"` // unique in the envelope: who receives the message, when an envelope was given
	EnvelopeKnown   bool     `json:"envelope_known"`
	ToFields        int      `json:"to_fields"`
	CcFields        int      `json:"cc_fields"`
	BccFields       int      `json:"bcc_fields"`
	ResentBccFields int      `json:"resent_bcc_fields"`
	Groups          int      `json:"groups"`       // RFC 5322 groups
	EmptyGroups     int      `json:"empty_groups"` // such as undisclosed-recipients:;
	Unqualified     int      `json:"unqualified"`  // unique addresses without a domain
	Domains         []string `json:"domains"`      // unique domains, sorted, at most 1,000
	DomainCount     int      `json:"domain_count"`
	Duplicates      int      `json:"duplicates"` // addresses named again within To, Cc, Bcc
	DuplicateSample []string `json:"duplicate_sample"`
	Roles           []string `json:"roles"`     // role accounts (RFC 2142) among them, at most 20
	Dummies         []string `json:"dummies"`   // addresses under RFC 2606 and RFC 6761 names, at most 20
	Sorted          bool     `json:"sorted"`    // six or more in To and Cc, in alphabetical order
	Uncertain       bool     `json:"uncertain"` // some list did not parse, or a limit was reached: the numbers are the best that the text supports, never smaller
}

// Part is a node of the MIME tree.
type Part struct {
	Path         string `json:"path"` // "0" is the message itself
	MediaType    string `json:"media_type"`
	Charset      string `json:"charset"`
	Encoding     string `json:"encoding"`
	Disposition  string `json:"disposition"`
	HeaderBytes  int64  `json:"header_bytes"`
	EncodedBytes int64  `json:"encoded_bytes"`
	DecodedBytes *int64 `json:"decoded_bytes"` // null for an unknown encoding
	Line         int64  `json:"line"`
	Children     int    `json:"children"`
	Embedded     bool   `json:"embedded"` // inside a message/rfc822 part
}

// Attachment is a part with disposition attachment or with a file name (RFC 2183; name= of Content-Type counts).
type Attachment struct {
	Path            string `json:"path"`
	Filename        string `json:"filename"`         // decoded (RFC 2231, RFC 2047), "" if there is none
	Extension       string `json:"extension"`        // lower case, without the dot; of a program without a name that of its type
	DoubleExtension bool   `json:"double_extension"` // such as invoice.pdf.exe
	NameBidi        bool   `json:"name_bidi"`        // bidirectional control or zero-width characters in the name
	NamePath        bool   `json:"name_path"`        // slash, backslash or drive in the name
	DeclaredType    string `json:"declared_type"`
	SniffedType     string `json:"sniffed_type"` // from the first octets, "" if unknown
	Disposition     string `json:"disposition"`
	Encoding        string `json:"encoding"`
	EncodedBytes    int64  `json:"encoded_bytes"` // wire octets
	DecodedBytes    *int64 `json:"decoded_bytes"`
	EncryptedZip    bool   `json:"encrypted_zip"` // the archive's first entry is encrypted; archived_files tells of all
	Wasteful        string `json:"wasteful"`      // the transfer encoding that would be smaller by a tenth or more, else ""
	SavedBytes      int64  `json:"saved_bytes"`
	Line            int64  `json:"line"`
}

// HeldFile is a file that stands in an archive or in a text, as far as its name shows. Files of one kind have the same extension,
// are all encrypted or none, and have all a double extension or none; one of them is listed.
type HeldFile struct {
	Container       string `json:"container"`        // name of the archive, its type if it has none, "" for a text
	Filename        string `json:"filename"`         // with the folders of the archive
	Extension       string `json:"extension"`        // lower case, without the dot
	DoubleExtension bool   `json:"double_extension"` // such as invoice.pdf.exe
	Encrypted       bool   `json:"encrypted"`        // with the password of the archive
	Embedded        bool   `json:"embedded"`         // inside a message/rfc822 part
	Path            string `json:"path"`             // MIME path of the part that holds it
	Line            int64  `json:"line"`             // 1-based line that the part begins on
}

// Text holds facts of the decoded text parts that are not attachments, each read up to 1 MiB.
type Text struct {
	PlainParts         int           `json:"plain_parts"`
	HTMLParts          int           `json:"html_parts"`
	PlainBytes         int64         `json:"plain_bytes"` // decoded, line ends counted as one octet
	HTMLBytes          int64         `json:"html_bytes"`
	PlainWords         int           `json:"plain_words"`
	HTMLWords          int           `json:"html_words"` // visible words
	Letters            int           `json:"letters"`
	Capitals           int           `json:"capitals"`
	Images             int           `json:"images"`
	ImagesWithoutAlt   int           `json:"images_without_alt"`
	LinkedImages       int           `json:"linked_images"`
	HiddenText         int           `json:"hidden_text"` // runs of text that styles hide: display:none, zero size, colour of the ground
	HiddenSample       string        `json:"hidden_sample"`
	Scripts            int           `json:"scripts"`
	Forms              int           `json:"forms"`
	DataURIs           int           `json:"data_uris"`
	Placeholders       []Placeholder `json:"placeholders"` // at most 50
	PlaceholderCount   int           `json:"placeholder_count"`
	Unsubscribe        bool          `json:"unsubscribe"`         // a link or sentence offers to unsubscribe
	PostalAddress      bool          `json:"postal_address"`      // something that reads as a postal address (heuristic)
	AlternativeDiffers bool          `json:"alternative_differs"` // text and HTML of one alternative share few words
	Phrases            []string      `json:"phrases"`             // ids of stock phrases found, sorted
	Empty              bool          `json:"empty"`               // no word, no image, no attachment
	Truncated          bool          `json:"truncated"`           // some part was longer than what was read
	Undecoded          int           `json:"undecoded"`           // text parts whose encoding or charset could not be decoded
	Files              []HeldFile    `json:"files"`               // uuencoded and yEnc files in plain text: of each part one of each kind
	Fingerprint        string        `json:"fingerprint"`         // of the words a reader sees (simhash, 16 hexadecimal digits); "" when they are too few to compare
}

// Placeholder is template text that nothing has replaced.
type Placeholder struct {
	Text   string `json:"text"`   // at most 60 characters
	Syntax string `json:"syntax"` // such as mustache, erb, mailchimp, percent
	Place  string `json:"place"`  // "header", "text" or "html"
	Path   string `json:"path"`
	Line   int64  `json:"line"` // 1-based line of the message; that of the part where its encoding has other lines than its text
}

// Variable is a name that a template writes the value of, as far as whoever made the message of it told.
type Variable struct {
	Name       string `json:"name"`                           // as it is written, such as user.name
	File       string `json:"file"`                           // file of the template
	Line       int64  `json:"line"`                           // 1-based line of that file
	Undeclared bool   `json:"undeclared"`                     // there is sample data, and it holds no such name
	Default    bool   `json:"default"`                        // the template says what to write for a missing value
	Guarded    bool   `json:"guarded"`                        // a condition around it looks at the name
	HasDefault bool   `json:"has_default" yaml:"has_default"` // the engine has a way to write a default
}

// Spots counts the places of one kind and shows the first of them.
type Spots struct {
	Count  int    `json:"count"`  // all places, also those that the sample leaves out
	Sample []Spot `json:"sample"` // unique by text, at most 20
}

// Spot is a place in the message.
type Spot struct {
	Text string `json:"text"` // what stands there, at most 80 characters
	Path string `json:"path"` // MIME path of the part it stands in
	Line int64  `json:"line"` // 1-based line of the message; that of the part where its encoding has other lines than its text
}

// HTML holds how the HTML parts are written.
type HTML struct {
	Documents         []Document `json:"documents"`           // one for each HTML part that was read
	ImagesWithoutAlt  Spots      `json:"images_without_alt"`  // addresses of visible images without a text for those who do not see them
	ImagesWithoutSize Spots      `json:"images_without_size"` // addresses of visible images without width and height
	DataURIs          Spots      `json:"data_uris"`           // beginnings of data: addresses
	Contrasts         []Contrast `json:"contrasts"`           // pairs of colours of text and ground that inline styles state both of, under 7:1, unique, at most 50; [] unless origin is "template"
	Features          []Spot     `json:"features"`            // elements, attributes and CSS that are used, unique, at most 400; [] unless origin is "template"
}

// Contrast is the contrast of a text to its ground.
type Contrast struct {
	Text   string `json:"text"`   // beginning of the text, at most 80 characters
	Colour string `json:"colour"` // of the text, as #rrggbb
	Ground string `json:"ground"` // what it stands on, as #rrggbb
	Ratio  int64  `json:"ratio"`  // contrast ratio of WCAG 2.2 in hundredths, rounded down: 450 is 4.5:1
	Large  bool   `json:"large"`  // 24 px or more, or 18.66 px or more and bold
	Path   string `json:"path"`
	Line   int64  `json:"line"` // 1-based line of the message
}

// Document holds what an HTML part says of itself.
type Document struct {
	Path           string `json:"path"`            // MIME path of the part
	Line           int64  `json:"line"`            // 1-based line that the document begins on
	Page           bool   `json:"page"`            // a whole document with an html, head or body element, not a fragment
	Lang           string `json:"lang"`            // lang of the html or body element, "" if there is none
	Charset        string `json:"charset"`         // charset that a meta element states, as written, "" if none does
	Title          string `json:"title"`           // at most 200 characters
	Preheader      string `json:"preheader"`       // first text, also a hidden one, up to the next block: what mail programs show beside the subject; at most 250 characters
	PreheaderChars int    `json:"preheader_chars"` // its length in characters, at most 250
}

// Leftovers holds what templates, test data and programs leave in the text that people read: heuristics, each with the places.
type Leftovers struct {
	Greetings  Spots `json:"greetings"`  // greetings without the name that belongs there: "Hello ,"
	Literals   Spots `json:"literals"`   // what programs write for nothing: undefined, null, NaN, [object Object], Invalid Date, the start of 1970
	Filler     Spots `json:"filler"`     // lorem ipsum
	Todo       Spots `json:"todo"`       // notes of authors: TODO, FIXME, TBD, XXX
	Unbalanced Spots `json:"unbalanced"` // openings of placeholders without an end, and ends without an opening
	Addresses  Spots `json:"addresses"`  // e-mail addresses in the text and in mailto links, lower case
	Stub       Spots `json:"stub"`       // sentences of a plain text that send the reader to the HTML
}

// Links holds the links of HTML and plain text parts.
type Links struct {
	Total int      `json:"total"`
	Items []Link   `json:"items"` // unique by target and text, at most 200
	Hosts []string `json:"hosts"` // unique, sorted, at most 200

	Empty     Spots  `json:"empty"`     // texts of links that lead nowhere: no address, "#", "mailto:"
	Insecure  Spots  `json:"insecure"`  // hosts of http: links
	Resources []Spot `json:"resources"` // hosts that images and other resources come from, or their scheme if it is file; unique, at most 100
}

// Link is one link.
type Link struct {
	Target      string `json:"target"` // at most 2,000 octets
	Scheme      string `json:"scheme"`
	Host        string `json:"host"`      // lower case, A-label
	Text        string `json:"text"`      // visible text, at most 200 characters
	TextHost    string `json:"text_host"` // the host that the text shows, "" if it shows none
	Mismatch    bool   `json:"mismatch"`  // text_host and host have different registrable domains
	IPHost      bool   `json:"ip_host"`
	Credentials bool   `json:"credentials"` // user:password@ in the target
	MixedScript bool   `json:"mixed_script"`
	LookalikeOf string `json:"lookalike_of"`
	ZeroWidth   bool   `json:"zero_width"`
	Path        string `json:"path"`
	Line        int64  `json:"line"` // 1-based line of the message; that of the part where its encoding has other lines than its text
}

// List holds the header fields of mailing lists and bulk mail (RFC 2369, RFC 2919, RFC 8058).
type List struct {
	ID                string   `json:"id"` // identifier between < and >
	IDFields          int      `json:"id_fields"`
	Post              bool     `json:"post"`
	Help              bool     `json:"help"`
	Owner             bool     `json:"owner"`
	Archive           bool     `json:"archive"`
	Unsubscribe       []string `json:"unsubscribe"` // URIs in angle brackets
	UnsubscribeFields int      `json:"unsubscribe_fields"`
	UnsubscribeHTTPS  bool     `json:"unsubscribe_https"`
	UnsubscribeHTTP   bool     `json:"unsubscribe_http"`
	UnsubscribeMailto bool     `json:"unsubscribe_mailto"`
	UnsubscribePost   string   `json:"unsubscribe_post"`
	OneClick          bool     `json:"one_click"`  // List-Unsubscribe-Post is exactly List-Unsubscribe=One-Click
	Precedence        string   `json:"precedence"` // lower case
	FeedbackID        string   `json:"feedback_id"`
	Software          string   `json:"software"` // list or bulk software that the header names (Mailman, ezmlm, phpList...), ""
}

// Automation holds what a message says about being sent by a program (RFC 3834).
type Automation struct {
	AutoSubmitted        string `json:"auto_submitted"` // keyword, lower case
	AutoResponseSuppress bool   `json:"auto_response_suppress"`
	DeliveryReport       bool   `json:"delivery_report"` // multipart/report
}

// Authentication holds which authentication header fields the message carries.
type Authentication struct {
	DKIM                  int      `json:"dkim"` // DKIM-Signature fields
	DKIMDomains           []string `json:"dkim_domains"`
	DKIMCoversUnsubscribe bool     `json:"dkim_covers_unsubscribe"` // some signature covers List-Unsubscribe and, if present, List-Unsubscribe-Post (RFC 8058 section 4)
	ARC                   int      `json:"arc"`
	AuthenticationResults int      `json:"authentication_results"`
	ReceivedSPF           int      `json:"received_spf"`
}

// Problem is damage or ambiguity met while reading. Its id is the id of the rule that judges it.
type Problem struct {
	ID     string `json:"id"`
	Path   string `json:"path"` // MIME path
	Line   int64  `json:"line"`
	Count  int64  `json:"count"`
	Detail string `json:"detail"` // untrusted text of the message, at most 200 octets
}

// Setting is one program's submission settings, as found in one place. Passwords are never part of it.
type Setting struct {
	File           string `json:"file"`
	Line           int64  `json:"line"`
	Format         string `json:"format"` // postern, msmtp, postfix, git, nullmailer, php, env, compose
	Name           string `json:"name"`   // account or section name, ""
	Host           string `json:"host"`   // lower case
	HostLine       int64  `json:"host_line"`
	Port           int    `json:"port"` // 0 if none is stated
	PortLine       int64  `json:"port_line"`
	TLS            string `json:"tls"` // "implicit", "starttls", "optional", "none", or "unknown"
	TLSLine        int64  `json:"tls_line"`
	Verify         string `json:"verify"` // certificate check: "on", "off", "unknown"
	VerifyLine     int64  `json:"verify_line"`
	Auth           string `json:"auth"` // "on", "off", "unknown"
	AuthLine       int64  `json:"auth_line"`
	User           string `json:"user"`
	From           string `json:"from"` // envelope or From address that the program sets
	FromLine       int64  `json:"from_line"`
	PasswordInFile bool   `json:"password_in_file"`
	PasswordLine   int64  `json:"password_line"`
	Tracked        bool   `json:"tracked"` // git tracks the file
	WorldReadable  bool   `json:"world_readable"`
	LoneDot        string `json:"lone_dot"` // what a line with a single dot does to the message: "ends" it, is "kept", or "unknown"
	LoneDotLine    int64  `json:"lone_dot_line"`
	Probe          Probe  `json:"probe"` // what the server itself said
}

// Probe is what a submission server said when it was asked (postern settings --probe).
type Probe struct {
	Done             bool     `json:"done"`              // the server was asked; without it nothing else here means anything
	StartTLS         bool     `json:"starttls"`          // it offers STARTTLS; false also when TLS began at once
	TLS              string   `json:"tls"`               // version agreed on, such as "TLS 1.3", "" without TLS
	TLSProblem       string   `json:"tls_problem"`       // why there was no TLS, ""
	Certificate      string   `json:"certificate"`       // what is wrong with the certificate, "" if it is good for the host
	CertificateNames []string `json:"certificate_names"` // host names that the certificate is for
	Key              string   `json:"key"`               // SHA-256 of its public key, as submission.pin takes it, ""
	AuthClear        []string `json:"auth_clear"`        // ways to log in that it offers before TLS
	Auth             []string `json:"auth"`              // ways to log in that it offers with TLS
	Login            string   `json:"login"`             // "accepted", "refused", or "" when it was not tried
	Size             int64    `json:"size"`              // octets that its SIZE states, 0 if it states none or no limit
	EightBitMIME     bool     `json:"eight_bit_mime"`    // it offers 8BITMIME
	SMTPUTF8         bool     `json:"smtputf8"`          // it offers SMTPUTF8
}

// History is what the ledger knows of the mail before this one and of this one, which counts in every number.
type History struct {
	SinceLastMS *int64   `json:"since_last_ms"` // milliseconds since the account's last delivery; null if there was none in the longest window
	Windows     []Window `json:"windows"`       // one for each window_seconds among the limits of the rules, shortest first
}

// Window is what was sent within the last so many seconds, by the ledger's clock.
type Window struct {
	Seconds    int64  `json:"seconds"`     // how long it is
	Account    Counts `json:"account"`     // by anybody who uses the account
	Sender     Counts `json:"sender"`      // by the authenticated identity or user that sends this message, whatever its From field says
	WebScripts Counts `json:"web_scripts"` // by the account's web scripts; all 0 when this message comes from none
	Similar    Counts `json:"similar"`     // by the account, with nearly the same text as this message; all 0 when its text is too short to compare
}

// Counts is how much was sent. A message that was refused, or that could not be handed over, is not in it.
type Counts struct {
	Messages   int64   `json:"messages"`   // this one too
	Recipients int64   `json:"recipients"` // of each message, added up
	Addresses  int64   `json:"addresses"`  // different recipients of all the messages
	Octets     int64   `json:"octets"`     // as on the wire
	Later      []Later `json:"later"`      // what of it still counts after a while if nothing else is sent: at most 64 steps, the soonest first
}

// Later is what is still in a window after a while.
type Later struct {
	Seconds    int64 `json:"seconds"`    // from now, rounded up
	Messages   int64 `json:"messages"`   // that are left then
	Recipients int64 `json:"recipients"` // likewise
	Addresses  int64 `json:"addresses"`  // likewise
	Octets     int64 `json:"octets"`     // likewise
}
