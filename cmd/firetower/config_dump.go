package main

import (
	_ "embed"
	"fmt"
	"io"

	"github.com/goccy/go-yaml"
)

// commented is the default configuration with what every setting means. A test holds
// it to the defaults in the code.
//
//go:embed firetower.yaml
var commented []byte

// dumpConfiguration prints a configuration with the comments of the default one.
func dumpConfiguration(w io.Writer, cfg configuration) error {
	comments := yaml.CommentMap{}
	var defaults configuration
	if err := yaml.UnmarshalWithOptions(commented, &defaults, yaml.CommentToMap(comments)); err != nil {
		return fmt.Errorf("comments of the configuration: %w", err)
	}
	text, err := yaml.MarshalWithOptions(cfg, yaml.WithComment(comments), yaml.IndentSequence(true))
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	_, err = w.Write(text)
	return err
}
