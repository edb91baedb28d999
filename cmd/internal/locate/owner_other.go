//go:build !unix

package locate

// strange tells whether a file belongs to somebody who is not trusted. Where files have no owner none does.
func strange(_, _ string) bool { return false }
