package syslog

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/leodido/go-syslog/v4/rfc5424"

	"firetower/internal/alert"
)

// sdID names our structured data. 32473 is the enterprise number that RFC 5612
// keeps for examples; Firetower has none of its own.
const sdID = "firetower@32473"

// maxUDP is the size that a receiver should take over UDP (RFC 5426, 3.2).
const maxUDP = 2048

// severities of syslog for ours: critical, error, warning. A test is informational.
func severity(it alert.Item) int {
	if it.Kind == alert.Test {
		return 6
	}
	return 1 + it.Severity()
}

// format makes one message, header and all.
func (s *Sink) format(it alert.Item) ([]byte, error) {
	text := alert.Headline(it)
	if it.Incident != nil {
		text += ". " + alert.Line(it.Incident.Reason, 600)
	} else if it.Notice != nil {
		text += ". " + alert.Line(it.Notice.Text, 600)
	}
	if s.config.Format == CEF {
		text = cef(it, s.config)
	}
	line, err := s.message(it, text)
	if err != nil {
		return nil, err
	}
	if over := len(line) - maxUDP; s.config.Network == "udp" && over > 0 {
		return s.message(it, cut(text, max(len(text)-over, 0)))
	}
	return line, nil
}

// cut shortens to at most n bytes at a whole rune.
func cut(s string, n int) string {
	for n > 0 && n < len(s) && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

func (s *Sink) message(it alert.Item, text string) ([]byte, error) {
	m := &rfc5424.SyslogMessage{}
	m.SetPriority(uint8(8*slices.Index(facilities(), s.config.Facility) + severity(it)))
	m.SetVersion(1)
	m.SetTimestamp(it.Created.UTC().Format("2006-01-02T15:04:05.000000Z07:00"))
	m.SetHostname(printable(s.host, 255))
	m.SetAppname("firetower")
	m.SetProcID(strconv.Itoa(os.Getpid()))
	m.SetMsgID(printable(string(it.Kind), 32))
	if s.config.Format == RFC5424 {
		for _, p := range parameters(it, s.config) {
			m.SetParameter(sdID, p[0], parameterEscape.Replace(p[1]))
		}
	}
	// RFC 5424 wants a byte order mark before UTF-8. Receivers of CEF look for
	// "CEF:" at the very beginning, and rsyslog keeps the mark in the text; ASCII
	// needs none.
	m.SetMessage(text)
	line, err := m.String()
	if err != nil {
		return nil, fmt.Errorf("cannot format a syslog message: %w", err)
	}
	return []byte(line), nil
}

// parameters are the structured data, without what is empty.
func parameters(it alert.Item, c Config) (out [][2]string) {
	add := func(name, value string) {
		if value != "" {
			out = append(out, [2]string{name, value})
		}
	}
	add("severity", strconv.Itoa(it.Severity()))
	add("sensor", alert.Line(c.Sensor, 80))
	add("link", alert.Line(alert.Link(c.Dashboard, it), 200))
	inc := it.Incident
	if inc == nil {
		return out
	}
	add("id", alert.Line(inc.ID, 80))
	add("class", alert.Line(string(inc.Class), 40))
	add("revision", strconv.Itoa(inc.Revision))
	add("actors", alert.Line(strings.Join(head(inc.Actors, 4), ","), 200))
	add("actors_total", strconv.Itoa(inc.ActorsTotal))
	add("targets", alert.Line(strings.Join(head(inc.Targets, 4), ","), 200))
	add("targets_total", strconv.Itoa(inc.TargetsTotal))
	add("ports", strings.TrimPrefix(strings.TrimPrefix(alert.Ports(inc.Ports, inc.PortsTotal), "ports "), "port "))
	add("start", inc.Start.UTC().Format(time.RFC3339Nano))
	add("end", inc.End.UTC().Format(time.RFC3339Nano))
	add("flows", strconv.Itoa(inc.Flows))
	add("confidence", strconv.FormatFloat(inc.Confidence, 'f', 2, 64))
	add("techniques", alert.Line(strings.Join(head(inc.Techniques, 6), ","), 80))
	return out
}

func head(list []string, n int) []string { return list[:min(n, len(list))] }

// printable makes a header field: visible ASCII, no spaces.
func printable(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if r > 32 && r < 127 {
			return r
		}
		return -1
	}, s)
	if s == "" {
		return "-"
	}
	return s[:min(limit, len(s))]
}

// parameterEscape is RFC 5424, 6.3.3; the library takes only what is escaped.
var parameterEscape = strings.NewReplacer(`\`, `\\`, `"`, `\"`, `]`, `\]`)

var (
	headerEscape    = strings.NewReplacer(`\`, `\\`, `|`, `\|`)
	extensionEscape = strings.NewReplacer(`\`, `\\`, `=`, `\=`)
)

// cef formats in ArcSight's Common Event Format, revision 25. Line breaks can
// not occur: alert.Line has made spaces of them.
func cef(it alert.Item, c Config) string {
	id, name := string(it.Kind), it.Title()
	if it.Incident != nil {
		id = string(it.Incident.Class)
	}
	h := func(s string, limit int) string { return headerEscape.Replace(alert.Line(s, limit)) }
	// CEF's severity is 0 to 10.
	level := map[int]int{1: 10, 2: 7, 3: 4}[it.Severity()]
	if it.Kind == alert.Test {
		level = 0
	}
	var b strings.Builder
	fmt.Fprintf(&b, "CEF:0|Firetower|Firetower|%s|%s|%s|%d|", h(c.Version, 30), h(id, 60), h(name, 200), level)
	for i, p := range extension(it, c) {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(p[0] + "=" + extensionEscape.Replace(p[1]))
	}
	return b.String()
}

func extension(it alert.Item, c Config) (out [][2]string) {
	add := func(name, value string) {
		if value = strings.TrimSpace(value); value != "" {
			out = append(out, [2]string{name, value})
		}
	}
	labelled := func(n int, label, value string) {
		if value != "" {
			add(fmt.Sprintf("cs%dLabel", n), label)
			add(fmt.Sprintf("cs%d", n), value)
		}
	}
	millis := func(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }
	add("rt", millis(it.Created))
	add("dvchost", alert.Line(c.Sensor, 80))
	if n := it.Notice; n != nil {
		add("msg", alert.Line(n.Text, 1000))
		return out
	}
	inc := it.Incident
	if inc == nil {
		return out
	}
	add("externalId", alert.Line(inc.ID, 40))
	if len(inc.Actors) > 0 {
		add("src", alert.Line(inc.Actors[0], 45))
	}
	if len(inc.Targets) > 0 {
		add("dst", alert.Line(inc.Targets[0], 45))
	}
	if len(inc.Ports) == 1 {
		add("dpt", strconv.Itoa(int(inc.Ports[0])))
	}
	add("start", millis(inc.Start))
	add("end", millis(inc.End))
	add("cnt", strconv.Itoa(inc.Flows))
	add("act", "allowed")
	add("msg", alert.Line(inc.Reason, 1000))
	add("request", alert.Line(alert.Link(c.Dashboard, it), 300))
	labelled(1, "actors", alert.Line(strings.Join(head(inc.Actors, 10), ","), 500))
	labelled(2, "targets", alert.Line(strings.Join(head(inc.Targets, 10), ","), 500))
	labelled(3, "techniques", alert.Line(strings.Join(inc.Techniques, ","), 100))
	labelled(4, "advice", alert.Line(inc.Advice, 1000))
	add("cfp1Label", "confidence")
	add("cfp1", strconv.FormatFloat(inc.Confidence, 'f', 2, 64))
	return out
}
