package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"firetower/internal/secret"
)

func TestNothingPrintsIt(t *testing.T) {
	type config struct {
		Name     string
		Password secret.Text
	}
	c := config{"mail", "hunter2 ${HOME}"}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "config", c, "password", c.Password)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "config", c, "password", c.Password)
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	printed := log.String() + string(b) + fmt.Sprintf("%v %+v %#v %s %q %x", c, c, c, c.Password, c.Password, c.Password) + fmt.Sprint(c)
	if strings.Contains(printed, "hunter2") || strings.Contains(printed, fmt.Sprintf("%x", "hunter2")) {
		t.Errorf("the password is in %s", printed)
	}
	if got := secret.Text("${MAIL_PASSWORD}").String(); got != "${MAIL_PASSWORD}" {
		t.Errorf("a reference prints as %q", got)
	}
}

func TestRead(t *testing.T) {
	t.Setenv("FT_SECRET", "s3")
	dir := t.TempDir()
	write := func(name, body string) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	tests := []struct {
		name, want, fails string
		text              secret.Text
		file              string
	}{
		{name: "nothing"},
		{name: "literal", text: "a$b{c}", want: "a$b{c}"},
		{name: "environment", text: "x-${FT_SECRET}-y", want: "x-s3-y"},
		{name: "unset", text: "${FT_NONE}", fails: "FT_NONE"},
		{name: "file", file: write("a", " s4 \r\n"), want: " s4 "},
		{name: "empty file", file: write("b", "\n"), fails: "empty"},
		{name: "no file", file: filepath.Join(dir, "none"), fails: "no such file"},
		{name: "both", text: "x", file: "y", fails: "both"},
	}
	for _, tt := range tests {
		got, err := secret.Read(tt.text, tt.file)
		if tt.fails != "" {
			if err == nil || !strings.Contains(err.Error(), tt.fails) {
				t.Errorf("%s: error %v, want one with %q", tt.name, err, tt.fails)
			}
			continue
		}
		if err != nil || got != tt.want {
			t.Errorf("%s: %q, %v; want %q", tt.name, got, err, tt.want)
		}
	}
}
