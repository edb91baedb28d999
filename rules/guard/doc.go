// Package guard tells, without OPA and without an allocation, which rules cannot find anything in a message, and makes the findings
// of most of the others.
//
// A Program holds for each rule a condition over facts that is true whenever the rule would find something or would err; it is
// what package compile makes of the rule's Rego. A rule whose condition is false is certain to be silent; any other has to be
// asked, and OPA's answer counts. So a condition may be too careful, and never too bold: what it does not know, what it cannot
// compute exactly and what could raise an error is taken for a finding.
//
// Program.Run is what a program does that judges one message. A Plan does the same for many: what it takes to make one is more than a
// run, and what it leaves out is most of that.
//
// Findings are another matter: there is nothing careful about them. A rule has a head only where package compile could make all
// of it exactly, and Find leaves a rule to OPA as soon as a value is not certain to be OPA's to the last digit.
//
// A Program is plain data, and this package does not import OPA: a program that only wants to know whether a message is clean
// can read one that another has written.
package guard
