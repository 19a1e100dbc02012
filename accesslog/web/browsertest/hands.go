package browsertest

import (
	"encoding/json"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// pressed lets a script count as a press of somebody's.
func pressed(e *runtime.EvaluateParams) {
	yes := true
	e.UserGesture = &yes
}

// does calls a function of a script with some values until it gives something.
func does[T any](p *Page, function string, with ...any) T {
	p.T.Helper()
	text, err := json.Marshal(with)
	if err != nil {
		p.T.Fatal(err)
	}
	return Await[T](p, "("+function+")(..."+string(text)+")", pressed)
}

// click clicks on what somebody could click on: the page is loaded, it is there and not disabled, and nothing lies over it but what is told
// in passing.
const click = `(what) => {
	const e = document.querySelector(what);
	if (document.readyState !== 'complete' || !e || e.matches(':disabled')) return false;
	e.scrollIntoView({block: 'center', behavior: 'instant'});
	const r = e.getClientRects()[0], hit = r && document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2);
	if (!hit || !e.contains(hit) && hit.closest('label')?.control !== e && !hit.closest('#toasts')) return false;
	e.focus({preventScroll: true});
	e.click();
	return true;
}`

// Click clicks on an element as soon as somebody could.
func (p *Page) Click(what string) {
	p.T.Helper()
	does[bool](p, click, what)
}

// enter types into fields, and submits their form in the same moment.
const enter = `(form, ...pairs) => {
	const fields = pairs.map(([name, value]) => [document.querySelector(form + ' [name=' + name + ']'), value]);
	if (document.readyState !== 'complete' || fields.some(([field]) => !field)) return false;
	for (const [field, value] of fields) {
		field.value = value;
		for (const told of ['input', 'change']) field.dispatchEvent(new Event(told, {bubbles: true}));
	}
	return (` + click + `)(form + ' button[type=submit]');
}`

// Enter types into fields of a form by their names, and submits it.
func (p *Page) Enter(form string, fields ...string) {
	p.T.Helper()
	with := []any{form}
	for i := 0; i < len(fields); i += 2 {
		with = append(with, fields[i:i+2])
	}
	does[bool](p, enter, with...)
}

// stands finds where an element is in the window once it stands still there, with nothing over it at a part of its width and so
// many pixels below its top.
const stands = `(what, part, below) => {
	const e = document.querySelector(what);
	if (!e) return null;
	e.scrollIntoView({block: 'center', behavior: 'instant'});
	const {x, y, width, height} = e.getBoundingClientRect(), before = globalThis.stood;
	globalThis.stood = [what, x, y, width, height].join(' ');
	return before === globalThis.stood && e.contains(document.elementFromPoint(x + width * part, y + below)) ? [x, y, width] : null;
}`

// Place is where an element is in the window, in pixels.
func (p *Page) Place(element string, part, below float64) (left, top, width float64) {
	p.T.Helper()
	at := does[[3]float64](p, stands, element, part, below)
	return at[0], at[1], at[2]
}

// Mouse moves, presses or lets go of the mouse at a place of the window.
func (p *Page) Mouse(kind input.DispatchMouseEventType, x, y float64) {
	p.T.Helper()
	Command(p, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: kind, X: x, Y: y, Button: input.MouseButtonLeft, Buttons: 1, ClickCount: 1})
}

// Tap presses the mouse in an element: at a part of its width, and so many pixels below its top.
func (p *Page) Tap(element string, part, below float64) {
	p.T.Helper()
	x, y, width := p.Place(element, part, below)
	for _, kind := range []input.DispatchMouseEventType{input.DispatchMouseEventTypeMousePressed, input.DispatchMouseEventTypeMouseReleased} {
		p.Mouse(kind, x+width*part, y+below)
	}
}

// Keys types.
func (p *Page) Keys(text string) {
	p.T.Helper()
	p.Run(chromedp.KeyEvent(text))
}

// TabTo goes by the Tab key to the element of which a condition is so, which has the element as e.
func (p *Page) TabTo(condition string) {
	p.T.Helper()
	for range 200 {
		if Evaluate[bool](p, "!!((e) => "+condition+")(document.activeElement)") {
			return
		}
		p.Keys("\t")
	}
	p.T.Fatalf("the keyboard does not come to where %s", condition)
}
