package payload

import (
	"bytes"

	"firetower/internal/packet"
)

// iface is a DCE/RPC interface that signals know.
type iface uint8

const (
	noIface iface = iota
	svcctl
	atsvc
	tasks // ITaskSchedulerService
	samr
	lsarpc
	netlogon
	drsuapi
	winreg
	spoolss
	remoteWinspool
	srvsvc
	efsrpc
	netdfs
	fsrvp
	activation
	setup // dssetup, umpnpmgr, IRemoteActivation: services that worms overflowed
	wmi
	dispatch
	eventlog
	wkssvc
	mapper      // where an interface is to be found
	preferences // no interface: the file opened last is one of the preferences in a domain's policies
)

// replication begins the UUID of drsuapi.
const replication = "\x35\x42\x51\xe3\x06\x4b\xd1\x11"

// uuids of the interfaces, as the first eight bytes stand in a bind (little endian),
// and the mark that binding sets. Source: [MS-*] protocol documents.
var uuids = []struct {
	head  string
	iface iface
	mark  Marks
}{
	{"\x81\xbb\x7a\x36\x44\x98\xf1\x35", svcctl, ServicePipe},
	{"\x82\x06\xf7\x1f\x51\x0a\xe8\x30", atsvc, TaskPipe},
	{"\x49\x59\xd3\x86\xc9\x83\x44\x40", tasks, TaskPipe},
	{"\x78\x57\x34\x12\x34\x12\xcd\xab\xef\x00\x01\x23\x45\x67\x89\xac", samr, 0},
	{"\x78\x57\x34\x12\x34\x12\xcd\xab\xef\x00\x01\x23\x45\x67\x89\xab", lsarpc, 0}, // also spoolss, told apart by its end
	{"\x78\x56\x34\x12\x34\x12\xcd\xab\xef\x00\x01\x23\x45\x67\xcf\xfb", netlogon, 0},
	{replication, drsuapi, 0},
	{"\x01\xd0\x8c\x33\x44\x22\xf1\x31", winreg, RegistryPipe},
	{"\x78\x56\x34\x12\x34\x12\xcd\xab\xef\x00\x01\x23\x45\x67\x89\xab", spoolss, 0},
	{"\x96\x3f\xf0\x76\xfd\xcd\xfc\x44", remoteWinspool, 0},
	{"\xc8\x4f\x32\x4b\x70\x16\xd3\x01", srvsvc, 0},
	{"\x88\xd4\x81\xc6\x50\xd8\xd0\x11", efsrpc, 0},
	{"\x36\xc0\x66\xdf\x5b\x4d\x1e\x48", efsrpc, 0},
	{"\xe0\x42\xc7\x4f\x10\x4a\xcf\x11", netdfs, 0},
	{"\x76\xae\xe3\xa8\x01\x54\x4e\x4e", fsrvp, 0},
	{"\xa0\x01\x00\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46", activation, DCOM},
	{"\xb8\x4a\x9f\x4d\x1c\x7d\xcf\x11", setup, DCOM},
	{"\x6a\x28\x19\x39\x0c\xb1\xd0\x11", setup, 0},
	{"\x40\x4e\x9f\x8d\x3d\xa0\xce\x11", setup, 0},
	{"\x18\xad\x09\xf3\x6a\xd8\xd0\x11", wmi, DCOM},
	{"\x9c\xc6\x56\x95\x00\x91\xcf\x11", wmi, DCOM},
	{"\x00\x04\x02\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46", dispatch, DCOM}, // IDispatch: MMC20, ShellWindows
	{"\x98\xd0\xff\x6b\x12\xa1\x10\x36", wkssvc, 0},
	{"\x08\x83\xaf\xe1\x1f\x5d\xc9\x11", mapper, 0},
	{"\xdc\x3f\x27\x82\x2a\xe3\xc3\x18", eventlog, 0},
}

// DCE/RPC packet types.
const (
	rpcRequest = 0
	rpcBind    = 11
	rpcAlter   = 14
)

// printing is the bit of Signals.state that says that a printer is used as clients do.
const printing = 0x4000

