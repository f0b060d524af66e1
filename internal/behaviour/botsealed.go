package behaviour

import (
	"firetower/internal/payload"
)

// sealedSigns are those of TLS and QUIC.
var sealedSigns = []botSign{
	unnamed("TLS without a server name", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return 0.5
	}),
	unnamed("TLS without a name to an address that no DNS answer gave", func(k *contactKey, c *contact, _ *botHost) float64 {
		told := unusualTLS(k.port) && c.marks.Any(payload.SelfSigned) // says as much, whoever is asked
		return when(c.nameless && !c.heavy && !told, 0.4)
	}),
	unnamed("TLS without a name under a certificate of no public authority", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.nameless && !c.heavy && c.private(), 0.7)
	}),
	unnamed("TLS to several servers without a name or a public authority", func(_ *contactKey, c *contact, h *botHost) float64 {
		return when(c.nameless && c.marks.Any(payload.PrivateCA) && h.unnamed.several(), 1.2)
	}),
	unnamed("TLS of the oldest version, without a name or a public authority", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.old && c.nameless && c.marks.Any(payload.PrivateCA), 0.5)
	}),
	unnamed("the same few words at even times over TLS without a name", func(k *contactKey, c *contact, _ *botHost) float64 {
		timed := c.beats.regularity() >= 0.5 && c.beats.period() >= 1.5 && !c.crowded() && !c.device()
		alone := c.nameless || unusualTLS(k.port) && !inside(k.server)
		return when(alone && !c.heavy && timed && c.beats.constancy() >= 0.7, 0.8)
	}),
	{"QUIC without a server name", func(k *contactKey, c *contact, _ *botHost) float64 {
		return when(c.proto == payload.QUIC && c.unnamed() && k.port == 443, 1.2)
	}},
	{"a certificate that vouches for itself", func(k *contactKey, c *contact, _ *botHost) float64 {
		own := c.proto == payload.TLS && c.marks.Any(payload.SelfSigned)
		return when(own, 1) + when(own && c.unnamed() && (c.nameless && !c.heavy || unusualTLS(k.port)), 0.6)
	}},
	{"a certificate as the tool suggests it, which names no server", func(k *contactKey, c *contact, _ *botHost) float64 {
		outside := c.hasty && c.talked && c.marks.Any(payload.SelfSigned) && !inside(k.server)
		return when(outside, 0.7) + when(outside && c.sni, 0.8)
	}},
	{"a certificate that a framework of remote control makes by default", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.framework, 2)
	}},
	{"TLS on an unusual port", func(k *contactKey, c *contact, _ *botHost) float64 {
		return when(c.proto == payload.TLS && unusualTLS(k.port), 0.7)
	}},
}

// unnamed makes a sign that only handshakes without a server's name show.
func unnamed(words string, weight func(key *contactKey, c *contact, h *botHost) float64) botSign {
	return botSign{words, func(k *contactKey, c *contact, h *botHost) float64 {
		if !c.unnamed() {
			return 0
		}
		return weight(k, c, h)
	}}
}

// unnamed is true for a handshake of TLS or QUIC that names no server.
func (c *contact) unnamed() bool {
	return (c.proto == payload.TLS || c.proto == payload.QUIC) && c.marks.Any(payload.NoSNI) && !c.sni
}

// private is true where the certificate is of no public authority, but of another
// than the server.
func (c *contact) private() bool {
	return c.marks.Any(payload.PrivateCA) && !c.marks.Any(payload.SelfSigned)
}

// unusualTLS is true for ports that no common service with TLS uses.
func unusualTLS(port uint16) bool {
	switch port {
	case 443, 465, 563, 587, 636, 853, 989, 990, 992, 993, 995, 25, 110, 143, 21, 389, 3389, 5061, 5222, 5223, 5228, 5269, 5432,
		6697, 8443, 8883, 9001, 9030, 9443, 1194, 2083, 2087, 2096, 4433, 4443, 5349, 3269:
		return false
	}
	return true
}
