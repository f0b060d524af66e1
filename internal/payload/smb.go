package payload

import (
	"bytes"

	"firetower/internal/packet"
)

// Calls counts remote calls over SMB and DCE/RPC.
type Calls struct {
	Count     uint16 // DCE/RPC requests
	Methods   uint16 // calls by which objects of another host do something (DCOM, WMI)
	Zero      uint16 // Netlogon authentications with a credential of zeros
	Accounts  uint16 // requests that list or open accounts, in sessions without a name (null sessions)
	secondary uint8  // SMB1 secondary transactions
	nameless  bool   // the last log-in was one without a name
	policies  bool   // the last share connected to is that of a domain's policies
	program   bool   // the last file opened is a program
}

// SMB commands and NT status codes ([MS-SMB2], [MS-CIFS], [MS-ERREF]).
const (
	smb2Hello  = 0
	smb2Setup  = 1
	smb2Tree   = 3
	smb2Create = 5
	smb2Read   = 8
	smb2Write  = 9
	smb2IOCTL  = 11

	smb1Trans     = 0x25
	smb1TransSec  = 0x26
	smb1Trans2    = 0x32
	smb1Trans2Sec = 0x33
	smb1Write     = 0x2f
	smb1Setup     = 0x73
	smb1Tree      = 0x75
	smb1NTTrans   = 0xa0
	smb1NTTransS  = 0xa1
	smb1Create    = 0xa2
)

// looksSMB knows a NetBIOS session message with an SMB header of any version.
func looksSMB(b []byte) bool {
	return len(b) >= 12 && b[0] == 0 && b[5] == 'S' && b[6] == 'M' && b[7] == 'B' && (b[4] >= 0xfc)
}

// smbReply says whether the message comes from a server.
func smbReply(b []byte) bool {
	switch b[4] {
	case 0xff:
		return len(b) > 13 && b[13]&0x80 != 0
	case 0xfe:
		return len(b) > 20 && b[20]&1 != 0
	}
	return false
}

// smb walks the messages of one packet, skipping bulk data by its length.
func (s *Signals) smb(d int, b []byte, p *packet.Packet) bool {
	length := p.PayloadLen
	if s.skip[d] >= length {
		s.skip[d] -= length
		return false
	}
	at := uint64(s.skip[d])
	s.skip[d] = 0
	changed := false
	for range 16 {
		if at+8 > uint64(len(b)) {
			break
		}
		m := b[at:]
		if !looksSMB(m) {
			break
		}
		n := uint64(be32(m, 0) & 0xffffff)
		body := m[4:]
		if uint64(len(body)) > n {
			body = body[:n]
		}
		switch m[4] {
		case 0xff:
			changed = s.smb1(d, body, smbReply(m)) || changed
		case 0xfe:
			changed = s.smb2(d, body, smbReply(m)) || changed
		case 0xfd:
			s.Marks |= Sealed
		case 0xfc: // compressed: SMBGhost sends an offset beyond the message
			if le32(body, 4) > 0 && le32(body, 12) > 1<<24 {
				s.Marks |= RemoteExploit
			}
		}
		at += 4 + n
		if at >= uint64(length) {
			s.skip[d] = uint32(at - uint64(length))
			break
		}
	}
	return changed
}

// smb2 reads one SMB2 or SMB3 message, header first.
func (s *Signals) smb2(d int, b []byte, reply bool) bool {
	if len(b) < 64 {
		return false
	}
	command, status := le16(b, 12), le32(b, 8)
	if reply {
		inc32(&s.Responses)
		if command == smb2Hello && len(b) >= 64+24 && string(b[64+8:64+24]) == servedByLibrary {
			s.Domain.Gathered |= LibraryServes
		}
		if command == smb2Read && s.Marks.Any(AdminShare) && hive(b[64:]) {
			s.Domain.Gathered |= RegistrySaved
		}
		if command == smb2Create && s.bound == preferences && (status == noSuchName || status == noSuchPath) {
			if m := &s.Domain; m.absent < absentMany {
				m.absent++
			} else {
				m.Gathered |= PreferencesTried
			}
		}
		return command == smb2Setup && s.sessionAnswer(status)
	}
	s.Reversed = d == 1
	inc32(&s.Requests)
	switch command {
	case smb2Hello:
		if len(b) >= 64+28 && lettered(b[64+12:64+28]) {
			s.Domain.Gathered |= Library
		}
	case smb2Setup:
		s.sessionSetup(b[64:])
	case smb2Tree:
		s.share(b[64:])
	case smb2Create:
		s.named(b[64:])
	case smb2Write:
		s.written(b[64:])
	case smb2IOCTL:
		s.rpcWithin(b[64:])
	}
	return false
}

