// Package evefile owns one file in Suricata's EVE JSON format: what alerts, flow
// records and counters write goes through one File, so that a reader of eve.json
// finds whole lines, in one place, as Suricata leaves them.
package evefile

import (
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"
)

// The types of events that there are.
const (
	Alert = "alert"
	Flow  = "flow"
	Stats = "stats"
)

// Types lists them.
func Types() []string { return []string{Alert, Flow, Stats} }

// Config is the file and what goes into it.
type Config struct {
	// Path is the file; empty writes none.
	Path string `yaml:"path"`
	// Types are the events that are written: alert, flow, stats.
	Types []string `yaml:"types"`
	// RotateBytes puts the file aside when it has grown that far; 0: never.
	RotateBytes int64 `yaml:"rotate_bytes"`
	// RotateEvery puts it aside when it is that old; 0: never.
	RotateEvery time.Duration `yaml:"rotate_every"`
	// Keep is how many files that were put aside stay; 0 keeps all.
	Keep int `yaml:"keep"`
}

// DefaultConfig writes nothing until a path is named, and then two weeks of days.
func DefaultConfig() Config {
	return Config{Types: Types(), RotateBytes: 1 << 30, RotateEvery: 24 * time.Hour, Keep: 14}
}

// Validate names the first setting that can not work.
func (c Config) Validate() error {
	if c.Path == "" {
		return nil
	}
	for _, t := range c.Types {
		if !slices.Contains(Types(), t) {
			return fmt.Errorf("eve: type %q is none of %s", t, strings.Join(Types(), ", "))
		}
	}
	switch {
	case len(c.Types) == 0:
		return errors.New("eve: types is empty: nothing would be written; leave path empty instead")
	case c.RotateBytes != 0 && c.RotateBytes < 1<<16:
		return fmt.Errorf("eve: rotate_bytes %d is below 65536; 0 leaves it to logrotate", c.RotateBytes)
	case c.RotateEvery != 0 && c.RotateEvery < time.Second:
		return fmt.Errorf("eve: rotate_every %s is below a second; 0 leaves it to logrotate", c.RotateEvery)
	}
	return nil
}

// Has says whether events of a type are written.
func (c Config) Has(event string) bool { return c.Path != "" && slices.Contains(c.Types, event) }

// Rotates says whether the file is put aside by the program itself.
func (c Config) Rotates() bool { return c.RotateBytes > 0 || c.RotateEvery > 0 }

// FlowID gives the flow_id of a conversation by its Community ID, so that alerts and
// flow records of one conversation share it. It has 53 bits: exact in JavaScript.
func FlowID(communityID string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(communityID))
	return h.Sum64() >> 11
}

// timeFormat is EVE's: ISO 8601 with microseconds and zone.
const timeFormat = "2006-01-02T15:04:05.000000-0700"

// Time writes a time as EVE does.
func Time(t time.Time) string { return t.Format(timeFormat) }

// Micros writes microseconds since the epoch as EVE does, in UTC.
func Micros(us int64) string { return Time(time.UnixMicro(us).UTC()) }
