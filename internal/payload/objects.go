package payload

import (
	"bytes"
	"encoding/base64"
)

// gadgets are classes and tags that a serialised object needs to run code when it
// is read; names from ysoserial, ysoserial.net, PHPGGC and marshalsec.
var gadgets = []string{"annotationinvocationhandler", "commons.collections", "templatesimpl", "java.util.priorityqueue", "badattributevalueexpexception",
	"com.sun.rowset.jdbcrowsetimpl", "objectdataprovider", "system.diagnostics.process", "typeconfusedelegate", "java.lang.processbuilder", "java.beans.xmldecoder", "javax.imageio.spi",
	"!!python/object", "!!javax.script", "!ruby/hash", "!ruby/object", "_$$nd_func$$_", "drivermanagerconnectionsource", "org.springframework.context.support.classpathxml",
	"filesystemxmlapplicationcontext", "jndi.ldap", "rmi://", "bcel$$", "expandedwrapper`", "objectstateformatter", "org.apache.xbean", "javax.naming.initialcontext", "powershell.editor", "java.rmi.server"}

// objects scores serialised objects, which no person types into a form.
func (t *text) objects(where place, score *scores) {
	b := t.bytes()
	java := bytes.HasPrefix(b, []byte("ro0ab")) || bytes.HasPrefix(b, []byte("/xac/xed")) || bytes.HasPrefix(b, []byte("\xac\xed\x00\x05"))
	if bytes.HasPrefix(b, []byte("cos system (")) || bytes.HasPrefix(b, []byte("cposix system (")) { // Python's pickle, the readable kind
		score.raise(Object, clearScore)
	}
	if java && where != inForm { // forms of JavaServer Faces carry their state so
		score.raise(Object, clearScore)
	}
	if where&(inForm|inCookie|inQuery) != 0 && (t.has('.') || t.has('!') || t.has('$')) {
		for _, g := range gadgets {
			if bytes.Contains(b, []byte(g)) && t.prose() < 2 {
				score.raise(Object, clearScore)
			}
		}
	}
	if t.has('{') && t.has('"') && t.has(':') && phpObject(b) {
		score.raise(Object, clearScore)
	}
}

// phpObject knows what PHP's serialize makes of an object: O:4:"User":2:{. Of
// arrays and strings cookies are full.
func phpObject(b []byte) bool {
	for i := 0; i+6 < len(b); i++ {
		if b[i] != 'o' || b[i+1] != ':' || i > 0 && (letter(b[i-1]) || digit(b[i-1])) {
			continue
		}
		n := i + 2
		for n < len(b) && (digit(b[n]) || b[n] == ' ') {
			n++
		}
		if n > i+2 && n+1 < len(b) && b[n] == ':' && b[n+1] == '"' {
			return true
		}
	}
	return false
}

// lookups scores Log4j's substitutions: those that fetch by name, and those within
// others, which hide them.
func (t *text) lookups(score *scores) {
	b := t.bytes()
	i := bytes.Index(b, []byte("${"))
	if i < 0 {
		return
	}
	if bytes.Contains(b, []byte("jndi:")) && len(b) < 400 {
		score.raise(Lookup, clearScore)
	}
	inner := b[i+2:]
	j := bytes.Index(inner, []byte("${"))
	if end := bytes.IndexByte(inner, '}'); j >= 0 && (end < 0 || j < end) {
		if rest := inner[j:]; bytes.Contains(rest, []byte(":-")) || bytes.Contains(rest, []byte("lower:")) || bytes.Contains(rest, []byte("upper:")) || bytes.Contains(rest, []byte("date:")) {
			score.raise(Lookup, clearScore)
		}
	}
}

// opened are beginnings of template expressions; what they end in is not looked for.
var opened = []string{"{{", "${", "#set(", "#{", "*{", "@(", "<%=", "%{", "{%", "[["}

