package dataset

import (
	"bufio"
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strings"

	"firetower/internal/attack"
)

//go:embed labels.txt
var embeddedLabels string

// drop is the class name that a mapping gives to labels whose rows must not count.
const drop = "drop"

// Labels maps the labels that data sets use onto the nine classes. Labels compare
// by letters and digits only, so that case, spaces, underscores and dashes of any
// encoding do not matter.
type Labels struct {
	class map[string]string
}

// DefaultLabels is the mapping built in: every label of CICIDS2017, its corrected
// versions and CSE-CIC-IDS2018, and the names of the nine classes themselves.
func DefaultLabels() *Labels {
	l, err := ReadLabels(strings.NewReader(embeddedLabels))
	if err != nil {
		panic("dataset: the built-in label mapping is broken: " + err.Error())
	}
	return l
}

// DefaultLabelsText is the built-in mapping as a file to start one's own from.
func DefaultLabelsText() string { return embeddedLabels }

// ReadLabels reads a mapping: lines of "label = class", where class is one of the
// nine or "drop"; # starts a comment.
func ReadLabels(r io.Reader) (*Labels, error) {
	l := &Labels{class: map[string]string{}}
	in := bufio.NewScanner(r)
	for n := 1; in.Scan(); n++ {
		line, _, _ := strings.Cut(in.Text(), "#")
		if strings.TrimSpace(line) == "" {
			continue
		}
		at := strings.LastIndexByte(line, '=')
		if at < 0 {
			return nil, fmt.Errorf("line %d: want \"label = class\", have %q", n, strings.TrimSpace(line))
		}
		class := strings.TrimSpace(line[at+1:])
		if _, ok := attack.Parse(class); !ok && class != drop {
			return nil, fmt.Errorf("line %d: there is no class %q; there are %s and %s", n, class, strings.Join(Classes(), ", "), drop)
		}
		l.class[plain(line[:at])] = class
	}
	return l, in.Err()
}

// Classes are the nine classes in the order of the class indices of a Table.
func Classes() []string {
	names := []string{string(attack.Benign)}
	for _, c := range attack.Classes() {
		names = append(names, string(c))
	}
	return names
}

// verdict is what a label means.
type verdict struct {
	class     uint8 // index into Classes
	attempted bool  // of an attack that did not come off: "X - Attempted"
	drop      bool
	known     bool
}

// of gives the meaning of a label. "X - Attempted" is X with attempted set, unless
// the mapping names it.
func (l *Labels) of(label string) verdict {
	name := plain(label)
	class, ok := l.class[name]
	v := verdict{known: ok}
	if !ok {
		var base string
		base, v.attempted = strings.CutSuffix(name, " attempted")
		if class, v.known = l.class[base]; !v.attempted || !v.known {
			return verdict{}
		}
	}
	if class == drop {
		v.drop = true
		return v
	}
	v.class = uint8(slices.Index(Classes(), class))
	return v
}

// plain lowers a label and turns every run of other than ASCII letters and digits,
// such as a dash in UTF-8, in cp1252 or twice encoded, into one space.
func plain(label string) string {
	b := make([]byte, 0, len(label))
	gap := false
	for i := range len(label) {
		c := label[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if ('a' > c || c > 'z') && ('0' > c || c > '9') {
			gap = len(b) > 0
			continue
		}
		if gap {
			b = append(b, ' ')
			gap = false
		}
		b = append(b, c)
	}
	return string(b)
}
