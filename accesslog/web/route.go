package web

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"varuh/accesslog/people"
)

// prefix begins the path of everything in the API.
const prefix = "/api/v1"

// route is one thing that can be asked for. What is not in the table can't be asked for.
type route struct {
	method  string
	pattern string // behind [prefix] unless it is a page, as [http.ServeMux] takes it
	name    string // in the document that describes the API: operationId
	access  access
	handler handler
	about   string // one sentence for that document
}

// access says who may use a route.
type access struct {
	kind    kind
	actions []people.Action // of kind byRole: any of them is enough
}

type kind int

const (
	undecided kind = iota // refused by [New]
	public                // everybody, logged in or not
	oneself               // a person who has logged in, about his own session; also while a duty comes first
	holder                // the same, or the holder of a token
	byRole                // whom an authorisation in force lets do one of the actions, for the camera in the path
	byDoor                // who has a session, or a token: the door decides, and enters whom it refuses
)

var (
	forAll    = access{kind: public}
	forSelf   = access{kind: oneself}
	forHolder = access{kind: holder}
	forDoor   = access{kind: byDoor}
)

// may is for whom one of the actions is allowed.
func may(actions ...people.Action) access { return access{byRole, actions} }

// routes is the table.
func routes() []route {
	return slices.Concat(documentRoutes, sessionRoutes, accountRoutes, cameraRoutes, secureRoutes, holdRoutes, noticeRoutes, personRoutes, tokenRoutes, diaryRoutes, retentionRoutes, paperRoutes, statusRoutes, eventRoutes, requestRoutes, scanRoutes, disclosureRoutes, packageRoutes, linkRoutes, viewingRoutes, aimRoutes, pageRoutes)
}

// handler is what a route does, with the types of what it takes and gives.
type handler struct {
	takes   reflect.Type // of the body, or of the query where the method is GET; nil: nothing is taken
	gives   reflect.Type // nil: the answer is empty, or not JSON
	media   string       // of an answer that is not JSON: its media type
	body    int64        // the most bytes of a body
	sent    []string     // media types of a body that is not JSON
	header  string       // that it may be asked with; "" for none
	slow    bool         // it takes as long as it takes: a stream
	arrives bool         // its body comes as slowly as the line is that it comes over: an upload
	listens bool         // a stream that tells of what changes, without footage
	ends    bool         // it ends what somebody has begun: nobody is kept from it
	page    bool         // it is a page or belongs to one, and lies before [prefix]
	menu    bool         // a page that the menu has
	serve   func(*Site, *call) error
}

// The most bytes of a body: most are short, a notice in two languages is longer. What is entered of it fits into an
// entry, which has at most 64 KiB: see [proof.MaxBody].
const (
	shortBody = 16 << 10
	longBody  = 28 << 10
)

// nothing is what a handler gives that has nothing to say.
type nothing struct{}

// gives makes a handler that answers with JSON and takes nothing.
func gives[Out any](f func(*Site, *call) (Out, error)) handler {
	return handler{gives: given[Out](), serve: func(s *Site, c *call) error {
		if err := c.empty(); err != nil {
			return err
		}
		out, err := f(s, c)
		if err != nil {
			return err
		}
		return c.answer(out)
	}}
}

// takes makes a handler that answers with JSON and takes a body, or where the method is GET a query.
func takes[In, Out any](f func(*Site, *call, In) (Out, error)) handler {
	return handler{takes: reflect.TypeFor[In](), gives: given[Out](), body: shortBody, serve: func(s *Site, c *call) error {
		var in In
		if err := c.read(&in); err != nil {
			return err
		}
		out, err := f(s, c, in)
		if err != nil {
			return err
		}
		return c.answer(out)
	}}
}

// writes makes a handler that writes its answer itself, of a media type, and takes a query In; nothing for none.
func writes[In any](media string, f func(*Site, *call, In) error) handler {
	h := takes(func(s *Site, c *call, in In) (nothing, error) { return nothing{}, nil })
	h.gives, h.media = nil, media
	if h.takes == reflect.TypeFor[nothing]() {
		h.takes = nil
	}
	h.serve = func(s *Site, c *call) (err error) {
		var in In
		if h.takes == nil {
			err = c.empty()
		} else {
			err = c.read(&in)
		}
		if err != nil {
			return err
		}
		return f(s, c, in)
	}
	return h
}

// long lets a body be longer.
func (h handler) long() handler {
	h.body = longBody
	return h
}

// streaming lets an answer take as long as it takes. The handler ends with its request's context.
func (h handler) streaming() handler {
	h.slow = true
	return h
}

// listening is streaming to who wants to be told what changes.
func (h handler) listening() handler {
	h.listens = true
	return h.streaming()
}

// ending lets it be asked for however much somebody has asked for.
func (h handler) ending() handler {
	h.ends = true
	return h
}

func given[Out any]() reflect.Type {
	if t := reflect.TypeFor[Out](); t != reflect.TypeFor[nothing]() {
		return t
	}
	return nil
}

// muxOf makes the mux of a table, and refuses a table that leaves anything open.
func (s *Site) muxOf(table []route) (*http.ServeMux, error) {
	mux := http.NewServeMux()
	names := map[string]bool{}
	for _, r := range table {
		switch {
		case r.access.kind == undecided, r.access.kind == byRole && len(r.access.actions) == 0:
			return nil, fmt.Errorf("route %s %s does not say who may use it", r.method, r.pattern)
		case r.name == "" || names[r.name]:
			return nil, fmt.Errorf("route %s %s has no name of its own", r.method, r.pattern)
		}
		names[r.name] = true
		mux.Handle(r.method+" "+r.path(), s.guard(r))
	}
	mux.Handle(fallback, s.nowhere(mux))
	return mux, nil
}

// fallback is the pattern of what no route is for.
const fallback = "/"

// nowhere answers what no route is for: that there is no such page, or with which methods there is.
func (s *Site) nowhere(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var allowed []string
		for _, method := range []string{http.MethodDelete, http.MethodGet, http.MethodPost, http.MethodPut} {
			other := *r
			other.Method = method
			if _, pattern := mux.Handler(&other); pattern != fallback {
				allowed = append(allowed, method)
			}
		}
		if allowed == nil {
			s.refuse(errNoPage, nil).ServeHTTP(w, r)
			return
		}
		s.refuse(errMethod, http.Header{"Allow": {strings.Join(allowed, ", ")}}).ServeHTTP(w, r)
	})
}
