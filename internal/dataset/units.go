package dataset

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// checkUnits compares, in the first rows of a file, packets, duration and packets a
// second, which tells the unit of time for sure.
func (l *loader) checkUnits(b *block) error {
	at := func(name string) []float32 {
		if f, ok := l.schema.Find(name); ok && b.x != nil {
			return b.x[f]
		}
		return nil
	}
	duration, rate := at("Flow Duration"), at("Flow Packets/s")
	fwd, bwd := at("Total Fwd Packets"), at("Total Backward Packets")
	if duration == nil || rate == nil || fwd == nil || bwd == nil {
		return nil
	}
	var rows, milli, second int
	for i, d := range duration {
		if !(d > 0 && rate[i] > 0) {
			continue
		}
		rows++
		perUnit := float64(fwd[i]+bwd[i]) / float64(d)
		switch near := func(unit float64) bool { return math.Abs(perUnit*unit/float64(rate[i])-1) < 0.01 }; {
		case near(1e3):
			milli++
		case near(1):
			second++
		}
	}
	unit := "seconds"
	if milli > second {
		unit, second = "milliseconds", milli
	}
	if second > rows/2 {
		return fmt.Errorf("flow durations are in %s, CICFlowMeter counts microseconds: another tool wrote this file; meter the captures with 'firetower flows'", unit)
	}
	return nil
}

// table joins the blocks column by column, giving each block's part back to the
// collector as it goes, so that no more than one column is held twice.
func (l *loader) table(files []string) (*Table, error) {
	l.account.Files = files
	if l.rows == 0 {
		return nil, fmt.Errorf("%s: %w", list(files), l.nothing())
	}
	t := &Table{Profile: l.schema.Profile, SchemaHash: l.schema.Hash, Labels: l.labels.list, Groups: l.groups.list}
	t.canonical = l.schema.canonical
	for f, name := range l.schema.Names {
		// A feature that only some files have would tell the files apart, and with
		// them the classes that they hold.
		if l.present[f] < l.begun {
			if slices.Contains(t.Names, name) {
				continue // the doubled column of 2017, which is there once
			}
			l.account.Absent = append(l.account.Absent, name)
			continue
		}
		column := make([]float32, 0, l.rows)
		for _, b := range l.blocks {
			column = append(column, b.x[f]...)
			b.x[f] = nil
		}
		t.Names, t.X = append(t.Names, name), append(t.X, column)
	}
	t.Y, t.Label = make([]uint8, 0, l.rows), make([]uint16, 0, l.rows)
	t.Time, t.Group, t.hash = make([]int64, 0, l.rows), make([]int32, 0, l.rows), make([]uint64, 0, l.rows)
	for _, b := range l.blocks {
		t.Y, t.Label = append(t.Y, b.y...), append(t.Label, b.label...)
		t.Time, t.Group = append(t.Time, b.time...), append(t.Group, b.group...)
		t.hash = append(t.hash, b.hash...)
	}
	l.blocks = nil
	t.Account = l.account
	return t, nil
}

// nothing explains an input without a usable row.
func (l *loader) nothing() error {
	if l.account.Read == 0 {
		return errors.New("there are no rows below the header")
	}
	why := ""
	for _, d := range l.account.Dropped {
		why += fmt.Sprintf("; %d %s", d.Rows, d.Cause)
		if len(d.Examples) > 0 {
			why += " (" + d.Examples[0] + ")"
		}
	}
	return fmt.Errorf("none of the %d rows can be used%s", l.account.Read, why)
}
