package alert

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line makes one harmless line of text that an attacker may have written: valid
// UTF-8, no control characters, no line breaks of any kind, nothing that turns
// the direction of writing or is invisible, at most limit runes.
func Line(s string, limit int) string {
	var b strings.Builder
	n := 0
	space := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			space = true
			continue
		case r == utf8.RuneError, unicode.Is(unicode.C, r), !unicode.IsPrint(r):
			r = '�'
		}
		if n >= limit {
			b.WriteString("…")
			break
		}
		if space && n > 0 {
			b.WriteByte(' ')
			n++
		}
		space = false
		b.WriteRune(r)
		n++
	}
	return b.String()
}

// Headline is an item in one line: "Brute force: 203.0.113.7 -> 192.0.2.10 port
// 22 (sure: 98 %)".
func Headline(it Item) string {
	if it.Incident == nil {
		return Line(it.Title(), 150)
	}
	inc := it.Incident
	var b strings.Builder
	b.WriteString(inc.Class.Title())
	if inc.Class.Title() == "" {
		b.WriteString(Line(string(inc.Class), 30))
	}
	b.WriteString(": ")
	b.WriteString(some(inc.Actors, inc.ActorsTotal, "sources"))
	b.WriteString(" -> ")
	b.WriteString(some(inc.Targets, inc.TargetsTotal, "targets"))
	if p := Ports(inc.Ports, inc.PortsTotal); p != "" {
		b.WriteString(" " + p)
	}
	fmt.Fprintf(&b, " (sure: %.0f %%", 100*inc.Confidence)
	if it.Kind == Growth {
		fmt.Fprintf(&b, "; grown from %d to %d flows", it.Before, inc.Flows)
	}
	b.WriteString(")")
	return b.String()
}

// some gives one name, or the number of many with the first.
func some(names []string, total int, what string) string {
	total = max(total, len(names))
	switch {
	case total == 0:
		return "unknown"
	case total == 1 && len(names) == 1:
		return Line(names[0], 60)
	case len(names) == 0:
		return fmt.Sprintf("%d %s", total, what)
	}
	return fmt.Sprintf("%s and %d more %s", Line(names[0], 60), total-1, what)
}

// Ports names up to four ports, or their number.
func Ports(ports []uint16, total int) string {
	total = max(total, len(ports))
	if total > 4 || len(ports) < total {
		if total == 0 {
			return ""
		}
		return fmt.Sprintf("%d ports", total)
	}
	names := make([]string, len(ports))
	for i, p := range ports {
		names[i] = strconv.Itoa(int(p))
	}
	switch len(ports) {
	case 0:
		return ""
	case 1:
		return "port " + names[0]
	}
	return "ports " + strings.Join(names, ", ")
}

// Link is the address of an item's page on the dashboard; "" if there is none.
func Link(dashboard string, it Item) string {
	if dashboard == "" {
		return ""
	}
	dashboard = strings.TrimRight(dashboard, "/")
	if it.Incident == nil {
		return dashboard + "/"
	}
	return dashboard + "/incidents/" + url.PathEscape(it.Incident.ID)
}

// SeverityWord is a severity in words.
func SeverityWord(s int) string {
	switch s {
	case 1:
		return "urgent"
	case 2:
		return "important"
	}
	return "low"
}
