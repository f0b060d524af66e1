package main

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// thinned keeps at most most rows of a stream, evenly spread over it, in bounded
// memory and always the same ones.
type thinned struct {
	most, seen, step int
	rows             [][]string
}

func newThinned(most int) *thinned { return &thinned{most: most, step: 1} }

func (t *thinned) add(row []string) {
	if t.seen%t.step == 0 {
		t.rows = append(t.rows, row)
	}
	t.seen++
	if len(t.rows) < 2*t.most {
		return
	}
	t.step *= 2
	for i := range t.most {
		t.rows[i] = t.rows[2*i]
	}
	t.rows = t.rows[:t.most]
}

func (t *thinned) take() [][]string {
	n := len(t.rows)
	if n <= t.most {
		return t.rows
	}
	out := make([][]string, t.most)
	for i := range out {
		out[i] = t.rows[i*n/t.most]
	}
	return out
}

// byLabel thins the rows of one capture, those of each label apart, so that a flood
// does not push out the daily life beside it.
type byLabel struct {
	most   int
	labels []string
	of     map[string]*thinned
}

func newByLabel(most int) *byLabel { return &byLabel{most: most, of: map[string]*thinned{}} }

func (b *byLabel) add(label string, row []string) {
	if b.of[label] == nil {
		b.of[label] = newThinned(b.most)
		b.labels = append(b.labels, label)
	}
	b.of[label].add(row)
}

func (b *byLabel) take() (rows [][]string) {
	slices.Sort(b.labels)
	for _, l := range b.labels {
		rows = append(rows, b.of[l].take()...)
	}
	return rows
}

// captures calls each with the rows of one capture after another of a flow CSV that
// has the columns Label and Capture, captures in one piece.
func captures(path string, each func(header []string, capture string, rows [][]string) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var in io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		if in, err = gzip.NewReader(f); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	r := csv.NewReader(in)
	header, err := r.Read()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	at := slices.Index(header, "Capture")
	if at < 0 {
		return fmt.Errorf("%s: no column Capture: make it with 'lab/run flows'", path)
	}
	var rows [][]string
	for {
		row, err := r.Read()
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("%s: %w", path, err)
		}
		if len(rows) > 0 && (err != nil || row[at] != rows[0][at]) {
			if err := each(header, rows[0][at], rows); err != nil {
				return err
			}
			rows = nil
		}
		if err != nil {
			return nil
		}
		rows = append(rows, row)
	}
}

// thin copies a flow CSV, at most most rows of a label in a capture, without the
// flow ID, which says the addresses again.
func thin(path string, most int, out io.Writer) error {
	z, err := gzip.NewWriterLevel(out, gzip.BestCompression)
	if err != nil {
		return err
	}
	w := csv.NewWriter(z)
	first := true
	err = captures(path, func(header []string, _ string, rows [][]string) error {
		label, id := slices.Index(header, "Label"), slices.Index(header, "Flow ID")
		if first {
			first = false
			if err := w.Write(without(header, id)); err != nil {
				return err
			}
		}
		b := newByLabel(most)
		for _, row := range rows {
			b.add(row[label], row)
		}
		for _, row := range b.take() {
			if err := w.Write(without(row, id)); err != nil {
				return err
			}
		}
		return nil
	})
	w.Flush()
	return errors.Join(err, w.Error(), z.Close())
}

func without(row []string, i int) []string {
	if i < 0 {
		return row
	}
	return slices.Delete(slices.Clone(row), i, i+1)
}
