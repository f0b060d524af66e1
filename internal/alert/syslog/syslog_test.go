package syslog_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/leodido/go-syslog/v4/rfc5424"

	"firetower/internal/alert"
	"firetower/internal/alert/alerttest"
	"firetower/internal/alert/syslog"
	"firetower/internal/attack"
	"firetower/internal/incident"
)

func item() alert.Item {
	at := time.Date(2026, 11, 23, 6, 24, 0, 1000, time.UTC)
	return alert.Item{Kind: alert.New, Created: at.Add(6 * time.Second), Incident: &incident.Incident{ID: "ps-1", Class: attack.PortScan,
		Title: "Port scan of 192.0.2.10 by 203.0.113.7", Actors: []string{"203.0.113.7"}, Targets: []string{"192.0.2.10"}, Ports: []uint16{22, 80},
		ActorsTotal: 1, TargetsTotal: 1, PortsTotal: 1000, Start: at, End: at.Add(2 * time.Second), Flows: 1000, Confidence: 0.98, Severity: 3,
		Techniques: []string{"T1046"}, Reason: `1000 ports in 2 s; "quoted" [bracket] back\slash = equals | pipe ü`, Revision: 1}}
}

func sink(t *testing.T, change func(*syslog.Config)) *syslog.Sink {
	t.Helper()
	c := syslog.DefaultConfig()
	c.Address, c.Hostname, c.Sensor, c.Version, c.Dashboard = "127.0.0.1:1", "sensor-1", "sensor-1", "1.0", "https://s:8443"
	change(&c)
	s, err := syslog.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRealDaemon(t *testing.T) {
	for _, network := range []string{"udp", "tcp", "tls"} {
		t.Run(network, func(t *testing.T) {
			server := alerttest.NewSyslog(t, network)
			s := sink(t, func(c *syslog.Config) {
				c.Network, c.Address, c.CAFile, c.ServerName = network, server.Address(), server.CA, "localhost"
			})
			m := &alert.Message{ID: "m", Items: []alert.Item{item(), item()}}
			if err := s.Deliver(context.Background(), m); err == nil {
				t.Error("delivered to a daemon that is not there")
			}
			server.Start(t)
			for range 2 {
				if err := s.Deliver(context.Background(), m); err != nil {
					t.Fatal(err)
				}
			}
			got := server.Wait(t, 4)
			if len(got) != 4 {
				t.Errorf("%d messages, want 4", len(got))
			}
			f := got[0]
			if f[0] != "28" || f[1] != "sensor-1" || f[2] != "firetower" || f[3] != "new" { // daemon.warning
				t.Errorf("header %q", f)
			}
			for _, want := range []string{"[firetower@32473 ", `class="portscan"`, `actors="203.0.113.7"`, `ports="1000 ports"`, `link="https://s:8443/incidents/ps-1"`} {
				if !strings.Contains(f[4], want) {
					t.Errorf("the structured data %q lacks %q", f[4], want)
				}
			}
			if !strings.Contains(f[5], `Port scan: 203.0.113.7 -> 192.0.2.10 1000 ports (sure: 98 %). 1000 ports in 2 s; "quoted" [bracket] back\slash = equals | pipe ü`) {
				t.Errorf("text %q", f[5])
			}
		})
	}
}

func TestTLSTrustsNoStranger(t *testing.T) {
	server := alerttest.NewSyslog(t, "tls")
	server.Start(t)
	for name, change := range map[string]func(*syslog.Config){
		"authority": func(c *syslog.Config) { c.CAFile = "" }, "name": func(c *syslog.Config) { c.ServerName = "example.com" },
	} {
		s := sink(t, func(c *syslog.Config) {
			c.Network, c.Address, c.CAFile, c.ServerName = "tls", server.Address(), server.CA, "localhost"
			change(c)
		})
		if err := s.Deliver(context.Background(), &alert.Message{Items: []alert.Item{item()}}); err == nil {
			t.Errorf("%s: delivered", name)
		}
	}
}

// catch gives what a UDP sink sends.
func catch(t *testing.T, it alert.Item, change func(*syslog.Config)) string {
	t.Helper()
	l, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := sink(t, func(c *syslog.Config) {
		c.Address = l.LocalAddr().String()
		change(c)
	})
	if err := s.Deliver(context.Background(), &alert.Message{Items: []alert.Item{it}}); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 65536)
	_ = l.SetReadDeadline(time.Now().Add(5 * time.Second))
	n, _, err := l.ReadFrom(buf)
	if err != nil {
		t.Fatal(err)
	}
	return string(buf[:n])
}

