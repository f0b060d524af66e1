package sinks_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"firetower/internal/alert"
	"firetower/internal/alert/sinks"
)

const text = `
dashboard: https://sensor.example.org:8443
mail:
  - host: mail.example.org
    username: firetower
    password: ${FT_MAIL_PASSWORD}
    from: firetower@example.org
    to: [admin@example.org]
    policy:
      per_hour: 5
      digest: 6h
      digest_below: 3
      quiet:
        - {from: "22:00", to: "07:00", days: [mon, tue]}
webhook:
  - url: https://example.org/s3cret
  - {name: phone, url: "ntfy://ntfy.sh/s3cret", policy: {severity: 1}}
syslog:
  - {address: "192.0.2.5:6514", network: tls, format: cef}
`

func read(t *testing.T, text string) (sinks.Config, error) {
	t.Helper()
	c := sinks.DefaultConfig()
	err := yaml.UnmarshalWithOptions([]byte(text), &c, yaml.Strict())
	return c, err
}

func TestYAMLKeepsDefaults(t *testing.T) {
	t.Setenv("FT_MAIL_PASSWORD", "x")
	c, err := read(t, text)
	if err != nil {
		t.Fatal(err)
	}
	p := c.Mail[0].Policy
	if p.PerHour != 5 || p.Digest != 6*time.Hour || len(p.Quiet) != 1 || p.Quiet[0].Days[1] != "tue" {
		t.Errorf("what was set is lost: %+v", p)
	}
	if p.Severity != 3 || p.Growth != 10 || c.Mail[0].TLS != "starttls" || c.Webhook[1].Policy.Growth != 10 || c.Syslog[0].Facility != "daemon" {
		t.Errorf("what was not set has no default: %+v", p)
	}
	routes, err := c.Build("1.0", "host-1")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range routes {
		names = append(names, r.Name)
	}
	if got := strings.Join(names, " "); got != "mail webhook phone syslog" {
		t.Errorf("routes %s", got)
	}
}

func TestNothingSecretIsDumped(t *testing.T) {
	c, err := read(t, text)
	if err != nil {
		t.Fatal(err)
	}
	dump, err := yaml.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	if s := string(dump) + fmt.Sprintf("%v %+v %#v", c, c, c); strings.Contains(s, "s3cret") || !strings.Contains(s, "${FT_MAIL_PASSWORD}") {
		t.Errorf("dump:\n%s", s)
	}
	if _, err := read(t, string(dump)); err != nil {
		t.Errorf("the dump can not be read back: %v\n%s", err, dump)
	}
}

func TestMistakesAreNamed(t *testing.T) {
	token := filepath.Join(t.TempDir(), "none")
	tests := []struct{ name, text, want string }{
		{"misspelt", "mail: [{hots: x}]", "hots"},
		{"misspelt in a policy", "mail: [{policy: {per_hours: 1}}]", "per_hours"},
		{"no host", "mail: [{from: a@b.c, to: [a@b.c]}]", "mail 1 (mail): host"},
		{"second", "syslog: [{address: 'a:1'}, {name: b, address: 'a:1', network: x}]", "syslog 2 (b): network"},
		{"same name", "syslog: [{address: 'a:1'}, {address: 'b:1'}]", "named \"syslog\""},
		{"dashboard", "dashboard: sensor:8443", "dashboard"},
		{"quiet", "syslog: [{address: 'a:1', policy: {quiet: [{from: '25:00', to: '1:00'}]}}]", "25:00"},
		{"class", "syslog: [{address: 'a:1', policy: {classes: [scan]}}]", "scan"},
	}
	for _, tt := range tests {
		c, err := read(t, tt.text)
		if err == nil {
			err = c.Validate()
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want an error with %q", tt.name, err, tt.want)
		}
	}
	c, err := read(t, "webhook: [{url_file: "+token+"}]")
	if err != nil || c.Validate() != nil {
		t.Fatalf("a file that may be there later: %v", err)
	}
	if _, err := c.Build("", ""); err == nil || !strings.Contains(err.Error(), os.ErrNotExist.Error()) && !strings.Contains(err.Error(), "no such file") {
		t.Errorf("a missing file: %v", err)
	}
	if err := alert.Validate(nil); err != nil {
		t.Errorf("no sinks at all: %v", err)
	}
}
