package behaviour

import (
	"fmt"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
	"firetower/internal/words"
)

// InfiltrationConfig holds the limits of the infiltration behaviour.
type InfiltrationConfig struct {
	// Enough is the joint weight of evidence from which a finding is made.
	Enough float64
	// Together is how long pieces of evidence between two hosts may lie apart, in
	// microseconds.
	Together int64
	// Pairs is the most pairs of hosts watched.
	Pairs int
}

// DefaultInfiltrationConfig is explained in docs/behaviours.md.
func DefaultInfiltrationConfig() InfiltrationConfig {
	return InfiltrationConfig{Enough: 0.7, Together: 15 * 60e6, Pairs: 16384}
}

// sign is one thing that moving from host to host leaves in the clear, with the
// weight it has alone: how likely it is, in the view of who wrote this, that no
// administrator did it. Weights join as if independent: 1 - (1-a)(1-b)...
type sign struct {
	all    payload.Marks // these were all seen between the two hosts
	any    payload.Marks // and one of these, if there are any
	weight float64
	words  string
	ids    []string // ATT&CK techniques
}

// signs of exploits, remote execution and remote control. Sources: ATT&CK's
// lateral movement techniques, the protocol documents of [MS-SCMR], [MS-TSCH],
// [MS-DRSR], [MS-NRPC], [MS-RPRN], [MS-EFSR], and the tools' published sources.
var signs = []sign{
	{all: payload.ZeroCredential, weight: 0.75, words: "Netlogon authentications with a credential of zeros (Zerologon)", ids: []string{"T1210", "T1068"}},
	{all: payload.RemoteExploit, weight: 0.9, words: "messages in the shape of a known exploit (as MS17-010, SMBGhost, BlueKeep, back doors of FTP and IRC servers, worms' loaders)", ids: []string{"T1210"}},
	{all: payload.CommandPipe, weight: 0.85, words: "named pipes of a remote command tool", ids: []string{"T1569.002", "T1021.002"}},
	{all: payload.CreateService, weight: 0.72, words: "a service created remotely", ids: []string{"T1569.002"}},
	{all: payload.StartService, weight: 0.4, words: "a service started remotely", ids: []string{"T1569.002"}},
	{all: payload.ReplicateDC, weight: 0.72, words: "directory secrets asked for by replication (DCSync)", ids: []string{"T1003.006"}},
	{all: payload.AdminShare | payload.ExeWritten, weight: 0.75, words: "a program written to an administrative share", ids: []string{"T1021.002", "T1570"}},
	{all: payload.AdminShare | payload.ExeNamed, weight: 0.5, words: "a program file opened on an administrative share", ids: []string{"T1021.002"}},
	{all: payload.AdminShare, any: payload.ServicePipe | payload.TaskPipe | payload.RegistryPipe | payload.DCOM, weight: 0.6, words: "an administrative share beside remote administration", ids: []string{"T1021.002"}},
	{all: payload.RegistryPipe | payload.ServicePipe, weight: 0.45, words: "remote registry and service control together", ids: []string{"T1003.002"}},
	{all: payload.DCOM, weight: 0.45, words: "objects activated remotely (DCOM, WMI)", ids: []string{"T1021.003", "T1047"}},
	{all: payload.Shell, weight: 0.9, words: "a shell's prompt in a connection of no known protocol", ids: []string{"T1059"}},
	{all: payload.Staged, weight: 0.85, words: "a program sent as the first thing in a connection of no known protocol", ids: []string{"T1105"}},
}

// infiltration finds one host taking over another: exploits, services and tasks
// created from afar, shells that answer over a socket, scripted desktops.
type infiltration struct {
	cfg      InfiltrationConfig
	pairs    *table[hostPair, takeover]
	walks    *table[packet.Addr, sessionWalk]
	files    contacts   // pairs of hosts between which FTP moves files
	domain   contacts   // hosts that serve directories, and sources
	granters contacts   // hosts that give ticket-granting tickets under AES
	modern   contacts   // hosts that give any
	asked    contacts   // servers of HTTP that a client has asked something a moment ago
	replicas []hostPair // that may be controllers, oldest first
	now      int64
	findings uint64
}

