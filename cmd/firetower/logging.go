package main

import (
	"fmt"
	"io"
	"log/slog"
)

// logger makes the daemon's logger as the configuration wants it.
func (c logConfig) logger(w io.Writer) (*slog.Logger, error) {
	level, err := c.level()
	if err != nil {
		return nil, err
	}
	options := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, options)), nil
	}
	return slog.New(slog.NewTextHandler(w, options)), nil
}

func (c logConfig) level() (slog.Level, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Level)); err != nil {
		return level, fmt.Errorf("log.level %q is none of debug, info, warn, error", c.Level)
	}
	if c.Format != "text" && c.Format != "json" {
		return level, fmt.Errorf("log.format %q is neither text nor json", c.Format)
	}
	return level, nil
}
