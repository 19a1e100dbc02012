package web

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"

	"varuh/recorder/rtsp/rtsptest/outside"
)

// module imports a module of the pages by its name, in a script that promises something of it.
func module[T any](b *tab, name, script string) T {
	b.t.Helper()
	return js[T](b, `import(document.querySelector('script[src$="/page.js"]').src.replace('page.js', '`+name+`.js')).then((m) => (`+script+`))`)
}

// The modules' time is the reader's, and right in the nights in which the clock is changed: the hour that comes twice is
// two hours, and the one that is left out is none.
func TestTimeInBrowser(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t)
	b := s.tab()
	last := ""
	for _, tt := range []struct{ zone, script, want string }{
		{"Europe/Ljubljana", `m.hours('2026-10-25').map((h) => h.name + h.zone).join(' ')`,
			"00CEST 01CEST 02CEST 02CET 03CET 04CET 05CET 06CET 07CET 08CET 09CET 10CET 11CET 12CET 13CET 14CET 15CET 16CET 17CET 18CET 19CET 20CET 21CET 22CET 23CET"},
		{"Europe/Ljubljana", `m.hours('2026-03-29').map((h) => h.name + h.zone).join(' ')`,
			"00CET 01CET 03CEST 04CEST 05CEST 06CEST 07CEST 08CEST 09CEST 10CEST 11CEST 12CEST 13CEST 14CEST 15CEST 16CEST 17CEST 18CEST 19CEST 20CEST 21CEST 22CEST 23CEST"},
		{"Europe/Ljubljana", `m.hours('2026-11-21').length`, "24"},
		{"Europe/Ljubljana", `m.moments('2026-10-25', '2:30').map((d) => d.toISOString()).join(' ')`, "2026-10-25T00:30:00.000Z 2026-10-25T01:30:00.000Z"},
		{"Europe/Ljubljana", `m.moments('2026-03-29', '02:30').length`, "0"},
		{"Europe/Ljubljana", `m.moments('2026-03-29', '03.00').map((d) => d.toISOString()).join(' ')`, "2026-03-29T01:00:00.000Z"},
		{"Europe/Ljubljana", `m.moments('2026-11-21', '23:59:59').map((d) => d.toISOString()).join(' ')`, "2026-11-21T22:59:59.000Z"},
		{"Europe/Ljubljana", `['24:00', '12:60', '12', '', 'x', '12:00:61', '-1:00'].map((text) => m.moments('2026-11-21', text).length).join('')`, "0000000"},
		{"Europe/Ljubljana", `m.clock('2026-10-25T00:30:00Z') + ', ' + m.clock('2026-10-25T01:30:00Z')`, "02:30:00 CEST, 02:30:00 CET"},
		{"Europe/Ljubljana", `m.dateTime('2026-11-21T12:00:00Z')`, "21. november 2026, 13:00:00 CET"},
		{"Europe/Ljubljana", `m.dayOf('2026-11-21T22:59:59Z') + ' ' + m.dayOf('2026-11-21T23:00:00Z')`, "2026-11-21 2026-11-22"},
		{"Europe/Ljubljana", `(m.ending('2026-10-25') - m.beginning('2026-10-25')) / 3600e3 + ' ' + (m.ending('2026-03-29') - m.beginning('2026-03-29')) / 3600e3`, "25 23"},
		{"Europe/Ljubljana", `m.addDays('2026-10-24', 2) + ' ' + m.addDays('2026-03-30', -1) + ' ' + m.addDays('2028-02-28', 1)`, "2026-10-26 2026-03-29 2028-02-29"},
		{"Europe/Ljubljana", `[m.span(59_000), m.span(3_599_000), m.span(3_600_000), m.span(90_061_000)].join(' ')`, "00:59 59:59 1:00:00 25:01:01"},
		{"America/Sao_Paulo", `m.beginning('2018-11-04').toISOString()`, "2018-11-04T03:00:00.000Z"}, // its midnight was left out
		{"America/Sao_Paulo", `m.clock('2026-11-21T12:00:00Z')`, "09:00:00 UTC-3"},
		{"Asia/Kathmandu", `m.moments('2026-11-21', '00:00')[0].toISOString() + ' ' + m.zoneAt('2026-11-21T12:00:00Z')`, "2026-11-20T18:15:00.000Z UTC+5:45"},
		{"Australia/Lord_Howe", `m.moments('2026-04-05', '01:45').map((d) => d.toISOString()).join(' ')`, "2026-04-04T14:45:00.000Z 2026-04-04T15:15:00.000Z"},
	} {
		if tt.zone != last {
			command(b, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: tt.zone})
			b.visit("/login?language=sl")
			last = tt.zone
		}
		if got := module[string](b, "time", "String("+tt.script+")"); got != tt.want {
			t.Errorf("%s in %s is %q, want %q", tt.script, tt.zone, got, tt.want)
		}
	}
}

// The modules' words take the forms that the browser, which has them from the Unicode CLDR, takes too.
func TestWordsInBrowser(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t)
	b := s.tab()
	for _, language := range []string{"sl", "en"} {
		b.visit("/login?language=" + language)
		wrong := module[[]int](b, "words", `Array.from({length: 1300}, (_, i) => i).filter((i) => m.formOf(i) !== new Intl.PluralRules(document.documentElement.lang).select(i))`)
		if len(wrong) > 0 {
			t.Errorf("in %q other forms for %v", language, wrong)
		}
	}
	for script, want := range map[string]string{
		`[1, 2, 3, 5, 101, 102, 103, 105].map((i) => m.n('common.wait', i)).join(' ')`: "Wait 1 more second. Wait 2 more seconds. Wait 3 more seconds. Wait 5 more seconds. Wait 101 more seconds. Wait 102 more seconds. Wait 103 more seconds. Wait 105 more seconds.",
		`m.of('common.language', 'de')`:                                                            "Language",
		`m.bytes(999) + ', ' + m.bytes(4.32e10)`:                                                   "999 B, 43 GB",
		`(() => { try { return m.t('common.nowhere') } catch (e) { return 'refused' } })()`:        "refused",
		`(() => { try { return m.t('common.viewing-number') } catch (e) { return 'refused' } })()`: "refused",
	} {
		if got := module[string](b, "words", script); got != want {
			t.Errorf("%s is %q, want %q", script, got, want)
		}
	}
}

// However many cameras there are, a page asks for a few things at once; what is refused as too much is asked for once more,
// and what nobody waits for any more takes no place.
func TestReadsInTurn(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	b := newStage(t).tab()
	b.visit("/login?language=sl")
	got := module[string](b, "api", `(async () => {
		const real = window.fetch;
		let now = 0, most = 0, all = 0, refused = false;
		window.fetch = async () => {
			most = Math.max(most, ++now);
			all++;
			await new Promise((done) => setTimeout(done, 2));
			now--;
			if (all < 9 || refused) return new Response('{}', {status: 200});
			refused = true;
			return new Response(JSON.stringify({type: 'x/at-once', title: 'preveč', wait: 0.01}), {status: 429});
		};
		const left = new AbortController();
		const asked = Array.from({length: 64}, (_, i) => m.get('/cameras', {}, i > 31 ? {signal: left.signal} : {}));
		left.abort();
		const ends = await Promise.allSettled(asked);
		window.fetch = real;
		return [most, all, ends.filter((one) => one.status === 'fulfilled').length, refused].join();
	})()`)
	if got != "6,33,32,true" {
		t.Errorf("at once, in all, answered, refused: %s", got)
	}
}
