package payload

import "bytes"

// ordered says whether a message of JSON tells the other side to run a shell's
// command: one that nothing but a shell has, or any beside a word for running it.
func ordered(b []byte) bool {
	if b[0] != '{' && b[0] != '[' {
		return false
	}
	runs, line, plainly := false, false, false
	b = b[:min(len(b), 512)]
	for {
		_, rest, found := bytes.Cut(b, []byte{'"'})
		if !found {
			break
		}
		text, after, closed := bytes.Cut(rest, []byte{'"'})
		if !closed {
			break
		}
		switch said := string(text); said {
		case "shell", "exec", "execute", "system", "run_command", "powershell":
			runs = true
		case "id", "ls", "pwd", "dir", "hostname": // also the names of things
			line = true
		default:
			plainly = plainly || commandLine(said)
		}
		b = after
	}
	return plainly || runs && line
}

// disguised says whether a message is text under a key of one byte: the byte that it
// has most of, which stands for the zeros that fill it up.
func disguised(b []byte) bool {
	b = b[:min(len(b), 256)]
	if len(b) < 24 || printable(b) {
		return false
	}
	var count [256]uint16
	key := b[0]
	for _, c := range b {
		if count[c]++; count[c] > count[key] {
			key = c
		}
	}
	if key == 0 || 5*int(count[key]) < len(b) {
		return false
	}
	text, run, longest := 0, 0, 0
	for _, c := range b {
		c ^= key
		if c == 0 || c >= ' ' && c < 127 {
			text++
		}
		if run++; !letter(c) && !digit(c) {
			run = 0
		}
		longest = max(longest, run)
	}
	return 20*text >= 19*len(b) && longest >= 5
}
