package lab

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

const manifestHeader = "file\tclass\talso\tattacker\tvictim\tpackets\tsource_repo\tsource_path\tcommit\tsha256_of_source\tnote\n"

// manifest is the table of a corpus, a line a capture, in the columns of the field
// captures that this project is judged on.
type manifest struct {
	mu   sync.Mutex
	file *os.File
	has  map[string]bool
}

func openManifest(path string) (*manifest, error) {
	m := &manifest{has: map[string]bool{}}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	m.file = f
	lines := 0
	for s := bufio.NewScanner(f); s.Scan(); lines++ {
		name, _, _ := strings.Cut(s.Text(), "\t")
		m.has["captures/"+name] = true
	}
	if lines == 0 {
		_, err = f.WriteString(manifestHeader)
	}
	return m, err
}

func (m *manifest) add(name string, seed uint64, t Truth, packets int, sum string) error {
	also := make([]string, len(t.Also))
	for i, c := range t.Also {
		also[i] = string(c)
	}
	second := strings.Join(also, ",")
	if second == "" {
		second = "-"
	}
	note := strings.Join(strings.Fields(t.Note), " ")
	if len(note) > 300 {
		note = note[:300]
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	_, err := fmt.Fprintf(m.file, "%s\t%s\t%s\t%s\t%s\t%d\tlab\t%s\tseed %d\t%s\t%s [%.1f s from %s]\n", filepath.Base(name), t.Class, second,
		join(t.Attackers), join(t.Victims), packets, t.Kind, seed, sum, note, t.End.Sub(t.Start).Seconds(), t.Start.UTC().Format(time.RFC3339Nano))
	return err
}
