package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/goccy/go-yaml"

	"firetower/internal/alert"
	alerteve "firetower/internal/alert/eve"
	"firetower/internal/alert/sinks"
	"firetower/internal/capture"
	"firetower/internal/dashboard"
	"firetower/internal/evefile"
	"firetower/internal/flow"
	"firetower/internal/flowlog"
	"firetower/internal/incident"
	"firetower/internal/privilege"
	"firetower/internal/secret"
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
	EVE       evefile.Config   `yaml:"eve"`
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
		EVE:       evefile.DefaultConfig(),
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
	text, err := secret.File(path)
	if err != nil {
		return cfg, fmt.Errorf("configuration %s: %w", path, hint(err))
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return cfg, nil
	}
	if err := yaml.UnmarshalWithOptions(text, &cfg, yaml.Strict()); err != nil {
		return cfg, fmt.Errorf("configuration %s: %s", path, strings.TrimSpace(yaml.FormatError(err, false, true)))
	}
	return cfg, nil
}

// hint says where a configuration comes from to whoever has none.
func hint(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w; 'firetower watch --dump' prints one to start from", fs.ErrNotExist)
	}
	return err
}

// routes makes the ways of alerts: those of the section alerts, and the EVE file.
func (c *configuration) routes(eve *evefile.File) ([]alert.Route, error) {
	routes, err := c.Alerts.Build(version(), hostname())
	if err == nil && eve != nil && c.EVE.Has(evefile.Alert) {
		routes = append(routes, alert.Route{Name: "eve", Sink: alerteve.NewSink(eve, c.sensor()), Policy: alert.MachinePolicy()})
	}
	return routes, err
}

// secretFiles lists the files with passwords, tokens and keys.
func (c *configuration) secretFiles() (out []string) {
	all := []string{c.Store.PostgreSQLFile}
	for _, m := range c.Alerts.Mail {
		all = append(all, m.PasswordFile)
	}
	for _, h := range c.Alerts.Webhook {
		all = append(all, h.URLFile, h.TokenFile, h.SecretFile)
	}
	for _, s := range c.Alerts.Syslog {
		all = append(all, s.KeyFile)
	}
	for _, path := range all {
		if path != "" {
			out = append(out, path)
		}
	}
	return out
}

// sensor is the name of this Firetower in messages.
func (c *configuration) sensor() string {
	if c.Alerts.Sensor != "" {
		return c.Alerts.Sensor
	}
	return hostname()
}

func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return "firetower"
	}
	return name
}

// readable reads what the daemon will read at its start.
func (c *configuration) readable() error {
	_, modelErr := openJudge(c.Model)
	_, _, userErr := privilege.Owner(c.Privilege)
	_, err := c.routes(nil)
	if err == nil && (c.Store.PostgreSQL != "" || c.Store.PostgreSQLFile != "") {
		_, err = c.Store.ConnectionString()
	}
	return errors.Join(modelErr, userErr, err)
}

// validate names everything that is wrong, each part in its owner's words.
func (c *configuration) validate() error {
	_, logErr := c.Log.level()
	return errors.Join(logErr, c.FlowLog.Validate(), c.EVE.Validate(), c.Store.Validate(), c.Alerts.Validate(), c.Dashboard.Validate())
}
