package actor

import (
	"bufio"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"time"
)

// peer is peer-to-peer life: datagrams to many addresses, of which some answer, and
// long TCP transfers with a few. Without -network it is the far side.
func peer(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("peer", flag.ContinueOnError)
	network := f.String("network", "", "where the peers are")
	port := f.Int("port", 51413, "theirs")
	length := f.Duration("for", time.Minute, "how long")
	rate := f.Float64("rate", 3, "peers asked a second")
	seed := f.Uint64("seed", 1, "of everything random")
	if err := Parse(f, args); err != nil {
		return err
	}
	if *network == "" {
		return peerServer(ctx, *port)
	}
	ctx, cancel := context.WithTimeout(ctx, *length)
	defer cancel()
	rng := rand.New(rand.NewPCG(*seed, 0))
	u, err := net.ListenUDP("udp4", &net.UDPAddr{Port: *port})
	if err != nil {
		return err
	}
	defer u.Close()
	go io.Copy(io.Discard, u) //nolint:errcheck // ends with the socket
	for ctx.Err() == nil {
		a, err := nth(*network, rng.IntN(1<<16))
		if err != nil {
			return err
		}
		_, _ = u.WriteToUDP([]byte("d1:ad2:id20:"+letters(rng, 60)), &net.UDPAddr{IP: a.AsSlice(), Port: *port})
		if rng.IntN(6) == 0 {
			go func() {
				c, err := (&net.Dialer{Timeout: 4 * time.Second}).DialContext(ctx, "tcp", fmt.Sprintf("%s:%d", a, *port))
				if err != nil {
					return
				}
				defer c.Close()
				fmt.Fprintf(c, "\x13BitTorrent protocol%s", letters(rand.New(rand.NewPCG(*seed, 1)), 48))
				_, _ = io.CopyN(io.Discard, c, 1<<20)
			}()
		}
		wait(ctx, time.Duration(rng.ExpFloat64()/(*rate)*float64(time.Second)))
	}
	return nil
}

func peerServer(ctx context.Context, port int) error {
	l, err := net.Listen("tcp4", fmt.Sprintf(":%d", port))
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
			piece := make([]byte, 16384)
			for range rand.IntN(60) {
				if _, err := c.Write(piece); err != nil {
					return
				}
				wait(ctx, time.Duration(rand.IntN(300))*time.Millisecond)
			}
		}()
	}
}

// socket is a WebSocket server that sends news and echoes, and its client.
func socket(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("socket", flag.ContinueOnError)
	listen := f.String("listen", "", "serve on that address")
	dial := f.String("dial", "", "or be a client of that one")
	length := f.Duration("for", time.Minute, "how long")
	every := f.Duration("every", 2*time.Second, "mean distance of messages")
	if err := Parse(f, args); err != nil {
		return err
	}
	if *listen != "" {
		s := &http.Server{Addr: *listen, Handler: http.HandlerFunc(upgrade)}
		go func() { <-ctx.Done(); s.Close() }()
		return s.ListenAndServe()
	}
	ctx, cancel := context.WithTimeout(ctx, *length)
	defer cancel()
	c, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "tcp", *dial)
	if err != nil {
		return err
	}
	defer c.Close()
	fmt.Fprintf(c, "GET /live HTTP/1.1\r\nHost: %s\r\nUser-Agent: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nOrigin: http://%[1]s\r\nAccept-Language: en-GB,en;q=0.9\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n", *dial, Agents[0])
	go io.Copy(io.Discard, c) //nolint:errcheck // ends with the connection
	for ctx.Err() == nil {
		wait(ctx, time.Duration(rand.ExpFloat64()*float64(*every)))
		n := 10 + rand.IntN(100)
		if _, err := c.Write(append([]byte{0x81, 0x80 | byte(n), 1, 2, 3, 4}, make([]byte, n)...)); err != nil {
			return nil
		}
	}
	return nil
}

// RFC 6455, section 4.2.2.
const webSocketGUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

func upgrade(w http.ResponseWriter, r *http.Request) {
	h, ok := w.(http.Hijacker)
	if !ok || r.Header.Get("Sec-WebSocket-Key") == "" {
		http.Error(w, "a WebSocket only", http.StatusBadRequest)
		return
	}
	c, rw, err := h.Hijack()
	if err != nil {
		return
	}
	defer c.Close()
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + webSocketGUID))
	fmt.Fprintf(rw, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		base64.StdEncoding.EncodeToString(sum[:]))
	_ = rw.Flush()
	go io.Copy(io.Discard, bufio.NewReader(c)) //nolint:errcheck // ends with the connection
	for {
		n := 20 + rand.IntN(100)
		if _, err := c.Write(append([]byte{0x81, byte(n)}, make([]byte, n)...)); err != nil {
			return
		}
		time.Sleep(time.Duration(rand.ExpFloat64() * float64(2*time.Second)))
	}
}
