// Package behaviour watches hosts over time. Each behaviour is one small file that
// knows one thing an attack cannot hide, a scan's fan-out or a log-in's
// repetition, and says so as a Finding. All of them take their clock from the
// events, keep bounded state and count what they evict.
package behaviour

import (
	"firetower/internal/attack"
	"firetower/internal/detect"
	"firetower/internal/flow"
	"firetower/internal/packet"
)

// Observation is one flow event with the forest's verdict on the flow so far. It
// is only valid during the call.
type Observation struct {
	*flow.Event
	Verdict detect.Verdict // zero unless the forest has judged the flow
}

// Behaviour watches one kind of conduct.
type Behaviour interface {
	// Name is the file's name for itself, as in docs and metrics.
	Name() string
	// Observe takes one event; what it concludes goes to emit.
	Observe(o *Observation, emit func(Finding))
	// Advance tells the packet time when no event came for a while, so that
	// windows close and silence can be noticed.
	Advance(now int64, emit func(Finding))
	// Stats tells the state it holds and what it had to give up.
	Stats() Stats
}

// Listener is a behaviour that listens to hosts which ask for neighbours, too.
type Listener interface {
	Behaviour
	// Asked takes one such question or answer, in order of time among themselves.
	Asked(a *flow.Ask, emit func(Finding))
}

// Watcher is a behaviour that looks at frames which tell something by themselves, too.
type Watcher interface {
	Behaviour
	// Framed takes one such frame, in order of time among themselves.
	Framed(f *flow.Frame, emit func(Finding))
}

// Stats of one behaviour.
type Stats struct {
	Entries   int    // hosts, pairs or services held now
	Limit     int    // the most it will hold
	Evictions uint64 // entries given up because of the limit
	Findings  uint64
}

// Finding is one conclusion of one behaviour. The same activity may be found again
// as it grows: incidents join findings that share Class, Actor and Activity.
type Finding struct {
	Behaviour  string
	Support    bool // makes no incident; adds to one of the same class and actor
	Class      attack.Class
	Actor      packet.Addr   // who does it; for a flood from many, the first source
	Actors     []packet.Addr // further actors, if there are several
	ActorsN    int           // how many there are in all; 0: as many as listed
	Targets    []packet.Addr // a sample, most important first
	TargetsN   int           // how many there are in all
	Ports      []uint16      // a sample of the ports attacked
	PortsN     int
	Activity   string // tells two activities of one actor and class apart, e.g. "22" for a service; may be ""
	Start, End int64  // microseconds since the Unix epoch
	Flows      int    // flows that belong to it so far
	Confidence float64
	Severity   int      // 0: the class's own
	Techniques []string // nil: the class's own
	Reason     string   // one sentence with the numbers that made it
	Evidence   []Evidence
	Filter     string       // Wireshark display filter; "" lets the incident derive one
	Samples    []flow.Tuple // a few flows, for community ids; of ICMP with type and code for ports
}

// Evidence is one number behind a finding.
type Evidence struct {
	Name   string  `json:"name"`             // "failed connections"
	Value  float64 `json:"value"`            // 312
	Normal float64 `json:"normal,omitempty"` // what a usual host shows, or the limit
	Unit   string  `json:"unit,omitempty"`
}
