package training

import (
	"context"
	"fmt"
	"sync"

	"firetower/internal/dataset"
	"firetower/internal/forest"
	"firetower/internal/forest/grow"
)

// fitted is a forest with what is needed to apply it to rows of the table.
type fitted struct {
	model       *forest.Model
	columns     []int   // of the table, in the model's order
	classes     []uint8 // of the table, by class of the model
	importances []float64
}

// binned is prepared rows laid out for growing, once for many forests.
type binned struct {
	*prepared
	bins    *grow.Binned
	classes []uint8
}

// bin lays p out. The forest's classes are those that occur.
func (p *prepared) bin(ctx context.Context, cfg grow.Config) (*binned, error) {
	b := &binned{prepared: p}
	all := dataset.Classes()
	local := make([]uint8, len(all))
	var names []string
	for class, n := range countClasses(p.y) {
		if n > 0 {
			local[class] = uint8(len(names))
			names = append(names, all[class])
			b.classes = append(b.classes, uint8(class))
		}
	}
	if len(names) < 2 {
		return nil, fmt.Errorf("every training row is of class %q: a classifier needs rows of at least two classes", names[0])
	}
	if len(p.x) == 0 {
		return nil, fmt.Errorf("no feature is left to train on: every column is excluded, constant or empty")
	}
	y := make([]uint8, len(p.y))
	for i, class := range p.y {
		y[i] = local[class]
	}
	var err error
	b.bins, err = grow.Bin(ctx, grow.Dataset{Columns: p.x, Labels: y, Features: p.names, Classes: names, Groups: p.groups}, cfg)
	return b, err
}

// grow trains a forest on the given columns of b, by index; nil means all.
func (b *binned) grow(ctx context.Context, cfg grow.Config, columns []int) (*fitted, error) {
	p, bins := b.prepared, b.bins
	cfg.ClassWeights = b.weights(cfg.ClassWeights)
	if columns != nil {
		p, bins = p.only(columns), bins.Select(columns)
	}
	m, report, err := bins.Grow(ctx, cfg)
	if err != nil {
		return nil, err
	}
	m.Meta.Medians = p.medians
	return &fitted{m, p.columns, b.classes, report.Importances}, nil
}

// weights takes the weights of all nine classes to those of the forest.
func (b *binned) weights(all []float64) []float64 {
	if all == nil {
		return nil
	}
	var out []float64
	for _, class := range b.classes {
		out = append(out, all[class])
	}
	return out
}

const batch = 1024 // rows laid out for prediction at a time

// predict gives the probabilities of the given rows for all nine classes, row by
// row.
func (f *fitted) predict(t *dataset.Table, rows []int32) []float32 {
	k := len(dataset.Classes())
	out := make([]float32, len(rows)*k)
	batches := (len(rows) + batch - 1) / batch
	workers := workersFor(batches)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			x := make([]float32, batch*len(f.columns))
			proba := make([]float32, batch*len(f.classes))
			for i := w; i < batches; i += workers {
				from, to := i*batch, min((i+1)*batch, len(rows))
				f.lay(t, rows[from:to], x)
				n := to - from
				f.model.PredictBatch(x[:n*len(f.columns)], proba)
				f.spread(proba[:n*len(f.classes)], out[from*k:to*k], k)
			}
		})
	}
	wg.Wait()
	return out
}

// lay copies rows out of the columns, one after another.
func (f *fitted) lay(t *dataset.Table, rows []int32, x []float32) {
	width := len(f.columns)
	for j, c := range f.columns {
		column := t.X[c]
		for i, r := range rows {
			x[i*width+j] = column[r]
		}
	}
}

// spread puts the model's classes at their places among the nine.
func (f *fitted) spread(proba, out []float32, k int) {
	n := len(f.classes)
	for i := range len(proba) / n {
		for j, class := range f.classes {
			out[i*k+int(class)] = proba[i*n+j]
		}
	}
}
