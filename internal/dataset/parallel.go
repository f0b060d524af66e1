package dataset

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
)

const chunkSize = 1 << 20

// chunk is a piece of a file that ends with a line, and where it begins.
type chunk struct {
	text []byte
	line int
	done chan *block
}

// parallel parses a file's lines with all workers and takes the blocks in the order
// of the file.
func (l *loader) parallel(ctx context.Context, src *source, in io.Reader, read *counter) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	jobs, order := make(chan *chunk), make(chan *chunk, 2*l.cfg.Workers)
	var wg sync.WaitGroup
	for range l.cfg.Workers {
		wg.Go(func() {
			for c := range jobs {
				c.done <- parseCSV(src, c.text, c.line)
			}
		})
	}
	var failed error
	wg.Go(func() {
		defer close(order)
		defer close(jobs)
		failed = cut(in, func(text []byte, line int) bool {
			c := &chunk{text, line, make(chan *block, 1)}
			select {
			case order <- c:
			case <-ctx.Done():
				return false
			}
			select {
			case jobs <- c:
				return true
			case <-ctx.Done():
				c.done <- &block{}
				return false
			}
		})
	})
	err := l.join(ctx, src, order, read)
	stop()
	wg.Wait()
	if err == nil && failed != nil {
		err = fmt.Errorf("after %d rows: %w", l.account.Read, damage(failed))
	}
	return err
}

// damage says what a compressed file's fault means.
func damage(err error) error {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("the gzip file is cut off (%w): fetch it again", err)
	case errors.Is(err, gzip.ErrChecksum), errors.As(err, new(flate.CorruptInputError)):
		return fmt.Errorf("the gzip file is damaged (%w): fetch it again", err)
	}
	return err
}

// join takes blocks until there are no more.
func (l *loader) join(ctx context.Context, src *source, order <-chan *chunk, read *counter) error {
	first := true
	for c := range order {
		var b *block
		select {
		case b = <-c.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		if first {
			if err := l.checkUnits(b); err != nil {
				return err
			}
			first = len(b.y) == 0
		}
		l.take(b)
		if l.report != nil {
			l.report(Progress{src.path, l.done + read.n.Load(), l.size, l.account.Read})
		}
		if l.account.Read > 100_000 {
			if err := l.account.check(l.cfg.MaxBad); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// cut reads chunks of whole lines until next returns false. Lines are numbered
// from 2, after the header.
func cut(in io.Reader, next func(text []byte, line int) bool) error {
	line := 2
	var rest []byte
	for {
		text := make([]byte, chunkSize+len(rest))
		copy(text, rest)
		n, err := io.ReadFull(in, text[len(rest):])
		text = text[:len(rest)+n]
		if err != nil {
			if len(text) > 0 && !next(text, line) {
				return nil
			}
			if err == io.EOF || err == io.ErrUnexpectedEOF {
				return eof(in)
			}
			return err
		}
		end := bytes.LastIndexByte(text, '\n') + 1
		rest = append([]byte(nil), text[end:]...)
		if end == 0 {
			if len(rest) > 64*chunkSize {
				return fmt.Errorf("line %d has more than 64 MB: this is no CSV file", line)
			}
			continue
		}
		lines := bytes.Count(text[:end], []byte{'\n'})
		if !next(text[:end], line) {
			return nil
		}
		line += lines
	}
}

// eof tells a file's end from a gzip stream that was cut off, which io.ReadFull
// reports alike.
func eof(in io.Reader) error {
	if _, err := in.Read(make([]byte, 1)); err != nil && err != io.EOF {
		return err
	}
	return nil
}

// take joins a block to those before it, numbering its labels and groups anew.
func (l *loader) take(b *block) {
	l.account.merge(&b.account)
	if len(b.y) == 0 {
		return
	}
	for i, v := range b.label {
		b.label[i] = uint16(l.labels.number([]byte(b.labels.list[v])))
	}
	for i, v := range b.group {
		b.group[i] = int32(l.groups.number([]byte(b.groups.list[v])))
	}
	l.rows += len(b.y)
	l.blocks = append(l.blocks, b)
}
