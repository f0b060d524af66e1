package training

import (
	"slices"
	"time"

	"firetower/internal/dataset"
)

// prepared is a set of training rows after the steps that fit something to them: a
// whole training part, or the training rows of one fold.
type prepared struct {
	columns []int // of the table, those still in use
	names   []string
	x       [][]float32 // by column: the rows, then the synthetic ones
	y       []uint8
	groups  []int32   // of the rows, for the cluster bootstrap; or nil
	medians []float32 // by column; nil if missing values were left

	filled      int // cells that got a median
	constant    []string
	correlation *Correlation
	before      []int // rows by class before and after balancing
	after       []int
	took        [4]time.Duration // by medians, one-valued columns, correlation, SMOTE
}

// prepare carries out the steps from medians to SMOTE on the given rows. The table
// is only read.
func prepare(t *dataset.Table, rows []int32, r *Recipe) *prepared {
	p := &prepared{y: t.ClassesOf(rows)}
	var excluded []int
	for _, name := range r.Exclude {
		excluded = append(excluded, t.Column(name))
	}
	for c, name := range t.Names {
		if !slices.Contains(excluded, c) {
			p.columns = append(p.columns, c)
			p.names = append(p.names, name)
			p.x = append(p.x, t.Values(c, rows))
		}
	}
	if r.Forest.ClusterBootstrap {
		p.groups = t.GroupsOf(rows)
	}
	p.before = countClasses(p.y)
	for i, step := range []struct {
		on bool
		do func()
	}{
		{r.Medians, p.impute},
		{r.DropConstant, p.dropConstant},
		{r.Correlation > 0, func() { p.dropCorrelated(r.Correlation) }},
		{r.SMOTE.On, func() { p.balance(r.SMOTE, r.Seed) }},
	} {
		start := time.Now()
		if step.on {
			step.do()
		}
		p.took[i] = time.Since(start)
	}
	p.after = countClasses(p.y)
	return p
}

// keep keeps only the columns for which kept is true.
func (p *prepared) keep(kept []bool) {
	n := 0
	for i, k := range kept {
		if !k {
			continue
		}
		p.columns[n], p.names[n], p.x[n] = p.columns[i], p.names[i], p.x[i]
		if p.medians != nil {
			p.medians[n] = p.medians[i]
		}
		n++
	}
	p.columns, p.names, p.x = p.columns[:n], p.names[:n], p.x[:n]
	if p.medians != nil {
		p.medians = p.medians[:n]
	}
}

// only gives the same rows with the given columns, by index into p.columns.
func (p *prepared) only(columns []int) *prepared {
	q := &prepared{y: p.y, before: p.before, after: p.after}
	for _, i := range columns {
		q.columns = append(q.columns, p.columns[i])
		q.names = append(q.names, p.names[i])
		q.x = append(q.x, p.x[i])
		if p.medians != nil {
			q.medians = append(q.medians, p.medians[i])
		}
	}
	return q
}

func countClasses(y []uint8) []int {
	n := make([]int, len(dataset.Classes()))
	for _, c := range y {
		n[c]++
	}
	return n
}
