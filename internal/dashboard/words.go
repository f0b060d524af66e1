package dashboard

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"firetower/internal/store"
	"firetower/internal/suppress"
	"firetower/internal/words"
)

// urgency is a severity in a word; lists show it beside its colour and shape.
func urgency(severity int) string {
	switch {
	case severity <= 1:
		return "High"
	case severity == 2:
		return "Medium"
	}
	return "Low"
}

// stateWord is a state as people say it.
func stateWord(s store.State) string {
	switch s {
	case store.Resolved:
		return "Resolved"
	case store.FalseAlarm:
		return "False alarm"
	}
	return "Open"
}

// short prints a number with three digits and a prefix: 1.23 k, 45.6 M.
func short(v float64) string {
	prefix := ""
	for _, p := range []string{"k", "M", "G", "T"} {
		if math.Abs(v) < 1000 {
			break
		}
		v, prefix = v/1000, p
	}
	text := strconv.FormatFloat(v, 'g', 3, 64)
	if v == math.Trunc(v) || math.Abs(v) >= 100 {
		text = strconv.FormatFloat(v, 'f', 0, 64)
	}
	if prefix != "" {
		text += " " + prefix
	}
	return text
}

// deeds are the actions of the audit, as one does them.
var deeds = map[string]string{
	"incident.false_alarm": "marked a false alarm",
	"incident.open":        "opened an incident again",
	"incident.resolved":    "resolved an incident",
	"login":                "logged in",
	"password":             "set a new password",
	"suppression.add":      "added a suppression",
	"suppression.remove":   "removed a suppression",
	"token.create":         "made a token",
	"token.revoke":         "revoked a token",
}

// deed is an action of the audit in words.
func deed(action string) string { return cmp.Or(deeds[action], action) }

// ruleWords is a suppression with its class in words.
func ruleWords(r suppress.Rule) string {
	text := r.String()
	if r.Class == "" {
		return capital(text)
	}
	return r.Class.Title() + strings.TrimPrefix(text, string(r.Class))
}

// figure prints a number of things in full while it can be read at a glance, and
// anything else as short does.
func figure(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e7 {
		return words.Count(int64(v))
	}
	return short(v)
}

// bytes prints a size in binary units.
func bytes(n int64) string {
	v, unit := float64(n), "B"
	for _, u := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if v < 1024 {
			break
		}
		v, unit = v/1024, u
	}
	if unit == "B" || v >= 100 {
		return fmt.Sprintf("%.0f %s", v, unit)
	}
	return fmt.Sprintf("%.1f %s", v, unit)
}

// span prints a length of time with one or two units.
func span(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.3g s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}
