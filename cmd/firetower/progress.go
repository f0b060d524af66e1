package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"firetower/internal/dataset"
	"firetower/internal/training"
	"firetower/internal/words"
)

// progress shows how far a long run has come: a bar with rate and time left on a
// terminal, a line every few seconds elsewhere.
type progress struct {
	w        io.Writer
	terminal bool
	bar      *progressbar.ProgressBar
	what     string
	told     time.Time
}

func newProgress(w io.Writer) *progress {
	f, ok := w.(*os.File)
	return &progress{w: w, terminal: ok && term.IsTerminal(int(f.Fd())), told: time.Now()}
}

// between is how often a line is printed where there is no terminal.
const between = 5 * time.Second

// read shows the reading of files.
func (p *progress) read(at dataset.Progress) {
	if p.terminal {
		b := p.begin("reading", at.Size, true)
		b.Describe(fmt.Sprintf("reading %s, %s rows", filepath.Base(at.File), words.Count(at.Rows)))
		_ = b.Set64(at.Bytes) // a bar that cannot be drawn is no reason to stop
		return
	}
	if p.due() {
		fmt.Fprintf(p.w, "reading %s: %s rows, %d %%\n", filepath.Base(at.File), words.Count(at.Rows), 100*at.Bytes/max(1, at.Size))
	}
}

// progress shows the rounds of a step.
func (p *progress) progress(what string, done, of int) {
	if p.terminal {
		_ = p.begin(what, int64(of), false).Set(done)
		if done == of {
			p.end()
		}
		return
	}
	if p.due() {
		fmt.Fprintf(p.w, "%s: %d of %d\n", what, done, of)
	}
}

// step prints what a finished step did.
func (p *progress) step(s training.Step) {
	p.end()
	fmt.Fprintf(p.w, "%-19s %s\n", s.Name, s.Did)
}

func (p *progress) due() bool {
	if time.Since(p.told) < between {
		return false
	}
	p.told = time.Now()
	return true
}

func (p *progress) begin(what string, size int64, bytes bool) *progressbar.ProgressBar {
	if p.bar != nil && p.what == what {
		return p.bar
	}
	p.end()
	p.what = what
	p.bar = progressbar.NewOptions64(size,
		progressbar.OptionSetWriter(p.w), progressbar.OptionSetDescription(what), progressbar.OptionShowBytes(bytes),
		progressbar.OptionFullWidth(), progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
	return p.bar
}

// end clears the bar.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Clear()
		p.bar = nil
	}
}
