package pipeline

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// followEvery is how often a folder is looked at.
const followEvery = time.Second

// Follow analyses the flow records that something else goes on writing into a folder
// as CSV files, each with a header line: what is there already, and then every whole
// line that is added, until ctx ends. A file that shrinks is read anew.
func (p *Pipeline) Follow(ctx context.Context, dir string, judgeOf JudgeOf) error {
	f := &follower{p: p, dir: dir, judgeOf: judgeOf, files: map[string]*followed{}}
	snapshot := p.addSensor()
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for {
		flows, err := f.look()
		if err != nil {
			return err
		}
		slices.SortStableFunc(flows, func(a, b judged) int { return cmp.Compare(a.record.Start, b.record.Start) })
		for i := range flows {
			f.sensed.Last = max(f.sensed.Last, flows[i].record.Last)
		}
		f.sensed.Rows += uint64(len(flows))
		f.sensed.Flows.Flows = f.sensed.Rows
		s := f.sensed
		snapshot.Store(&s)
		p.tell(flows)
		p.analyser.advance(f.sensed.Last)
		p.analysed.Store(p.analyser.Stats())
		select {
		case <-ctx.Done():
			p.analyser.Finish()
			p.analysed.Store(p.analyser.Stats())
			return nil
		case <-tick.C:
		}
	}
}

type follower struct {
	p       *Pipeline
	dir     string
	judgeOf JudgeOf
	files   map[string]*followed
	sensed  Sensed
}

// followed is one file of the folder and how far it has been read.
type followed struct {
	offset int64
	parser *rowParser
	bad    int
}

// look gives the flows that have come since the last look.
func (f *follower) look() ([]judged, error) {
	if _, err := os.Stat(f.dir); err != nil {
		return nil, fmt.Errorf("follow: %w", err)
	}
	paths, err := filepath.Glob(filepath.Join(f.dir, "*.csv"))
	if err != nil {
		return nil, fmt.Errorf("follow %s: %w", f.dir, err)
	}
	slices.Sort(paths)
	var flows []judged
	for _, path := range paths {
		at := f.files[path]
		if at == nil {
			at = &followed{}
			f.files[path] = at
		}
		if flows, err = f.tail(path, at, flows); err != nil {
			f.p.log.Error("file is left out", "file", path, "error", err)
			at.offset = -1
		}
	}
	for path := range f.files {
		if !slices.Contains(paths, path) {
			delete(f.files, path) // rotated away
		}
	}
	return flows, nil
}

// maxTail is the most of one file that is read at a look.
const maxTail = 64 << 20

// tail appends the flows of the whole lines that a file has gained.
func (f *follower) tail(path string, at *followed, flows []judged) ([]judged, error) {
	if at.offset < 0 {
		return flows, nil
	}
	in, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return flows, nil
	}
	if err != nil {
		return flows, err
	}
	defer in.Close()
	if info, err := in.Stat(); err == nil && info.Size() < at.offset {
		*at = followed{}
	}
	text, err := io.ReadAll(io.NewSectionReader(in, at.offset, maxTail))
	if err != nil {
		return flows, err
	}
	text = text[:bytes.LastIndexByte(text, '\n')+1]
	at.offset += int64(len(text))
	lines := csv.NewReader(bytes.NewReader(text))
	lines.ReuseRecord, lines.FieldsPerRecord = true, -1
	for {
		fields, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return flows, nil
		}
		if at.parser == nil && err == nil {
			if at.parser, err = newRowParser(fields, f.judgeOf); err != nil {
				return flows, err
			}
			if at.parser.unjudged != nil {
				f.p.log.Warn("the forest is not asked: these flows are not what the model was trained on", "file", path, "why", at.parser.unjudged)
			}
			continue
		}
		if at.parser == nil {
			return flows, err
		}
		var one judged
		if err == nil {
			one, err = at.parser.parse(fields)
		}
		if err == nil {
			flows = append(flows, one)
		} else if at.bad++; at.bad == 1 {
			f.p.log.Warn("rows that cannot be read are left out", "file", path, "first", err)
		}
	}
}
