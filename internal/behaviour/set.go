package behaviour

// Config holds the settings of every behaviour. Each behaviour's own settings are
// declared beside it. They are tuned by measurement (docs/behaviours.md).
type Config struct {
	// RecordsOnly says that flows come as records that another program has metered,
	// without payload: then the forest's word alone is enough.
	RecordsOnly bool

	PortScan     PortScanConfig
	BruteForce   BruteForceConfig
	Flood        FloodConfig
	HTTPFlood    HTTPFloodConfig
	SlowDoS      SlowDoSConfig
	WebAttack    WebAttackConfig
	Infiltration InfiltrationConfig
	Chain        ChainConfig
	Bot          BotConfig
}

// DefaultConfig is what Firetower runs with unless told otherwise.
func DefaultConfig() Config {
	return Config{
		PortScan:     DefaultPortScanConfig(),
		BruteForce:   DefaultBruteForceConfig(),
		Flood:        DefaultFloodConfig(),
		HTTPFlood:    DefaultHTTPFloodConfig(),
		SlowDoS:      DefaultSlowDoSConfig(),
		WebAttack:    DefaultWebAttackConfig(),
		Infiltration: DefaultInfiltrationConfig(),
		Chain:        DefaultChainConfig(),
		Bot:          DefaultBotConfig(),
	}
}

// All makes one of each behaviour, in the order in which they see events. To add
// one, write its file and add its line here.
func All(cfg Config) []Behaviour {
	all := []Behaviour{
		newPortScan(cfg.PortScan),
		newFingerprint(),
		newSweep(),
		newPlant(),
		newBruteForce(cfg.BruteForce),
		newFlood(cfg.Flood),
		newLinkFlood(),
		newHTTPFlood(cfg.HTTPFlood),
		newSlowDoS(cfg.SlowDoS),
		newWebAttack(cfg.WebAttack),
		newInfiltration(cfg.Infiltration),
		newImpostor(),
		newPoison(),
		newChain(cfg.Chain),
		newHeartbleed(),
		newBot(cfg.Bot),
		newForestVotes(),
	}
	if cfg.RecordsOnly {
		all = append(all, newForestAlone())
	}
	return all
}

// Close tells every behaviour that no more will come, so that it says what it has
// not said yet: now is the time of the last packet.
func Close(all []Behaviour, now int64, emit func(Finding)) {
	for _, b := range all {
		b.Advance(now+hour, emit)
	}
}

const hour = 3_600_000_000
