package rules

// Fails tells whether a finding of that severity fails a message, as Options.FailOn has it. It is for callers that take
// findings out of a verdict, such as those that a user has accepted, and have to decide anew.
func (e *Engine) Fails(s Severity) bool { return severityRank(s) >= e.failOn }
