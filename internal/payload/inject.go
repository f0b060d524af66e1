package payload

import "bytes"

// Kinds of injection.
const (
	SQLInjection = iota
	Scripting    // cross-site scripting
	Traversal    // path traversal and reading of local files
	Inclusion    // remote file inclusion and stream wrappers
	Command      // command injection
	Shellshock   // CVE-2014-6271
	Lookup       // JNDI look-ups, CVE-2021-44228
	Expression   // template and expression languages: OGNL, SpEL, Jinja
	Code         // code for the server's interpreter, web shells and their upload
	Entity       // XML external entities
	Overflow     // worms' and exploits' overlong or impossible values
	Probe        // a path that only vulnerability scanners ask for
	Kinds
)

// KindNames are the kinds as a sentence names them.
var KindNames = [Kinds]string{"SQL injection", "cross-site scripting", "path traversal", "file inclusion", "command injection",
	"Shellshock", "JNDI look-up (Log4Shell)", "expression injection", "web shell or script upload", "XML external entity", "an overflow", "vulnerability probe"}

// A request whose patterns of one kind sum to clear is an injection; from hint on
// it is weak evidence, which only counts when it repeats.
const (
	clearScore = 8
	hintScore  = 4
)

// pattern is text that a decoded request holds if it attacks: lower case, blanks
// folded. In heads only those with head set are looked for.
type pattern struct {
	text  string
	kind  int
	score int
	head  bool
}

