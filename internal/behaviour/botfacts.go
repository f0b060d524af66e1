package behaviour

import (
	"math"

	"firetower/internal/packet"
	"firetower/internal/payload"
)

// Weighed is a contact at the moment of its judgement, for those who fit the weights
// or look for a better judge (bench/contacts). It is only valid during the call.
type Weighed struct {
	Host, Server packet.Addr
	Port         uint16
	Proto        uint8
	Weights      []float64 // log odds by sign, in the order of BotSigns
	Facts        []float64 // in the order of BotFacts
	Probability  float64
}

// Weigher is told of contacts as they are judged.
type Weigher interface{ Weighed(w Weighed) }

// BotSigns names the signs of a contact.
func BotSigns() (names []string) {
	for i := range botSigns {
		names = append(names, botSigns[i].words)
	}
	return append(names, "other doubtful contacts of the same host")
}

// BotFacts names the numbers behind the signs.
func BotFacts() []string {
	return []string{"connections", "failed", "sent", "got", "regularity", "constancy", "period", "bursts", "gap", "jitter", "size",
		"requests", "posts", "bare posts", "check-ins", "repeats", "names", "protocol", "UDP", "first up", "entropy up", "first down", "entropy down",
		"person", "named", "no server name", "self-signed", "odd port", "inside"}
}

// weighed copies the contact into numbers.
func (c *contact) weighed(key contactKey, weights []float64, p float64) Weighed {
	flag := func(yes bool) float64 { return when(yes, 1) }
	n := float64(max(1, c.flows))
	jitter := c.rhythm.Jitter()
	if math.IsInf(jitter, 1) {
		jitter = 9
	}
	odd := !serves(key.port)
	switch c.proto {
	case payload.HTTP:
		odd = unusualWeb(key.port)
	case payload.TLS:
		odd = unusualTLS(key.port)
	}
	return Weighed{
		Host: key.host, Server: key.server, Port: key.port, Proto: key.proto, Weights: weights, Probability: p,
		Facts: []float64{float64(c.flows), float64(c.failed) / n, float64(c.sent) / n, float64(c.got) / n,
			c.beats.regularity(), c.beats.constancy(), c.beats.period(), float64(c.rhythm.Bursts), float64(c.rhythm.Mean), jitter, float64(c.rhythm.Size),
			float64(c.requests), float64(c.posts), float64(c.bare), float64(c.checkIns), float64(c.repeats), float64(c.names.Count()),
			float64(c.proto), flag(key.proto == packet.UDP),
			float64(c.first[0].Length), float64(c.first[0].Entropy), float64(c.first[1].Length), float64(c.first[1].Entropy),
			flag(c.web() && c.person()), flag(c.introduced()), flag(c.marks.Any(payload.NoSNI) && !c.sni), flag(c.marks.Any(payload.SelfSigned)),
			flag(odd), flag(inside(key.host) && inside(key.server))},
	}
}
