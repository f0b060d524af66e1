package lab

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"firetower/internal/attack"
)

func TestLabelOf(t *testing.T) {
	a := netip.MustParseAddr
	attacker, victim, person, other := a("203.0.113.7"), a("10.1.2.10"), a("10.1.2.101"), a("198.51.100.9")
	for _, c := range []struct {
		name     string
		capture  capture
		from, to netip.Addr
		want     attack.Class
	}{
		{"benign is benign", capture{class: attack.Benign}, attacker, victim, attack.Benign},
		{"a scan, sent", capture{class: attack.PortScan, attackers: []netip.Addr{attacker}}, attacker, person, attack.PortScan},
		{"a scan, answered", capture{class: attack.PortScan, attackers: []netip.Addr{attacker}}, person, attacker, attack.PortScan},
		{"life beside it", capture{class: attack.PortScan, attackers: []netip.Addr{attacker}}, person, victim, attack.Benign},
		{"a bot to its controller", capture{class: attack.Bot, attackers: []netip.Addr{person}, victims: []netip.Addr{other}}, person, other, attack.Bot},
		{"a bot's owner at work", capture{class: attack.Bot, attackers: []netip.Addr{person}, victims: []netip.Addr{other}}, person, victim, attack.Benign},
		{"an infiltrated machine to its controller", capture{class: attack.Infiltration, attackers: []netip.Addr{person}, victims: []netip.Addr{other}}, person, other, attack.Infiltration},
		{"an infiltrated machine and a neighbour", capture{class: attack.Infiltration, attackers: []netip.Addr{person}, victims: []netip.Addr{other}}, person, victim, ""},
		{"a spoofed source", capture{class: attack.DDoS, victims: []netip.Addr{victim}}, other, victim, attack.DDoS},
		{"an answer to it", capture{class: attack.DDoS, victims: []netip.Addr{victim}}, victim, other, attack.DDoS},
		{"a neighbour of the victim", capture{class: attack.DDoS, victims: []netip.Addr{victim}}, person, victim, attack.Benign},
	} {
		if got := c.capture.labelOf(c.from, c.to); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestLabelAddsColumns(t *testing.T) {
	in := "Src IP,Dst IP,Bytes,Label\n203.0.113.7,10.1.2.10,5,NeedManualLabel\n10.1.2.3,10.1.2.10,6,NeedManualLabel\n"
	row := capture{file: "x.pcap.gz", kind: "nmap-syn", class: attack.PortScan, attackers: []netip.Addr{netip.MustParseAddr("203.0.113.7")}}
	var b bytes.Buffer
	w, head := csv.NewWriter(&b), false
	for range 2 {
		if err := (Labels{Most: 1}).label(csv.NewReader(strings.NewReader(in)), row, w, &head); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	want := "Src IP,Dst IP,Bytes,Label,Capture,Scenario\n" + strings.Repeat("203.0.113.7,10.1.2.10,5,portscan,x.pcap.gz,nmap-syn\n", 2)
	if b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
	if err := (Labels{}).label(csv.NewReader(strings.NewReader("a,b\n")), row, w, &head); err == nil {
		t.Error("flows without addresses are no error")
	}
}

// TestWriteLabels meters a corpus with a program that stands for firetower.
func TestWriteLabels(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		t.Helper()
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return p
	}
	write("manifest.tsv", manifestHeader+"a.pcap.gz\tportscan\t-\t203.0.113.7\t10.1.2.10\t3\tlab\tnmap-syn\tseed 1\t0\tx\n", 0o644)
	meter := write("meter", "#!/bin/sh\n[ \"$1\" = flows ] || exit 3\nprintf 'Src IP,Dst IP,Label\\n203.0.113.7,10.1.2.10,-\\n10.1.2.3,10.1.2.10,-\\n'\n", 0o755)
	l := Labels{Corpus: dir, Out: filepath.Join(dir, "flows.csv.gz"), Firetower: meter}
	if err := l.Write(t.Context()); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(l.Out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(z).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"Src IP", "Dst IP", "Label", "Capture", "Scenario"}, {"203.0.113.7", "10.1.2.10", "portscan", "a.pcap.gz", "nmap-syn"}, {"10.1.2.3", "10.1.2.10", "benign", "a.pcap.gz", "nmap-syn"}}
	if !reflect.DeepEqual(rows, want) {
		t.Errorf("got %v", rows)
	}
	l.Firetower = write("broken", "#!/bin/sh\necho Src IP,Dst IP,Label\necho no such capture >&2\nexit 1\n", 0o755)
	if err := l.Write(t.Context()); err == nil || !strings.Contains(err.Error(), "no such capture") {
		t.Errorf("got %v, want what the program said", err)
	}
	write("manifest.tsv", manifestHeader+"too\tfew\n", 0o644)
	if err := l.Write(t.Context()); err == nil || !strings.Contains(err.Error(), ":2:") {
		t.Errorf("got %v, want the line that is wrong", err)
	}
}
