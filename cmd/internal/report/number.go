package report

import (
	"fmt"
	"strconv"
)

// Comma gives n with a comma between groups of three digits.
func Comma(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Count gives "1 message" or "2,000 messages".
func Count[N int | int64](n N, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Comma(int64(n)) + " " + many
}

// Megabytes gives n in the two units that people mean by MB, such as "40.00 MB, 38.15 MiB"; "" below 100,000 octets.
func Megabytes(n int64) string {
	if n < 100_000 {
		return ""
	}
	return fmt.Sprintf("%.2f MB, %.2f MiB", float64(n)/1e6, float64(n)/(1<<20))
}