// patterns of injection. Sources: the OWASP testing guide and core rule set's
// rationale, sqlmap's and Metasploit's documentation; the scores are ours.
var patterns = []pattern{
	{"union select", SQLInjection, 9, true}, {"union all select", SQLInjection, 9, true}, {"union distinct select", SQLInjection, 9, true},
	{"information_schema", SQLInjection, 9, true}, {"group_concat(", SQLInjection, 8, true}, {"concat(0x", SQLInjection, 8, true},
	{"concat_ws(", SQLInjection, 6, false}, {"extractvalue(", SQLInjection, 8, true}, {"updatexml(", SQLInjection, 8, true},
	{"sleep(", SQLInjection, 6, true}, {"benchmark(", SQLInjection, 7, true}, {"waitfor delay", SQLInjection, 9, true},
	{"pg_sleep(", SQLInjection, 9, true}, {"dbms_pipe.", SQLInjection, 9, true}, {"utl_inaddr.", SQLInjection, 9, true},
	{"xp_cmdshell", SQLInjection, 10, true}, {"exec master", SQLInjection, 9, true}, {"into outfile", SQLInjection, 9, true},
	{"into dumpfile", SQLInjection, 9, true}, {"load_file(", SQLInjection, 9, true}, {"@@version", SQLInjection, 8, true},
	{"version()", SQLInjection, 6, false}, {"database()", SQLInjection, 6, false}, {"current_user()", SQLInjection, 5, false},
	{"table_name", SQLInjection, 4, false}, {"sysobjects", SQLInjection, 8, true}, {"sqlite_master", SQLInjection, 9, true},
	{"drop table", SQLInjection, 7, false}, {"insert into ", SQLInjection, 4, false}, {"delete from ", SQLInjection, 4, false},
	{"declare @", SQLInjection, 8, true}, {"cast(0x", SQLInjection, 8, true}, {"convert(int", SQLInjection, 7, false},
	{"case when ", SQLInjection, 7, false}, {"procedure analyse(", SQLInjection, 9, true}, {"(select ", SQLInjection, 6, true},
	{"exists(select", SQLInjection, 8, true}, {"ascii(substr", SQLInjection, 9, true}, {"ord(mid(", SQLInjection, 9, true},
	{"null,null", SQLInjection, 6, false}, {"having 1=1", SQLInjection, 8, false}, {"' or ", SQLInjection, 6, false}, {"' and ", SQLInjection, 5, false},
	{"' union ", SQLInjection, 6, true}, {"'--", SQLInjection, 5, false}, {"' --", SQLInjection, 6, false}, {"'#", SQLInjection, 3, false},
	{"';", SQLInjection, 2, false}, {"') ", SQLInjection, 3, false}, {"\" or ", SQLInjection, 4, false}, {"'||", SQLInjection, 5, false},
	{"select * from ", SQLInjection, 4, false}, {"from users", SQLInjection, 4, false}, {"rlike (", SQLInjection, 5, false},
	{" order by ", SQLInjection, 2, false}, {" like '", SQLInjection, 3, false}, {"@@datadir", SQLInjection, 8, false}, {"mysql.user", SQLInjection, 7, false},

	{"<script", Scripting, 5, false}, {"</script", Scripting, 2, false}, {"alert(", Scripting, 4, false}, {"prompt(", Scripting, 3, false},
	{"confirm(", Scripting, 3, false}, {"onerror=", Scripting, 5, false}, {"onload=", Scripting, 4, false}, {"onmouseover=", Scripting, 5, false},
	{"onfocus=", Scripting, 5, false}, {"javascript:", Scripting, 4, false}, {"document.cookie", Scripting, 5, false}, {"<svg", Scripting, 3, false},
	{"<img src=x", Scripting, 5, false}, {"<iframe", Scripting, 3, false}, {"string.fromcharcode", Scripting, 6, false}, {"\"><", Scripting, 3, false},
	{"'><", Scripting, 3, false}, {"<body ", Scripting, 2, false}, {"vbscript:", Scripting, 5, false}, {"eval(", Scripting, 3, false}, {"<marquee", Scripting, 5, false},

	{"/etc/passwd", Traversal, 8, false}, {"/etc/shadow", Traversal, 8, false}, {"/proc/self/", Traversal, 8, false}, {"boot.ini", Traversal, 7, false},
	{"win.ini", Traversal, 7, false}, {"/etc/hosts", Traversal, 6, false}, {"/windows/system32", Traversal, 5, false}, {"/winnt/system32", Traversal, 8, false},
	{"/.ssh/", Traversal, 6, false}, {"wp-config.php", Traversal, 4, false}, {"/web-inf/", Traversal, 6, false}, {"/var/log/", Traversal, 5, false},

	{"php://input", Inclusion, 9, false}, {"php://filter", Inclusion, 9, false}, {"data://text", Inclusion, 8, false}, {"expect://", Inclusion, 9, false},
	{"data:text/plain;base64,pd", Inclusion, 9, false}, {"file:///etc", Inclusion, 9, false}, {"gopher://", Inclusion, 7, false}, {"phar://", Inclusion, 7, false},
	{"zip://", Inclusion, 5, false}, {"169.254.169.254", Inclusion, 8, false},

	{"/bin/sh", Command, 7, true}, {"/bin/bash", Command, 7, true}, {"/dev/tcp/", Command, 9, true}, {"cmd.exe", Command, 7, false},
	{"cmd /c", Command, 7, false}, {"powershell -", Command, 8, false}, {"nc -e", Command, 9, false}, {"cd /tmp", Command, 8, true},
	{"chmod 777", Command, 8, true}, {"chmod +x", Command, 8, true}, {"busybox", Command, 7, true}, {"wget http", Command, 7, true},
	{"curl http", Command, 6, true}, {"uname -a", Command, 8, false}, {"cat /etc", Command, 8, false}, {"xp_dirtree", Command, 8, false},
	{"mkfifo ", Command, 7, false}, {"rm -rf", Command, 6, false}, {"syscmd&cmd=", Command, 8, false}, {"/system32/cmd", Command, 8, false}, {"net user ", Command, 7, false},

	{"() {", Shellshock, 10, true}, {"(){", Shellshock, 4, true},
	{"${jndi:", Lookup, 10, true}, {"${lower:", Lookup, 8, true}, {"${upper:", Lookup, 8, true}, {"${::-", Lookup, 9, true}, {"${env:", Lookup, 7, true}, {"jndi:ldap", Lookup, 9, true},

	{"%{(#", Expression, 9, true}, {"%{#", Expression, 8, true}, {"#_memberaccess", Expression, 9, true}, {"#context", Expression, 6, true},
	{"class.module.classloader", Expression, 9, false}, {"class.classloader", Expression, 8, false}, {"java.lang.runtime", Expression, 9, true}, {"getruntime()", Expression, 9, true},
	{"t(java.lang", Expression, 9, true}, {"processbuilder", Expression, 6, true}, {"__class__", Expression, 7, false}, {"{{config", Expression, 7, false},
	{"freemarker.template", Expression, 8, false}, {"{{7*", Expression, 8, false}, {"${7*", Expression, 8, false}, {"<%=", Expression, 4, false},

	{"<?php", Code, 6, false}, {"eval($_", Code, 10, false}, {"eval(base64_decode", Code, 9, false}, {"system($_", Code, 10, false}, {"assert($_", Code, 10, false},
	{"passthru(", Code, 7, false}, {"shell_exec(", Code, 8, false}, {"phpinfo()", Code, 6, false}, {"allow_url_include", Code, 9, false},
	{"auto_prepend_file", Code, 9, false}, {"invokefunction", Code, 8, false}, {"call_user_func_array", Code, 7, false}, {"base64_decode(", Code, 4, false},
	{"eval-stdin.php", Code, 8, false}, {"response.write(eval", Code, 9, false}, {"eval(request", Code, 9, false}, {"runtime.exec", Code, 7, false}, {"system(", Code, 4, false},
	{"_reference=", Code, 1, false}, {"-d safe_mode", Code, 9, false}, {"c99shell", Code, 8, false}, {"r57shell", Code, 8, false}, {"disable_functions", Code, 8, false},

	{"@java.lang", Expression, 8, true}, {"${(#", Expression, 9, true}, {"#post_render", Expression, 9, false}, {"[#markup]", Expression, 9, false},
	{"widgetconfig[code]", Code, 9, false}, {"jdatabasedriver", Code, 9, true}, {"@eval(", Code, 8, false}, {"@ini_set(", Code, 8, false}, {"gethostbyname(", Code, 6, false},
	{"[$ne]", SQLInjection, 8, false}, {"[$gt]", SQLInjection, 8, false}, {"[$regex]", SQLInjection, 8, false}, {"\"$ne\"", SQLInjection, 7, false}, {"$where", SQLInjection, 5, false},
	{")(uid=*", SQLInjection, 8, false}, {"*)(|(", SQLInjection, 8, false}, {"*)(&(", SQLInjection, 8, false},
	{"../wp-config.php", Traversal, 6, false}, {"/..;/", Traversal, 8, false}, {"/../vpns/", Traversal, 8, false}, {"/dana-na/../", Traversal, 8, false},
	{"fgt_lang?lang=/../", Traversal, 8, false}, {"autodiscover.json?@", Traversal, 8, false}, {"x-rps-cat", Traversal, 7, false},
	{"/ctrlt/deviceupgrade", Command, 8, false}, {"newinternalclient>`", Command, 9, false}, {"/gponform/diag", Command, 8, false}, {"configdir=|", Command, 8, false},
	{"/root.exe?/c", Command, 9, false}, {"cmd.exe?/c", Command, 9, false}, {"/wls-wsat/", Expression, 6, false}, {"/_async/asyncresponse", Expression, 6, false},
	{"/descriptorbyname/org.jenkinsci", Expression, 8, false}, {" set-cookie:", Overflow, 7, false},
	{"default.ida?", Overflow, 9, false}, {"18446744073709551615", Overflow, 9, true},
	{"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn", Overflow, 8, false}, {"\x90\x90\x90\x90\x90\x90\x90\x90", Overflow, 9, true},

	{"<!entity", Entity, 8, false}, {"<!doctype foo", Entity, 5, false},

	{"/.env", Probe, 5, false}, {"/.git/", Probe, 5, false}, {"/.svn/", Probe, 5, false}, {"/.aws/", Probe, 6, false}, {"/manager/html", Probe, 5, false}, {"/phpmyadmin", Probe, 4, false},
	{"/hnap1", Probe, 5, false}, {"/boaform/", Probe, 6, false}, {"/server-status", Probe, 4, false}, {"/actuator/", Probe, 4, false}, {"/jmx-console", Probe, 6, false},
	{"/web-console", Probe, 5, false}, {"/cgi-bin/php", Probe, 6, false}, {"/w00tw00t", Probe, 8, false}, {"muieblackcat", Probe, 8, false}, {"/_vti_bin/", Probe, 4, false},
	{"/scripts/setup.php", Probe, 6, false}, {"/invoker/", Probe, 6, false}, {"/nmaplowercheck", Probe, 3, false}, {"/solr/admin", Probe, 5, false}, {"/shell?", Probe, 5, false},
	{"sqlmap", Probe, 4, false}, {"nessus", Probe, 4, false}, {"acunetix", Probe, 8, false}, {"/etc/", Probe, 2, false}, {"/goform/", Probe, 3, false},
	{"/setup.cgi?", Probe, 5, false}, {".php.bak", Probe, 5, false}, {"/htdocs.", Probe, 3, false}, {"/backup.", Probe, 4, false}, {"/wp-content/plugins/", Probe, 0, false},
}

