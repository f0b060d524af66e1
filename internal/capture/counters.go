package capture

import "sync"

// counters are the Stats of a Source, kept a batch at a time.
type counters struct {
	mu    sync.Mutex
	stats Stats
}

// Stats implements Source.
func (c *counters) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stats
}

// count notes frames received and those of them that were delivered.
func (c *counters) count(received uint64, delivered []Frame) {
	var bytes uint64
	for i := range delivered {
		bytes += uint64(delivered[i].WireLen)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stats.Received += received
	c.stats.Delivered += uint64(len(delivered))
	c.stats.Filtered += received - uint64(len(delivered))
	c.stats.Bytes += bytes
}

// unreadable notes a frame of a link type that cannot be read.
func (c *counters) unreadable() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stats.Received++
	c.stats.Unreadable++
}

// dropped notes losses that a source reports as totals.
func (c *counters) dropped(kernel, iface uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stats.DroppedKernel, c.stats.DroppedInterface = kernel, iface
}

func (c *counters) setCut(cut *Cut) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stats.Cut = cut
}
