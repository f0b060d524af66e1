package lab

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"firetower/internal/attack"
	"firetower/internal/lab/actor"
)

// TestMain lets this program be what the lab's own program is to its hosts.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "actor" {
		if err := actor.Run(context.Background(), os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// watched builds the daemon and gives a Live that watches with it.
func watched(t *testing.T, tools ...string) Live {
	t.Helper()
	if testing.Short() {
		t.Skip("plays in real time")
	}
	needsNamespaces(t)
	for _, p := range append(tools, "dnsmasq", "nginx", "sshd", "swaks") {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("needs %s: lab/install", p)
		}
	}
	program := filepath.Join(t.TempDir(), "firetower")
	if out, err := exec.Command("go", "build", "-o", program, "../../cmd/firetower").CombinedOutput(); err != nil {
		t.Fatalf("building the daemon: %v: %s", err, out)
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	return Live{Seed: 7, Runs: 1, Life: 1, Jobs: 1, Firetower: program, Stage: Stage{Assets: "../../lab", Quiet: true, Log: log}}
}

// TestLive has the daemon watch a scan and daily life: the one is told, the other not.
func TestLive(t *testing.T) {
	t.Parallel()
	l := watched(t, "nmap", "iperf3")
	for only, detected := range map[string]bool{"nmap-syn": true, "speed-test": false} {
		t.Run(only, func(t *testing.T) {
			t.Parallel()
			l := l
			l.Only = only
			n := 0
			err := l.Run(t.Context(), func(r Result) {
				n++
				if r.Err != "" || r.Detected != detected || len(r.False) > 0 {
					t.Errorf("%+v", r)
				}
			})
			if err != nil || n != 1 {
				t.Errorf("%d runs, %v", n, err)
			}
		})
	}
}

// TestLoad plays the load gently: all three attacks are found in any case.
func TestLoad(t *testing.T) {
	t.Parallel()
	live := watched(t, "nmap", "hydra")
	var curve bytes.Buffer
	got, err := Load{Rate: 5000, Length: 12 * time.Second, Curve: &curve, Live: live}.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, class := range []attack.Class{attack.DDoS, attack.PortScan, attack.BruteForce} {
		if r := got.Results[i]; r.Class != class || !r.Detected {
			t.Errorf("%+v", r)
		}
	}
	if got.Peak == 0 || strings.Count(curve.String(), "\n") < 10 || !strings.Contains(got.Daemon, "dropped=") {
		t.Errorf("peak %d MB, the daemon said %q, curve %q", got.Peak, got.Daemon, curve.String())
	}
}
