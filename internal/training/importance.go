package training

import (
	"math/rand/v2"
	"slices"

	"firetower/internal/dataset"
	"firetower/internal/score"
)

// Important is a feature with its weight in the model.
type Important struct {
	Name     string  `json:"name"`
	Impurity float64 `json:"impurity"` // mean decrease of impurity; all sum to 1
	// Permutation is what macro-F1 on held-out rows loses when the feature's values
	// are shuffled among them (Breiman 2001); 0 without held-out rows.
	Permutation float64 `json:"permutation"`
}

const permutationRows = 10_000

// important ranks the features of the model: by elimination where that was done,
// else by impurity.
func (r *run) important() {
	f := r.fitted
	list := make([]Important, len(f.columns))
	for i, name := range f.model.Features {
		list[i] = Important{Name: name, Impurity: f.importances[i]}
	}
	if len(r.parts.Test) > 0 {
		rows := dataset.Sample(r.table.Y, r.parts.Test, permutationRows, 30, r.recipe.Seed)
		for i, loss := range f.permute(r.table, rows, r.recipe.Seed) {
			list[i].Permutation = loss
		}
	}
	if r.order == nil {
		slices.SortStableFunc(list, func(a, b Important) int {
			if a.Impurity > b.Impurity {
				return -1
			}
			if a.Impurity < b.Impurity {
				return 1
			}
			return 0
		})
	}
	r.result.Importances = list
	for _, i := range list {
		r.result.Features = append(r.result.Features, i.Name)
	}
}

// permute gives the loss by feature of the model.
func (f *fitted) permute(t *dataset.Table, rows []int32, seed uint64) []float64 {
	truth := t.ClassesOf(rows)
	whole := macroF1(truth, f.predict(t, rows))
	order := slices.Clone(rows)
	rng := rand.New(rand.NewPCG(seed, 0x7065726d))
	rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	losses := make([]float64, len(f.columns))
	for j, c := range f.columns {
		shuffled := *t
		shuffled.X = slices.Clone(t.X)
		column := slices.Clone(t.X[c])
		for i, row := range rows {
			column[row] = t.X[c][order[i]]
		}
		shuffled.X[c] = column
		losses[j] = whole - macroF1(truth, f.predict(&shuffled, rows))
	}
	return losses
}

func macroF1(truth []uint8, proba []float32) float64 {
	k := len(dataset.Classes())
	c := score.NewConfusion(k)
	for i, y := range truth {
		c[y][score.Argmax(proba[i*k:(i+1)*k])]++
	}
	return c.MacroF1()
}
