package main

import (
	"slices"

	"firetower/internal/training"
)

// candidate is a recipe under trial: plain, changed.
type candidate struct {
	name   string
	change func(*training.Recipe)
}

// plain is the default preset without what the trials decided.
func plain() training.Recipe {
	r := training.Default()
	r.Correlation, r.Forest.BenignWeight, r.LeaveOneOut = 0, 0, false
	return r
}

// Families of features that may tell the recording rather than the attack.
var (
	port    = []string{"Dst Port"}
	windows = []string{"FWD Init Win Bytes", "Bwd Init Win Bytes"}
	headers = []string{"Fwd Seg Size Min", "Bwd Seg Size Min", "Fwd Header Length", "Bwd Header Length"}
	rates   = []string{"Flow Bytes/s", "Flow Packets/s", "Fwd Packets/s", "Bwd Packets/s"}
	times   = []string{
		"Flow Duration", "Flow IAT Mean", "Flow IAT Std", "Flow IAT Max", "Flow IAT Min",
		"Fwd IAT Total", "Fwd IAT Mean", "Fwd IAT Std", "Fwd IAT Max", "Fwd IAT Min",
		"Bwd IAT Total", "Bwd IAT Mean", "Bwd IAT Std", "Bwd IAT Max", "Bwd IAT Min", "Total Connection Flow Time",
		"Active Mean", "Active Std", "Active Max", "Active Min", "Idle Mean", "Idle Std", "Idle Max", "Idle Min",
	}
)

func candidates() []candidate {
	forest := func(trees, depth, leaf int, balanced bool) func(*training.Recipe) {
		return func(r *training.Recipe) {
			r.Forest.Trees, r.Forest.MaxDepth, r.Forest.MinLeaf, r.Forest.Balanced = trees, depth, leaf, balanced
		}
	}
	benign := func(w float64) func(*training.Recipe) {
		return func(r *training.Recipe) { r.Forest.BenignWeight = w }
	}
	correlation := func(c float64) func(*training.Recipe) {
		return func(r *training.Recipe) { r.Correlation = c }
	}
	both := func(a, b func(*training.Recipe)) func(*training.Recipe) {
		return func(r *training.Recipe) { a(r); b(r) }
	}
	without := func(families ...[]string) func(*training.Recipe) {
		return func(r *training.Recipe) { r.Exclude = slices.Concat(families...) }
	}
	return []candidate{
		{"plain: 50 trees, depth 16, leaf 3, balanced, without shortcuts", func(*training.Recipe) {}},
		{"default preset", func(r *training.Recipe) { *r = training.Default(); r.LeaveOneOut = false }},
		{"all features", without()},
		{"without port", without(port)},
		{"without port, windows", without(port, windows)},
		{"without port, windows, headers", without(port, windows, headers)},
		{"without port, windows, headers, rates", without(port, windows, headers, rates)},
		{"without port, windows, headers, times", without(port, windows, headers, times)},
		{"without port, windows, headers, times, rates", without(port, windows, headers, times, rates)},
		{"correlation 0.8", correlation(0.8)},
		{"correlation 0.95", correlation(0.95)},
		{"smote", func(r *training.Recipe) { r.SMOTE = training.SMOTE{On: true, Neighbours: 5} }},
		{"paper's settings: 14 trees, depth 8", forest(14, 8, 1, true)},
		{"50 trees, depth 8, leaf 1", forest(50, 8, 1, true)},
		{"50 trees, depth 16, leaf 1", forest(50, 16, 1, true)},
		{"50 trees, depth 16, leaf 10", forest(50, 16, 10, true)},
		{"50 trees, depth 16, leaf 30", forest(50, 16, 30, true)},
		{"100 full trees, leaf 1", forest(100, 0, 1, true)},
		{"100 full trees, leaf 3", forest(100, 0, 3, true)},
		{"100 full trees, leaf 1, no weights", forest(100, 0, 1, false)},
		{"200 full trees, leaf 3", forest(200, 0, 3, true)},
		{"benign weight 3", benign(3)},
		{"benign weight 10", benign(10)},
		{"benign weight 30", benign(30)},
		{"benign weight 100", benign(100)},
		{"benign weight 10, correlation 0.8", both(benign(10), correlation(0.8))},
		{"benign weight 30, correlation 0.8", both(benign(30), correlation(0.8))},
		{"benign weight 30, leaf 1", both(benign(30), forest(50, 16, 1, true))},
		{"benign weight 30, leaf 10", both(benign(30), forest(50, 16, 10, true))},
		{"benign weight 30, leaf 10, correlation 0.8", both(both(benign(30), correlation(0.8)), forest(50, 16, 10, true))},
		{"benign weight 30, leaf 5, correlation 0.8", both(both(benign(30), correlation(0.8)), forest(50, 16, 5, true))},
		{"benign weight 30, correlation 0.9", both(benign(30), correlation(0.9))},
		{"benign weight 100, correlation 0.8", both(benign(100), correlation(0.8))},
		{"benign weight 30, correlation 0.8, 100 full trees", both(both(benign(30), correlation(0.8)), forest(100, 0, 3, true))},
		{"benign weight 30, correlation 0.8, all columns", both(both(benign(30), correlation(0.8)), without())},
		{"benign weight 30, without times", both(benign(30), without(port, windows, headers, times))},
		{"benign weight 30, 4 features a split", both(benign(30), func(r *training.Recipe) { r.Forest.MaxFeatures = 4 })},
		{"benign weight 30, 20 features a split", both(benign(30), func(r *training.Recipe) { r.Forest.MaxFeatures = 20 })},
	}
}
