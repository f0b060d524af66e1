package behaviour

import (
	"fmt"
	"slices"

	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
	"firetower/internal/words"
)

// hostPair is who acts and upon whom.
type hostPair struct{ actor, victim packet.Addr }

// takeover sums up what passed between two hosts.
type takeover struct {
	start, end int64
	marks      payload.Marks
	flows      int
	zero       int              // Netlogon authentications with a credential of zeros
	methods    int              // calls by which its objects do something
	replicated int64            // when directory secrets were asked for by replication first, or to be given
	remoting   int              // posts of Windows Remote Management
	automatic  bool             // under the name of the library by which systems are configured
	accounts   int              // calls that read accounts in sessions without a name
	gathered   payload.Gathered // of a domain
	weak       payload.Sketch   // services of accounts for which tickets under RC4 were given within a minute
	weakAt     int64
	modern     bool   // the domain has AES
	forged     bool   // with a ticket that the domain did not give
	calledBack bool   // the victim fetched something long from who had asked it something over HTTP
	opened     int    // accounts opened in one session, whoever it is
	archive    uint64 // bytes of an archive sent outside
	aliens     int    // messages in DNS that are none
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

// add books one event of a flow, and what was gathered in it so far.
func (t *takeover) add(o *Observation, now payload.Gathered) {
	r, s := &o.Record, o.Record.Signals
	t.end = max(t.end, r.Last)
	t.marks |= s.Marks & ofInterest
	t.gathered |= now
	if now&payload.WeakTicket != 0 && s.Names&^t.weak != 0 {
		if r.Last-t.weakAt > weakTogether {
			t.weak, t.weakAt = 0, r.Last
		}
		t.weak |= s.Names
	}
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
	t.aliens += int(s.Alien)
	t.zero += int(s.Calls.Zero)
	t.accounts += int(s.Calls.Accounts)
	if s.Proto == payload.SMB || s.Proto == payload.DCERPC {
		t.opened = max(t.opened, s.Names.Count())
	}
	t.methods += int(s.Calls.Methods)
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
	var found, ids []string
	count := func(weight float64, what string, techniques ...string) {
		doubt *= 1 - weight
		found = append(found, what)
		for _, id := range techniques {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	for i := range signs {
		g := &signs[i]
		if g.all == payload.ReplicateDC && b.now-t.replicated < controllersTell {
			continue
		}
		if t.marks.Has(g.all) && (g.any == 0 || t.marks.Any(g.any)) {
			count(g.weight, g.words, g.ids...)
		}
	}
	if t.zero >= 3 {
		count(0.9, fmt.Sprintf("%d of them in a row", t.zero))
	}
	if t.marks.Any(payload.DCOM) && t.methods > 0 {
		count(0.5, fmt.Sprintf("%s that had them do something", words.Plural(t.methods, "call")), "T1047")
	}
	if t.accounts >= 5 {
		count(0.72, fmt.Sprintf("accounts read %d times in sessions without a name", t.accounts), "T1087.002")
	}
	t.countGathered(b.now-t.replicated < controllersTell, count)
	if t.remoting >= 5 { // the library of the tools that administer many is theirs as a rule
		count(0.72-when(t.automatic, 0.22), fmt.Sprintf("%d posts to Windows Remote Management", t.remoting), "T1021.006")
	}
	if scripted(t.desktops) {
		count(0.72, fmt.Sprintf("%d remote desktop sessions of the same length and size, one after the other", len(t.desktops)), "T1021.001")
	}
	score := 1 - doubt
	if score < b.cfg.Enough || len(found) <= t.saidSigns {
		return
	}
	t.said, t.saidSigns = score, len(found)
	b.findings++
	emit(b.finding(pair, t, found, ids))
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

// How many tickets for services of accounts under RC4 one wants within a minute: where
// it is known that the domain has AES, and where the capture does not tell.
const (
	weakModern  = 3
	weakUnknown = 5
)

// openedMany is how many accounts somebody opens by their numbers in one session who
// wants all of a domain's; consoles open those that are looked at.
const openedMany = 25

// weakTogether is within how long tickets are asked for one after the other that are
// to be cracked, in microseconds; aliens is how many messages on a DNS server's port
// that are none make a conversation of another kind.
const (
	weakTogether = 60e6
	aliens       = 20
)

// hoards are what is gathered of a domain and what takes a host over by one sign alone,
// with the weight that each has.
var hoards = []struct {
	gathered payload.Gathered
	weight   float64
	words    string
	ids      []string
}{
	{payload.ServiceAccounts, 0.5, "all accounts with a service's name looked for", []string{"T1558.003"}},
	{payload.Unproved, 0.5, "accounts looked for that need not prove themselves", []string{"T1558.004"}},
	{payload.Admins, 0.4, "all protected administrators looked for", []string{"T1087.002"}},
	{payload.Delegates, 0.5, "accounts looked for that may act for others", []string{"T1087.002"}},
	{payload.Passwords, 0.5, "local administrators' passwords read", []string{"T1555"}},
	{payload.Rights, 0.6, "the rights of everybody read, as for a map of ways to the top (BloodHound)", []string{"T1087.002"}},
	{payload.DelegateSet, 0.72, "a right to act for others given", []string{"T1098"}},
	{payload.Roasted, 0.72, "a log-in under RC4 alone and without pre-authentication, which the domain answered (AS-REP roasting)", []string{"T1558.004"}},
	{payload.Commanded, 0.72, "a database told to run commands of the system", []string{"T1505.001"}},
	{payload.RootUnasked, 0.72, "root let in over rlogin without a password", []string{"T1078"}},
	{payload.LibraryServes, 0.72, "files served by the library that tools of attack are built on (impacket)", []string{"T1105"}},
	{payload.AddDriver, 0.8, "a printer driver added remotely (PrintNightmare)", []string{"T1210"}},
	{payload.CallOverflow, 0.85, "a remote call with an argument too long for it (as MS08-067, MS03-026)", []string{"T1210"}},
	{payload.SMBProbe, 0.72, "a test whether MS17-010 is patched", []string{"T1210"}},
	{payload.Coerced, 0.8, "calls that make a server authenticate elsewhere", []string{"T1187"}},
	{payload.RegistrySaved, 0.8, "what holds passwords taken remotely: a registry hive or its key, the domain's accounts, a dump of lsass", []string{"T1003.002"}},
	{payload.RegistryPlanted, 0.75, "a setting written remotely that starts programs or lets somebody in", []string{"T1112", "T1547.001"}},
	{payload.ProgramPlanted, 0.72, "a program written to the share whose files all of a domain run", []string{"T1484.001"}},
	{payload.RegisterTask, 0.75, "a scheduled task registered remotely", []string{"T1053.005"}},
	{payload.Tunnels, 0.75, "a tunnel through HTTP greets as such (chisel, reGeorg)", []string{"T1572"}},
	{payload.PasswordsOut, 0.75, "a machine's users or their passwords taken: in base 64 over a connection that is for nothing else, by the file's name, or posted", []string{"T1048.003", "T1003.008"}},
	{payload.ReplicaAdd, 0.72, "a controller told to take changes from somebody (DCShadow)", []string{"T1207"}},
	{payload.PreferencesTried, 0.72, "one file of preferences after another tried in a domain's policies, for the passwords in them", []string{"T1552.006"}},
	{payload.ProxyAsks, 0.75, "a log-in asked for, as a proxy's, by who hands out the settings by which proxies are found (WPAD)", []string{"T1557.001"}},
	{payload.ToolFetched, 0.72, "tools handed out, by name, that look for ways to be root or read passwords", []string{"T1105"}},
	{payload.Library, 0.72, "sessions of the library that tools of attack are built on (impacket)", []string{"T1021.002"}},
}

// countGathered counts what a client gathered of a domain, and tunnels; waits says that
// it may yet turn out to be a controller.
func (t *takeover) countGathered(waits bool, count func(weight float64, what string, techniques ...string)) {
	for _, h := range hoards {
		if t.gathered&h.gathered != 0 && !(waits && h.gathered == payload.ReplicaAdd) {
			count(h.weight, h.words, h.ids...)
		}
	}
	switch n := t.weak.Count(); {
	case n >= weakUnknown, t.modern && (n >= weakModern || n >= 2 && t.gathered&payload.OddTicket != 0):
		count(0.75, fmt.Sprintf("tickets for %d services of accounts within a minute, under RC4 (Kerberoasting)", n), "T1558.003")
	case n == 2 && t.modern:
		count(0.5, "tickets for 2 services of accounts within a minute, under RC4 in a domain that has AES", "T1558.003")
	case n == 1 && t.gathered&payload.ServiceAccounts != 0:
		count(0.45, "a ticket for one of them under RC4", "T1558.003")
	}
	if t.opened >= openedMany {
		count(0.72, fmt.Sprintf("%d accounts opened one after the other", t.opened), "T1087.002")
	}
	if t.forged {
		count(0.75, "a ticket-granting ticket under RC4 in a domain that gives them under AES (a golden ticket)", "T1558.001")
	}
	if t.calledBack {
		count(0.72, "called back right after a request over HTTP, and sent something long before it had said a word", "T1105", "T1190")
	}
	if t.archive > 0 {
		count(0.72, fmt.Sprintf("an archive of %s KB sent outside over a connection that is for nothing else", words.Count(int(t.archive/1000))), "T1048.003")
	}
	if t.aliens >= aliens {
		count(0.75, fmt.Sprintf("%d messages among DNS queries that are none, as of a tunnel", t.aliens), "T1572")
	}
}
