package score

import (
	"math"
	"math/rand/v2"
	"testing"
)

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-9 {
		t.Errorf("%s = %.12f, want %.12f", what, got, want)
	}
}

// The numbers are scikit-learn's for the same labels: precision_recall_fscore_support,
// matthews_corrcoef, balanced_accuracy_score.
func TestConfusion(t *testing.T) {
	truth := []uint8{0, 0, 0, 0, 1, 1, 1, 2, 2, 2}
	predicted := []uint8{0, 0, 0, 1, 1, 1, 2, 2, 2, 0}
	c, err := Confuse(4, truth, predicted)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "accuracy", c.Accuracy(), 0.7)
	near(t, "precision of 1", c.Precision(1), 2.0/3)
	near(t, "recall of 0", c.Recall(0), 0.75)
	near(t, "F1 of 2", c.F1(2), 2.0/3)
	near(t, "macro-F1", c.MacroF1(), (0.75+2.0/3+2.0/3)/3)
	near(t, "balanced accuracy", c.BalancedAccuracy(), (0.75+2.0/3+2.0/3)/3)
	near(t, "MCC", c.MCC(), 0.5454545454545454)
	if c.Support(3) != 0 || c.F1(3) != 0 || c.Total() != 10 {
		t.Error("a class without rows must score 0 and count nothing")
	}
}

func TestConfuseRefuses(t *testing.T) {
	if _, err := Confuse(2, []uint8{0, 2}, []uint8{0, 1}); err == nil {
		t.Error("a class beyond n must be refused")
	}
	if _, err := Confuse(2, []uint8{0}, nil); err == nil {
		t.Error("different lengths must be refused")
	}
}

func TestEmptyMatrixScoresZero(t *testing.T) {
	c := NewConfusion(3)
	for _, v := range []float64{c.Accuracy(), c.MacroF1(), c.MCC(), c.BalancedAccuracy()} {
		near(t, "score of nothing", v, 0)
	}
}

func TestBootstrap(t *testing.T) {
	c := Confusion{{900, 100}, {3, 9}}
	a, b := c.Bootstrap(500, 0.95, 1), c.Bootstrap(500, 0.95, 1)
	if a.F1[1] != b.F1[1] {
		t.Error("the same seed must give the same interval")
	}
	for k := range c {
		if i := a.Recall[k]; i.Low > c.Recall(k) || i.High < c.Recall(k) || i.Low == i.High {
			t.Errorf("recall %v of class %d lies outside %+v", c.Recall(k), k, i)
		}
	}
	// 1.96 standard errors of a share of 0.9 over 1000 rows are 0.0186.
	if w := a.Recall[0].High - a.Recall[0].Low; w < 0.03 || w > 0.045 {
		t.Errorf("width of recall over 1000 rows is %v", w)
	}
	if a.Recall[1].High-a.Recall[1].Low < 5*(a.Recall[0].High-a.Recall[0].Low) {
		t.Error("twelve rows must leave a far wider interval than a thousand")
	}
}

func TestPoissonMean(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, mean := range []float64{0, 0.5, 7, 49, 51, 4000} {
		sum := 0.0
		for range 4000 {
			sum += float64(poisson(r, mean))
		}
		if got := sum / 4000; math.Abs(got-mean) > 5*math.Sqrt(mean/4000) {
			t.Errorf("mean of Poisson(%v) is %v", mean, got)
		}
	}
}

// The average precision is scikit-learn's average_precision_score of the example in
// its documentation.
func TestPrecisionRecall(t *testing.T) {
	c := PrecisionRecall([]bool{false, false, true, true}, []float32{0.1, 0.4, 0.35, 0.8})
	near(t, "average precision", c.AveragePrecision, 0.8333333333333333)
	if p := c.At(0.35); p.Recall != 1 || math.Abs(p.Precision-2.0/3) > 1e-9 || p.FalseRate != 0.5 {
		t.Errorf("at 0.35: %+v", p)
	}
	if p := c.At(0.9); p.Recall != 0 {
		t.Errorf("above every probability nothing is found, got %+v", p)
	}
}

func TestCurveJoinsEqualProbabilities(t *testing.T) {
	c := PrecisionRecall([]bool{true, false, true, false}, []float32{0.5, 0.5, 0.5, 0.5})
	if len(c.Points) != 1 || c.Points[0].Precision != 0.5 {
		t.Errorf("points of a constant model: %+v", c.Points)
	}
	if c := PrecisionRecall([]bool{false}, []float32{1}); len(c.Points) != 0 {
		t.Error("a class without rows has no curve")
	}
}

func TestThinKeepsTheEnds(t *testing.T) {
	truth, proba := make([]bool, 1000), make([]float32, 1000)
	for i := range truth {
		truth[i], proba[i] = i%3 == 0, float32(i)/1000
	}
	full := PrecisionRecall(truth, proba)
	thin := full.Thin(50)
	if len(thin.Points) != 50 || thin.Points[0] != full.Points[0] || thin.Points[49] != full.Points[999] {
		t.Error("thinning must keep 50 points with both ends")
	}
}

func TestCalibrate(t *testing.T) {
	truth := []uint8{0, 0, 1, 1}
	perfect := Calibrate(truth, []float32{1, 0, 1, 0, 0, 1, 0, 1}, 2, 10)
	if perfect.ECE != 0 || perfect.Brier != 0 {
		t.Errorf("a perfect model: %+v", perfect)
	}
	boast := Calibrate(truth, []float32{1, 0, 1, 0, 1, 0, 1, 0}, 2, 10)
	near(t, "ECE of a model always sure and right half the time", boast.ECE, 0.5)
	near(t, "its Brier score", boast.Brier, 1)
	if boast.Bins[9].Rows != 4 || boast.Bins[9].Observed != 0.5 {
		t.Errorf("last bin: %+v", boast.Bins[9])
	}
}

func TestOperate(t *testing.T) {
	o := Operate(0.99, 0.01, 0.001, 1e6)
	near(t, "alerts a day", o.AlertsPerDay, 990+9990)
	near(t, "precision", o.Precision, 990.0/10980)
	near(t, "missed", o.MissedPerDay, 10)
	near(t, "precision of a silent detector", Operate(0, 0, 0.01, 1e6).Precision, 0)
}
