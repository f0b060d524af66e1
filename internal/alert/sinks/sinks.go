// Package sinks builds the sinks of all kinds from the configuration, so that
// neither package alert nor the sinks know one another.
package sinks

import (
	"fmt"
	"net/url"

	"firetower/internal/alert"
	"firetower/internal/alert/mail"
	"firetower/internal/alert/syslog"
	"firetower/internal/alert/webhook"
)

// Config is the section "alerts" of the configuration.
type Config struct {
	// Dashboard is the address at which people open the dashboard; links in
	// messages lead there. "" leaves them out.
	Dashboard string `yaml:"dashboard" json:"dashboard"`
	// Sensor names this Firetower in messages; "": the machine's name.
	Sensor  string           `yaml:"sensor" json:"sensor"`
	Mail    []mail.Config    `yaml:"mail" json:"mail"`
	Webhook []webhook.Config `yaml:"webhook" json:"webhook"`
	Syslog  []syslog.Config  `yaml:"syslog" json:"syslog"`
}

// DefaultConfig alerts nobody: there is no address to guess.
func DefaultConfig() Config { return Config{} }

// Validate names the first setting that can not work.
func (c Config) Validate() error {
	_, err := c.build("", false)
	return err
}

// Build makes the routes. version is Firetower's, sensor the name to use if the
// configuration has none. Nothing is connected, but passwords and certificates are
// read.
func (c Config) Build(version, sensor string) ([]alert.Route, error) {
	if c.Sensor == "" {
		c.Sensor = sensor
	}
	return c.build(version, true)
}

func (c Config) build(version string, open bool) (routes []alert.Route, err error) {
	if c.Dashboard != "" {
		if u, err := url.Parse(c.Dashboard); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
			return nil, fmt.Errorf("alerts: dashboard %q is not an address such as https://sensor.example.org:8443", c.Dashboard)
		}
	}
	add := func(kind string, i int, name string, p alert.Policy, validate func() error, make func() (alert.Sink, error)) {
		if err != nil {
			return
		}
		if err = validate(); err != nil {
			err = fmt.Errorf("alerts: %s %d (%s): %w", kind, i+1, name, err)
			return
		}
		var s alert.Sink = unopened{}
		if open {
			if s, err = make(); err != nil {
				err = fmt.Errorf("alerts: %w", err)
				return
			}
		}
		routes = append(routes, alert.Route{Name: name, Sink: s, Policy: p})
	}
	for i, s := range c.Mail {
		s.Dashboard, s.Sensor = c.Dashboard, c.Sensor
		add("mail", i, s.Name, s.Policy, s.Validate, func() (alert.Sink, error) { return mail.New(s) })
	}
	for i, s := range c.Webhook {
		s.Dashboard, s.Sensor = c.Dashboard, c.Sensor
		add("webhook", i, s.Name, s.Policy, s.Validate, func() (alert.Sink, error) { return webhook.New(s) })
	}
	for i, s := range c.Syslog {
		s.Dashboard, s.Sensor, s.Version = c.Dashboard, c.Sensor, version
		add("syslog", i, s.Name, s.Policy, s.Validate, func() (alert.Sink, error) { return syslog.New(s) })
	}
	if err != nil {
		return nil, err
	}
	return routes, alert.Validate(routes)
}

// unopened stands for a sink while a configuration is only checked.
type unopened struct{ alert.Sink }
