package packet

import "testing"

func BenchmarkDecode(b *testing.B) {
	for _, bench := range []struct {
		name  string
		frame []byte
	}{
		{"TCP", eth(etherIPv4, ip4(TCP, tcp20(ACK, zeros(100))))},
		{"UDP", eth(etherIPv4, ip4(UDP, udp8(53, 5000, zeros(100))))},
		{"TCPv6", eth(etherIPv6, ip6(TCP, tcp20(ACK, zeros(100))))},
		{"VLAN", eth(etherVLAN, tag(5, etherIPv4, ip4(TCP, tcp20(ACK, zeros(100)))))},
		{"VXLAN", overUDP(portVXLAN, vni, innerEth)},
		{"fragment", eth(etherIPv4, ip4frag(UDP, 77, 6, zeros(100)))},
	} {
		b.Run(bench.name, func(b *testing.B) {
			var p Packet
			b.ReportAllocs()
			for b.Loop() {
				Decode(bench.frame, LinkEthernet, uint32(len(bench.frame)), 1, &p)
			}
		})
	}
}
