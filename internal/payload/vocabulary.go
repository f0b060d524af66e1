package payload

// vocabulary is a list of words to be found in text, by their first letter, so that
// one look at each byte is enough for all of them.
type vocabulary [256][]string

// vocabularyOf takes words in lower case.
func vocabularyOf(words []string) *vocabulary {
	v := new(vocabulary)
	for _, w := range words {
		v[w[0]] = append(v[w[0]], w)
	}
	return v
}

// in says whether text holds one of the words, in any case.
func (v *vocabulary) in(text []byte) bool {
	for i, c := range text {
		for _, w := range v[lower(c)] {
			if foldPrefix(text[i:], w) {
				return true
			}
		}
	}
	return false
}
