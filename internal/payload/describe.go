package payload

import (
	"bytes"
	"math/bits"
	"net/netip"
)

// described are the kinds of values seen that only the machine itself knows: its name,
// its address behind a translator, who runs it and what. Programs call the parameters
// what they like; the values give them away.
type described uint8

const (
	itsName described = 1 << iota
	itsAddress
	itsUser
	itsSystem
)

// note takes one value, however it is wrapped.
func (d *described) note(value []byte) {
	value = bytes.TrimLeft(value, "./[{(<\" ")
	for bytes.HasPrefix(value, []byte("%20")) {
		value = value[3:]
	}
	if i := bytes.IndexAny(value, "]})>< %\","); i >= 0 {
		if foldPrefix(value, "windows%20") || foldPrefix(value, "windows ") {
			*d |= itsSystem
		}
		value = value[:i]
	}
	switch {
	case len(value) < 6 || len(value) > 15:
	case windowsName(value):
		*d |= itsName
	case servicePack(value):
		*d |= itsSystem
	case len(value) == len("administrator") && foldPrefix(value, "administrator"):
		*d |= itsUser
	case digit(value[0]) && bytes.Count(value, []byte(".")) == 3:
		if a, err := netip.ParseAddr(string(value)); err == nil && a.IsPrivate() {
			*d |= itsAddress
		}
	}
}

// weight is on the scale of checkInKeys.
func (d described) weight() int {
	sum := 2 * bits.OnesCount8(uint8(d))
	if d&itsName != 0 {
		sum++
	}
	return sum
}

// windowsName is true for a name that the set-up of Windows gives a machine: WIN-,
// DESKTOP- or LAPTOP- and random signs, or somebody's name and -PC.
func windowsName(name []byte) bool {
	for _, c := range name {
		if c != '-' && !digit(c) && (c < 'A' || c > 'Z') {
			return false
		}
	}
	for _, front := range [...]string{"WIN-", "DESKTOP-", "LAPTOP-"} {
		if bytes.HasPrefix(name, []byte(front)) {
			return true
		}
	}
	return bytes.HasSuffix(name, []byte("-PC"))
}

// servicePack is true for a version of Windows and its service pack, as in 61-SP1.
func servicePack(v []byte) bool {
	return len(v) == 6 && digit(v[0]) && digit(v[1]) && bytes.HasPrefix(v[2:], []byte("-SP")) && digit(v[5])
}

// describesIn weighs a path whose parts describe the machine.
func describesIn(path []byte) int {
	var said described
	for n := 0; n < 16 && len(path) > 0; n++ {
		var part []byte
		part, path, _ = bytes.Cut(path, []byte("/"))
		said.note(part)
	}
	return said.weight()
}

// namesOf are what programs call the machine, who is logged in there, and its system.
var namesOf = [...][]string{
	{"hostname", "host_name", "host", "computer", "computername", "computer_name", "pcname", "pc_name", "machine", "machinename", "machine_name", "nodename"},
	{"user", "username", "user_name", "current_user", "logged_user", "whoami"},
	{"os", "platform", "system", "os_name", "os_type", "os_version", "osversion", "arch", "architecture", "kernel"},
}

// describesInJSON weighs an object that names all three of them; telemetry knows its
// users by numbers, and log-ins name no system.
func describesInJSON(b []byte) int {
	if len(b) == 0 || b[0] != '{' {
		return 0
	}
	var found [len(namesOf)]bool
	for range mostFields {
		_, rest, more := bytes.Cut(b, []byte{'"'})
		name, after, closed := bytes.Cut(rest, []byte{'"'})
		if !more || !closed {
			break
		}
		b = after
		if after = bytes.TrimLeft(after, " "); len(after) == 0 || after[0] != ':' {
			continue
		}
		for i, names := range namesOf {
			for _, n := range names {
				found[i] = found[i] || len(n) == len(name) && foldPrefix(name, n)
			}
		}
	}
	for _, f := range found {
		if !f {
			return 0
		}
	}
	return plainReport
}
