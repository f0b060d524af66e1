package feature

import (
	"bytes"
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write docs/features.md anew")

// TestDocument fails when docs/features.md is not what the table of columns says.
func TestDocument(t *testing.T) {
	const path = "../../docs/features.md"
	if *update {
		if err := os.WriteFile(path, Markdown(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, Markdown()) {
		t.Error("docs/features.md is stale: go test ./internal/feature -update")
	}
}

// TestColumnsAreDeclared: each column has what it needs to be printed and explained.
func TestColumnsAreDeclared(t *testing.T) {
	for _, f := range families() {
		for _, c := range f.columns {
			name := c.Name + "|" + c.Old
			if c.Doc == "" || c.Name == "" && c.Old == "" {
				t.Errorf("%s: no name or no explanation", name)
			}
			switch {
			case c.Kind == Text:
				if c.text == nil {
					t.Errorf("%s: nothing prints it", name)
				}
			case c.both == nil && (c.Name != "" && c.fixed == nil || c.Old != "" && c.old == nil):
				t.Errorf("%s: nothing computes it in one of its profiles", name)
			}
		}
	}
}
