package training

import "firetower/internal/dataset"

// dropConstant drops columns that hold one value only, or none.
func (p *prepared) dropConstant() {
	kept := make([]bool, len(p.x))
	for i, column := range p.x {
		if kept[i] = varies(column); !kept[i] {
			p.constant = append(p.constant, p.names[i])
		}
	}
	p.keep(kept)
}

func varies(column []float32) bool {
	var first float32
	found := false
	for _, v := range column {
		if dataset.Missing(v) {
			continue
		}
		if !found {
			first, found = v, true
		}
		if v != first {
			return true
		}
	}
	return false
}
