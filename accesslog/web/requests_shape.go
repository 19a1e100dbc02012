package web

import "varuh/accesslog/disclosure"

// RequestAsked is a request for footage that somebody enters: that of a paper, an oral one, or with an authority's token.
// Whatever is missing in it, it is entered, and what it asks for is held from then on.
type RequestAsked struct {
	Kind     disclosure.Kind `json:"kind"`
	Way      disclosure.Way  `json:"way,omitempty"` // with a token it is token, else paper if it is missing
	Content  RequestContent  `json:"content"`
	Received moment          `json:"received,omitzero"` // by the controller; now if it is missing
	Scan     string          `json:"scan,omitempty"`    // SHA-256 of the scan of its paper, which was uploaded before
}

// RequestContent is what a request says. What has to be there is another thing for each kind.
type RequestContent struct {
	Applicant disclosure.Applicant `json:"applicant,omitzero"`   // on the own initiative: the recipient
	Basis     disclosure.BasisID   `json:"basis,omitempty"`      // one of those of the kind
	BasisText string               `json:"basis_text,omitempty"` // which article, order or law
	Purpose   string               `json:"purpose,omitempty"`    // or the reasons, which show that the footage is needed
	Case      disclosure.Case      `json:"case,omitzero"`
	Footage   []Footage            `json:"footage,omitempty"` // that is asked for
	Data      []disclosure.Datum   `json:"data,omitempty"`    // kinds of data
	Form      disclosure.Form      `json:"form,omitempty"`
	Manner    string               `json:"manner,omitempty"`   // of delivery: where, to whom
	Identity  string               `json:"identity,omitempty"` // how it is known who a person concerned is
	Remark    string               `json:"remark,omitempty"`
}

// RequestEntered is what came of entering a request, or of supplementing it.
type RequestEntered struct {
	Entry   int64       `json:"entry,omitempty"` // none where it had been entered before
	Again   bool        `json:"again"`           // the same token asked the same with the same key before
	Request RequestInfo `json:"request"`
	Held    []HeldNow   `json:"held"` // holds that were set now; a token is not told what there is
	Gone    []Footage   `json:"gone"` // that is asked for and is not here, so that nothing of it could be held; likewise
}

// RequestInfo is a request as far as it has come. Who asks, why and in which case is read in the diary.
type RequestInfo struct {
	ID           string             `json:"id"`
	Kind         disclosure.Kind    `json:"kind"`
	Way          disclosure.Way     `json:"way"`
	State        disclosure.State   `json:"state"`
	Basis        disclosure.BasisID `json:"basis,omitempty"` // none while it is missing
	Form         disclosure.Form    `json:"form,omitempty"`  // none while it is missing
	Received     moment             `json:"received"`
	Completed    moment             `json:"completed,omitzero"` // none: not yet
	Missing      []RequestMissing   `json:"missing"`
	Signed       bool               `json:"signed"`
	PaperPending bool               `json:"paper_pending"`        // it was made orally, and its paper is awaited
	Deadline     *RequestDeadline   `json:"deadline,omitempty"`   // of the decision; none where no law says
	PaperBy      *RequestDeadline   `json:"paper_by,omitempty"`   // of the paper of an oral request
	Due          []RequestDue       `json:"due"`                  // what has to be done with it, the first first
	Single       bool               `json:"single_handed"`        // approved by one person alone
	Decided      moment             `json:"decided,omitzero"`     // approved or refused the last time; none: not yet
	Left         moment             `json:"left,omitzero"`        // since when footage may have left; none: nothing has
	Handed       moment             `json:"handed_over,omitzero"` // or shown; none: not yet
	Package      string             `json:"package,omitempty"`    // SHA-256 of the manifest of its package, in hexadecimal
	Released     bool               `json:"released"`             // what it held was released: it is closed
	ByToken      bool               `json:"by_token"`
	Mine         bool               `json:"mine"`               // whoever asks entered it, or a part of it
	Entry        int64              `json:"entry"`              // request.receive, to which the others refer
	Last         int64              `json:"last"`               // the entry of its last step
	ContentEntry int64              `json:"content_entry"`      // the entry that has what it says now; an approval names it
	Handover     int64              `json:"handover,omitempty"` // request.handover or request.shown
	Footage      []Footage          `json:"footage"`            // that is asked for
	Delivered    []Footage          `json:"delivered"`          // that is in the package, or was shown
	Holds        []RequestHold      `json:"holds"`              // not for a token
	Restored     []RestoredInfo     `json:"restored"`           // restores while it was approved: nobody knows what left for it in between; likewise
}

