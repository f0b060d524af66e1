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
	"strings"
	"time"
)

// beacon calls its controller again and again, as an implant does: at a fixed
// distance or with jitter, over HTTP, HTTPS, DNS or a bare TCP connection.
func beacon(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("beacon", flag.ContinueOnError)
	url := f.String("url", "", "http or https address, dns:DOMAIN, or tcp:HOST:PORT")
	every := f.Duration("every", 5*time.Second, "mean distance")
	jitter := f.Float64("jitter", 0, "share of the distance drawn at random, 0 to 1")
	length := f.Duration("for", time.Minute, "how long")
	task := f.Float64("task", 0.05, "chance that a call brings back a larger result")
	keep := f.Bool("keep", false, "keep the connection open between calls")
	agent := f.String("agent", Agents[0], "User-Agent")
	seed := f.Uint64("seed", 1, "of everything random")
	if err := Parse(f, args); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, *length)
	defer cancel()
	rng := rand.New(rand.NewPCG(*seed, 0))
	b := beaconer{rng: rng, url: *url, agent: *agent, client: &http.Client{Timeout: 8 * time.Second,
		Transport: &http.Transport{DisableKeepAlives: !*keep, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}}
	for ctx.Err() == nil {
		size := 0
		if rng.Float64() < *task {
			size = 500 + rng.IntN(8000)
		}
		b.call(ctx, size)
		wait(ctx, time.Duration(float64(*every)*(1+*jitter*(2*rng.Float64()-1))))
	}
	return nil
}

type beaconer struct {
	rng    *rand.Rand
	url    string
	agent  string
	client *http.Client
}

func (b *beaconer) call(ctx context.Context, size int) {
	switch {
	case strings.HasPrefix(b.url, "dns:"):
		for range 1 + size/100 {
			name := strings.ToLower(letters(b.rng, 20+b.rng.IntN(30))) + "." + strings.TrimPrefix(b.url, "dns:") + "."
			_, _ = net.DefaultResolver.LookupTXT(ctx, name) // an implant goes on whatever it is told
		}
	case strings.HasPrefix(b.url, "tcp:"):
		c, err := (&net.Dialer{Timeout: 4 * time.Second}).DialContext(ctx, "tcp", strings.TrimPrefix(b.url, "tcp:"))
		if err != nil {
			return
		}
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(4 * time.Second))
		fmt.Fprintf(c, "%s\n", letters(b.rng, 48+size))
		_, _ = c.Read(make([]byte, 256))
	default:
		method, body := "GET", io.Reader(nil)
		if size > 0 {
			method, body = "POST", strings.NewReader(letters(b.rng, size))
		}
		req, err := http.NewRequestWithContext(ctx, method, b.url, body)
		if err != nil {
			return
		}
		req.Header.Set("User-Agent", b.agent)
		req.Header.Set("Cookie", "id="+letters(b.rng, 32))
		if resp, err := b.client.Do(req); err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
	}
}

// chat is a line server that speaks first and pings, as IRC does, and its client.
func chat(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("chat", flag.ContinueOnError)
	listen := f.String("listen", "", "serve on that address")
	dial := f.String("dial", "", "or be a client of that one")
	every := f.Duration("every", 10*time.Second, "mean distance of lines")
	length := f.Duration("for", time.Minute, "how long")
	name := f.String("name", "", "of a person who writes sentences; a bot's made-up one if empty")
	seed := f.Uint64("seed", 1, "of everything random")
	if err := Parse(f, args); err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(*seed, 0))
	if *dial != "" {
		ctx, cancel := context.WithTimeout(ctx, *length)
		defer cancel()
		c, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "tcp", *dial)
		if err != nil {
			return err
		}
		defer c.Close()
		go io.Copy(io.Discard, c) //nolint:errcheck // ends with the connection
		room, text := letters(rng, 5), func() string { return letters(rng, 10+rng.IntN(80)) }
		if *name != "" {
			room, text = "gardening", func() string { return sentence(rng) }
		} else {
			*name = letters(rng, 8)
		}
		fmt.Fprintf(c, "NICK %s\r\nUSER %s 0 * :%s\r\nJOIN #%s\r\n", *name, *name, *name, room)
		for ctx.Err() == nil {
			wait(ctx, time.Duration(rng.ExpFloat64()*float64(*every)))
			fmt.Fprintf(c, "PRIVMSG #%s :%s\r\n", room, text())
		}
		return nil
	}
	l, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	go func() { <-ctx.Done(); l.Close() }()
	for {
		c, err := l.Accept()
		if err != nil {
			return nil
		}
		go func() {
			defer c.Close()
			go io.Copy(io.Discard, c) //nolint:errcheck // ends with the connection
			for {
				if _, err := fmt.Fprintf(c, "PING :%d\r\n", time.Now().Unix()); err != nil {
					return
				}
				wait(ctx, *every)
			}
		}()
	}
}

// sentence is what people write to each other.
func sentence(rng *rand.Rand) string {
	words := strings.Fields("the roses need water this evening and nobody has seen my spade since sunday which is odd because it was " +
		"by the shed when we planted tomatoes with your sister I think she took it")
	from := rng.IntN(len(words) - 4)
	return strings.Join(words[from:from+3+rng.IntN(len(words)-from-3)], " ")
}
