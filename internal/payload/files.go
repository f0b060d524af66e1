package payload

import "bytes"

// secrets are files whose names an attacker knows without having seen the machine.
var secrets = []string{"etc/passwd", "etc/shadow", "etc/hosts", "etc/issue", "etc/group", "etc/hostname", "etc/os-release", "etc/crontab", "etc/motd", "etc/fstab",
	"proc/self/", "proc/version", "proc/cpuinfo", "proc/1/", "win.ini", "boot.ini", "system32/", "system.ini", ".ssh/", "id_rsa", "web-inf/", "web.xml", "web.config",
	"wp-config", "httpd.conf", "apache2/", "nginx/", "access.log", "access_log", "error.log", "error_log", "auth.log", "var/log/", ".htpasswd", ".bash_history",
	"php.ini", "my.cnf", "tomcat-users.xml", "password.properties", "config.php", ".env", "filezilla", "sam", "repair/", "/windows/", "bin/sh", "cmd.exe"}

// secret says whether a path leads to one of them.
func secret(b []byte) bool {
	for _, f := range secrets {
		if bytes.Contains(b, []byte(f)) {
			return true
		}
	}
	return false
}

// judgePath scores the path of an address: one that climbs above the root, or hides
// that it climbs. Clients resolve dots before they send them, and need not escape
// them.
func (t *text) judgePath(score *scores) {
	b := t.bytes()
	if !t.plain {
		t.judge(nil, inPath, score)
	}
	depth, lowest := 0, 0
	for rest, more := b, true; more; {
		var part []byte
		part, rest, more = bytes.Cut(rest, []byte("/"))
		switch {
		case string(part) == "..", string(part) == "..;":
			depth--
		case len(part) > 0 && string(part) != ".":
			depth++
		}
		lowest = min(lowest, depth)
	}
	n := 0
	switch climbs := bytes.Count(b, []byte("../")); {
	case lowest <= -2, climbs > 0 && secret(b[bytes.LastIndex(b, []byte("../")):]), climbs >= 3 && t.dots:
		n = clearScore
	case climbs > 0 && (t.deep || t.dots), lowest < 0:
		n = hintScore
	}
	if t.dots || t.deep && n > 0 {
		n += 5
	}
	if bytes.Contains(b, []byte("/..;/")) || bytes.HasPrefix(b, []byte("/etc/passwd")) {
		n = clearScore
	}
	score.raise(Traversal, n)
	if t.line >= 0 {
		if name, _, found := bytes.Cut(bytes.TrimLeft(b[t.line:], " "), []byte(":")); found && len(name) > 0 && headerName(name) {
			score.raise(Smuggling, clearScore)
		}
	}
}

// headerName says whether all are letters and hyphens.
func headerName(b []byte) bool {
	for _, c := range b {
		if !letter(c) && c != '-' {
			return false
		}
	}
	return true
}

// files scores a value that names a file outside of where it belongs, or one that
// comes from elsewhere.
func (t *text) files(name []byte, where place, score *scores) {
	b := bytes.TrimLeft(t.bytes(), " \"'(=")
	climbs := bytes.Count(b, []byte("../")) + bytes.Count(b, []byte("..//"))
	leads := bytes.HasPrefix(b, []byte("..")) || bytes.HasPrefix(b, []byte("/..")) || bytes.HasPrefix(b, []byte("./..")) || bytes.HasPrefix(b, []byte("....")) ||
		climbs > 0 && bytes.IndexByte(b[:bytes.Index(b, []byte("../"))], ' ') < 0
	n := 0
	switch {
	case climbs == 0:
	case leads && secret(b):
		n = clearScore
	case leads && climbs >= 3 && (where != inForm || climbs >= 5):
		n = clearScore
	case climbs >= 2 && len(includes(name)) > 0 && source(b):
		n = clearScore
	case climbs >= 2:
		n = 6
	case len(includes(name)) > 0 && source(b):
		n = hintScore
	case t.deep || t.dots:
		n = hintScore
	}
	if climbs > 0 && t.has(0) {
		n += 4
	}
	if t.dots {
		n += 5
	}
	absolute := bytes.HasPrefix(b, []byte("/")) || len(b) > 3 && letter(b[0]) && b[1] == ':' && b[2] == '/'
	if absolute && bytes.IndexByte(b, ' ') < 0 && secret(b) && !bytes.HasPrefix(b, []byte("//")) {
		n = max(n, 6)
		if bytes.HasPrefix(b, []byte("/etc/")) || bytes.HasPrefix(b, []byte("/proc/")) || len(includes(name)) > 0 {
			n = max(n, clearScore)
		}
	}
	score[Traversal] += n
	t.remote(b, name, score)
}

