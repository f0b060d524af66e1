package behaviour

import (
	"math"

	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
)

// botHost sums up one host.
type botHost struct {
	missing               int            // names that do not exist
	absent                payload.Sketch // of random letters
	namesBegun, mailBegun int64
	browses               bool     // a browser was seen
	lookedUp              bool     // asked what its own address is
	resolvers             distinct // servers asked for names
	programs              distinct
	unnamed               inTurn   // servers asked over TLS that have neither a name nor a certificate of an authority
	asks                  distinct // hosts inside that it asks again and again
	mail                  distinct // servers that mail was taken to
	mailSent              int
	takesMail             bool // others bring it mail: a relay
	resolves              bool // others ask it for names
	told                  int  // answers that gave it addresses
	zones                 [4]zone
	refused               int          // by mail servers, as spam
	peers                 [2]peerCount // by its own socket, and by the other's port
	relays                relays
	seeks                 seeking
	paths                 [4]sharedPath
	end                   int64
	saidMail              int
	saidNames             int
	doubtful              [8]doubt // contacts with a score of note
	mailSample            flow.Tuple
}

// doubt is a contact that is not enough by itself.
type doubt struct {
	key   contactKey
	score float64
	at    int64 // when it was last in use
}

// speaks is true for a doubt that tells of a contact at another time.
func (d *doubt) speaks(at int64) bool {
	return d.score > noteworthy && max(at-d.at, d.at-at) <= doubtLasts
}

// doubtsOnly is true where no other contact of the host is doubtful at that time.
func (h *botHost) doubtsOnly(key contactKey, at int64) bool {
	for i := range h.doubtful {
		if d := &h.doubtful[i]; d.key != key && d.speaks(at) {
			return false
		}
	}
	return true
}

// beside is what a host's other doubtful contacts add to one's score.
func (h *botHost) beside(key contactKey, score float64, at int64) (more float64) {
	least, mine := 0, -1
	for i := range h.doubtful {
		d := &h.doubtful[i]
		if at-d.at > doubtLasts {
			d.score = 0
		}
		switch {
		case d.key == key:
			mine = i
		case d.key.server != key.server && d.speaks(at):
			more += math.Min(0.8, 0.45*(d.score-noteworthy))
		}
		if d.score < h.doubtful[least].score {
			least = i
		}
	}
	if mine < 0 {
		mine = least
	}
	if score > noteworthy && (h.doubtful[mine].key == key || score > h.doubtful[mine].score) {
		h.doubtful[mine] = doubt{key, score, at}
	}
	return math.Min(1.5, more)
}

// worst is the host's most doubtful contact, nil if there is none.
func (h *botHost) worst() *doubt {
	most := &h.doubtful[0]
	for i := range h.doubtful {
		if h.doubtful[i].score > most.score {
			most = &h.doubtful[i]
		}
	}
	if most.score == 0 {
		return nil
	}
	return most
}

// noteworthy is the score from which a contact speaks against its host's others.
const noteworthy = 1.4

// doubtLasts is how long it does: what an intruder brings comes within minutes, and
// in a day every host does a few odd things.
const doubtLasts = 10 * 60_000_000

// sharedPath is a path asked of several servers.
type sharedPath struct {
	path  uint32
	names [4]uint32 // under which it was asked for; one name is one service, however many servers have it
	n     int
}

// book adds what a contact tells about its host.
func (h *botHost) book(key contactKey, c *contact, o *Observation) {
	s := o.Record.Signals
	if s == nil {
		return
	}
	h.browses = h.browses || s.Marks.Any(payload.BrowserSeen)
	h.lookedUp = h.lookedUp || s.Marks.Any(payload.AddressLookup)
	if c.nameless && c.unnamed() && s.Marks.Any(payload.PrivateCA) {
		h.unnamed.add(hashAddr(key.server), c.start)
	}
	if s.Marks.Any(payload.ExeFetched) {
		h.programs.add(hashAddr(key.server))
	}
	if s.Proto == payload.SMTP || key.port == 25 && key.proto == packet.TCP {
		if now := o.Record.Last; h.mailBegun == 0 || now-h.mailBegun > mailWindow {
			h.mailBegun, h.mail, h.mailSent, h.refused, h.saidMail = now, distinct{}, 0, 0, 0
		}
		spoke := o.Record.Fwd.Payload >= envelope || s.Marks.Any(payload.SpamWords)
		if spoke && h.mail.add(hashAddr(key.server)) {
			h.mailSample = o.Record.Tuple
		}
		if o.Kind == flow.Ended {
			if s.Marks.Any(payload.MailSent) || s.Proto == payload.TLS && o.Record.Fwd.Payload > sealedMail {
				h.mailSent++
			}
			if s.Marks.Any(payload.SpamWords) {
				h.refused++
			}
		}
	}
	bare := s.HTTP.BarePosts > 0 || s.Marks.Any(payload.NoAgent|payload.ForgedBrowser) && s.HTTP.Path != rootPath
	if s.Proto == payload.HTTP && bare && !c.person() || c.unpaged() {
		name := s.HTTP.Host
		if name == 0 {
			name = uint32(hashAddr(key.server))
		}
		h.share(s.HTTP.Path, name)
	}
}

// envelope is less than whoever brings mail says: his name, the sender, the receiver. Who
// tests whether a server is there says less.
const envelope = 40

// rootPath is the hash of the path /, which everybody asks for everywhere.
const rootPath = 0x2a0c975e

// share notes that a path was asked for under a name.
func (h *botHost) share(path, name uint32) {
	slot := &h.paths[path%uint32(len(h.paths))]
	if slot.path != path {
		*slot = sharedPath{path: path}
	}
	for _, have := range slot.names[:slot.n] {
		if have == name {
			return
		}
	}
	if slot.n < len(slot.names) {
		slot.names[slot.n] = name
		slot.n++
	}
}

// sharedBy is of how many servers the contact's path was asked.
func (h *botHost) sharedBy(path uint32) int {
	if slot := &h.paths[path%uint32(len(h.paths))]; slot.path == path {
		return slot.n
	}
	return 0
}
