package payload

import (
	"bytes"
	"strings"

	"firetower/internal/packet"
)

// stream looks at a flow that is no known protocol: a shell's banner, a program
// that comes down the wire, words of home-made bots, banners of remote-access
// trojans.
func (s *Signals) stream(d int, b []byte, p *packet.Packet) bool {
	if p.Proto == packet.TCP {
		if s.Looked[d] == 1 {
			s.announce(d, b, p)
			if s.unseen(1-d) && archive(b) {
				s.Marks |= Archive
			}
		}
		s.typed(d, b)
		s.Frames.add(d, b, p.PayloadLen)
		if s.Looked[d] == 1 && s.unseen(1-d) && passwords(b) {
			s.Domain.Gathered |= PasswordsOut
		}
		if shell(b) || prompts(b) {
			s.Marks |= Shell
			if d == 0 {
				s.Marks |= ShellFwd
			}
		}
		if s.Looked[d] <= 3 && staged(b) {
			s.Marks |= Staged
		}
		if d == 1 && ordered(b) {
			s.Marks |= BotWords
		}
		if d == 0 && s.Looked[d] == 1 && disguised(b) {
			s.first |= underKey
		}
	}
	if wantsPasswords(b) {
		s.Domain.Gathered |= PasswordsOut
	}
	if s.Looked[d] <= 4 {
		if ratBanner(b) || counted(b, p.PayloadLen) || d == 0 && s.keepsMirai(b, p.Time) {
			s.Marks |= RATWords
		}
		if printable(b) && botWords(b[:min(len(b), 256)]) {
			s.Marks |= BotWords
		}
		if mines(b) {
			s.Marks |= Mines
		}
		if d == 0 && bareVia(b) {
			s.Marks |= RawHost
		}
		if d == 0 && !s.Marks.Any(Shell) && hostInfo(b[:min(len(b), 512)]) {
			s.Marks |= HostInfo
		}
	}
	return false
}

// commandLines are what people type into a shell that they have won.
var commandLines = []string{"id", "whoami", "ls", "ls -la", "ls -l", "pwd", "ifconfig", "ipconfig", "ipconfig /all", "uname -a", "hostname", "systeminfo",
	"cat /etc/passwd", "cat /etc/shadow", "net user", "dir", "ps aux", "tasklist", "cd ..", "cd /", "netstat -an", "netstat -antp", "ip a", "ip addr", "sudo -l", "ps -ef", "whoami /all", "whoami /priv", "arp -a", "route print", "python -c 'import pty; pty.spawn(\"/bin/bash\")'"}

// typed counts packets that are nothing but a shell's command line. Two of them
// make a shell at the other end.
func (s *Signals) typed(d int, b []byte) {
	if len(b) == 2 && (b[0] == '$' || b[0] == '#') && b[1] == ' ' && s.state == 0 { // a prompt
		s.state = 1
		return
	}
	if len(b) < 2 || len(b) > 64 || b[len(b)-1] != '\n' {
		return
	}
	if !commandLine(string(bytes.TrimRight(b, "\r\n"))) {
		return
	}
	if s.state++; s.state >= 2 {
		s.Marks |= Shell
		if d == 1 {
			s.Marks |= ShellFwd
		}
	}
}

// commandStarts are programs that are called with arguments; what follows must look
// like a path, an option or an address.
var commandStarts = []string{"cat ", "ls ", "cd ", "wget ", "curl ", "chmod ", "rm ", "mkdir ", "find ", "grep ", "sudo ", "crontab ", "net ", "type ", "certutil "}

// commandLine knows a line that is nothing but a shell's command.
func commandLine(line string) bool {
	for _, c := range commandLines {
		if line == c {
			return true
		}
	}
	for _, c := range commandStarts {
		if rest, found := strings.CutPrefix(line, c); found && rest != "" && strings.ContainsAny(rest, "/\\-+.*") {
			return true
		}
	}
	return false
}

