package dataset

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// What strconv reads, number reads alike; blanks around it do not matter.
func TestNumberReadsAsStrconv(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 5000 {
		v := math.Float64frombits(rng.Uint64())
		if rng.IntN(2) == 0 {
			v = math.Trunc(rng.NormFloat64() * 1e6)
		}
		for _, form := range []byte{'g', 'e', 'f'} {
			text := strconv.FormatFloat(v, form, -1, 64)
			got, ok := number([]byte(" " + text + "\t"))
			if !ok || got != v && !(v != v && got != got) {
				t.Fatalf("%s is %v, %v", text, got, ok)
			}
		}
	}
	for _, gap := range []string{"", " ", "null", "None", "NA", "n/a", "<NA>", "NaN"} {
		if v, ok := number([]byte(gap)); !ok || v == v {
			t.Errorf("%q is %v, %v; want a missing value", gap, v, ok)
		}
	}
	for _, bad := range []string{"fast", "1,5", "0x", "--1", "1 2"} {
		if v, ok := number([]byte(bad)); ok {
			t.Errorf("%q is %v; want no number", bad, v)
		}
	}
}

// Records are cut where encoding/csv cuts them.
func TestSplitCSVCutsAsEncodingCSV(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	parts := []string{"a", "12.5", " ", "", `"`, ",", "é", `""`}
	for range 2000 {
		record := make([]string, 1+rng.IntN(5))
		for i := range record {
			for range rng.IntN(4) {
				record[i] += parts[rng.IntN(len(parts))]
			}
		}
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		if err := w.Write(record); err != nil {
			t.Fatal(err)
		}
		w.Flush()
		var got []string
		for _, f := range splitCSV(bytes.TrimRight(b.Bytes(), "\n"), nil) {
			got = append(got, string(f))
		}
		if !slices.Equal(got, record) {
			t.Fatalf("%q was cut into %q", b.String(), got)
		}
	}
}

