package reader

import "strings"

// Verifier is the scripts without the page around them, for a test to call.
func Verifier() string {
	var b strings.Builder
	for _, name := range order[:len(order)-1] {
		text, err := scripts.ReadFile("js/" + name + ".js")
		if err != nil {
			panic(err)
		}
		b.Write(text)
	}
	return b.String()
}