// RestoredInfo is that the appliance was put back from a copy: what left in between, no entry says.
type RestoredInfo struct {
	Entry int64  `json:"entry"` // restore
	At    moment `json:"at"`
	Copy  moment `json:"copy,omitzero"` // when the copy was made; none: its entry doesn't say
	Text  string `json:"text"`          // that something may be missing here, in the language asked for
}

// RequestMissing is a field that a request lacks.
type RequestMissing struct {
	Field disclosure.Field `json:"field"`
	Text  string           `json:"text"` // in the language asked for
}

// RequestDeadline is the end of a term, with both its days: the last by the calendar, after which it is called late, and
// the one with which it ends by the rule.
type RequestDeadline struct {
	Days  int             `json:"days,omitempty"` // of the term; none where a day was said
	Last  day             `json:"last"`
	Ends  day             `json:"ends"`
	Moved bool            `json:"moved"` // the last day is no working day, so that the term ends on another one
	Rule  disclosure.Rule `json:"rule"`
	Text  string          `json:"text"` // which day counts, in the language asked for
	Late  bool            `json:"late"` // the last day is over
	Over  bool            `json:"over"` // the term is
}

// RequestDue is something that has to be done with a request.
type RequestDue struct {
	What disclosure.What `json:"what"`
	By   moment          `json:"by"` // at the latest before that moment
	Soon bool            `json:"soon"`
	Late bool            `json:"late"`
}

// RequestHold is a hold that was set for a request.
type RequestHold struct {
	Hold string `json:"hold"` // id
	Footage
	InForce bool `json:"in_force"`
}

// RequestList are requests, those that were entered last first.
type RequestList struct {
	Requests []RequestInfo `json:"requests"`
}

// RequestDetail is a request with its course, and what whoever asks may do with it.
type RequestDetail struct {
	RequestInfo
	Course []RequestDone `json:"course"` // in order
	Steps  []RequestStep `json:"steps"`
	Here   []RequestHere `json:"here"` // how much there is of what is asked for; not for a token
}

// RequestHere is how much there is of a stretch of footage that is asked for. Of all cameras together there is one for each.
type RequestHere struct {
	Footage
	Recorded int64 `json:"recorded"` // seconds of it, without gaps
	Whole    bool  `json:"whole"`    // all of it is here, but for gaps of at most 2 seconds
}

// RequestDone is something that was done with a request.
type RequestDone struct {
	Entry int64  `json:"entry"` // that says who and why
	Op    string `json:"op"`    // its operation, such as request.approve
	At    moment `json:"at"`
	Scan  string `json:"scan,omitempty"` // SHA-256 of the scan of the paper that came with it
}

// RequestStep is a step, and whether whoever asks may do it now.
type RequestStep struct {
	Step   disclosure.Step `json:"step"`
	May    bool            `json:"may"`
	Single bool            `json:"single_handed"` // only with a written reason why one person does both
	Why    string          `json:"why,omitempty"` // why not, or why only with a reason, in the language asked for
}

// RequestReadingAsked is why somebody reads what a request says.
type RequestReadingAsked struct {
	Reason string `json:"reason,omitempty"` // if it is missing: to work on the request
}

// RequestTold is what the entries of a request say.
type RequestTold struct {
	Entry        int64             `json:"entry"` // that says who reads
	Content      RequestContent    `json:"content"`
	ContentEntry int64             `json:"content_entry"` // the entry that has it; an approval names it
	Destroyed    bool              `json:"destroyed"`     // the term of an entry is over, and what it said is gone
	Course       []RequestDoneTold `json:"course"`        // in order
}

