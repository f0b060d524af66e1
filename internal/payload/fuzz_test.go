package payload

import (
	"testing"

	"firetower/internal/packet"
)

// seeds are beginnings of every protocol, for the fuzzer to start from.
var seeds = []string{
	"GET /a.php?id=1%27%20union%20select%201 HTTP/1.1\r\nHost: 192.0.2.1\r\nUser-Agent: x\r\n\r\n",
	"POST /u HTTP/1.0\r\nContent-Type: multipart/form-data\r\n\r\nfilename=\"a.php\"\r\n\r\n<?php",
	"HTTP/1.1 200 OK\r\nContent-Type: image/gif\r\nContent-Length: 9000\r\n\r\nMZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00",
	"\x16\x03\x01\x00\x2f\x01\x00\x00\x2b\x03\x03", "\x18\x03\x02\x00\x03\x01\x40\x00", "SSH-2.0-OpenSSH_9.6\r\n",
	"220 ftp ready\r\n", "220 mail ESMTP\r\n", "+OK\r\n", "* OK IMAP\r\n", "\xff\xfb\x01", "NICK [USA|XP]12345\r\n",
	"\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08\x00\x03\x00\x00\x00",
	"\x00\x00\x00\x40\xffSMB\x73\x00\x00\x00\x00", "\x00\x00\x00\x44\xfeSMB\x40\x00\x00\x00\x6d\x00\x00\xc0\x01\x00",
	"\x05\x00\x0b\x03\x10\x00\x00\x00\x48\x00\x00\x00\x01\x00\x00\x00", "\x6a\x20\x30\x1e\xa1\x03\x02\x01\x05",
	"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00", "\x4a\x00\x00\x00\x0a5.7.1\x00", "\x00\x00\x00\x20\x00\x03\x00\x00user\x00a\x00",
	"\x12\x01\x00\x34\x00\x00\x00\x00", "RFB 003.008\n", "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03www\x07example\x03com\x00\x00\x01\x00\x01",
	"AUTH x\r\n", "*2\r\n$4\r\nAUTH\r\n$1\r\nx\r\n", "200 news ready\r\n", "<stream:stream>", "( success ( 2 2 ( ) ) ) ", "BEGIN AUTH REQUEST\n",
	"Asterisk Call Manager/5\r\n", "\x10\x10\x00\x04MQTT\x04\xc2\x00\x3c\x00\x01a", "\x05\x02", "0\x00anna\x00pw\x00id\x00", "Password: ",
	"REGISTER sip:a SIP/2.0\r\nAuthorization: Digest username=\"1\"\r\n\r\n", "SIP/2.0 401 No\r\n\r\n", "RTSP/1.0 401 No\r\n\r\n",
	"\x30\x16\x02\x01\x01\x04\x01a\xa0\x0b\x02\x01\x01\x02\x01\x00\x02\x01\x00\x30\x00",
	"POST /a?x[$ne]=1 HTTP/1.1\r\nHost: a\r\nCookie: t=rO0ABXNyAA; u=O:4:\"User\":1:{}\r\n\r\n{\"a\":\"\\u0027 or 1=1--\",\"b\":{\"$where\":\"f(\"}}",
	"POST / HTTP/1.1\r\nHost: a\r\n\r\n<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///a\">]><r>&#x55;nion</r>", "OPEN\x01shell:wget http://a", "\x12\x34\x01\x0fjavax.servlet.include.", "*4\r\n$6\r\nCONFIG\r\n",
	"Microsoft Windows [Version 6.1.7601]", "Gh0st\x20\x00\x00\x00\x40\x00\x00\x00\x78\x9c",
}

// FuzzObserve feeds two packets of foreign bytes in any directions, cut or not.
func FuzzObserve(f *testing.F) {
	for i, s := range seeds {
		f.Add([]byte(s), []byte(seeds[(i+1)%len(seeds)]), uint8(i), uint16(0))
		f.Add([]byte(s), []byte(s), uint8(i*7), uint16(1400))
	}
	f.Fuzz(func(t *testing.T, a, b []byte, how uint8, hidden uint16) {
		var s Signals
		proto := packet.TCP
		if how&1 != 0 {
			proto = packet.UDP
		}
		seq := uint32(1) << 31
		for i, data := range [][]byte{a, b, a, b} {
			p := packet.Packet{Time: int64(i) * 2_000_000, Src: packet.Addr{how & 64}, Proto: proto, Seq: seq, Payload: data, PayloadLen: uint32(len(data)) + uint32(hidden)}
			s.Observe(how>>(1+i)&1 == 0, &p)
			seq += p.PayloadLen
		}
		if s.Looked[0]+s.Looked[1] > 4 {
			t.Fatalf("looked at %v packets of 4", s.Looked)
		}
	})
}
