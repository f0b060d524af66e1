package lab

import (
	"context"
	"fmt"
	"net/netip"
	"time"
)

// machineLife: peer-to-peer, tunnels, updates, the whole office.
func machineLife() []Scenario {
	return []Scenario{
		benign("peer-to-peer", 60*time.Second, playPeerToPeer),
		benign("openvpn", 60*time.Second, playOpenvpn),
		benign("updates", 60*time.Second, playUpdates),
		benign("heartbeat-poll", 120*time.Second, playHeartbeatPoll),
		benign("traceroute", 40*time.Second, playTraceroute),
		benign("irc-chat", 60*time.Second, playIRCChat),
		benign("office", 120*time.Second, playOffice),
	}
}

func playPeerToPeer(ctx context.Context, r *Run) error {
	h, err := r.host(ctx, "swarm", false)
	if err != nil {
		return err
	}
	p := netip.PrefixFrom(netip.AddrFrom4([4]byte{198, 18, byte(r.IntN(60) * 4), 0}), 22)
	if err := h.Own(ctx, p); err != nil {
		return err
	}
	if err := h.Serve(self(), "actor", "peer", "-port", "51413"); err != nil {
		return err
	}
	// Half of the addresses asked belong to nobody.
	wide := netip.PrefixFrom(p.Addr(), 21).Masked()
	r.People[0].Self(ctx, "peer", "-network", wide.String(), "-rate", fmt.Sprint(r.between(2, 8)), "-for", "55s", "-seed", fmt.Sprint(r.Uint64()))
	return nil
}

func playOpenvpn(ctx context.Context, r *Run) error {
	key := r.Dir + "/vpn.key"
	if err := shArgs(ctx, "openvpn", "--genkey", "secret", key); err != nil {
		return err
	}
	const common = " --dev tun --cipher AES-256-CBC --keepalive 5 30"
	go r.News.Shell(ctx, "openvpn --ifconfig 10.99.0.1 10.99.0.2 --secret %s --port 1194 %s", key, common)
	pause(ctx, time.Second)
	h := r.People[0]
	go h.Shell(ctx, "openvpn --ifconfig 10.99.0.2 10.99.0.1 --secret %s --remote %s 1194 %s", key, r.News.Addr, common)
	pause(ctx, 3*time.Second)
	h.Shell(ctx, "while :; do curl -s -m 9 -o /dev/null http://10.99.0.1/page%d.html; curl -s -m 9 -o /dev/null http://10.99.0.1/img/3.png; ping -c 3 -i 0.3 10.99.0.1; sleep %d; done", r.IntN(40), r.between(1, 4))
	return nil
}

// playUpdates: every machine asks for news of its programs, then fetches some.
func playUpdates(ctx context.Context, r *Run) error {
	r.each(ctx, func(ctx context.Context, h *Host, r *Run) {
		pause(ctx, r.seconds(0, 10))
		h.Shell(ctx, "for i in $(seq %d); do curl -s -o /dev/null http://news.lab/img/$i.png; done; curl -s -o /dev/null http://news.lab/files/%s", r.between(5, 30), r.pick("setup.bin", "report.pdf", "update.exe"))
	})
	return nil
}

// playHeartbeatPoll: a chat program's web client: long polls of varying length.
func playHeartbeatPoll(ctx context.Context, r *Run) error {
	return r.again(ctx, 6*time.Second, func(ctx context.Context, h *Host, r *Run) {
		h.Shell(ctx, "curl -s -k -o /dev/null 'https://news.lab/page%d.html?since=%d'", r.IntN(40), r.IntN(99999))
	})
}

func playTraceroute(ctx context.Context, r *Run) error {
	r.People[0].Shell(ctx, "traceroute -n -w 1 %s; traceroute -n -I -w 1 %s; ping -c 4 %s", r.News.Addr, r.News.Addr, r.DNS.Addr)
	return nil
}

func playIRCChat(ctx context.Context, r *Run) error {
	if err := r.News.Serve(self(), "actor", "chat", "-listen", ":6697", "-every", "20s"); err != nil {
		return err
	}
	pause(ctx, 300*time.Millisecond)
	r.each(ctx, func(ctx context.Context, h *Host, r *Run) {
		h.Self(ctx, "chat", "-dial", r.News.Addr.String()+":6697", "-every", "5s", "-for", "55s", "-name", r.pick("martha", "tom_h", "greenthumb", "olaf")+h.Name[4:], "-seed", fmt.Sprint(r.Uint64()))
	})
	return nil
}

func playOffice(ctx context.Context, r *Run) error {
	r.Life(ctx)
	return nil
}

// quiet gives the n-th address inside to nobody who answers: packets to it are seen
// on the bridge and end there.
func (r *Run) quiet(ctx context.Context, n byte) (netip.Addr, error) {
	a := r.At(n)
	h, err := r.crowd(ctx)
	if err != nil {
		return a, err
	}
	mac, err := r.mac(ctx, h)
	if err != nil {
		return a, err
	}
	for _, p := range r.People {
		if err := sh(ctx, fmt.Sprintf("ip -n %s neigh replace %s lladdr %s dev eth0 nud permanent", p.ns, a, mac)); err != nil {
			return a, err
		}
	}
	return a, nil
}