// text is a request decoded for reading: percent escapes undone twice, blanks and
// SQL comments folded, lower case, back slashes turned.
type text struct {
	b       [1536]byte
	n       int
	present [256]bool
	escapes int
	deep    bool // escapes within escapes, or an overlong form
}

// judge scores a request's target or body and counts what it finds.
func (s *Signals) judge(b []byte, body, multipart bool) bool {
	var t text
	t.decode(b)
	w := &s.HTTP
	special := 0
	for _, c := range t.b[:t.n] {
		switch c {
		case '\'', '"', '<', '>', '(', ')', ';', '|', '`', '$', '{', '}':
			special++
		}
	}
	w.Specials = uint16(min(65535, int(w.Specials)+special))
	w.Escapes = uint16(min(65535, int(w.Escapes)+t.escapes))
	var score [Kinds]int
	t.match(&score, false)
	t.extra(&score)
	if body && multipart && scriptUpload(t.b[:t.n]) {
		score[Code] += 7
	}
	if body { // what people write into forms is not what attackers put into addresses
		score[Scripting] -= 3
		score[Probe] = 0
	}
	return w.count(&score)
}

// judgeHeaders scores a request's head with the patterns that no head needs.
func (s *Signals) judgeHeaders(h *headers) bool {
	if bytes.IndexByte(h.raw, '(') < 0 && bytes.IndexByte(h.raw, '{') < 0 && bytes.IndexByte(h.raw, '\'') < 0 {
		return false
	}
	var t text
	t.decode(h.raw)
	var score [Kinds]int
	t.match(&score, true)
	if score[Shellshock] < 10 {
		score[Shellshock] = 0
	}
	return s.HTTP.count(&score)
}

