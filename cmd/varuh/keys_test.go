package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"varuh/configs"
	"varuh/recorder/durable"
	"varuh/recorder/keyring"
)

// What is no order for a rotation changes no key, and nothing says that it did.
func TestRotateOrders(t *testing.T) {
	t.Parallel()
	keys, err := memoryFolder("test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(keys) })
	b := startBoxWith(t, filepath.Join(keys, "k"), configs.MetricsOff, nil)
	before, err := keyring.ReadPublic(durable.OS, publicFile(b.dir))
	if err != nil {
		t.Fatal(err)
	}
	zero, present := keyring.PublicKey{}.String(), before.Keys[1].Key.String()
	who := `"actor":"Ana Kovač","reason":"yearly"`
	for body, want := range map[string]string{
		"":                              "is no order",
		"null":                          "is not one order",
		"[]":                            "is no order",
		"{}":                            "give --reason TEXT",
		`{"recovery":null}`:             "give --reason TEXT",
		`{"actor":"Ana","reason":" "}`:  "give --reason TEXT",
		`{` + who + `}`:                 "no rotation was begun",
		`{` + who + `,"recovery":null}`: "no rotation was begun",
		`{` + who + `,"recovrey":null}`: "unknown field",
		`{` + who + `,"recovery":"00"}`: "is no order",
		`{` + who + `} {}`:              "is not one order",
		`{` + who + `,"recovery":"` + zero + `"}`:    "is all zeros",
		`{` + who + `,"recovery":"` + present + `"}`: "is in use already",
	} {
		if _, err := ask(t.Context(), b.dir, "POST", "/rotate", strings.NewReader(body)); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), errOrder.Error()) {
			t.Errorf("%s gave %v, want %s", body, err, want)
		}
	}
	after, err := keyring.ReadPublic(durable.OS, publicFile(b.dir))
	if err != nil || fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("the keys are %v, %v", after, err)
	}
	b.end(t)
	if strings.Contains(b.log.String(), "the keys were replaced") {
		t.Error(b.log)
	}
}
