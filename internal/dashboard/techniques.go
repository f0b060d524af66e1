package dashboard

import (
	"regexp"
	"strings"
)

// techniqueNames are the names of the ATT&CK techniques that incidents cite.
// Source: MITRE ATT&CK for Enterprise.
var techniqueNames = map[string]string{
	"T1021": "Remote Services", "T1021.001": "Remote Services: Remote Desktop Protocol",
	"T1021.002": "Remote Services: SMB/Windows Admin Shares", "T1021.004": "Remote Services: SSH",
	"T1041": "Exfiltration Over C2 Channel", "T1046": "Network Service Discovery", "T1018": "Remote System Discovery",
	"T1048": "Exfiltration Over Alternative Protocol", "T1059": "Command and Scripting Interpreter", "T1059.007": "JavaScript",
	"T1071": "Application Layer Protocol", "T1071.001": "Application Layer Protocol: Web Protocols",
	"T1071.004": "Application Layer Protocol: DNS", "T1090": "Proxy", "T1095": "Non-Application Layer Protocol",
	"T1102": "Web Service", "T1105": "Ingress Tool Transfer", "T1110": "Brute Force", "T1110.001": "Brute Force: Password Guessing",
	"T1110.003": "Brute Force: Password Spraying", "T1110.004": "Brute Force: Credential Stuffing",
	"T1189": "Drive-by Compromise", "T1190": "Exploit Public-Facing Application", "T1203": "Exploitation for Client Execution",
	"T1210": "Exploitation of Remote Services", "T1212": "Exploitation for Credential Access",
	"T1498": "Network Denial of Service", "T1498.001": "Network Denial of Service: Direct Network Flood",
	"T1498.002": "Network Denial of Service: Reflection Amplification",
	"T1499":     "Endpoint Denial of Service", "T1499.001": "Endpoint Denial of Service: OS Exhaustion Flood",
	"T1499.002": "Endpoint Denial of Service: Service Exhaustion Flood", "T1499.003": "Endpoint Denial of Service: Application Exhaustion Flood",
	"T1566": "Phishing", "T1570": "Lateral Tool Transfer", "T1571": "Non-Standard Port", "T1572": "Protocol Tunneling",
	"T1573": "Encrypted Channel", "T1595": "Active Scanning", "T1595.001": "Active Scanning: Scanning IP Blocks",
	"T1595.002": "Active Scanning: Vulnerability Scanning",
}

// mitre is the page of a technique at its publisher, or "" if the text is none: a
// link is only followed when somebody clicks it.
func mitre(id string) string {
	if technique(id) == "" || !techniqueID.MatchString(id) {
		return ""
	}
	return "https://attack.mitre.org/techniques/" + strings.Replace(id, ".", "/", 1) + "/"
}

var techniqueID = regexp.MustCompile(`^T[0-9]{4}([.][0-9]{3})?$`)

// technique names an ATT&CK technique, or gives "" if it is not a known one.
func technique(id string) string {
	if name, ok := techniqueNames[id]; ok {
		return name
	}
	parent, _, _ := strings.Cut(id, ".")
	return techniqueNames[parent]
}
