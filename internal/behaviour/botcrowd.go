package behaviour

import (
	"fmt"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
	"firetower/internal/words"
)

// namesWindow and mailWindow are how long names that do not exist, and mail servers,
// are counted before counting begins anew.
const (
	namesWindow = 30 * 60_000_000
	mailWindow  = 15 * 60_000_000
)

// mostResolvers is how many name servers a host asks at most unless it is a resolver
// itself, which asks on behalf of everybody.
const mostResolvers = 6

// sealedMail is how many bytes a client must have sent over STARTTLS for a message to
// have been among them: handshake and envelope are shorter.
const sealedMail = 1500

// lookUps books names that do not exist and judges whether they were generated.
func (b *bot) lookUps(key contactKey, h *botHost, r *flow.Record, seen *botSeen, emit func(Finding)) {
	s := r.Signals
	h.lookedUp = h.lookedUp || s.Marks.Any(payload.AddressLookup)
	if h.namesBegun == 0 || r.Last-h.namesBegun > namesWindow {
		h.namesBegun, h.missing, h.absent, h.saidNames = r.Last, 0, 0, 0
	}
	h.missing += gain(uint32(s.DNS.Missing), &seen.missing)
	if gain(uint32(s.DNS.MissingRandom), &seen.missingRandom) > 0 {
		h.absent |= s.DNS.Absent
	}
	h.resolvers.add(hashAddr(key.server))
	n := h.absent.Count()
	if h.resolves || h.resolvers.count() > mostResolvers || n < 10 || 3*n < h.missing || !doubled(n, h.saidNames) {
		return
	}
	h.saidNames = n
	b.findings++
	emit(Finding{
		Behaviour: b.Name(), Class: attack.Bot,
		Actor: key.host, Targets: []packet.Addr{key.server}, TargetsN: 1, Ports: []uint16{key.port}, PortsN: 1,
		Activity: "names", Start: h.namesBegun, End: h.end, Flows: h.missing,
		Confidence: min(0.97, 0.7+0.01*float64(n)), Techniques: []string{"T1568.002"},
		Reason: fmt.Sprintf("%s asked for about %d names of random letters that do not exist in %s, as programs do that generate the names of their controllers",
			key.host, n, span(h.end-h.namesBegun)),
		Evidence: []Evidence{{Name: "random names that do not exist", Value: float64(n), Normal: 2}},
		Filter:   fmt.Sprintf("dns.flags.rcode == 3 && ip.addr == %s", key.host),
		Samples:  []flow.Tuple{r.Tuple},
	})
}

// spamServers is to how many mail servers a host must bring mail itself to be a
// spam bot; a mail relay is asked for mail by others, which a bot is not.
const spamServers = 15

// mail judges whether a host floods the world with mail.
func (b *bot) mail(key contactKey, h *botHost, emit func(Finding)) {
	n := h.mail.count()
	if key.port != 25 || n < spamServers || h.takesMail || 2*h.mailSent > n || !doubled(n, h.saidMail) {
		return // a relay takes mail as well, and gets rid of it
	}
	if minutes := float64(h.end-h.mailBegun) / 60e6; float64(n) < 3*minutes {
		return
	}
	h.saidMail = n
	b.findings++
	emit(Finding{
		Behaviour: b.Name(), Class: attack.Bot,
		Actor: key.host, Targets: []packet.Addr{key.server}, TargetsN: n, Ports: []uint16{25}, PortsN: 1,
		Activity: "mail", Start: h.mailBegun, End: h.end, Flows: n,
		Confidence: min(0.97, 0.75+0.005*float64(n)), Techniques: []string{"T1071.003", "T1496"},
		Reason: fmt.Sprintf("%s connected to %s itself in %s; %s taken and %s refused as spam",
			key.host, words.Plural(n, "mail server"), span(h.end-h.mailBegun), words.Plural(h.mailSent, "message"), words.Plural(h.refused, "connection")),
		Evidence: []Evidence{{Name: "mail servers", Value: float64(n), Normal: 2}},
		Filter:   fmt.Sprintf("tcp.port == 25 && ip.addr == %s", key.host),
		Samples:  []flow.Tuple{h.mailSample},
	})
}
