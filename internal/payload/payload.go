// Package payload reduces the clear-text payload of a flow to numbers: requests,
// failed log-ins, TLS record types, characters that injections need. It looks at
// each packet once, keeps counters and nothing of the text itself.
package payload

// Signals are the numbers of one flow. The zero value is a flow that has carried
// no payload yet.
type Signals struct {
	Proto Proto // the application protocol recognised, from bytes, not from ports
}

// Proto is an application protocol that Signals can read.
type Proto uint8

// The protocols.
const (
	Unknown Proto = iota
)
