package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"firetower/internal/behaviour"
	"firetower/internal/incident"
	"firetower/internal/words"
)

// printer writes one incident.
type printer func(w io.Writer, i *incident.Incident) error

// printer is the one that was asked for; a terminal gets lines that fit it.
func (o detectOptions) printer(t terminal) printer {
	switch {
	case o.json:
		return printJSON
	case o.verbose:
		return t.printVerbose
	}
	return t.printPlain
}

func printIncidents(w io.Writer, incidents []incident.Incident, print printer) error {
	out := bufio.NewWriter(w)
	for i := range incidents {
		if err := print(out, &incidents[i]); err != nil {
			return err
		}
	}
	return out.Flush()
}

func printJSON(w io.Writer, i *incident.Incident) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false) // for a terminal and for jq, not for a page
	return e.Encode(i)
}

// indent is of what belongs to the line above.
const indent = "    "

// printPlain prints the one line that a person reads; a terminal that is too narrow
// for it gets the reason below.
func (t terminal) printPlain(w io.Writer, i *incident.Incident) error {
	when, what := i.Start.UTC().Format(time.DateTime), fmt.Sprintf("%-18s", i.Class.Title())
	rest := fmt.Sprintf("%s  %3.0f %%", i.Parties(), 100*i.Confidence)
	between, reason := "  ", i.Reason
	if t.width > 0 && utf8.RuneCountInString(when+what+rest+reason)+5 > t.width {
		between, reason = "\n"+indent, t.wrap(indent, i.Reason)
	}
	_, err := fmt.Fprintf(w, "%s  %s %s%s%s\n", when, t.paint(colourOf(i.Severity), what), t.paint(boldText, rest), between, reason)
	return err
}

func (t terminal) printVerbose(w io.Writer, i *incident.Incident) error {
	if err := t.printPlain(w, i); err != nil {
		return err
	}
	fmt.Fprintf(w, indent+"from %s to %s, %s flows, severity %d, ATT&CK %s\n",
		i.Start.UTC().Format(time.DateTime), i.End.UTC().Format(time.DateTime), words.Count(i.Flows), i.Severity, strings.Join(i.Techniques, " "))
	for _, e := range i.Evidence {
		fmt.Fprintf(w, indent+"%s\n", measured(e))
	}
	const more = indent + indent
	_, err := fmt.Fprintf(w, indent+"%s\n"+indent+"Wireshark: %s\n\n", t.wrap(more, "do next: "+i.Advice), i.Filter)
	return err
}

// measured is a number behind an incident, beside the usual one if that is known.
func measured(e behaviour.Evidence) string {
	s := e.Name + ": " + words.Amount(e.Value, e.Unit)
	if e.Normal == 0 {
		return s
	}
	return s + " (normally " + words.Amount(e.Normal, e.Unit) + ")"
}
