//go:build !race

package template

const everyNth = 1