// prompts says whether a packet ends in a shell's prompt: of Windows, a drive's
// folder; elsewhere user@host:directory or a folder alone, and the sign of a user or
// of root with a blank.
func prompts(b []byte) bool {
	line := b[bytes.LastIndexByte(b, '\n')+1:]
	n := len(line)
	if n < 4 || n > 160 {
		return false
	}
	if line[n-1] == '>' || line[n-1] == ' ' && line[n-2] == '>' {
		line = bytes.TrimPrefix(line, []byte("PS "))
		return letter(line[0]) && line[1] == ':' && line[2] == '\\'
	}
	if line[n-1] != ' ' || line[n-2] != '$' && line[n-2] != '#' {
		return false
	}
	line = line[:n-2]
	if line[0] == '/' || line[0] == '~' { // a folder: busybox
		return bytes.IndexByte(line, ' ') == len(line)-1
	}
	if bytes.HasSuffix(line, []byte("\u2500")) { // the second line of Kali's
		return true
	}
	at, colon := bytes.IndexByte(line, '@'), bytes.IndexByte(line, ':')
	if line[0] == '[' && line[len(line)-1] == ']' {
		return at > 1
	}
	if at < 1 || colon < at+2 || colon+1 >= len(line) || line[colon+1] != '/' && line[colon+1] != '~' {
		return false
	}
	return bytes.IndexByte(line, ' ') < 0
}

// injectsShell knows a message that has the other side run a shell which fetches
// something or calls back, as exploits of many services do.
func injectsShell(b []byte) bool {
	b = b[:min(len(b), 512)]
	if c := b[0]; c == '<' || c == '{' || c == '[' || digit(c) { // a log's line, by its priority, time or brace
		return false
	}
	at := -1
	for _, sh := range []string{"sh -c", "/bin/sh", "/bin/bash", "ARGV0000000"} {
		if at = bytes.Index(b, []byte(sh)); at >= 0 {
			break
		}
	}
	if at < 0 {
		return false
	}
	for _, call := range []string{"|telnet ", "/dev/tcp/", "mkfifo ", "mknod ", "nc -e", "ncat -e", "; nc ", "wget http", "curl http", "ARGV00000002sh"} {
		if bytes.Contains(b, []byte(call)) {
			return true
		}
	}
	return false
}

// hostInfo says whether a client introduces itself by its system, in ASCII or
// UTF-16, as remote-access trojans do when they report for duty.
func hostInfo(b []byte) bool {
	for _, w := range []string{"windows xp", "windows 7", "windows 8", "windows 10", "windows 11", "windows server", "win xp", "winxp", "win 7", "win7", "win 10", "win10", "win11",
		"service pack", "microsoft windows", "intel(r)", "administrator", "desktop-", "linux-2.", "linux-3.", "linux-4.", "linux-5.", "linux-6."} {
		if wide(b, w) {
			return true
		}
	}
	return false
}

// shells are beginnings of lines that only a shell, or a command run in one, says.
var shells = []string{"Microsoft Windows [Version", "Microsoft Windows XP [Version", "Microsoft Windows 2000 [Version", "(C) Copyright 1985-",
	"bash: no job control in this shell", "bash: cannot set terminal process group", "www-data@", "Volume Serial Number is", "Volume in drive ",
	"Windows PowerShell\r\nCopyright", "root:x:0:0:", "/bin/sh: ", "sh: no job control", "sh-2.", "sh-3.2", "sh-4.", "sh-5.", "bash-3.", "bash-4.", "bash-5.", "Linux metasploitable ",
	"uid=0(root) gid=", "Active Internet connections", "Windows IP Configuration", "Directory of "}

// shell says whether one of the packet's first lines is a shell's.
func shell(b []byte) (found bool) {
	eachLine(b[:min(len(b), 512)], func(line []byte) {
		line = bytes.TrimLeft(line, " \r")
		for _, w := range shells {
			found = found || bytes.HasPrefix(line, []byte(w))
		}
		found = found || identity(line) || len(line) > 3 && letter(line[0]) && line[1] == ':' && line[2] == '\\' && bytes.HasSuffix(line, []byte(">"))
	})
	return found
}

// identity knows what id says: uid=33(www-data) gid=33...
func identity(line []byte) bool {
	rest, found := bytes.CutPrefix(line, []byte("uid="))
	n := 0
	for n < len(rest) && digit(rest[n]) {
		n++
	}
	return found && n > 0 && n < len(rest) && rest[n] == '(' && bytes.Contains(rest, []byte("gid="))
}

// staged says whether a stage for remote control begins in the packet's first
// bytes: a program behind its length, or one whose header was made to run as code.
// A plain program might be any file transfer.
func staged(b []byte) bool {
	if len(b) < 24 {
		return false
	}
	if b[0] == 'M' && b[1] == 'Z' && (b[2] == 0xe8 || b[2] == 'A' && b[3] == 'R' || b[2] == 'R' && b[3] == 'E') {
		return true
	}
	if n := be32(b, 0); n > 256 && n < 1<<22 { // stages in Python and Java are behind their length in network order
		for _, code := range []string{"import ", "#!/usr/bin/python", "\xca\xfe\xba\xbe"} {
			if bytes.HasPrefix(b[4:], []byte(code)) {
				return true
			}
		}
	}
	n := le32(b, 0)
	return n > 4096 && n < 1<<24 && b[4] == 'M' && b[5] == 'Z' && b[6] != 0
}

