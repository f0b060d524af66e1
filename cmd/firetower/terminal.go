package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/term"
)

// terminal is what a person looks at; the zero value is a file or a pipe, to which
// nothing is wrapped or coloured.
type terminal struct {
	width  int
	colour bool
}

// terminalOf describes what w writes to. NO_COLOR (no-color.org) and TERM=dumb are
// obeyed.
func terminalOf(w io.Writer) terminal {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return terminal{}
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width < 40 {
		width = 80
	}
	return terminal{width: width, colour: os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
}

// Colours of a terminal, by urgency.
const (
	plainText = "\x1b[0m"
	boldText  = "\x1b[1m"
	greenText = "\x1b[32m"
)

func colourOf(severity int) string {
	switch {
	case severity <= 1:
		return "\x1b[1;31m" // red
	case severity == 2:
		return "\x1b[1;33m" // yellow
	}
	return "\x1b[1;36m" // cyan
}

// paint colours text, if the terminal shows colours.
func (t terminal) paint(colour, text string) string {
	if !t.colour {
		return text
	}
	return colour + text + plainText
}

// wrap breaks text between words so that its lines fit, the ones after the first with
// the indent.
func (t terminal) wrap(indent, text string) string {
	if t.width == 0 {
		return text
	}
	room := max(30, t.width-utf8.RuneCountInString(indent))
	var b strings.Builder
	used := 0
	for i, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case used+1+n > room:
			b.WriteString("\n" + indent)
			used = 0
		default:
			b.WriteByte(' ')
			used++
		}
		b.WriteString(word)
		used += n
	}
	return b.String()
}

// life is a line at the foot of a terminal that shows that something goes on. What is
// printed through over takes its place, and it comes back below.
type life struct {
	out   io.Writer
	width int

	mu    sync.Mutex
	shown bool
}

// newLife makes the line of a terminal, nil if w is none.
func newLife(w io.Writer) *life {
	t := terminalOf(w)
	if t.width == 0 || os.Getenv("TERM") == "dumb" {
		return nil
	}
	return &life{out: w, width: t.width}
}

// run shows text anew every second until ctx ends, from the second on.
func (l *life) run(ctx context.Context, text func() string) {
	if l == nil {
		return
	}
	every := time.NewTicker(time.Second)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			l.clear()
			return
		case <-every.C:
			l.show(text())
		}
	}
}

func (l *life) show(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r := []rune(text); len(r) >= l.width {
		text = string(r[:l.width-1])
	}
	fmt.Fprintf(l.out, "\r\x1b[K%s", text)
	l.shown = true
}

func (l *life) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.shown {
		fmt.Fprint(l.out, "\r\x1b[K")
		l.shown = false
	}
}

// over is w with the line taken away before each write.
func (l *life) over(w io.Writer) io.Writer {
	if l == nil {
		return w
	}
	return overLife{l, w}
}

type overLife struct {
	life *life
	w    io.Writer
}

func (o overLife) Write(b []byte) (int, error) {
	o.life.clear()
	return o.w.Write(b)
}
