package facts

// maxAddresses bounds the addresses and domains that are kept of one message.
const maxAddresses = 10_000

// header measures the message's own header block.
func (m *maker) header() {}
