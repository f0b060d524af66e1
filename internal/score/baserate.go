package score

// Operation is what a detector with fixed rates does on a network with a given
// share of attack flows. Test sets are far richer in attacks than networks are,
// and precision does not carry over (Axelsson 2000, "The base-rate fallacy and
// the difficulty of intrusion detection").
type Operation struct {
	BaseRate     float64 `json:"base_rate"`      // share of attack flows
	Precision    float64 `json:"precision"`      // share of alerts that are attacks
	AlertsPerDay float64 `json:"alerts_per_day"` // at FlowsPerDay
	FalsePerDay  float64 `json:"false_per_day"`
	MissedPerDay float64 `json:"missed_per_day"`
	FlowsPerDay  float64 `json:"flows_per_day"`
}

// Operate applies Bayes' rule: recall and false positive rate were measured, the
// base rate and the flows a day are the network's.
func Operate(recall, falseRate, baseRate, flowsPerDay float64) Operation {
	attacks := flowsPerDay * baseRate
	found, wrong := attacks*recall, (flowsPerDay-attacks)*falseRate
	o := Operation{
		BaseRate: baseRate, FlowsPerDay: flowsPerDay,
		AlertsPerDay: found + wrong, FalsePerDay: wrong, MissedPerDay: attacks - found,
	}
	if o.AlertsPerDay > 0 {
		o.Precision = found / o.AlertsPerDay
	}
	return o
}
