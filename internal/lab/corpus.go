package lab

import (
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"firetower/internal/attack"
)

// Corpus says what to record.
type Corpus struct {
	Out   string // directory: manifest.tsv, captures/
	Only  string // a class or the name of a scenario, all if empty
	Seed  uint64
	Runs  int // of each attack class; scenarios take turns
	Life  int // of benign scenarios
	Each  int // instead of both, of every scenario
	Jobs  int // worlds at once
	Stage Stage
}

// Record plays and records, and writes the manifest as it goes. Runs that are in
// the manifest already are left alone, so that a broken recording can go on.
func (c Corpus) Record(ctx context.Context) error {
	if err := os.MkdirAll(filepath.Join(c.Out, "captures"), 0o755); err != nil {
		return err
	}
	out, err := filepath.Abs(c.Out)
	if err != nil {
		return err
	}
	m, err := openManifest(filepath.Join(out, "manifest.tsv"))
	if err != nil {
		return err
	}
	defer m.file.Close()
	queue := make(chan job)
	var wg sync.WaitGroup
	var failed []error
	for range max(1, c.Jobs) {
		wg.Go(func() {
			for j := range queue {
				if err := c.one(ctx, out, j, m); err != nil {
					c.Stage.Log.Error("not recorded", "scenario", j.Name, "seed", j.seed, "why", err)
					m.mu.Lock()
					failed = append(failed, fmt.Errorf("%s: %w", j.Name, err))
					m.mu.Unlock()
				}
			}
		})
	}
	for _, j := range c.plan() {
		if !m.has[captureName(j.Scenario, j.seed)] && ctx.Err() == nil {
			queue <- j
		}
	}
	close(queue)
	wg.Wait()
	return errors.Join(append(failed, ctx.Err())...)
}

type job struct {
	Scenario
	seed uint64
}

// plan gives each class its runs. Scenarios take turns in an order that the seed
// draws, and start over with the next seed. Long ones go first.
func (c Corpus) plan() []job {
	var long, short []job
	rng := rand.New(rand.NewPCG(c.Seed, 0))
	for _, class := range append(attack.Classes(), attack.Benign) {
		var of []Scenario
		for _, s := range Find(c.Only) {
			if s.Class == class {
				of = append(of, s)
			}
		}
		rng.Shuffle(len(of), func(i, j int) { of[i], of[j] = of[j], of[i] })
		n := c.Runs
		if class == attack.Benign {
			n = c.Life
		}
		if c.Each > 0 {
			n = c.Each * len(of)
		}
		for i := 0; i < n && len(of) > 0; i++ {
			j := job{of[i%len(of)], c.Seed + uint64(i/len(of))}
			if j.Limit >= 5*time.Minute {
				long = append(long, j)
			} else {
				short = append(short, j)
			}
		}
	}
	rng.Shuffle(len(short), func(i, j int) { short[i], short[j] = short[j], short[i] })
	return append(long, short...)
}

func (c Corpus) one(ctx context.Context, out string, j job, m *manifest) error {
	plain := filepath.Join(out, strings.TrimSuffix(captureName(j.Scenario, j.seed), ".gz"))
	t, err := c.Stage.Play(ctx, j.Scenario, j.seed, RecordTo(ctx, plain))
	if err == nil {
		err = ctx.Err() // a run that was cut short is not what it says
	}
	if err != nil {
		os.Remove(plain)
		return err
	}
	packets, sum, err := pack(plain)
	if err != nil {
		return err
	}
	c.Stage.Log.Log(ctx, slog.LevelInfo, "recorded", "scenario", j.Name, "seed", j.seed, "packets", packets, "took", t.End.Sub(t.Start).Round(time.Millisecond))
	return m.add(captureName(j.Scenario, j.seed), j.seed, t, packets, sum)
}

// pack compresses a capture in place and counts its packets.
func pack(file string) (packets int, sum string, err error) {
	in, err := os.Open(file)
	if err != nil {
		return 0, "", err
	}
	defer in.Close()
	out, err := os.Create(file + ".gz")
	if err != nil {
		return 0, "", err
	}
	defer out.Close()
	h := sha256.New()
	z, err := gzip.NewWriterLevel(out, 6)
	if err != nil {
		return 0, "", err
	}
	w := io.MultiWriter(h, z)
	if _, err := io.CopyN(w, in, 24); err != nil {
		return 0, "", fmt.Errorf("%s: not a capture: %w", file, err)
	}
	var head [16]byte
	for {
		if _, err := io.ReadFull(in, head[:]); err != nil {
			break // the end, or a header that tcpdump did not finish
		}
		if _, err := w.Write(head[:]); err != nil {
			return 0, "", err
		}
		if _, err := io.CopyN(w, in, int64(binary.LittleEndian.Uint32(head[8:]))); err != nil {
			break
		}
		packets++
	}
	if err := z.Close(); err != nil {
		return 0, "", err
	}
	return packets, fmt.Sprintf("%x", h.Sum(nil)), os.Remove(file)
}