// RequestDoneTold is something that was done with a request, with what its entry says.
type RequestDoneTold struct {
	RequestDone
	Person     string `json:"person,omitempty"` // name of who did it; none: the program
	Role       string `json:"role,omitempty"`
	Note       string `json:"note,omitempty"`          // reasons, or what was agreed, or said
	Recipient  string `json:"recipient,omitempty"`     // applicant, or who took it
	Known      string `json:"known,omitempty"`         // how the identity of who took it is known
	Medium     string `json:"medium,omitempty"`        // on which it was handed over
	Single     string `json:"single_reason,omitempty"` // why one person alone approved it
	Day        string `json:"day,omitempty"`           // that was agreed, or by the law
	Manifest   string `json:"manifest,omitempty"`      // SHA-256 of that of the package
	Viewing    int64  `json:"viewing,omitempty"`       // by which it was shown
	Unreadable string `json:"unreadable,omitempty"`    // why the entry can't be opened
}

// RequestSupplement is what a request says from now on: all of it, in the place of what it said.
type RequestSupplement struct {
	Content  RequestContent `json:"content"`
	Received moment         `json:"received,omitzero"` // by the controller; now if it is missing
	Scan     string         `json:"scan,omitempty"`    // of the paper that brought it
}

// RequestScan is the paper of an oral request.
type RequestScan struct {
	Scan   string `json:"scan"` // SHA-256 of its scan, which was uploaded before
	Remark string `json:"remark,omitempty"`
}

// RequestExtension gives a request another day.
type RequestExtension struct {
	Day    day    `json:"day"`
	Agreed string `json:"agreed"` // with whom and how
}

// RequestOwnLaw says that another law says how and until when a request is decided.
type RequestOwnLaw struct {
	Law string `json:"law"`
	Day day    `json:"day,omitzero"` // none: it gives none
}

// RequestApproval approves a request.
type RequestApproval struct {
	Content int64  `json:"content"`                 // the entry that has what was read: its content_entry
	Single  string `json:"single_reason,omitempty"` // why one person alone does so: nobody else is authorised, or it is urgent
	Remark  string `json:"remark,omitempty"`
}

// RequestRefusal refuses a request.
type RequestRefusal struct {
	Reasons string `json:"reasons"` // that the letter tells the applicant
}

// RequestWithdrawal is that of the applicant.
type RequestWithdrawal struct {
	Said string `json:"said"` // who withdrew it, and how
}

// ShowingList are viewings by which footage was shown for a request, the last first.
type ShowingList struct {
	Viewings []ShowingInfo `json:"viewings"`
}

// ShowingInfo is a viewing by which whoever asks showed footage for a request.
type ShowingInfo struct {
	Entry int64     `json:"entry"` // view.start
	At    moment    `json:"at"`
	Ended bool      `json:"ended"`
	Seen  []Footage `json:"seen"`          // what was delivered of what is asked for; known once it has ended
	May   bool      `json:"may"`           // the step show can name it
	Why   string    `json:"why,omitempty"` // why not, in the language asked for
}

// RequestShowing is how footage was shown on the premises, where a person concerned asked for that.
type RequestShowing struct {
	Recipient string    `json:"recipient"`         // name of who looked at it
	Known     string    `json:"known"`             // how the identity is known
	Viewing   int64     `json:"viewing"`           // its entry view.start: one of listShowings
	Footage   []Footage `json:"footage,omitempty"` // of what the viewing delivered; all of that, if it is missing
	Warned    bool      `json:"warned"`            // for what alone it may be used
	Remark    string    `json:"remark,omitempty"`
}

// RequestConfirmation is the recipient's.
type RequestConfirmation struct {
	How  string `json:"how"`
	Scan string `json:"scan,omitempty"` // of what was signed
}

// RequestStepped is what came of a step.
type RequestStepped struct {
	Entry   int64       `json:"entry"`
	Request RequestInfo `json:"request"` // as it is now
}

// LetterAsked is what a letter to an applicant is to have. Reading for whom it is is entered.
type LetterAsked struct {
	Number string `json:"number,omitempty"` // of the letter
}

// RequestForms says what there is to choose from when a request is entered.
type RequestForms struct {
	Kinds   []RequestKind  `json:"kinds"`
	Fields  []RequestWord  `json:"fields"` // that can be missing
	Data    []RequestWord  `json:"data"`
	Forms   []RequestWord  `json:"forms"`
	Warning string         `json:"warning"` // that every recipient is told expressly
	Scan    RequestScanMay `json:"scan"`
}