// reached are names by which an expression climbs from a value to the machine.
var reached = []string{"__class__", "__globals__", "__mro__", "__subclasses__", "__builtins__", "__import__(", "_self.env", "registerundefinedfilter",
	"process.mainmodule", "child_process", "constructor(", "constructor.constructor", "getclass(", "class.forname(", "javax.script", "getruntime", "popen(", "{php}", "{system(", "{{config", "{{self", "{{request", "{{settings",
	"template.utility.execute", "?new()", "java.lang.", "org.apache.commons.io", "org.apache.tomcat", "os.system(", "` %>", ".execute(", "org.springframework", "ognl", "%{(#", "exec(\"", "exec('"}

// expressions scores values that a template or expression language would compute.
func (t *text) expressions(score *scores) {
	b := t.bytes()
	for _, o := range opened {
		i := bytes.Index(b, []byte(o))
		if i < 0 {
			continue
		}
		for _, rest, more := bytes.Cut(b, []byte(o)); more; _, rest, more = bytes.Cut(rest, []byte(o)) {
			if computes(rest) {
				score.raise(Expression, clearScore)
			}
		}
		for _, r := range reached {
			if bytes.Contains(b[i:], []byte(r)) {
				score.raise(Expression, clearScore)
			}
		}
	}
	for _, r := range []string{"__import__(", "child_process", "__globals__", "__subclasses__", "{php}", "{system(", "getruntime(", ".text.execute(", "execute().text", "javax.script.scriptengine", "#request/u005b", "_memberaccess", "u0027 {class."} {
		if bytes.Contains(b, []byte(r)) {
			score.raise(Expression, clearScore)
		}
	}
}

// computes says whether an expression multiplies two numbers, which is how people
// ask whether it is one.
func computes(b []byte) bool {
	b = bytes.TrimLeft(b, " ({'\"")
	n := 0
	for n < len(b) && digit(b[n]) {
		n++
	}
	rest := bytes.TrimLeft(b[n:], " ")
	if n == 0 || len(rest) < 2 || rest[0] != '*' {
		return false
	}
	rest = bytes.TrimLeft(rest[1:], " '\"")
	return len(rest) > 0 && digit(rest[0])
}

// codes are beginnings of code that a web shell's owner sends to it.
var codes = []string{"@ini_set(", "@eval(", "eval(base64_decode", "eval(", "system(", "assert(", "exec(", "passthru(", "shell_exec(", "phpinfo()", "<?php", "<?=", "<%", "response.write(",
	"@set_time_limit", "@error_reporting", "import os", "cos/nsystem"}

// begins scores a value that is code from its first byte on. Articles may well be
// scripts, but hardly ones without the tag that opens them.
func (t *text) begins(article bool, score *scores) {
	b := bytes.TrimLeft(t.bytes(), " \xef\xbb\xbf")
	for _, c := range codes {
		if bytes.HasPrefix(b, []byte(c)) && !(article && c[0] == '<') {
			score.raise(Code, clearScore)
		}
	}
}

// declarations scores what an XML document declares before it begins.
func (t *text) declarations(score *scores) {
	b := t.bytes()
	i := bytes.Index(b, []byte("<!doctype"))
	if i < 0 {
		return
	}
	b = b[i:]
	external := bytes.Contains(b, []byte(" system ")) && (bytes.Contains(b, []byte("http")) || bytes.Contains(b, []byte("file:")) || bytes.Contains(b, []byte("php:")) ||
		bytes.Contains(b, []byte("ftp:")) || bytes.Contains(b, []byte("expect:")))
	entity := bytes.Index(b, []byte("<!entity"))
	switch {
	case entity >= 0 && external, entity >= 0 && bytes.Count(b, []byte("<!entity")) >= 2 && bytes.Count(b, []byte("&")) >= 3:
		score.raise(Entity, clearScore)
	case entity >= 0:
		score.raise(Entity, hintScore)
	case external && !bytes.Contains(b, []byte(" public ")):
		score.raise(Entity, clearScore)
	}
}

