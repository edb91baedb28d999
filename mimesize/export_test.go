package mimesize

// Slow has every line given the second look that quickLines spares it. What is measured must be the same.
func (s *Scanner) Slow() { s.slow = true }
