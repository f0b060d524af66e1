package behaviour

import (
	"fmt"
	"slices"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
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
	{all: payload.CallOverflow, weight: 0.85, words: "a remote call with an argument too long for it (as MS08-067, MS03-026)", ids: []string{"T1210"}},
	{all: payload.SMBProbe, weight: 0.72, words: "a test whether MS17-010 is patched", ids: []string{"T1210"}},
	{all: payload.CommandPipe, weight: 0.85, words: "named pipes of a remote command tool", ids: []string{"T1569.002", "T1021.002"}},
	{all: payload.CreateService, weight: 0.72, words: "a service created remotely", ids: []string{"T1569.002"}},
	{all: payload.StartService, weight: 0.4, words: "a service started remotely", ids: []string{"T1569.002"}},
	{all: payload.RegisterTask, weight: 0.75, words: "a scheduled task registered remotely", ids: []string{"T1053.005"}},
	{all: payload.AddDriver, weight: 0.8, words: "a printer driver added remotely (PrintNightmare)", ids: []string{"T1210"}},
	{all: payload.ReplicateDC, weight: 0.72, words: "directory secrets asked for by replication (DCSync)", ids: []string{"T1003.006"}},
	{all: payload.Coerced, weight: 0.8, words: "calls that make a server authenticate elsewhere", ids: []string{"T1187"}},
	{all: payload.AdminShare | payload.ExeWritten, weight: 0.75, words: "a program written to an administrative share", ids: []string{"T1021.002", "T1570"}},
	{all: payload.ProgramPlanted, weight: 0.72, words: "a program written to the share whose files all of a domain run", ids: []string{"T1484.001"}},
	{all: payload.AdminShare | payload.ExeNamed, weight: 0.5, words: "a program file opened on an administrative share", ids: []string{"T1021.002"}},
	{all: payload.AdminShare, any: payload.ServicePipe | payload.TaskPipe | payload.RegistryPipe | payload.DCOM, weight: 0.6, words: "an administrative share beside remote administration", ids: []string{"T1021.002"}},
	{all: payload.RegistrySaved, weight: 0.8, words: "a registry hive or the domain's accounts taken remotely, as for password hashes", ids: []string{"T1003.002"}},
	{all: payload.RegistryPlanted, weight: 0.75, words: "a setting written remotely that starts programs or lets somebody in", ids: []string{"T1112", "T1547.001"}},
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
	domain   contacts // hosts that serve directories
	now      int64
	findings uint64
}

// hostPair is who acts and upon whom.
type hostPair struct{ actor, victim packet.Addr }

// takeover sums up what passed between two hosts.
type takeover struct {
	start, end int64
	marks      payload.Marks
	flows      int
	zero       int  // Netlogon authentications with a credential of zeros
	calls      int  // DCE/RPC calls outside the well-known ports
	remoting   int  // posts of Windows Remote Management
	automatic  bool // under the name of the library by which systems are configured
	accounts   int  // calls that read accounts in sessions without a name
	desktops   []desktop
	ports      []uint16
	samples    []flow.Tuple
	said       float64
	saidSigns  int
	last       uint64 // youngest flow counted
}

// desktop is one RDP session that was long enough to have let somebody in.
type desktop struct {
	start, length int64
	sent          uint64
}

func newInfiltration(cfg InfiltrationConfig) *infiltration {
	return &infiltration{cfg: cfg, pairs: newTable[hostPair](cfg.Pairs, func(t *takeover) float64 { return t.said + float64(t.saidSigns) })}
}

// Name implements Behaviour.
func (*infiltration) Name() string { return "infiltration" }

// Advance implements Behaviour.
func (b *infiltration) Advance(now int64, _ func(Finding)) { b.now = max(b.now, now) }

// Stats implements Behaviour.
func (b *infiltration) Stats() Stats {
	return Stats{Entries: b.pairs.len(), Limit: b.cfg.Pairs, Evictions: b.pairs.evictions, Findings: b.findings}
}

// ofInterest are the marks that make a pair worth watching.
const ofInterest = payload.AdminShare | payload.ServicePipe | payload.TaskPipe | payload.RegistryPipe | payload.DCOM |
	payload.ReplicateDC | payload.CreateService | payload.StartService | payload.RegisterTask | payload.ZeroCredential |
	payload.AddDriver | payload.CallOverflow | payload.RemoteExploit | payload.SMBProbe | payload.ExeWritten | payload.ExeNamed |
	payload.CommandPipe | payload.Coerced | payload.RegistrySaved | payload.RegistryPlanted | payload.ProgramPlanted | payload.Shell | payload.Staged