// upload scores a file by its name and content: one that the server would run, one
// that changes what it runs, one that leaves its folder.
func (t *text) upload(name, content []byte, score *scores) {
	t.decode(name)
	if n := t.bytes(); bytes.Contains(n, []byte("../")) {
		score.raise(Traversal, clearScore)
	}
	script := t.script()
	head := content[:min(len(content), len(t.b))]
	t.read(head)
	t.judge(nil, inFile, score)
	t.declarations(score)
	b := t.bytes()
	tagged := bytes.Contains(b, []byte("<?")) && !bytes.Contains(b, []byte("<?xml")) || bytes.Contains(b, []byte("<%"))
	opens := bytes.Contains(b, []byte("<?php")) || bytes.Contains(b, []byte("<?=")) || bytes.Contains(b, []byte("<%@")) ||
		bytes.Contains(b, []byte("<script language='php'")) || bytes.Contains(b, []byte("<script language=\"php\"")) || bytes.Contains(b, []byte("<script language=php"))
	switch {
	case script && (tagged || bytes.Contains(b, []byte("addtype")) || bytes.Contains(b, []byte("sethandler")) || len(content) == 0):
		score.raise(Code, clearScore)
	case opens && printable(head[:min(len(head), 6)]):
		score.raise(Code, clearScore)
	case script:
		score.raise(Code, clearScore-1)
	}
}

// script says whether the text is the name of a file that a server would run, or by
// which it learns what to run.
func (t *text) script() bool {
	name := t.bytes()
	for _, e := range []string{".php", ".phtml", ".php5", ".php7", ".jsp", ".jspx", ".asp", ".aspx", ".ashx", ".asa", ".war", ".cgi", ".pht", ".phar", ".htaccess"} {
		if bytes.HasSuffix(name, []byte(e)) || bytes.Contains(name, append([]byte(e), '.')) || bytes.Contains(name, append([]byte(e), 0)) {
			return true
		}
	}
	return false
}

// sealed reads a value that is Base64 and judges what is in it.
func (t *text) sealed(value []byte, where place, score *scores) {
	var raw [1024]byte
	n := 0
	for i := 0; i < len(value) && n < len(raw); i++ {
		c := value[i]
		if c == '%' && i+2 < len(value) && unhex(value[i+1]) >= 0 && unhex(value[i+2]) >= 0 {
			c = byte(unhex(value[i+1])<<4 | unhex(value[i+2]))
			i += 2
		}
		switch {
		case c == '=' || c == ' ':
			continue
		case c == '-':
			c = '+'
		case c == '_':
			c = '/'
		case !letter(c) && !digit(c) && c != '+' && c != '/':
			return
		}
		raw[n] = c
		n++
	}
	if n < 20 {
		return
	}
	var out [768]byte
	size, _ := base64.RawStdEncoding.Decode(out[:], raw[:n-n%4])
	b := out[:size]
	switch {
	case size < 12:
	case bytes.HasPrefix(b, []byte("\xac\xed\x00\x05")):
		t.read(b)
		t.objects(where, score)
	case b[0] == 0x80 && b[1] >= 2 && b[1] <= 5 && (bytes.Contains(b, []byte("system")) || bytes.Contains(b, []byte("subprocess")) || bytes.Contains(b, []byte("builtins"))):
		score.raise(Object, clearScore) // Python's pickle
	case bytes.Contains(b, []byte("\x00\x01\x00\x00\x00\xff\xff\xff\xff\x01")):
		t.read(b)
		t.objects(where, score)
		if bytes.Contains(b, []byte("PowerShell")) || bytes.Contains(b, []byte("Diagnostics")) || bytes.Contains(b, []byte("Workflow")) {
			score.raise(Object, clearScore)
		}
		score.raise(Object, hintScore)
	case printable(b):
		t.read(b)
		t.begins(t.article(), score)
		t.match(anywhere, score, where)
		t.objects(where, score)
		if !t.article() {
			score.raise(SQLInjection, t.sql())
			t.commands(score)
		}
	}
}
