package behaviour

import "firetower/internal/packet"

// Config holds the settings of every behaviour. Each behaviour's own settings are
// declared beside it.
type Config struct {
	// Ignore lists hosts whose own conduct is never reported: the vulnerability
	// scanner, the monitoring server.
	Ignore []packet.Addr
}

// DefaultConfig is what Firetower runs with unless told otherwise.
func DefaultConfig() Config { return Config{} }

// All makes one of each behaviour, in the order in which they see events. To add
// one, write its file and add its line here.
func All(cfg Config) []Behaviour {
	return []Behaviour{}
}
