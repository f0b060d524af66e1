package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"firetower/internal/capture"
	"firetower/internal/feature"
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/words"
)

type flowsOptions struct {
	profile string
	format  string
	filter  string
	active  time.Duration
	idle    time.Duration
}

func newFlowsCommand() *cobra.Command {
	var o flowsOptions
	d := flow.DefaultConfig()
	cmd := &cobra.Command{
		Use:   "flows [flags] FILE...",
		Short: "Meter captures into flow records",
		Long: `Flows reads captures (pcap or pcapng, also gzipped, - for standard input), several as
if they were one, and prints a record for every flow when it ends: CICFlowMeter's
columns as CSV, or one JSON object a line, which has the Community ID and the reason
of the end as well. docs/features.md tells what each column holds.

Profile cic-fixed gives the numbers of the corrected CICFlowMeter, cic2017 those of
the build that made the CICIDS2017 data, mistakes included, and cic-v4 those of the
CICFlowMeter of today.`,
		Example: `  firetower flows capture.pcap > flows.csv
  firetower flows --profile cic2017 monday.pcap | head
  firetower flows --format jsonl --filter 'tcp port 443' capture.pcapng | jq .community_id`,
		Args: some("captures to read, or - for standard input"),
		RunE: func(cmd *cobra.Command, args []string) error { return runFlows(cmd, o, args) },
	}
	f := cmd.Flags()
	f.StringVar(&o.profile, "profile", flow.CICFixed.String(), "cic-fixed, cic2017 or cic-v4")
	f.StringVar(&o.format, "format", "csv", "csv or jsonl")
	f.StringVar(&o.filter, "filter", "", "read only packets that match this BPF `expression`")
	f.DurationVar(&o.active, "active-timeout", d.ActiveTimeout, "end a flow that long after its first packet")
	f.DurationVar(&o.idle, "idle-timeout", d.IdleTimeout, "end a flow that long after its last packet; 0: never")
	return cmd
}

func runFlows(cmd *cobra.Command, o flowsOptions, paths []string) error {
	w, err := newFlowWriter(cmd, o)
	if err != nil {
		return err
	}
	began := time.Now()
	m := newFlowMeter(cmd, o, w)
	for _, path := range paths {
		if err := m.file(cmd.Context(), path); err != nil {
			if m.received > 0 { // what was read counts
				err = errors.Join(m.end(), err)
			}
			return err
		}
	}
	if err := m.end(); err != nil {
		return err
	}
	m.summary(time.Since(began))
	return nil
}

// flowMeter takes captures apart into flow records.
type flowMeter struct {
	cmd       *cobra.Command
	filter    string
	table     *flow.Table
	fragments packet.Fragments
	packets   [64]packet.Packet
	out       *flowWriter
	events    flow.Batch
	verdicts  packet.Counts
	received  uint64
	bytes     uint64
}

func newFlowMeter(cmd *cobra.Command, o flowsOptions, out *flowWriter) *flowMeter {
	cfg := flow.ExactConfig(out.schema.Profile)
	cfg.ActiveTimeout, cfg.IdleTimeout = o.active, o.idle
	return &flowMeter{cmd: cmd, filter: o.filter, table: flow.New(cfg), out: out}
}

// file meters one capture.
func (m *flowMeter) file(ctx context.Context, path string) error {
	cfg := capture.DefaultConfig()
	cfg.Filter = m.filter
	src, err := m.open(path, cfg)
	if errors.Is(err, capture.ErrFilter) {
		return usagef(m.cmd, "--filter: %w", err)
	}
	if err != nil {
		return err
	}
	defer src.Close()
	var batch capture.Batch
	for err == nil {
		if err = ctx.Err(); err != nil {
			break
		}
		if err = src.Next(&batch); err == nil || err == io.EOF {
			m.frames(batch.Frames)
			if e := m.out.write(&m.events); e != nil {
				return e
			}
		}
	}
	s := src.Stats()
	m.received += s.Received
	m.bytes += s.Bytes
	if s.Cut != nil {
		fmt.Fprintln(m.cmd.ErrOrStderr(), "firetower: warning:", s.Cut)
	}
	if err != io.EOF {
		return err
	}
	return nil
}

