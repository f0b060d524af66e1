package pipeline

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"firetower/demo"
	"firetower/internal/attack"
	"firetower/internal/capture"
	"firetower/internal/detect"
	"firetower/internal/feature"
	"firetower/internal/flow"
	"firetower/internal/incident"
)

var quiet = slog.New(slog.DiscardHandler)

func bundled(t *testing.T) *detect.Judge {
	t.Helper()
	m, err := detect.Bundled()
	if err != nil {
		t.Fatal(err)
	}
	j, err := detect.NewJudge(m, flow.CICFixed)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func readDemo(t *testing.T, out Outputs) *Pipeline {
	t.Helper()
	p := New(DefaultConfig(), bundled(t), out, quiet)
	err := p.Read(context.Background(), func(cfg capture.Config) (capture.Source, error) {
		return capture.NewReader("demo", demo.Capture(), cfg)
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestAReplayGivesTheSameIncidents: ids, numbers and words depend on packets alone.
func TestAReplayGivesTheSameIncidents(t *testing.T) {
	first, second := readDemo(t, Outputs{}).Incidents(), readDemo(t, Outputs{}).Incidents()
	if len(first) == 0 || !reflect.DeepEqual(first, second) {
		t.Errorf("first %+v\nsecond %+v", first, second)
	}
}

// TestTheCountersAddUp: every frame received is accounted for at each stage.
func TestTheCountersAddUp(t *testing.T) {
	ended := uint64(0)
	p := readDemo(t, Outputs{Flow: func(*flow.Record, detect.Verdict) { ended++ }})
	s := p.Stats()
	if c := s.Capture; c.Received != c.Delivered+c.Filtered+c.Unreadable {
		t.Errorf("capture: %+v", c)
	}
	if s.Packets.Total() != s.Capture.Delivered {
		t.Errorf("decoded %d of %d", s.Packets.Total(), s.Capture.Delivered)
	}
	if s.Flows.Packets != s.Packets[0] {
		t.Errorf("metered %d of %d", s.Flows.Packets, s.Packets[0])
	}
	if ended != s.Flows.Flows {
		t.Errorf("%d flows ended of %d", ended, s.Flows.Flows)
	}
	judged := uint64(0)
	for _, n := range s.Verdicts {
		judged += n
	}
	if judged != ended {
		t.Errorf("%d verdicts on %d flows", judged, ended)
	}
}

// rows is a CSV of a scan: n refused connections to as many ports.
func rows(t *testing.T, n int) (header string, lines []string) {
	t.Helper()
	s := feature.For(flow.CICFixed)
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	table := flow.New(flow.DefaultConfig())
	var batch flow.Batch
	var frames []capture.Frame
	for i := range n {
		now := at.Add(time.Duration(i) * 10 * time.Millisecond).UnixMicro()
		frames = append(frames,
			capture.Frame{Time: now, Data: segment("203.0.113.9", "192.0.2.1", 40000, uint16(i+1), 0x02), WireLen: 54, Link: 1},
			capture.Frame{Time: now + 200, Data: segment("192.0.2.1", "203.0.113.9", uint16(i+1), 40000, 0x14), WireLen: 54, Link: 1})
	}
	sensor := NewSensor(flow.DefaultConfig())
	sensor.table = table
	sensor.Sense(frames, &batch)
	table.Flush(&batch)
	for i := range batch.Events {
		if batch.Events[i].Kind == flow.Ended {
			lines = append(lines, string(s.AppendRow(nil, &batch.Events[i].Record)))
		}
	}
	return string(s.AppendHeader(nil)), lines
}

// segment is an Ethernet frame with one TCP segment.
func segment(src, dst string, srcPort, dstPort uint16, flags byte) []byte {
	b := make([]byte, 54)
	b[12], b[13] = 8, 0
	ip := b[14:]
	ip[0], ip[8], ip[9] = 0x45, 64, 6
	binary.BigEndian.PutUint16(ip[2:], 40)
	copy(ip[12:], netip.MustParseAddr(src).AsSlice())
	copy(ip[16:], netip.MustParseAddr(dst).AsSlice())
	tcp := ip[20:]
	binary.BigEndian.PutUint16(tcp, srcPort)
	binary.BigEndian.PutUint16(tcp[2:], dstPort)
	tcp[12], tcp[13] = 0x50, flags
	return b
}

func wantScan(t *testing.T, incidents []incident.Incident) {
	t.Helper()
	if len(incidents) != 1 || incidents[0].Class != attack.PortScan || incidents[0].Actors[0] != "203.0.113.9" {
		t.Errorf("incidents %+v", incidents)
	}
}

func TestFlowRecordsAsInput(t *testing.T) {
	header, lines := rows(t, 100)
	path := filepath.Join(t.TempDir(), "flows.csv")
	bad := "not,a,row\n"
	if err := os.WriteFile(path, []byte(header+strings.Join(lines, "")+bad), 0o600); err != nil {
		t.Fatal(err)
	}
	if !IsRows(path) {
		t.Error("not recognised as flow records")
	}
	p := New(DefaultConfig(), nil, Outputs{}, quiet)
	if err := p.Rows(context.Background(), []string{path}, judgeOf(t)); err != nil {
		t.Fatal(err)
	}
	wantScan(t, p.Incidents())
	if s := p.Stats(); s.Rows != 101 || s.Flows.Flows != 100 {
		t.Errorf("rows %d, flows %d", s.Rows, s.Flows.Flows)
	}
}

func judgeOf(t *testing.T) JudgeOf {
	return func(profile flow.Profile) (*detect.Judge, error) {
		m, err := detect.Bundled()
		if err != nil {
			t.Fatal(err)
		}
		return detect.NewJudge(m, profile)
	}
}

// TestRowsOfAnotherProfileAreNotJudged: a model must not be shown numbers that mean
// something else; the behaviours still look.
func TestRowsOfAnotherProfileAreNotJudged(t *testing.T) {
	var names []string
	for _, c := range feature.For(flow.CIC2017).Columns {
		names = append(names, c.Old)
	}
	p, err := newRowParser(names, judgeOf(t))
	if err != nil {
		t.Fatal(err)
	}
	if p.judge != nil || p.unjudged == nil || !strings.Contains(p.unjudged.Error(), "cic-fixed") {
		t.Errorf("judge %v, why not: %v", p.judge, p.unjudged)
	}
}

func TestRowsThatAreNone(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct{ text, want string }{
		"empty.csv":   {"", "header"},
		"other.csv":   {"a,b\n1,2\n", "Src IP"},
		"garbage.csv": {"Src IP,Dst IP,Flow Duration,Total Fwd Packet,Total Bwd packets,Protocol\nx\ny\nz\n", "cannot be read"},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		err := New(DefaultConfig(), nil, Outputs{}, quiet).Rows(context.Background(), []string{path}, judgeOf(t))
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v does not name the file and %q", name, err, c.want)
		}
	}
}

// TestFollow writes a file as a meter does, line by line and cut in mid-line, and one
// more file later.
func TestFollow(t *testing.T) {
	header, lines := rows(t, 100)
	dir := t.TempDir()
	ctx, stop := context.WithTimeout(context.Background(), 30*time.Second)
	defer stop()
	found := make(chan incident.Incident, 100)
	p := New(DefaultConfig(), nil, Outputs{Incident: func(i incident.Incident) { found <- i }}, quiet)
	done := make(chan error, 1)
	go func() { done <- p.Follow(ctx, dir, judgeOf(t)) }()

	first := strings.Join(lines[:3], "")
	write(t, filepath.Join(dir, "a.csv"), header+first+lines[3][:20])
	time.Sleep(2 * followEvery)
	write(t, filepath.Join(dir, "a.csv"), lines[3][20:]+strings.Join(lines[4:50], ""))
	write(t, filepath.Join(dir, "b.csv"), header+strings.Join(lines[50:], ""))
	select {
	case i := <-found:
		if i.Class != attack.PortScan {
			t.Errorf("found %+v", i)
		}
	case <-ctx.Done():
		t.Error("nothing was found")
	}
	for p.Stats().Rows < 50 && ctx.Err() == nil { // a scan is found before all is read
		time.Sleep(followEvery / 10)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	wantScan(t, p.Incidents())
	if n := p.Stats().Rows; n < 50 {
		t.Errorf("%d rows were read", n)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(f, text); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestACanceledRunEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := New(DefaultConfig(), nil, Outputs{}, quiet).Read(ctx, func(cfg capture.Config) (capture.Source, error) {
		return capture.NewReader("demo", demo.Capture(), cfg)
	})
	if err == nil {
		t.Error("no error")
	}
}

func TestAFileThatFailsNamesItself(t *testing.T) {
	err := New(DefaultConfig(), nil, Outputs{}, quiet).Read(context.Background(), File("no-such.pcap"))
	if err == nil || !strings.Contains(fmt.Sprint(err), "no-such.pcap") {
		t.Errorf("error %v", err)
	}
}
