package lab

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// tcp makes an Ethernet frame with an IPv4 TCP segment, its checksums right.
func tcp(src, dst string, sport, dport uint16, flags byte) []byte {
	b := make([]byte, 54, 64)
	b[12], b[13] = 8, 0
	ip := b[14:]
	ip[0], ip[3], ip[8], ip[9] = 0x45, 40, 64, 6
	s, d := netip.MustParseAddr(src).As4(), netip.MustParseAddr(dst).As4()
	copy(ip[12:], s[:])
	copy(ip[16:], d[:])
	binary.BigEndian.PutUint16(ip[10:], ^sum16(ip[:20]))
	binary.BigEndian.PutUint16(ip[20:], sport)
	binary.BigEndian.PutUint16(ip[22:], dport)
	ip[32], ip[33] = 0x50, flags
	binary.BigEndian.PutUint16(ip[36:], ^pseudo(ip))
	return b
}

func pseudo(ip []byte) uint16 {
	head := append([]byte{0, ip[9], 0, byte(len(ip) - 20)}, ip[12:20]...)
	return sum16(append(head, ip[20:]...))
}

func TestLensesOnOneFrame(t *testing.T) {
	v := &Viewed{Rand: rand.New(rand.NewPCG(1, 1)), Inside: netip.MustParsePrefix("10.1.2.0/24")}
	in, out, beside := tcp("203.0.113.7", "10.1.2.10", 4000, 80, 2), tcp("10.1.2.10", "203.0.113.7", 80, 4000, 0x12), tcp("10.1.2.10", "10.1.2.22", 4000, 22, 2)
	for _, c := range []struct {
		view                 string
		in, out, beside, not int // bytes left, -1: not seen
	}{
		{"vlan", 58, 58, 58, 0}, {"qinq", 62, 62, 62, 0}, {"inbound", 54, -1, -1, 0}, {"outbound", -1, 54, -1, 0}, {"short", 54, 54, 54, 0},
	} {
		lens := Views()[c.view](v)
		for i, want := range []int{c.in, c.out, c.beside} {
			frame := bytes.Clone([][]byte{in, out, beside}[i])
			got := lens(Frame{Data: frame, Wire: 54})
			if want < 0 && got != nil || want >= 0 && len(got) != want {
				t.Errorf("%s, frame %d: %d bytes, want %d", c.view, i, len(got), want)
			}
			if want > 0 {
				if src, _, ok := endsOf(got); !ok || src.String() != []string{"203.0.113.7", "10.1.2.10", "10.1.2.10"}[i] {
					t.Errorf("%s, frame %d: comes from %v", c.view, i, src)
				}
			}
		}
	}
	if got := Views()["short"](v)(Frame{Data: make([]byte, 500)}); len(got) != 96 {
		t.Errorf("short keeps %d bytes", len(got))
	}
}

func TestNATHidesAndAnswersReachTheirClient(t *testing.T) {
	v := &Viewed{Rand: rand.New(rand.NewPCG(1, 1)), Inside: netip.MustParsePrefix("10.1.2.0/24"), row: []string{"", "", "", "10.1.2.101", "198.51.100.9,10.1.2.22"}}
	n := newNAT(v)
	outer := n.outer.String()
	if v.row[3] != outer || v.row[4] != "198.51.100.9,"+outer {
		t.Errorf("the truth names %q and %q", v.row[3], v.row[4])
	}
	see := func(b []byte) (src, dst string, sport, dport uint16) {
		t.Helper()
		got := n.pass(Frame{Data: b})
		if got == nil {
			t.Fatal("not seen")
		}
		ip := got[14:]
		if s := sum16(ip[:20]); s != 0xffff {
			t.Errorf("IP header sums up to %#x", s)
		}
		if s := pseudo(ip); s != 0xffff {
			t.Errorf("TCP sums up to %#x", s)
		}
		a, b2, _ := endsOf(got)
		return a.String(), b2.String(), binary.BigEndian.Uint16(ip[20:]), binary.BigEndian.Uint16(ip[22:])
	}
	if n.pass(Frame{Data: tcp("10.1.2.101", "10.1.2.22", 5000, 22, 2)}) != nil {
		t.Error("what stays inside is seen outside")
	}
	src, _, first, _ := see(tcp("10.1.2.101", "198.51.100.9", 5000, 443, 2))
	_, _, second, _ := see(tcp("10.1.2.102", "198.51.100.9", 5000, 443, 2))
	if src != outer || first == second {
		t.Errorf("from %s, ports %d and %d: want one address, two ports", src, first, second)
	}
	if _, dst, _, dport := see(tcp("198.51.100.9", "10.1.2.101", 443, 5000, 0x12)); dst != outer || dport != first {
		t.Errorf("the answer goes to %s port %d, want %s port %d", dst, dport, outer, first)
	}
	if _, _, _, dport := see(tcp("203.0.113.7", "10.1.2.10", 4000, 80, 2)); dport != 80 {
		t.Errorf("a server's port 80 is called as %d", dport)
	}
	if _, _, sport, _ := see(tcp("10.1.2.10", "203.0.113.7", 80, 4000, 0x12)); sport != 80 {
		t.Errorf("a server answers from %d", sport)
	}
}

