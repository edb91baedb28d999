package rules

import (
	"github.com/open-policy-agent/opa/v1/ast"

	"postern/rules/facts"
)

func factsTerm(f *facts.Facts) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{keySchemaVersion, number(int64(f.SchemaVersion))},
		[2]*ast.Term{keyKind, text(f.Kind)},
		[2]*ast.Term{keyOrigin, text(f.Origin)},
		[2]*ast.Term{keyOpaque, truth(f.Opaque)},
		[2]*ast.Term{keySize, sizeTerm(&f.Size)},
		[2]*ast.Term{keyLines, linesTerm(&f.Lines)},
		[2]*ast.Term{keyHeader, headerTerm(&f.Header)},
		[2]*ast.Term{keySender, senderTerm(&f.Sender)},
		[2]*ast.Term{keyRecipients, recipientsTerm(&f.Recipients)},
		[2]*ast.Term{keyParts, array(f.Parts, partTerm)},
		[2]*ast.Term{keyAttachments, array(f.Attachments, attachmentTerm)},
		[2]*ast.Term{keyEmbeddedAttachments, array(f.Embedded, attachmentTerm)},
		[2]*ast.Term{keyArchivedFiles, array(f.Archived, heldTerm)},
		[2]*ast.Term{keyText, textTerm(&f.Text)},
		[2]*ast.Term{keyLinks, linksTerm(&f.Links)},
		[2]*ast.Term{keyHtml, htmlTerm(&f.HTML)},
		[2]*ast.Term{keyLeftovers, leftoversTerm(&f.Leftovers)},
		[2]*ast.Term{keyVariables, array(f.Variables, variableTerm)},
		[2]*ast.Term{keyList, listTerm(&f.List)},
		[2]*ast.Term{keyAutomation, automationTerm(&f.Automation)},
		[2]*ast.Term{keyAuthentication, authenticationTerm(&f.Authentication)},
		[2]*ast.Term{keyWebScript, truth(f.WebScript)},
		[2]*ast.Term{keyHistory, orNull(f.History, historyTerm)},
		[2]*ast.Term{keyProblems, array(f.Problems, problemTerm)},
		[2]*ast.Term{keySettings, array(f.Settings, settingTerm)},
	)
}

func sizeTerm(s *facts.Size) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{keyWireBytes, number(s.WireBytes)},
		[2]*ast.Term{keyDataBytes, number(s.DataBytes)},
		[2]*ast.Term{keyStoredBytes, number(s.StoredBytes)},
		[2]*ast.Term{keyLfBytes, number(s.LFBytes)},
		[2]*ast.Term{keyHeaderBytes, number(s.HeaderBytes)},
		[2]*ast.Term{keySeparatorBytes, number(s.SeparatorBytes)},
		[2]*ast.Term{keyBodyBytes, number(s.BodyBytes)},
		[2]*ast.Term{keyPrefixBytes, number(s.PrefixBytes)},
		[2]*ast.Term{keyAttachmentsBytes, number(s.AttachmentsBytes)},
		[2]*ast.Term{keyLargestAttachmentBytes, number(s.LargestAttachment)},
		[2]*ast.Term{keyLargestDecodedBytes, number(s.LargestDecodedBytes)},
		[2]*ast.Term{keyOverheadBytes, number(s.OverheadBytes)},
	)
}

func linesTerm(l *facts.Lines) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{keyCount, number(l.Count)},
		[2]*ast.Term{keyCrlf, number(l.CRLF)},
		[2]*ast.Term{keyLf, number(l.LF)},
		[2]*ast.Term{keyCr, number(l.CR)},
		[2]*ast.Term{keyLongest, number(l.Longest)},
		[2]*ast.Term{keyLongestLine, number(l.LongestLine)},
		[2]*ast.Term{keyOver998, number(l.Over998)},
		[2]*ast.Term{keyOver78, number(l.Over78)},
		[2]*ast.Term{keyHeaderEightBit, number(l.HeaderEightBit)},
		[2]*ast.Term{keyBodyEightBit, number(l.BodyEightBit)},
		[2]*ast.Term{keyNul, number(l.NUL)},
		[2]*ast.Term{keyTerminated, truth(l.Terminated)},
	)
}