// source says whether a path leads to a file that a server runs or reads and does not
// give away.
func source(b []byte) bool {
	switch extension(b) {
	case "php", "inc", "py", "rb", "jsp", "asp", "aspx", "ini", "conf", "log", "yml", "xml", "sql":
		return true
	}
	return false
}

// includes gives a parameter's name if it is one that names a file or page to
// include; nil otherwise.
func includes(name []byte) []byte {
	switch string(lowerName(name, new([40]byte))) {
	case "page", "file", "inc", "include", "path", "template", "document", "folder", "module", "filename", "doc", "lang", "view", "dir", "download", "load", "read":
		return name
	}
	return nil
}

// schemes with which a server is made to read what it should not. No browser's
// address or form has them.
var schemes = []string{"php://", "expect://", "zip://", "phar://", "gopher://", "dict://", "netdoc://", "jar:http", "data://text", "data:text/plain;base64,pd", "data:application/x-php",
	"file:///etc", "file:///proc", "file:///c:", "file:///flag", "glob://", "ldap://127", "sftp://", "tftp://", "compress.zlib://"}

// remote scores a value that is an address which a server is to fetch.
func (t *text) remote(b, name []byte, score *scores) {
	for _, s := range schemes {
		if bytes.HasPrefix(b, []byte(s)) {
			score.raise(Inclusion, clearScore)
		}
	}
	file := len(includes(name)) > 0
	if bytes.HasPrefix(b, []byte("//")) && file && (bytes.Count(b, []byte("/")) >= 4 && extension(b) == "php" || len(b) > 2 && digit(b[2])) { // a share's name
		score.raise(Inclusion, clearScore)
	}
	_, rest, found := bytes.Cut(b, []byte("://"))
	if !found || !bytes.HasPrefix(b, []byte("http")) && !bytes.HasPrefix(b, []byte("ftp")) {
		return
	}
	host, path, _ := bytes.Cut(rest, []byte("/"))
	kind := hostKind(host)
	script := bytes.TrimRight(path, "?") // the question mark has what the server appends be ignored
	run := extension(script) == "txt" || extension(script) == "php"
	bare := len(host) > 0 && digit(host[0])
	switch {
	case kind == metadataHost, kind == disguisedHost, file && bare, kind == ownHost && !returns(name) && otherService(host):
		score.raise(Inclusion, clearScore)
	case run && len(script) < len(path), file && run && bytes.HasPrefix(b, []byte("ftp")), kind == ownHost && !returns(name) && bytes.Contains(path, []byte("admin")):
		score.raise(Inclusion, clearScore)
	case kind == ownHost && !returns(name), file && run:
		score.raise(Inclusion, hintScore)
	}
}

// otherService says whether a host's name ends in the port of a service that is none of
// the web, for which a server asked by HTTP is of no use but to look what is there.
func otherService(host []byte) bool {
	switch string(host[bytes.LastIndexByte(host, ':')+1:]) {
	case "21", "22", "23", "25", "110", "143", "445", "1433", "2375", "3306", "3389", "5432", "6379", "11211", "27017":
		return bytes.IndexByte(host, ':') > 0
	}
	return false
}

// returns says whether a parameter is one to which a browser is sent back: programs
// on the user's own machine log in that way.
func returns(name []byte) bool {
	for _, w := range []string{"redirect", "return", "next", "callback", "origin", "continue", "referer", "referrer", "ref", "back", "dl", "page"} {
		if foldIndex(name, w) >= 0 {
			return true
		}
	}
	return len(name) == 0
}

// Kinds of hosts that a server should not be sent to.
const (
	ownHost       = 1 + iota // itself, by name or address
	disguisedHost            // an address written so that a check does not know it
	metadataHost             // that gives a cloud's credentials to whoever asks from inside
)

func hostKind(host []byte) int {
	if bytes.HasPrefix(host, []byte("169.254.169.254")) || bytes.HasPrefix(host, []byte("metadata.google")) || bytes.HasPrefix(host, []byte("100.100.100.200")) {
		return metadataHost
	}
	if i := bytes.LastIndexByte(host, ':'); i > 0 && host[len(host)-1] != ']' {
		host = host[:i]
	}
	switch {
	case len(host) == 0:
	case string(host) == "localhost", bytes.HasPrefix(host, []byte("127.")), string(host) == "[::1]", string(host) == "0.0.0.0", string(host) == "[::]":
		return ownHost
	case allDigits(host) && len(host) > 5, bytes.HasPrefix(host, []byte("0x")), bytes.HasPrefix(host, []byte("0177.")), bytes.HasPrefix(host, []byte("[::ffff:")):
		return disguisedHost
	}
	return 0
}
