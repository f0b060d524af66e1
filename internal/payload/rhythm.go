package payload

import "math"

// Rhythm tells how regular a flow's bursts are: a burst is payload after at least
// a second of silence in the flow. A keep-alive or a beacon inside one connection
// has bursts of one size at one distance.
type Rhythm struct {
	last, begun int64 // packet time of the last payload, of the last burst's start
	Bursts      uint16
	Started     [2]uint16 // bursts begun by each side
	Mean, m2    float32   // seconds between bursts
	Size        float32   // mean bytes of a burst's first payload
}

// quiet is the silence in microseconds that separates two bursts.
const quiet = 1_000_000

// observe takes one payload packet; true at bursts worth an event.
func (r *Rhythm) observe(now int64, d int, length uint32) bool {
	silent := now - r.last
	r.last = now
	if r.begun != 0 && silent < quiet {
		return false
	}
	since := r.begun
	r.begun = now
	if r.Bursts == 65535 {
		return false
	}
	r.Bursts++
	r.Started[d]++
	n := float32(r.Bursts)
	r.Size += (float32(length) - r.Size) / n
	if since == 0 {
		return false
	}
	gap := float32(float64(now-since) / 1e6)
	off := gap - r.Mean
	r.Mean += off / (n - 1)
	r.m2 += off * (gap - r.Mean)
	return r.Bursts >= 4
}

// Join adds what a later part of the same conversation showed: the meter parts what
// lasts. The distance between the parts is not known and left out.
func (r *Rhythm) Join(next *Rhythm) {
	if r.Bursts == 0 || next.Bursts == 0 {
		if r.Bursts == 0 {
			*r = *next
		}
		return
	}
	a, b := float32(r.Bursts-1), float32(next.Bursts-1) // distances
	if n := a + b; n > 0 {
		off := next.Mean - r.Mean
		r.Mean += off * b / n
		r.m2 += next.m2 + off*off*a*b/n
	}
	a, b = float32(r.Bursts), float32(next.Bursts)
	r.Size += (next.Size - r.Size) * b / (a + b)
	r.Bursts = uint16(min(65535, int(r.Bursts)+int(next.Bursts)-1))
	for d := range r.Started {
		r.Started[d] = uint16(min(65535, int(r.Started[d])+int(next.Started[d])))
	}
	r.last, r.begun = next.last, next.begun
}

// Jitter is the standard deviation of the distances between bursts over their
// mean; +Inf while there are fewer than two distances.
func (r *Rhythm) Jitter() float64 {
	if r.Bursts < 3 || r.Mean <= 0 {
		return math.Inf(1)
	}
	return math.Sqrt(math.Max(0, float64(r.m2))/float64(r.Bursts-1)) / float64(r.Mean)
}