// announce notes where a stage would end: who speaks first sends a number, then
// exactly so many bytes, and only then does the other side say anything.
func (s *Signals) announce(d int, b []byte, p *packet.Packet) {
	const least, most = 20_000, 4 << 20
	if n := le32(b, 0); s.Looked[1-d] == 0 && n >= least && n <= most && (len(b) == 4 || p.PayloadLen > 1000) {
		s.offer = p.Seq + 4 + n
	}
}

// passwords knows the beginning of Unix' files of users and of their passwords in base
// 64: root's line, which is the first, with a password's hash or with his number.
func passwords(b []byte) bool {
	for _, begin := range [...]string{"cm9vdDp4OjA6MDpy", "cm9vdDok", "cm9vdDoqOjA6MDp", "cm9vdDohOj"} {
		if bytes.HasPrefix(b, []byte(begin)) {
			return true
		}
	}
	return false
}

// listsUsers knows a line of root in Unix' file of users or of their passwords: his
// number, or what stands for his password and the days for which it is good.
func listsUsers(b []byte) bool {
	i := bytes.Index(b, []byte("root:"))
	if i < 0 || i > 0 && b[i-1] != '\n' {
		return false
	}
	word, rest, _ := bytes.Cut(b[i+len("root:"):], []byte(":"))
	if bytes.HasPrefix(rest, []byte("0:0:")) {
		return len(word) <= 1
	}
	n := 0
	for n < len(rest) && digit(rest[n]) {
		n++
	}
	return n == 5 && bytes.HasPrefix(rest[n:], []byte(":0:")) && len(word) > 0 && bytes.IndexByte([]byte("$*!x"), word[0]) >= 0
}

// wantsPasswords knows a request for Unix' file of passwords by its name: of rsync's
// daemon, or by TFTP and FTP.
func wantsPasswords(b []byte) bool {
	if i := bytes.Index(b, []byte("etc/shadow")); i < 0 || i > 512 {
		return false
	}
	return bytes.Contains(b, []byte("--sender")) || b[0] == 0 && len(b) > 1 && b[1] == 1 || foldPrefix(b, "retr ")
}

// archives are the beginnings of compressed files and of files of files.
var archives = []string{"\x1f\x8b\x08", "PK\x03\x04", "7z\xbc\xaf\x27\x1c", "Rar!\x1a\x07", "\xfd7zXZ\x00", "\x28\xb5\x2f\xfd", "MSCF\x00\x00\x00\x00"}

func archive(b []byte) bool {
	for _, a := range archives {
		if bytes.HasPrefix(b, []byte(a)) {
			return true
		}
	}
	return bytes.HasPrefix(b, []byte("BZh")) && bytes.HasPrefix(b[min(4, len(b)):], []byte("1AY&SY")) || tar(b)
}

// tar knows the head of a file in an archive of tar: a name in 100 bytes, then mode,
// owner, group, size and time in octal digits.
func tar(b []byte) bool {
	if len(b) < 148 || b[0] == 0 || b[99] != 0 {
		return false
	}
	for _, f := range [...][2]int{{100, 107}, {108, 115}, {116, 123}, {124, 135}, {136, 147}} {
		for _, c := range b[f[0]:f[1]] {
			if c < '0' || c > '7' {
				return false
			}
		}
	}
	return true
}

// keepsMirai knows how bots of the Mirai family report and stay: the number 1 in four
// bytes, with the name under which they came behind its length or in a packet of its
// own, then two zero bytes a minute. Signals.left keeps that one has reported.
func (s *Signals) keepsMirai(b []byte, now int64) bool {
	if s.Looked[0] == 1 && len(b) >= 4 && be32(b, 0) == 1 && (len(b) == 4 || len(b) == 5+int(b[4])) {
		s.left[0] = reported
	}
	return s.left[0] == reported && len(b) == 2 && b[0] == 0 && b[1] == 0 && s.Rhythm.Bursts > 1 && s.Rhythm.begun == now
}

// reported in Signals.left says that the client has, as Mirai's do.
const reported = 1

