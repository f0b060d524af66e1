package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"firetower/internal/feature"
	"firetower/internal/flow"
	"firetower/internal/pipeline"
)

// eachRecord gives every finished flow of a capture or flow CSV to use, numbered from
// 1 in the order in which 'firetower flows' prints them.
func eachRecord(cmd *cobra.Command, path string, profile flow.Profile, use func(n int, r *flow.Record) error) error {
	if path != "-" && pipeline.IsRows(path) {
		return eachRow(cmd, path, profile, use)
	}
	n := 0
	var failed error
	out := &flowWriter{w: bufio.NewWriter(io.Discard), schema: feature.For(profile), fewest: 1}
	if profile == flow.CIC2017 {
		out.fewest = 2
	}
	out.row = func(dst []byte, r *flow.Record) []byte {
		n++
		if failed == nil {
			failed = use(n, r)
		}
		return dst
	}
	d := flow.DefaultConfig()
	m := newFlowMeter(cmd, flowsOptions{active: d.ActiveTimeout, idle: d.IdleTimeout}, out)
	return errors.Join(m.file(cmd.Context(), path), m.end(), failed)
}

// eachRow reads a flow CSV.
func eachRow(cmd *cobra.Command, path string, profile flow.Profile, use func(n int, r *flow.Record) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var in io.Reader = bufio.NewReaderSize(f, 1<<16)
	if magic, _ := in.(*bufio.Reader).Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		if in, err = gzip.NewReader(in); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	c := csv.NewReader(in)
	c.ReuseRecord = true
	header, err := c.Read()
	if err != nil {
		return fmt.Errorf("%s: header: %w", path, err)
	}
	rows, err := feature.For(profile).Rows(header)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	var r flow.Record
	for n := 1; cmd.Context().Err() == nil; n++ {
		fields, err := c.Read()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = rows.Record(fields, &r)
		}
		if err == nil {
			err = use(n, &r)
		}
		if err != nil {
			return fmt.Errorf("%s: row %d: %w", path, n, err)
		}
	}
	return cmd.Context().Err()
}