func newInfiltration(cfg InfiltrationConfig) *infiltration {
	return &infiltration{cfg: cfg, walks: newTable[packet.Addr](cfg.Pairs/4, func(w *sessionWalk) float64 { return float64(len(w.hosts)) }),
		pairs: newTable[hostPair](cfg.Pairs, func(t *takeover) float64 { return t.said + float64(t.saidSigns) })}
}

// Name implements Behaviour.
func (*infiltration) Name() string { return "infiltration" }

// Advance implements Behaviour. Who asked for directory secrets has had a minute to
// show that he is a controller himself.
func (b *infiltration) Advance(now int64, emit func(Finding)) {
	b.now = max(b.now, now)
	for len(b.replicas) > 0 {
		pair := b.replicas[0]
		t := b.pairs.get(pair)
		if t != nil && b.now-t.replicated < controllersTell {
			return
		}
		b.replicas = b.replicas[1:]
		if t != nil {
			b.spare(pair, t)
			b.judge(pair, t, emit)
		}
	}
}

// controllersTell is how long a controller may take to be known as one, in microseconds;
// replicasAtOnce is of how many it is waited for.
const (
	controllersTell = 60e6
	replicasAtOnce  = 1024
)

// source is the hash by which it is remembered that others replicate from a host.
func source(a packet.Addr) uint64 { return mix(hashAddr(a) + 1) }

// spare forgets what controllers do to one another.
func (b *infiltration) spare(pair hostPair, t *takeover) {
	at := hashAddr(pair.actor)
	if b.domain.holds(at) {
		t.gathered &^= payload.ReplicaAdd // who only lets others replicate from it may have asked for that
	}
	if b.domain.holds(at) || b.domain.holds(source(pair.actor)) {
		t.marks &^= payload.ReplicateDC
	}
}

// Stats implements Behaviour.
func (b *infiltration) Stats() Stats {
	return Stats{Entries: b.pairs.len() + b.walks.len(), Limit: b.cfg.Pairs + b.cfg.Pairs/4, Evictions: b.pairs.evictions + b.walks.evictions, Findings: b.findings}
}

// ofInterest are the marks that make a pair worth watching.
const ofInterest = payload.AdminShare | payload.ServicePipe | payload.TaskPipe | payload.RegistryPipe | payload.DCOM |
	payload.ReplicateDC | payload.CreateService | payload.StartService | payload.ZeroCredential | payload.RemoteExploit | payload.ExeWritten | payload.ExeNamed |
	payload.CommandPipe | payload.Shell | payload.Staged

