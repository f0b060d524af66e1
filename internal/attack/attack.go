// Package attack holds the vocabulary of verdicts: the eight classes of attack
// and benign, what each is called in words, how severe it is, and which MITRE
// ATT&CK techniques it stands for.
package attack

// Class is one of the nine groups that the seed paper makes of CICIDS2017's
// fifteen labels. The string is the one printed in JSON.
type Class string

// The nine classes.
const (
	Benign       Class = "benign"
	PortScan     Class = "portscan"
	BruteForce   Class = "bruteforce"
	DoS          Class = "dos"
	DDoS         Class = "ddos"
	Bot          Class = "bot"
	WebAttack    Class = "webattack"
	Infiltration Class = "infiltration"
	Heartbleed   Class = "heartbleed"
)

// Classes lists the attack classes, without benign, in the order reports use.
func Classes() []Class {
	return []Class{PortScan, BruteForce, DoS, DDoS, Bot, WebAttack, Infiltration, Heartbleed}
}

// Parse gives the class that a string names; ok is false if it names none.
func Parse(s string) (c Class, ok bool) {
	c = Class(s)
	if c == Benign {
		return c, true
	}
	_, ok = about[c]
	return c, ok
}

// Title is the class in words, as a person writes it in a sentence's head.
func (c Class) Title() string {
	if c == Benign {
		return "Benign"
	}
	return about[c].title
}

// Severity is 1 for the most urgent, 3 for the least, as in Suricata's EVE.
func (c Class) Severity() int { return about[c].severity }

// Techniques lists the ATT&CK techniques that the class stands for unless a
// behaviour knows a more exact one.
func (c Class) Techniques() []string { return append([]string(nil), about[c].techniques...) }

// Source: MITRE ATT&CK for Enterprise.
var about = map[Class]struct {
	title      string
	severity   int
	techniques []string
}{
	PortScan:     {"Port scan", 3, []string{"T1046"}},
	BruteForce:   {"Brute force", 2, []string{"T1110.001"}},
	DoS:          {"Denial of service", 2, []string{"T1499.002"}},
	DDoS:         {"Distributed denial of service", 1, []string{"T1498.001"}},
	Bot:          {"Bot", 1, []string{"T1071.001"}},
	WebAttack:    {"Web attack", 2, []string{"T1190"}},
	Infiltration: {"Infiltration", 1, []string{"T1021"}},
	Heartbleed:   {"Heartbleed", 1, []string{"T1190", "T1212"}},
}
