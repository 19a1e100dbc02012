package web

import "varuh/accesslog/people"

// tokenRoutes are about tokens for machines of authorities.
var tokenRoutes = []route{
	{"GET", "/tokens", "listTokens", may(people.Tokens), gives((*Site).tokens), "The tokens that were issued and not ended."},
	{"POST", "/tokens", "issueToken", may(people.Tokens), takes((*Site).issueToken), "Issues a token to an authority. Its text is shown this once."},
	{"POST", "/tokens/{token}/end", "endToken", may(people.Tokens), takes((*Site).endToken), "Ends a token now."},
}

// AskedToken is a token that somebody issues to an authority.
type AskedToken struct {
	Name    string      `json:"name"`    // of the authority
	Holder  string      `json:"holder"`  // who answers for its use
	Role    people.Role `json:"role"`    // auditor, inspector or applicant
	Cameras []string    `json:"cameras"` // in scope; "*" alone: all
	From    moment      `json:"from,omitzero"`
	To      moment      `json:"to"`
	Outside bool        `json:"outside,omitempty"`
	Basis   string      `json:"basis"` // the request on which it is issued
}

// TokenInfo is a token, without its text.
type TokenInfo struct {
	ID      string      `json:"id"`
	Name    string      `json:"name"`
	Holder  string      `json:"holder"`
	Role    people.Role `json:"role"`
	Cameras []string    `json:"cameras"`
	From    moment      `json:"from"`
	To      moment      `json:"to"`
	Outside bool        `json:"outside"`
	Entry   int64       `json:"entry"`
}

// TokenList are tokens, by their entries.
type TokenList struct {
	Tokens []TokenInfo `json:"tokens"`
}

// Issued is a token with its text.
type Issued struct {
	Token TokenInfo `json:"token"`
	Text  string    `json:"text"` // for the header Authorization: Bearer
}

func tokenOf(t people.AuthorityToken) TokenInfo {
	return TokenInfo{t.ID, t.Name, t.Holder, t.Role, scopeOf(t.Cameras), moment{t.From}, moment{t.To}, t.Outside, t.Entry}
}

func (s *Site) tokens(c *call) (TokenList, error) {
	tokens, err := s.o.People.Tokens(c.Context())
	if err != nil {
		return TokenList{}, err
	}
	list := TokenList{Tokens: make([]TokenInfo, 0, len(tokens))}
	for _, t := range tokens {
		list.Tokens = append(list.Tokens, tokenOf(t))
	}
	return list, nil
}

func (s *Site) issueToken(c *call, in AskedToken) (Issued, error) {
	scope, err := s.scope(in.Cameras)
	if err != nil {
		return Issued{}, err
	}
	if in.From.IsZero() {
		in.From.Time = s.o.Now()
	}
	t, text, err := s.o.People.Issue(c.Context(), c.session, people.AuthorityToken{Name: in.Name, Holder: in.Holder, Role: in.Role, Cameras: scope,
		From: in.From.Time, To: in.To.Time, Outside: in.Outside}, in.Basis)
	if err != nil {
		return Issued{}, atTokenField(err)
	}
	return Issued{tokenOf(t), text}, nil
}

func (s *Site) endToken(c *call, in Reason) (nothing, error) {
	return nothing{}, atField(s.o.People.EndToken(c.Context(), c.session, c.PathValue("token"), in.Reason))
}
