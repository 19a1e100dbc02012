package notice

import "time"

// Text is the same in both languages.
type Text struct {
	Sl string `json:"sl"`
	En string `json:"en"`
}

// In is the text in a language, "sl" or "en". Where the English one is missing it is the Slovenian one.
func (t Text) In(language string) string {
	if language == "en" && t.En != "" {
		return t.En
	}
	return t.Sl
}

// Purpose is what footage may be looked at for.
type Purpose struct {
	ID    string `json:"id"` // of a to z, 0 to 9 and -; with "law:" in front where a law gives it
	Sl    string `json:"sl"`
	En    string `json:"en"`
	Basis string `json:"basis"` // the legal basis, with the article
}

// Statutory tells whether a law gives the purpose, and not a notice.
func (p Purpose) Statutory() bool {
	return len(p.ID) > len(lawPrefix) && p.ID[:len(lawPrefix)] == lawPrefix
}

// In is the purpose's wording in a language, "sl" or "en".
func (p Purpose) In(language string) string { return Text{p.Sl, p.En}.In(language) }

// Party is the controller, with where a person turns to about his rights. One of phone, e-mail and web address is enough.
type Party struct {
	Name    string `json:"name,omitempty"`
	Address string `json:"address,omitempty"`
	Phone   string `json:"phone,omitempty"`
	Email   string `json:"email,omitempty"`
	Web     string `json:"web,omitempty"` // of a page with the whole text, see WebText; with https://
}

// Officer is the data protection officer (pooblaščena oseba). Phone or e-mail is enough; his name may be missing.
type Officer struct {
	None  bool   `json:"none,omitempty"` // the controller has none and need not have one
	Name  string `json:"name,omitempty"`
	Phone string `json:"phone,omitempty"`
	Email string `json:"email,omitempty"`
}

// Content is what a notice says (ZVOP-2 art. 76(4), GDPR art. 13).
type Content struct {
	Controller Party     `json:"controller"`
	Officer    Officer   `json:"officer"`
	Area       Text      `json:"area"` // what is watched, such as the main entrance
	Purposes   []Purpose `json:"purposes"`
	Recipients Text      `json:"recipients"` // who may get footage, such as a contractual security service
	Kept       Text      `json:"kept"`       // how long footage is kept
	Effects    Text      `json:"effects"`    // special effects, above all of further processing

	// Unusual further processing. If none of these is there, the notice says that there is none.
	Live      bool `json:"live,omitempty"`   // the cameras are watched live
	Speaks    bool `json:"speaks,omitempty"` // who watches live may speak into the area
	Countries Text `json:"countries"`        // recipients in third countries, and the safeguards
	Other     Text `json:"other"`            // anything else that people would not expect

	Audio       bool `json:"audio,omitempty"` // sound is recorded, too
	AudioReason Text `json:"audio_reason"`    // why that is strictly necessary
}

// Decision is the head's written decision to introduce video surveillance (ZVOP-2 art. 76).
type Decision struct {
	Number  string
	Date    time.Time // midnight UTC of its day
	Reasons string
	Entry   int64 // notice.decide
}

// SignOff is a list of employees who were informed in writing of a notice (ZVOP-2 art. 77). Their names are in the
// entry, see [Names].
type SignOff struct {
	Date  time.Time // midnight UTC of the day of the last signature
	Count int
	All   bool  // with it, all who work in the area are informed
	Entry int64 // notice.informed
}

// Notice is the version in force for a camera at a moment.
type Notice struct {
	ID string
	Content
	From         time.Time
	To           time.Time // not included; zero while neither an end nor a next version is known
	Replaced     string    // id of the version that took its place from its beginning on, so that it is never in force; or ""
	Entered      time.Time // by the appliance's clock
	EnteredLater bool      // it was entered after it began: the entry says who states that the sign hung since
	Entry        int64     // notice.add
	Decision     *Decision // for the camera, that was in effect then; nil for none
	Informed     []SignOff // oldest first
}

// AllowsLive tells whether the camera may be watched live.
func (n Notice) AllowsLive() bool { return n.Live && n.Complete() }

// AllowsAudio tells whether sound may be recorded.
func (n Notice) AllowsAudio() bool { return n.Audio && n.Complete() }
