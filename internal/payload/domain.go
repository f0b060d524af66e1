package payload

import "bytes"

// Domain is what a client asks of a domain's controllers, and how: enough to tell
// who gathers what can be cracked from who works there.
type Domain struct {
	Gathered Gathered
	Shown    uint8 // encryption type of the ticket-granting ticket that the client showed; 0: none seen
	Granted  uint8 // of the one that it was given
	absent   uint8 // files of preferences that were not there
}

// Gathered is a set of things that are gathered of a domain before an attack, and of
// signs of the tools by which they are.
type Gathered uint32

// The things, and what else only taking over hosts leaves; the rest is among the marks.
// Source: the queries of BloodHound, PowerView, Rubeus, impacket and
// their kin, as published.
const (
	ServiceAccounts  Gathered = 1 << iota // all accounts that have a service's name looked for
	Unproved                              // all accounts that need not prove themselves first
	Admins                                // all that are protected as administrators
	Delegates                             // all that may act for others
	Passwords                             // the passwords of local administrators (LAPS)
	Rights                                // who may do what: security descriptors, together with what makes a way
	DelegateSet                           // a right to act for others given
	WeakTicket                            // a ticket under RC4 for a service of an account
	OddTicket                             // the same asked for as no system does
	Roasted                               // a log-in that asked for RC4 alone, proved nothing and was answered
	Library                               // the client is built on the library that tools of attack are built on (impacket)
	AESTicket                             // any ticket under AES given
	Commanded                             // a database told to run a command of the system
	RootUnasked                           // root let in over rlogin without a password
	LibraryServes                         // so is the server
	AddDriver                             // printer driver added remotely
	CallOverflow                          // a call whose argument is too long for it: MS08-067, MS03-026, MS04-011
	SMBProbe                              // SMB1 transaction that asks whether MS17-010 is patched
	Coerced                               // a call that makes a server authenticate elsewhere
	RegistrySaved                         // winreg: a hive saved to a file; SMB: the file of one, or of a domain's accounts, opened
	RegistryPlanted                       // winreg: a value set that starts programs or lets in
	ProgramPlanted                        // SMB: a program written to the share whose files all of a domain run
	RegisterTask                          // a scheduled task registered
	Tunnels                               // HTTP: the greeting of a program that carries other connections
	PasswordsOut                          // Unix' users or their passwords: in base 64, the first that a stream of no known protocol holds, or asked for by the file's name
	ReplicaAdd                            // drsuapi DRSReplicaAdd called: a controller told to take changes from somebody
	SessionsAsked                         // who is logged in on a host asked for: srvsvc NetrSessionEnum, wkssvc NetrWkstaUserEnum
	PreferencesTried                      // SMB: one file of preferences after another tried in a domain's policies that is not there
	ProxyAsks                             // HTTP: who hands out a proxy's settings asks for a proxy's log-in first
	ToolFetched                           // HTTP: a tool fetched that looks for ways to be root, or reads passwords
	waits                                 // for an answer: to a log-in that asked for RC4 alone and proved nothing, to root by rlogin
)

// Encryption types of Kerberos (RFC 3961, RFC 4757).
const (
	AES128 = 17
	AES256 = 18
	RC4    = 23
)

// AES says whether an encryption type is one of AES.
func AES(etype uint8) bool { return etype == AES128 || etype == AES256 }

// ticket is the readable part of a Kerberos ticket.
type ticket struct {
	realm   []byte
	service []byte // its first component
	names   []byte // all components, as encoded
	etype   uint8
}

// versionThen begins a ticket's fields: the version 5, then the realm.
var versionThen = []byte{0xa0, 3, 2, 1, 5, 0xa1}

// ticketWithin finds the first ticket in a Kerberos message (RFC 4120, 5.3).
func ticketWithin(b []byte) (t ticket, ok bool) {
	for {
		i := bytes.Index(b, versionThen)
		if i < 0 {
			return t, false
		}
		b = b[i+len(versionThen)-1:]
		realm, rest, found := field(b, 0xa1)
		if found {
			if t.realm, _, found = field(realm, 0x1b); found { // elsewhere the kind of message follows the version
				return t, t.read(rest)
			}
		}
		b = b[1:]
	}
}

