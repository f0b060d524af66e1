package lab

import (
	"context"
	"fmt"
	"sync"
	"time"

	"firetower/internal/attack"
)

// benign makes a scenario of daily life.
func benign(name string, limit time.Duration, play func(ctx context.Context, r *Run) error) Scenario {
	return Scenario{Name: name, Class: attack.Benign, Limit: limit, Play: play}
}

// each lets every person do the same until ctx ends, each with dice of its own.
func (r *Run) each(ctx context.Context, f func(ctx context.Context, h *Host, r *Run)) {
	var wg sync.WaitGroup
	for _, h := range r.People {
		own := r.fork()
		wg.Go(func() { f(ctx, h, own) })
	}
	wg.Wait()
}

// again lets every person do the same again and again, with pauses drawn around mean.
func (r *Run) again(ctx context.Context, mean time.Duration, f func(ctx context.Context, h *Host, r *Run)) error {
	r.each(ctx, func(ctx context.Context, h *Host, r *Run) {
		r.repeat(ctx, mean, func() { f(ctx, h, r) })
	})
	return nil
}

// webLife: what browsers do.
func webLife() []Scenario {
	return []Scenario{
		benign("browsing", 60*time.Second, playBrowsing),
		benign("browsing-60-connections", 40*time.Second, playBrowsing60Connections),
		benign("chromium", 60*time.Second, playChromium),
		benign("wget-mirror", 40*time.Second, playWgetMirror),
		benign("download", 40*time.Second, playDownload),
		benign("download-parallel", 40*time.Second, playDownloadParallel),
		benign("video", 60*time.Second, playVideo),
		benign("websocket", 60*time.Second, playWebsocket),
		benign("api-client", 60*time.Second, playAPIClient),
		benign("nat", 50*time.Second, playNAT),
		benign("speed-test", 30*time.Second, playSpeedTest),
	}
}

func playBrowsing(ctx context.Context, r *Run) error {
	return r.again(ctx, time.Second, func(ctx context.Context, h *Host, r *Run) {
		r.browse(ctx, h, r.Rand, r.pick("http://news.lab/", "https://news.lab/", "http://shop.lab/"))
	})
}

func playBrowsing60Connections(ctx context.Context, r *Run) error {
	h := r.People[0]
	r.repeat(ctx, 4*time.Second, func() {
		h.Self(ctx, "browse", "-url", "http://news.lab/", "-pages", "2", "-parallel", "60", "-fresh", "-seed", fmt.Sprint(r.Uint64()), "-think", "2s")
	})
	return nil
}

func playChromium(ctx context.Context, r *Run) error {
	return r.again(ctx, 2*time.Second, func(ctx context.Context, h *Host, r *Run) {
		h.Shell(ctx, "timeout 15 chromium --headless --no-sandbox --disable-gpu --ignore-certificate-errors --user-data-dir=%s/chromium --dump-dom %s >/dev/null",
			h.Dir, fmt.Sprintf(r.pick("http://news.lab/page%d.html", "https://news.lab/page%d.html"), r.IntN(40)))
	})
}

func playWgetMirror(ctx context.Context, r *Run) error {
	r.People[0].Shell(ctx, "wget -q -r -l 2 -p -P %s/mirror http://news.lab/", r.People[0].Dir)
	return nil
}

func playDownload(ctx context.Context, r *Run) error {
	r.each(ctx, func(ctx context.Context, h *Host, r *Run) {
		h.Shell(ctx, "curl -s -k -o /dev/null --limit-rate %dk %s://news.lab/files/%s", r.between(500, 5000), r.pick("http", "https"), r.pick("disc.iso", "setup.bin", "report.pdf"))
	})
	return nil
}

func playDownloadParallel(ctx context.Context, r *Run) error {
	r.People[0].Shell(ctx, "aria2c -q -x %d -s %d -d %s --allow-overwrite=true http://news.lab/files/disc.iso", r.between(4, 16), 16, r.People[0].Dir)
	return nil
}

func playVideo(ctx context.Context, r *Run) error {
	r.each(ctx, func(ctx context.Context, h *Host, r *Run) {
		h.Shell(ctx, "for i in $(seq 0 29); do curl -s -k -o /dev/null %s://news.lab/video/$i.mp4; sleep %.1f; done", r.pick("http", "https"), 1+2*r.Float64())
	})
	return nil
}

func playWebsocket(ctx context.Context, r *Run) error {
	if err := r.News.Serve(self(), "actor", "socket", "-listen", ":8080"); err != nil {
		return err
	}
	pause(ctx, 300*time.Millisecond)
	r.each(ctx, func(ctx context.Context, h *Host, r *Run) {
		h.Self(ctx, "socket", "-dial", r.News.Addr.String()+":8080", "-for", "55s")
	})
	return nil
}

func playAPIClient(ctx context.Context, r *Run) error {
	return r.again(ctx, 3*time.Second, func(ctx context.Context, h *Host, r *Run) {
		h.Shell(ctx, "curl -s -o /dev/null 'http://shop.lab/search?q=%s' ; curl -s -o /dev/null -d 'user=%s&note=100%%25+sure' http://shop.lab/comment", r.pick("lamp", "red%20chair", "o%27neil", "50%25+off", "select+a+desk"), r.pick("ann", "bo"))
	})
}

// playNAT: many people behind one address outside, all at the shop.
func playNAT(ctx context.Context, r *Run) error {
	h, err := r.host(ctx, "nat", false)
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	for range r.between(12, 30) {
		own := r.fork()
		wg.Go(func() {
			pause(ctx, own.seconds(0, 10)) // nobody comes on the stroke
			own.repeat(ctx, 3*time.Second, func() { own.browse(ctx, h, own.Rand, "http://"+r.Shop.Addr.String()+"/") })
		})
	}
	wg.Wait()
	return nil
}

func playSpeedTest(ctx context.Context, r *Run) error {
	h := r.People[0]
	if r.chance(0.5) {
		if err := r.News.Serve("iperf3", "-s"); err != nil {
			return err
		}
		if err := r.News.Listening(ctx, 5201); err != nil {
			return err
		}
		h.Shell(ctx, "iperf3 -c %s -t 4 -P %d -b %dM; iperf3 -R -c %s -t 4 -P %d -b %dM", r.News.Addr, 4, 4, r.News.Addr, 4, 4)
		return nil
	}
	h.Shell(ctx, "ping -c 10 -i 0.2 %s; for i in 1 2 3 4 5 6; do curl -s -o /dev/null http://news.lab/files/setup.bin & done; wait; head -c 5M /dev/zero | curl -s -T - http://news.lab/upload", r.News.Addr)
	return nil
}
