package payload

import "bytes"

// command is a program that an injected command line runs first. One that does
// nothing without an argument must have one; a word that ordinary lists hold too
// must stand where only a shell would look for it.
type command uint8

const (
	alone  command = 1 + iota // says something when called without arguments
	needs                     // needs an argument
	common                    // alone, and an ordinary word or abbreviation
	spoken                    // needs an argument, and is an ordinary word
)

var commandNames = map[string]command{
	"whoami": alone, "id": common, "ls": common, "dir": common, "uname": alone, "pwd": common, "ps": common, "env": common, "set": common,
	"ifconfig": alone, "ipconfig": alone, "netstat": alone, "hostname": alone, "systeminfo": alone, "tasklist": alone, "ver": common, "reboot": alone,
	"printenv": alone, "phpinfo": alone, "arp": alone, "df": common, "lsof": alone, "getuid": alone, "bash": common, "sh": common,
	"tac": needs, "nl": spoken, "rev": spoken, "strings": spoken, "sort": spoken, "od": needs, "who": common,
	"cat": needs, "wget": needs, "curl": needs, "ping": needs, "nc": needs, "ncat": needs, "sleep": spoken, "echo": needs, "python": needs, "perl": needs,
	"tftp": needs, "rm": needs, "cd": needs, "busybox": needs, "chmod": needs, "net": spoken, "type": spoken, "powershell": needs, "certutil": needs,
	"nslookup": needs, "telnet": needs, "touch": spoken, "head": spoken, "tail": spoken, "more": spoken, "less": spoken, "find": spoken, "grep": needs,
	"php": needs, "ruby": needs, "node": spoken, "dig": needs, "host": spoken, "timeout": spoken, "start": spoken, "cmd": needs, "mkfifo": needs, "base": spoken,
	"copy": spoken, "del": needs, "kill": spoken, "mkdir": needs, "cp": needs, "mv": needs, "export": spoken, "eval": needs, "nmap": needs, "socat": needs,
	"printf": needs, "tar": spoken, "openssl": needs, "ssh": needs, "awk": needs, "sed": needs, "xxd": needs, "str": spoken, "sudo": needs, "su": spoken, "ftpget": needs,
}

// commands scores a shell's separator with a command line behind it.
func (t *text) commands(score *scores) {
	b := t.bytes()
	if !t.has(';') && !t.has('|') && !t.has('&') && !t.has('`') && !t.has('$') && !t.has('{') && !t.has('?') && t.line < 0 {
		score[Command] = min(score[Command], clearScore-1)
		return
	}
	best := 0
	if bytes.Contains(b, []byte("${ifs}")) || bytes.Contains(b, []byte("$ifs")) || bytes.Contains(b, []byte("{cat,/")) || bytes.HasPrefix(b, []byte("/???/")) {
		best = clearScore
	}
	for i := 0; i+1 < len(b) && best < clearScore; i++ {
		j := i + 1
		switch {
		case b[i] == ';' || b[i] == '`' || b[i] == '|' || b[i] == '&' || i == t.line:
		case b[i] == '$' && b[i+1] == '(':
			j++
		default:
			continue
		}
		for j < len(b) && (b[j] == ' ' || b[j] == '|' || b[j] == '&' || b[j] == '(' || b[j] == 0) {
			j++
		}
		separator := b[i]
		if b[i+1] == b[i] && (separator == '|' || separator == '&') { // what only a shell has
			separator = ';'
		}
		best = max(best, lineScore(b[j:], b[:i], separator))
		if at := bytes.Index(b[j:], []byte(" /etc/")); at > 0 && at <= 8 && best != sentence { // by a command whose name is disguised
			best = clearScore
		}
	}
	switch {
	case best >= clearScore:
		score[Command] += best
	case best == sentence && score[Command] < clearScore:
		score[Command] = min(score[Command], hintScore-1)
	default:
		score[Command] = min(max(score[Command], best), clearScore-1)
	}
}

// sentence is the score of a command line that stands in the middle of a text.
const sentence = 1

