package facts

// content measures parts, attachments, text and links.
func (m *maker) content() {}