// RequestKind is a kind of request.
type RequestKind struct {
	Kind     disclosure.Kind    `json:"kind"`
	Text     string             `json:"text"`
	Ways     []disclosure.Way   `json:"ways"`
	Required []disclosure.Field `json:"required"`
	Bases    []RequestBasis     `json:"bases"`
}

// RequestBasis is a legal basis.
type RequestBasis struct {
	ID   disclosure.BasisID `json:"id"`
	Text string             `json:"text"`
	Says bool               `json:"says"` // it takes words of its own: which article, number or law
}

// RequestWord is something to choose, with its words.
type RequestWord struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// RequestScanMay is what a scan may be.
type RequestScanMay struct {
	Media []string `json:"media"`
	Most  int64    `json:"most"` // bytes
}

// DisclosuresAsked is which disclosures: from a day on the site until the end of another.
type DisclosuresAsked struct {
	From day `json:"from,omitzero"` // the first of all if it is missing
	To   day `json:"to,omitzero"`   // today if it is missing
}

// DisclosureList is the disclosure register.
type DisclosureList struct {
	Disclosures []DisclosureInfo `json:"disclosures"` // in order
	Restored    []RestoredInfo   `json:"restored"`    // since the first day: what left between a copy and its restore is not here
}

// DisclosureInfo is a line of the disclosure register: what was handed over, when and on what basis.
type DisclosureInfo struct {
	Request   string             `json:"request"`
	Kind      disclosure.Kind    `json:"kind"`
	Basis     disclosure.BasisID `json:"basis"`
	Text      string             `json:"basis_text"`         // its name, in the language asked for
	At        moment             `json:"at"`                 // of the first delivery, or when it was shown
	Footage   []Footage          `json:"footage"`            // that left, or was shown
	Asked     []Footage          `json:"asked"`              // that the request asks for
	Manifest  string             `json:"manifest,omitempty"` // SHA-256, in hexadecimal; none where it was shown
	Single    bool               `json:"single_handed"`
	Withdrawn bool               `json:"withdrawn,omitempty"` // the request was withdrawn afterwards
	Entry     int64              `json:"entry"`               // handover of the first delivery, view.start of the first viewing, request.handover or request.shown
	Handover  int64              `json:"handover,omitempty"`  // request.handover or request.shown; none: nobody has entered it yet

	Deliveries []Delivery `json:"deliveries"` // in order
}

// DisclosuresReadingAsked is which disclosures somebody reads, with whom they were for, and why.
type DisclosuresReadingAsked struct {
	DisclosuresAsked
	Reason string `json:"reason"`
}

// DisclosuresTold are lines of the disclosure register with what their entries say.
type DisclosuresTold struct {
	Entry       int64            `json:"entry"` // that says who reads
	Disclosures []DisclosureTold `json:"disclosures"`
	More        bool             `json:"more"`     // there are more: ask for fewer days
	Restored    []RestoredInfo   `json:"restored"` // since the first day: what left between a copy and its restore is not here
}

// DisclosureTold is a line of the disclosure register, complete.
type DisclosureTold struct {
	DisclosureInfo
	Content   RequestContent `json:"content"`   // what was asked: applicant, basis, purpose, case
	Recipient string         `json:"recipient"` // who took it; until the handover is entered, for whom the first delivery was
	Medium    string         `json:"medium,omitempty"`
	Person    string         `json:"person"`    // name of who handed it over
	Destroyed bool           `json:"destroyed"` // the term of an entry is over, and what it said is gone
}

// DisclosedList is footage of a camera that was handed over, or shown.
type DisclosedList struct {
	Disclosed []DisclosedMark `json:"disclosed"` // by its beginning
}

// DisclosedMark is one stretch of it.
type DisclosedMark struct {
	span
	Request string `json:"request"`
	At      moment `json:"at"`    // when it first left, or was shown
	Entry   int64  `json:"entry"` // handover, request.handover or request.shown
}

// ScanInfo is a scan that was uploaded. It dies in a day unless a request or a step names it.
type ScanInfo struct {
	Scan  string `json:"scan"` // its SHA-256, in hexadecimal
	Media string `json:"media"`
	Bytes int64  `json:"bytes"`
}
