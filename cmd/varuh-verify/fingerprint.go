package main

import (
	"context"
	"fmt"
	"strings"

	"varuh/accesslog/evidence"
)

// fingerprint asks whoever sits there for the one on paper: without it no package is good.
func (p *program) fingerprint(ctx context.Context, o *evidence.Options) error {
	if !p.clicked || p.json || len(p.keys) > 0 {
		return nil
	}
	for range 3 {
		line, err := p.ask(ctx, "Prstni odtis ključa z zapisnika o predaji (če ga nimate, pritisnite Enter):\n"+
			"The key's fingerprint on the handover record (press Enter if you have none):\n> ")
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil || strings.TrimSpace(line) == "" {
			return nil // nobody is there, or has none: the report says what that means
		}
		if digits, ok := fingerprintIn(line); ok && len(digits) == 32 {
			o.Fingerprints, p.typed = append(o.Fingerprints, digits), append(p.typed, line)
			return nil
		}
		fmt.Fprintln(p.err, "Prstni odtis ima 32 znakov od 0 do 9 in od a do f. / A fingerprint has 32 digits, 0 to 9 and a to f.")
	}
	return nil
}

// fingerprintIn are the digits of a fingerprint, in whatever groups it is written; ok is false if there is something else.
func fingerprintIn(s string) (digits string, ok bool) {
	digits = strings.ToLower(strings.NewReplacer(" ", "", "\u00a0", "", "-", "", ":", "").Replace(strings.TrimSpace(s)))
	return digits, len(digits) > 0 && strings.Trim(digits, "0123456789abcdef") == ""
}
