package configs

import (
	_ "embed"
	"fmt"
	"strings"
)

//go:embed varuh.yml
var exampleMain string

// ExampleCamera is the commented example of a camera's file.
//
//go:embed cameras.d/example.yml
var ExampleCamera string

// Choice is what a new configuration differs in from the example.
type Choice struct {
	State      string   // "": the folder of varuh.yml
	Store      []string // at least one
	KeyFile    string   // private reading key for "unlock: auto"; "": login
	Metrics    string   // "": as in the example
	Controller string   // "": the name of the machine
}

// New is the text of a commented varuh.yml with the choice made.
func New(c Choice) string {
	var stores strings.Builder
	for _, dir := range c.Store {
		fmt.Fprintf(&stores, "  - %q\n", dir)
	}
	replace := []string{
		"state: /var/lib/varuh\n", line("state", c.State),
		"  - /srv/varuh\n", stores.String(),
		"time_zone: Europe/Ljubljana\n", "# time_zone: Europe/Ljubljana\n",
	}
	if c.KeyFile != "" {
		replace = append(replace,
			"unlock: login\n", "unlock: auto\n",
			"# key: credential:varuh-key\n", line("key", c.KeyFile),
			"# accept: box", "accept: box")
	}
	if c.Metrics != "" {
		replace = append(replace, "metrics: 127.0.0.1:9184\n", line("metrics", c.Metrics))
	}
	if c.Controller != "" {
		replace = append(replace, "# controller: sola.example\n", line("controller", c.Controller))
	}
	return strings.NewReplacer(replace...).Replace(exampleMain)
}

// line sets a key, or leaves it out as a comment if there is no value.
func line(key, value string) string {
	if value == "" {
		return "# " + key + ": (this folder)\n"
	}
	return fmt.Sprintf("%s: %q\n", key, value)
}
