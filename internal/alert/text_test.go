package alert

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"firetower/internal/attack"
	"firetower/internal/incident"
)

func TestLine(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", "Port scan of 192.0.2.10", "Port scan of 192.0.2.10"},
		{"line breaks of every kind", "a\r\nb\u2028c\u0085d\ve", "a b c d e"},
		{"spaces at the ends", "  a  b  ", "a b"},
		{"control", "a\x00b\x1b[31mc\x7f", "a�b�[31mc�"},
		{"direction and invisible", "a\u202eb\u200bc\ufeffd", "a�b�c�d"},
		{"not UTF-8", "a\xff\xc3(", "a��("},
		{"other scripts", "größer 大 ไทย", "größer 大 ไทย"},
		{"too long", "abcdefghijklmnopqrstuvwxyz0123456789", "abcdefghijklmnopqrstuvwxyz0123…"},
	}
	for _, tt := range tests {
		if got := Line(tt.in, 30); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func FuzzLine(f *testing.F) {
	f.Add("a\r\n\x00\xff\u202e", 5)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		limit = min(max(limit, 0), 1000)
		got := Line(s, limit)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > limit+2 {
			t.Fatalf("%q", got)
		}
		for _, r := range got {
			if r != ' ' && !unicode.IsPrint(r) {
				t.Fatalf("%q lets %U through", got, r)
			}
		}
		if Line(got, limit+10) != got {
			t.Fatalf("%q changes when it is cleaned again", got)
		}
	})
}

func TestHeadline(t *testing.T) {
	inc := func(change func(*incident.Incident)) Item {
		i := &incident.Incident{Class: attack.DDoS, Actors: []string{"203.0.113.7"}, Targets: []string{"192.0.2.10"}, Ports: []uint16{80},
			ActorsTotal: 1, TargetsTotal: 1, PortsTotal: 1, Flows: 400, Confidence: 0.981}
		change(i)
		return Item{Kind: New, Incident: i}
	}
	grown := inc(func(*incident.Incident) {})
	grown.Kind, grown.Before = Growth, 40
	tests := []struct {
		name, want string
		it         Item
	}{
		{"one to one", "Distributed denial of service: 203.0.113.7 -> 192.0.2.10 port 80 (sure: 98 %)", inc(func(*incident.Incident) {})},
		{"many", "Distributed denial of service: 203.0.113.7 and 999 more sources -> 192.0.2.10 and 2 more targets 1000 ports (sure: 98 %)",
			inc(func(i *incident.Incident) { i.ActorsTotal, i.TargetsTotal, i.PortsTotal = 1000, 3, 1000 })},
		{"four ports", "Distributed denial of service: 203.0.113.7 -> 192.0.2.10 ports 1, 2, 3, 4 (sure: 98 %)",
			inc(func(i *incident.Incident) { i.Ports, i.PortsTotal = []uint16{1, 2, 3, 4}, 4 })},
		{"nothing known", "x y: unknown -> 5 targets (sure: 98 %)", inc(func(i *incident.Incident) {
			i.Class, i.Actors, i.ActorsTotal, i.Targets, i.TargetsTotal, i.Ports, i.PortsTotal = "x\ny", nil, 0, nil, 5, nil, 0
		})},
		{"growth", "Distributed denial of service: 203.0.113.7 -> 192.0.2.10 port 80 (sure: 98 %; grown from 40 to 400 flows)", grown},
		{"notice", "Firetower is blind", Item{Notice: &NoticeText{Title: "Firetower\nis blind"}}},
	}
	for _, tt := range tests {
		if got := Headline(tt.it); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	if got := Link("https://s:8443/", Item{Incident: &incident.Incident{ID: "a/../b?c#d"}}); got != "https://s:8443/incidents/a%2F..%2Fb%3Fc%23d" {
		t.Errorf("link %q", got)
	}
}

func TestQuietWindows(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no time zones here")
	}
	night := []Window{{From: "22:00", To: "07:00"}}
	tests := []struct {
		name    string
		windows []Window
		at      string
		until   string // "" is not quiet
	}{
		{"before", night, "2026-11-23 21:59", ""},
		{"begins", night, "2026-11-23 22:00", "2026-11-24 07:00"},
		{"after midnight", night, "2026-11-24 06:59", "2026-11-24 07:00"},
		{"ends", night, "2026-11-24 07:00", ""},
		{"the night the clocks go back", night, "2026-10-24 23:00", "2026-10-25 07:00"},
		{"the night they go forward", night, "2027-03-28 01:30", "2027-03-28 07:00"},
		{"a day it does not begin on", []Window{{From: "22:00", To: "07:00", Days: []string{"fri", "Sat"}}}, "2026-11-23 23:00", ""},
		{"the morning after a day it begins on", []Window{{From: "22:00", To: "07:00", Days: []string{"fri", "Sat"}}}, "2026-11-29 05:00", "2026-11-29 07:00"},
		{"a whole day", []Window{{From: "00:00", To: "24:00", Days: []string{"sun"}}}, "2026-11-29 12:00", "2026-11-30 00:00"},
		{"windows that touch", []Window{{From: "22:00", To: "07:00"}, {From: "00:00", To: "24:00", Days: []string{"sat", "sun"}}}, "2026-11-27 23:00", "2026-11-30 07:00"},
		{"always", []Window{{From: "00:00", To: "24:00"}}, "2026-11-23 12:00", "2026-12-07 00:00"},
		{"none", nil, "2026-11-23 12:00", ""},
	}
	for _, tt := range tests {
		at, err := time.ParseInLocation("2006-01-02 15:04", tt.at, berlin)
		if err != nil {
			t.Fatal(err)
		}
		end, quiet := quietUntil(tt.windows, at)
		got := ""
		if quiet {
			got = end.Format("2006-01-02 15:04")
		}
		if got != tt.until {
			t.Errorf("%s: until %q, want %q", tt.name, got, tt.until)
		}
	}
}

func TestBackoff(t *testing.T) {
	for attempts, want := range []time.Duration{5 * time.Second, 10 * time.Second, 20 * time.Second, 40 * time.Second, 80 * time.Second,
		160 * time.Second, 320 * time.Second, 640 * time.Second, 15 * time.Minute} {
		for range 50 {
			if d := backoff(attempts); d < want*9/10 || d > want*11/10 {
				t.Errorf("attempt %d: %s, want about %s", attempts, d, want)
			}
		}
	}
	if d := backoff(1 << 40); d > lastRetry*11/10 || d <= 0 {
		t.Errorf("after very many: %s", d)
	}
}

func TestPolicyValidate(t *testing.T) {
	if err := DefaultPolicy().Validate(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Policy){
		"severity": func(p *Policy) { p.Severity = 0 }, "confidence": func(p *Policy) { p.Confidence = 2 },
		"growth": func(p *Policy) { p.Growth = 1 }, "budget": func(p *Policy) { p.PerHour = -1 },
		"digest": func(p *Policy) { p.Digest = time.Second }, "class": func(p *Policy) { p.Classes = []attack.Class{"benign"} },
		"quiet": func(p *Policy) { p.Quiet = []Window{{From: "1", To: "2"}} }, "empty window": func(p *Policy) { p.Quiet = []Window{{From: "01:00", To: "01:00"}} },
		"day": func(p *Policy) { p.Quiet = []Window{{From: "01:00", To: "02:00", Days: []string{"noday"}}} },
	} {
		p := DefaultPolicy()
		change(&p)
		if p.Validate() == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if !strings.Contains(Validate([]Route{{Name: "x", Sink: &recorder{}}}).Error(), "x: severity") {
		t.Error("the route with the wrong policy is not named")
	}
}