// rats are beginnings of the protocols of remote-access trojans, as analyses by
// many vendors describe them; ratWords are what others have within.
var (
	rats = []string{"Gh0st", "KEEPALIVE", "BF7CAB464EFB", "lv0njxq80", "MSG|", "BotInfo|", "#BOT#", "RemoteShell", "newconn|", "myversion|", "BUILDID", "PING|", "infos|", "Ghost",
		"d1:ad2:id20:888888", // Mozi's nodes in BitTorrent's table
		"!* ", "BUILD ", "! UDP ", "! TCP ", "! STD ", "! SYN ", "! HTTP "}
	ratWords = []string{"|'|'|", "[endof]", "*-]NK[-*", "|STRRAT|", "<Xwormmm>"}
)

// ratBanner knows them, and the shape that Gh0st's many descendants share: a tag of
// some letters, the packet's own length, the unpacked length, zlib.
func ratBanner(b []byte) bool {
	head := b[:min(len(b), 200)]
	for _, w := range rats {
		if bytes.HasPrefix(head, []byte(w)) {
			return true
		}
	}
	for _, w := range ratWords {
		if bytes.Contains(head, []byte(w)) {
			return true
		}
	}
	if len(b) == 12 && hexUpper(b) { // DarkComet's greeting
		return true
	}
	if len(b) >= 8 && string(b[:4]) == "9002" && le32(b, 4) < 1<<20 { // 9002, behind its own name: how much follows
		return true
	}
	for at := 3; at+10 < len(head) && at <= 12; at++ {
		n := int(le32(head, at))
		if !plain(head[:at]) {
			return false
		}
		if n > at+8 && n < 1<<20 && n >= len(b) && head[at+8] == 0x78 && (head[at+9] == 0x9c || head[at+9] == 0x01 || head[at+9] == 0xda) {
			return true
		}
	}
	return false
}

// counted knows a message behind its length in decimal digits and a zero, as the
// family of njRAT frames its messages and nobody else does.
func counted(b []byte, length uint32) bool {
	n, at := 0, 0
	for at < len(b) && at < 6 && digit(b[at]) {
		n = 10*n + int(b[at]-'0')
		at++
	}
	return n >= 8 && at < len(b) && b[at] == 0 && uint32(n+at+1) == length
}

// bareVia knows the opening of .NET's message framing ([MC-NMF]) that names the
// service by a bare address instead of a name.
func bareVia(b []byte) bool {
	i := bytes.Index(b[:min(len(b), 64)], []byte("net.tcp://"))
	return b[0] == 0 && i > 0 && i+10 < len(b) && digit(b[i+10])
}

// mines knows the calls by which a miner of coins asks for work (Stratum, and the
// dialects of it that the miners for processors speak).
func mines(b []byte) bool {
	if b[0] != '{' {
		return false
	}
	for _, w := range []string{"\"mining.subscribe\"", "\"mining.authorize\"", "\"mining.notify\"", "\"eth_submitlogin\"", "\"eth_getwork\""} {
		if foldIndex(b, w) >= 0 {
			return true
		}
	}
	return foldIndex(b, "\"login\"") >= 0 && (foldIndex(b, "\"algo\"") >= 0 || foldIndex(b, "xmrig") >= 0 || foldIndex(b, "\"rigid\"") >= 0)
}

// plain says whether all are letters and other visible signs.
func plain(b []byte) bool {
	for _, c := range b {
		if c <= ' ' || c >= 127 {
			return false
		}
	}
	return true
}

// hexUpper says whether all is hexadecimal in upper case, with some letters.
func hexUpper(b []byte) bool {
	letters := 0
	for _, c := range b {
		if c >= 'A' && c <= 'F' {
			letters++
		} else if !digit(c) {
			return false
		}
	}
	return letters >= 2
}

// botWords knows the plain words of home-made bots and of exercises.
func botWords(b []byte) bool {
	for _, w := range []string{"bot_", "botnet", "zombie", "beacon", "implant", "c2_", "bot alive", "botid", "heartbeat from", "i am bot", "checkin", "check-in", "check_in", "cmd_exec", "exfil"} {
		if foldIndex(b, w) >= 0 {
			return true
		}
	}
	return numbered(b, "bot")
}

// numbered is true for a word of its own behind which a dash or a number stands.
func numbered(b []byte, word string) bool {
	for at := 0; ; {
		i := foldIndex(b[at:], word)
		if i < 0 {
			return false
		}
		i += at
		at = i + len(word)
		if (i == 0 || !letter(b[i-1]) && !digit(b[i-1])) && at < len(b) && (b[at] == '-' || b[at] == '#' || digit(b[at])) {
			return true
		}
	}
}
