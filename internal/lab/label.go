package lab

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"firetower/internal/attack"
)

// Labels says how a corpus becomes rows to train on.
type Labels struct {
	Corpus    string // directory with manifest.tsv
	Out       string // flows.csv.gz
	Firetower string // the program, whose `flows` meters
	Most      int    // rows of one capture, 0: all
}

// Write meters each capture and writes its flows with a label and two more columns,
// the capture and the scenario, so that a model can leave either out.
//
// A flow is the attack's if one end is an attacker and, unless the class is bot or
// infiltration, the other is not somebody the attacker had no business with: a flow
// of a person's machine that has become a bot is the bot's only towards its
// controller. Of an attack with many or spoofed sources, every flow to the victim
// from outside its network counts, except from those that the manifest names.
func (l Labels) Write(ctx context.Context) error {
	rows, err := readManifest(filepath.Join(l.Corpus, "manifest.tsv"))
	if err != nil {
		return err
	}
	f, err := os.Create(l.Out)
	if err != nil {
		return err
	}
	defer f.Close()
	z := gzip.NewWriter(f)
	w := csv.NewWriter(z)
	head := false
	for _, row := range rows {
		if err := l.one(ctx, row, w, &head); err != nil {
			return fmt.Errorf("%s: %w", row.file, err)
		}
	}
	w.Flush()
	return errors.Join(w.Error(), z.Close())
}

type capture struct {
	file, kind         string
	class              attack.Class
	attackers, victims []netip.Addr
}

func readManifest(path string) ([]capture, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var all []capture
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for line := 1; s.Scan(); line++ {
		c := strings.Split(s.Text(), "\t")
		if len(c) < 8 {
			return nil, fmt.Errorf("%s:%d: %d columns, want those of the header", path, line, len(c))
		}
		if line == 1 {
			continue
		}
		all = append(all, capture{c[0], c[7], attack.Class(c[1]), addrs(c[3]), addrs(c[4])})
	}
	return all, s.Err()
}

func addrs(text string) (all []netip.Addr) {
	for _, w := range strings.Split(text, ",") {
		if a, err := netip.ParseAddr(w); err == nil {
			all = append(all, a)
		}
	}
	return all
}

func (l Labels) one(ctx context.Context, row capture, w *csv.Writer, head *bool) error {
	c := exec.CommandContext(ctx, l.Firetower, "flows", filepath.Join(l.Corpus, "captures", row.file))
	out, err := c.StdoutPipe()
	if err != nil {
		return err
	}
	var said strings.Builder
	c.Stderr = &said
	if err := c.Start(); err != nil {
		return err
	}
	err = l.label(csv.NewReader(out), row, w, head)
	_, _ = io.Copy(io.Discard, out) // what is over the limit
	if e := c.Wait(); e != nil {
		return fmt.Errorf("%w: %s", e, tail(said.String(), 200))
	}
	return err
}

func (l Labels) label(r *csv.Reader, row capture, w *csv.Writer, head *bool) error {
	names, err := r.Read()
	if err != nil {
		return err
	}
	src, dst, label := slices.Index(names, "Src IP"), slices.Index(names, "Dst IP"), slices.Index(names, "Label")
	if src < 0 || dst < 0 || label < 0 {
		return errors.New("the flows have no Src IP, Dst IP or Label")
	}
	if !*head {
		*head = true
		if err := w.Write(append(slices.Clone(names), "Capture", "Scenario")); err != nil {
			return err
		}
	}
	for n := 0; l.Most == 0 || n < l.Most; n++ {
		f, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		from, _ := netip.ParseAddr(f[src])
		to, _ := netip.ParseAddr(f[dst])
		class := row.labelOf(from, to)
		if class == "" {
			continue
		}
		f[label] = string(class)
		if err := w.Write(append(slices.Clone(f), row.file, row.kind)); err != nil {
			return err
		}
	}
	return nil
}

// labelOf gives the class of a flow, none if it cannot be told: what an infiltrated
// machine does to its neighbours may be its scan or its owner's work.
func (c capture) labelOf(from, to netip.Addr) attack.Class {
	has := slices.Contains[[]netip.Addr]
	pair := has(c.attackers, from) && has(c.victims, to) || has(c.attackers, to) && has(c.victims, from)
	switch c.class {
	case attack.Benign:
		return attack.Benign
	case attack.Infiltration:
		mine := has(c.attackers, from) || has(c.attackers, to)
		switch {
		case pair:
			return c.class
		case mine && near(from, to):
			return ""
		}
	case attack.Bot:
		if pair {
			return c.class
		}
	case attack.DDoS:
		if len(c.attackers) == 0 && (has(c.victims, to) && !near(from, to) || has(c.victims, from) && !near(from, to)) {
			return c.class
		}
	default:
		// Whoever the attacker is outside or at a place of its own: all it does is the attack.
		if has(c.attackers, from) || has(c.attackers, to) {
			return c.class
		}
	}
	return attack.Benign
}

// near tells whether two addresses are in one /24, as hosts inside are.
func near(a, b netip.Addr) bool {
	p, err := a.Prefix(24)
	return err == nil && p.Contains(b)
}
