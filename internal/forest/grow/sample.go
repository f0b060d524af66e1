package grow

import "math/rand/v2"

// random is the stream of tree t: it depends on nothing but the seed and t.
func random(seed uint64, t int) *rand.Rand {
	return rand.New(rand.NewPCG(seed, uint64(t)+0x9e3779b97f4a7c15))
}

// draw sets how often each row is in the sample of a tree.
func draw(rng *rand.Rand, cfg *Config, counts []uint8) {
	if !cfg.Bootstrap {
		for i := range counts {
			counts[i] = 1
		}
		return
	}
	clear(counts)
	n := len(counts)
	want := n
	if cfg.MaxSamples > 0 {
		want = min(n, cfg.MaxSamples)
	}
	for range want {
		i := rng.Uint32N(uint32(n))
		if counts[i] < 255 {
			counts[i]++
		}
	}
}
