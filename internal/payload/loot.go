package payload

import "bytes"

// Programs that steal what a machine knows hand it over by mail or FTP, in plain
// words: as a report on the machine, under a subject or a file's name that says what
// it is. Sources: the vendors' analyses of Agent Tesla, HawkEye, Snake and their kin.

// machineWords are what a report on a machine is made of.
var machineWords = []string{"user name:", "username:", "computer name:", "pc name:", "client name:", "osfullname", "os full name", "os name:", "os version:", "cpu:", "ram:", "gpu:",
	"video card", "ip address:", "country name:", "installed antivirus", "antivirus:", "date and time:", "owner name"}

// lootWords begin the names of what is handed over.
var lootWords = []string{"pw_", "kl_", "sc_", "co_", "ck_", "cc_"}

// reports says whether a part of a mail is a machine's report on itself.
func reports(b []byte) bool {
	b = b[:min(len(b), 1448)]
	n := 0
	for _, w := range machineWords {
		if foldIndex(b, w) >= 0 {
			n++
		}
	}
	if n >= 3 {
		return true
	}
	i := foldIndex(b, "subject: ")
	if i < 0 {
		return false
	}
	subject, _, _ := bytes.Cut(b[i+len("subject: "):], []byte("\n"))
	return begins(subject, lootWords) && bytes.IndexByte(subject, '/') > 0 || foldIndex(subject, "keylog") >= 0
}

// hoards says whether a file's name says that it holds passwords, keys pressed or
// pictures of the screen, and whose.
func hoards(name []byte) bool {
	name = name[bytes.LastIndexByte(name, '/')+1:]
	name = bytes.TrimSpace(name)
	if begins(name, lootWords) {
		return bytes.IndexByte(name, '-') > 0 && bytes.Count(name, []byte("_")) >= 3
	}
	return foldIndex(name, "passwords id") >= 0 || foldIndex(name, "keylog") >= 0 || foldIndex(name, "stealer") >= 0 || foldIndex(name, "recovery_") >= 0
}
