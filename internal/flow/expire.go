package flow

// singleLife is how long a flow of one packet waits for its second.
func (t *Table) singleLife() int64 {
	if t.idle > 0 && t.idle < t.active {
		return t.idle
	}
	return t.active
}

// Advance tells the table the packet time, so that flows end although no packet
// comes. It costs nothing while nothing is due.
func (t *Table) Advance(now int64, out *Batch) {
	if now <= t.now {
		return
	}
	t.now = now
	for i := t.due(closed); i != 0; i = t.due(closed) {
		t.drop(i)
	}
	if t.idle > 0 {
		for i := t.due(talks); i != 0; i = t.due(talks) {
			t.drop(i)
		}
	}
	for i := t.due(singles); i != 0; i = t.due(singles) {
		if e := t.entries.at(i); t.now-e.start > t.singleLife() {
			t.expire(i, out)
		} else { // it began ahead of the clock
			e.due = t.now + t.singleLife()
			t.move(singles, i)
		}
	}
	for i := t.due(running); i != 0; i = t.due(running) {
		t.check(i, out)
	}
}

// due gives the head of a list if its time has come, else 0.
func (t *Table) due(id listID) uint32 {
	i := t.lists[id].head
	if i == 0 || t.entries.at(i).due >= t.now {
		return 0
	}
	return i
}

// check looks at a running flow.
func (t *Table) check(i uint32, out *Batch) {
	e := t.entries.at(i)
	silent := t.now - e.last
	switch {
	case t.linger > 0 && e.close >= twoFIN && silent >= t.linger:
		t.finish(e, e.reasonOf(Closed), out)
		e.due = t.now + swallow
		t.move(closed, i)
	case t.now-e.start > t.active || t.idle > 0 && silent >= t.idle:
		t.expire(i, out)
	default:
		e.due = t.now + checkEvery
		t.move(running, i)
	}
}

// expire ends a flow whose time is over and keeps what a flow that follows it in
// the same conversation needs to know.
func (t *Table) expire(i uint32, out *Batch) {
	e := t.entries.at(i)
	why := Active
	if t.idle > 0 && e.last+t.idle <= e.start+t.active {
		why = Idle
	}
	t.finish(e, e.reasonOf(why), out)
	if t.resumes(e) {
		e.due = t.now + t.idle
		t.move(talks, i)
		return
	}
	t.drop(i)
}

// Flush ends every flow. The order depends on the packets alone.
func (t *Table) Flush(out *Batch) {
	for t.Drain(out, 1<<30) {
		continue
	}
}

// Drain ends at most so many flows and says whether there are more: Flush for a
// full table, in pieces that a batch can hold.
func (t *Table) Drain(out *Batch, most int) (more bool) {
	for _, id := range [...]listID{closed, talks, running, singles} {
		for i := t.lists[id].head; i != 0; i = t.lists[id].head {
			if most--; most < 0 {
				return true
			}
			e := t.entries.at(i)
			t.finish(e, e.reasonOf(Flushed), out)
			t.drop(i)
		}
	}
	return false
}

// evict makes room for one flow.
func (t *Table) evict(out *Batch) {
	t.stats.Evictions++
	for _, id := range []listID{closed, talks, singles} {
		if i := t.lists[id].head; i != 0 {
			t.finish(t.entries.at(i), Evicted, out)
			t.drop(i)
			return
		}
	}
	t.evictRunning(out)
}

// evictRunning ends one flow of more than one packet.
func (t *Table) evictRunning(out *Batch) {
	const sample = 16
	var victim uint32
	i := t.lists[running].head
	for n := 0; n < sample && i != 0; n++ {
		if victim == 0 || t.entries.at(i).last < t.entries.at(victim).last {
			victim = i
		}
		i = t.entries.at(i).next
	}
	if victim != 0 {
		t.finish(t.entries.at(victim), Evicted, out)
		t.drop(victim)
	}
}