// dcerpc reads one packet of DCE/RPC over TCP. Its fragments are few and short:
// the first header in the packet is enough.
func (s *Signals) dcerpc(d int, b []byte, _ *packet.Packet) bool {
	return s.rpc(b)
}

// rpcWithin finds a call inside an SMB message.
func (s *Signals) rpcWithin(b []byte) {
	if i := bytes.Index(b, []byte{5, 0}); i >= 0 {
		for ; i+24 <= len(b); i++ {
			if b[i] == 5 && b[i+1] == 0 && b[i+2] <= 19 && b[i+4] == 0x10 && b[i+5] == 0 && le16(b, i+8) >= 24 {
				s.rpc(b[i:])
				return
			}
		}
	}
}

// rpc reads one call's header.
func (s *Signals) rpc(b []byte) bool {
	if len(b) < 24 || b[0] != 5 {
		return false
	}
	switch b[2] {
	case rpcBind, rpcAlter:
		s.bind(b)
		if at := le16(b, 8) - le16(b, 10) - 4; le16(b, 10) > 0 && le32(b, at)-librarysContext < librarysContexts {
			s.Domain.Gathered |= Library
		}
	case rpcRequest:
		return s.call(le16(b, 22), le16(b, 8), b[24:])
	}
	return false
}

// The numbers by which impacket calls its security contexts; others begin at 0 or 1,
// or take an address. Source: its published code.
const (
	librarysContext  = 79231
	librarysContexts = 16
)

// bind notes the interface of the first context that is known. Where none is (a
// bind may hide the one it wants behind a hundred others), the pipe's stays.
func (s *Signals) bind(b []byte) {
	b = b[:min(len(b), 256)]
	for i := range uuids {
		u := &uuids[i]
		if bytes.Contains(b, []byte(u.head)) {
			s.bound = u.iface
			s.Marks |= u.mark
			return
		}
	}
}

// operation is one of an interface.
type operation struct {
	of     iface
	number int
}

// tellingCalls are those that tell by themselves, whatever their arguments.
// Source: [MS-*] protocol documents.
var tellingCalls = map[operation]struct {
	mark     Marks
	gathered Gathered
}{
	{svcctl, 12}: {mark: CreateService}, {svcctl, 24}: {mark: CreateService}, {svcctl, 44}: {mark: CreateService},
	{svcctl, 45}: {mark: CreateService}, {svcctl, 60}: {mark: CreateService},
	{svcctl, 19}: {mark: StartService}, {svcctl, 31}: {mark: StartService},
	{atsvc, 0}: {gathered: RegisterTask}, {tasks, 1}: {gathered: RegisterTask},
	{winreg, 20}: {gathered: RegistrySaved}, {winreg, 31}: {gathered: RegistrySaved},
	{drsuapi, 3}: {mark: ReplicateDC}, {drsuapi, 5}: {gathered: ReplicaAdd},
	{spoolss, 9}: {gathered: AddDriver}, {spoolss, 89}: {gathered: AddDriver}, {spoolss, 39}: {gathered: AddDriver},
	{remoteWinspool, 9}: {gathered: AddDriver}, {remoteWinspool, 89}: {gathered: AddDriver}, {remoteWinspool, 39}: {gathered: AddDriver},
	{fsrvp, 8}: {gathered: Coerced}, {fsrvp, 9}: {gathered: Coerced},
	{netdfs, 12}: {gathered: Coerced}, {netdfs, 13}: {gathered: Coerced},
	{wkssvc, 2}: {gathered: SessionsAsked}, {srvsvc, 12}: {gathered: SessionsAsked},
}

// call judges one request by interface and operation number; length is that of the
// whole fragment.
func (s *Signals) call(number, length int, stub []byte) bool {
	c := &s.Calls
	inc16(&c.Count)
	inc32(&s.Requests)
	if c.nameless && readsAccounts(s.bound, number) {
		inc16(&c.Accounts)
	}
	if t, ok := tellingCalls[operation{s.bound, number}]; ok {
		s.Marks |= t.mark
		s.Domain.Gathered |= t.gathered
		return false
	}
	if s.bound == netlogon && (number == 5 || number == 15 || number == 26) && zeroCredential(stub) {
		inc16(&c.Zero)
		s.Marks |= ZeroCredential
		return c.Zero&(c.Zero-1) == 0
	}
	s.Domain.Gathered |= s.argument(number, length, stub)
	return false
}

