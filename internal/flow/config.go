package flow

import (
	"fmt"
	"time"
)

// Profile names one of the rule sets that CICFlowMeter has had over the years. The
// same packets give different numbers under each, so a model belongs to one.
type Profile uint8

// The profiles.
const (
	// CICFixed is the corrected CICFlowMeter (GintsEngelen/CICFlowMeter 4dd5319),
	// which made the improved CICIDS2017 and 2018 data.
	CICFixed Profile = iota
	// CIC2017 is the build of early 2018 and before that made the published
	// CICIDS2017 data, with all its mistakes.
	CIC2017
	// CICV4 is the current CICFlowMeter (ahlashkari/CICFlowMeter 98a5eba).
	CICV4
)

var profileNames = [...]string{CICFixed: "cic-fixed", CIC2017: "cic2017", CICV4: "cic-v4"}

func (p Profile) String() string { return profileNames[p] }

// ParseProfile gives the profile of a name as the command line has it.
func ParseProfile(name string) (Profile, error) {
	for i, n := range profileNames {
		if n == name {
			return Profile(i), nil
		}
	}
	return 0, fmt.Errorf("unknown profile %q: use cic-fixed, cic2017 or cic-v4", name)
}

// Config says when flows end and how much a table may hold.
type Config struct {
	Profile Profile `yaml:"-"`

	// ActiveTimeout ends a flow that long after its first packet; what follows is
	// a new flow of the same conversation. 120 s is what the data sets have.
	ActiveTimeout time.Duration `yaml:"active_timeout"`
	// IdleTimeout ends a flow that long after its last packet, and after it the
	// conversation is forgotten. 0: never.
	IdleTimeout time.Duration `yaml:"idle_timeout"`
	// ActivityTimeout is the silence that parts two active periods of a flow.
	ActivityTimeout time.Duration `yaml:"-"`
	// Linger is how long after its close (mutual FIN, or RST) a TCP flow waits for
	// stragglers before it is reported. 0: until a SYN, a timeout or the end of
	// input, which is what the corrected CICFlowMeter does and what its data has.
	Linger time.Duration `yaml:"linger"`

	// MaxFlows is the most entries a table holds (see Sizes for their memory).
	// When it is full, a new flow takes the place of: a closed flow kept for
	// stragglers, else a finished conversation, else the oldest flow of one
	// packet, else the least recently active of the next few due for their check.
	MaxFlows int `yaml:"max_flows"`
	// MaxRunning is the most flows of more than one packet, and the most flows
	// whose payload is followed. When there are so many, a flow's second packet
	// ends the least recently active of the next few due for their check, and
	// payload of further flows is not looked into. With the defaults the table
	// stays below 1 GB whatever comes.
	MaxRunning int `yaml:"max_running"`
	// Retransmissions is the most segments remembered per TCP connection in order
	// to recognise one that is sent again. 0: the retransmission columns stay 0.
	Retransmissions int `yaml:"-"`
	// Updates asks for Updated events.
	Updates bool `yaml:"-"`
}

// DefaultConfig is what watching and detection use.
func DefaultConfig() Config {
	return Config{
		ActiveTimeout:   120 * time.Second,
		IdleTimeout:     600 * time.Second,
		ActivityTimeout: 5 * time.Second,
		Linger:          2 * time.Second,
		MaxFlows:        2_000_000,
		MaxRunning:      500_000,
		Updates:         true,
	}
}

// ExactConfig is what comparison with CICFlowMeter's own output needs: flows end
// when that program ends them, and retransmissions are counted.
func ExactConfig(p Profile) Config {
	c := DefaultConfig()
	c.Profile = p
	c.Linger = 0
	c.Updates = false
	c.Retransmissions = 1 << 20
	return c
}
