package facts

// fieldID stands for a name of header fields that facts are made of.
type fieldID uint8

const (
	fieldFrom fieldID = iota
	fieldSender
	fieldReplyTo
	fieldTo
	fieldCc
	fieldBcc
	fieldResentFrom
	fieldResentSender
	fieldResentTo
	fieldResentCc
	fieldResentBcc
	fieldResentDate
	fieldResentMessageID
	fieldReturnPath
	fieldReceived
	fieldDeliveredTo
	fieldDate
	fieldSubject
	fieldMessageID
	fieldInReplyTo
	fieldReferences
	fieldMIMEVersion
	fieldContentType
	fieldContentTransferEncoding
	fieldContentID
	fieldContentDescription
	fieldContentDisposition
	fieldContentLocation
	fieldXMailer
	fieldUserAgent
	fieldXPHPScript
	fieldXPHPOriginatingScript
	fieldXOriginatingIP
	fieldXPriority
	fieldImportance
	fieldDispositionNotificationTo
	fieldListID
	fieldListPost
	fieldListHelp
	fieldListOwner
	fieldListArchive
	fieldListUnsubscribe
	fieldListUnsubscribePost
	fieldPrecedence
	fieldFeedbackID
	fieldMailingList
	fieldAutoSubmitted
	fieldXAutoResponseSuppress
	fieldDKIMSignature
	fieldARCSeal
	fieldAuthenticationResults
	fieldReceivedSPF
	fieldApparentlyTo
	fieldErrorsTo
	fieldReturnReceiptTo
	fieldEncrypted
	fieldContentLength
	fieldStatus
	fieldXUIDL
	fieldXMailmanVersion
	fieldXMailmanRuleMisses
	fieldXBeenThere
	fieldXPHPListVersion
	fieldXListmember
	fieldXMajordomoVersion
	fieldXMlmmjVersion
	fieldXSympaTo
	fieldXListarVersion
	fieldXEcartisVersion
	fieldXDadaList
	fieldXMCUser
	fieldXMailgunSID
	fieldXSGEID
	fieldXListmonkSubscriber
	fieldXMauticID
	fieldXSendy
	fieldXAcymailing
	fieldComments
	fieldKeywords
	noField
)

// knownFields is the number of names that have an id.
const knownFields = int32(noField)

// fieldNames are the names of the fields, in lower case.
var fieldNames = [knownFields]string{
	fieldFrom:                      "from",
	fieldSender:                    "sender",
	fieldReplyTo:                   "reply-to",
	fieldTo:                        "to",
	fieldCc:                        "cc",
	fieldBcc:                       "bcc",
	fieldResentFrom:                "resent-from",
	fieldResentSender:              "resent-sender",
	fieldResentTo:                  "resent-to",
	fieldResentCc:                  "resent-cc",
	fieldResentBcc:                 "resent-bcc",
	fieldResentDate:                "resent-date",
	fieldResentMessageID:           "resent-message-id",
	fieldReturnPath:                "return-path",
	fieldReceived:                  "received",
	fieldDeliveredTo:               "delivered-to",
	fieldDate:                      "date",
	fieldSubject:                   "subject",
	fieldMessageID:                 "message-id",
	fieldInReplyTo:                 "in-reply-to",
	fieldReferences:                "references",
	fieldMIMEVersion:               "mime-version",
	fieldContentType:               "content-type",
	fieldContentTransferEncoding:   "content-transfer-encoding",
	fieldContentID:                 "content-id",
	fieldContentDescription:        "content-description",
	fieldContentDisposition:        "content-disposition",
	fieldContentLocation:           "content-location",
	fieldXMailer:                   "x-mailer",
	fieldUserAgent:                 "user-agent",
	fieldXPHPScript:                "x-php-script",
	fieldXPHPOriginatingScript:     "x-php-originating-script",
	fieldXOriginatingIP:            "x-originating-ip",
	fieldXPriority:                 "x-priority",
	fieldImportance:                "importance",
	fieldDispositionNotificationTo: "disposition-notification-to",
	fieldListID:                    "list-id",
	fieldListPost:                  "list-post",
	fieldListHelp:                  "list-help",
	fieldListOwner:                 "list-owner",
	fieldListArchive:               "list-archive",
	fieldListUnsubscribe:           "list-unsubscribe",
	fieldListUnsubscribePost:       "list-unsubscribe-post",
	fieldPrecedence:                "precedence",
	fieldFeedbackID:                "feedback-id",
	fieldMailingList:               "mailing-list",
	fieldAutoSubmitted:             "auto-submitted",
	fieldXAutoResponseSuppress:     "x-auto-response-suppress",
	fieldDKIMSignature:             "dkim-signature",
	fieldARCSeal:                   "arc-seal",
	fieldAuthenticationResults:     "authentication-results",
	fieldReceivedSPF:               "received-spf",
	fieldApparentlyTo:              "apparently-to",
	fieldErrorsTo:                  "errors-to",
	fieldReturnReceiptTo:           "return-receipt-to",
	fieldEncrypted:                 "encrypted",
	fieldContentLength:             "content-length",
	fieldStatus:                    "status",
	fieldXUIDL:                     "x-uidl",
	fieldXMailmanVersion:           "x-mailman-version",
	fieldXMailmanRuleMisses:        "x-mailman-rule-misses",
	fieldXBeenThere:                "x-beenthere",
	fieldXPHPListVersion:           "x-phplist-version",
	fieldXListmember:               "x-listmember",
	fieldXMajordomoVersion:         "x-majordomo-version",
	fieldXMlmmjVersion:             "x-mlmmj-version",
	fieldXSympaTo:                  "x-sympa-to",
	fieldXListarVersion:            "x-listar-version",
	fieldXEcartisVersion:           "x-ecartis-version",
	fieldXDadaList:                 "x-dada-list",
	fieldXMCUser:                   "x-mc-user",
	fieldXMailgunSID:               "x-mailgun-sid",
	fieldXSGEID:                    "x-sg-eid",
	fieldXListmonkSubscriber:       "x-listmonk-subscriber",
	fieldXMauticID:                 "x-mautic-id",
	fieldXSendy:                    "x-sendy",
	fieldXAcymailing:               "x-acymailing",
	fieldComments:                  "comments",
	fieldKeywords:                  "keywords",
}