func headerTerm(h *facts.Header) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{keyFields, number(int64(h.Fields))},
		[2]*ast.Term{keyNames, texts(h.Names)},
		[2]*ast.Term{keyReceived, number(int64(h.Received))},
		[2]*ast.Term{keySubject, subjectTerm(&h.Subject)},
		[2]*ast.Term{keyMessageId, unstructTerm(&h.MessageID)},
		[2]*ast.Term{keyDate, dateTerm(&h.Date)},
		[2]*ast.Term{keyInReplyTo, truth(h.InReplyTo)},
		[2]*ast.Term{keyReferences, truth(h.References)},
		[2]*ast.Term{keyMimeVersion, truth(h.MIMEVersion)},
		[2]*ast.Term{keyMailer, text(h.Mailer)},
		[2]*ast.Term{keyPhpScript, truth(h.PHPScript)},
		[2]*ast.Term{keyPriority, truth(h.Priority)},
	)
}

func subjectTerm(s *facts.Subject) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{keyCount, number(int64(s.Count))},
		[2]*ast.Term{keyText, text(s.Text)},
		[2]*ast.Term{keyLength, number(int64(s.Length))},
		[2]*ast.Term{keyLetters, number(int64(s.Letters))},
		[2]*ast.Term{keyCapitals, number(int64(s.Capitals))},
		[2]*ast.Term{keyUrl, truth(s.URL)},
		[2]*ast.Term{keyCurrency, truth(s.Currency)},
		[2]*ast.Term{keyReply, truth(s.Reply)},
		[2]*ast.Term{keyForward, truth(s.Forward)},
	)
}

func unstructTerm(u *facts.Unstruct) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{keyCount, number(int64(u.Count))},
		[2]*ast.Term{keyValue, text(u.Value)},
	)
}

func dateTerm(d *facts.Date) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{keyCount, number(int64(d.Count))},
		[2]*ast.Term{keyUnix, numberOrNull(d.Unix)},
		[2]*ast.Term{keySkewSeconds, numberOrNull(d.SkewSeconds)},
	)
}

func senderTerm(s *facts.Sender) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{keyFrom, array(s.From, addressTerm)},
		[2]*ast.Term{keySender, array(s.Sender, addressTerm)},
		[2]*ast.Term{keyReplyTo, array(s.ReplyTo, addressTerm)},
		[2]*ast.Term{keyReturnPath, array(s.ReturnPath, addressTerm)},
		[2]*ast.Term{keyResentFrom, array(s.ResentFrom, addressTerm)},
		[2]*ast.Term{keyEnvelope, orNull(s.Envelope, addressTerm)},
		[2]*ast.Term{keyNullEnvelope, truth(s.NullEnvelope)},
		[2]*ast.Term{keyFromFields, number(int64(s.FromFields))},
		[2]*ast.Term{keySenderFields, number(int64(s.SenderFields))},
		[2]*ast.Term{keyReplyToFields, number(int64(s.ReplyToFields))},
		[2]*ast.Term{keyUncertain, truth(s.Uncertain)},
	)
}

func addressTerm(a *facts.Address) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{keyField, text(a.Field)},
		[2]*ast.Term{keyAddress, text(a.Address)},
		[2]*ast.Term{keyLocal, text(a.Local)},
		[2]*ast.Term{keyDomain, text(a.Domain)},
		[2]*ast.Term{keyDomainUnicode, text(a.DomainUnicode)},
		[2]*ast.Term{keyRegistrableDomain, text(a.RegistrableDomain)},
		[2]*ast.Term{keyPublicSuffix, truth(a.PublicSuffix)},
		[2]*ast.Term{keyDisplayName, text(a.DisplayName)},
		[2]*ast.Term{keyDisplayNameAddress, text(a.DisplayNameAddress)},
		[2]*ast.Term{keyMixedScript, truth(a.MixedScript)},
		[2]*ast.Term{keyLookalikeOf, text(a.LookalikeOf)},
		[2]*ast.Term{keyNameBidi, truth(a.NameBidi)},
		[2]*ast.Term{keyValid, truth(a.Valid)},
		[2]*ast.Term{keyLine, number(a.Line)},
	)
}

