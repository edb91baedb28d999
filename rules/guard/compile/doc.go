// Package compile makes guards (package guard) of rules written in Rego.
//
// It starts from what OPA's compiler has made of the policies: bodies in the order in which OPA evaluates them, nested calls
// taken apart. Functions and rules are put in where they are called, and all that does not depend on the input is worked out
// here, by OPA. rego.Partial does the same in principle; over the shipped rules it takes longer than everything else that the
// program does and gives two thousand conjunctions, because it writes one for each entry of every list that a field is looked
// up in, and one for each way to fail of what stands behind not.
//
// A literal is one of three. Where its truth can be computed exactly and OPA cannot have an error in it, it is compiled. Where
// OPA cannot have an error but the truth is beyond what guards compute, it counts as true. Anything else ends its conjunction:
// when all before it holds, the rule is asked. What stands behind not, in every, in a comprehension or in what several rules
// share is compiled as a whole or not at all, because there OPA may evaluate more than the one case that decides.
//
// What a rule finds is compiled besides (findings), from the same bodies and the term in the head. There every literal has to be
// of the first kind, and how a number is written counts as well.
package compile
