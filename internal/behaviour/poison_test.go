package behaviour

import (
	"testing"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
)

// TestPoison: who puts himself between two hosts, and who answers for others honestly.
func TestPoison(t *testing.T) {
	const router, clerk, mallory = 1, 7, 66
	station := func(n byte) packet.Station { return packet.Station{2, 0, 0, 0, 0, n} }
	ask := func(at int64, by, of byte) flow.Ask {
		return flow.Ask{Time: epoch + at*1e6, Src: inner(by), Dst: inner(of), Station: station(by)}
	}
	// tell has the station of one host say that it is another.
	tell := func(at int64, who, as, to byte) flow.Ask {
		return flow.Ask{Time: epoch + at*1e6, Src: inner(as), Dst: inner(to), Station: station(who), Answer: true}
	}
	repeat := func(n int, every int64, some ...flow.Ask) (out []flow.Ask) {
		for i := range n {
			for _, a := range some {
				a.Time += int64(i) * every * 1e6
				out = append(out, a)
			}
		}
		return out
	}
	tests := []struct {
		name  string
		class attack.Class
		asks  []flow.Ask
	}{
		{"both sides told, every two seconds", attack.Infiltration,
			append([]flow.Ask{ask(0, mallory, router), ask(0, mallory, clerk)}, repeat(10, 2, tell(10, mallory, router, clerk), tell(10, mallory, clerk, router))...)},
		{"one side told, every ten", attack.Infiltration,
			append([]flow.Ask{ask(0, mallory, clerk), ask(1, router, clerk)}, repeat(12, 10, tell(10, mallory, router, clerk))...)},
		{"a router that answers for both, asked", attack.Benign,
			repeat(30, 20, ask(0, clerk, 9), tell(0, router, 9, clerk), ask(1, 9, clerk), tell(1, router, clerk, 9))},
		{"the same told twice", attack.Benign,
			repeat(30, 20, ask(0, clerk, 9), tell(0, router, 9, clerk), tell(0, router, 9, clerk), ask(1, 9, clerk), tell(1, router, clerk, 9), tell(1, router, clerk, 9))},
		{"an address that moves to another server", attack.Benign,
			append([]flow.Ask{ask(0, 20, clerk), tell(5, 21, 20, clerk), tell(6, 21, 20, clerk), tell(7, 21, 20, clerk), tell(8, 21, 20, clerk)},
				repeat(30, 5, tell(20, 21, 20, router), tell(20, 21, 20, clerk))[:6]...)},
		{"who tells its own address unasked", attack.Benign, repeat(60, 5, tell(0, router, router, clerk), tell(0, clerk, clerk, router))},
		{"questions that the capture lacks", attack.Benign, repeat(60, 30, tell(0, router, router, clerk), tell(0, router, router, 8), tell(0, router, router, 9))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newPoison()
			var found []Finding
			for i := range tt.asks {
				b.Asked(&tt.asks[i], func(f Finding) { found = append(found, f) })
			}
			expect(t, found, tt.class, inner(mallory), "without having been asked")
		})
	}
}
