package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"

	"firetower/internal/behaviour"
	"firetower/internal/forest/grow"
)

// judge says whether a contact that looks so is to be reported.
type judge func(v view) bool

// methods are the judges compared.
var methods = []struct {
	name string
	fit  func(ctx context.Context, train []*capture) (judge, error)
}{
	{"by hand", func(context.Context, []*capture) (judge, error) { return byHand, nil }},
	{"fitted", func(_ context.Context, t []*capture) (judge, error) { return fitted(t, 0), nil }},
	{"fitted, from hand", func(_ context.Context, t []*capture) (judge, error) { return fitted(t, 1), nil }},
	{"forest on signs", func(ctx context.Context, t []*capture) (judge, error) { return forest(ctx, t, false) }},
	{"forest on signs and numbers", func(ctx context.Context, t []*capture) (judge, error) { return forest(ctx, t, true) }},
}

// bias is what weights by hand must add up to.
var bias = behaviour.DefaultBotConfig().Bias

func sum(all []float64) (s float64) {
	for _, v := range all {
		s += v
	}
	return s
}

// example is a contact to fit to. A capture's contacts share its weight, so that a
// long one does not speak for all; of a bot's, the most suspicious speaks.
type example struct {
	v      view
	bot    bool
	weight float64
}

func examples(train []*capture) (all []example) {
	bots, others := 0.0, 0.0
	for _, c := range train {
		if n := len(c.contacts); n > 0 {
			if c.bot() {
				bots++
				all = append(all, example{v: most(c.contacts), bot: true, weight: 1})
				continue
			}
			others++
			for _, one := range c.contacts {
				all = append(all, example{v: one.views[len(one.views)-1], weight: 1 / float64(n)})
			}
		}
	}
	for i := range all { // both sides weigh the same
		if all[i].bot {
			all[i].weight /= bots
		} else {
			all[i].weight /= others
		}
	}
	return all
}

func most(contacts []*contact) (v view) {
	best := math.Inf(-1)
	for _, one := range contacts {
		for _, w := range one.views {
			if s := sum(w.weights); s > best {
				best, v = s, w
			}
		}
	}
	return v
}

// fitted fits a factor to every sign's weight by logistic regression, none below
// zero, drawn towards prior.
func fitted(train []*capture, prior float64) judge {
	factors, offset := regress(examples(train), prior)
	return atLeast(train, func(v view) float64 { return logit(v, factors, offset) })
}

func logit(v view, factors []float64, offset float64) float64 {
	s := offset
	for i, w := range v.weights {
		s += factors[i] * w
	}
	return s
}

// The pull towards the prior, and the steps of the descent.
const (
	pull  = 0.01
	steps = 3000
	rate  = 0.3
)

func regress(all []example, prior float64) (factors []float64, offset float64) {
	n := len(all[0].v.weights)
	factors, offset = slices.Repeat([]float64{prior}, n), -bias*prior
	slope := make([]float64, n)
	for range steps {
		for i := range slope {
			slope[i] = pull * (factors[i] - prior)
		}
		base := 0.0
		for _, e := range all {
			p := 1 / (1 + math.Exp(-logit(e.v, factors, offset)))
			off := e.weight * p
			if e.bot {
				off = e.weight * (p - 1)
			}
			base += off
			for i, w := range e.v.weights {
				slope[i] += off * w
			}
		}
		offset -= rate * base
		for i := range factors {
			factors[i] = math.Max(0, factors[i]-rate*slope[i])
		}
	}
	return factors, offset
}

// byHand is the judge that the program ships with.
func byHand(v view) bool { return sum(v.weights) >= bias }

// atLeast makes a judge of a score: its limit is the lowest that reports no more of
// the harmless captures it was fitted to than the weights by hand do.
func atLeast(train []*capture, score func(v view) float64) judge {
	var worst []float64
	allowed := 0
	for _, c := range train {
		if !c.Benign() {
			continue
		}
		if c.alarms(byHand) {
			allowed++
		}
		top := math.Inf(-1)
		for _, one := range c.contacts {
			for _, v := range one.views {
				top = math.Max(top, score(v))
			}
		}
		worst = append(worst, top)
	}
	slices.Sort(worst)
	limit := worst[len(worst)-1-allowed]
	return func(v view) bool { return score(v) > limit }
}

// forest grows a forest on the signs, or on the numbers behind them as well.
func forest(ctx context.Context, train []*capture, numbers bool) (judge, error) {
	row := func(v view) (x []float32) {
		for _, w := range v.weights {
			x = append(x, float32(w))
		}
		if numbers {
			for _, f := range v.facts {
				x = append(x, float32(f))
			}
		}
		return x
	}
	d := grow.Dataset{Features: behaviour.BotSigns(), Classes: []string{"benign", "bot"}}
	if numbers {
		d.Features = append(d.Features, behaviour.BotFacts()...)
	}
	d.Columns = make([][]float32, len(d.Features))
	all := examples(train)
	for _, e := range all {
		for i, v := range row(e.v) {
			d.Columns[i] = append(d.Columns[i], v)
		}
		label := uint8(0)
		if e.bot {
			label = 1
		}
		d.Labels, d.Weights = append(d.Labels, label), append(d.Weights, float32(e.weight*float64(len(all))/2))
	}
	cfg := grow.DefaultConfig()
	cfg.MaxDepth, cfg.MinLeaf, cfg.Trees = 8, 2, 200
	m, _, err := grow.Train(ctx, d, cfg)
	if err != nil {
		return nil, err
	}
	proba := make([]float32, 2)
	return atLeast(train, func(v view) float64 {
		m.Predict(row(v), proba)
		return float64(proba[1])
	}), nil
}

// signTable prints each sign: contacts of bots and others that show it, and the
// factor that a fit to everything gives its weight.
func signTable(w io.Writer, all []*capture) {
	plain, _ := regress(examples(all), 0)
	drawn, _ := regress(examples(all), 1)
	fmt.Fprintln(w, "| sign | bot captures | other captures | factor fitted | from hand |\n|---|---|---|---|---|")
	for i, name := range behaviour.BotSigns() {
		seen := [2]int{}
		for _, c := range all {
			shows := slices.ContainsFunc(c.contacts, func(one *contact) bool {
				return slices.ContainsFunc(one.views, func(v view) bool { return v.weights[i] != 0 })
			})
			switch {
			case shows && c.bot():
				seen[0]++
			case shows:
				seen[1]++
			}
		}
		fmt.Fprintf(w, "| %s | %d | %d | %.2f | %.2f |\n", name, seen[0], seen[1], plain[i], drawn[i])
	}
}