func (m *flowMeter) open(path string, cfg capture.Config) (capture.Source, error) {
	if path == "-" {
		return capture.NewReader("standard input", m.cmd.InOrStdin(), cfg)
	}
	return capture.Open(path, cfg)
}

// frames meters a batch. A frame's payload need not be looked into for its numbers.
func (m *flowMeter) frames(frames []capture.Frame) {
	n := 0
	for i := range frames {
		f, p := &frames[i], &m.packets[n]
		v := packet.Decode(f.Data, f.Link, f.WireLen, f.Time, p)
		m.verdicts[v]++
		if v != packet.OK {
			continue
		}
		m.fragments.Resolve(p)
		p.Payload = nil
		if n++; n == len(m.packets) {
			m.table.AddAll(m.packets[:n], &m.events)
			n = 0
		}
	}
	m.table.AddAll(m.packets[:n], &m.events)
}

// end prints what is left.
func (m *flowMeter) end() error {
	for more := true; more; {
		more = m.table.Drain(&m.events, 4096)
		if err := m.out.write(&m.events); err != nil {
			return err
		}
	}
	return m.out.w.Flush()
}

func (m *flowMeter) summary(took time.Duration) {
	s := m.table.Stats()
	fmt.Fprintf(m.cmd.ErrOrStderr(), "%s packets, %s; %s flows in %.2f s\n",
		words.Count(m.received), bytesOf(m.bytes), words.Count(s.Flows), took.Seconds())
	var left []string
	for v, n := range m.verdicts {
		if v := packet.Verdict(v); v != packet.OK && n > 0 {
			left = append(left, words.Count(n)+" "+v.String())
		}
	}
	if s.Evictions > 0 {
		left = append(left, words.Count(s.Evictions)+" flows cut short because the table was full")
	}
	if len(left) > 0 {
		fmt.Fprintf(m.cmd.ErrOrStderr(), "not metered: %s\n", strings.Join(left, ", "))
	}
}

// flowWriter prints the records of flows that have ended.
type flowWriter struct {
	w      *bufio.Writer
	schema *feature.Schema
	row    func(dst []byte, r *flow.Record) []byte
	header []byte // not printed yet: an input that cannot be read prints nothing
	line   []byte
	fewest uint32 // packets that a flow must have to be printed
}

func newFlowWriter(cmd *cobra.Command, o flowsOptions) (*flowWriter, error) {
	profile, err := flow.ParseProfile(o.profile)
	if err != nil {
		return nil, usagef(cmd, "--profile: %w", err)
	}
	if o.active <= 0 || o.idle < 0 {
		return nil, usagef(cmd, "--active-timeout must be above 0 and --idle-timeout not below")
	}
	w := &flowWriter{w: bufio.NewWriterSize(cmd.OutOrStdout(), 1<<16), schema: feature.For(profile), fewest: 1}
	if profile != flow.CICFixed {
		w.fewest = 2 // those builds never printed a flow of one packet
	}
	switch o.format {
	case "csv":
		w.row = w.schema.AppendRow
		w.header = w.schema.AppendHeader(nil)
	case "jsonl":
		w.row = w.schema.AppendJSON
	default:
		err = usagef(cmd, "--format: unknown format %q: use csv or jsonl", o.format)
	}
	return w, err
}

// write prints the flows that have ended and empties the batch.
func (w *flowWriter) write(b *flow.Batch) error {
	defer b.Reset()
	if len(w.header) > 0 {
		if _, err := w.w.Write(w.header); err != nil {
			return err
		}
		w.header = nil
	}
	for i := range b.Events {
		e := &b.Events[i]
		if e.Kind != flow.Ended || e.Record.Fwd.Packets+e.Record.Bwd.Packets < w.fewest {
			continue
		}
		w.line = w.row(w.line[:0], &e.Record)
		if _, err := w.w.Write(w.line); err != nil {
			return err
		}
	}
	return nil
}
