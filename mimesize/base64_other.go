//go:build !amd64

package mimesize

func base64Lines76(b []byte, step int) (lines int) { return plainLines76(b, step) }