func TestViewOfACorpus(t *testing.T) {
	dir, out := t.TempDir(), t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "captures"), 0o755); err != nil {
		t.Fatal(err)
	}
	start := time.Unix(1000, 0)
	for _, name := range []string{"scan.pcap", "life.pcap"} {
		var b bytes.Buffer
		head := make([]byte, 24)
		binary.LittleEndian.PutUint32(head, 0xa1b2c3d4)
		b.Write(head)
		for i := range 100 {
			frame := tcp("203.0.113.7", "10.1.2.10", 4000, uint16(i), 2)
			if name == "life.pcap" {
				frame = tcp("10.1.2.101", "10.1.2.10", 4000, 80, 2)
			}
			if err := writeFrame(&b, start.Add(time.Duration(i)*time.Second/10), frame, len(frame)); err != nil {
				t.Fatal(err)
			}
		}
		file := filepath.Join(dir, "captures", name)
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, _, err := pack(file); err != nil {
			t.Fatal(err)
		}
	}
	rows := manifestHeader + "scan.pcap.gz\tportscan\t-\t203.0.113.7\t10.1.2.10\t100\tlab\tnmap\tseed 1\t0\tx [10.0 s from 1970-01-01T00:16:40Z]\n" +
		"life.pcap.gz\tbenign\t-\t-\t-\t100\tlab\tmail\tseed 1\t0\t[10.0 s from 1970-01-01T00:16:40Z]\n"
	if err := os.WriteFile(filepath.Join(dir, "manifest.tsv"), []byte(rows), 0o644); err != nil {
		t.Fatal(err)
	}
	for view, want := range map[string][2]int{"vlan": {100, 100}, "late": {70, 70}, "outbound": {0, 0}, "nat": {100, 0}} {
		to := filepath.Join(out, view)
		if err := View(dir, to, view, 3); err != nil {
			t.Fatalf("%s: %v", view, err)
		}
		got, err := readManifest(filepath.Join(to, "manifest.tsv"))
		if err != nil {
			t.Fatal(err)
		}
		frames := [2]int{}
		for _, c := range got {
			i := 0
			if strings.Contains(c.file, "life") {
				i = 1
			}
			if err := readFrames(filepath.Join(to, "captures", c.file), func([]byte) error { return nil }, func(Frame) error { frames[i]++; return nil }); err != nil {
				t.Fatal(err)
			}
		}
		for i := range want {
			if d := frames[i] - want[i]; d > 20 || d < -20 || want[i] == 0 && frames[i] > 0 {
				t.Errorf("%s: %d frames, want about %d", view, frames[i], want[i])
			}
		}
	}
	if err := View(dir, out, "blind", 1); err == nil || !strings.Contains(err.Error(), "vlan") {
		t.Errorf("an unknown view gives %v, want the names of all", err)
	}
}

func TestReadFramesRefusesWhatIsNoRecording(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.gz")
	if err := os.WriteFile(file, []byte("not gzip"), 0o644); err != nil {
		t.Fatal(err)
	}
	none := func(Frame) error { return nil }
	if err := readFrames(file, func([]byte) error { return nil }, none); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("got %v, want an error that names the file", err)
	}
}
