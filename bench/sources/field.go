package main

import (
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
)

// recorded is a capture of a manifest.
type recorded struct {
	file, class, repo  string
	attackers, victims []netip.Addr
}

// readManifest reads the tab-separated manifest of dir. Captures of class other have
// no truth for a flow and are left out.
func readManifest(dir string) ([]recorded, error) {
	text, err := os.ReadFile(filepath.Join(dir, "manifest.tsv"))
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	at := map[string]int{}
	for i, name := range strings.Split(lines[0], "\t") {
		at[name] = i
	}
	var all []recorded
	for n, line := range lines[1:] {
		cell := strings.Split(line, "\t")
		if len(cell) < len(at) {
			return nil, fmt.Errorf("%s/manifest.tsv:%d: %d columns, the header has %d", dir, n+2, len(cell), len(at))
		}
		r := recorded{cell[at["file"]], cell[at["class"]], cell[at["source_repo"]], addresses(cell[at["attacker"]]), addresses(cell[at["victim"]])}
		if r.class != "other" {
			all = append(all, r)
		}
	}
	return all, nil
}

func addresses(text string) (all []netip.Addr) {
	for _, w := range strings.Split(text, ",") {
		if a, err := netip.ParseAddr(strings.TrimSpace(w)); err == nil {
			all = append(all, a)
		}
	}
	return all
}

// labelOf gives the label of a flow: benign in a benign capture, the class between
// attacker and victim, none elsewhere. If one of them is not known, the other is
// enough; if neither is, no flow has a label.
func (r *recorded) labelOf(from, to netip.Addr) string {
	known := func(all []netip.Addr, a netip.Addr) bool { return len(all) == 0 || slices.Contains(all, a) }
	switch {
	case r.class == "benign":
		return r.class
	case len(r.attackers)+len(r.victims) == 0:
		return ""
	case known(r.attackers, from) && known(r.victims, to), known(r.attackers, to) && known(r.victims, from):
		return r.class
	}
	return ""
}

// meterField meters the captures of dir and writes their labelled flows, thinned,
// with the columns Capture and Source, into a file for each source in the folder out.
func meterField(ctx context.Context, bin, dir, out string, most int) error {
	all, err := readManifest(dir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b recorded) int { return strings.Compare(a.repo, b.repo) })
	for len(all) > 0 {
		n := slices.IndexFunc(all, func(r recorded) bool { return r.repo != all[0].repo })
		if n < 0 {
			n = len(all)
		}
		if err := meterSource(ctx, bin, dir, filepath.Join(out, strings.ReplaceAll(all[0].repo, "/", "_")+".csv"), all[:n], most); err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}

func meterSource(ctx context.Context, bin, dir, path string, all []recorded, most int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := csv.NewWriter(f)
	for i, r := range all {
		header, rows, err := r.flows(ctx, bin, dir, most)
		if err != nil {
			return fmt.Errorf("%s: %w", r.file, err)
		}
		if i == 0 {
			_ = w.Write(append(header, "Capture", "Source"))
		}
		for _, row := range rows {
			_ = w.Write(append(row, r.file, r.repo))
		}
	}
	w.Flush()
	return errors.Join(w.Error(), f.Close())
}

func (r *recorded) flows(ctx context.Context, bin, dir string, most int) (header []string, rows [][]string, err error) {
	c := exec.CommandContext(ctx, bin, "flows", "--profile", "cic-fixed", filepath.Join(dir, "captures", r.file))
	var said strings.Builder
	c.Stderr = &said
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := c.Start(); err != nil {
		return nil, nil, err
	}
	header, rows, err = r.label(csv.NewReader(out), most)
	_, _ = io.Copy(io.Discard, out)
	if e := c.Wait(); e != nil {
		return nil, nil, fmt.Errorf("%w: %s", e, strings.TrimSpace(said.String()))
	}
	return header, rows, err
}

func (r *recorded) label(in *csv.Reader, most int) (header []string, rows [][]string, err error) {
	if header, err = in.Read(); err != nil {
		return nil, nil, err
	}
	src, dst, label := slices.Index(header, "Src IP"), slices.Index(header, "Dst IP"), slices.Index(header, "Label")
	if src < 0 || dst < 0 || label < 0 {
		return nil, nil, errors.New("the flows have no Src IP, Dst IP or Label")
	}
	kept := newByLabel(most)
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return header, kept.take(), nil
		}
		if err != nil {
			return nil, nil, err
		}
		from, _ := netip.ParseAddr(row[src])
		to, _ := netip.ParseAddr(row[dst])
		if row[label] = r.labelOf(from, to); row[label] != "" {
			kept.add(row[label], row)
		}
	}
}
