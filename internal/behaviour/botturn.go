package behaviour

// inTurn counts servers that were asked one after another, as an implant tries its
// controllers, apart from those asked at once, as the hosts of a page are.
type inTurn struct {
	known         distinct
	apart, beside int
	last          int64 // first contact with the latest
}

// atOnce is how many microseconds apart the hosts of one page are asked at most.
const atOnce = 5_000_000

func (t *inTurn) add(server uint64, first int64) {
	if !t.known.add(server) {
		return
	}
	if t.last != 0 && first-t.last < atOnce {
		t.beside++
	} else {
		t.apart++
	}
	t.last = max(t.last, first)
}

// page is true where most were asked at once.
func (t *inTurn) page() bool { return t.beside >= max(1, t.apart) }

// several is true for three servers in turn.
func (t *inTurn) several() bool { return t.apart >= several && !t.page() }