// Observe implements Behaviour.
func (b *infiltration) Observe(o *Observation, emit func(Finding)) {
	b.now = max(b.now, o.Time)
	s := o.Record.Signals
	if s == nil {
		return
	}
	if s.Proto == payload.Kerberos || s.Proto == payload.LDAP || s.Marks.Any(payload.ReplicateDC|payload.ReplicationSought) {
		if c := sidesOf(&o.Record); c.fromServer.Payload > 0 {
			if s.Marks.Any(payload.ReplicateDC | payload.ReplicationSought) {
				b.domain.add(source(c.server))
			} else {
				b.domain.add(hashAddr(c.server))
			}
		}
	}
	if s.Domain.Gathered&payload.SessionsAsked != 0 {
		b.walked(&o.Record, emit)
	}
	if s.Domain.Gathered&payload.AESTicket != 0 {
		at := hashAddr(sidesOf(&o.Record).server)
		b.modern.add(at)
		if payload.AES(s.Domain.Granted) {
			b.granters.add(at)
		}
	}
	if s.Proto == payload.HTTP && s.Requests > 0 {
		c := sidesOf(&o.Record)
		b.asked.add(askedAt(c.client, c.server, o.Record.Last/callsBack))
	}
	if s.Proto == payload.FTP {
		b.files.add(eitherHash(&o.Record))
	}
	if !b.concerns(o) {
		return
	}
	pair := b.actor(&o.Record)
	t, fresh := b.pairs.add(pair)
	if fresh || o.Record.Start-t.end > b.cfg.Together {
		*t = takeover{start: o.Record.Start}
	}
	t.add(o, gathered(s))
	t.modern = t.modern || payload.AES(s.Domain.Shown) || payload.AES(s.Domain.Granted) || b.modern.holds(hashAddr(pair.victim))
	t.forged = t.forged || b.forged(&o.Record)
	t.archive = max(t.archive, b.carriedOut(&o.Record))
	t.calledBack = t.calledBack || b.calledBack(&o.Record)
	b.spare(pair, t)
	if (t.marks.Any(payload.ReplicateDC) || t.gathered&payload.ReplicaAdd != 0) && t.replicated == 0 && len(b.replicas) < replicasAtOnce {
		t.replicated = b.now
		b.replicas = append(b.replicas, pair)
	}
	b.judge(pair, t, emit)
}

// concerns says whether a flow holds anything that taking over a host leaves.
func (b *infiltration) concerns(o *Observation) bool {
	r, s := &o.Record, o.Record.Signals
	switch r.Proto {
	case packet.ICMP, packet.ICMPv6:
		return s.Marks.Any(payload.Shell)
	case packet.UDP:
		return gathered(s) != 0 || b.forged(r) || s.Alien >= aliens
	}
	switch {
	case s.Marks.Any(payload.RemoteExploit):
		return true
	case s.Marks.Any(payload.Shell) && r.DstPort <= 514 && r.DstPort >= 512, r.DstPort == 23:
		return false // shells are what rlogin and Telnet are for
	case s.Marks.Any(ofInterest), s.Calls.Accounts > 0, s.Calls.Count > 0 && s.Names != 0, gathered(s) != 0, b.forged(r), b.carriedOut(r) > 0, b.calledBack(r):
		return true
	case s.Proto == payload.RDP && o.Kind == flow.Ended:
		return true
	}
	return s.Proto == payload.HTTP && s.HTTP.Posts > 0 && s.HTTP.Path == remoteManagement
}

// gathered is what was gathered of a domain. The library of tools of attack counts
// where it has been let in, or is served without.
func gathered(s *payload.Signals) payload.Gathered {
	g := s.Domain.Gathered &^ (payload.AESTicket | payload.SessionsAsked)
	if s.Successes == 0 && !(s.Proto == payload.DCERPC && s.Calls.Count >= 2) {
		g &^= payload.Library | payload.LibraryServes
	}
	return g
}

// forged is true for a ticket-granting ticket under RC4 that is shown to a host which
// gives them under AES: the key is the domain's own, and who has stolen its older form
// makes what tickets he likes.
func (b *infiltration) forged(r *flow.Record) bool {
	d := &r.Signals.Domain
	return d.Shown == payload.RC4 && b.granters.holds(hashAddr(sidesOf(r).server))
}

// carriedOut is how much of an archive an inside host has sent outside over a
// connection that is for nothing else: no request before it, and next to no answer.
// The data connections of FTP are such.
func (b *infiltration) carriedOut(r *flow.Record) uint64 {
	if !r.Signals.Marks.Any(payload.Archive) || r.Signals.Proto != payload.Unknown || b.files.holds(eitherHash(r)) {
		return 0
	}
	sent, got := &r.Fwd, &r.Bwd
	from, to := r.Src, r.Dst
	if got.Payload > sent.Payload {
		sent, got, from, to = got, sent, to, from
	}
	if !inside(from) || inside(to) || sent.Payload < leastArchive || got.Payload*50 > sent.Payload {
		return 0
	}
	return sent.Payload
}

