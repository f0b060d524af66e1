package behaviour

// fewNeighbours is from how many targets on a flood is one of their network.
const fewNeighbours = 8

// judgeMirrored looks for replies of amplifiers that nobody asked for. Where one host
// may well get many from one server, and the capture hold the answers only, one
// server has to send ten times as many, or large answers to one and the same question.
func (b *flood) judgeMirrored(k place, o *onslaught) string {
	w := &o.window
	many, one := b.cfg.Mirrored, b.cfg.Mirrored
	if k.kind == mirroredNet {
		if o.parts[1].Count() < fewNeighbours { // then each of them is told by itself
			return ""
		}
		many, one = 10*many, 10*one
	}
	least := uint64(200)
	if streams(k.port) {
		one *= 10
	} else {
		many, least = o.few(w.in, many), 100
	}
	switch large := w.payload >= 800*uint64(w.in); {
	case k.port == 53 && !large:
		many, one = 3*many, 3*one
	case k.port == 53 && o.named.Count() == 1:
		one = 2 * many
	}
	// Devices answer a search at the one port that it came from, and not across networks.
	found := discovers(k.port) && k.kind == mirrored && o.sources.count() >= 5 && w.in >= 3*many && w.begun*10 >= w.in*9
	switch {
	case found && w.out == 0:
		return "reflection"
	case w.out*20 > w.in || w.payload < least*uint64(w.in):
		return ""
	case o.sources.count() >= 5 && w.in >= many, w.in >= one:
		return "reflection"
	}
	return ""
}

// judgeMirroredTCP looks for SYN+ACKs, or pages, of many servers that nobody asked for.
// Who connects to servers, or scans them, hears of each once or twice, and not of
// hundreds that go on. Connections begun before the capture are gone after a while.
func (b *flood) judgeMirroredTCP(o *onslaught) string {
	w := &o.window
	n := o.sources.count()
	switch {
	case n < mostSources:
	case w.swapped >= b.cfg.HalfOpen && (w.swapped >= 3*n || w.swapped >= 5*b.cfg.HalfOpen) && w.opened*5 < w.swapped,
		w.lone >= b.cfg.HalfOpen && w.lone*10 >= w.begun*8 && o.total.in > w.in:
		return "reflection"
	}
	return ""
}

// judgeAnywhere looks for packets under made-up addresses to made-up addresses, each
// another, as fill the tables of switches. A telescope hears strangers too, but its
// own addresses are of one network.
func (b *flood) judgeAnywhere(o *onslaught) string {
	n := o.window.in
	if n >= b.cfg.HalfOpen && o.sources.count()*10 >= n*9 && min(o.parts[0].Count(), o.parts[1].Count()) >= madeUp {
		return "flood under made-up addresses"
	}
	return ""
}

// madeUp is how many first bytes addresses have that are drawn at random, at least.
const madeUp = 60

// amplifies says whether a UDP port is one of the services that amplify, after
// US-CERT TA14-017A and its additions.
func amplifies(port uint16) bool {
	switch port {
	case 17, 19, 53, 69, 111, 123, 137, 161, 177, 389, 427, 500, 520, 1434, 1604, 1900, 3283, 3702, 5093, 5351, 5353, 5683,
		10001, 10074, 11211, 26000, 27015, 27960, 30120, 32410, 32414, 33848, 37810, 64738:
		return true
	}
	return false
}

// streams says which of them honest clients hear a lot from: names, management,
// games, voice, and what was asked by multicast.
func streams(port uint16) bool {
	return port == 53 || port == 161 || port == 26000 || port == 27015 || port == 27960 || port == 30120 || port == 64738 || discovers(port)
}
