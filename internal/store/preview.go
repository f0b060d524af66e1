package store

import (
	"context"
	"time"

	"firetower/internal/incident"
	"firetower/internal/suppress"
)

// Recent reads all incidents that were still going on at or after a time, newest
// first.
func Recent(ctx context.Context, s Incidents, since time.Time) ([]Record, error) {
	q := Query{Since: since, Limit: 1000}
	var out []Record
	for {
		page, err := s.FindIncidents(ctx, q)
		if err != nil {
			return nil, err
		}
		out = append(out, page.Records...)
		if q.Cursor = page.Next; q.Cursor == "" {
			return out, nil
		}
	}
}

// Preview says what a rule would have hidden of the incidents of the last span
// of time.
func Preview(ctx context.Context, s Incidents, r suppress.Rule, now time.Time, span time.Duration) (suppress.Preview, error) {
	records, err := Recent(ctx, s, now.Add(-span))
	if err != nil {
		return suppress.Preview{}, err
	}
	all := make([]incident.Incident, len(records))
	for i := range records {
		all[i] = records[i].Incident
	}
	return suppress.Try(r, all, span), nil
}

// Suggest suggests rules from the incidents of the last span of time and from
// what people made of them.
func Suggest(ctx context.Context, s Store, now time.Time, span time.Duration) ([]suppress.Suggestion, error) {
	records, err := Recent(ctx, s, now.Add(-span))
	if err != nil {
		return nil, err
	}
	active, err := s.ActiveSuppressions(ctx, now)
	if err != nil {
		return nil, err
	}
	seen := make([]suppress.Seen, len(records))
	for i, r := range records {
		seen[i] = suppress.Seen{Incident: r.Incident, FalseAlarm: r.State == FalseAlarm}
	}
	return suppress.Suggest(seen, active, now, span), nil
}
