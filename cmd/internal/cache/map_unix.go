//go:build unix && !linux

package cache

const populate = 0