func recipientsTerm(r *facts.Recipients) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{keyTotal, number(int64(r.Total))},
		[2]*ast.Term{keyUnique, number(int64(r.Unique))},
		[2]*ast.Term{keyHeaderUnique, number(int64(r.HeaderUnique))},
		[2]*ast.Term{keyVisible, number(int64(r.Visible))},
		[2]*ast.Term{keyTo, number(int64(r.To))},
		[2]*ast.Term{keyCc, number(int64(r.Cc))},
		[2]*ast.Term{keyBcc, number(int64(r.Bcc))},
		[2]*ast.Term{keyResent, number(int64(r.Resent))},
		[2]*ast.Term{keyEnvelope, number(int64(r.Envelope))},
		[2]*ast.Term{keyEnvelopeUnique, number(int64(r.EnvelopeUnique))},
		[2]*ast.Term{keyEnvelopeKnown, truth(r.EnvelopeKnown)},
		[2]*ast.Term{keyToFields, number(int64(r.ToFields))},
		[2]*ast.Term{keyCcFields, number(int64(r.CcFields))},
		[2]*ast.Term{keyBccFields, number(int64(r.BccFields))},
		[2]*ast.Term{keyResentBccFields, number(int64(r.ResentBccFields))},
		[2]*ast.Term{keyGroups, number(int64(r.Groups))},
		[2]*ast.Term{keyEmptyGroups, number(int64(r.EmptyGroups))},
		[2]*ast.Term{keyUnqualified, number(int64(r.Unqualified))},
		[2]*ast.Term{keyDomains, texts(r.Domains)},
		[2]*ast.Term{keyDomainCount, number(int64(r.DomainCount))},
		[2]*ast.Term{keyDuplicates, number(int64(r.Duplicates))},
		[2]*ast.Term{keyDuplicateSample, texts(r.DuplicateSample)},
		[2]*ast.Term{keyRoles, texts(r.Roles)},
		[2]*ast.Term{keyDummies, texts(r.Dummies)},
		[2]*ast.Term{keySorted, truth(r.Sorted)},
		[2]*ast.Term{keyUncertain, truth(r.Uncertain)},
	)
}

func partTerm(p *facts.Part) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{keyPath, text(p.Path)},
		[2]*ast.Term{keyMediaType, text(p.MediaType)},
		[2]*ast.Term{keyCharset, text(p.Charset)},
		[2]*ast.Term{keyEncoding, text(p.Encoding)},
		[2]*ast.Term{keyDisposition, text(p.Disposition)},
		[2]*ast.Term{keyHeaderBytes, number(p.HeaderBytes)},
		[2]*ast.Term{keyEncodedBytes, number(p.EncodedBytes)},
		[2]*ast.Term{keyDecodedBytes, numberOrNull(p.DecodedBytes)},
		[2]*ast.Term{keyLine, number(p.Line)},
		[2]*ast.Term{keyChildren, number(int64(p.Children))},
		[2]*ast.Term{keyEmbedded, truth(p.Embedded)},
	)
}

func attachmentTerm(a *facts.Attachment) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{keyPath, text(a.Path)},
		[2]*ast.Term{keyFilename, text(a.Filename)},
		[2]*ast.Term{keyExtension, text(a.Extension)},
		[2]*ast.Term{keyDoubleExtension, truth(a.DoubleExtension)},
		[2]*ast.Term{keyNameBidi, truth(a.NameBidi)},
		[2]*ast.Term{keyNamePath, truth(a.NamePath)},
		[2]*ast.Term{keyDeclaredType, text(a.DeclaredType)},
		[2]*ast.Term{keySniffedType, text(a.SniffedType)},
		[2]*ast.Term{keyDisposition, text(a.Disposition)},
		[2]*ast.Term{keyEncoding, text(a.Encoding)},
		[2]*ast.Term{keyEncodedBytes, number(a.EncodedBytes)},
		[2]*ast.Term{keyDecodedBytes, numberOrNull(a.DecodedBytes)},
		[2]*ast.Term{keyEncryptedZip, truth(a.EncryptedZip)},
		[2]*ast.Term{keyWasteful, text(a.Wasteful)},
		[2]*ast.Term{keySavedBytes, number(a.SavedBytes)},
		[2]*ast.Term{keyLine, number(a.Line)},
	)
}

func heldTerm(h *facts.HeldFile) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{keyContainer, text(h.Container)},
		[2]*ast.Term{keyFilename, text(h.Filename)},
		[2]*ast.Term{keyExtension, text(h.Extension)},
		[2]*ast.Term{keyDoubleExtension, truth(h.DoubleExtension)},
		[2]*ast.Term{keyEncrypted, truth(h.Encrypted)},
		[2]*ast.Term{keyEmbedded, truth(h.Embedded)},
		[2]*ast.Term{keyPath, text(h.Path)},
		[2]*ast.Term{keyLine, number(h.Line)},
	)
}

