package metrics

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDeployedFilesNameRealMetrics holds the alert rules and the Grafana dashboard
// to the metrics that are served.
func TestDeployedFilesNameRealMetrics(t *testing.T) {
	text := serve(t)
	for _, name := range []string{"prometheus-rules.yml", "grafana-dashboard.json"} {
		file, err := os.ReadFile(filepath.Join("..", "..", "deploy", name))
		if err != nil {
			t.Fatal(err)
		}
		found := regexp.MustCompile(`\bfiretower_[a-z_]+`).FindAllString(string(file), -1)
		if len(found) == 0 {
			t.Errorf("%s names no metric", name)
		}
		for _, metric := range found {
			if !strings.Contains(text, "\n"+metric) {
				t.Errorf("%s names %s, which is not served", name, metric)
			}
		}
	}
}
