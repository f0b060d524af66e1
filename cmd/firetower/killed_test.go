package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"firetower/internal/alert/alerttest"
)

// TestKilledBetweenDetectionAndDelivery kills the daemon while the mail server is
// away. The next one sends the mail.
func TestKilledBetweenDetectionAndDelivery(t *testing.T) {
	mail := alerttest.NewSMTP(t)
	s, bridge := bridged(t)
	dir := publicDir(t)
	config := filepath.Join(dir, "firetower.yaml")
	if err := os.WriteFile(config, fmt.Appendf(nil, `
interfaces: [%s]
store: {path: %s/state/f.db}
dashboard: {listen: ""}
alerts:
  mail:
    - {host: localhost, port: %d, ca_file: %s, username: %s, password: "${SMTP_PASSWORD}", from: firetower@example.org, to: [admin@example.org]}
`, bridge, dir, mail.Port, mail.CA, alerttest.Username), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SMTP_PASSWORD", alerttest.Password)
	w := s.watchHere("--config", config)
	if out, err := s.in(s.attacker, "scanner", "10.78.0.2").CombinedOutput(); err != nil {
		t.Fatalf("scan: %v: %s", err, out)
	}
	w.await("tried again") // recorded, and refused by nobody at the port
	if err := w.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-w.ended
	mail.Start(t)
	again := s.watchHere("--config", config)
	mail.Wait(t, 1)
	again.stop()
}
