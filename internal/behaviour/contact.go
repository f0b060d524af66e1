package behaviour

import (
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
)

// contact sums up what a host had to do with one service.
type contact struct {
	start, end  int64
	flows       int
	failed      int // attempts that nobody answered
	sent, got   uint64
	beats       beats // beginnings of connections
	rhythm      payload.Rhythm
	past        payload.Rhythm // of the parts of a connection that have ended
	lastPort    uint16
	pastPort    uint16
	proto       payload.Proto
	marks       payload.Marks
	first       [2]payload.First
	requests    int
	gets        int
	posts, bare int
	empty       int // replies without a body
	checkIns    int
	repeats     int
	ciphers     int
	falseForms  int
	terse       int
	declared    int
	cookies     payload.Sketch // names of the first of each request
	path, named uint32         // of the last request
	before      uint32         // path of the one before
	aliases     int            // requests for the same path under another host name
	detail      uint8          // how closely a request described the machine
	altered     int            // echo replies that gave back something else
	methods     uint16
	names       payload.Sketch
	sni         bool
	talked      bool      // the client has sent something behind a handshake
	old         bool      // the client's TLS is of 1999: version 1.0 at most
	heavy       bool      // a connection brought more than answers to polls
	wordy       bool      // more was said at each beat than orders are
	unseen      bool      // the first connection's beginning was not captured
	nameless    bool      // no answer to a DNS query gave the address, to a host that asks for names
	called      bool      // an answer to a DNS query gave the address
	answers     [3]uint64 // sizes of the server's part of a connection, as far as they differ
	hasty       bool      // its certificate is as the tool suggests it
	framework   bool      // the server's certificate is a framework's by default
	windows     bool      // the client's TLS is that of Windows
	greets      bool      // the server speaks before it is asked anything
	disguised   bool      // the client begins with text under a key
	counted     bool      // all messages stand behind their length
	coded       bool      // all messages are Base64
	dynamic     bool      // the address was given for a name of dynamic DNS
	inside      bool      // both ends are, and
	usual       bool      // the host asks others alike, or others the server: a monitor, or a service of the house
	held        int       // connections of which the answer was held back, right after another
	heldEnd     int64
	lastFlow    uint64
	said        float64
	saidBeats   int
	sample      flow.Tuple
}

// book adds one event of a flow to the contact.
func (c *contact) book(o *Observation, seen *botSeen) {
	r, s := &o.Record, o.Record.Signals
	c.end = max(c.end, r.Last)
	if !seen.booked && (s != nil || o.Kind == flow.Ended) {
		seen.booked = true
		if c.flows == 0 || r.SrcPort != c.lastPort { // else the same connection, parted by the meter
			c.flows++
			c.beats.add(r.Start, connectionsAtOnce)
		}
		c.lastPort = r.SrcPort
	}
	if o.Kind == flow.Ended {
		c.beats.sizes.add(float64(r.Fwd.Payload))
		c.sent += r.Fwd.Payload
		c.got += r.Bwd.Payload
		if r.Bwd.Payload == 0 && (r.Proto == packet.TCP && r.Fwd.Payload == 0 || r.Unreachable) {
			c.failed++
		}
		c.wait(r)
	}
	if s == nil {
		return
	}
	c.marks |= s.Marks
	if s.Proto != payload.Unknown || c.proto == payload.Unknown { // a later part of a connection no longer shows it
		c.proto = s.Proto
	}
	c.keep(r, o.Kind == flow.Ended)
	if !r.MidStream {
		c.first = s.First
		c.greets, c.disguised = s.AnswerFirst(), s.Disguised()
	}
	c.counted = c.counted || s.Frames.Counted()
	c.coded = c.coded || s.Frames.Coded()
	c.heavy = c.heavy || r.Bwd.Payload > pollSetUp+pollAnswer*uint64(s.Rhythm.Bursts)
	c.wordy = c.wordy || r.Fwd.Payload+r.Bwd.Payload > 600*uint64(s.Rhythm.Bursts+4)
	c.names |= s.Names
	c.sni = c.sni || s.TLS.SNI != 0
	c.talked = c.talked || s.TLS.AppData[0] > 0
	c.hasty = c.hasty || s.TLS.Hasty
	c.framework = c.framework || s.TLS.Default
	c.windows = c.windows || s.TLS.Windows
	if o.Kind == flow.Ended && (s.TLS.AppData[1] > 0 || s.Proto == payload.HTTP) {
		c.answered(r.Bwd.Payload)
	}
	c.old = c.old || s.TLS.Version != 0 && s.TLS.Version <= 0x301
	c.bookWeb(r, seen)
}

// bookWeb adds what is new of a flow's requests.
func (c *contact) bookWeb(r *flow.Record, seen *botSeen) {
	s, w := r.Signals, &r.Signals.HTTP
	rise := gain(s.Requests, &seen.requests)
	c.requests += rise
	c.posts += gain(uint32(w.Posts), &seen.posts)
	c.gets += gain(uint32(w.Gets), &seen.gets)
	c.empty += gain(uint32(w.Empty), &seen.empty)
	c.bare += gain(uint32(w.BarePosts), &seen.bare)
	c.checkIns += gain(uint32(w.CheckIns), &seen.checkIns)
	c.repeats += gain(uint32(w.Repeats), &seen.repeats)
	c.ciphers += gain(uint32(w.Ciphers), &seen.ciphers)
	c.falseForms += gain(uint32(w.FalseForms), &seen.falseForms)
	c.terse += gain(uint32(w.Terse), &seen.terse)
	c.declared += gain(uint32(w.Declared), &seen.declared)
	if w.Cookie != 0 {
		c.cookies.Add(uint32(w.Cookie))
	}
	c.methods |= w.Methods
	c.detail = max(c.detail, w.Detail)
	if s.Proto == payload.HTTP && rise > 0 {
		if c.path == w.Path && c.lastFlow != r.ID {
			c.repeats++
			if c.named != w.Host {
				c.aliases++
			}
		}
		if c.path != w.Path { // two in turn: at one it asks, at the other it tells
			if c.before == w.Path {
				c.repeats++
			}
			c.before = c.path
		}
		c.path, c.named, c.lastFlow = w.Path, w.Host, r.ID
	}
}

// keep holds on to the longest rhythm: of one connection, whose parts the meter
// reports one by one, or of several at the same pace.
func (c *contact) keep(r *flow.Record, ended bool) {
	now, part := c.past, &r.Signals.Rhythm
	if r.SrcPort == c.pastPort || part.Bursts >= 4 && near(float64(part.Mean), float64(c.past.Mean), 0.2) {
		now.Join(part)
	} else {
		now = *part
	}
	if now.Bursts >= c.rhythm.Bursts {
		c.rhythm = now
	}
	if ended {
		c.past, c.pastPort = now, r.SrcPort
	}
}
