package metrics

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"firetower/internal/alert"
	"firetower/internal/attack"
	"firetower/internal/behaviour"
	"firetower/internal/flowlog"
	"firetower/internal/packet"
	"firetower/internal/pipeline"
	"firetower/internal/store"
)

func serve(t *testing.T) string {
	t.Helper()
	var s pipeline.Stats
	s.Capture.Received, s.Capture.DroppedKernel = 1000, 3
	s.Packets[packet.OK], s.Packets[packet.ARP] = 990, 10
	s.Fragments.Orphans, s.Fragments.Evicted, s.Flows.Unread, s.Flows.Forgotten, s.Released = 5, 6, 7, 8, 9
	s.Last = 1_700_000_000_500_000
	s.Verdicts = map[attack.Class]uint64{attack.PortScan: 7}
	s.Behaviours = map[string]behaviour.Stats{"portscan": {Entries: 4, Limit: 10, Evictions: 2, Findings: 1}}
	cfg := flowlog.DefaultConfig()
	cfg.Dir = t.TempDir()
	l, err := flowlog.New(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	h := Handler(Sources{
		Pipeline: func() pipeline.Stats { return s },
		FlowLogs: map[string]*flowlog.Log{"folder": l},
		Alerts: func(context.Context) alert.Status {
			return alert.Status{Sinks: []alert.SinkStatus{{SinkStats: store.SinkStats{Sink: "mail", Pending: 2}, Messages: 9}}}
		},
		Model:   map[string]string{"profile": "cic-fixed"},
		Version: "test",
	})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	return w.Body.String()
}

func TestEveryNumberIsServed(t *testing.T) {
	text := serve(t)
	for _, line := range []string{
		`firetower_capture_packets_total 1000`,
		`firetower_capture_dropped_packets_total{stage="kernel"} 3`,
		`firetower_frames_total{result="ARP"} 10`,
		`firetower_last_packet_timestamp_seconds 1.7000000005e+09`,
		`firetower_verdicts_total{class="portscan"} 7`,
		`firetower_behaviour_evictions_total{behaviour="portscan"} 2`,
		`firetower_fragments_orphaned_total 5`,
		`firetower_meter_limited_total{what="fragment"} 6`,
		`firetower_meter_limited_total{what="payload"} 7`,
		`firetower_meter_limited_total{what="segment"} 8`,
		`firetower_incident_evictions_total 9`,
		`firetower_alerts{sink="mail",state="pending"} 2`,
		`firetower_alert_messages_total{outcome="delivered",sink="mail"} 9`,
		`firetower_flow_log_records_total{log="folder",result="written"} 0`,
		`firetower_build_info{version="test"} 1`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("missing: %s", line)
		}
	}
}

// TestNamesFollowTheConventions asks Prometheus' own linter.
func TestNamesFollowTheConventions(t *testing.T) {
	problems, err := promlint.New(strings.NewReader(serve(t))).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if strings.HasPrefix(p.Metric, "firetower_") {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
}
