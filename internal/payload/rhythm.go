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
	Size, sizes float32   // bytes of a burst's first payload, and its spread's sum
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
	off := float32(length) - r.Size
	r.Size += off / n
	r.sizes += off * (float32(length) - r.Size)
	if since == 0 {
		return false
	}
	gap := float32(float64(now-since) / 1e6)
	off = gap - r.Mean
	r.Mean += off / (n - 1)
	r.m2 += off * (gap - r.Mean)
	return r.Bursts >= 4
}

// Jitter is the standard deviation of the distances between bursts over their
// mean; +Inf while there are fewer than two distances.
func (r *Rhythm) Jitter() float64 {
	if r.Bursts < 3 || r.Mean <= 0 {
		return math.Inf(1)
	}
	return math.Sqrt(math.Max(0, float64(r.m2))/float64(r.Bursts-1)) / float64(r.Mean)
}

// SizeJitter is the standard deviation of the bursts' first sizes over their mean.
func (r *Rhythm) SizeJitter() float64 {
	if r.Bursts < 2 || r.Size <= 0 {
		return math.Inf(1)
	}
	return math.Sqrt(math.Max(0, float64(r.sizes))/float64(r.Bursts)) / float64(r.Size)
}