// STATUS_OBJECT_NAME_NOT_FOUND and STATUS_OBJECT_PATH_NOT_FOUND ([MS-ERREF]).
const (
	noSuchName = 0xC0000034
	noSuchPath = 0xC000003A
)

// absentMany is how many files of preferences may not be there: a client reads those
// that a policy says it has, and few of them may be missing.
const absentMany = 7

// lettered says whether an identifier is sixteen letters drawn at random, as those of
// impacket's clients are; others are random numbers, which are that once in 10^11
// times.
func lettered(b []byte) bool {
	var seen [256]bool
	different := 0
	for _, c := range b {
		if !letter(c) {
			return false
		}
		if !seen[c] {
			seen[c] = true
			different++
		}
	}
	return 2*different >= len(b)
}

// servedByLibrary is the identifier of impacket's servers.
const servedByLibrary = "AAAAAAAAAAAAAAAA"

// hive says whether what was read is the beginning of a hive of the registry.
func hive(b []byte) bool {
	if len(b) < 3 {
		return false
	}
	at := int(b[2]) - 64 // where the data begin, from the header's beginning
	return at >= 0 && at+4 <= len(b) && string(b[at:at+4]) == "regf"
}

// sessionSetup counts a log-in: the message that carries the NTLM or Kerberos
// proof, not the one that opens the negotiation.
func (s *Signals) sessionSetup(b []byte) {
	i := bytes.Index(b, []byte("NTLMSSP\x00"))
	if i >= 0 && le32(b, i+8) == 1 {
		return
	}
	inc16(&s.LogIns)
	s.Calls.nameless = false
	if i < 0 {
		return
	}
	n, at := le16(b, i+36), int(le32(b, i+40)) // user name's length and offset
	s.Calls.nameless = n == 0 && at > 0
	if n > 0 && n < 128 && at > 0 && i+at+n <= len(b) {
		s.Users.Add(hash(b[i+at : i+at+n]))
	}
}

// sessionAnswer reads the status that answers a session setup.
func (s *Signals) sessionAnswer(status uint32) bool {
	switch status {
	case 0:
		return s.accepted()
	case 0xC000006D, 0xC000006E, 0xC0000064, 0xC000006A, 0xC0000071, 0xC0000072, 0xC0000193, 0xC0000234, 0xC000015B:
		return s.refused()
	}
	return false
}

// smb1 reads one SMB1 message.
func (s *Signals) smb1(d int, b []byte, reply bool) bool {
	if len(b) < 33 {
		return false
	}
	command, status := b[4], le32(b, 5)
	if reply {
		inc32(&s.Responses)
		switch {
		case command == smb1Setup:
			return s.sessionAnswer(status)
		case command == smb1Trans && status == noResources: // what those who test for MS17-010 hope for
			s.Domain.Gathered |= SMBProbe
			return true
		}
		return false
	}
	s.Reversed = d == 1
	inc32(&s.Requests)
	body := b[32:]
	switch command {
	case smb1Setup:
		s.sessionSetup(body)
		if bytes.Contains(body, []byte("/=`")) { // Samba's username map script runs what is quoted
			s.Marks |= RemoteExploit
		}
	case smb1Tree:
		s.share(body)
	case smb1Create:
		s.named(body)
	case smb1Write, smb1Trans:
		s.written(body)
		if command == smb1Trans && peekNamedPipe(body) {
			s.Domain.Gathered |= SMBProbe
		}
	case smb1NTTrans:
		// MS17-010 grooms the pool with an NT transaction that announces more data
		// than 16 bits can count, then brings it in secondary transactions.
		if len(body) > 24 && le32(body, 8) > 0x10000 {
			s.Marks |= RemoteExploit
		}
	case smb1NTTransS, smb1Trans2Sec, smb1TransSec:
		if s.Calls.secondary++; s.Calls.secondary >= 8 {
			s.Calls.secondary = 8
			s.Marks |= RemoteExploit
		}
	case smb1Trans2:
		// DoublePulsar speaks through SESSION_SETUP, sub-command 14.
		if len(body) > 31 && le16(body, 29) == 0x000e {
			s.Marks |= RemoteExploit
		}
	}
	return false
}

