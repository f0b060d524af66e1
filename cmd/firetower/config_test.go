package main

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// TestTheCommentedFileIsTheDefaults holds the file that people read to the defaults
// that the program has.
func TestTheCommentedFileIsTheDefaults(t *testing.T) {
	var got configuration
	got.Incident, got.Flow = defaultConfiguration().Incident, defaultConfiguration().Flow
	if err := yaml.UnmarshalWithOptions(commented, &got, yaml.Strict()); err != nil {
		t.Fatal(yaml.FormatError(err, false, true))
	}
	var a, b bytes.Buffer
	if err := dumpConfiguration(&a, got); err != nil {
		t.Fatal(err)
	}
	if err := dumpConfiguration(&b, defaultConfiguration()); err != nil {
		t.Fatal(err)
	}
	if a.String() != b.String() {
		t.Errorf("firetower.yaml says\n%s\nthe defaults are\n%s", a.String(), b.String())
	}
	if lines := strings.Count(string(commented), "\n#") + strings.Count(string(commented), "\n  #"); strings.Count(b.String(), "#") < lines/2 {
		t.Errorf("the dump lost its comments:\n%s", b.String())
	}
}

func TestADumpReadsBack(t *testing.T) {
	cfg := defaultConfiguration()
	cfg.Interfaces, cfg.Flow.MaxFlows, cfg.Health.DropShare = []string{"eth0", "eth1"}, 1234, 0.5
	var text bytes.Buffer
	if err := dumpConfiguration(&text, cfg); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	back, err := readConfiguration(path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(back.Interfaces, cfg.Interfaces) || back.Flow != cfg.Flow || back.Health != cfg.Health {
		t.Errorf("read back %+v", back)
	}
}

func TestWrongConfigurations(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"misspelt key":  {"interfcaes: [eth0]", "interfcaes"},
		"wrong type":    {"flow:\n  max_flows: many", "max_flows"},
		"wrong level":   {"log: {level: loud}", "loud"},
		"wrong format":  {"flow_log: {dir: /tmp, format: xml}", "xml"},
		"mail, no host": {"alerts:\n  mail:\n    - {name: m, from: a@example.org, to: [b@example.org]}", "host"},
	} {
		path := filepath.Join(t.TempDir(), "c.yaml")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		code, _, stderr := call(t, "", "watch", "--check", "--config", path)
		if code != 1 || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: status %d, %q does not name %q", name, code, stderr, c.want)
		}
	}
}
