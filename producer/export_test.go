package producer

// ContentHash is the header content-hash of a value.
func ContentHash(value []byte) string { return string(contentHash(value)) }
