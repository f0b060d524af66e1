package training

import (
	"fmt"

	"firetower/internal/dataset"
	"firetower/internal/score"
)

// FewRows is the support below which a class's numbers claim nothing: even without
// a single error, the interval for its recall is then wider than 0.1.
const FewRows = 30

// Evaluation is how a model does on rows it has not seen.
type Evaluation struct {
	Rows             int               `json:"rows"`
	Accuracy         float64           `json:"accuracy"`
	MacroF1          float64           `json:"macro_f1"`
	BalancedAccuracy float64           `json:"balanced_accuracy"`
	MCC              float64           `json:"mcc"`
	AccuracyCI       score.Interval    `json:"accuracy_ci"`
	MacroF1CI        score.Interval    `json:"macro_f1_ci"`
	Classes          []ClassScore      `json:"classes"`
	Confusion        score.Confusion   `json:"confusion"` // by the names in Classes, truth first
	Reliability      score.Reliability `json:"calibration"`
	Detection        score.Curve       `json:"-"`              // any attack against benign
	Curves           []score.Curve     `json:"-"`              // by Classes
	FalseRate        float64           `json:"benign_flagged"` // share of benign rows given an attack class
	Recall           float64           `json:"attacks_flagged"`
	Operations       []score.Operation `json:"base_rates"`
	Warnings         []string          `json:"warnings,omitempty"`
}

// ClassScore is one class's part of an Evaluation.
type ClassScore struct {
	Name        string         `json:"name"`
	Precision   float64        `json:"precision"`
	Recall      float64        `json:"recall"`
	F1          float64        `json:"f1"`
	Support     int            `json:"support"`
	PrecisionCI score.Interval `json:"precision_ci"`
	RecallCI    score.Interval `json:"recall_ci"`
	F1CI        score.Interval `json:"f1_ci"`
	AP          float64        `json:"average_precision"`
	Claim       bool           `json:"enough_rows"` // support is at least FewRows
}

// FlowsPerDay is the network that alerts a day are told for: about twelve flows a
// second, an office of a few hundred people.
const FlowsPerDay = 1_000_000

// evaluate scores probabilities for all nine classes, row by row.
func evaluate(truth []uint8, proba []float32, seed uint64) (*Evaluation, error) {
	all := dataset.Classes()
	k := len(all)
	predicted := make([]uint8, len(truth))
	for i := range truth {
		predicted[i] = uint8(score.Argmax(proba[i*k : (i+1)*k]))
	}
	full, err := score.Confuse(k, truth, predicted)
	if err != nil {
		return nil, err
	}
	e := &Evaluation{
		Rows: len(truth), Accuracy: full.Accuracy(), MacroF1: full.MacroF1(),
		BalancedAccuracy: full.BalancedAccuracy(), MCC: full.MCC(),
		Reliability: score.Calibrate(truth, proba, k, 10),
	}
	ci := full.Bootstrap(1000, 0.95, seed)
	e.AccuracyCI, e.MacroF1CI = ci.Accuracy, ci.MacroF1
	var kept []int
	for c, name := range all {
		if full.Support(c)+full.Predicted(c) == 0 {
			continue
		}
		kept = append(kept, c)
		curve := curveOf(truth, proba, c, k)
		e.Curves = append(e.Curves, curve)
		e.Classes = append(e.Classes, ClassScore{
			Name: name, Precision: full.Precision(c), Recall: full.Recall(c), F1: full.F1(c), Support: full.Support(c),
			PrecisionCI: ci.Precision[c], RecallCI: ci.Recall[c], F1CI: ci.F1[c],
			AP: curve.AveragePrecision, Claim: full.Support(c) >= FewRows,
		})
		if n := full.Support(c); n < FewRows {
			e.Warnings = append(e.Warnings, fmt.Sprintf("%s has %d rows to test on: too few to claim anything", name, n))
		}
	}
	e.Confusion = score.NewConfusion(len(kept))
	for i, a := range kept {
		for j, b := range kept {
			e.Confusion[i][j] = full[a][b]
		}
	}
	e.detection(truth, proba, full)
	return e, nil
}

// curveOf is the curve of one class against the rest.
func curveOf(truth []uint8, proba []float32, class, k int) score.Curve {
	positive, p := make([]bool, len(truth)), make([]float32, len(truth))
	for i, y := range truth {
		positive[i], p[i] = int(y) == class, proba[i*k+class]
	}
	return score.PrecisionRecall(positive, p)
}

// detection is attack against benign, whatever the attack is called, and what its
// rates mean on a network.
func (e *Evaluation) detection(truth []uint8, proba []float32, full score.Confusion) {
	k := len(full)
	positive, p := make([]bool, len(truth)), make([]float32, len(truth))
	for i, y := range truth {
		positive[i], p[i] = y != 0, 1-proba[i*k]
	}
	e.Detection = score.PrecisionRecall(positive, p)
	benign, attacks, flagged, found := full.Support(0), 0, 0, 0
	for t := range full {
		for c, n := range full[t] {
			if t == 0 && c != 0 {
				flagged += n
			}
			if t != 0 {
				attacks += n
				if c != 0 {
					found += n
				}
			}
		}
	}
	if benign > 0 {
		e.FalseRate = float64(flagged) / float64(benign)
	}
	if attacks > 0 {
		e.Recall = float64(found) / float64(attacks)
	}
	for _, rate := range []float64{0.01, 0.001} {
		e.Operations = append(e.Operations, score.Operate(e.Recall, e.FalseRate, rate, FlowsPerDay))
	}
}
