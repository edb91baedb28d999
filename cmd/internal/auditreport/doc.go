// Package auditreport writes the report of an audit: as text, JSON, NDJSON, CSV, and as one page of HTML with charts that needs
// neither script nor network.
package auditreport