// read takes what follows the realm: the service's name and the encryption type.
func (t *ticket) read(b []byte) bool {
	name, rest, ok := field(b, 0xa2)
	if !ok {
		return false
	}
	if _, name, ok = header(name, 0x30); !ok {
		return false
	}
	if _, name, ok = field(name, 0xa0); !ok || !t.named(name) {
		return false
	}
	for _, tag := range []byte{0xa3, 0x30, 0xa0} { // the sealed part, which the capture may cut
		if _, rest, ok = header(rest, tag); !ok {
			return false
		}
	}
	if len(rest) < 3 || rest[0] != 2 || rest[1] != 1 {
		return false
	}
	t.etype = rest[2]
	return true
}

// named takes the components of a service's name.
func (t *ticket) named(b []byte) (ok bool) {
	if t.names, _, ok = field(b, 0xa1); !ok {
		return false
	}
	_, first, ok := header(t.names, 0x30)
	if !ok {
		return false
	}
	t.service, _, ok = field(first, 0x1b)
	return ok
}

// grants says whether the ticket is a ticket-granting one of its own realm.
func (t *ticket) grants() bool {
	own := t.names[max(0, len(t.names)-len(t.realm)):]
	return string(t.service) == "krbtgt" && len(t.realm) > 0 && bytes.EqualFold(own, t.realm)
}

// machines are the services that a machine's own account offers; its key may be
// RC4's because the machine is old.
func (t *ticket) machines() bool {
	for _, own := range []string{"krbtgt", "host", "cifs", "ldap", "dns", "nfs", "gc", "rpcss", "termsrv"} {
		if len(t.service) == len(own) && foldPrefix(t.service, own) {
			return true
		}
	}
	return false
}

// header steps into the element of that tag at b's beginning.
func header(b []byte, tag byte) (length int, content []byte, ok bool) {
	if len(b) < 2 || b[0] != tag {
		return 0, nil, false
	}
	i, ok := berLength(b, 1)
	if !ok {
		return 0, nil, false
	}
	length = int(b[1])
	if length >= 0x80 {
		length = 0
		for _, c := range b[2:i] {
			length = length<<8 | int(c)
		}
	}
	return length, b[i:], true
}

// field gives the content of the element of that tag at b's beginning, and what
// follows it; false if it is not wholly there.
func field(b []byte, tag byte) (content, rest []byte, ok bool) {
	n, b, ok := header(b, tag)
	if !ok || n < 0 || n > len(b) {
		return nil, nil, false
	}
	return b[:n], b[n:], true
}

// etypes is the list of encryption types that a request names (RFC 4120, 5.4.1): how
// many, the first two of them (below zero: 0), and where in the message it stands.
type etypes struct {
	n, at int
	types [2]uint8
}

func etypesIn(b []byte) (e etypes) {
	for at := 0; at+6 < len(b); at++ {
		if b[at] != 0xa8 {
			continue
		}
		outer, _, ok := field(b[at:], 0xa8)
		list, rest, found := field(outer, 0x30)
		if !ok || !found || len(rest) > 0 || len(list) < 3 {
			continue
		}
		e.at = at
		for ; len(list) > 0; e.n++ {
			number, rest, whole := field(list, 2)
			if !whole {
				break
			}
			if list = rest; e.n < len(e.types) && len(number) == 1 {
				e.types[e.n] = number[0]
			}
		}
		return e
	}
	return e
}

// only says whether RC4 is all that is asked for.
func (e *etypes) only() bool { return e.n == 1 && e.types[0] == RC4 }

// weak says whether RC4 is asked for as no system asks a domain with AES: alone, or
// before Triple DES. Windows before 2008 puts variants of its own behind it.
func (e *etypes) weak() bool { return e.only() || e.n > 1 && e.types == [2]uint8{RC4, tripleDES} }

