package payload

import "bytes"

// certificate compares the issuer's and the subject's names in the first
// certificate of a message, as far as the capture kept them, and looks whether an
// authority that browsers trust has issued it.
func (s *Signals) certificate(b []byte) {
	i := bytes.Index(b, []byte{0x30, 0x82})
	if i < 0 {
		return
	}
	_, b = element(b[i:]) // Certificate
	_, b = element(b)     // its part that is signed
	if len(b) > 0 && b[0] == 0xa0 {
		_, _, b = next(b) // version
	}
	_, _, b = next(b) // serial number
	_, _, b = next(b) // algorithm
	n, issuer, b := next(b)
	if len(issuer) < n || n == 0 {
		return
	}
	if !names(issuer, authorities) {
		s.Marks |= PrivateCA
	}
	s.TLS.Hasty = s.TLS.Hasty || names(issuer, unanswered)
	s.TLS.Default = s.TLS.Default || names(issuer, frameworks)
	_, _, b = next(b) // validity
	m, subject, _ := next(b)
	if m == n && len(subject) == m && bytes.Equal(issuer, subject) {
		s.Marks |= SelfSigned
	}
}

// element enters a DER element: its length and its contents, as far as they are there.
func element(b []byte) (n int, body []byte) {
	n, body, _ = next(b)
	return n, body
}

// next reads one DER element (X.690): the length of its contents, what is there of
// them, and what stands behind it. All are empty where the header is cut.
func next(b []byte) (n int, body, rest []byte) {
	if len(b) < 2 {
		return 0, nil, nil
	}
	at := 2
	switch n = int(b[1]); {
	case n == 0x81 && len(b) > 2:
		n, at = int(b[2]), 3
	case n == 0x82 && len(b) > 3:
		n, at = be16(b, 2), 4
	case n >= 0x80:
		return 0, nil, nil
	}
	if body = b[at:]; len(body) > n {
		body, rest = body[:n], body[n:]
	}
	return n, body, rest
}

// authorities are words in the names of those who issue certificates for public
// servers (the common CA data base of the browsers' makers).
var authorities = []string{"let's encrypt", "isrg", "digicert", "globalsign", "google trust", "google internet", "amazon", "sectigo", "comodo", "usertrust",
	"godaddy", "starfield", "microsoft", "apple", "entrust", "geotrust", "thawte", "rapidssl", "symantec", "verisign", "baltimore", "cybertrust", "identrust",
	"digital signature trust", "zerossl", "ssl.com", "ssl corp", "cloudflare", "actalis", "buypass", "certum", "unizeto", "asseco", "swisssign", "quovadis",
	"trustasia", "wotrus", "wosign", "startcom", "cfca", "d-trust", "telesec", "t-systems", "telekom", "terena", "geant", "harica", "hellenic academic", "izenpe",
	"certigna", "dhimyotis", "szigno", "microsec", "netlock", "telia", "secom", "security communication", "network solutions", "trustwave", "securetrust",
	"gandi", "verizon", "alphassl", "equifax", "camerfirma", "fnmt", "firmaprofesional", "chunghwa", "twca", "hongkong post", "keynectis", "opentrust",
	"certplus", "certinomis", "cpanel", "incommon", "internet2", "trust provider", "wisekey", "oiste", "sheca", "emsign", "dfn-verein", "akamai", "cisco",
	"intel external", "facebook", "yandex", "naver", "kpn", "staat der nederlanden", "viking cloud", "positivessl", "addtrust", "gts ca", "ubiquitous", "ipsca"}

// frameworks are words of the names that programs of remote control give their
// certificates unless told otherwise (SSLBL of abuse.ch, sources of the programs).
var frameworks = []string{"cobaltstrike", "cobalt strike", "asyncrat", "dcrat", "quasar server", "venomrat", "bitrat", "orcus server", "pajfds", "p18055077"}

// unanswered are words of certificates made without an answer to the tool's questions.
// Nobody reaches such a server by its name.
var unanswered = []string{"localhost", "internet widgits", "example.com", "default company", "default city", "some-state"}

// names says whether a name of a certificate holds one of the words.
func names(name []byte, words []string) bool {
	for _, w := range words {
		if foldIndex(name, w) >= 0 {
			return true
		}
	}
	return false
}