// Observe implements Behaviour.
func (b *infiltration) Observe(o *Observation, emit func(Finding)) {
	b.now = max(b.now, o.Time)
	s := o.Record.Signals
	if s == nil {
		return
	}
	if s.Proto == payload.Kerberos || s.Proto == payload.LDAP || s.Marks.Any(payload.ReplicateDC) {
		if c := sidesOf(&o.Record); c.fromServer.Payload > 0 {
			b.domain.add(hashAddr(c.server))
		}
	}
	if o.Record.Proto != packet.TCP {
		return
	}
	switch {
	case s.Marks.Any(payload.RemoteExploit):
	case s.Marks.Any(payload.Shell) && o.Record.DstPort <= 514 && o.Record.DstPort >= 512, o.Record.DstPort == 23:
		return // shells are what rlogin and Telnet are for
	case s.Marks.Any(ofInterest):
	case s.Calls.Accounts > 0:
	case s.Proto == payload.RDP && o.Kind == flow.Ended:
	case s.Proto == payload.HTTP && s.HTTP.Posts > 0 && s.HTTP.Path == remoteManagement:
	default:
		return
	}
	pair := b.actor(&o.Record)
	t, fresh := b.pairs.add(pair)
	if fresh || o.Record.Start-t.end > b.cfg.Together {
		*t = takeover{start: o.Record.Start}
	}
	t.add(o)
	if b.domain.holds(hashAddr(pair.actor)) {
		t.marks &^= payload.ReplicateDC // controllers tell one another
	}
	b.judge(pair, t, emit)
}

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
	case s.Marks.Any(payload.Shell):
		if s.Marks.Any(payload.ShellFwd) {
			return back
		}
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

// add books one event of a flow.
func (t *takeover) add(o *Observation) {
	r, s := &o.Record, o.Record.Signals
	t.end = max(t.end, r.Last)
	t.marks |= s.Marks & ofInterest
	if r.ID > t.last {
		t.last = r.ID
		t.flows++
		if len(t.samples) < 5 {
			t.samples = append(t.samples, r.Tuple)
		}
		port := r.DstPort
		if len(t.ports) < 8 && !slices.Contains(t.ports, port) {
			t.ports = append(t.ports, port)
		}
	}
	if o.Kind != flow.Ended {
		return
	}
	t.zero += int(s.Calls.Zero)
	t.accounts += int(s.Calls.Accounts)
	if s.Proto == payload.DCERPC && r.DstPort > 1024 {
		t.calls += int(s.Calls.Count)
	}
	if s.Proto == payload.HTTP && s.HTTP.Path == remoteManagement {
		t.remoting += int(s.HTTP.Posts)
		t.automatic = t.automatic || s.HTTP.Agent == pythonRemoting
	}
	if s.Proto == payload.RDP && r.Fwd.DataPackets >= 40 && len(t.desktops) < 16 {
		t.desktops = append(t.desktops, desktop{r.Start, r.Duration(), r.Fwd.Payload})
	}
}

// judge joins the evidence and reports it when it is enough, and again when there
// is a new kind of it.
func (b *infiltration) judge(pair hostPair, t *takeover, emit func(Finding)) {
	doubt := 1.0
	var words, ids []string
	count := func(weight float64, what string, techniques ...string) {
		doubt *= 1 - weight
		words = append(words, what)
		for _, id := range techniques {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	for i := range signs {
		if g := &signs[i]; t.marks.Has(g.all) && (g.any == 0 || t.marks.Any(g.any)) {
			count(g.weight, g.words, g.ids...)
		}
	}
	if t.zero >= 3 {
		count(0.9, fmt.Sprintf("%d of them in a row", t.zero))
	}
	if t.marks.Any(payload.DCOM) && t.calls >= 5 {
		count(0.5, fmt.Sprintf("%d remote calls that followed", t.calls), "T1047")
	}
	if t.accounts >= 5 {
		count(0.72, fmt.Sprintf("accounts read %d times in sessions without a name", t.accounts), "T1087.002")
	}
	if t.remoting >= 5 { // the library of the tools that administer many is theirs as a rule
		count(0.72-when(t.automatic, 0.22), fmt.Sprintf("%d posts to Windows Remote Management", t.remoting), "T1021.006")
	}
	if scripted(t.desktops) {
		count(0.72, fmt.Sprintf("%d remote desktop sessions of the same length and size, one after the other", len(t.desktops)), "T1021.001")
	}
	score := 1 - doubt
	if score < b.cfg.Enough || len(words) <= t.saidSigns {
		return
	}
	t.said, t.saidSigns = score, len(words)
	b.findings++
	emit(b.finding(pair, t, words, ids))
}

// scripted says whether desktop sessions are alike in a way that people's are not:
// short, soon after another, of nearly the same size.
func scripted(d []desktop) bool {
	for i := 1; i < len(d); i++ {
		a, b := d[i-1], d[i]
		gap := b.start - a.start - a.length
		if a.length > 45e6 || b.length > 45e6 || a.length < 4e6 || b.length < 4e6 || gap < 0 || gap > 120e6 {
			continue
		}
		if near(float64(a.sent), float64(b.sent), 0.1) && near(float64(a.length), float64(b.length), 0.3) {
			return true
		}
	}
	return false
}

// near says whether two numbers differ by at most the share of the larger.
func near(a, b, share float64) bool {
	return max(a, b)-min(a, b) <= share*max(a, b)
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
			plural(t.flows, "connection"), span(t.end-t.start), list(evidence)),
		Filter:  fmt.Sprintf("ip.addr == %s && ip.addr == %s && (smb || smb2 || dcerpc || rdp || http || data)", pair.actor, pair.victim),
		Samples: append([]flow.Tuple(nil), t.samples...),
	}
	for _, w := range evidence {
		f.Evidence = append(f.Evidence, Evidence{Name: w, Value: 1})
	}
	return f
}