// tripleDES is its encryption type (RFC 3961).
const tripleDES = 16

// asksWeak notes a request for a service's ticket, or the end of one, that asks for
// RC4 as no system does.
func (s *Signals) asksWeak(b []byte) {
	e := etypesIn(b)
	if !e.weak() {
		return
	}
	for i := e.at - 1; i >= 0; i-- { // the service's name comes last before the list
		var t ticket
		if b[i] == 0xa1 && t.named(b[i:e.at]) {
			s.weak(&t, OddTicket)
			return
		}
	}
}

// proves says whether a request to log in carries a time under the password's key.
func proves(b []byte) bool { return bytes.Contains(b, []byte{0xa1, 3, 2, 1, 2, 0xa2}) }

// tickets notes those in a message of Kerberos: 0x6a and 0x6b ask for a
// ticket-granting ticket and give one, 0x6c and 0x6d one for a service. The names of
// services are kept as those that are asked for.
func (s *Signals) tickets(b []byte) {
	m := &s.Domain
	if b[0] == 0x6a {
		m.Gathered &^= waits
		if e := etypesIn(b); e.only() && !proves(b) {
			m.Gathered |= waits
		}
		return
	}
	t, ok := ticketWithin(b)
	switch {
	case !ok:
	case b[0] == 0x6b:
		if t.grants() {
			m.Granted = t.etype
		}
		m.given(&t)
		if m.Gathered&waits != 0 && AES(t.etype) {
			m.Gathered |= Roasted
		}
	case b[0] == 0x6c:
		if t.grants() {
			m.Shown = t.etype
		}
		s.asksWeak(b)
	case t.etype == RC4:
		s.weak(&t, WeakTicket)
	default:
		m.given(&t)
	}
}

// given notes that the domain has AES.
func (m *Domain) given(t *ticket) {
	if AES(t.etype) {
		m.Gathered |= AESTicket
	}
}

// weak notes a ticket under RC4 for a service of an account, unless all of the
// domain's are.
func (s *Signals) weak(t *ticket, how Gathered) {
	if m := &s.Domain; m.Shown != RC4 && !t.machines() {
		m.Gathered |= WeakTicket | how
		s.Names.Add(hash(t.names))
	}
}

// ldapModify is the tag of a request to change an entry.
const ldapModify = 0x66

// wants looks what a client wants of a directory. Signed messages are readable too,
// behind the wrapping, so there is no parsing: the names are long enough.
func (m *Domain) wants(b []byte) Gathered {
	modifies := ldapOp(b) == ldapModify
	has := func(word string) bool { return foldIndex(b, word) >= 0 }
	if modifies {
		if has("msds-allowedtoactonbehalfofotheridentity") {
			m.Gathered |= DelegateSet
		}
		return m.Gathered
	}
	if has("\x87\x14serviceprincipalname") {
		m.Gathered |= ServiceAccounts
	}
	if has("1.2.840.113556.1.4.803") && has("useraccountcontrol") {
		switch {
		case has("4194304"):
			m.Gathered |= Unproved
		case has("524288"), has("16777216"):
			m.Gathered |= Delegates
		}
	}
	if has("admincount\x04\x011") {
		m.Gathered |= Admins
	}
	if has("\x87\x18msds-allowedtodelegateto") || has("\x87\x28msds-allowedtoactonbehalfofotheridentity") {
		m.Gathered |= Delegates
	}
	if has("\x0dms-mcs-admpwd") || has("\x0fmslaps-password") || has("\x18mslaps-encryptedpassword") {
		m.Gathered |= Passwords
	}
	if has("ntsecuritydescriptor") {
		ways := 0
		for _, w := range [...]string{"admincount", "serviceprincipalname", "msds-allowedtodelegateto", "sidhistory", "gplink", "msds-groupmsamembership", "msds-allowedtoactonbehalfofotheridentity"} {
			if has(w) {
				ways++
			}
		}
		if ways >= 2 {
			m.Gathered |= Rights
		}
	}
	return m.Gathered
}
