package payload

import "bytes"

// cheapZones are top-level domains and dynamic DNS zones in which malware is over-
// represented (Spamhaus' and Interisle's yearly tables); weak evidence.
var cheapZones = []string{".top", ".xyz", ".tk", ".ml", ".ga", ".cf", ".gq", ".pw", ".cc", ".su", ".ws", ".info", ".biz", ".ru",
	".cn", ".club", ".online", ".site", ".space", ".icu", ".bid", ".win", ".loan", ".name", ".co.cc", ".onion", ".bit"}

// dynamicZones are those in which anybody gives a name to an address of the moment,
// and of tunnels to whoever has none (the public suffix list's private part).
var dynamicZones = []string{".no-ip.org", ".no-ip.biz", ".no-ip.info", ".no-ip.net", ".ddns.net", ".ddns.me", ".ddnsking.com", ".hopto.org", ".hopto.me", ".zapto.org",
	".sytes.net", ".servehttp.com", ".serveftp.com", ".servegame.com", ".serveblog.net", ".servebeer.com", ".serveminecraft.net", ".myftp.org", ".myftp.biz", ".myvnc.com", ".redirectme.net", ".bounceme.net",
	".onthewifi.com", ".gotdns.ch", ".webhop.me", ".viewdns.net", ".3322.org", ".f3322.net", ".8800.org", ".8866.org", ".2288.org", ".gicp.net", ".vicp.net", ".dyndns.org",
	".dyndns.biz", ".dyndns.info", ".homeip.net", ".duckdns.org", ".changeip.com", ".linkpc.net", ".publicvm.com", ".dynu.net", ".freeddns.org", ".kozow.com", ".accesscam.org", ".camdvr.org", ".casacam.net",
	".giize.com", ".ddnsfree.com", ".ddnsgeek.com", ".mywire.org", ".webredirect.org", ".gleeze.com", ".loseyourip.com", ".ooguy.com", ".theworkpc.com", ".mooo.com", ".chickenkiller.com", ".strangled.net", ".crabdance.com", ".ignorelist.com", ".dynv6.net", ".portmap.io", ".portmap.host",
	".ngrok.io", ".ply.gg", ".localto.net", ".serveo.net", ".loclx.io", ".at.remote.it"}

// lookups are services that tell a caller its own address.
var lookups = vocabularyOf([]string{"checkip.dyndns", "icanhazip", "ipify", "myexternalip", "wtfismyip", "whatismyip", "ipinfo.io", "ip-api.com",
	"ifconfig.me", "ipecho", "ident.me", "showmyip", "myip.", "checkip.amazonaws", "ipaddress.com", "freegeoip", "ip-addr.es", "curlmyip", "telize"})

// nameMarks judges a host name.
func nameMarks(host []byte) Marks {
	var m Marks
	if RandomName(host) {
		m |= RandomHost
	}
	if inZone(host, dynamicZones) || inZone(host, cheapZones) {
		m |= CheapDomain
	}
	if lookups.in(host) {
		m |= AddressLookup
	}
	return m
}

// inZone says whether the name ends in one of the zones.
func inZone(host []byte, zones []string) bool {
	for _, z := range zones {
		if len(host) > len(z) && foldPrefix(host[len(host)-len(z):], z) {
			return true
		}
	}
	return false
}

// RandomName says whether the registered label of a host name looks generated:
// long enough to tell, and of letter pairs or digit mixes that no words have.
func RandomName(host []byte) bool {
	label := registered(host)
	if len(label) < 7 {
		return false
	}
	letters, digits, vowels, switches, rare, pairs := 0, 0, 0, 0, 0, 0
	run, longest := 0, 0
	for i, c := range label {
		c = lower(c)
		switch {
		case letter(c):
			letters++
			if vowel(c) {
				vowels++
				run = 0
			} else {
				run++
				longest = max(longest, run)
			}
			if i > 0 && letter(label[i-1]) {
				pairs++
				if !commonPair(lower(label[i-1]), c) {
					rare++
				}
			}
		case digit(c):
			digits++
			run = 0
		default:
			return false // a hyphen: generators use none, people do
		}
		if i > 0 && digit(c) != digit(label[i-1]) {
			switches++
		}
	}
	if switches >= 4 && letters >= 3 && digits >= 3 || hexadecimal(label) && digits >= 3 && letters >= 2 && len(label) >= 8 {
		return true
	}
	if pairs < 6 {
		return false
	}
	share := float64(rare) / float64(pairs)
	lean := float64(vowels) / float64(letters)
	return share >= 0.35 || share >= 0.25 && (longest >= 5 || lean < 0.2) || longest >= 7 || len(label) >= 24 && lean < 0.3 && share > 0.2
}

// hexadecimal says whether a label is a number in base 16.
func hexadecimal(label []byte) bool {
	for _, c := range label {
		if unhex(c) < 0 {
			return false
		}
	}
	return true
}

// registered gives the label that somebody registered: the one before the top-
// level domain, or before a two-part one such as co.uk.
func registered(host []byte) []byte {
	host = bytes.TrimSuffix(host, []byte("."))
	end := bytes.LastIndexByte(host, '.')
	if end < 0 {
		return host
	}
	rest := host[:end]
	i := bytes.LastIndexByte(rest, '.')
	label := rest[i+1:]
	if i > 0 && len(label) <= 3 { // co.uk, com.br
		rest = rest[:i]
		label = rest[bytes.LastIndexByte(rest, '.')+1:]
	}
	return label
}

func vowel(c byte) bool {
	switch c {
	case 'a', 'e', 'i', 'o', 'u', 'y':
		return true
	}
	return false
}

// commonPair says whether the pair of lower-case letters is usual.
func commonPair(a, b byte) bool { return bytes.IndexByte(follows[a-'a'], b) >= 0 }

// follows lists for each letter those that often come next in words and in the
// names that people register.
var follows = [26][]byte{
	[]byte("bcdefgiklmnprstuvwxyz"), []byte("abeilorsuytc"), []byte("aehikloprtuyscn"), []byte("aeiorsuydngmw"),
	[]byte("abcdefgiklmnopqrstuvwxyz"), []byte("aefilorutys"), []byte("aeghilnorsuyt"), []byte("aeiortuyln"),
	[]byte("abcdefgklmnopqrstvzux"), []byte("aeiou"), []byte("aeilnosyru"), []byte("aedfiklmopstuvygc"),
	[]byte("abeimopsuyn"), []byte("acdefgijkonstuvylm"), []byte("abcdefghiklmnoprstuvwxyz"), []byte("aehiloprstuyd"),
	[]byte("u"), []byte("abcdefgiklmnoprstuvyw"), []byte("aceghiklmnopqrstuwybd"), []byte("acehilmorstuwyb"),
	[]byte("abcdegilmnprstvzfk"), []byte("aeioyrs"), []byte("aehinorsyl"), []byte("aceiptuxy"), []byte("abcdegilmnoprstuw"),
	[]byte("aeiouzy"),
}
