package payload

import (
	"bytes"
	"encoding/base64"
)

// agents of scripts and libraries, and of tools that only attackers and testers
// run, as they begin or, for the second list, wherever they stand.
var (
	scriptAgents = []string{"curl/", "wget/", "python", "go-http-client", "libwww", "java/", "perl", "ruby", "powershell",
		"winhttp", "wininet", "autoit", "nsis", "axios", "node", "okhttp", "apache-httpclient", "lwp", "mozilla/5.0 (windows nt; windows nt"}
	scannerAgents = vocabularyOf([]string{"sqlmap", "nikto", "dirbuster", "gobuster", "wfuzz", "ffuf", "acunetix", "nessus", "openvas", "w3af",
		"havij", "arachni", "whatweb", "wpscan", "feroxbuster", "dirb ", "skipfish", "netsparker", "burp", "zaproxy", "nuclei",
		"commix", "xsstrike", "morfeus", "zmeu", "masscan", "zgrab", "jaeles", "paros", "webinspect",
		"appscan", "fuzz faster", "wapiti", "dirsearch", "jorgee", "joomscan", "fimap", "sqlninja", "absinthe", "webshag", "vega/"})
)

// agentMark puts a user agent into its group.
func agentMark(agent []byte) Marks {
	if scannerAgents.in(agent) {
		return ScannerAgent
	}
	for _, a := range scriptAgents {
		if foldPrefix(agent, a) {
			return ScriptAgent
		}
	}
	if fragment(agent) {
		return ForgedBrowser
	}
	switch {
	case signed(agent):
		return NamedAgent
	case browser(agent), foldPrefix(agent, "mozilla/"): // the latter says nothing
		return 0
	case foldPrefix(agent, "microsoft ncsi"), bytes.IndexByte(agent, '/') > 0 && bytes.IndexByte(agent, '|') < 0, versioned(agent):
		return NamedAgent
	}
	return OddAgent
}

// versioned is true for a name in words with its system and version in brackets.
func versioned(agent []byte) bool {
	name, about, found := bytes.Cut(agent, []byte(" ("))
	if !found || len(name) < 4 || !bytes.HasSuffix(about, []byte(")")) {
		return false
	}
	for _, c := range name {
		if !letter(c) && c != ' ' {
			return false
		}
	}
	dot := bytes.LastIndexByte(about, '.')
	return !foldPrefix(name, "mozilla") && dot > 0 && dot+1 < len(about) && digit(about[dot-1]) && digit(about[dot+1])
}

// browser says whether the agent calls itself a browser and on which system. Those
// of scanners do so too, but hide nothing.
func browser(agent []byte) bool {
	return foldIndex(agent, "nmap") < 0 && !signed(agent) && (foldPrefix(agent, "mozilla/") || foldPrefix(agent, "opera/")) && bytes.IndexByte(agent, '(') > 0
}

// signed is true for a program that puts its own name where Internet Explorer has its
// system.
func signed(agent []byte) bool {
	const front = "(compatible; MSIE "
	i := bytes.Index(agent, []byte(front))
	if i < 0 {
		return false
	}
	_, name, _ := bytes.Cut(agent[i+len(front):], []byte("; "))
	name, rest, closed := bytes.Cut(name, []byte(")"))
	for _, c := range name {
		if !letter(c) {
			return false
		}
	}
	return closed && len(rest) == 0 && len(name) >= 5 && !foldPrefix(name, "win") && !foldPrefix(name, "trident") && !foldPrefix(name, "linux")
}

// fragment is true for a part of a browser's name and nothing else.
func fragment(agent []byte) bool {
	switch {
	case string(agent) == "Mozilla/4.0", len(agent) == 7 && foldPrefix(agent, "mozilla"):
		return true
	}
	return bytes.IndexByte(agent, '/') < 0 && (foldPrefix(agent, "windows nt ") || foldPrefix(agent, "windows+nt+") || foldPrefix(agent, "msie "))
}

// reporting weighs an agent that is a row of fields, or such a row hidden in Base64, in
// which scripts report on the machine; 0: it is none.
func reporting(agent []byte) uint8 {
	switch {
	case len(agent) >= 40 && inBase64(agent):
		var plain [96]byte
		n, _ := base64.StdEncoding.Decode(plain[:], agent[:min(len(agent), 128)&^3])
		if n >= 30 && printable(plain[:n]) {
			return hiddenReport
		}
		return plainReport
	case bytes.Count(agent, []byte("|")) >= 4, bytes.Count(agent, []byte("::")) >= 2:
		return plainReport
	}
	return 0
}

// Weights of reports in place of an agent.
const (
	plainReport  = 9
	hiddenReport = 32
)

// misspelt is true for a browser's name that no browser writes: without the blank
// before the system, in small letters, or of Internet Explorer's eighth version or
// later with the engine of another (version 8 has Trident/4.0, 9 has 5.0, 10 has 6.0, 11,
// which is like Gecko, has 7.0).
func misspelt(agent []byte) bool {
	if !foldPrefix(agent, "mozilla") || len(agent) < 12 {
		return false
	}
	if agent[0] != 'M' || bytes.HasPrefix(agent, []byte("Mozilla / ")) || agent[11] == '(' {
		return true
	}
	msie, trident := foldIndex(agent, "msie "), foldIndex(agent, "trident/")
	if trident < 0 && foldIndex(agent, "rv:11.0) like gecko") >= 0 {
		return true
	}
	if msie < 0 || trident < 0 || msie+5 >= len(agent) || trident+8 >= len(agent) {
		return false
	}
	version := number(agent[msie+5:])
	return version >= 8 && version <= 10 && number(agent[trident+8:]) != version-4
}

// explorer is true for an agent that calls itself Internet Explorer.
func explorer(agent []byte) bool {
	return foldIndex(agent, "msie ") >= 0 || foldIndex(agent, "trident/") >= 0
}

// engine is true for an agent that calls itself Chrome, Firefox or one of their kin.
func engine(agent []byte) bool {
	return foldIndex(agent, " chrome/") >= 0 || foldIndex(agent, " firefox/") >= 0
}

// mobile is true for telephones and tablets, on which a program of any kind shows
// pages, and speaks, under the name of the system's browser.
func mobile(agent []byte) bool {
	return foldIndex(agent, "android") >= 0 || foldIndex(agent, "iphone") >= 0 || foldIndex(agent, "ipad") >= 0
}
