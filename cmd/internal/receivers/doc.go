// Package receivers holds tests only: real mail servers, started for the test on loopback, are asked whether they agree with
// what postern says of a message.
package receivers
