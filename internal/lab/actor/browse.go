package actor

import (
	"context"
	"crypto/tls"
	"flag"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"sync"
	"time"
)

var (
	asset = regexp.MustCompile(`(?:src|href)="([^"]+\.(?:css|js|png|jpg|ico|svg))"`)
	link  = regexp.MustCompile(`<a href="([^"]+)"`)
	// Agents are the browsers that people have.
	Agents = []string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
	}
)

// browse reads pages as a person does: the page, then all it refers to over up to
// six connections at once, then a while of reading, then a link of that page.
func browse(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("browse", flag.ContinueOnError)
	start := f.String("url", "", "first page")
	pages := f.Int("pages", 5, "pages to read")
	think := f.Duration("think", 4*time.Second, "mean time between pages")
	seed := f.Uint64("seed", 1, "of choices and pauses")
	parallel := f.Int("parallel", 6, "connections to a host")
	fresh := f.Bool("fresh", false, "a connection for each request")
	if err := Parse(f, args); err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(*seed, 1))
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	c := &http.Client{Jar: jar, Timeout: 30 * time.Second, Transport: &http.Transport{
		MaxConnsPerHost: *parallel, MaxIdleConnsPerHost: *parallel, DisableKeepAlives: *fresh,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // the lab signs its own certificates
	}}
	b := browser{client: c, agent: Agents[rng.IntN(len(Agents))], seen: map[string]bool{}}
	at, err := url.Parse(*start)
	if err != nil {
		return err
	}
	for range *pages {
		body := b.get(ctx, at)
		var wg sync.WaitGroup
		for _, m := range asset.FindAllStringSubmatch(body, -1) {
			if u, err := at.Parse(m[1]); err == nil && !b.seen[u.String()] {
				b.seen[u.String()] = true // a browser's cache
				wg.Go(func() { b.get(ctx, u) })
			}
		}
		wg.Wait()
		if links := link.FindAllStringSubmatch(body, -1); len(links) > 0 {
			if u, err := at.Parse(links[rng.IntN(len(links))][1]); err == nil {
				at = u
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Duration(rng.ExpFloat64() * float64(*think))):
		}
	}
	return nil
}

type browser struct {
	client *http.Client
	agent  string
	seen   map[string]bool
}

func (b *browser) get(ctx context.Context, u *url.URL) string {
	req, err := http.NewRequestWithContext(ctx, "GET", u.String(), nil)
	if err != nil {
		return ""
	}
	req.Header.Set("User-Agent", b.agent)
	req.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	req.Header.Set("Accept-Language", "en-GB,en;q=0.5")
	resp, err := b.client.Do(req)
	if err != nil {
		return "" // a page that fails is read as an empty one
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 256<<20))
	return string(body)
}
