// Package rules prepares policies written in Rego and judges facts with them.
//
// An Engine compiles the built-in and the user's policies once and then judges many messages from many goroutines. It fails
// closed: a policy that does not load is an error before any message is judged, and a message whose evaluation errs, overruns
// its time or gives a result of the wrong shape is unjudged, never passed.
package rules
