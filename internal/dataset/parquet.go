package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strconv"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// parquet reads a Parquet file of flat columns, a batch of rows at a time.
func (l *loader) parquet(ctx context.Context, path string, f io.ReaderAt, size int64) error {
	file, err := parquet.OpenFile(f, size)
	if err != nil {
		return fmt.Errorf("not a Parquet file, or one that was cut off: %w: fetch it again", err)
	}
	var header []string
	for _, column := range file.Schema().Columns() {
		if len(column) != 1 {
			return fmt.Errorf("column %q is nested; flow records have flat columns", column)
		}
		header = append(header, column[0])
	}
	src, err := l.begin(path, header)
	if err != nil {
		return err
	}
	p := parquetFile{src: src, text: textColumns(file)}
	for _, group := range file.RowGroups() {
		if err := p.group(ctx, l, group, file.NumRows(), size); err != nil {
			return err
		}
	}
	return nil
}

// textColumns gives for each column how its values are written as text.
func textColumns(file *parquet.File) []func(parquet.Value) []byte {
	var out []func(parquet.Value) []byte
	for _, field := range file.Schema().Fields() {
		write := func(v parquet.Value) []byte { return []byte(v.String()) }
		if t := field.Type().LogicalType(); t != nil {
			if stamp, ok := t.Value.(*format.TimestampType); ok && stamp.Unit.Value != nil {
				unit := stamp.Unit.Value.Duration()
				write = func(v parquet.Value) []byte {
					return time.Unix(0, v.Int64()*int64(unit)).UTC().AppendFormat(nil, layouts[0].layout)
				}
			}
		}
		out = append(out, write)
	}
	return out
}

// parquetFile is a Parquet file being read.
type parquetFile struct {
	src  *source
	text []func(parquet.Value) []byte
	row  int
}

const parquetRows = 4096 // rows of a block

func (p *parquetFile) group(ctx context.Context, l *loader, group parquet.RowGroup, total, size int64) error {
	rows := group.Rows()
	defer rows.Close()
	buffer := make([]parquet.Row, parquetRows)
	for ctx.Err() == nil {
		n, err := rows.ReadRows(buffer)
		b := p.block(buffer[:n])
		if err := l.checkUnits(b); err != nil {
			return err
		}
		l.take(b)
		if l.report != nil && total > 0 {
			l.report(Progress{p.src.path, l.done + size*int64(p.row)/total, l.size, l.account.Read})
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("after row %d: %w", p.row, err)
		}
	}
	return ctx.Err()
}

// block judges a batch of rows.
func (p *parquetFile) block(rows []parquet.Row) *block {
	b := &block{}
	pl := p.src.plan
	r := row{x: make([]float32, len(pl.absent)+pl.features())}
	var at clock
	for i := range rows {
		p.row++
		b.account.Read++
		where := func() string { return fmt.Sprintf("%s: row %d", filepath.Base(p.src.path), p.row) }
		if bad := p.fill(&r, rows[i], &at, &b.account); bad >= 0 {
			b.account.drop(BadNumber, 1, fmt.Sprintf("%s: %q in column %s", where(), rows[i][bad].String(), pl.names[bad]))
			continue
		}
		b.add(p.src, &r, where)
	}
	return b
}

// fill reads the values of a row; it returns the column that is not a number, or -1.
func (p *parquetFile) fill(r *row, values parquet.Row, at *clock, a *Account) int {
	pl := p.src.plan
	for i := range r.x {
		r.x[i] = missing
	}
	text := make([][]byte, pl.width)
	for i, v := range values {
		f := pl.feature[i]
		if f < 0 || i == pl.srcPort || i == pl.dstPort || i == pl.protoc || i == pl.group || i == pl.label {
			if !v.IsNull() {
				text[i] = p.text[i](v)
			}
		}
		if f < 0 {
			continue
		}
		x, ok := value(v)
		switch {
		case !ok:
			return i
		case x != x:
			a.Missing++
		case math.Abs(x) > math.MaxFloat32:
			x = math.NaN()
			a.Infinite++
		}
		r.x[f] = float32(x)
	}
	p.facts(r, text, at)
	return -1
}

// facts fills in what is no feature.
func (p *parquetFile) facts(r *row, text [][]byte, at *clock) {
	pl := p.src.plan
	field := func(i int) []byte {
		if i < 0 {
			return nil
		}
		return text[i]
	}
	r.label, r.group = field(pl.label), field(pl.group)
	r.time = at.parse(string(field(pl.stamp)))
	category := field(pl.attempted)
	r.attempted = len(category) > 0 && category[0] != '-'
	if p.src.cfg.Rules != nil {
		r.flow = endpointsOf(field(pl.srcIP), field(pl.dstIP), field(pl.srcPort), field(pl.dstPort), field(pl.protoc))
	}
}

// value is a Parquet value as a number.
func value(v parquet.Value) (float64, bool) {
	switch v.Kind() {
	case parquet.Int32:
		return float64(v.Int32()), true
	case parquet.Int64:
		return float64(v.Int64()), true
	case parquet.Float:
		return float64(v.Float()), true
	case parquet.Double:
		return v.Double(), true
	case parquet.Boolean:
		x, err := strconv.ParseBool(v.String())
		if err == nil && x {
			return 1, true
		}
		return 0, err == nil
	case parquet.ByteArray:
		return number(v.ByteArray())
	}
	return math.NaN(), v.IsNull()
}
