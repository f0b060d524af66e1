package dashboard

import (
	"firetower/internal/attack"
	"firetower/internal/detect"
	"firetower/internal/forest"
)

// explanation is why a forest called a flow a port scan.
func explanation() detect.Explanation {
	usual := func(low, median, high float32) *forest.Range {
		return &forest.Range{Low: low, Median: median, High: high}
	}
	return detect.Explanation{Class: attack.PortScan, Probability: 0.97, Base: 0.11, Causes: []detect.Cause{
		{Feature: "Flow Duration", Value: 214, Unit: "µs", Meaning: "Duration of the flow", Moved: 0.31, Class: usual(20, 47, 900), Benign: usual(180, 31000, 6e7)},
		{Feature: "Total Length of Fwd Packet", Value: 0, Unit: "B", Meaning: "Payload bytes forward", Moved: 0.22, Class: usual(0, 0, 2), Benign: usual(20, 70, 4100)},
		{Feature: "PSH Flag Count", Value: 0, Meaning: "Packets with PSH", Moved: 0.14, Class: usual(0, 0, 1), Benign: usual(0, 2, 12)},
		{Feature: "Bwd Packet Length Mean", Value: 0, Unit: "B", Meaning: "Mean payload backward", Moved: 0.12, Class: usual(0, 3, 6), Benign: usual(10, 130, 1100)},
		{Feature: "Flow Packets/s", Value: 9345, Unit: "/s", Meaning: "Packets a second", Moved: 0.1, Class: usual(2000, 42000, 100000), Benign: usual(0.1, 60, 9000)},
		{Feature: "Dst Port", Value: 23, Meaning: "Port of the responder", Moved: -0.03},
	}}
}
