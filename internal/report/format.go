package report

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"

	"firetower/internal/words"
)

// functions are what the page's template calls to print numbers.
func functions() template.FuncMap {
	return template.FuncMap{
		"count":   words.Count[int],
		"whole":   func(x float64) string { return words.Count(int64(math.Round(x))) },
		"four":    func(x float64) string { return strconv.FormatFloat(x, 'f', 4, 64) },
		"five":    func(x float64) string { return strconv.FormatFloat(x, 'f', 5, 64) },
		"percent": percent,
		"shade":   shade,
		"add":     func(a, b int) int { return a + b },
		"join":    strings.Join,
	}
}

// percent prints a share with as many digits as tell it from none and from all.
func percent(x float64) string {
	switch {
	case x == 0 || x == 1:
		return fmt.Sprintf("%.0f %%", 100*x)
	case x < 0.001 || x > 0.999:
		return fmt.Sprintf("%.3f %%", 100*x)
	case x < 0.1 || x > 0.99:
		return fmt.Sprintf("%.2f %%", 100*x)
	}
	return fmt.Sprintf("%.1f %%", 100*x)
}

// shade is the background of a cell of the confusion matrix: n of support.
func shade(n, support int) template.CSS {
	if support == 0 || n == 0 {
		return ""
	}
	share := 100 * float64(n) / float64(support)
	return template.CSS(fmt.Sprintf("background:color-mix(in srgb,var(--cell) %.0f%%,transparent)", max(8, share))) //nolint:gosec // a number
}