// Times of every layout come back; the 12-hour clock of 2017 is read as the working
// day it was recorded in.
func TestTimesOfEveryLayout(t *testing.T) {
	at := time.Date(2017, 7, 5, 10, 42, 7, 0, time.UTC)
	for _, l := range layouts {
		var c clock
		want := at
		if !strings.Contains(l.layout, "05") {
			want = at.Truncate(time.Minute)
		}
		if got := c.parse(" " + at.Format(l.layout)); got != want.UnixMicro() {
			t.Errorf("%s: %s became %s", l.layout, at.Format(l.layout), stamp(got))
		}
	}
	for text, want := range map[string]string{
		"03/07/2017 08:55:58": "2017-07-03 08:55:58", // morning
		"03/07/2017 01:02:03": "2017-07-03 13:02:03", // printed with hh for HH
		"5/7/2017 2:33":       "2017-07-05 14:33:00",
		"2017-07-05 02:33:00": "2017-07-05 02:33:00", // a 24-hour clock stays
		"noon":                "",
		"":                    "",
	} {
		var c clock
		got := ""
		if at := c.parse(text); at != NoTime {
			got = stamp(at)
		}
		if got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

// A label is known in every spelling that the published files have had.
func TestLabelsInEverySpelling(t *testing.T) {
	labels := DefaultLabels()
	for class, spellings := range map[string][]string{
		"benign":     {"BENIGN", "Benign", " benign "},
		"webattack":  {"Web Attack – XSS", "Web Attack \x96 XSS", "Web Attack ï¿½ XSS", "web attack - xss", "Web Attack � Brute Force", "Web Attack \x96 Sql Injection"},
		"bruteforce": {"FTP-Patator", "SSH-Patator", "ssh_patator"},
		"dos":        {"DoS Hulk", "DoS slowloris", "DoS GoldenEye", "DoS Slowhttptest"},
		"portscan":   {"PortScan", "Portscan", "Infiltration - Portscan"},
		"bot":        {"Bot", "Botnet"},
		"ddos":       {"DDoS"},
		"heartbleed": {"Heartbleed"},
	} {
		for _, s := range spellings {
			v := labels.of(s)
			if !v.known || v.attempted || Classes()[v.class] != class {
				t.Errorf("%q is %+v, want %s", s, v, class)
			}
			if twice := plain(plain(s)); twice != plain(s) {
				t.Errorf("%q is plain as %q, and that as %q", s, plain(s), twice)
			}
			if v := labels.of(s + " - Attempted"); class != "benign" && (!v.known || !v.attempted) {
				t.Errorf("%q attempted is %+v", s, v)
			}
		}
	}
	if v := labels.of("Cryptominer"); v.known {
		t.Errorf("an unknown label is %+v", v)
	}
}

// Removing duplicates keeps the first of each, and a second time changes nothing.
func TestDeduplicateKeepsTheFirst(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	table := counted(1000)
	for i := range table.hash {
		table.hash[i] = uint64(rng.IntN(300))
	}
	firsts := map[uint64]float32{}
	for i, h := range table.hash {
		if _, seen := firsts[h]; !seen {
			firsts[h] = table.X[0][i]
		}
	}
	if removed := table.Deduplicate(); removed != 1000-len(firsts) {
		t.Errorf("%d removed, want %d", removed, 1000-len(firsts))
	}
	for i, h := range table.hash {
		if table.X[0][i] != firsts[h] {
			t.Fatalf("of hash %d row %v was kept, the first is %v", h, table.X[0][i], firsts[h])
		}
	}
	if again := table.Deduplicate(); again != 0 || table.Rows() != len(firsts) {
		t.Errorf("%d removed by the second time", again)
	}
}

// -0 is 0, a class or any value changes a row's hash, and so does their order.
func TestHashRow(t *testing.T) {
	negative := float32(math.Copysign(0, -1))
	if hashRow([]float32{0, 1}, 2) != hashRow([]float32{negative, 1}, 2) {
		t.Error("-0 differs from 0")
	}
	seen := map[uint64]string{}
	rng := rand.New(rand.NewPCG(4, 1))
	for range 20000 {
		x, class := []float32{float32(rng.IntN(40)), float32(rng.IntN(40))}, uint8(rng.IntN(9))
		h, row := hashRow(x, class), fmt.Sprint(x, class)
		if known, ok := seen[h]; ok && known != row {
			t.Fatalf("%s and %s have one hash", known, row)
		}
		seen[h] = row
	}
}

// A rule that fits a flow fits its reverse, and nothing outside its bounds.
func TestRulesDoNotAskForDirection(t *testing.T) {
	rules, err := ReadRules(strings.NewReader("label,host,peer,port,protocol,start,end\nBot,10.0.0.0/30,192.0.2.0/28,443,6,2026-01-01 00:00:00,2026-01-02 00:00:00\n"))
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(5, 1))
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	fit := 0
	for range 5000 {
		e := endpoints{
			src: netip.AddrFrom4([4]byte{10, 0, 0, byte(rng.IntN(8))}), dst: netip.AddrFrom4([4]byte{192, 0, 2, byte(rng.IntN(32))}),
			srcPort: 50000, dstPort: []uint16{443, 80}[rng.IntN(2)], proto: []uint8{6, 17}[rng.IntN(2)],
		}
		at := begin.Add(time.Duration(rng.IntN(48)) * time.Hour)
		last := func(a netip.Addr) byte { return a.As4()[3] }
		want := "benign"
		if last(e.src) < 4 && last(e.dst) < 16 && e.dstPort == 443 && e.proto == 6 && !at.After(begin.AddDate(0, 0, 1)) {
			want = "Bot"
			fit++
		}
		back := endpoints{e.dst, e.src, e.dstPort, e.srcPort, e.proto}
		if a, b := rules.label(&e, at.UnixMicro()), rules.label(&back, at.UnixMicro()); a != want || b != want {
			t.Fatalf("%+v at %s is %s, reversed %s, want %s", e, at, a, b, want)
		}
	}
	if fit == 0 {
		t.Error("no flow was meant to fit")
	}
}

// A time unit is told from the rates, whatever the flows are.
func TestUnitsAreTold(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 1))
	s := bothSchemas()[0]
	for unit, perSecond := range map[string]float64{"": 1e6, "milliseconds": 1e3, "seconds": 1} {
		b := &block{x: make([][]float32, len(s.Names))}
		for f := range b.x {
			b.x[f] = make([]float32, 50)
		}
		set := func(name string, row int, v float64) {
			f, ok := s.Find(name)
			if !ok {
				t.Fatal(name)
			}
			b.x[f][row] = float32(v)
		}
		for i := range 50 {
			packets, seconds := float64(2+rng.IntN(100)), 0.01+100*rng.Float64()
			set("Flow Duration", i, seconds*perSecond)
			set("Flow Packets/s", i, packets/seconds)
			set("Total Fwd Packets", i, packets-1)
			set("Total Backward Packets", i, 1)
		}
		err := (&loader{schema: &s}).checkUnits(b)
		if (err == nil) != (unit == "") || err != nil && !strings.Contains(err.Error(), "in "+unit) {
			t.Errorf("durations in %q: %v", unit, err)
		}
	}
}
