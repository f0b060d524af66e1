package lab

import (
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"

	"firetower/internal/attack"
)

// Truth is what was played: the verdict that Firetower should reach.
type Truth struct {
	Class      attack.Class
	Also       []attack.Class // second names one could fairly give it
	Kind       string         // the tool and its mode, "nmap -sS"
	Attackers  []netip.Addr   // empty if they are many or spoofed
	Victims    []netip.Addr
	Start, End time.Time
	Note       string // parameters drawn
}

// WriteTruth writes activities as tab separated lines with a header.
func WriteTruth(w io.Writer, all []Truth) error {
	if _, err := fmt.Fprintln(w, "start\tend\tclass\tattackers\tvictims\ttool"); err != nil {
		return err
	}
	const stamp = "2006-01-02T15:04:05.000Z"
	for _, t := range all {
		if _, err := fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", t.Start.UTC().Format(stamp), t.End.UTC().Format(stamp),
			t.Class, join(t.Attackers), join(t.Victims), t.Kind); err != nil {
			return err
		}
	}
	return nil
}

func join(all []netip.Addr) string {
	if len(all) == 0 {
		return "-"
	}
	s := make([]string, len(all))
	for i, a := range all {
		s[i] = a.String()
	}
	return strings.Join(s, ",")
}
