package behaviour

import (
	"encoding/binary"
	"fmt"
	"strings"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/words"
)

// forestVotes counts the forest's confident verdicts on each host's flows. By
// itself it accuses nobody: on networks that the forest was not trained on, one
// benign flow in several may look like an attack (see docs/behaviours.md). It
// supports what another behaviour has found of the same host.
type forestVotes struct {
	hosts    *table[packet.Addr, votes]
	once     [onceSeen]uint32 // hosts of which one flow was seen, by hash
	now      int64
	swept    int64
	findings uint64
}

// votes are those on one host's flows.
type votes struct {
	first, last int64
	total       int
	flows       [9]int // by class, in the order of attack.Classes
	said        int
}

const (
	voters    = 4096
	onceSeen  = 1 << 14
	voteSure  = 0.8 // probability at which a verdict counts
	voteShare = 0.5 // of a host's flows, for the verdict to be one on the host
	voteLeast = 4
)

func newForestVotes() *forestVotes {
	return &forestVotes{hosts: newTable[packet.Addr](voters, func(v *votes) float64 { return float64(v.total) })}
}

// Name implements Behaviour.
func (*forestVotes) Name() string { return "forest" }

// Stats implements Behaviour.
func (b *forestVotes) Stats() Stats {
	return Stats{Entries: b.hosts.len(), Limit: voters, Evictions: b.hosts.evictions, Findings: b.findings}
}

// Observe implements Behaviour.
func (b *forestVotes) Observe(o *Observation, emit func(Finding)) {
	b.now = max(b.now, o.Time)
	if o.Kind != flow.Ended || o.Verdict.Class == "" {
		return
	}
	if b.newcomer(&o.Record.Src) {
		return
	}
	v, fresh := b.hosts.add(o.Record.Src)
	if fresh {
		v.first = o.Record.Start
	}
	v.total++
	v.last = max(v.last, o.Record.Last)
	for i, c := range attack.Classes() {
		if c == o.Verdict.Class && o.Verdict.Probability >= voteSure {
			v.flows[i]++
			if v.flows[i] >= 2*max(v.said, voteLeast/2) {
				b.say(o.Record.Src, v, emit)
			}
		}
	}
}

// newcomer says that this is a host's first flow, of which no account is kept: a
// forged source has no other, and a million of them should cost next to nothing. A
// host that was forgotten meanwhile loses the vote of one flow.
func (b *forestVotes) newcomer(a *packet.Addr) bool {
	if b.hosts.get(*a) != nil {
		return false
	}
	h := uint64(14695981039346656037)
	for i := 0; i < len(a); i += 4 {
		h = (h ^ uint64(binary.LittleEndian.Uint32(a[i:]))) * 1099511628211
	}
	h ^= h >> 29
	place, mark := &b.once[h%onceSeen], uint32(h>>32)|1
	known := *place == mark
	*place = mark
	return !known
}

// Advance implements Behaviour.
func (b *forestVotes) Advance(now int64, emit func(Finding)) {
	b.now = max(b.now, now)
	if b.now-b.swept < 30e6 {
		return
	}
	b.swept = b.now
	b.hosts.each(func(a packet.Addr, v *votes) bool {
		if b.now-v.last > 30e6 {
			b.say(a, v, emit)
		}
		if b.now-v.last > hour/2 {
			b.hosts.drop(a)
		}
		return true
	})
}

// say supports the class that most of a host's flows look like.
func (b *forestVotes) say(a packet.Addr, v *votes, emit func(Finding)) {
	for i, c := range attack.Classes() {
		n := v.flows[i]
		if n < voteLeast || n <= v.said || float64(n) < voteShare*float64(v.total) {
			continue
		}
		v.said = n
		b.findings++
		emit(Finding{
			Behaviour: b.Name(), Support: true, Class: c, Actor: a, Start: v.first, End: v.last, Flows: n,
			Confidence: 0.5 * float64(n) / float64(v.total),
			Reason:     fmt.Sprintf("forest: %s of %s look like %s.", words.Count(n), words.Plural(v.total, "flow"), c),
			Evidence:   []Evidence{{Name: fmt.Sprintf("flows that the forest calls %s, of %s", strings.ToLower(c.Title()), words.Count(v.total)), Value: float64(n)}},
		})
	}
}
