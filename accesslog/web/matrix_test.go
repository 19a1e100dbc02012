package web

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/people"
)

// What the matrix holds somebody against: where he stands when he asks.
var standings = []standing{
	{name: "in scope", from: office},
	{name: "out of scope", from: office, camera: "yard"},
	{name: "outside", from: street},
	{name: "expired", from: office, later: 20 * 24 * time.Hour},
	{name: "not yet", from: office, young: true},
}

// standing is one of them.
type standing struct {
	name, from string
	camera     string        // asked for in the place of the example's
	later      time.Duration // than now
	young      bool          // he has another role now, and this one from another day on
}

// verdicts are what keeps somebody from a route, as the table in testdata writes them. All else means that he may.
var verdicts = map[string]string{
	"no-session": "401", "not-allowed": "role", "scope": "scope", "outside": "outside", "expired": "expired", "not-yet": "notyet",
	"unsigned": "unsigned", "password-first": "password", "second-first": "second", "too-old": "old", "self": "self", "no-viewing": "none", "no-part": "none",
}

// later ends the name of who has a role from another day on.
const afterwards = " later"

// visitors are everybody who could ask: nobody, somebody of another appliance, somebody whose password is still to be
// changed, each role by log-in, and each role that a token may have. Those who have a role later only are there beside
// them: until then they are maintainers, and the maintainer is an auditor.
func visitors(t *testing.T, r *rig) map[string]*client {
	all := map[string]*client{"nobody": r.client(t), "foreign": r.client(t), "duty": r.client(t)}
	all["foreign"].cookie = strings.Repeat("A", 43)
	head := r.head(t)
	for _, role := range people.Roles {
		all[string(role)] = r.visitor(t, head, string(role), r.granted(role))
		now := people.Maintainer
		if role == now {
			now = people.Auditor
		}
		all[string(role)+afterwards] = r.visitor(t, head, string(role)+afterwards, r.granted(now), r.granted(role).young())
	}
	head.api("POST", "/persons", AskedPerson{Login: loginOf("duty"), Name: "Prva Prijava", Password: firstOne, Authorisations: []AskedAuthorisation{r.granted(people.Caretaker)}}, nil)
	all["duty"].logIn(loginOf("duty"), firstOne)
	for _, role := range people.TokenRoles {
		all[string(role)+" token"] = r.machine(t, head, r.granted(role))
		all[string(role)+" token"+afterwards] = r.machine(t, head, r.granted(role).young())
	}
	return all
}

// young is an authorisation that begins nine days after noon.
func (a AskedAuthorisation) young() AskedAuthorisation {
	a.From = moment{noon.AddDate(0, 0, 9)}
	return a
}

// machine is somebody with a token.
func (r *rig) machine(t *testing.T, head *client, a AskedAuthorisation) *client {
	t.Helper()
	var issued Issued
	head.api("POST", "/tokens", AskedToken{Name: "Organ", Holder: "Nosilec " + string(a.Role), Role: a.Role, Cameras: a.Cameras, From: a.From, To: a.To,
		Basis: "zahteva"}, &issued)
	c := r.client(t)
	c.bearer = issued.Text
	return c
}

// granted is an authorisation of a role for the hall, from ten days before noon until ten days after it.
func (r *rig) granted(role people.Role) AskedAuthorisation {
	a := AskedAuthorisation{Role: role, Cameras: []string{"hall"}, From: moment{noon.AddDate(0, 0, -10)}, To: moment{noon.AddDate(0, 0, 10)}, Paper: day{noon.AddDate(0, 0, -12)}}
	if role == people.Guard {
		a.Back = 15
	}
	return a
}

// loginOf is the log-in name of a visitor.
func loginOf(who string) string { return strings.ReplaceAll(who, " ", ".") + ".oseba" }

// visitor is somebody with authorisations, logged in with a password of his own.
func (r *rig) visitor(t *testing.T, head *client, who string, list ...AskedAuthorisation) *client {
	t.Helper()
	head.api("POST", "/persons", AskedPerson{Login: loginOf(who), Name: "Oseba " + who, Password: firstOne, Authorisations: list}, nil)
	c := r.client(t).logIn(loginOf(who), firstOne)
	c.api("PUT", "/session/password", PasswordChange{firstOne, ownPassword}, nil)
	return c
}

