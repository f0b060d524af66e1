package pipeline

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"container/heap"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"

	"firetower/internal/detect"
	"firetower/internal/feature"
	"firetower/internal/flow"
)

// Rows analyses flow records that something else has metered, as CSV files with
// CICFlowMeter's columns, plain or gzipped. All rows are read first and then told in
// order of time, because such files are in no useful order: each flow starts, and
// ends when its duration is over. judgeOf gives the judge for a profile, or nil if
// the model is of another. A row that cannot be read is counted; if most cannot, the
// file is refused.
func (p *Pipeline) Rows(ctx context.Context, paths []string, judgeOf JudgeOf) error {
	var flows []judged
	snapshot := p.addSensor()
	sensed := &Sensed{}
	for _, path := range paths {
		r, err := openRows(path)
		if err != nil {
			return err
		}
		flows, err = r.read(ctx, flows, judgeOf)
		r.close()
		if err != nil {
			return err
		}
		if r.bad > 0 {
			p.log.Warn("rows that cannot be read are left out", "file", path, "rows", r.bad, "first", r.firstBad)
		}
		if r.unjudged != nil {
			p.log.Warn("the forest is not asked: these flows are not what the model was trained on", "file", path, "why", r.unjudged)
		}
		sensed.Rows += uint64(r.rows)
	}
	slices.SortStableFunc(flows, func(a, b judged) int { return cmp.Compare(a.record.Start, b.record.Start) })
	sensed.Flows.Flows = uint64(len(flows))
	for i := range flows {
		f := &flows[i].record
		f.ID = uint64(i + 1)
		sensed.Last = max(sensed.Last, f.Last)
		if i == 0 {
			sensed.First = f.Start
		}
	}
	snapshot.Store(sensed)
	p.tell(flows)
	p.analyser.Finish()
	p.analysed.Store(p.analyser.Stats())
	return ctx.Err()
}

// judged is one flow of a file with the forest's verdict.
type judged struct {
	record  flow.Record
	verdict detect.Verdict
}

// tell replays flows that are in order of their start.
func (p *Pipeline) tell(flows []judged) {
	var running ends
	end := func(until int64) {
		for len(running) > 0 && running[0].record.Last <= until {
			f := heap.Pop(&running).(*judged)
			p.analyser.one(&flow.Event{Kind: flow.Ended, Time: f.record.Last, Record: f.record}, f.verdict)
		}
	}
	for i := range flows {
		f := &flows[i]
		end(f.record.Start)
		started := f.record
		started.Last, started.Reason = started.Start, flow.NotEnded
		started.Fwd.Packets, started.Bwd.Packets = min(1, started.Fwd.Packets), 0
		started.Established = false
		p.analyser.one(&flow.Event{Kind: flow.Started, Time: started.Start, Record: started}, detect.Verdict{})
		heap.Push(&running, f)
		if i%batchEvents == 0 {
			p.analyser.advance(started.Start)
		}
	}
	end(math.MaxInt64)
}

// ends is a heap of running flows, the one that ends first on top.
type ends []*judged

func (e ends) Len() int           { return len(e) }
func (e ends) Less(i, j int) bool { return e[i].record.Last < e[j].record.Last }
func (e ends) Swap(i, j int)      { e[i], e[j] = e[j], e[i] }
func (e *ends) Push(x any)        { *e = append(*e, x.(*judged)) }
func (e *ends) Pop() any {
	last := len(*e) - 1
	f := (*e)[last]
	*e = (*e)[:last]
	return f
}

// rowFile is one CSV file.
type rowFile struct {
	path     string
	f        *os.File
	csv      *csv.Reader
	rows     int
	bad      int
	firstBad error
	unjudged error
}

// IsRows says whether a file is a CSV of flow records rather than a capture.
func IsRows(path string) bool {
	r, err := openRows(path)
	if err != nil {
		return false
	}
	defer r.close()
	header, err := r.csv.Read()
	return err == nil && slices.ContainsFunc(header, func(name string) bool {
		return strings.EqualFold(strings.TrimSpace(name), "Flow Duration")
	})
}

