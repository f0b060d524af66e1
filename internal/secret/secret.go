// Package secret holds passwords and tokens of the configuration so that they do
// not end in a log, an error or a dump by accident: every way of printing a Text
// withholds it. Values come from the environment ("${NAME}") or from a file.
package secret

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"strings"
)

// Text is a secret as written in the configuration: itself, or with references
// to the environment, "${NAME}".
type Text string

const withheld = "xxxxx"

var reference = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// String withholds the secret. A mere reference to the environment is no secret
// and is shown.
func (t Text) String() string {
	if t == "" || reference.ReplaceAllString(string(t), "") == "" {
		return string(t)
	}
	return withheld
}

// GoString withholds the secret from %#v.
func (t Text) GoString() string { return fmt.Sprintf("%q", t.String()) }

// Format withholds the secret from every verb.
func (t Text) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(t.String())) }

// LogValue withholds the secret from logs.
func (t Text) LogValue() slog.Value { return slog.StringValue(t.String()) }

// MarshalText withholds the secret from JSON and YAML.
func (t Text) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText takes the secret as it is written.
func (t *Text) UnmarshalText(b []byte) error {
	*t = Text(b)
	return nil
}

// Reveal gives the secret itself.
func (t Text) Reveal() (string, error) {
	var missing []string
	s := reference.ReplaceAllStringFunc(string(t), func(ref string) string {
		name := ref[2 : len(ref)-1]
		v, ok := os.LookupEnv(name)
		if !ok {
			missing = append(missing, name)
		}
		return v
	})
	if len(missing) > 0 {
		return "", fmt.Errorf("the environment has no %s", strings.Join(missing, ", "))
	}
	return s, nil
}

// Read gives the secret from the text or, if that is empty, from the file,
// without the line break at its end. Both empty gives "".
func Read(t Text, file string) (string, error) {
	if file == "" {
		return t.Reveal()
	}
	if t != "" {
		return "", errors.New("the secret and a file for it are both set; keep the file")
	}
	b, err := File(file)
	if err != nil {
		return "", fmt.Errorf("cannot read the secret: %w", err)
	}
	s := strings.TrimRight(string(b), "\r\n")
	if s == "" {
		return "", fmt.Errorf("the secret's file %s is empty", file)
	}
	return s, nil
}