// verdict says whether somebody may use a route, where he stands.
func (c client) verdict(r route, q request, s standing) string { return judged(c.answered(r, q, s)) }

// answered is what somebody is answered where he stands.
func (c client) answered(r route, q request, s standing) *httptest.ResponseRecorder {
	now := c.r.clock()
	c.r.set(now.Add(s.later))
	defer c.r.set(now)
	c.from = s.from
	if s.camera != "" {
		q.Path = maps.Clone(q.Path)
		if q.Path["camera"] != "" {
			q.Path["camera"] = s.camera
		}
		q.Body = []byte(strings.ReplaceAll(string(q.Body), `"camera": "hall"`, `"camera": "`+s.camera+`"`))
	}
	var body any
	if len(q.Body) > 0 {
		body = string(q.Body)
	}
	return c.do(r.method, r.url(q), body)
}

// judged is the verdict of an answer.
func judged(w *httptest.ResponseRecorder) string {
	if w.Code/100 == 2 {
		return "+"
	}
	var p Problem
	if json.Unmarshal(w.Body.Bytes(), &p) != nil {
		return fmt.Sprint(w.Code)
	}
	if v := verdicts[p.Type[strings.LastIndex(p.Type, "/")+1:]]; v != "" {
		return v
	}
	if p.Status >= 500 && p.Status != 503 {
		return "broken"
	}
	return "+"
}

// columns are who asks, in the order of the table.
func columns() (list []string) {
	list = append(list, "nobody", "foreign", "duty")
	for _, role := range people.Roles {
		list = append(list, string(role))
	}
	for _, role := range people.TokenRoles {
		list = append(list, string(role)+" token")
	}
	return list
}

// The table in testdata says of every route, and of everybody who could ask, whether he may use it: where he is in the
// scope of his authorisation and where not, from outside the premises, and before and after his time. Whatever is not in
// it fails, and so does a route that is.
func TestMatrix(t *testing.T) {
	t.Parallel()
	r := newRigFor(t, 60*24*time.Hour)
	all, examples := visitors(t, r), requests(t)
	var table strings.Builder
	table.WriteString("# Who may use which route: + may, 401 is nobody; else what his authorisations lack.\n# " + strings.Join(columns(), " | ") + "\n")
	for _, one := range routes() {
		fmt.Fprintf(&table, "\n%s %s %s\n", one.method, one.pattern, one.name)
		for _, s := range standings {
			r.set(r.clock().Add(6 * time.Minute)) // whoever had to wait need not any more
			var row []string
			for _, who := range columns() {
				if s.young && all[who+afterwards] != nil {
					who += afterwards
				}
				row = append(row, fmt.Sprintf("%-8s", all[who].verdict(one, examples[one.name], s)))
				all[who].again(who)
			}
			fmt.Fprintf(&table, "  %-12s %s\n", s.name, strings.TrimSpace(strings.Join(row, " ")))
		}
	}
	const name = "testdata/matrix.txt"
	if *update {
		must(t, os.WriteFile(name, []byte(table.String()), 0o644))
		return
	}
	want, err := os.ReadFile(name)
	must(t, err)
	got, wants := strings.Split(table.String(), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(got), len(wants)) {
		if i >= len(got) || i >= len(wants) || got[i] != wants[i] {
			t.Fatalf("line %d of %s is not what is so: run this test with -update, and look through the change\nis %q\nwant %q",
				i+1, name, got[min(i, len(got)-1)], wants[min(i, len(wants)-1)])
		}
	}
}

// again logs somebody in anew whom a request has logged out.
func (c *client) again(who string) {
	c.t.Helper()
	c.from = office // where nobody has to wait for others who fail
	switch {
	case who == "nobody":
		c.cookie = "" // it may have logged somebody in
	case who == "foreign":
		c.cookie = strings.Repeat("A", 43)
	case c.bearer != "":
		c.cookie = ""
	case c.do("GET", prefix+"/session", nil).Code == 200:
	case who == "duty":
		c.logIn(loginOf(who), firstOne)
	default:
		c.logIn(loginOf(who), ownPassword)
	}
}