// count adds one request's scores; true if one is clear.
func (w *Web) count(score *[Kinds]int) (clear bool) {
	for k, n := range score {
		switch {
		case n >= clearScore && k != Probe:
			w.Clear[k] = min(254, w.Clear[k]) + 1
			clear = true
		case n >= hintScore:
			w.Hints[k] = min(254, w.Hints[k]) + 1
			clear = clear || w.Hints[k]&(w.Hints[k]-1) == 0
		}
		w.Score[k] = uint8(max(int(w.Score[k]), min(n, 255)))
	}
	return clear
}

// match adds the patterns that the text holds.
func (t *text) match(score *[Kinds]int, head bool) {
	b := t.b[:t.n]
	for i := range patterns {
		p := &patterns[i]
		if head && !p.head || !t.present[p.text[0]] || !t.present[p.text[len(p.text)-1]] {
			continue
		}
		if bytes.Contains(b, []byte(p.text)) {
			score[p.kind] += p.score
		}
	}
}

// extra adds what takes more than a word: comparisons that are always true,
// climbing paths, a separator with a command behind it.
func (t *text) extra(score *[Kinds]int) {
	b := t.b[:t.n]
	if t.present['='] || t.present['<'] || t.present['>'] {
		score[SQLInjection] += tautology(b)
	}
	if climbs := bytes.Count(b, []byte("../")); climbs >= 2 {
		score[Traversal] += min(3+climbs, 7)
		if t.deep {
			score[Traversal] += 4
		}
	} else if climbs == 1 && t.deep {
		score[Traversal] += 4
	}
	if i := bytes.Index(b, []byte("=http://")); i >= 0 {
		if j := bytes.Index(b[i:], []byte(".txt?")); j > 0 {
			score[Inclusion] += 8
		} else if bytes.HasSuffix(b, []byte("?")) || bytes.Contains(b[i:], []byte(".txt")) && bytes.Contains(b[:i], []byte(".php?")) {
			score[Inclusion] += 5
		}
	}
	if bytes.Contains(b, []byte("<!entity")) && (bytes.Contains(b, []byte(" system ")) || bytes.Contains(b, []byte("file:"))) {
		score[Entity] += 4
	}
	if bytes.Contains(b, []byte(" order by ")) && digitAfter(b, " order by ") {
		score[SQLInjection] += 4
	}
	if bytes.HasSuffix(b, []byte("'")) || bytes.HasSuffix(b, []byte("--")) || bytes.HasSuffix(b, []byte("-- -")) || bytes.HasSuffix(b, []byte("-- ")) {
		score[SQLInjection] += 2
	}
	score[Command] += commands(b) + shellParameter(b)
}

// shellParameter scores a parameter of a web shell: cmd=whoami.
func shellParameter(b []byte) int {
	for _, name := range []string{"cmd=", "exec=", "command=", "execute="} {
		i := bytes.Index(b, []byte(name))
		if i < 1 && (i < 0 || len(b) > 0 && i != 0) || i > 0 && b[i-1] != '?' && b[i-1] != '&' {
			continue
		}
		word := b[i+len(name):]
		end := 0
		for end < len(word) && letter(word[end]) && end < 12 {
			end++
		}
		if score := commandWords[string(word[:end])]; score >= 5 && (end == len(word) || word[end] == ' ' || word[end] == '&' || word[end] == ';') {
			if end < len(word) && word[end] == ' ' {
				score += 2
			}
			return score
		}
	}
	return 0
}

// digitAfter says whether a digit follows the words.
func digitAfter(b []byte, words string) bool {
	i := bytes.Index(b, []byte(words)) + len(words)
	return i < len(b) && digit(b[i])
}
