package feature

import (
	"fmt"
	"strings"

	"firetower/internal/flow"
)

// Markdown is docs/features.md: the columns as this package declares them.
func Markdown() []byte {
	var b strings.Builder
	b.WriteString(intro)
	for _, f := range families() {
		fmt.Fprintf(&b, "\n## %s\n\n| column | unit | what it holds | in cic2017 | in CSE-CIC-IDS2018 |\n|---|---|---|---|---|\n", f.title)
		for _, c := range f.columns {
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", orDash(c.Name), orDash(c.Unit), c.Doc, orDash(c.Old), orDash(c.Short))
		}
	}
	b.WriteString(differences)
	s := flow.Sizes()
	fmt.Fprintf(&b, memory, s.Single, s.Running)
	return []byte(b.String())
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

const intro = `<!-- Generated from internal/feature: go test ./internal/feature -update -->
# Features

What ` + "`firetower flows`" + ` prints of a flow and what a model may use. The columns are
CICFlowMeter's, in three profiles:

- **cic-fixed** (the default): the corrected CICFlowMeter (GintsEngelen/CICFlowMeter at 4dd5319), which
  made the improved CICIDS2017 and 2018 data. Its remaining quirks are kept, so that a number means the
  same in training data and in service.
- **cic2017**: the build that made the CICIDS2017 data, with all its mistakes: the first packet's payload
  counts twice, flag columns tell of the first packet and stand under the wrong names, a flow ends at its
  first FIN, Ethernet padding counts as payload, rates of flows without duration are Infinity or NaN.
- **cic-v4**: the CICFlowMeter of today (ahlashkari/CICFlowMeter at 98a5eba): the columns of cic-fixed that
  have a name in cic2017, and the values of cic2017, except that flags are counted in all packets and under
  their own names, windows are 0 where there are none, subflows are as in cic-fixed without fractions, and
  what the bulk columns of the responder hold is bulks of both sides together, without fractions.

"Fwd" is the direction of whoever sent the first packet (turned round if that was a SYN+ACK), "Bwd" the
other; CICFlowMeter tells them apart by address only, and so does Firetower. "Length" and "size" mean
transport payload, not packets, unless the table says otherwise. Times are microseconds. Standard
deviations and variances are those of a sample (n-1). A statistic of nothing is 0.

A model names its profile and its features; a model and a meter of different profiles refuse each other.
Every name of a column, of whatever profile, finds it when a CSV is read.
`

const differences = `
## When a flow ends

| | cic-fixed | cic2017 | cic-v4 |
|---|---|---|---|
| active timeout, 120 s after the first packet | the next packet of the conversation starts a new flow; TCP keeps its direction, UDP too unless it was silent for as long | the next packet starts a new flow | as cic2017 |
| FIN | both sides' FIN and an ACK close it; further packets still count | the first FIN ends it; what follows is a flow of its own | the responder's ends it |
| RST | closes it; further packets still count | no effect | ends it |
| SYN on a closed flow | ends it, starts a new one | - | - |
| ICMP message with another type and another code | ends it, starts a new one | - | - |
| flows of one packet | are printed | are not | are not |

## Deliberate differences from CICFlowMeter

Each holds for all profiles unless it names one. Flows that both programs print are equal in every
column, to 1e-9, in all reference captures; ` + "`go test -v -run Conformance ./cmd/firetower`" + ` shows it.

- Records come out when packet time says that the flow is over, not when its next packet happens along; the numbers are the same.
- Idle timeout: after 600 s of silence a conversation is forgotten, and what comes then has its own direction. CICFlowMeter never forgets (and never frees).
- Watching and detection report a closed flow 2 s after its last packet; later packets of it are counted as stragglers, in no flow. ` + "`firetower flows`" + ` keeps it open as CICFlowMeter does.
- Watching and detection do not count retransmissions (the three columns are 0): they are the only numbers that need memory in proportion to traffic.
- The table of flows has a limit, and what it evicts is printed and counted. CICFlowMeter has none.
- ARP and other frames without IP are not flows. CICFlowMeter reads them as IPv4 with addresses such as 8.6.0.1.
- IPv6, ICMPv6, VLAN, QinQ, MPLS, PPPoE, GRE, IP in IP, VXLAN, Geneve, pcapng and other link types than Ethernet are read, by the same rules, innermost IP packet first.
- Later fragments join the flow of their first fragment. CICFlowMeter reads ports from their payload or drops them.
- cic-v4: an ICMP error is ICMP. That CICFlowMeter books it under the ports of the packet that it quotes.
- SCTP has its ports and its payload. CICFlowMeter has 0 for both.
- Protocols that CICFlowMeter does not know are kept apart by number, and printed as 0 as it does.
- Numbers are printed in the shortest form that reads back equal, whole ones without ".0".
- cic2017 prints UTC; the original printed the local time of the machine that ran it.
- cic2017 has a UDP header of 8 bytes; the original used the length of the last TCP header it had met.
- Variance and standard deviation are exact but for the last rounding; CICFlowMeter's drift with the number of packets, below 1e-9 in all reference captures.
`

const memory = `
## Memory

A flow of one packet takes %d bytes, one of more %d, index included; what is read from clear-text
payload (package payload) comes on top once there was any.
` + "`go test -v -run Sizes ./internal/flow`" + ` shows it. When the table is full, a new flow takes the place of a
closed flow kept for stragglers, else of a conversation whose last flow is over, else of the oldest flow
of one packet, else of the least recently active of the next 16 due for their check. By default there
are at most 2,000,000 flows, of them 500,000 of more than one packet and 500,000 with payload followed.
`