// argument is what a call tells by what it says, or by what was called before.
func (s *Signals) argument(number, length int, stub []byte) Gathered {
	switch s.bound {
	case samr:
		if number == 34 && len(stub) >= 28 { // opened by its number, behind the domain's handle and the rights wanted
			s.Names.Add(hash(stub[24:28]))
		}
	case wmi:
		if number == 14 || number == 24 || number == 25 { // an instance put, a method called; monitors ask questions
			inc16(&s.Calls.Methods)
		}
	case dispatch:
		if number == 6 {
			inc16(&s.Calls.Methods)
		}
	case winreg:
		switch {
		case number == 15 && bootKey(stub):
			return RegistrySaved
		case (number == 6 || number == 22) && startsBySettings(stub):
			return RegistryPlanted
		}
	case svcctl:
		if (number == 11 || number == 23) && runsShell(stub) { // RChangeServiceConfig
			return RegistryPlanted
		}
	case spoolss, remoteWinspool:
		switch number {
		case 8, 17, 26, 78: // reads its state or data, or prints: no tool takes the trouble
			s.state |= printing
		case 62, 65: // which then asks to be told what becomes of its printing
			if s.state&printing == 0 {
				return Coerced
			}
		}
	case efsrpc:
		if number == 0 || number >= 4 && number <= 16 {
			return Coerced
		}
	case mapper:
		if number == 3 && bytes.Contains(stub, []byte(replication)) {
			s.Marks |= ReplicationSought
		}
	case eventlog:
		if number == 9 && wide(stub, "\\unc\\") { // a log to be opened on another host
			return Coerced
		}
	case setup:
		if length > 1000 {
			return CallOverflow
		}
	case srvsvc:
		if (number == 31 || number == 32) && (length > 400 || wide(stub, "\\..\\") || wide(stub, "/../")) {
			return CallOverflow
		}
	}
	return 0
}

// bootKey says whether a key of the registry is one of the four whose classes make up
// the key under which a system keeps its passwords. Nothing else reads them.
func bootKey(stub []byte) bool {
	for _, n := range [...]string{"control\\lsa\\jd", "control\\lsa\\skew1", "control\\lsa\\gbg", "control\\lsa\\data"} {
		if wide(stub, n) {
			return true
		}
	}
	return false
}

// startsBySettings says whether a value or key of the registry is one that makes a
// system start programs, let in desktops or keep passwords in the clear.
func startsBySettings(stub []byte) bool {
	for _, n := range [...]string{"currentversion\\run", "fdenytsconnections", "uselogoncredential", "image file execution"} {
		if wide(stub, n) {
			return true
		}
	}
	return false
}

// runsShell says whether a service's program is to be a shell.
func runsShell(stub []byte) bool {
	for _, n := range [...]string{"powershell", "cmd.exe", "cmd /c", "%comspec%"} {
		if wide(stub, n) {
			return true
		}
	}
	return false
}

// readsAccounts says whether an operation lists accounts, finds them by number or
// opens one ([MS-SAMR], [MS-LSAT]).
func readsAccounts(i iface, operation int) bool {
	switch i {
	case samr:
		switch operation {
		case 11, 13, 15, 17, 18, 34, 40, 48, 51:
			return true
		}
	case lsarpc:
		return operation == 15 || operation == 57 || operation == 76
	}
	return false
}

// zeroCredential says whether an authentication's client credential, the eight
// bytes before the flags at the end, is zero.
func zeroCredential(stub []byte) bool {
	if len(stub) < 16 {
		return false
	}
	for _, end := range []int{4, 0, 8} { // flags behind it, no flags, padded flags
		n := len(stub) - end
		if n < 8 {
			continue
		}
		zero := true
		for _, c := range stub[n-8 : n] {
			zero = zero && c == 0
		}
		if zero {
			return true
		}
	}
	return false
}