// lineScore scores a command line b behind a separator and what stands before it.
func lineScore(b, before []byte, separator byte) int {
	rest, kind := commandName(b)
	if kind == 0 {
		return 0
	}
	apart := len(before) > 0 && before[len(before)-1] == ' '
	before = bytes.TrimRight(before, " |&;'\"`\\")
	argued, ended := arguments(rest)
	if kind == spoken {
		argued = argued && bytes.ContainsAny(rest, "/-.:\\$%0123456789\"'") || bytes.HasPrefix(rest, []byte(" user")) || bytes.HasPrefix(rest, []byte(" localgroup"))
		kind = needs
	}
	wordy := len(before) > 0 && letter(before[len(before)-1])
	if separator == '|' && wordy && !apart && len(rest) > 0 && rest[0] == '|' {
		return 0 // a list with bars between its words
	}
	if apart && wordy && (separator == '`' || separator == '$' || separator == '|' && bytes.IndexByte(before, '.') < 0) {
		return sentence
	}
	if blanks := bytes.Count(before, []byte(" ")); blanks > 1 || blanks == 1 && !digit(before[len(before)-1]) {
		return sentence
	}
	switch {
	case argued && (kind != common || separator != '&' || !wordy):
		return clearScore
	case kind == needs, !ended:
		return 0
	case kind == alone:
		return clearScore
	case separator == '`' && len(rest) > 0 && rest[0] == '`', separator == '$' && len(rest) > 0 && rest[0] == ')':
		return clearScore
	case wordy && separator != ';' || separator == '&' && !wordy && len(before) == 0:
		return hintScore
	}
	return clearScore
}

// commandName reads a program's name, with its path or without, and gives back
// what follows it.
func commandName(b []byte) (rest []byte, kind command) {
	for _, dir := range []string{"/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/", "./"} {
		b = bytes.TrimPrefix(b, []byte(dir))
	}
	end := 0
	for end < len(b) && letter(b[end]) && end < 12 {
		end++
	}
	kind = commandNames[string(b[:end])]
	for end < len(b) && (digit(b[end]) || b[end] == '.' && end+1 < len(b) && digit(b[end+1])) && end < 16 { // python3, base64
		end++
	}
	if bytes.HasPrefix(b[end:], []byte(".exe")) {
		end += 4
	}
	return b[end:], kind
}

// arguments says whether what follows a program's name looks like its arguments,
// or ends the command.
func arguments(b []byte) (argued, ended bool) {
	if len(b) == 0 {
		return false, true
	}
	switch b[0] {
	case ';', '|', '&', '`', ')', '\'', '"', '#', '>', '\n', 0:
		return false, true
	case '<', '$':
		return true, false
	case '=':
		return len(b) > 2 && b[1] == '$', false
	case ' ':
	default:
		return false, false
	}
	b = bytes.TrimLeft(b, " ")
	if len(b) == 0 {
		return false, true
	}
	first, rest, _ := bytes.Cut(b, []byte(" "))
	switch {
	case bytes.ContainsAny(first, "/-.*$`'\"~:=<>&|;%"), digit(first[0]):
		return true, false
	}
	return len(bytes.TrimSpace(rest)) == 0 || bytes.ContainsAny(b, "/-;|>`$"), false
}

// function scores the definition of a shell's function at a value's beginning,
// behind which old versions of bash ran what followed (Shellshock).
func (t *text) function(score *scores) {
	b := bytes.TrimLeft(t.bytes(), " ")
	if rest, found := bytes.CutPrefix(b, []byte("()")); found && bytes.HasPrefix(bytes.TrimLeft(rest, " "), []byte("{")) {
		score.raise(Shellshock, clearScore)
	}
}

// commanding says whether a parameter's name is that of a command.
func commanding(name []byte) bool {
	switch string(lowerName(name, new([40]byte))) {
	case "cmd", "exec", "command", "execute", "shell", "system", "run", "cmdline", "syscmd":
		return true
	}
	return false
}

// typed says whether the text is one of the commands that people type first, under the
// name of one. It must be all that is asked: file managers name a folder besides.
func (t *text) typed(name []byte) bool {
	switch string(t.bytes()) {
	case "ls", "dir", "id", "pwd", "ps":
		return commanding(name)
	}
	return false
}

// shell scores a parameter of a web shell: cmd=whoami. Connectors of file managers
// have verbs that are programs' names too.
func (t *text) shell(name []byte, score *scores) {
	strong := commanding(name)
	if low := lowerName(name, new([40]byte)); !strong && (len(low) == 0 || len(low) > 2 || string(low) == "q" || string(low) == "s") { // what is searched for
		return
	}
	b := t.bytes()
	rest, kind := commandName(b)
	argued, ended := arguments(rest)
	switch {
	case kind == 0:
	case argued && (strong || kind != needs || bytes.IndexByte(b, '/') >= 0 || bytes.Contains(b, []byte(" -"))):
		score[Command] += clearScore
	case kind == alone && ended && (strong || string(b) == "whoami" || string(b) == "ifconfig" || string(b) == "ipconfig"):
		score[Command] += clearScore
	case kind == common && ended && strong && string(b) == "id":
		score[Command] += clearScore
	case kind == common && ended && strong:
		score[Command] += hintScore
	}
	if t.has('(') && t.has(';') && (bytes.HasPrefix(b, []byte("system(")) || bytes.HasPrefix(b, []byte("phpinfo()")) || bytes.HasPrefix(b, []byte("exec("))) {
		score[Code] += clearScore
	}
}
