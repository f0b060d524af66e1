// Package payload reduces the clear-text payload of a flow to numbers: requests,
// failed log-ins, TLS record types, characters that injections need. It looks at
// each packet once, keeps counters and nothing of the text itself.
package payload

import "firetower/internal/packet"

// Signals are the numbers of one flow. The zero value is a flow that has carried
// no payload yet. It holds no pointers, so that it can be copied into events.
type Signals struct {
	Proto     Proto     // the application protocol recognised, from bytes, not from ports
	Reversed  bool      // the client of the protocol is the flow's responder (seen from the middle)
	Marks     Marks     // what was seen at least once
	Looked    [2]uint16 // packets with payload, initiator's first; saturating
	Requests  uint32    // of the protocol's client
	Responses uint32
	LogIns    uint16 // attempts to log in
	Failures  uint16 // log-ins that the server refused in so many words
	Successes uint16 // log-ins that it accepted
	Users     Sketch // distinct user names
}

// Observe takes one packet with payload; fwd says that the flow's initiator sent
// it. changed reports that something behaviours wait for has happened: a refused
// log-in, an injection, a heartbeat.
func (s *Signals) Observe(fwd bool, p *packet.Packet) (changed bool) {
	d := 0
	if !fwd {
		d = 1
	}
	if s.Looked[d] != 65535 {
		s.Looked[d]++
	}
	return false
}