func textTerm(t *facts.Text) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{keyPlainParts, number(int64(t.PlainParts))},
		[2]*ast.Term{keyHtmlParts, number(int64(t.HTMLParts))},
		[2]*ast.Term{keyPlainBytes, number(t.PlainBytes)},
		[2]*ast.Term{keyHtmlBytes, number(t.HTMLBytes)},
		[2]*ast.Term{keyPlainWords, number(int64(t.PlainWords))},
		[2]*ast.Term{keyHtmlWords, number(int64(t.HTMLWords))},
		[2]*ast.Term{keyLetters, number(int64(t.Letters))},
		[2]*ast.Term{keyCapitals, number(int64(t.Capitals))},
		[2]*ast.Term{keyImages, number(int64(t.Images))},
		[2]*ast.Term{keyImagesWithoutAlt, number(int64(t.ImagesWithoutAlt))},
		[2]*ast.Term{keyLinkedImages, number(int64(t.LinkedImages))},
		[2]*ast.Term{keyHiddenText, number(int64(t.HiddenText))},
		[2]*ast.Term{keyHiddenSample, text(t.HiddenSample)},
		[2]*ast.Term{keyScripts, number(int64(t.Scripts))},
		[2]*ast.Term{keyForms, number(int64(t.Forms))},
		[2]*ast.Term{keyDataUris, number(int64(t.DataURIs))},
		[2]*ast.Term{keyPlaceholders, array(t.Placeholders, placeholderTerm)},
		[2]*ast.Term{keyPlaceholderCount, number(int64(t.PlaceholderCount))},
		[2]*ast.Term{keyUnsubscribe, truth(t.Unsubscribe)},
		[2]*ast.Term{keyPostalAddress, truth(t.PostalAddress)},
		[2]*ast.Term{keyAlternativeDiffers, truth(t.AlternativeDiffers)},
		[2]*ast.Term{keyPhrases, texts(t.Phrases)},
		[2]*ast.Term{keyEmpty, truth(t.Empty)},
		[2]*ast.Term{keyTruncated, truth(t.Truncated)},
		[2]*ast.Term{keyUndecoded, number(int64(t.Undecoded))},
		[2]*ast.Term{keyFiles, array(t.Files, heldTerm)},
		[2]*ast.Term{keyFingerprint, text(t.Fingerprint)},
	)
}

func placeholderTerm(p *facts.Placeholder) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{keyText, text(p.Text)},
		[2]*ast.Term{keySyntax, text(p.Syntax)},
		[2]*ast.Term{keyPlace, text(p.Place)},
		[2]*ast.Term{keyPath, text(p.Path)},
		[2]*ast.Term{keyLine, number(p.Line)},
	)
}

func linksTerm(l *facts.Links) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{keyTotal, number(int64(l.Total))},
		[2]*ast.Term{keyItems, array(l.Items, linkTerm)},
		[2]*ast.Term{keyHosts, texts(l.Hosts)},
		[2]*ast.Term{keyEmpty, spotsTerm(&l.Empty)},
		[2]*ast.Term{keyInsecure, spotsTerm(&l.Insecure)},
		[2]*ast.Term{keyResources, array(l.Resources, spotTerm)},
	)
}

func linkTerm(l *facts.Link) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{keyTarget, text(l.Target)},
		[2]*ast.Term{keyScheme, text(l.Scheme)},
		[2]*ast.Term{keyHost, text(l.Host)},
		[2]*ast.Term{keyText, text(l.Text)},
		[2]*ast.Term{keyTextHost, text(l.TextHost)},
		[2]*ast.Term{keyMismatch, truth(l.Mismatch)},
		[2]*ast.Term{keyIpHost, truth(l.IPHost)},
		[2]*ast.Term{keyCredentials, truth(l.Credentials)},
		[2]*ast.Term{keyMixedScript, truth(l.MixedScript)},
		[2]*ast.Term{keyLookalikeOf, text(l.LookalikeOf)},
		[2]*ast.Term{keyZeroWidth, truth(l.ZeroWidth)},
		[2]*ast.Term{keyPath, text(l.Path)},
		[2]*ast.Term{keyLine, number(l.Line)},
	)
}

