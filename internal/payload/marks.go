package payload

// Marks is a set of things that were seen at least once in a flow.
type Marks uint64

// The marks. Those of the shares, pipes and remote procedures name what lateral
// movement uses; none of them alone is an attack.
const (
	AdminShare     Marks = 1 << iota // SMB tree connect to ADMIN$ or a drive's C$
	DataShare                        // SMB tree connect to another share
	ServicePipe                      // svcctl: pipe or interface
	TaskPipe                         // atsvc or ITaskSchedulerService
	RegistryPipe                     // winreg
	DCOM                             // remote activation or WMI
	CreateService                    // svcctl CreateService called
	StartService                     // svcctl StartService called
	ReplicateDC                      // drsuapi DRSGetNCChanges called
	ZeroCredential                   // NetrServerAuthenticate with a credential of zeros
	RemoteExploit                    // messages in the shape of MS17-010, SMBGhost, BlueKeep, Samba's usermap
	ExeWritten                       // executable written to an SMB share
	ExeNamed                         // file created on a share whose name ends in .exe, .dll, .bat, .ps1
	CommandPipe                      // named pipe of a remote-command tool (PSEXESVC, remcom, msagent)

	ExeFetched    // executable in an HTTP reply
	ExeDisguised  // the same, called an image or text, or under such a name
	ScriptFetched // a download cradle or encoded PowerShell in an HTTP reply
	RawHost       // HTTP Host is an address, or missing
	NoAgent       // HTTP without a user agent
	OddAgent      // user agent of no known shape
	ScriptAgent   // user agent of a scripting tool
	ScannerAgent  // user agent of an attack tool
	NamedAgent    // user agent that names a program and its version, not a browser
	ForgedBrowser // user agent of a browser, without the headers that browsers send
	BrowserSeen   // a request that carries what only browsers send
	RandomHost    // host name (HTTP or SNI) looks generated
	CheapDomain   // host in a top-level domain or dynamic DNS zone that malware favours
	AddressLookup // asks a public service for its own address
	StagerURI     // URI by which Metasploit's and Cobalt Strike's stagers fetch
	CookieBeacon  // GET of no browser whose cookie or query is one long base64 string

	Shell             // a shell's banner or prompt outside Telnet and HTTP
	ShellFwd          // the flow's initiator is the one whose shell it is
	Staged            // executable at the start of a stream that is no known protocol
	BotWords          // clear text that calls itself a bot, a beacon or a check-in, or that tells what to run
	RATWords          // banner of a known remote-access trojan's protocol
	IRCBot            // IRC: a generated nick or a bot herder's command
	IRCChannel        // IRC: joined a channel
	SelfSigned        // TLS certificate whose issuer is its subject
	PrivateCA         // TLS certificate of an issuer that is no public authority
	NoSNI             // TLS ClientHello without server name
	Sealed            // encrypted from here on
	LoggedIn          // SSH: traffic like that of a session that was let in
	MailSent          // SMTP: a message was handed over
	SpamWords         // SMTP: refused as spam or listed
	BareReply         // HTTP reply without any header, as home-made servers send
	HostInfo          // what a client sends describes its system: in an unknown protocol, by mail, in a file's name
	Readings          // HTTP: numbers with a fraction, as sensors report them
	Mines             // a miner of coins talks to its pool (Stratum)
	NoiseFetched      // HTTP reply: a file of bytes without any order
	NoiseReply        // HTTP reply that calls itself a page and is noise
	ServerScript      // HTTP: a script asked for by its extension: php, asp, cgi
	Switched          // HTTP: given up for another protocol, such as WebSocket (101)
	ManyRanges        // HTTP: a list of byte ranges that overlap asked for
	Pingback          // HTTP: a blog looks whether it was named, because somebody told it so
	ReplicationSought // DCE/RPC: asked where to replicate a directory from, as controllers are
	Crashes           // a message that its receiver cannot bear, sent for that alone: MS12-020
	Archive           // an archive or a compressed stream is the first that a stream of no known protocol holds
)

// waited are the marks that behaviours want to hear of at once.
const waited = AdminShare | ServicePipe | TaskPipe | DCOM | CreateService | StartService |
	ReplicateDC | ZeroCredential | RemoteExploit | ExeWritten | ExeNamed |
	CommandPipe | ExeFetched | ExeDisguised | ScriptFetched | Shell | Staged | BotWords | RATWords | IRCBot |
	StagerURI | MailSent | LoggedIn | HostInfo | Crashes

// Has says whether all of these are set.
func (m Marks) Has(these Marks) bool { return m&these == these }

// Any says whether one of these is set.
func (m Marks) Any(these Marks) bool { return m&these != 0 }
