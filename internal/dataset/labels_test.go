package dataset

import (
	"strings"
	"testing"
	"time"
)

func TestLabelsOfEveryPublishedSpelling(t *testing.T) {
	labels := DefaultLabels()
	tests := []struct {
		label, class string
		attempted    bool
	}{
		{"BENIGN", "benign", false},
		{" Benign ", "benign", false},
		{"Web Attack \x96 Brute Force", "webattack", false},     // cp1252
		{"Web Attack – XSS", "webattack", false},                // UTF-8
		{"Web Attack â€“ Sql Injection", "webattack", false},    // encoded twice
		{"Web Attack \ufffd Sql Injection", "webattack", false}, // decoded wrongly
		{"Infiltration - Portscan", "portscan", false},
		{"Botnet - Attempted", "bot", true},
		{"DoS Slowhttptest - Attempted", "dos", true},
		{"DoS attacks-SlowHTTPTest", "dos", false},
		{"Infilteration", "infiltration", false},
		{"PortScan", "portscan", false},
		{"BruteForce", "bruteforce", false},
		{"Bot", "bot", false},
	}
	for _, tt := range tests {
		v := labels.of(tt.label)
		if !v.known || v.drop || Classes()[v.class] != tt.class || v.attempted != tt.attempted {
			t.Errorf("%q: %+v, want %s attempted=%v", tt.label, v, tt.class, tt.attempted)
		}
	}
	for _, label := range []string{"No Label", "NeedManualLabel"} {
		if v := labels.of(label); !v.known || !v.drop {
			t.Errorf("%q must be known and dropped: %+v", label, v)
		}
	}
	for _, label := range []string{"Cryptominer", "", "Cryptominer - Attempted", "attempted"} {
		if v := labels.of(label); v.known {
			t.Errorf("%q must be unknown: %+v", label, v)
		}
	}
}

func TestReadLabels(t *testing.T) {
	l, err := ReadLabels(strings.NewReader("# mine\nevil = miner = bot # odd name\n\nodd=drop\n"))
	if err != nil {
		t.Fatal(err)
	}
	if v := l.of("Evil=Miner"); !v.known || Classes()[v.class] != "bot" {
		t.Errorf("own label: %+v", v)
	}
	for _, broken := range []string{"evil", "evil = worm"} {
		if _, err := ReadLabels(strings.NewReader(broken)); err == nil || !strings.Contains(err.Error(), "line 1") {
			t.Errorf("%q: error %v must name the line", broken, err)
		}
	}
}

func TestClock(t *testing.T) {
	tests := []struct {
		in, want string
	}{
		{"2017-07-03 11:57:41.826651", "2017-07-03T11:57:41.826651Z"},
		{"2017-07-03 11:57:41", "2017-07-03T11:57:41Z"},
		{"7/7/2017 3:56", "2017-07-07T15:56:00Z"},
		{"6/7/2017 10:28", "2017-07-06T10:28:00Z"},
		{"03/07/2017 08:55:58", "2017-07-03T08:55:58Z"},
		{"03/07/2017 02:55:58", "2017-07-03T14:55:58Z"},
		{"03/07/2017 02:55:58 AM", "2017-07-03T02:55:58Z"},
		{"2026-01-02T03:04:05.5+01:00", "2026-01-02T02:04:05.5Z"},
		{"yesterday", ""},
		{"", ""},
	}
	var c clock
	for _, tt := range tests {
		got := c.parse(tt.in)
		want := int64(NoTime)
		if tt.want != "" {
			want = mustTime(t, tt.want)
		}
		if got != want {
			t.Errorf("%q: %d, want %d", tt.in, got, want)
		}
	}
}

func mustTime(t *testing.T, s string) int64 {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return at.UnixMicro()
}
