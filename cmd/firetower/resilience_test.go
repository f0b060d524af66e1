package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"firetower/internal/incident"
	"firetower/internal/store"
)

// sendUDP sends packets to a host for some time, and prints how many.
func sendUDP(to, seconds string) {
	conn, err := net.ListenPacket("udp4", ":0")
	if err != nil {
		panic(err)
	}
	address, err := net.ResolveUDPAddr("udp4", to)
	if err != nil {
		panic(err)
	}
	last, err := time.ParseDuration(seconds + "s")
	if err != nil {
		panic(err)
	}
	sent := 0
	payload := make([]byte, 64)
	for end := time.Now().Add(last); time.Now().Before(end); time.Sleep(time.Millisecond) {
		for range 20 {
			payload[0]++
			if _, err := conn.WriteTo(payload, address); err == nil {
				sent++
			}
		}
	}
	fmt.Print(sent)
}

// sending starts packets that cross the cable, and gives what waits for their number.
func (s segment) sending(seconds int) (wait func() int) {
	s.t.Helper()
	cmd := s.in(s.attacker, "sender", "10.77.0.2:7777", strconv.Itoa(seconds))
	type result struct {
		out []byte
		err error
	}
	done := make(chan result, 1)
	go func() {
		out, err := cmd.Output()
		done <- result{out, err}
	}()
	return func() int {
		s.t.Helper()
		r := <-done
		n, err := strconv.Atoi(string(r.out))
		if r.err != nil || err != nil || n == 0 {
			s.t.Fatalf("sender: %v, %v: %q", r.err, err, r.out)
		}
		return n
	}
}

// onlySent makes the daemon count what sending sends, and nothing else.
const onlySent = `capture: {filter: "udp dst port 7777"}`

// counted gives the counters of the daemon's last words.
func (w *watching) counted() (packets, dropped int) {
	w.t.Helper()
	m := regexp.MustCompile(`msg=stopped packets=(\d+) dropped=(\d+)`).FindStringSubmatch(w.logged())
	if m == nil {
		w.t.Fatalf("no last words:\n%s", w.logged())
	}
	packets, _ = strconv.Atoi(m[1])
	dropped, _ = strconv.Atoi(m[2])
	return packets, dropped
}

// TestReloadUnderTraffic: not one packet is missed while configuration and model are
// taken up again and again.
func TestReloadUnderTraffic(t *testing.T) {
	s := newSegment(t)
	dir := publicDir(t)
	config := quietConfig(t, dir, onlySent)
	w := s.watch("-i", "v1", "--config", config)
	wait := s.sending(3)
	for n := range 5 {
		quietConfig(t, dir, onlySent+fmt.Sprintf("\nhealth: {blind_after: %ds}", n+1))
		w.cmd.Process.Signal(syscall.SIGHUP)
		time.Sleep(500 * time.Millisecond)
	}
	sent := wait()
	w.stop()
	if n := strings.Count(w.logged(), "configuration taken up"); n != 5 {
		t.Errorf("taken up %d times of 5:\n%s", n, w.logged())
	}
	if got, dropped := w.counted(); got+dropped != sent {
		t.Errorf("%d packets and %d dropped of %d sent", got, dropped, sent)
	}
}

// TestEndUnderLoad: SIGTERM ends the daemon within seconds, while packets go on
// coming, and what came before is accounted for.
func TestEndUnderLoad(t *testing.T) {
	s := newSegment(t)
	dir := publicDir(t)
	config := quietConfig(t, dir, onlySent+fmt.Sprintf("\nflow_log: {dir: %s/flows}", dir))
	w := s.watch("-i", "v1", "--config", config)
	first := s.sending(2)()
	wait := s.sending(6)
	time.Sleep(time.Second)
	began := time.Now()
	w.stop()
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %s to end", took)
	}
	got, dropped := w.counted()
	if second := wait(); got+dropped < first || got+dropped > first+second {
		t.Errorf("%d packets and %d dropped; %d were sent before, %d at the end", got, dropped, first, second)
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "flows", "*.csv")); len(files) != 1 {
		t.Errorf("flow records: %v", files)
	}
}

