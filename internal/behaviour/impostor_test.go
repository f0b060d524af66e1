package behaviour

import (
	"strings"
	"testing"

	"firetower/internal/attack"
	"firetower/internal/packet"
)

// nameAnswer makes a DNS answer, as LLMNR has it.
func nameAnswer(name string, a packet.Addr) string {
	q := nameQuestion(name)
	return q[:2] + "\x80\x00\x00\x01\x00\x01\x00\x00\x00\x00" + q[12:] + "\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x1e\x00\x04" + string(a[12:])
}

func nameQuestion(name string) string {
	return "\x12\x34\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00" + string(rune(len(name))) + name + "\x00\x00\x01\x00\x01"
}

// netbios makes a NetBIOS question, or the answer that address a has the name. kind
// is the name's last byte, flags begin with a bit for groups.
func netbios(name string, kind byte, flags string, a packet.Addr) (question, answer string) {
	spelt := ""
	for _, c := range []byte(name + strings.Repeat(" ", 15-len(name)) + string(rune(kind))) {
		spelt += string(rune('A'+c>>4)) + string(rune('A'+c&15))
	}
	spelt = "\x20" + spelt + "\x00\x00\x20\x00\x01"
	return "\x12\x34\x01\x10\x00\x01\x00\x00\x00\x00\x00\x00" + spelt,
		"\x12\x34\x85\x00\x00\x00\x00\x01\x00\x00\x00\x00" + spelt + "\x00\x00\x00\x1e\x00\x06" + flags + string(a[12:])
}

func TestImpostor(t *testing.T) {
	llmnr, all := ip("224.0.0.252"), ip("10.1.0.255")
	mallory, honest, ann := inner(66), inner(5), inner(7)
	ask := func(w *wire, at int64, name string, answers ...packet.Addr) {
		w.udp(ann, llmnr, 5355, at, nameQuestion(name), "")
		for _, a := range answers {
			w.packets = append(w.packets, datagram(a, ann, 5355, 40000+w.port, at+2, nameAnswer(name, a)))
		}
	}
	askNetBIOS := func(w *wire, at int64, name string, kind byte, flags string, a packet.Addr) {
		q, answer := netbios(name, kind, flags, a)
		p := datagram(ann, all, 137, 137, at, q)
		w.packets = append(w.packets, p, datagram(a, ann, 137, 137, at+2, answer))
	}
	tests := []struct {
		name  string
		class attack.Class
		play  func(*wire)
	}{
		{"every name is mine", attack.Infiltration, func(w *wire) {
			for i, name := range []string{"filesrv", "printsrv", "intranett"} {
				ask(w, int64(i)*9000, name, mallory)
			}
		}},
		{"a typing error and the proxy's settings", attack.Infiltration, func(w *wire) {
			ask(w, 0, "filesrvv", mallory)
			ask(w, 900, "WPAD", mallory)
		}},
		{"over NetBIOS", attack.Infiltration, func(w *wire) {
			for i, name := range []string{"FILESRV", "PRINTSRV", "INTRANETT"} {
				askNetBIOS(w, int64(i)*9000, name, 0x20, "\x00\x00", mallory)
			}
		}},
		{"machines answer for themselves", attack.Benign, func(w *wire) {
			for i, name := range []string{"alice-pc", "bob-pc", "carol-pc", "dave-pc"} {
				ask(w, int64(i)*9000, name, inner(byte(20+i)))
				ask(w, int64(i)*9000+100, strings.ToUpper(name), inner(byte(20+i)))
			}
		}},
		{"the same name in LLMNR and NetBIOS, and a group's", attack.Benign, func(w *wire) {
			ask(w, 0, "filesrv", honest)
			askNetBIOS(w, 100, "FILESRV", 0x20, "\x00\x00", honest)
			askNetBIOS(w, 200, "FILESRV", 0, "\x00\x00", honest)
			askNetBIOS(w, 300, "WORKGROUP", 0x1b, "\x00\x00", honest)
			askNetBIOS(w, 400, "WORKGROUP", 0, "\x80\x00", honest)
			askNetBIOS(w, 500, "OFFICE", 0, "\x80\x00", honest)
		}},
		{"a name server that is asked directly", attack.Benign, func(w *wire) {
			for i, name := range []string{"filesrv", "printsrv", "intranett", "wpad"} {
				w.udp(ann, honest, 5355, int64(i)*1000, nameQuestion(name), nameAnswer(name, honest))
			}
		}},
		{"a proxy that answers for others", attack.Benign, func(w *wire) {
			for i, name := range []string{"filesrv", "printsrv", "intranett", "wpad"} {
				w.udp(ann, llmnr, 5355, int64(i)*1000, nameQuestion(name), "")
				w.packets = append(w.packets, datagram(honest, ann, 5355, 40000+w.port, int64(i)*1000+2, nameAnswer(name, inner(byte(30+i)))))
			}
		}},
		{"answers without questions", attack.Benign, func(w *wire) {
			for i, name := range []string{"filesrv", "printsrv", "intranett"} {
				w.packets = append(w.packets, datagram(mallory, ann, 5355, uint16(50000+i), int64(i)*1000, nameAnswer(name, mallory)))
			}
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var w wire
			test.play(&w)
			found := w.findings(newImpostor())
			if test.class == attack.Benign {
				if len(found) > 0 {
					t.Fatalf("found %s", found[0].Reason)
				}
				return
			}
			if len(found) == 0 {
				t.Fatal("nothing found")
			}
			f := found[len(found)-1]
			if f.Actor != mallory || f.Targets[0] != ann || f.Class != test.class {
				t.Errorf("found %s by %s: %s", f.Class, f.Actor, f.Reason)
			}
		})
	}
}

// datagram makes one datagram.
func datagram(from, to packet.Addr, fromPort, toPort uint16, at int64, text string) packet.Packet {
	return packet.Packet{Time: epoch + at*1000, Src: from, Dst: to, SrcPort: fromPort, DstPort: toPort, Proto: packet.UDP,
		HeaderLen: 8, TTL: 64, Payload: []byte(text), PayloadLen: uint32(len(text)), WireLen: uint32(42 + len(text))}
}
