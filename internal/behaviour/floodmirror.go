package behaviour

// judgeMirrored looks for replies of amplifiers that nobody asked for. Where one host
// may well get many from one server, and the capture hold the answers only, one
// server has to send ten times as many, or large answers to one and the same question.
func (b *flood) judgeMirrored(k place, o *onslaught) string {
	w := &o.window
	many, one := b.cfg.Mirrored, b.cfg.Mirrored
	if streams(k.port) {
		one *= 10
	}
	switch large := w.payload >= 800*uint64(w.in); {
	case k.port == 53 && !large:
		many, one = 3*many, 3*one
	case k.port == 53 && o.named.Count() == 1:
		one = 2 * many
	}
	switch {
	case w.out*20 > w.in || w.payload < 200*uint64(w.in):
		return ""
	case o.sources.count() >= 5 && w.in >= many, w.in >= one:
		return "reflection"
	}
	return ""
}

// judgeMirroredTCP looks for SYN+ACKs that nobody asked for, several from each of many
// servers. Who connects to them, or scans them, hears of each once or twice.
func (b *flood) judgeMirroredTCP(o *onslaught) string {
	w := &o.window
	n := o.sources.count()
	if w.swapped >= b.cfg.HalfOpen && n >= mostSources && w.swapped >= 3*n && w.opened*5 < w.swapped {
		return "reflection"
	}
	return ""
}

// amplifies says whether a UDP port is one of the services that amplify, after
// US-CERT TA14-017A and its additions.
func amplifies(port uint16) bool {
	switch port {
	case 17, 19, 53, 69, 111, 123, 137, 161, 177, 389, 427, 500, 520, 1434, 1604, 1900, 3283, 3702, 5093, 5351, 5353, 5683,
		10001, 10074, 11211, 27015, 30120, 32410, 32414, 33848, 37810, 64738:
		return true
	}
	return false
}

// streams says which of them honest clients hear a lot from: names, management,
// games, voice, and what was asked by multicast.
func streams(port uint16) bool {
	return port == 53 || port == 161 || port == 27015 || port == 30120 || port == 64738 || discovers(port)
}
