package flow

import "firetower/internal/packet"

// reasonOf is why a flow ends: its own close if it had one, else otherwise.
func (e *entry) reasonOf(otherwise EndReason) EndReason {
	switch {
	case e.close == ready && !(e.has(finForward) && e.has(finBackward)):
		return Reset
	case e.close >= twoFIN:
		return Closed
	}
	return otherwise
}

// finish reports the end of a flow and frees what only its numbers needed.
func (t *Table) finish(e *entry, why EndReason, out *Batch) {
	if e.has(ended) {
		return
	}
	e.bits |= ended
	t.stats.Ended[why]++
	t.emit(Ended, why, e, out)
	if e.state != 0 {
		t.states.release(e.state)
		e.state = 0
	}
	if e.signals != 0 {
		t.signals.release(e.signals)
		e.signals = 0
	}
}

// forget clears what a new connection must not inherit.
func (t *Table) forget(e *entry) {
	e.since = 0
	t.lose(e)
}

// drop takes an entry out of the table.
func (t *Table) drop(i uint32) {
	e := t.entries.at(i)
	t.forget(e)
	t.index.remove(e.hash, i)
	t.unlink(i)
	t.entries.release(i)
}

// resumes says whether the next flow of an ended one's conversation depends on it.
func (t *Table) resumes(e *entry) bool {
	if t.cfg.Profile != CICFixed || t.idle > 0 && t.now-e.last >= t.idle {
		return false
	}
	switch e.tuple.Proto {
	case packet.TCP:
		return true
	case packet.UDP:
		return t.now-e.last <= t.active
	}
	return false
}

// emit appends an event with the flow's record as it stands.
func (t *Table) emit(kind Kind, why EndReason, e *entry, out *Batch) {
	ev := out.next()
	ev.Kind, ev.Time = kind, t.now
	r := &ev.Record
	*r = Record{
		ID: e.id, Tuple: e.tuple, VLAN: e.vlan, ICMPType: e.icmpType, ICMPCode: e.icmpCode,
		Header: e.header, Window: e.window, Since: e.since, Repeated: e.has(repeated), FirstSize: e.size,
		Start: e.start, Last: e.last,
		Established: e.has(established), MidStream: e.has(midStream),
		Swapped: e.has(swapped), Unreachable: e.has(unreachable), Broken: e.has(broken), Tunnelled: e.has(tunnelled), Reason: why,
	}
	if e.signals != 0 {
		r.Signals = out.signal(t.signals.at(e.signals))
	}
	if e.state == 0 {
		d := &r.Fwd
		if e.has(firstBackward) {
			d = &r.Bwd
		}
		p := e.first()
		d.add(&p)
		return
	}
	s := t.states.at(e.state)
	r.Fwd, r.Bwd = s.fwd, s.bwd
	if kind != Started {
		r.Detail = out.detail(&s.detail)
	}
}
