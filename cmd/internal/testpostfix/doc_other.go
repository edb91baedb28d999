//go:build !linux

// Package testpostfix gives tests a Postfix of their own. It does so on Linux only.
package testpostfix