// calledBack is true for a server of HTTP that calls a client which has asked it
// something right before, and is sent something long there before it has said a word:
// a program that it was made to fetch and run.
func (b *infiltration) calledBack(r *flow.Record) bool {
	s := r.Signals
	if r.Proto != packet.TCP || s.Proto != payload.Unknown || !s.AnswerFirst() || !r.Established || r.Bwd.Payload < leastStage {
		return false
	}
	at := r.Start / callsBack
	return b.asked.holds(askedAt(r.Dst, r.Src, at)) || b.asked.holds(askedAt(r.Dst, r.Src, at-1))
}

// callsBack is within how many microseconds a server is made to call back, about, and
// leastStage how many bytes the first stage of a program has.
const (
	callsBack  = 20e6
	leastStage = 10_000
)

// askedAt is the hash of who has asked whom, and when.
func askedAt(client, server packet.Addr, at int64) uint64 {
	return mix(pairHash(client, server) + uint64(at))
}

// leastArchive is the size from which an archive is more than a note.
const leastArchive = 100_000

// eitherHash is the same whoever of two hosts calls.
func eitherHash(r *flow.Record) uint64 { return hashAddr(r.Src) ^ hashAddr(r.Dst) }

// remoteManagement is the hash of the path /wsman (WinRM).
const remoteManagement = 0x9a90cd9c

// pythonRemoting is the hash of the agent "Python WinRM client".
const pythonRemoting = 0xb45a6feb

// actor tells who acts on whom: the client, except that whoever calls back with a
// shell, or fetches a stage for itself, is the victim.
func (b *infiltration) actor(r *flow.Record) hostPair {
	s := r.Signals
	client := hostPair{r.Src, r.Dst}
	if s.Reversed && s.Proto != payload.TLS && s.Proto != payload.Unknown {
		client = hostPair{r.Dst, r.Src}
	}
	back := hostPair{r.Dst, r.Src}
	switch {
	case s.Domain.Gathered&(payload.LibraryServes|payload.ProxyAsks|payload.ToolFetched) != 0: // by what he serves
		return hostPair{client.victim, client.actor}
	case s.Marks.Any(payload.Shell):
		if s.Marks.Any(payload.ShellFwd) {
			return back
		}
	case b.calledBack(r):
		return back
	case s.Marks.Any(payload.Staged):
		// Stages run downhill: the side that sent more is the attacker's.
		if r.Bwd.Payload > r.Fwd.Payload {
			return back
		}
	}
	if known := b.pairs.get(back); known != nil && b.pairs.get(client) == nil && !s.Marks.Any(payload.AdminShare) {
		return back // the victim's connection back to its attacker
	}
	return client
}

func (b *infiltration) finding(pair hostPair, t *takeover, evidence, ids []string) Finding {
	f := Finding{
		Behaviour: b.Name(), Class: attack.Infiltration,
		Actor: pair.actor, Targets: []packet.Addr{pair.victim}, TargetsN: 1,
		Ports: append([]uint16(nil), t.ports...), PortsN: len(t.ports),
		Start: t.start, End: t.end, Flows: t.flows,
		Confidence: min(0.99, t.said),
		Techniques: ids,
		Reason: fmt.Sprintf("%s acted on %s in %s over %s: %s", pair.actor, pair.victim,
			words.Plural(t.flows, "connection"), span(t.end-t.start), list(evidence)),
		Filter:  fmt.Sprintf("ip.addr == %s && ip.addr == %s && (smb || smb2 || dcerpc || rdp || http || data)", pair.actor, pair.victim),
		Samples: append([]flow.Tuple(nil), t.samples...),
	}
	for _, w := range evidence {
		f.Evidence = append(f.Evidence, Evidence{Name: w, Value: 1})
	}
	return f
}
