package lab

import (
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"firetower/internal/attack"
)

func TestBracket(t *testing.T) {
	victim := &Host{Addr: netip.MustParseAddr("10.1.2.10"), V6: map6(inside6, netip.MustParseAddr("10.1.2.10"))}
	if got, want := victim.V6.String(), "2001:db8:1::a01:20a"; got != want {
		t.Fatalf("10.1.2.10 is %s, want %s", got, want)
	}
	six := &Run{Office: &Office{World: &World{Config: Config{Setting: Setting{V6: true}}}}, Truth: Truth{}}
	six.against(victim)
	a := "2001:db8:1::a01:20a"
	for line, want := range map[string]string{
		"curl http://" + a + "/x":           "curl http://[" + a + "]/x",
		"ab http://" + a + ":8080/":         "ab http://[" + a + "]:8080/",
		"nmap -6 " + a:                      "nmap -6 " + a,
		"heartbeat -to " + a + ":443 -size": "heartbeat -to [" + a + "]:443 -size",
	} {
		if got := six.bracket(line); got != want {
			t.Errorf("%s: got %s", line, got)
		}
	}
	four := &Run{Office: &Office{World: &World{}}}
	if got := four.bracket("curl http://10.1.2.10:80/"); got != "curl http://10.1.2.10:80/" {
		t.Errorf("IPv4 became %s", got)
	}
	if four.at(victim) != victim.Addr || six.at(victim) != victim.V6 {
		t.Error("at gives the address of the other kind")
	}
}

func TestElsewhereKeepsTheTruth(t *testing.T) {
	all := Scenarios()
	n := 0
	for _, s := range all {
		prefix, name, _ := strings.Cut(s.Name, "-")
		i := slices.IndexFunc(all, func(o Scenario) bool { return o.Name == name })
		if i < 0 || prefix != "lossy" && prefix != "far" && prefix != "shared" {
			continue
		}
		n++
		if s.Class != all[i].Class || s.Setting == (Setting{}) || s.Limit != all[i].Limit {
			t.Errorf("%s: %s in %+v", s.Name, s.Class, s.Setting)
		}
	}
	if n < 40 {
		t.Errorf("%d scenarios elsewhere: a name in the table is wrong", n)
	}
}

func TestFind(t *testing.T) {
	for what, want := range map[string]int{"nmap-syn": 1, "nmap-syn,hydra-ssh": 2, "lossy-*,nmap-syn": 18, "nothing": 0, string(attack.Heartbleed) + ",heartbleed-once": len(Find(string(attack.Heartbleed)))} {
		if got := len(Find(what)); got != want {
			t.Errorf("%s: %d scenarios, want %d", what, got, want)
		}
	}
}

// TestLinesAreFilledIn looks for names in capitals that nothing stands for.
func TestLinesAreFilledIn(t *testing.T) {
	known := strings.Fields("CLOUD CLOUDSSH NODE1 NODE2 NODE3 PORTAL REGISTRAR LDAP POSTGRES HTTP2 KEYFILE USER PASSWORD DICE SHOP MAIL FILES DNS NEWS " +
		"RESTIC_PASSWORD PGPASSWORD SELECT FROM WHERE UPDATE SET COUNT ALTER TABLE ADD INT AND PROPFIND POST QUIT INBOX SSHOPTIONS APT HTTP SIP CHATTER TV")
	for _, h := range habitTable() {
		for _, w := range regexp.MustCompile(`[A-Z][A-Z0-9_]{2,}`).FindAllString(h.line, -1) {
			if w = strings.TrimSuffix(w, "DICE"); w != "" && !slices.Contains(known, w) {
				t.Errorf("%s: what is %s?", h.name, w)
			}
		}
		if h.long < 20*time.Second || h.who != "one" && h.who != "all" && h.who != "visitor" && h.who != "device" {
			t.Errorf("%s: %v by %s", h.name, h.long, h.who)
		}
	}
}

func TestScriptsAreThere(t *testing.T) {
	dir := t.TempDir()
	h := &Host{Dir: dir, w: &World{Config: Config{Assets: filepath.Join("..", "..", "lab")}}}
	for name, file := range scripts {
		line, err := h.script(file)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := os.Stat(filepath.Join(dir, filepath.Base(file))); err != nil || !strings.HasSuffix(line, filepath.Base(file)) {
			t.Errorf("%s: %q, %v", name, line, err)
		}
	}
	if _, err := h.script("clients/none.py"); err == nil || !strings.Contains(err.Error(), "source tree") {
		t.Errorf("a missing program gives %v", err)
	}
}

func TestNthOf(t *testing.T) {
	p := netip.MustParsePrefix("198.19.4.0/24")
	for i, want := range map[int]string{0: "198.19.4.1", 254: "198.19.4.255", 255: "198.19.5.0", 300: "198.19.5.45"} {
		if got := nthOf(p, i).String(); got != want {
			t.Errorf("%d: %s, want %s", i, got, want)
		}
	}
}
