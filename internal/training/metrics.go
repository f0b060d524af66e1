package training

// Metrics is the content of metrics.json.
type Metrics struct {
	MacroF1     float64           `json:"macro_f1"`
	Accuracy    float64           `json:"accuracy"`
	Classes     []ClassScore      `json:"classes"`
	Features    []string          `json:"features"`
	MaxDepth    int               `json:"max_depth"`
	NEstimators int               `json:"n_estimators"`
	Seed        uint64            `json:"seed"`
	Seconds     float64           `json:"train_seconds"`
	Rows        int               `json:"rows"`
	Preset      string            `json:"preset,omitempty"`
	Profile     string            `json:"profile"`
	Split       string            `json:"split,omitempty"`
	Fingerprint string            `json:"data_fingerprint,omitempty"`
	Labels      map[string]int    `json:"labels,omitempty"`
	Test        *Evaluation       `json:"evaluation,omitempty"`
	Honesty     *Honesty          `json:"honesty,omitempty"`
	Importances []Important       `json:"importances,omitempty"`
	Ranking     []string          `json:"ranking,omitempty"` // every feature that took part in elimination, best first
	Correlation *Correlation      `json:"correlation,omitempty"`
	Selection   map[string]Choice `json:"selection,omitempty"`
	Steps       []Step            `json:"steps,omitempty"`
	Account     any               `json:"input,omitempty"`
	Command     string            `json:"command,omitempty"`
}

// Metrics puts a Result into the form of metrics.json.
func (r *Result) Metrics() *Metrics {
	m := &Metrics{
		Features: r.Features, MaxDepth: r.Recipe.Forest.MaxDepth, NEstimators: r.Recipe.Forest.Trees,
		Seed: r.Recipe.Seed, Seconds: r.Seconds, Rows: r.Rows, Preset: r.Recipe.Preset, Profile: r.Profile,
		Split: r.SplitAbout, Fingerprint: r.Fingerprint, Labels: r.Labels, Test: r.Test, Honesty: &r.Honesty,
		Importances: r.Importances, Ranking: r.Ranking, Correlation: r.Correlation, Steps: r.Steps, Account: r.Account,
		Classes: []ClassScore{},
	}
	if m.MaxDepth == 0 {
		m.MaxDepth = r.Model.Depth()
	}
	if r.Test != nil {
		m.MacroF1, m.Accuracy, m.Classes = r.Test.MacroF1, r.Test.Accuracy, r.Test.Classes
	}
	m.Selection = map[string]Choice{}
	for name, c := range map[string]*Choice{"features": r.FeatureCount, "max_depth": r.Depth, "n_estimators": r.Trees} {
		if c != nil {
			m.Selection[name] = *c
		}
	}
	return m
}