// noResources is STATUS_INSUFF_SERVER_RESOURCES ([MS-ERREF]).
const noResources = 0xC0000205

// peekNamedPipe knows the transaction by which scanners ask whether MS17-010 is
// patched: PeekNamedPipe on file id 0.
func peekNamedPipe(b []byte) bool {
	return len(b) > 33 && b[0] == 16 && le16(b, 29) == 0x23 && le16(b, 31) == 0
}

// share notes which kind of share is connected to. Names come in UTF-16 or ASCII.
func (s *Signals) share(b []byte) {
	s.Calls.policies = wide(b, "\\sysvol") || wide(b, "\\netlogon")
	switch {
	case wide(b, "admin$"), wide(b, "\\c$"), wide(b, "\\d$"):
		s.Marks |= AdminShare
	case !wide(b, "ipc$"):
		s.Marks |= DataShare
	}
}

// pipes by the names under which they are opened.
var pipes = []struct {
	name  string
	mark  Marks
	iface iface // what is usually bound over it, in case the bind itself hides it
}{
	{"svcctl", ServicePipe, svcctl}, {"atsvc", TaskPipe, atsvc}, {"winreg", RegistryPipe, winreg}, {"samr", 0, samr},
	{"lsarpc", 0, lsarpc}, {"lsass", 0, lsarpc}, {"spoolss", 0, spoolss}, {"netlogon", 0, netlogon},
	{"efsrpc", 0, efsrpc}, {"eventlog", 0, eventlog}, {"netdfs", 0, netdfs}, {"fssagent", 0, fsrvp}, {"browser", 0, srvsvc}, {"srvsvc", 0, srvsvc},
	{"psexe", CommandPipe, noIface}, {"remcom", CommandPipe, noIface}, {"paexec", CommandPipe, noIface}, {"csexec", CommandPipe, noIface},
	{"msagent_", CommandPipe, noIface}, {"postex_", CommandPipe, noIface}, {"msse-", CommandPipe, noIface}, {"winexesvc", CommandPipe, noIface}, {"ahexec", CommandPipe, noIface},
}

// named looks at the name of a file or pipe that is opened.
func (s *Signals) named(b []byte) {
	for i := range pipes {
		if wide(b, pipes[i].name) {
			s.Marks |= pipes[i].mark
			s.bound = pipes[i].iface
		}
	}
	if wide(b, "\\machine\\pref") || wide(b, "\\user\\pref") { // the capture may cut the rest
		s.bound = preferences
	} else if s.bound == preferences {
		s.bound = noIface
	}
	if wide(b, ".so") && wide(b, "/") { // CVE-2017-7494: a library opened as if it were a pipe, by its path on the server
		s.Marks |= RemoteExploit
	}
	for _, n := range [...]string{"ntds.dit", "\\config\\sam", "\\config\\security", "repair\\sam", "lsass.dmp", "lsass.zip"} {
		if wide(b, n) {
			s.Domain.Gathered |= RegistrySaved
		}
	}
	s.Calls.program = false
	for _, e := range []string{".exe", ".dll", ".bat", ".ps1", ".vbs", ".scr"} {
		if wide(b, e) {
			s.Marks |= ExeNamed
			s.Calls.program = true
			if wide(b, "psexe") || wide(b, "\\temp\\") || wide(b, "paexe") {
				s.Marks |= CommandPipe
			}
		}
	}
}

// written looks at what is written: a program, or a remote call.
func (s *Signals) written(b []byte) {
	if bytes.Contains(b[:min(len(b), 160)], []byte("MZ\x90\x00")) || bytes.Contains(b, []byte("!This program")) {
		s.Marks |= ExeWritten
		s.Calls.program = true
	}
	if s.Calls.policies && s.Calls.program {
		s.Domain.Gathered |= ProgramPlanted
	}
	s.rpcWithin(b)
}

// wide says whether b holds the lower-case text in UTF-16LE or ASCII, in any case.
func wide(b []byte, text string) bool {
	if foldIndex(b, text) >= 0 {
		return true
	}
	for i := 0; i+2*len(text) <= len(b); i++ {
		if lower(b[i]) != text[0] || b[i+1] != 0 {
			continue
		}
		j := 1
		for j < len(text) && lower(b[i+2*j]) == text[j] && b[i+2*j+1] == 0 {
			j++
		}
		if j == len(text) {
			return true
		}
	}
	return false
}
