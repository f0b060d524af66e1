package payload

// shape is the hash of a URI without what a program fills in: runs of digits and of
// hexadecimal digits, and the values of parameters. The tiles of a map, the parts of
// a cache and the counters of a page have one shape; guessed names and made-up
// parameters have many.
func shape(uri []byte) uint32 {
	h := uint32(2166136261)
	value := false
	for i := 0; i < len(uri); {
		c := lower(uri[i])
		switch n := number16(uri[i:]); {
		case c == '?' || c == '&':
			value = false
		case c == '=' && !value:
			value = true
		case value:
			i++
			continue
		case n > 0:
			c, i = '0', i+n-1
		}
		h = (h ^ uint32(c)) * 16777619
		i++
	}
	return h
}

// number16 is how many bytes of a number b begins with: decimal, or hexadecimal of
// eight digits and more with a decimal one among them.
func number16(b []byte) int {
	n, decimal, any := 0, 0, false
	for n < len(b) {
		c := lower(b[n])
		if !digit(c) && (c < 'a' || c > 'f') {
			break
		}
		any = any || digit(c)
		n++
		if any && decimal == n-1 && digit(c) {
			decimal = n
		}
	}
	if n >= 8 && any {
		return n
	}
	return decimal
}

// askedUnasked knows what programs ask of every site, whether it is there or not:
// well-known places (RFC 8615), icons, lists for crawlers.
func askedUnasked(path []byte) bool {
	for _, place := range [...]string{"/.well-known/", "/favicon", "/apple-touch-icon", "/robots.txt", "/sitemap", "/ads.txt", "/app-ads.txt",
		"/humans.txt", "/security.txt", "/browserconfig.xml"} {
		if foldPrefix(path, place) {
			return true
		}
	}
	return false
}