func openRows(path string) (*rowFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("flow records %s: %w", path, err)
	}
	var in io.Reader
	buffered := bufio.NewReaderSize(f, 1<<16)
	in = buffered
	if magic, _ := buffered.Peek(2); len(magic) == 2 && magic[0] == 0x1f && magic[1] == 0x8b {
		if in, err = gzip.NewReader(buffered); err != nil {
			f.Close()
			return nil, fmt.Errorf("flow records %s: %w", path, err)
		}
	}
	c := csv.NewReader(in)
	c.ReuseRecord = true
	c.FieldsPerRecord = -1
	return &rowFile{path: path, f: f, csv: c}, nil
}

func (r *rowFile) close() { r.f.Close() }

// read appends the file's flows to out.
func (r *rowFile) read(ctx context.Context, out []judged, judgeOf JudgeOf) ([]judged, error) {
	header, err := r.csv.Read()
	if err != nil {
		return out, fmt.Errorf("flow records %s: header: %w", r.path, err)
	}
	parser, err := newRowParser(header, judgeOf)
	if err != nil {
		return out, fmt.Errorf("flow records %s: %w", r.path, err)
	}
	r.unjudged = parser.unjudged
	for ctx.Err() == nil {
		fields, err := r.csv.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		r.rows++
		var one judged
		if err == nil {
			one, err = parser.parse(fields)
		}
		if err == nil {
			out = append(out, one)
		} else if err := r.fault(err); err != nil {
			return out, err
		}
	}
	if r.bad*2 > r.rows {
		return out, fmt.Errorf("flow records %s: %d of %d rows cannot be read: %w", r.path, r.bad, r.rows, r.firstBad)
	}
	return out, ctx.Err()
}

// JudgeOf gives the judge for flows of a profile, or an error that says why the
// model cannot judge them.
type JudgeOf func(flow.Profile) (*detect.Judge, error)

// rowParser turns the rows under one header into judged flows.
type rowParser struct {
	rows     *feature.Rows
	judge    *detect.Judge
	unjudged error // why there is no judge
	event    [1]flow.Event
	verdicts []detect.Verdict
}

func newRowParser(header []string, judgeOf JudgeOf) (*rowParser, error) {
	profile := profileOf(header)
	rows, err := feature.For(profile).Rows(header)
	if err != nil {
		return nil, err
	}
	p := &rowParser{rows: rows}
	if p.judge, err = judgeOf(profile); err != nil {
		p.judge, p.unjudged = nil, err
	}
	return p, nil
}

func (p *rowParser) parse(fields []string) (judged, error) {
	e := &p.event[0]
	*e = flow.Event{Kind: flow.Ended}
	if err := p.rows.Record(fields, &e.Record); err != nil {
		return judged{}, err
	}
	var one judged
	if p.judge != nil {
		p.verdicts = p.judge.Judge(p.event[:], p.verdicts[:0])
		one.verdict = p.verdicts[0]
	}
	one.record = e.Record
	one.record.Given = nil // judged: 90 numbers less to hold
	return one, nil
}

// fault counts a bad row; it gives an error up when the file itself cannot be read.
func (r *rowFile) fault(err error) error {
	var parse *csv.ParseError
	line, _ := r.csv.FieldPos(0)
	if errors.As(err, &parse) {
		line = parse.Line
	}
	if r.bad == 0 {
		r.firstBad = fmt.Errorf("line %d: %w", line, err)
	}
	r.bad++
	var path *os.PathError
	if errors.As(err, &path) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("flow records %s: line %d: %w", r.path, line, err)
	}
	return nil
}

// profileOf tells by its header which profile metered a file.
func profileOf(header []string) flow.Profile {
	for _, name := range header {
		if strings.EqualFold(strings.TrimSpace(name), "Total Length of Fwd Packets") {
			return flow.CIC2017
		}
	}
	return flow.CICFixed
}
