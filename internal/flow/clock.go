package flow

// clock moves packet time on. Time stamps of damaged or joined captures may leap: one
// more than a day ahead counts only if the next packet agrees with it, and when many
// packets in a row are more than a day behind, another capture has begun.
func (t *Table) clock(now int64, out *Batch) {
	if now >= t.now {
		if now-t.now > leap && t.now != 0 && (now-t.leapt > leap || t.leapt-now > leap) {
			t.leapt = now
			return
		}
		t.behind = 0
		t.Advance(now, out)
		return
	}
	t.stats.Disordered++
	if t.now-now <= leap {
		return
	}
	if t.behind++; t.behind == leapBack {
		t.Flush(out)
		t.now, t.behind = now, 0
	}
}

const (
	leap     = 24 * 3600 * 1_000_000
	leapBack = 256
)
