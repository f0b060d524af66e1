package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"firetower/internal/capture"
	"firetower/internal/packet"
)

// TestDoctorNamesWhatIsWrong lets doctor look at a place where nothing is right.
func TestDoctorNamesWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "c.yaml")
	text := fmt.Sprintf(`
interfaces: [nosuch0]
model: %[1]s/none.firetower
store: {path: /proc/firetower/f.db}
eve: {path: %[1]s/eve.json}
alerts:
  mail: [{host: localhost, port: 1, from: a@example.org, to: [b@example.org], username: u, password_file: %[1]s/none}]
  syslog: [{address: "127.0.0.1:1", network: tcp}]
`, dir)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, _ := call(t, "", "doctor", "--config", config, "--listen", "1ms")
	if code != 1 {
		t.Errorf("status %d", code)
	}
	for _, want := range []string{
		"FAIL  nosuch0", "none.firetower", "FAIL  store", "set store.path", "FAIL  secrets", "no such file",
		"FAIL  mail", "is the server up", "FAIL  syslog", "ok    eve",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q in\n%s", want, stdout)
		}
	}
}

func TestDoctorIsContent(t *testing.T) {
	s := newSegment(t)
	dir := publicDir(t)
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	password := filepath.Join(dir, "password")
	if err := os.WriteFile(password, []byte("s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	doctor := func(more string) string {
		t.Helper()
		config := quietConfig(t, dir, "interfaces: [v1]\n"+more)
		out, _ := s.in(s.victim, "firetower", "doctor", "--config", config, "--listen", "1s").Output()
		return string(out)
	}
	wait := s.sending(3)
	out := doctor(fmt.Sprintf("alerts: {webhook: [{url: \"http://%s/\", token_file: %s}]}", server.Addr(), password))
	wait()
	for _, want := range []string{"ok    rights", "ok    v1", "of them IP", "ok    model", "ok    store", "LoadCredential=", "ok    webhook"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if strings.Contains(out, "FAIL") || strings.Contains(out, "s3cret") {
		t.Errorf("not content, or too talkative:\n%s", out)
	}
	s.ip("-n", s.attacker, "link", "set", "v0", "down")
	if out := doctor(""); !strings.Contains(out, "has no carrier") || !strings.Contains(out, "nobody is told") {
		t.Error(out)
	}
	s.ip("-n", s.victim, "link", "set", "v1", "down")
	if out := doctor(""); !strings.Contains(out, "sudo ip link set v1 up") {
		t.Error(out)
	}
}

// frames is a conversation of n segments from a client, and as many answers if the
// other direction is captured.
func frames(n int, change func(b []byte) []byte, both bool) (out []capture.Frame) {
	for i := range n {
		for _, back := range []bool{false, true} {
			if back && !both {
				continue
			}
			b := make([]byte, 14+20+20+10)
			b[12], b[14], b[22], b[23] = 8, 0x45, 64, 6
			b[17] = 50                                                                     // IP length
			copy(b[26:], []byte{10, 0, byte(i / 200), byte(i), 10, 9, 9, 9})               // a client each
			copy(b[34:], []byte{0x90, 0, 0, 80, 0, 0, 0, byte(i), 0, 0, 0, 1, 0x50, 0x18}) // PSH ACK
			if back {
				copy(b[26:], []byte{10, 9, 9, 9, 10, 0, byte(i / 200), byte(i)})
				copy(b[34:], []byte{0, 80, 0x90, 0})
			}
			if change != nil {
				b = change(b)
			}
			out = append(out, capture.Frame{Time: int64(len(out)) * 2000, Data: b, WireLen: uint32(len(b)), Link: packet.LinkEthernet})
		}
	}
	return out
}

func TestDoctorReadsTheTraffic(t *testing.T) {
	twice := func(in []capture.Frame) (out []capture.Frame) {
		for _, f := range in {
			again := f
			again.Time += 20
			out = append(out, f, again)
		}
		return out
	}
	tagged := func(b []byte) []byte {
		return append(append(append([]byte{}, b[:12]...), 0x81, 0, 0, 7), b[12:]...)
	}
	arp := func(b []byte) []byte { b[13] = 6; return b }
	long := frames(10, nil, true)
	for i := range long {
		long[i].WireLen = 9000
	}
	for name, c := range map[string]struct {
		in         []capture.Frame
		want, wont string
	}{
		"nothing":         {nil, "nothing arrived", "IP"},
		"all is well":     {frames(100, nil, true), "200 packets within 1s, 200 of them IP", "warn"},
		"one direction":   {frames(100, nil, false), "only 0 were heard in both directions", "twice"},
		"tags":            {frames(100, tagged, true), "200 packets carry VLAN tags", "warn"},
		"a mirror's both": {twice(frames(100, nil, true)), "came twice", "directions"},
		"no IP":           {frames(10, arp, true), "none of it is IP", "twice"},
		"joined":          {long, "receive offloading", "twice"},
	} {
		tr := &traffic{mtu: 1500, seen: map[frameKey]int64{}}
		for _, f := range c.in {
			tr.look(f)
		}
		var out bytes.Buffer
		p := &patient{out: &out}
		p.traffic("eth0", time.Second, tr, capture.Stats{})
		if said := out.String(); !strings.Contains(said, c.want) || strings.Contains(said, c.wont) {
			t.Errorf("%s: want %q, and no %q, in\n%s", name, c.want, c.wont, said)
		}
	}
}
