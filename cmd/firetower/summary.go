package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"firetower/internal/attack"
	"firetower/internal/incident"
	"firetower/internal/packet"
	"firetower/internal/pipeline"
	"firetower/internal/words"
)

// printSummary says what went in, what became of it and how long it took.
func printSummary(w io.Writer, s pipeline.Stats, incidents []incident.Incident, took time.Duration) {
	if s.Rows > 0 {
		fmt.Fprintf(w, "\n%s flow records, %s of traffic\n", words.Count(s.Rows), span(s.First, s.Last))
	} else {
		fmt.Fprintf(w, "\n%s packets, %s, %s of traffic; %s flows\n",
			words.Count(s.Capture.Received), bytesOf(s.Capture.Bytes), span(s.First, s.Last), words.Count(s.Flows.Flows))
	}
	if left := leftOut(s); left != "" {
		fmt.Fprintf(w, "not metered: %s\n", left)
	}
	if verdicts := classCounts(s.Verdicts); verdicts != "" {
		fmt.Fprintf(w, "the forest's opinion of single flows: %s\n", verdicts)
	}
	byClass := map[attack.Class]uint64{}
	for _, i := range incidents {
		byClass[i.Class]++
	}
	switch {
	case len(incidents) == 0 && s.Rows == 0 && s.Flows.Flows == 0:
		fmt.Fprint(w, "no incidents: there was no flow to look at")
	case len(incidents) == 0:
		fmt.Fprint(w, "no incidents: nobody behaved like an attacker")
	default:
		fmt.Fprintf(w, "%s: %s", words.Plural(len(incidents), "incident"), classCounts(byClass))
	}
	fmt.Fprintf(w, ", in %.2f s\n", took.Seconds())
}

// leftOut lists the frames that did not reach the meter, by reason.
func leftOut(s pipeline.Stats) string {
	var parts []string
	add := func(n uint64, why string) {
		if n > 0 {
			parts = append(parts, words.Count(n)+" "+why)
		}
	}
	for v := packet.Verdict(0); v < packet.NumVerdicts; v++ {
		if v != packet.OK {
			add(s.Packets[v], v.String())
		}
	}
	add(s.Capture.Filtered, "filtered out")
	add(s.Capture.Unreadable, "of a link type that cannot be read")
	add(s.Capture.DroppedKernel, "dropped by the kernel")
	add(s.Capture.DroppedInterface, "dropped by the interface")
	return strings.Join(parts, ", ")
}

func classCounts(n map[attack.Class]uint64) string {
	var parts []string
	for _, c := range append(attack.Classes(), attack.Benign) {
		if n[c] > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", strings.ToLower(c.Title()), words.Count(n[c])))
		}
	}
	return strings.Join(parts, ", ")
}

// span is a packet time interval in words.
func span(first, last int64) string {
	d := time.Duration(max(0, last-first)) * time.Microsecond
	switch {
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	default:
		return d.Round(time.Second).String()
	}
}

func bytesOf(n uint64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	v, u := float64(n), 0
	for v >= 1000 && u < len(units)-1 {
		v, u = v/1000, u+1
	}
	if u == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", v, units[u])
}
