package incident

import (
	"fmt"
	"net/netip"
	"strings"

	"firetower/internal/attack"
)

// advice is what to look at and what to do next, by class.
var advice = map[attack.Class]string{
	attack.PortScan:     "Find out who runs the scanning host. If it is yours and not a scanner you know of, treat it as infected; if it is outside, check what the open ports among those listed offer and close what need not be reachable.",
	attack.BruteForce:   "Look in the service's log for a log-in from this source that succeeded. Block the source, change the password of any account it reached, and allow log-ins only by key or from known networks.",
	attack.DoS:          "Block or rate-limit the source upstream of the target. Check that the service answers again, and lower its timeouts and its limit of connections per client.",
	attack.DDoS:         "Ask the provider to filter towards the target, and turn on SYN cookies and rate limits. Source addresses may be forged: do not block them one by one.",
	attack.Bot:          "Isolate the infected host and take an image of it before cleaning. Block the controller's address and look for other hosts that speak to it.",
	attack.WebAttack:    "Look in the web server's log for the requests of this source and for replies that are unusually large or slow. Fix the input that was probed, and assume that what the database holds was read if they succeeded.",
	attack.Infiltration: "Isolate the target, find out which account was used, and look for new services, scheduled tasks and files on it. Follow where it connected next.",
	attack.Heartbleed:   "Update OpenSSL on the target, then replace its private key and certificate and end all sessions: its memory may have been read.",
}

// filter derives a Wireshark display filter: the first actor with the first
// targets and, where they are few, the ports.
func filter(in *Incident) string {
	var parts []string
	if in.ActorsTotal == 1 {
		parts = append(parts, "("+address(in.Actors[0])+")")
	}
	if n := len(in.Targets); n > 0 && n <= 4 && n == in.TargetsTotal {
		targets := make([]string, n)
		for i, t := range in.Targets {
			targets[i] = address(t)
		}
		parts = append(parts, "("+strings.Join(targets, " || ")+")")
	}
	if n := len(in.Ports); n > 0 && n <= 4 && n == in.PortsTotal {
		ports := make([]string, n)
		for i, p := range in.Ports {
			ports[i] = fmt.Sprintf("tcp.port == %d || udp.port == %d", p, p)
		}
		parts = append(parts, "("+strings.Join(ports, " || ")+")")
	}
	return strings.Join(parts, " && ")
}

func address(a string) string {
	if ip, err := netip.ParseAddr(a); err == nil && ip.Is6() {
		return "ipv6.addr == " + a
	}
	return "ip.addr == " + a
}