func TestCEF(t *testing.T) {
	line := catch(t, item(), func(c *syslog.Config) { c.Format = syslog.CEF })
	want := `CEF:0|Firetower|Firetower|1.0|portscan|Port scan of 192.0.2.10 by 203.0.113.7|4|rt=1795415046000 dvchost=sensor-1 externalId=ps-1 ` +
		`src=203.0.113.7 dst=192.0.2.10 start=1795415040000 end=1795415042000 cnt=1000 act=allowed ` +
		`msg=1000 ports in 2 s; "quoted" [bracket] back\\slash \= equals | pipe ü request=https://s:8443/incidents/ps-1 ` +
		`cs1Label=actors cs1=203.0.113.7 cs2Label=targets cs2=192.0.2.10 cs3Label=techniques cs3=T1046 cfp1Label=confidence cfp1=0.98`
	if _, got, _ := strings.Cut(line, " - "); got != want {
		t.Errorf("got\n%s\nwant\n%s", line, want)
	}
}

func TestInjection(t *testing.T) {
	evil := "x\r\n<13>1 - - - - - - forged\n|name|10|src=6.6.6.6 = \\ \"] [a b=\"c\xff\x00\u202e"
	it := item()
	inc := it.Incident
	inc.ID, inc.Title, inc.Reason, inc.Advice = evil, evil, evil, evil
	inc.Class, inc.Actors, inc.Targets, inc.Techniques = attack.Class(evil), []string{evil}, []string{evil}, []string{evil}
	for _, format := range []string{syslog.RFC5424, syslog.CEF} {
		line := catch(t, it, func(c *syslog.Config) { c.Format, c.Sensor, c.Hostname, c.Version = format, evil, evil, evil })
		if strings.ContainsAny(line, "\r\n\x00") {
			t.Errorf("%s has more than one line: %q", format, line)
		}
		m, err := rfc5424.NewParser().Parse([]byte(line))
		if err != nil {
			t.Fatalf("%s is not RFC 5424: %v: %q", format, err, line)
		}
		parsed := m.(*rfc5424.SyslogMessage)
		if format == syslog.RFC5424 {
			data := *parsed.StructuredData
			if len(data) != 1 || data["firetower@32473"]["b"] != "" || !strings.Contains(data["firetower@32473"]["actors"], ` = \ "] [a b="c`) {
				t.Errorf("structured data %q", data)
			}
			continue
		}
		head, ext := splitCEF(*parsed.Message)
		if len(head) != 7 || head[6] != "4" {
			t.Errorf("the CEF header has %d fields: %q", len(head), head)
		}
		for _, key := range []string{"src", "cs1", "msg"} {
			if strings.Count(ext, " "+key+"=") != 1 {
				t.Errorf("%d times %s= in %q", strings.Count(ext, " "+key+"="), key, ext)
			}
		}
	}
}

// splitCEF reads a header as a receiver does.
func splitCEF(s string) (head []string, ext string) {
	field := ""
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			field += s[i : i+1]
		case s[i] == '|':
			head = append(head, field)
			field = ""
			if len(head) == 7 {
				return head, s[i+1:]
			}
		default:
			field += s[i : i+1]
		}
	}
	return head, field
}

func TestUDPStaysSmall(t *testing.T) {
	it := item()
	it.Incident.Reason = strings.Repeat("ü", 3000)
	it.Incident.Advice = it.Incident.Reason
	for i := range 100 {
		it.Incident.Actors = append(it.Incident.Actors, fmt.Sprintf("2001:db8:1111:2222:3333:4444:5555:%x", i))
	}
	for _, format := range []string{syslog.RFC5424, syslog.CEF} {
		line := catch(t, it, func(c *syslog.Config) { c.Format = format })
		if len(line) > 2048 {
			t.Errorf("%s has %d bytes", format, len(line))
		}
		if _, err := rfc5424.NewParser().Parse([]byte(line)); err != nil {
			t.Errorf("%s: %v", format, err)
		}
	}
}

// TestResetIsAFailure has a receiver that takes the bytes and then dies.
func TestResetIsAFailure(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		_, _ = io.ReadFull(c, make([]byte, 10))
		_ = c.(*net.TCPConn).SetLinger(0)
		_ = c.Close()
	}()
	s := sink(t, func(c *syslog.Config) { c.Network, c.Address = "tcp", l.Addr().String() })
	if err := s.Deliver(context.Background(), &alert.Message{Items: []alert.Item{item()}}); err == nil {
		t.Error("a connection that was reset counts as delivered")
	}
}

func TestConfig(t *testing.T) {
	for name, change := range map[string]func(*syslog.Config){
		"network": func(c *syslog.Config) { c.Network = "sctp" }, "address": func(c *syslog.Config) { c.Address = "x" },
		"format": func(c *syslog.Config) { c.Format = "leef" }, "facility": func(c *syslog.Config) { c.Facility = "x" },
		"key": func(c *syslog.Config) { c.CertFile = "x" }, "policy": func(c *syslog.Config) { c.Policy.Growth = 1 },
	} {
		c := syslog.DefaultConfig()
		c.Address = "192.0.2.1:514"
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		change(&c)
		if c.Validate() == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
