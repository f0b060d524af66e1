package payload

import (
	"bytes"
	"encoding/base64"
)

// ordered says whether a message tells the other side to run a shell's command: in
// JSON, behind a word for running it, or in Base64; behind its length or not.
func ordered(b []byte) bool {
	b = bytes.TrimSpace(unframed(b[:min(len(b), 512)]))
	if orderedPlainly(b) {
		return true
	}
	var plain [192]byte
	if len(b) < 8 || len(b)%4 != 0 || len(b) > base64.StdEncoding.EncodedLen(len(plain)) {
		return false
	}
	n, err := base64.StdEncoding.Decode(plain[:], b)
	text := bytes.TrimSpace(plain[:n])
	return err == nil && (commandLine(string(text)) || orderedPlainly(text))
}

// unframed is a message without the length that it may stand behind.
func unframed(b []byte) []byte {
	switch n := len(b); {
	case n > 4 && (int(be32(b, 0)) == n-4 || int(le32(b, 0)) == n-4):
		return b[4:]
	case n > 2 && (be16(b, 0) == n-2 || le16(b, 0) == n-2):
		return b[2:]
	}
	return b
}

// orderedPlainly is the same of text as it stands.
func orderedPlainly(b []byte) bool {
	if len(b) == 0 {
		return false
	}
	if b[0] == '{' || b[0] == '[' {
		return orderedJSON(b)
	}
	end := bytes.IndexAny(b, " :|=>")
	if end < 0 {
		return false
	}
	switch string(bytes.ToLower(bytes.TrimLeft(b[:min(end, 12)], "!/."))) {
	case "cmd", "exec", "execute", "shell", "run", "command":
		return commandLine(string(bytes.TrimLeft(b[end:], " :|=>")))
	}
	return false
}

// orderedJSON looks among the strings for a command that nothing but a shell has, or
// for any beside a word for running it.
func orderedJSON(b []byte) bool {
	runs, line, plainly := false, false, false
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

// disguised says whether a message is under a key that repeats: text under one byte, as
// an object of JSON is, or what is filled up with zeros, which show the key.
func disguised(b []byte) bool {
	b = b[:min(len(b), 256)]
	if len(b) < 24 {
		return false
	}
	if keyed(b) {
		return true
	}
	key := b[0] ^ '{'
	object := key != 0 && b[1]^key == '"'
	if !object {
		if key = mostly(b); key == 0 || printable(b) {
			return false
		}
	}
	text, run, longest := 0, 0, 0
	for _, c := range b {
		c ^= key
		if c == 0 || c >= ' ' && c < 127 || c == '\n' && object {
			text++
		}
		if run++; !letter(c) && !digit(c) {
			run = 0
		}
		longest = max(longest, run)
	}
	return 20*text >= 19*len(b) && (object && text == len(b) || longest >= 5)
}

// mostly is the byte that makes up a fifth or more of them; 0 if there is none.
func mostly(b []byte) (most byte) {
	var count [256]uint16
	for _, c := range b {
		if count[c]++; count[c] > count[most] {
			most = c
		}
	}
	if 5*int(count[most]) < len(b) {
		return 0
	}
	return most
}

// keyed is true for a message most of which, but not all, repeats after some bytes: zeros
// under a longer key. Patterns of tests repeat from the beginning.
func keyed(b []byte) bool {
	const shortest, longest, enough = 8, 32, 64
	for n := shortest; n <= longest && len(b) >= n+enough; n++ {
		same, counted := 0, 0
		for i := range b[:len(b)-n] {
			if b[i] == b[i+1] { // filled up with one sign
				continue
			}
			if counted++; b[i] == b[i+n] {
				same++
			}
		}
		if counted >= enough && 10*same >= 7*counted && 20*same <= 19*counted && b[0] != b[n] {
			return true
		}
	}
	return false
}
