package mimesize

// base64Lines76 is plainLines76 with the registers of SSE2, which every such processor has. It takes less than half the time.
//
//go:noescape
func base64Lines76(b []byte, step int) (lines int)