func listTerm(l *facts.List) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{keyId, text(l.ID)},
		[2]*ast.Term{keyIdFields, number(int64(l.IDFields))},
		[2]*ast.Term{keyPost, truth(l.Post)},
		[2]*ast.Term{keyHelp, truth(l.Help)},
		[2]*ast.Term{keyOwner, truth(l.Owner)},
		[2]*ast.Term{keyArchive, truth(l.Archive)},
		[2]*ast.Term{keyUnsubscribe, texts(l.Unsubscribe)},
		[2]*ast.Term{keyUnsubscribeFields, number(int64(l.UnsubscribeFields))},
		[2]*ast.Term{keyUnsubscribeHttps, truth(l.UnsubscribeHTTPS)},
		[2]*ast.Term{keyUnsubscribeHttp, truth(l.UnsubscribeHTTP)},
		[2]*ast.Term{keyUnsubscribeMailto, truth(l.UnsubscribeMailto)},
		[2]*ast.Term{keyUnsubscribePost, text(l.UnsubscribePost)},
		[2]*ast.Term{keyOneClick, truth(l.OneClick)},
		[2]*ast.Term{keyPrecedence, text(l.Precedence)},
		[2]*ast.Term{keyFeedbackId, text(l.FeedbackID)},
		[2]*ast.Term{keySoftware, text(l.Software)},
	)
}

func automationTerm(a *facts.Automation) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{keyAutoSubmitted, text(a.AutoSubmitted)},
		[2]*ast.Term{keyAutoResponseSuppress, truth(a.AutoResponseSuppress)},
		[2]*ast.Term{keyDeliveryReport, truth(a.DeliveryReport)},
	)
}

func authenticationTerm(a *facts.Authentication) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{keyDkim, number(int64(a.DKIM))},
		[2]*ast.Term{keyDkimDomains, texts(a.DKIMDomains)},
		[2]*ast.Term{keyDkimCoversUnsubscribe, truth(a.DKIMCoversUnsubscribe)},
		[2]*ast.Term{keyArc, number(int64(a.ARC))},
		[2]*ast.Term{keyAuthenticationResults, number(int64(a.AuthenticationResults))},
		[2]*ast.Term{keyReceivedSpf, number(int64(a.ReceivedSPF))},
	)
}

func problemTerm(p *facts.Problem) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{keyId, text(p.ID)},
		[2]*ast.Term{keyPath, text(p.Path)},
		[2]*ast.Term{keyLine, number(p.Line)},
		[2]*ast.Term{keyCount, number(p.Count)},
		[2]*ast.Term{keyDetail, text(p.Detail)},
	)
}

func settingTerm(s *facts.Setting) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{keyFile, text(s.File)},
		[2]*ast.Term{keyLine, number(s.Line)},
		[2]*ast.Term{keyFormat, text(s.Format)},
		[2]*ast.Term{keyName, text(s.Name)},
		[2]*ast.Term{keyHost, text(s.Host)},
		[2]*ast.Term{keyHostLine, number(s.HostLine)},
		[2]*ast.Term{keyPort, number(int64(s.Port))},
		[2]*ast.Term{keyPortLine, number(s.PortLine)},
		[2]*ast.Term{keyTls, text(s.TLS)},
		[2]*ast.Term{keyTlsLine, number(s.TLSLine)},
		[2]*ast.Term{keyVerify, text(s.Verify)},
		[2]*ast.Term{keyVerifyLine, number(s.VerifyLine)},
		[2]*ast.Term{keyAuth, text(s.Auth)},
		[2]*ast.Term{keyAuthLine, number(s.AuthLine)},
		[2]*ast.Term{keyUser, text(s.User)},
		[2]*ast.Term{keyFrom, text(s.From)},
		[2]*ast.Term{keyFromLine, number(s.FromLine)},
		[2]*ast.Term{keyPasswordInFile, truth(s.PasswordInFile)},
		[2]*ast.Term{keyPasswordLine, number(s.PasswordLine)},
		[2]*ast.Term{keyTracked, truth(s.Tracked)},
		[2]*ast.Term{keyWorldReadable, truth(s.WorldReadable)},
		[2]*ast.Term{keyLoneDot, text(s.LoneDot)},
		[2]*ast.Term{keyLoneDotLine, number(s.LoneDotLine)},
		[2]*ast.Term{keyProbe, probeTerm(&s.Probe)},
	)
}

