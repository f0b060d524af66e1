package forest

import "fmt"

// Meta is what a model says about itself. Nothing in it depends on when or where
// it was made, so that the same data and seed give the same file.
type Meta struct {
	Profile         string            `json:"profile"`                    // meter profile whose columns it reads
	SchemaHash      string            `json:"schema_hash,omitempty"`      // of the feature schema it was trained on
	DataFingerprint string            `json:"data_fingerprint,omitempty"` // of the training rows
	Rows            int               `json:"rows,omitempty"`             // training rows
	Seed            uint64            `json:"seed"`
	Settings        Settings          `json:"settings"`
	Notes           map[string]string `json:"notes,omitempty"` // the model card: free text by heading

	// Medians, one per feature or nil, replace values that are NaN or infinite
	// before a row is looked at, as the training did. Without them NaN follows
	// Node.MissingLeft and infinities compare as numbers.
	Medians []float32 `json:"medians,omitempty"`

	// Ranges holds for class c and feature f at [c*len(Features)+f] what was usual
	// in training, or is nil.
	Ranges []Range `json:"ranges,omitempty"`
}

// Settings are the parameters the forest was grown with; zero if unknown.
type Settings struct {
	Trees        int       `json:"trees"`
	MaxDepth     int       `json:"max_depth"`
	MaxFeatures  int       `json:"max_features"`
	MinLeaf      int       `json:"min_leaf"`
	MinSplit     int       `json:"min_split"`
	Criterion    string    `json:"criterion,omitempty"`
	Bootstrap    bool      `json:"bootstrap"`
	ClassWeight  string    `json:"class_weight,omitempty"`
	ClassWeights []float64 `json:"class_weights,omitempty"` // by class, as applied
	Bins         int       `json:"bins"`
}

// Range is the usual range of a feature within a class: the 5th, 50th and 95th
// percentile of the training rows.
type Range struct {
	Low    float32 `json:"low"`
	Median float32 `json:"median"`
	High   float32 `json:"high"`
}

// MismatchError says that a model does not fit the program that wants to use it.
type MismatchError struct {
	What        string // "profile", "schema"
	Model, Want string
}

func (e *MismatchError) Error() string {
	if e.What == "profile" {
		return fmt.Sprintf("model is of profile %s, this program meters %s: retrain, or pass --profile %s",
			e.Model, e.Want, e.Model)
	}
	return fmt.Sprintf("model is of feature %s %.12s, this program has %.12s: retrain the model", e.What, e.Model, e.Want)
}

// Require returns a *MismatchError unless the model reads the given profile and
// feature schema. An empty schema, on either side, is not compared.
func (m *Model) Require(profile, schemaHash string) error {
	if m.Meta.Profile != profile {
		return &MismatchError{What: "profile", Model: m.Meta.Profile, Want: profile}
	}
	if h := m.Meta.SchemaHash; h != "" && schemaHash != "" && h != schemaHash {
		return &MismatchError{What: "schema", Model: h, Want: schemaHash}
	}
	return nil
}
