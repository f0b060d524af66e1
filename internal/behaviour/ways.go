package behaviour

import "cmp"

// ways tell people how a behaviour finds what it finds: "found by counting log-ins".
var ways = map[string]string{
	"bot":          "the signs of a remote-controlled host",
	"bruteforce":   "counting log-ins",
	"chain":        "steps that follow one another",
	"fingerprint":  "a scanner's odd packets",
	"flood":        "counting packets",
	"forest":       "the forest",
	"forest-alone": "the forest alone",
	"heartbleed":   "reading TLS heartbeats",
	"httpflood":    "counting requests",
	"impostor":     "answers to whatever name is asked for",
	"infiltration": "what a host does after it was reached",
	"linkflood":    "counting frames under made-up addresses",
	"plant":        "what controllers of plants are asked for",
	"poison":       "answers that nobody asked for",
	"portscan":     "counting ports tried",
	"slowdos":      "connections held open",
	"sweep":        "asking for neighbour after neighbour",
	"webattack":    "reading requests",
}

// Way says in words how the behaviour of that name finds what it finds.
func Way(name string) string { return cmp.Or(ways[name], name) }
