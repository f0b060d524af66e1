package main

import (
	"cmp"
	"encoding/binary"
	"reflect"
	"slices"
	"strings"

	"firetower/bench/truth"
	"firetower/internal/behaviour"
	"firetower/internal/incident"
)

// rig judges all tapes under any setting. A behaviour's findings depend on its own
// limits only, so after a change of one limit one behaviour has to look again, and
// only the tapes of which it says something else have to be judged again.
type rig struct {
	tapes  []*tape
	groups []int              // of each behaviour: which part of behaviour.Config is its own, -1 if none
	found  []map[string][]int // of each behaviour, by its own setting: which of the tape's stories it tells
}

func newRig() *rig {
	r := &rig{}
	t := reflect.TypeFor[behaviour.Config]()
	for _, b := range behaviour.All(behaviour.DefaultConfig()) {
		group := -1
		for g := range t.NumField() {
			if strings.EqualFold(t.Field(g).Name, b.Name()) {
				group = g
			}
		}
		r.groups = append(r.groups, group)
		r.found = append(r.found, map[string][]int{})
	}
	return r
}

// findings says, for each tape, which of its stories behaviour i tells.
func (r *rig) findings(i int, cfg behaviour.Config) []int {
	key := ownConfig(&cfg, r.groups[i])
	if known, ok := r.found[i][key]; ok {
		return known
	}
	told := make([]int, len(r.tapes))
	parallel(len(r.tapes), func(k int) { told[k] = r.tapes[k].hear(i, behaviour.All(cfg)[i]) })
	r.found[i][key] = told
	return told
}

// hear gives the index of what behaviour i says of the tape.
func (t *tape) hear(i int, b behaviour.Behaviour) int {
	story := t.watch(b)
	for len(t.stories) <= i {
		t.stories = append(t.stories, nil)
	}
	for n, known := range t.stories[i] {
		if reflect.DeepEqual(known, story) {
			return n
		}
	}
	t.stories[i] = append(t.stories[i], story)
	return len(t.stories[i]) - 1
}

// right says of each capture whether it is judged as its truth has it.
func (r *rig) right(cfg behaviour.Config) []bool {
	told := make([][]int, len(r.groups))
	for i := range told {
		told[i] = r.findings(i, cfg)
	}
	right := make([]bool, len(r.tapes))
	for k, t := range r.tapes {
		var stories []story
		var key []byte
		for i := range told {
			stories = append(stories, t.stories[i][told[i][k]])
			key = binary.AppendUvarint(key, uint64(told[i][k]))
		}
		known, ok := t.judged[which(key)]
		if !ok {
			known = t.Told(t.incidents(stories))
			t.judged[which(key)] = known
		}
		right[k] = known
	}
	return right
}

// without says the same if one behaviour were not there.
func (r *rig) without(name string, cfg behaviour.Config) []bool {
	right := make([]bool, len(r.tapes))
	for k, t := range r.tapes {
		var stories []story
		for i, b := range behaviour.All(cfg) {
			if b.Name() != name {
				stories = append(stories, t.stories[i][r.findings(i, cfg)[k]])
			}
		}
		right[k] = t.Told(t.incidents(stories))
	}
	return right
}

// incidents joins the stories as the pipeline would have.
func (t *tape) incidents(stories []story) []incident.Incident {
	var all []said
	for _, s := range stories {
		all = append(all, s...)
	}
	slices.SortStableFunc(all, func(a, b said) int { return cmp.Or(a.batch-b.batch, a.event-b.event) })
	c := incident.New(incident.DefaultConfig())
	next := 0
	for i := range len(t.batches) + 1 {
		for ; next < len(all) && all[next].batch == i; next++ {
			c.Add(all[next].finding)
		}
		if i < len(t.batches) {
			c.Advance(t.batches[i].now)
		}
	}
	return c.Incidents()
}

// tally counts the captures that are wanted.
func (r *rig) tally(right []bool, wanted func(c *truth.Capture) bool) (t truth.Tally) {
	for k, tape := range r.tapes {
		if wanted(&tape.Capture) {
			t.Add(tape.Class, right[k])
		}
	}
	return t
}
