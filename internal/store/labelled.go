package store

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Exported counts what ExportLabelled wrote and what it had to leave out.
type Exported struct {
	Incidents   int // false alarms with rows
	Rows        int
	NoRows      int // false alarms of which no flow records were kept
	OtherHeader int // incidents whose rows have another profile's columns
}

// benignLabel is what CICIDS2017's files call benign.
const benignLabel = "BENIGN"

// ExportLabelled writes the flow records of all false alarms as one CSV whose
// Label column says BENIGN, ready for the next training. The first incident's
// header decides the columns; incidents with another header are counted only.
func ExportLabelled(ctx context.Context, s Incidents, w io.Writer) (Exported, error) {
	var done Exported
	out := csv.NewWriter(w)
	var header []string
	q := Query{States: []State{FalseAlarm}, Limit: 1000}
	for {
		page, err := s.FindIncidents(ctx, q)
		if err != nil {
			return done, err
		}
		for _, r := range page.Records {
			body, err := s.Evidence(ctx, r.ID, EvidenceFlows)
			if errors.Is(err, ErrNotFound) {
				done.NoRows++
				continue
			}
			if err != nil {
				return done, err
			}
			rows, err := csv.NewReader(bytes.NewReader(body)).ReadAll()
			if err != nil || len(rows) < 2 {
				done.NoRows++
				continue
			}
			if header == nil {
				header = rows[0]
				if err := out.Write(labelledHeader(header)); err != nil {
					return done, err
				}
			}
			if !slices.Equal(header, rows[0]) {
				done.OtherHeader++
				continue
			}
			done.Incidents++
			for _, row := range rows[1:] {
				done.Rows++
				if err := out.Write(labelled(header, row)); err != nil {
					return done, err
				}
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			out.Flush()
			if err := out.Error(); err != nil {
				return done, fmt.Errorf("cannot write the labelled rows: %w", err)
			}
			return done, nil
		}
	}
}

func labelledHeader(header []string) []string {
	if slices.Contains(header, "Label") {
		return header
	}
	return append(slices.Clone(header), "Label")
}

func labelled(header, row []string) []string {
	if i := slices.Index(header, "Label"); i >= 0 {
		row[i] = benignLabel
		return row
	}
	return append(row, benignLabel)
}
