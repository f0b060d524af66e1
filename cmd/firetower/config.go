package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/goccy/go-yaml"

	"firetower/internal/alert/sinks"
	"firetower/internal/capture"
	"firetower/internal/dashboard"
	"firetower/internal/flow"
	"firetower/internal/flowlog"
	"firetower/internal/incident"
	"firetower/internal/privilege"
	"firetower/internal/store"
)

// configuration is the daemon's configuration file: every part is declared by the
// package that it configures.
type configuration struct {
	// Interfaces to watch.
	Interfaces []string `yaml:"interfaces"`
	// Model file; empty: the one built in.
	Model string `yaml:"model"`

	Log       logConfig        `yaml:"log"`
	Capture   capture.Config   `yaml:"capture"`
	Flow      flow.Config      `yaml:"flow"`
	Incident  incident.Config  `yaml:"incident"`
	FlowLog   flowlog.Config   `yaml:"flow_log"`
	Store     store.Config     `yaml:"store"`
	Alerts    sinks.Config     `yaml:"alerts"`
	Health    healthConfig     `yaml:"health"`
	Metrics   metricsConfig    `yaml:"metrics"`
	Dashboard dashboard.Config `yaml:"dashboard"`
	Privilege privilege.Config `yaml:"privilege"`
}

type logConfig struct {
	Level  string `yaml:"level"`  // debug, info, warn, error
	Format string `yaml:"format"` // text or json
}

func defaultConfiguration() configuration {
	return configuration{
		Log:       logConfig{Level: "info", Format: "text"},
		Capture:   capture.DefaultConfig(),
		Flow:      flow.DefaultConfig(),
		Incident:  incident.DefaultConfig(),
		FlowLog:   flowlog.DefaultConfig(),
		Store:     store.DefaultConfig(),
		Alerts:    sinks.DefaultConfig(),
		Health:    defaultHealthConfig(),
		Dashboard: dashboard.DefaultConfig(),
		Privilege: privilege.DefaultConfig(),
	}
}

// readConfiguration reads a configuration file over the defaults. A key that is not
// known is an error that shows its line: a misspelt setting must not be a silent one.
func readConfiguration(path string) (configuration, error) {
	cfg := defaultConfiguration()
	if path == "" {
		return cfg, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return cfg, fmt.Errorf("configuration %s: %w: 'firetower watch --dump' prints one to start from", path, err)
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return cfg, nil
	}
	if err := yaml.UnmarshalWithOptions(text, &cfg, yaml.Strict()); err != nil {
		return cfg, fmt.Errorf("configuration %s: %s", path, strings.TrimSpace(yaml.FormatError(err, false, true)))
	}
	return cfg, nil
}

// validate names everything that is wrong, each part in its owner's words.
func (c *configuration) validate() error {
	_, logErr := c.Log.level()
	return errors.Join(logErr, c.FlowLog.Validate(), c.Store.Validate(), c.Alerts.Validate(), c.Dashboard.Validate())
}
