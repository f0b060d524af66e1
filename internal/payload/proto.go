package payload

// Proto is an application protocol that Signals can read.
type Proto uint8

// The protocols. Unknown is a flow whose bytes fit none of them (so far).
const (
	Unknown Proto = iota
	HTTP
	TLS
	SSH
	FTP
	SMTP
	POP3
	IMAP
	Telnet
	RDP
	SMB
	DCERPC
	Kerberos
	LDAP
	MySQL
	PostgreSQL
	MSSQL
	VNC
	DNS
	IRC
	SIP
	RTSP
	SNMP
	MQTT
	SOCKS
	Redis
	NNTP
	XMPP
	SVN
	CVS
	AMI
	DTLS
	NetBIOS // name service
	MongoDB
	HTTP2
	QUIC
	IEC104
	Modbus
	S7
	Published // known by its first bytes, and nothing of it is read
)

var protoNames = [...]string{
	"unknown", "HTTP", "TLS", "SSH", "FTP", "SMTP", "POP3", "IMAP", "Telnet", "RDP", "SMB",
	"DCE/RPC", "Kerberos", "LDAP", "MySQL", "PostgreSQL", "MSSQL", "VNC", "DNS", "IRC",
	"SIP", "RTSP", "SNMP", "MQTT", "SOCKS", "Redis", "NNTP", "XMPP", "Subversion", "CVS", "Asterisk manager",
	"DTLS", "NetBIOS names", "MongoDB", "HTTP/2", "QUIC", "IEC 104", "Modbus", "S7", "a published protocol",
}

// String is the protocol's usual name.
func (p Proto) String() string {
	if int(p) < len(protoNames) {
		return protoNames[p]
	}
	return "unknown"
}
