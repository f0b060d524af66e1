package payload

import (
	"strings"
	"testing"
)

// TestCodedWhereCut: requests that are one long cipher, whatever the capture has cut.
func TestCodedWhereCut(t *testing.T) {
	cipher := strings.Repeat("Ab3dEf9h", 32)
	for _, c := range []struct {
		target string
		known  bool
		h      headers
		want   bool
	}{
		{"/a.php?" + cipher, false, headers{hidden: 90}, true},
		{"/up/id=1&u=" + cipher[:200], false, headers{hidden: 90}, true},
		{"/a.php?d=" + cipher[:120], true, headers{named: hasAgent, agent: []byte("Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 5.1)")}, true},
		{"/m/?q=" + cipher[:96], true, headers{}, true},
		{"/v.mp4?k=" + cipher, true, headers{}, false},
		{"/v.mp4?k=" + cipher, false, headers{hidden: 90}, false},
		{"/a.php?" + cipher[:100], false, headers{hidden: 90}, false},
		{"/a.php?q=" + strings.Repeat("word", 50), false, headers{hidden: 90}, false},
		{"/a?d=" + cipher[:120], true, headers{named: hasAgent, agent: []byte("Updater/1.0")}, false},
		{"/a?d=" + cipher[:120], false, headers{named: hasAgent, agent: []byte("Mozilla/5.0 (X11; Linux x86_64)")}, false},
	} {
		if got := c.h.coded([]byte(c.target), c.known, 0); got != c.want {
			t.Errorf("%.40s (known %v): %v, want %v", c.target, c.known, got, c.want)
		}
	}
}

// TestUnwritten: noise, and what is not.
func TestUnwritten(t *testing.T) {
	for b, want := range map[string]bool{
		"minpo\x12\xee\xfbu ,$`\xce\x95\x8f?\xdcJ\xeaj\xed{[\xe5O\x9dI\x16Vi\xed":        true,
		"name=ann&city=K\xf6ln&street=Hauptstra\xdfe 4":                                  false,
		"имя=Анна&город=Москва":                                                          false,
		"{\"a\":1,\"b\":\"text\"}      ":                                                 false,
		"\x1f\x8b\x08\x00\x12\xee\xfbu ,$`\xce\x95\x8f?\xdcJ\xeaj\xed{[\xe5O\x9dI\x16Vi": false,
	} {
		if got := unwritten([]byte(b)); got != want {
			t.Errorf("%q: %v, want %v", b, got, want)
		}
	}
}

// TestDescribed: values that only the machine knows.
func TestDescribed(t *testing.T) {
	for value, want := range map[string]int{
		"[ANN-PC]": 3, "WIN-7A1B2C3D<DFDC>": 3, "DESKTOP-7A1B2C3": 3, "[%20%20Administrator%20]": 2, "10.0.0.5": 2, "51-SP3": 2, "Windows%20XP": 2,
		"HTTP-PROXY": 0, "ann-pc": 0, "8.8.8.8": 0, "1.0.0.0": 0, "windows": 0, "": 0,
	} {
		var d described
		if d.note([]byte(value)); d.weight() != want {
			t.Errorf("%s: %d, want %d", value, d.weight(), want)
		}
	}
}

// TestSigned: programs in Explorer's clothes that say who they are.
func TestSigned(t *testing.T) {
	for agent, want := range map[string]bool{
		"Mozilla/4.0 (compatible; MSIE 6.0; DynGate)": true, "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; SV1)": false,
		"Mozilla/4.0 (compatible; MSIE 6.0)": false, "Mozilla/4.0 (compatible; MSIE 8.0; Trident/4.0)": false, "Mozilla/4.0 (compatible; MSIE 6.0; Win32)": false,
	} {
		if got := signed([]byte(agent)); got != want {
			t.Errorf("%s: %v, want %v", agent, got, want)
		}
	}
}
