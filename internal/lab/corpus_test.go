package lab

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"firetower/internal/attack"
)

func TestScenarioTable(t *testing.T) {
	seen, classes := map[string]bool{}, map[attack.Class]int{}
	for _, s := range Scenarios() {
		if seen[s.Name] {
			t.Errorf("two scenarios are called %s", s.Name)
		}
		seen[s.Name] = true
		classes[s.Class]++
		if _, ok := attack.Parse(string(s.Class)); !ok || s.Play == nil {
			t.Errorf("%s: class %q, play %v", s.Name, s.Class, s.Play != nil)
		}
		if s.Limit <= 0 || s.Limit > 15*time.Minute {
			t.Errorf("%s: limit %v; every scenario ends by itself", s.Name, s.Limit)
		}
	}
	for _, c := range append(attack.Classes(), attack.Benign) {
		if classes[c] < 5 {
			t.Errorf("%s has only %d scenarios", c, classes[c])
		}
	}
}

func TestPlan(t *testing.T) {
	name := func(jobs []job) (s []string) {
		for _, j := range jobs {
			s = append(s, captureName(j.Scenario, j.seed))
		}
		return s
	}
	c := Corpus{Seed: 3, Runs: 10, Life: 7}
	a, b := name(c.plan()), name(c.plan())
	if !reflect.DeepEqual(a, b) {
		t.Error("the same seed plans different runs")
	}
	if want := 8*10 + 7; len(a) != want {
		t.Errorf("%d runs, want %d", len(a), want)
	}
	once := map[string]bool{}
	for _, n := range a {
		if once[n] {
			t.Errorf("%s is planned twice", n)
		}
		once[n] = true
	}
	c.Seed = 4
	if reflect.DeepEqual(a, name(c.plan())) {
		t.Error("two seeds plan the same runs")
	}
	if got, want := len((Corpus{Each: 2}).plan()), 2*len(Scenarios()); got != want {
		t.Errorf("each twice: %d runs, want %d", got, want)
	}
}

func TestPack(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.pcap")
	b := make([]byte, 24)
	for _, n := range []uint32{60, 0, 320} {
		var h [16]byte
		binary.LittleEndian.PutUint32(h[8:], n)
		b = append(append(b, h[:]...), make([]byte, n)...)
	}
	b = append(b, 1, 2, 3) // tcpdump was ended in mid-header
	if err := os.WriteFile(file, b, 0o644); err != nil {
		t.Fatal(err)
	}
	n, sum, err := pack(file)
	if err != nil || n != 3 || len(sum) != 64 {
		t.Fatalf("packets %d, sum %q, %v", n, sum, err)
	}
	f, err := os.Open(file + ".gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(z)
	if err != nil || !bytes.Equal(got, b[:len(b)-3]) {
		t.Errorf("%d bytes, want %d; %v", len(got), len(b)-3, err)
	}
	if exists(file) {
		t.Error("the plain file is still there")
	}
}

func TestManifestGoesOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "manifest.tsv")
	truth := Truth{Class: attack.BruteForce, Also: []attack.Class{attack.WebAttack}, Kind: "hydra-form", Attackers: []netip.Addr{netip.MustParseAddr("192.0.2.9")},
		Note: "hydra\n\t-l x", Start: time.Unix(0, 0), End: time.Unix(2, 0)}
	for i := range 2 {
		m, err := openManifest(path)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := m.has["captures/a.pcap.gz"], i == 1; got != want {
			t.Errorf("opening %d: has is %v", i, got)
		}
		if err := m.add("captures/a.pcap.gz", 1, truth, 5, "00"); err != nil {
			t.Fatal(err)
		}
		m.file.Close()
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d lines, want a header and two", len(lines))
	}
	want := "a.pcap.gz bruteforce webattack 192.0.2.9 - 5 lab hydra-form"
	if got := strings.Join(strings.Split(lines[1], "\t")[:8], " "); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if n := strings.Count(lines[1], "\t"); n != strings.Count(manifestHeader, "\t") {
		t.Errorf("%d columns", n+1)
	}
}

func TestDrawnNetworksArePrivate(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 1000 {
		p := network(rng)
		if !p.Addr().IsPrivate() || p.Bits() != 24 || p.Masked() != p {
			t.Fatalf("drew %s", p)
		}
	}
}

func TestOutsideAddressesAreReserved(t *testing.T) {
	r := &Run{Rand: rand.New(rand.NewPCG(1, 1))}
	for range 1000 {
		a, in := r.outside(), false
		for _, p := range Outside {
			in = in || p.Contains(a) && a != p.Masked().Addr().Next()
		}
		if !in {
			t.Fatalf("drew %s", a)
		}
	}
}
