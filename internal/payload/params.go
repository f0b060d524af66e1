package payload

import "bytes"

// checkInKeys are parameter names by which programs describe the machine that
// they run on to whoever counts such machines. Advertising and telemetry use some
// of them too, so that it takes three in one request, or one that only a bot has.
var checkInKeys = map[string]int{
	"guid": 2, "hwid": 4, "botid": 5, "bot_id": 5, "bot": 3, "bid": 1, "uid": 1, "mid": 1, "mi": 1, "machineid": 2, "machine": 2,
	"machine_id": 2, "computer": 2, "computername": 3, "compname": 3, "pcname": 3, "pc": 2, "cn": 1, "hostname": 2, "hostid": 3, "hostip": 2, "host": 1,
	"ver": 1, "version": 1, "v": 1, "build": 1, "build_id": 1, "buildid": 1, "os": 1, "osver": 2, "os_version": 1, "winver": 3,
	"arch": 1, "bits": 1, "ram": 1, "cpu": 1, "gpu": 1, "av": 2, "antivirus": 3, "admin": 2, "isadmin": 3, "ut": 1, "priv": 2,
	"user": 1, "username": 1, "un": 1, "stat": 1, "status": 1, "tick": 2, "uptime": 2, "smtp": 3, "task": 2, "taskid": 3, "cmd": 2,
	"command": 2, "action": 1, "act": 1, "id": 1, "aid": 1, "affid": 2, "aff": 1, "subid": 1, "sid": 1, "knock": 4, "configid": 3, "cc": 1,
	"crc": 2, "ccrc": 3, "md5": 1, "getexe": 4, "group": 1, "campaign": 1, "ip": 1, "mac": 2, "lan": 2, "localip": 3, "socks": 3,
	"port": 1, "bc": 1, "ie": 1, "iever": 2, "country": 1, "lang": 0, "first": 1, "rnd": 1, "entity": 2, "entity_list": 3,
	"report": 1, "userid": 1, "implant": 4, "beacon": 4, "agent": 1, "agent_id": 3, "session": 1, "key": 0, "data": 0, "info": 1,
	"serial": 1, "volume": 2, "disk": 2, "domain": 1, "workgroup": 3, "proc": 2, "pid": 1, "integrity": 3, "kill": 2, "ping": 1,
}

// checkIn is the sum of weights from which a request counts as a check-in.
const checkIn = 5

// noteParameters reads name=value pairs: whether they describe a machine, and
// whether they log somebody in.
func (s *Signals) noteParameters(b []byte, cut bool) {
	weight, seen, password, fractions := 0, 0, false, 0
	all := b
	var said described
	for len(b) > 0 && seen < 48 {
		var pair []byte
		pair, b, _ = bytes.Cut(b, []byte("&"))
		name, value, found := bytes.Cut(pair, []byte("="))
		if !found || len(name) == 0 || len(name) > 24 {
			continue
		}
		seen++
		var low [24]byte
		for i, c := range name {
			low[i] = lower(c)
		}
		if w, ok := checkInKeys[string(low[:len(name)])]; ok && len(value) > 0 {
			weight += w
		}
		said.note(value)
		if fraction(value) {
			fractions++
		}
		if len(value) > 0 && passwordName(low[:len(name)]) {
			password = true
		}
	}
	weight += formNames(all) + said.weight() + describesInJSON(all)
	if weight < checkIn && (fractions >= 3 || fractions > 0 && foldIndex(all, "dateutc=") >= 0) {
		s.Marks |= Readings
	}
	if weight >= checkIn && seen <= 24 {
		inc8(&s.HTTP.CheckIns)
		s.HTTP.Detail = uint8(max(int(s.HTTP.Detail), min(weight, 255)))
	}
	for i, calls := foldIndex(all, "wp.getusersblogs"), 0; i >= 0 && calls < 64; calls++ { // one call of many may stand in a request
		rest := all[i+1:]
		next := foldIndex(rest, "wp.getusersblogs")
		if next < 0 {
			s.form(hash(rest))
			return
		}
		s.form(hash(rest[:next]))
		all, i = rest, next
	}
	if password || foldIndex(all, "\"password\":") >= 0 {
		if foldPrefix(all, "grant_type=") || foldIndex(all, "&grant_type=") >= 0 {
			s.state |= tokenAsked
		}
		s.form(hash(all))
	}
}

