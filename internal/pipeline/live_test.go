package pipeline

import (
	"context"
	"testing"
	"time"

	"firetower/internal/capture"
	"firetower/internal/incident"
)

// played is an interface that a test plays.
type played struct {
	batches chan []capture.Frame
	stats   capture.Stats
}

func (p *played) Next(b *capture.Batch) error {
	b.Frames = b.Frames[:0]
	select {
	case frames := <-p.batches:
		b.Frames = append(b.Frames, frames...)
		p.stats.Received += uint64(len(frames))
		p.stats.Delivered = p.stats.Received
	case <-time.After(20 * time.Millisecond):
	}
	return nil
}

func (p *played) Stats() capture.Stats { return p.stats }
func (p *played) Close() error         { return nil }

// scan is a host that is refused at 100 ports, one every 10 ms.
func scan(by string, from time.Time) (frames []capture.Frame) {
	for i := range 100 {
		at := from.Add(time.Duration(i) * 10 * time.Millisecond).UnixMicro()
		frames = append(frames,
			capture.Frame{Time: at, Data: segment(by, "192.0.2.1", 40000, uint16(i+1), 0x02), WireLen: 54, Link: 1},
			capture.Frame{Time: at + 200, Data: segment("192.0.2.1", by, uint16(i+1), 40000, 0x14), WireLen: 54, Link: 1})
	}
	return frames
}

// over counts flows that have ended.
func over(p *Pipeline) (n uint64) {
	s := p.Stats()
	for _, ended := range s.Flows.Ended {
		n += ended
	}
	return n
}

// TestTheClockIsSet lets the machine's clock leap while packets come: what happens
// after is seen as soon as what happened before.
func TestTheClockIsSet(t *testing.T) {
	for name, steps := range map[string][]time.Duration{
		"an hour back":            {time.Hour, 0},
		"an hour on":              {-time.Hour, 0},
		"half a minute back":      {30 * time.Second, 0},
		"a week back":             {7 * 24 * time.Hour, 0},
		"from 1970":               {-time.Since(time.Unix(1000, 0)), 0},
		"on and back and on":      {-time.Hour, time.Hour, 0},
		"back while nothing came": {time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := &played{batches: make(chan []capture.Frame)}
			found := make(chan incident.Incident, 100)
			p := New(DefaultConfig(), nil, Outputs{Incident: func(i incident.Incident) { found <- i }}, quiet)
			ctx, stop := context.WithCancel(context.Background())
			done := make(chan error, 1)
			go func() { done <- p.Live(ctx, src) }()
			names := []string{"203.0.113.1", "203.0.113.2", "203.0.113.3"}
			for i, step := range steps {
				src.batches <- scan(names[i], time.Now().Add(step))
				for actor := ""; actor != names[i]; {
					select {
					case got := <-found:
						actor = got.Actors[0]
					case <-time.After(10 * time.Second):
						t.Fatalf("step %d: nothing is found", i)
					}
				}
			}
			// What was refused is over two seconds later, by any clock.
			for end := time.Now().Add(10 * time.Second); over(p) < uint64(100*len(steps)); time.Sleep(50 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatalf("%d of %d flows have ended", over(p), 100*len(steps))
				}
			}
			stop()
			if err := <-done; err != nil {
				t.Error(err)
			}
			s := p.Stats()
			if n := uint64(100 * len(steps)); s.Flows.Flows != n || over(p) != n || s.Capture.Received != 2*n {
				t.Errorf("%d flows begun, %d ended, %d packets of %d flows", s.Flows.Flows, over(p), s.Capture.Received, n)
			}
		})
	}
}
