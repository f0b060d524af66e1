package dashboard

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"time"

	"firetower/internal/attack"
	"firetower/internal/store"
)

// parseQuery reads a selection of incidents from the parameters of an address.
func parseQuery(v url.Values, now time.Time) (store.Query, error) {
	q := store.Query{Text: v.Get("q"), Cursor: v.Get("cursor")}
	if len(q.Text) > 200 {
		return q, fmt.Errorf("q: the text has %d characters, more than 200", len(q.Text))
	}
	for _, text := range filled(v["class"]) {
		c, ok := attack.Parse(text)
		if !ok {
			return q, fmt.Errorf("class: %q is none; choose of %v", text, attack.Classes())
		}
		q.Classes = append(q.Classes, c)
	}
	for _, text := range filled(v["state"]) {
		st := store.State(text)
		if text == "all" {
			q.States = nil
			break
		}
		if st != store.Open && st != store.Resolved && st != store.FalseAlarm {
			return q, fmt.Errorf("state: %q is neither open, resolved, false_alarm nor all", text)
		}
		q.States = append(q.States, st)
	}
	var err error
	if q.Severity, err = number(v, "severity", 1, 3); err != nil {
		return q, err
	}
	if q.Limit, err = number(v, "limit", 1, 1000); err != nil {
		return q, err
	}
	port, err := number(v, "port", 1, 65535)
	if err != nil {
		return q, err
	}
	q.Port = uint16(port)
	if text := v.Get("address"); text != "" {
		a, err := netip.ParseAddr(text)
		if err != nil {
			return q, fmt.Errorf("address: %q is not an address such as 192.0.2.10", text)
		}
		q.Address = a.Unmap().String()
	}
	if q.Since, err = moment(v, "since", now); err != nil {
		return q, err
	}
	if q.Until, err = moment(v, "until", now); err != nil {
		return q, err
	}
	if text := v.Get("suppressed"); text != "" {
		b, err := strconv.ParseBool(text)
		if err != nil {
			return q, fmt.Errorf("suppressed: %q is neither true nor false", text)
		}
		q.Suppressed = &b
	}
	return q, nil
}

// number reads a whole number within limits; 0 if it is absent.
func number(v url.Values, name string, least, most int) (int, error) {
	text := v.Get(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return 0, fmt.Errorf("%s: %q is not a number from %d to %d", name, text, least, most)
	}
	return n, nil
}

// moment reads a time in RFC 3339, a date, or a length of time before now.
func moment(v url.Values, name string, now time.Time) (time.Time, error) {
	text := v.Get(name)
	if text == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	if d, err := time.ParseDuration(text); err == nil && d > 0 {
		return now.Add(-d), nil
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return t, fmt.Errorf("%s: %q is neither a time such as 2026-11-23T06:24:00Z nor a length such as 24h", name, text)
	}
	return t, nil
}

func filled(texts []string) []string {
	var out []string
	for _, t := range texts {
		if t != "" {
			out = append(out, t)
		}
	}
	return out
}
