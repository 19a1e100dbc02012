package configs

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
)

// ExampleNotice is the commented example of a notice's file.
//
//go:embed notice.yml
var ExampleNotice string

// Notice is a notice on video surveillance as a person writes it down, to be entered. It is no part of the
// configuration: what is in force is in the diary. The example says what the keys mean.
type Notice struct {
	Controller  Party     `yaml:"controller"`
	Officer     Officer   `yaml:"officer"`
	Area        Text      `yaml:"area"`
	Purposes    []Purpose `yaml:"purposes"`
	Recipients  Text      `yaml:"recipients"`
	Kept        Text      `yaml:"kept"`
	Effects     Text      `yaml:"effects"`
	Live        bool      `yaml:"live"`
	Speaks      bool      `yaml:"speaks"`
	Countries   Text      `yaml:"countries"`
	Other       Text      `yaml:"other"`
	Audio       bool      `yaml:"audio"`
	AudioReason Text      `yaml:"audio_reason"`
}

// Party is the controller.
type Party struct {
	Name    string `yaml:"name"`
	Address string `yaml:"address"`
	Phone   string `yaml:"phone"`
	Email   string `yaml:"email"`
	Web     string `yaml:"web"`
}

// Officer is the data protection officer.
type Officer struct {
	None  bool   `yaml:"none"`
	Name  string `yaml:"name"`
	Phone string `yaml:"phone"`
	Email string `yaml:"email"`
}

// Text is the same in both languages.
type Text struct {
	Sl string `yaml:"sl"`
	En string `yaml:"en"`
}

// Purpose is what footage may be looked at for.
type Purpose struct {
	ID    string `yaml:"id"`
	Sl    string `yaml:"sl"`
	En    string `yaml:"en"`
	Basis string `yaml:"basis"`
}

// ReadNotice reads a notice from a file. Mistakes in it are returned as [Problems]; what is missing is none.
func ReadNotice(name string) (n Notice, err error) {
	data, err := read(name)
	if errors.Is(err, fs.ErrNotExist) {
		return n, fmt.Errorf("there is no file %s; varuh notice example > FILE writes one to begin with", name)
	}
	if err != nil {
		return n, err
	}
	if d := decode(name, data, &n); len(d.problems) > 0 {
		return n, d.problems.sorted()
	}
	return n, nil
}
