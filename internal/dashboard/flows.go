package dashboard

import (
	stdbytes "bytes"
	"cmp"
	"encoding/csv"
	"net"
	"strconv"
	"time"
)

// maxFlowRows is how many flow records a page shows; the file has all.
const maxFlowRows = 20

// flowTable is the first flow records of an incident, in the columns that say who
// talked to whom and how much. Of a file whose columns are not known only the number
// of rows is told.
type flowTable struct {
	Rows  []flowRow
	Total int
}

// flowRow is a flow record as a page shows it. Out is what the initiator sent.
type flowRow struct {
	Start                time.Time // zero if it can not be read
	From, To, Protocol   string
	Duration             string
	PacketsOut, BytesOut string
	PacketsIn, BytesIn   string
}

// flowColumns are the columns a row needs, with their names in either profile.
var flowColumns = map[string][]string{
	"start": {"Timestamp"}, "from": {"Src IP", "Source IP"}, "fromPort": {"Src Port", "Source Port"},
	"to": {"Dst IP", "Destination IP"}, "toPort": {"Dst Port", "Destination Port"}, "protocol": {"Protocol"},
	"duration":   {"Flow Duration"},
	"packetsOut": {"Total Fwd Packet", "Total Fwd Packets"}, "packetsIn": {"Total Bwd packets", "Total Backward Packets"},
	"bytesOut": {"Total Length of Fwd Packet", "Total Length of Fwd Packets"},
	"bytesIn":  {"Total Length of Bwd Packet", "Total Length of Bwd Packets"},
}

// tableOf reads the flow records kept with an incident; nil if there are none.
func tableOf(file []byte) *flowTable {
	d := csv.NewReader(stdbytes.NewReader(file))
	d.FieldsPerRecord = -1
	rows, err := d.ReadAll()
	if err != nil || len(rows) < 2 {
		return nil
	}
	t := &flowTable{Total: len(rows) - 1}
	at := make(map[string]int)
	for i, name := range rows[0] {
		at[name] = i
	}
	for _, row := range rows[1:min(len(rows), maxFlowRows+1)] {
		cell := func(column string) string {
			for _, name := range flowColumns[column] {
				if i, ok := at[name]; ok && i < len(row) {
					return row[i]
				}
			}
			return ""
		}
		if cell("from") == "" || cell("to") == "" {
			return t
		}
		r := flowRow{
			From: endpoint(cell("from"), cell("fromPort")), To: endpoint(cell("to"), cell("toPort")), Protocol: protocol(cell("protocol")),
			PacketsOut: whole(cell("packetsOut")), PacketsIn: whole(cell("packetsIn")),
			BytesOut: whole(cell("bytesOut")), BytesIn: whole(cell("bytesIn")),
		}
		r.Start, _ = time.Parse("2006-01-02 15:04:05", cell("start"))
		if µs, err := strconv.ParseFloat(cell("duration"), 64); err == nil && !bad(µs) {
			r.Duration = amount(µs, "µs")
		}
		t.Rows = append(t.Rows, r)
	}
	return t
}

// endpoint is an address with its port, if it has one.
func endpoint(address, port string) string {
	if port == "" || port == "0" {
		return address
	}
	return net.JoinHostPort(address, port)
}

// protocol names the protocols that have ports or are known by name to most.
func protocol(number string) string {
	switch number {
	case "1":
		return "ICMP"
	case "6":
		return "TCP"
	case "17":
		return "UDP"
	case "58":
		return "ICMPv6"
	case "132":
		return "SCTP"
	}
	return number
}

// whole groups the digits of a cell that is a number.
func whole(cell string) string {
	v, err := strconv.ParseFloat(cell, 64)
	if err != nil || bad(v) {
		return cmp.Or(cell, "–")
	}
	return figure(v)
}
