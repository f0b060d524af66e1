package flowlog

import (
	"bytes"
	stdcsv "encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"firetower/internal/detect"
	"firetower/internal/feature"
	"firetower/internal/flow"
)

// columnar writes Parquet: a column for each of the profile's, numbers as doubles,
// compressed with Zstandard. Records wait as lines of CSV until a row group is full,
// so a file is whole only when it is closed.
type columnar struct {
	schema *feature.Schema
	rows   *parquet.Schema
	leaf   []int // the Parquet column of each of ours: Parquet sorts them by name
}

func newParquet(s *feature.Schema) columnar {
	group := parquet.Group{}
	names := make([]string, len(s.Columns))
	for i := range s.Columns {
		node := parquet.Leaf(parquet.DoubleType)
		if s.Columns[i].Kind == feature.Text {
			node = parquet.String()
		}
		names[i] = s.Columns[i].Name
		group[names[i]] = parquet.Compressed(node, &zstd.Codec{})
	}
	c := columnar{schema: s, rows: parquet.NewSchema("flow", group), leaf: make([]int, len(names))}
	sorted := slices.Sorted(slices.Values(names))
	for i, name := range names {
		c.leaf[i], _ = slices.BinarySearch(sorted, name)
	}
	return c
}

func (columnar) extension() string { return ".parquet" }

func (c columnar) record(dst []byte, r *flow.Record, _ detect.Verdict) []byte {
	return c.schema.AppendRow(dst, r)
}

func (c columnar) begin(f *file) (body, error) {
	return &parquetBody{columnar: c, out: parquet.NewGenericWriter[any](f, c.rows)}, nil
}

type parquetBody struct {
	columnar
	out *parquet.GenericWriter[any]
}

func (p *parquetBody) write(data []byte) error {
	lines := stdcsv.NewReader(bytes.NewReader(data))
	lines.ReuseRecord = true
	var rows []parquet.Row
	for {
		cells, err := lines.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		row, err := p.row(cells)
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	_, err := p.out.WriteRows(rows)
	return err
}

func (p *parquetBody) row(cells []string) (parquet.Row, error) {
	row := make(parquet.Row, len(cells))
	for i, cell := range cells {
		v := parquet.ValueOf(cell)
		if p.schema.Columns[i].Kind != feature.Text {
			x, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				return nil, fmt.Errorf("column %s: %w", p.schema.Columns[i].Name, err)
			}
			v = parquet.DoubleValue(x)
		}
		row[p.leaf[i]] = v.Level(0, 0, p.leaf[i])
	}
	return row, nil
}

func (p *parquetBody) close() error { return p.out.Close() }
