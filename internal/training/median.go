package training

import "firetower/internal/dataset"

// impute finds the median of every column and puts it where values are missing or
// infinite. Columns with such values are copied, the others stay shared with the
// table.
func (p *prepared) impute() {
	p.medians = make([]float32, len(p.x))
	for i, column := range p.x {
		present := make([]float32, 0, len(column))
		for _, v := range column {
			if !dataset.Missing(v) {
				present = append(present, v)
			}
		}
		p.medians[i] = median(present)
		if gaps := len(column) - len(present); gaps > 0 {
			p.filled += gaps
			p.x[i] = fill(column, p.medians[i])
		}
	}
}

func fill(column []float32, value float32) []float32 {
	out := make([]float32, len(column))
	for i, v := range column {
		if dataset.Missing(v) {
			v = value
		}
		out[i] = v
	}
	return out
}

// median is the middle value, the mean of the two middle ones of an even number, 0
// of none. It reorders values.
func median(values []float32) float32 {
	n := len(values)
	if n == 0 {
		return 0
	}
	upper := nth(values, n/2)
	if n%2 == 1 {
		return upper
	}
	lower := values[0] // nth left the smaller ones in front
	for _, v := range values[:n/2] {
		lower = max(lower, v)
	}
	return float32((float64(lower) + float64(upper)) / 2)
}

// nth gives the value that would be at index k if values were sorted, with no
// larger value before it (Hoare's quickselect).
func nth(values []float32, k int) float32 {
	low, high := 0, len(values)-1
	for low < high {
		pivot := values[(low+high)/2]
		i, j := low, high
		for i <= j {
			for values[i] < pivot {
				i++
			}
			for values[j] > pivot {
				j--
			}
			if i <= j {
				values[i], values[j] = values[j], values[i]
				i++
				j--
			}
		}
		switch {
		case k <= j:
			high = j
		case k >= i:
			low = i
		default:
			return values[k]
		}
	}
	return values[k]
}
