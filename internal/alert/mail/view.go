package mail

import (
	"embed"
	"fmt"
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"
	"time"

	"firetower/internal/alert"
)

//go:embed templates/*.tmpl
var templates embed.FS

// Limits of one mail.
const (
	maxDetailed = 5   // incidents of a digest that are told in full
	maxLines    = 200 // incidents of a digest that are told at all
	maxValues   = 12  // addresses, pieces of evidence
)

// view is what the templates show: text that is harmless already, as HTML is
// escaped again by its template.
type view struct {
	Kind      string
	Subject   string
	Heading   string
	HeldBack  string
	Sensor    string
	Dashboard string
	Items     []itemView // in full
	Lines     []itemView // one line each
	More      int        // not even that
	Now       string
}

type itemView struct {
	Headline, Title, Class, Badge    string
	Severity                         int
	Sure                             string
	Reason, Advice, Held             string
	Growth                           string
	When                             string
	Facts                            []fact
	Evidence                         []fact
	Techniques                       []technique
	Filter, Link, Suppress, NoticeIs string
}

type fact struct{ Name, Value, Note string }

type technique struct{ ID, URL string }

func newView(m *alert.Message, c Config, now time.Time) view {
	v := view{HeldBack: alert.Line(m.HeldBack, 300), Sensor: alert.Line(c.Sensor, 80),
		Dashboard: c.Dashboard, Now: now.Format("2 Jan 2006 15:04:05 MST")}
	for i, it := range m.Items {
		switch {
		case i >= maxLines:
			v.More++
		case i >= maxDetailed:
			v.Lines = append(v.Lines, newItemView(it, c.Dashboard, now.Location()))
		default:
			v.Items = append(v.Items, newItemView(it, c.Dashboard, now.Location()))
		}
	}
	v.Kind = "digest"
	if !m.Digest && len(m.Items) == 1 {
		v.Kind = string(m.Items[0].Kind)
		v.Heading = v.Items[0].Headline
	} else {
		v.Heading = digestHeading(m)
	}
	v.Subject = "[Firetower] " + v.Heading
	if v.Kind == string(alert.Test) {
		v.Subject = "[Firetower] Test: " + v.Heading
	}
	return v
}

// digestHeading counts: "37 incidents, 2 of them urgent".
func digestHeading(m *alert.Message) string {
	urgent := 0
	for _, it := range m.Items {
		if it.Severity() == 1 {
			urgent++
		}
	}
	s := fmt.Sprintf("%d incidents", len(m.Items))
	if urgent > 0 {
		s += fmt.Sprintf(", %d of them urgent", urgent)
	}
	return s
}

func newItemView(it alert.Item, dashboard string, zone *time.Location) itemView {
	v := itemView{Headline: alert.Headline(it), Title: alert.Line(it.Title(), 200), Severity: it.Severity(),
		Badge: alert.SeverityWord(it.Severity()), Link: alert.Link(dashboard, it)}
	if it.Held != "" {
		v.Held = fmt.Sprintf("Seen %s, held back: %s.", it.Created.In(zone).Format("2 Jan 15:04"), alert.Line(it.Held, 60))
	}
	if n := it.Notice; n != nil {
		v.Class, v.Reason = "Firetower", alert.Line(n.Text, 2000)
		v.When = it.Created.In(zone).Format("2 Jan 2006 15:04:05 MST")
		return v
	}
	inc := it.Incident
	v.Class = inc.Class.Title()
	v.Sure = fmt.Sprintf("%.0f %%", 100*inc.Confidence)
	v.Reason, v.Advice = alert.Line(inc.Reason, 1500), alert.Line(inc.Advice, 1500)
	if it.Kind == alert.Growth {
		v.Growth = fmt.Sprintf("It has grown from %d to %d flows since the last message.", it.Before, inc.Flows)
	}
	v.When = span(inc.Start.In(zone), inc.End.In(zone))
	v.Facts = []fact{{Name: "From", Value: addresses(inc.Actors, inc.ActorsTotal)}, {Name: "To", Value: addresses(inc.Targets, inc.TargetsTotal)}}
	if p := alert.Ports(inc.Ports, inc.PortsTotal); p != "" {
		v.Facts = append(v.Facts, fact{Name: "Ports", Value: strings.TrimPrefix(strings.TrimPrefix(p, "ports "), "port ")})
	}
	v.Facts = append(v.Facts, fact{Name: "When", Value: v.When}, fact{Name: "Flows", Value: fmt.Sprint(inc.Flows)})
	for i, e := range inc.Evidence {
		if i == maxValues {
			break
		}
		f := fact{Name: alert.Line(e.Name, 60), Value: strings.TrimSpace(number(e.Value) + " " + alert.Line(e.Unit, 20))}
		if e.Normal != 0 {
			f.Note = "usual: " + number(e.Normal)
		}
		v.Evidence = append(v.Evidence, f)
	}
	for _, t := range inc.Techniques {
		if id := techniqueID(t); id != "" {
			v.Techniques = append(v.Techniques, technique{ID: id, URL: "https://attack.mitre.org/techniques/" + strings.ReplaceAll(id, ".", "/") + "/"})
		}
	}
	v.Filter = alert.Line(inc.Filter, 500)
	if len(inc.Actors) == 1 && inc.ActorsTotal <= 1 {
		v.Suppress = fmt.Sprintf("firetower suppress add --source %s --class %s --expires 30d --reason \"...\"",
			shellWord(inc.Actors[0]), shellWord(string(inc.Class)))
	}
	return v
}

// techniqueID lets through what looks like an ATT&CK technique and nothing else.
func techniqueID(s string) string {
	if len(s) < 5 || len(s) > 9 || s[0] != 'T' || strings.Trim(s[1:], "0123456789.") != "" {
		return ""
	}
	return s
}

// shellWord gives a word for a command that is offered for copying: what is not
// an address or a class is left out.
func shellWord(s string) string {
	if s == "" || strings.Trim(s, "0123456789abcdefghijklmnopqrstuvwxyzABCDEF.:") != "" {
		return "..."
	}
	return s
}

func span(start, end time.Time) string {
	const day = "2 Jan 2006"
	s := start.Format(day + " 15:04:05")
	switch {
	case !end.After(start):
		return s + start.Format(" MST")
	case start.Format(day) == end.Format(day):
		return s + end.Format(" to 15:04:05 MST")
	}
	return s + end.Format(" to "+day+" 15:04:05 MST")
}

func addresses(names []string, total int) string {
	shown := make([]string, 0, maxValues)
	for _, n := range names {
		if len(shown) == maxValues {
			break
		}
		shown = append(shown, alert.Line(n, 60))
	}
	s := strings.Join(shown, ", ")
	if more := max(total, len(names)) - len(shown); more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	if s == "" {
		return "unknown"
	}
	return s
}

// number prints without digits that say nothing.
func number(v float64) string {
	if v == float64(int64(v)) {
		return fmt.Sprintf("%d", int64(v))
	}
	return fmt.Sprintf("%.3g", v)
}

func (v view) text() (string, error) {
	t, err := texttemplate.ParseFS(templates, "templates/text.tmpl")
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, v)
	return b.String(), err
}

func (v view) html() (string, error) {
	t, err := htmltemplate.ParseFS(templates, "templates/html.tmpl")
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, v)
	return b.String(), err
}
