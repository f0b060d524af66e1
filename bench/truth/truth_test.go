package truth

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"firetower/internal/attack"
	"firetower/internal/incident"
)

func TestTold(t *testing.T) {
	by := func(class attack.Class, actors ...string) []incident.Incident {
		return []incident.Incident{{Class: class, Actors: actors}}
	}
	scan := Capture{Class: "portscan", Attacker: "192.0.2.1", Victim: "192.0.2.9"}
	for name, c := range map[string]struct {
		truth Capture
		said  []incident.Incident
		want  bool
	}{
		"a scan, its scanner":                 {scan, by(attack.PortScan, "192.0.2.1"), true},
		"a scan, its victim":                  {scan, by(attack.PortScan, "192.0.2.9"), false},
		"a scan called brute force":           {scan, by(attack.BruteForce, "192.0.2.1"), false},
		"a scan, nothing said":                {scan, nil, false},
		"right among wrong":                   {scan, append(by(attack.Bot, "192.0.2.5"), by(attack.PortScan, "192.0.2.1")...), true},
		"the class that is fair, too":         {Capture{Class: "bruteforce", Also: "webattack", Attacker: "192.0.2.1"}, by(attack.WebAttack, "192.0.2.1"), true},
		"dos called ddos":                     {Capture{Class: "dos", Attacker: "192.0.2.1"}, by(attack.DDoS, "192.0.2.1"), true},
		"ddos by whomever":                    {Capture{Class: "ddos", Attacker: "192.0.2.1"}, by(attack.DDoS, "192.0.2.77"), true},
		"a bot, its controller":               {Capture{Class: "bot", Attacker: "192.0.2.1", Victim: "192.0.2.2"}, by(attack.Bot, "192.0.2.2"), true},
		"an attacker who is described only":   {Capture{Class: "webattack", Attacker: "many"}, by(attack.WebAttack, "192.0.2.3"), true},
		"a network is no address":             {Capture{Class: "portscan", Attacker: "192.0.2.0/24"}, by(attack.PortScan, "192.0.2.3"), true},
		"harmless, nothing said":              {Capture{Class: "benign"}, nil, true},
		"harmless, something said":            {Capture{Class: "benign"}, by(attack.Bot, "192.0.2.2"), false},
		"one of two attackers, with a remark": {Capture{Class: "portscan", Attacker: "192.0.2.1, 192.0.2.4 (late)"}, by(attack.PortScan, "192.0.2.4"), true},
	} {
		if got := c.truth.Told(c.said); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestTally(t *testing.T) {
	var tally Tally
	for range 3 {
		tally.Add("portscan", true)
	}
	tally.Add("portscan", false)
	tally.Add("dos", true)
	tally.Add("benign", true)
	tally.Add("benign", false)
	recall, clean, score := tally.Rates()
	if recall != 0.875 || clean != 0.5 || math.Abs(score-2*0.875*0.5/1.375) > 1e-12 {
		t.Errorf("recall %v, clean %v, score %v", recall, clean, score)
	}
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	manifest := filepath.Join(dir, "manifest.tsv")
	text := "file\tclass\talso\tattacker\tvictim\tsource_repo\n" +
		"a.pcap\tportscan\t-\t192.0.2.1\t192.0.2.9\tsome/where\n" +
		"b.pcap\tother\t-\t\t\t\n" + // a class that is not judged
		"c.pcap\tbenign\n" // cut short
	if err := os.WriteFile(manifest, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := Read(manifest)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].Attacker != "192.0.2.1" || got[0].Source != "some/where" || !got[1].Benign() {
		t.Errorf("read %+v", got)
	}
	if got[0].Path != filepath.Join(dir, "captures", "a.pcap") {
		t.Errorf("path %s", got[0].Path)
	}
	if _, err := Read(filepath.Join(dir, "none.tsv")); err == nil {
		t.Error("a missing manifest is no error")
	}
}
