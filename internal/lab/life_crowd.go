package lab

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"time"
)

// crowds: harmless programs that talk to many.
func crowds() []Scenario {
	return []Scenario{
		benign("many-hosts-page", 60*time.Second, playManyHostsPage),
		benign("telemetry", 60*time.Second, playTelemetry),
		benign("recursion", 50*time.Second, playRecursion),
		benign("mail-out", 50*time.Second, playMailOut),
		benign("torrent-alone", 60*time.Second, playTorrentAlone),
		benign("aria2-torrent", 60*time.Second, playAria2Torrent),
		benign("lobby", 50*time.Second, playLobby),
		benign("busy-nat", 50*time.Second, playBusyNAT),
	}
}

// playManyHostsPage: a page whose parts come from thirty addresses.
func playManyHostsPage(ctx context.Context, r *Run) error {
	p, err := r.cloud(ctx)
	if err != nil {
		return err
	}
	var b strings.Builder
	for i := range 30 {
		fmt.Fprintf(&b, "<img src=\"http://%s/img/%d.png\">", nthOf(p, 1+i*7), i)
	}
	if err := os.WriteFile(r.News.Dir+"/site/parts.html", []byte("<html><body>"+b.String()+"</body></html>"), 0o644); err != nil {
		return err
	}
	return r.again(ctx, 4*time.Second, func(ctx context.Context, h *Host, r *Run) {
		h.Shell(ctx, "timeout 12 chromium --headless --no-sandbox --disable-gpu --user-data-dir=%s/chromium --dump-dom http://news.lab/parts.html >/dev/null", h.Dir)
	})
}

// playTelemetry: programs that report to one of many servers, in turn, whose names they
// have looked up where nobody sees it.
func playTelemetry(ctx context.Context, r *Run) error {
	p, err := r.cloud(ctx)
	if err != nil {
		return err
	}
	return r.again(ctx, 2*time.Second, func(ctx context.Context, h *Host, r *Run) {
		n := r.IntN(200)
		h.Shell(ctx, "curl -s -k -m 4 -o /dev/null --connect-to ::%s: -d '{\"v\":%d}' https://in%d.metrics.example/beat", nthOf(p, n), r.IntN(100), n)
	})
}

// playRecursion: a resolver asks the name servers of the world, some of which are gone.
func playRecursion(ctx context.Context, r *Run) error {
	p, err := r.cloud(ctx)
	if err != nil {
		return err
	}
	r.repeat(ctx, 150*time.Millisecond, func() {
		r.DNS.Shell(ctx, "dig +tries=1 +time=1 @%s www%d.example A >/dev/null", nthOf(p, r.IntN(280)), r.IntN(999))
	})
	return nil
}

// playMailOut: the mail server delivers to many others, of which some are silent.
func playMailOut(ctx context.Context, r *Run) error {
	p, err := r.cloud(ctx)
	if err != nil {
		return err
	}
	for range 25 {
		go r.Mail.Shell(ctx, "swaks --server %s --from alice@lab --to someone@example.net --body hello --timeout 5", nthOf(p, r.IntN(280)))
		pause(ctx, r.seconds(0.2, 3))
	}
	return nil
}

// playTorrentAlone: a swarm that has gone: most of the peers it remembers do not answer.
func playTorrentAlone(ctx context.Context, r *Run) error {
	p, err := r.cloud(ctx)
	if err != nil {
		return err
	}
	h := r.People[0]
	h.Self(ctx, "peer", "-network", netip.PrefixFrom(nthOf(p, 0), 22).Masked().String(), "-rate", "1.5", "-port", "6881", "-for", "55s", "-seed", fmt.Sprint(r.Uint64()))
	return nil
}

func playAria2Torrent(ctx context.Context, r *Run) error {
	p, err := r.cloud(ctx)
	if err != nil {
		return err
	}
	r.People[0].Shell(ctx, "timeout 55 aria2c -q --seed-time=0 --bt-tracker=http://%s/announce --dht-entry-point=%s:6881 --enable-dht=true --dht-file-path=dht 'magnet:?xt=urn:btih:%040x&x.pe=%s:6881&x.pe=%s:51413'",
		nthOf(p, 3), nthOf(p, 4), r.Uint64(), nthOf(p, 5), nthOf(p, 300))
	return nil
}

// playLobby: a game looks for players: small datagrams to twenty, then much with a few.
func playLobby(ctx context.Context, r *Run) error {
	p, err := r.cloud(ctx)
	if err != nil {
		return err
	}
	r.People[0].Shell(ctx, "for i in $(seq 20); do echo hello$i | nc -u -w 1 -q 0 %s.$((i*9)) 3074 & done; sleep 3; wait", strings.TrimSuffix(nthOf(p, 0).String(), ".1"))
	r.habit(ctx, r.People[0], "CHATTER game "+nthOf(p, 9).String()+" 27015 35")
	return nil
}

// playBusyNAT: a school behind one address reads the news at once.
func playBusyNAT(ctx context.Context, r *Run) error {
	h := r.People[0]
	done := make(chan struct{})
	n := r.between(15, 25)
	for range n {
		own := r.fork()
		go func() {
			own.repeat(ctx, 2*time.Second, func() { own.browse(ctx, h, own.Rand, own.pick("http://news.lab/", "https://news.lab/")) })
			done <- struct{}{}
		}()
	}
	for range n {
		<-done
	}
	return nil
}

// cloud makes a provider outside with a site at each address of a /24.
func (r *Run) cloud(ctx context.Context) (netip.Prefix, error) {
	p := netip.PrefixFrom(netip.AddrFrom4([4]byte{198, 19, byte(r.between(1, 60) * 4), 0}), 24)
	h, err := r.host(ctx, "provider", false)
	if err != nil {
		return p, err
	}
	if err := h.Own(ctx, p); err != nil {
		return p, err
	}
	if err := h.ServeSite(ctx, r.Rand, 0); err != nil {
		return p, err
	}
	if err := h.ServeMail(ctx); err != nil {
		return p, err
	}
	if err := h.Serve("dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts", "--no-daemon", "--conf-file=/dev/null", "--user=root", "--pid-file="+h.Dir+"/d.pid", "--address=/example/192.0.2.7"); err != nil {
		return p, err
	}
	program, err := h.script(scripts["CHATTER"])
	if err != nil {
		return p, err
	}
	if err := h.Serve("sh", "-c", program+" echo x 27015 100"); err != nil {
		return p, err
	}
	return p, h.Serve(self(), "actor", "peer", "-port", "6881")
}

// nthOf counts addresses from the first of a network on, beyond its end if need be.
func nthOf(p netip.Prefix, i int) netip.Addr {
	b := p.Addr().As4()
	n := int(b[2])<<8 + int(b[3]) + 1 + i
	b[2], b[3] = byte(n>>8), byte(n)
	return netip.AddrFrom4(b)
}