// guessesNames says whether a query tries many names of parameters at once, to see which
// the page knows: each has a made-up value of its own, all of one length. The last pair
// may be cut.
func guessesNames(query []byte) bool {
	const enough = 12
	var names, values Sketch
	n, length := 0, 0
	for {
		pair, rest, more := bytes.Cut(query, []byte("&"))
		if !more || n == mostFields {
			break
		}
		name, value, _ := bytes.Cut(pair, []byte("="))
		if len(value) < 4 || n > 0 && len(value) != length {
			return false
		}
		names.Add(shape(name))
		values.Add(hash(value))
		query, length = rest, len(value)
		n++
	}
	return n >= enough && 10*min(names.Count(), values.Count()) >= 8*n
}

// codedBody says whether what is posted to a server's script is a line of signs that is no
// form, no markup, no Base64 and no words, as some web shells are told their orders.
func codedBody(b []byte) bool {
	if len(b) < 24 || len(b) > 1024 || bytes.IndexByte([]byte("{[<"), b[0]) >= 0 || bytes.HasPrefix(b, []byte("--")) || bytes.Count(b, []byte(" ")) > 2 {
		return false
	}
	name, _, _ := bytes.Cut(b, []byte("="))
	odd := 0
	for i, c := range b {
		switch {
		case c < 9 || c > 13 && c < ' ' || c > '~':
			return false
		case i < len(name) && !letter(c) && !digit(c) && bytes.IndexByte([]byte("_-.[]%+$:@&/,; \r\n"), c) < 0:
			odd++
		}
	}
	return odd >= 2
}

// fraction says whether a value is a decimal number with a fraction.
func fraction(v []byte) bool {
	whole, part, found := bytes.Cut(v, []byte("."))
	return found && len(whole) > 0 && len(whole) < 8 && len(part) > 0 && len(part) < 8 && number(part) >= 0 && number(bytes.TrimPrefix(whole, []byte("-"))) >= 0 && bytes.IndexByte(part, '.') < 0
}

// formNames weighs the names of a form's parts (RFC 7578).
func formNames(b []byte) (weight int) {
	const mark = "form-data; name=\""
	for range 8 {
		i := bytes.Index(b, []byte(mark))
		if i < 0 {
			break
		}
		b = b[i+len(mark):]
		if end := bytes.IndexByte(b, '"'); end > 0 {
			weight += checkInKeys[string(bytes.ToLower(b[:min(end, 24)]))]
		}
	}
	return weight
}

// form notes a log-in by a form, whose refusal may look like its acceptance.
func (s *Signals) form(credentials uint32) {
	inc16(&s.LogIns)
	inc16(&s.HTTP.Forms)
	s.Secrets.Add(credentials)
	s.state |= formAuth
}

// passwordName says whether a parameter carries a password.
func passwordName(name []byte) bool {
	switch string(name) {
	case "pass", "pwd", "passwd", "password", "passwort", "user_pass", "userpass", "user_password", "login_password", "psw",
		"log_pwd", "j_password", "pw", "httpd_password", "loginpass", "passw", "pma_password", "contrasena", "senha",
		"pass_", "pass1", "upass", "login_pass", "logpass", "userpwd", "user_pwd", "pswd", "pword", "mdp", "kennwort", "clave", "wachtwoord", "motdepasse":
		return true
	}
	return bytes.HasSuffix(name, []byte("[password]")) || bytes.HasSuffix(name, []byte("password"))
}

// signsIn says whether a path's name says that something logs in there.
func signsIn(path []byte) bool {
	path, _, _ = bytes.Cut(path, []byte("?"))
	path = path[bytes.LastIndexByte(path, '/')+1:]
	for _, word := range []string{"login", "logon", "signin", "sign_in", "sign-in", "log-in", "log_in"} {
		if foldIndex(path, word) >= 0 {
			return true
		}
	}
	return false
}
