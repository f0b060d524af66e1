package flowlog

import (
	"bytes"
	stdcsv "encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"firetower/internal/detect"
	"firetower/internal/feature"
	"firetower/internal/flow"
)

// columnar writes Parquet: a column for each of the profile's, numbers as doubles,
// compressed with Zstandard. Records wait in memory until a row group is full, and a
// file can be read only when it has been closed.
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
	p := &parquetBody{columnar: c, f: f}
	p.out = parquet.NewGenericWriter[any](&p.ready, c.rows)
	return p, nil
}

// groupRows is how many records make a row group: some 15 MB of memory.
const groupRows = 20_000

// parquetBody writes a file a row group at a time. The writer knows of offsets in the
// file and not of disks that refuse, so it writes to memory, and what the disk does
// not take stays there until it does.
type parquetBody struct {
	columnar
	f     *file
	out   *parquet.GenericWriter[any]
	ready bytes.Buffer // for the disk
	rows  int          // in the file
	group int          // in the row group that is not full
}

func (p *parquetBody) write(data []byte) error {
	if err := p.drain(); err != nil {
		return err
	}
	rows, err := p.parse(data)
	if err != nil {
		return err
	}
	n, err := p.out.WriteRows(rows)
	p.rows, p.group = p.rows+n, p.group+n
	if err != nil || p.group < groupRows {
		return err
	}
	p.group = 0
	if err := p.out.Flush(); err != nil {
		return err
	}
	_ = p.drain() // these records are kept; the next ones will not be taken
	return nil
}

// drain gives the disk what is ready, all or nothing.
func (p *parquetBody) drain() error {
	if p.ready.Len() == 0 {
		return nil
	}
	if _, err := p.f.Write(p.ready.Bytes()); err != nil {
		return p.f.back(err)
	}
	p.ready.Reset()
	return nil
}

func (p *parquetBody) parse(data []byte) ([]parquet.Row, error) {
	lines := stdcsv.NewReader(bytes.NewReader(data))
	lines.ReuseRecord = true
	var rows []parquet.Row
	for {
		cells, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		row, err := p.row(cells)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
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

// close writes the end of the file, without which nobody can read it.
func (p *parquetBody) close() error {
	err := p.out.Close()
	if err == nil {
		err = p.drain()
	}
	if err != nil {
		err = fmt.Errorf("%s is given up with %d records: %w", p.f.f.Name(), p.rows, err)
		err = errors.Join(err, os.Remove(p.f.f.Name()))
	}
	return err
}