func probeTerm(p *facts.Probe) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{keyDone, truth(p.Done)},
		[2]*ast.Term{keyStarttls, truth(p.StartTLS)},
		[2]*ast.Term{keyTls, text(p.TLS)},
		[2]*ast.Term{keyTlsProblem, text(p.TLSProblem)},
		[2]*ast.Term{keyCertificate, text(p.Certificate)},
		[2]*ast.Term{keyCertificateNames, texts(p.CertificateNames)},
		[2]*ast.Term{keyKey, text(p.Key)},
		[2]*ast.Term{keyAuthClear, texts(p.AuthClear)},
		[2]*ast.Term{keyAuth, texts(p.Auth)},
		[2]*ast.Term{keyLogin, text(p.Login)},
		[2]*ast.Term{keySize, number(p.Size)},
		[2]*ast.Term{keyEightBitMime, truth(p.EightBitMIME)},
		[2]*ast.Term{keySmtputf8, truth(p.SMTPUTF8)},
	)
}

func spotsTerm(s *facts.Spots) *ast.Term {
	if s.Count == 0 && len(s.Sample) == 0 {
		return noSpots
	}
	return ast.ObjectTerm(
		[2]*ast.Term{keyCount, number(int64(s.Count))},
		[2]*ast.Term{keySample, array(s.Sample, spotTerm)},
	)
}

// noSpots is shared: most messages have no spots of most kinds.
var noSpots = ast.ObjectTerm([2]*ast.Term{keyCount, number(0)}, [2]*ast.Term{keySample, emptyArray})

func spotTerm(s *facts.Spot) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{keyText, text(s.Text)},
		[2]*ast.Term{keyPath, text(s.Path)},
		[2]*ast.Term{keyLine, number(s.Line)},
	)
}

func htmlTerm(h *facts.HTML) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{keyDocuments, array(h.Documents, documentTerm)},
		[2]*ast.Term{keyImagesWithoutAlt, spotsTerm(&h.ImagesWithoutAlt)},
		[2]*ast.Term{keyImagesWithoutSize, spotsTerm(&h.ImagesWithoutSize)},
		[2]*ast.Term{keyDataUris, spotsTerm(&h.DataURIs)},
		[2]*ast.Term{keyContrasts, array(h.Contrasts, contrastTerm)},
		[2]*ast.Term{keyFeatures, array(h.Features, spotTerm)},
	)
}

func contrastTerm(c *facts.Contrast) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{keyText, text(c.Text)},
		[2]*ast.Term{keyColour, text(c.Colour)},
		[2]*ast.Term{keyGround, text(c.Ground)},
		[2]*ast.Term{keyRatio, number(c.Ratio)},
		[2]*ast.Term{keyLarge, truth(c.Large)},
		[2]*ast.Term{keyPath, text(c.Path)},
		[2]*ast.Term{keyLine, number(c.Line)},
	)
}

func variableTerm(v *facts.Variable) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{keyName, text(v.Name)},
		[2]*ast.Term{keyFile, text(v.File)},
		[2]*ast.Term{keyLine, number(v.Line)},
		[2]*ast.Term{keyUndeclared, truth(v.Undeclared)},
		[2]*ast.Term{keyDefault, truth(v.Default)},
		[2]*ast.Term{keyGuarded, truth(v.Guarded)},
		[2]*ast.Term{keyHasDefault, truth(v.HasDefault)},
	)
}

func documentTerm(d *facts.Document) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{keyPath, text(d.Path)},
		[2]*ast.Term{keyLine, number(d.Line)},
		[2]*ast.Term{keyPage, truth(d.Page)},
		[2]*ast.Term{keyLang, text(d.Lang)},
		[2]*ast.Term{keyCharset, text(d.Charset)},
		[2]*ast.Term{keyTitle, text(d.Title)},
		[2]*ast.Term{keyPreheader, text(d.Preheader)},
		[2]*ast.Term{keyPreheaderChars, number(int64(d.PreheaderChars))},
	)
}

func leftoversTerm(l *facts.Leftovers) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{keyGreetings, spotsTerm(&l.Greetings)},
		[2]*ast.Term{keyLiterals, spotsTerm(&l.Literals)},
		[2]*ast.Term{keyFiller, spotsTerm(&l.Filler)},
		[2]*ast.Term{keyTodo, spotsTerm(&l.Todo)},
		[2]*ast.Term{keyUnbalanced, spotsTerm(&l.Unbalanced)},
		[2]*ast.Term{keyAddresses, spotsTerm(&l.Addresses)},
		[2]*ast.Term{keyStub, spotsTerm(&l.Stub)},
	)
}
