package flowlog

import (
	"fmt"

	"firetower/internal/detect"
	"firetower/internal/feature"
	"firetower/internal/flow"
)

// encoder turns records into bytes.
type encoder interface {
	// record appends one record to a chunk.
	record(dst []byte, r *flow.Record, v detect.Verdict) []byte
}

// format is an encoder with files of its own.
type format interface {
	encoder
	extension() string
	// begin writes what stands at the start of a file.
	begin(f *file) (body, error)
}

func newFormat(name string) (format, error) {
	switch name {
	case "csv":
		return csv{feature.For(flow.CICFixed)}, nil
	case "jsonl":
		return jsonl{feature.For(flow.CICFixed)}, nil
	case "parquet":
		return newParquet(feature.For(flow.CICFixed)), nil
	}
	return nil, fmt.Errorf("flow log: format %q is none of csv, jsonl, parquet; EVE has a section of its own, eve", name)
}

// lines is the body of formats that have nothing but lines.
type lines struct{ f *file }

func (l lines) write(data []byte) error {
	_, err := l.f.Write(data)
	return err
}

func (l lines) close() error { return nil }

type csv struct{ schema *feature.Schema }

func (csv) extension() string { return ".csv" }

func (c csv) record(dst []byte, r *flow.Record, _ detect.Verdict) []byte {
	return c.schema.AppendRow(dst, r)
}

func (c csv) begin(f *file) (body, error) {
	_, err := f.Write(c.schema.AppendHeader(nil))
	return lines{f}, err
}

type jsonl struct{ schema *feature.Schema }

func (jsonl) extension() string { return ".jsonl" }

func (j jsonl) record(dst []byte, r *flow.Record, _ detect.Verdict) []byte {
	return j.schema.AppendJSON(dst, r)
}

func (jsonl) begin(f *file) (body, error) { return lines{f}, nil }
