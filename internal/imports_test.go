package internal_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// policy is the architecture: "a < b" lets package b, and what is below it in the
// tree, import package a. The relation is transitive; what is not listed is
// forbidden. A subpackage may import what its parent may, and its parent.
const policy = `
	NONE < attack, packet, evefile, forest, score, privilege, secret, words;

	# Sensing: a packet's way into a flow and its numbers.
	packet < capture, payload;
	packet, payload < flow < feature;

	# The forest: growing is apart from using.
	forest < forest/grow, forest/onnx;

	# Analysis: verdicts, conduct over time, incidents.
	attack, feature, forest < detect < behaviour < incident;
	words < behaviour;
	detect, evefile < flowlog;
	evefile < alert/eve;
	flow < talkers;
	incident < suppress < store < store/sqlstore < store/sqlite, store/postgres;
	secret, store < alert < alert/eve, alert/mail, alert/syslog, alert/webhook < alert/sinks;
	secret < store;
	alert < dashboard;

	# The researcher's side.
	attack, feature < dataset;
	attack < score;
	dataset, forest/grow, score < training;

	# Assembly.
	capture, incident < pipeline;
	alert, flowlog, pipeline < metrics;
	attack, pipeline, score < lab;
	training, lab, words < report;
`

// never holds whatever else the policy allows: the arrows that would undo it.
var never = [][2]string{
	{"forest/grow", "detect"},
	{"training", "pipeline"},
	{"store", "incident"},
}

// only names the one place (or places) where an outside package may be used.
var only = map[string][]string{
	"C":                      {"capture"},
	"github.com/jackc/pgx":   {"store/postgres"},
	"modernc.org/sqlite":     {"store/sqlite"},
	"github.com/spf13/cobra": {},
}

func TestImportPolicy(t *testing.T) {
	allowed := parsePolicy(t, policy)
	for _, pair := range never {
		if allowed.reaches(pair[0], pair[1]) {
			t.Errorf("the policy itself lets %s import %s", pair[1], pair[0])
		}
	}
	for _, use := range imports(t) {
		if path, ok := strings.CutPrefix(use.path, "firetower/internal/"); ok {
			if !allowed.permits(path, use.from) {
				t.Errorf("%s: package %s may not import %s: see the policy in internal/imports_test.go", use.file, use.from, path)
			}
			continue
		}
		for outside, places := range only {
			if (use.path == outside || strings.HasPrefix(use.path, outside+"/")) && !slices.Contains(places, use.from) {
				t.Errorf("%s: %s may be imported only by %v", use.file, outside, places)
			}
		}
	}
}

// lattice maps a package to those that may import it directly.
type lattice map[string][]string

func parsePolicy(t *testing.T, text string) lattice {
	t.Helper()
	l := lattice{}
	var lines []string
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		lines = append(lines, line)
	}
	for rule := range strings.SplitSeq(strings.Join(lines, " "), ";") {
		if strings.TrimSpace(rule) == "" {
			continue
		}
		levels := strings.Split(rule, "<")
		if len(levels) < 2 {
			t.Fatalf("policy: %q is not a < b", rule)
		}
		for i := 1; i < len(levels); i++ {
			for _, lower := range names(levels[i-1]) {
				l[lower] = append(l[lower], names(levels[i])...)
			}
		}
	}
	return l
}

func names(list string) []string {
	var out []string
	for n := range strings.SplitSeq(list, ",") {
		if n = strings.TrimSpace(n); n != "" {
			out = append(out, n)
		}
	}
	return out
}

// reaches says whether to may import from, directly or through others.
func (l lattice) reaches(from, to string) bool {
	seen := map[string]bool{}
	var walk func(string) bool
	walk = func(p string) bool {
		for _, up := range l[p] {
			if up == to {
				return true
			}
			if !seen[up] {
				seen[up] = true
				if walk(up) {
					return true
				}
			}
		}
		return false
	}
	return walk(from)
}

// permits says whether package by may import package path; a subpackage inherits
// from its parents.
func (l lattice) permits(path, by string) bool {
	for p := by; p != "." && p != ""; p = filepath.Dir(p) {
		if p == path || l.reaches(path, p) {
			return true
		}
	}
	// A package may be assembled from its own subpackages.
	return strings.HasPrefix(path, by+"/")
}

type use struct{ from, file, path string }

// imports lists what every non-test file below internal imports.
func imports(t *testing.T) []use {
	t.Helper()
	var out []use
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, s := range f.Imports {
			path, err := strconv.Unquote(s.Path.Value)
			if err != nil {
				return err
			}
			out = append(out, use{filepath.Dir(file), file, path})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
