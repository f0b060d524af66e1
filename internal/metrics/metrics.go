// Package metrics offers the daemon's counters to Prometheus. It reads what the
// stages count themselves and keeps no counts of its own; labels are bounded, so no
// address ever becomes one.
package metrics

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"firetower/internal/alert"
	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/flowlog"
	"firetower/internal/packet"
	"firetower/internal/pipeline"
)

// Sources are where the numbers come from; a nil one is left out.
type Sources struct {
	Pipeline func() pipeline.Stats
	FlowLogs map[string]*flowlog.Log // by name
	Alerts   func(context.Context) alert.Status
	Model    map[string]string // labels of firetower_model_info
	Version  string
}

// Handler serves the metrics.
func Handler(s Sources) http.Handler {
	r := prometheus.NewRegistry()
	r.MustRegister(collector{s}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return promhttp.HandlerFor(r, promhttp.HandlerOpts{})
}

type collector struct{ s Sources }

// desc declares one metric.
func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("firetower_"+name, help, labels, nil)
}

var (
	received    = desc("capture_packets_total", "Frames received by the capture.")
	bytes       = desc("capture_bytes_total", "Bytes on the wire of the frames received.")
	dropped     = desc("capture_dropped_packets_total", "Frames lost before they were received, by where.", "stage")
	frames      = desc("frames_total", "Frames by what became of them in decoding.", "result")
	lastPacket  = desc("last_packet_timestamp_seconds", "Time of the latest packet; far in the past means blind.")
	flows       = desc("flows_total", "Flows begun.")
	active      = desc("flows_active", "Flows and remembered conversations in the table.")
	limit       = desc("flows_limit", "The most that the table holds.")
	ended       = desc("flows_ended_total", "Flows ended, by reason.", "reason")
	evicted     = desc("flow_evictions_total", "Flows ended because the table was full.")
	limited     = desc("meter_limited_total", "What the meter gave up because of its limits: payload not looked into, TCP segments and first fragments not remembered.", "what")
	orphans     = desc("fragments_orphaned_total", "Later fragments of IP packets whose first one is not known.")
	verdicts    = desc("verdicts_total", "Ended flows by the forest's class.", "class")
	entries     = desc("behaviour_entries", "Hosts, pairs or services that a behaviour remembers.", "behaviour")
	entryLimit  = desc("behaviour_entries_limit", "The most that a behaviour remembers.", "behaviour")
	forgotten   = desc("behaviour_evictions_total", "Entries that a behaviour gave up because of its limit.", "behaviour")
	findings    = desc("findings_total", "Findings by behaviour.", "behaviour")
	ignored     = desc("findings_ignored_total", "Findings about hosts that the configuration says to ignore.")
	incidents   = desc("incidents", "Incidents held by the correlator.")
	released    = desc("incident_evictions_total", "Incidents that the correlator let go of because of its limit.")
	recorded    = desc("incident_revisions_recorded_total", "Revisions of incidents that are in the store.")
	suppressed  = desc("incident_revisions_suppressed_total", "Revisions that a suppression silenced.")
	backlog     = desc("store_backlog_incidents", "Incidents that are in memory only, because the store does not take them.")
	lost        = desc("store_lost_incidents_total", "Incidents lost because the store was away and the backlog full.")
	alerts      = desc("alerts", "Alerts in the outbox by sink and state.", "sink", "state")
	messages    = desc("alert_messages_total", "Messages by sink and outcome.", "sink", "outcome")
	flowRecords = desc("flow_log_records_total", "Flow records by where they go and what became of them.", "log", "result")
	modelInfo   = prometheus.NewDesc("firetower_model_info", "The model in use.", []string{"profile", "fingerprint", "source"}, nil)
	buildInfo   = desc("build_info", "The program.", "version")
)

// Describe is unchecked: the set of metrics depends on the sources.
func (collector) Describe(chan<- *prometheus.Desc) {}

// Collect reads every source once.
func (c collector) Collect(out chan<- prometheus.Metric) {
	if c.s.Pipeline != nil {
		collectPipeline(c.s.Pipeline(), out)
	}
	for name, l := range c.s.FlowLogs {
		s := l.Stats()
		counter(out, flowRecords, s.Written, name, "written")
		counter(out, flowRecords, s.Dropped, name, "dropped")
		counter(out, flowRecords, s.Failed, name, "failed")
	}
	if c.s.Alerts != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		collectAlerts(c.s.Alerts(ctx), out)
	}
	if m := c.s.Model; m != nil {
		gauge(out, modelInfo, 1, m["profile"], m["fingerprint"], m["source"])
	}
	gauge(out, buildInfo, 1, c.s.Version)
}

func collectPipeline(s pipeline.Stats, out chan<- prometheus.Metric) {
	counter(out, received, s.Capture.Received)
	counter(out, bytes, s.Capture.Bytes)
	counter(out, dropped, s.Capture.DroppedKernel, "kernel")
	counter(out, dropped, s.Capture.DroppedInterface, "interface")
	for v := packet.Verdict(0); v < packet.NumVerdicts; v++ {
		counter(out, frames, s.Packets[v], v.String())
	}
	gauge(out, lastPacket, float64(s.Last)/1e6)
	counter(out, flows, s.Flows.Flows)
	gauge(out, active, float64(s.Flows.Entries))
	gauge(out, limit, float64(s.Flows.Limit))
	for r := flow.NotEnded + 1; r <= flow.Evicted; r++ {
		counter(out, ended, s.Flows.Ended[r], r.String())
	}
	counter(out, evicted, s.Flows.Evictions)
	counter(out, limited, s.Flows.Unread, "payload")
	counter(out, limited, s.Flows.Forgotten, "segment")
	counter(out, limited, s.Fragments.Evicted, "fragment")
	counter(out, orphans, s.Fragments.Orphans)
	for _, class := range append(attack.Classes(), attack.Benign) {
		counter(out, verdicts, s.Verdicts[class], string(class))
	}
	for name, b := range s.Behaviours {
		gauge(out, entries, float64(b.Entries), name)
		gauge(out, entryLimit, float64(b.Limit), name)
		counter(out, forgotten, b.Evictions, name)
		counter(out, findings, b.Findings, name)
	}
	counter(out, ignored, s.Ignored)
	gauge(out, incidents, float64(s.Incidents))
	counter(out, released, s.Released)
}

func collectAlerts(s alert.Status, out chan<- prometheus.Metric) {
	counter(out, recorded, s.Recorded)
	counter(out, suppressed, s.Suppressed)
	gauge(out, backlog, float64(s.Backlog))
	counter(out, lost, s.Lost)
	for _, sink := range s.Sinks {
		gauge(out, alerts, float64(sink.Pending), sink.Sink, "pending")
		gauge(out, alerts, float64(sink.Held), sink.Sink, "held")
		gauge(out, alerts, float64(sink.Failing), sink.Sink, "failing")
		counter(out, messages, sink.Messages, sink.Sink, "delivered")
		counter(out, messages, sink.Failures, sink.Sink, "failed")
	}
}

func counter(out chan<- prometheus.Metric, d *prometheus.Desc, n uint64, labels ...string) {
	out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
}

func gauge(out chan<- prometheus.Metric, d *prometheus.Desc, v float64, labels ...string) {
	out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
}