// TestDiskFullWhileWatching: the daemon says so, goes on detecting, and records what
// it found when there is room again.
func TestDiskFullWhileWatching(t *testing.T) {
	s := newSegment(t)
	dir := publicDir(t)
	small := filepath.Join(dir, "state")
	if err := os.Mkdir(small, 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", small).CombinedOutput(); err != nil {
		t.Skipf("cannot make a small file system: %v: %s", err, out)
	}
	t.Cleanup(func() { syscall.Unmount(small, syscall.MNT_DETACH) })
	if err := os.Chown(small, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	more := fmt.Sprintf("eve: {path: %s/eve.json}\nflow_log: {dir: %[1]s/flows}", small)
	w := s.watch("-i", "v1", "--config", quietConfig(t, dir, more))
	filler := filepath.Join(small, "filler")
	f, err := os.Create(filler)
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	f.Close()
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	found := map[string]incident.Incident{}
	for range 40 { // the log of the database has room for some
		s.scan()
		for len(w.incidents) > 0 {
			i := <-w.incidents
			found[i.ID] = i
		}
		if strings.Contains(w.logged(), "the store takes nothing") {
			break
		}
	}
	w.await("the store takes nothing")
	w.await("records are being lost")
	if len(found) == 0 {
		found[w.scanned().ID] = incident.Incident{}
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	w.await("the store takes incidents again")
	s.scan()
	w.await("records are written again")
	w.stop()
	cfg := store.DefaultConfig()
	cfg.Path = filepath.Join(small, "f.db")
	st, err := openStore(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	for id := range found {
		if _, err := st.Incident(context.Background(), id); err != nil {
			t.Errorf("incident %s: %v", id, err)
		}
	}
}

// remake removes the watched interface and makes it again.
func (s segment) remake() {
	s.t.Helper()
	s.ip("-n", s.victim, "link", "del", "v1")
	s.cable()
}

// TestAnInterfaceIsMadeAgain: with the rights that takes the daemon goes on; without
// it ends with one line that says why, and whoever started it starts it again.
func TestAnInterfaceIsMadeAgain(t *testing.T) {
	s := newSegment(t)
	dir := publicDir(t)
	w := s.watch("-i", "v1", "--config", quietConfig(t, dir, "privilege: {keep: true}"))
	s.remake()
	w.await("interface is back")
	s.scan()
	w.scanned()
	w.stop()

	w = s.watch("-i", "v1", "--config", quietConfig(t, publicDir(t), ""))
	s.remake()
	select {
	case err := <-w.ended:
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(w.logged(), "has to be opened anew") {
			t.Errorf("%v:\n%s", err, w.logged())
		}
	case <-time.After(20 * time.Second):
		t.Errorf("it did not end:\n%s", w.logged())
	}
}

// TestRestartUnderAttack: an attack that goes on over a restart is one incident and
// told once.
func TestRestartUnderAttack(t *testing.T) {
	s := newSegment(t)
	dir := publicDir(t)
	config := quietConfig(t, dir, "")
	ids := map[string]int{}
	last := incident.Incident{}
	for range 3 {
		w := s.watch("-i", "v1", "--config", config)
		s.scan()
		last = w.scanned()
		w.stop()
		for ids[last.ID]++; len(w.incidents) > 0; ids[last.ID]++ {
			last = <-w.incidents
		}
	}
	if len(ids) != 1 || last.Flows < 600 || last.Revision < 3 {
		t.Errorf("incidents %v; the last with %d flows, revision %d", ids, last.Flows, last.Revision)
	}
	st, err := openStore(context.Background(), storeAt(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	got, err := st.Incident(context.Background(), last.ID)
	if err != nil || got.Flows != last.Flows {
		t.Errorf("the store has %+v, %v", got.Incident, err)
	}
}
