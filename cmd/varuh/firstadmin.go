package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"varuh/accesslog"
	"varuh/accesslog/diary"
	"varuh/accesslog/people"
	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// firstAdmin is the first person of a new appliance.
type firstAdmin struct {
	Admin    string        `help:"Log-in name of the first person, who adds the others. With unlock: login the keys are wrapped for that one at once." placeholder:"LOGIN"`
	Name     string        `help:"Name of the first person." placeholder:"NAME"`
	Language string        `help:"Language of the first person, sl or en." enum:"sl,en" default:"sl"`
	Role     []people.Role `help:"Roles of the first person, administrator among them. Default: those of a head in a school of three." default:"administrator,approver,caretaker" placeholder:"ROLE"`
	Paper    string        `help:"Day on which the first person signed the authorisation and the statement of confidentiality." placeholder:"DAY"`
}

// given tells whether anything was said of a first person. The language has no bearing by itself.
func (a firstAdmin) given() bool {
	usual := a.Role == nil || slices.Equal(a.Role, []people.Role{people.Administrator, people.Approver, people.Caretaker})
	return a.Admin != "" || a.Name != "" || a.Paper != "" || !usual
}

// asked is the first person, with a password that was typed twice; nil for nobody. What can be refused is refused here,
// before anything is made.
func (a firstAdmin) asked(term terminal) (*people.First, error) {
	if a.Admin == "" && a.Name == "" && a.Paper == "" {
		return nil, nil
	}
	if a.Admin == "" || a.Name == "" || a.Paper == "" {
		return nil, errors.New("the first person takes --admin LOGIN, --name NAME and --paper DAY")
	}
	f := people.First{Person: people.Person{Login: a.Admin, Name: a.Name, Language: a.Language}, Roles: a.Role}
	var err error
	if f.Paper, err = momentOf(time.Local, "--paper", a.Paper); err != nil {
		return nil, err
	}
	if now := time.Now(); f.Paper.After(now) {
		return nil, fmt.Errorf("--paper %s: signed on a day to come; the clock here says %s", a.Paper, stamp(now))
	}
	if f.Password, err = askNew(term, a.Admin); err != nil {
		return nil, err
	}
	return &f, f.Check()
}

// opens tells whether the roles of the first person open both footage and diary.
func (a firstAdmin) opens() bool {
	var footage, diary bool
	for _, r := range a.Role {
		footage, diary = footage || people.Allows(r, people.Play), diary || people.Allows(r, people.ReadDiary)
	}
	return footage && diary
}

// enterFirst adds the first person to a new diary, with the keys that are in memory this once wrapped for that one if a
// log-in is what opens them.
func enterFirst(ctx context.Context, d *diary.Diary, f people.First, keys readingKeys, wrapped bool) error {
	o := people.Options{Diary: d, Cost: passwordCost}
	if wrapped {
		held := accesslog.NewKeys(accesslog.KeyOptions{FS: durable.OS, Now: time.Now,
			Store: func(keyring.ID) (none footage.Store, ok bool) { return none, false },
			InUse: func(w people.Which) keyring.KeyID { return keys[w].Public().ID() }})
		for w, k := range keys {
			held.Take(w, keyring.Identity{k})
		}
		o.Keys = held
	}
	r, err := people.New(ctx, o)
	if err == nil {
		_, err = r.First(ctx, f)
	}
	if err != nil {
		return fmt.Errorf("the first person could not be entered: %w", err)
	}
	return nil
}

// toldFirst says who opens a new appliance.
func (c initCmd) toldFirst() string {
	switch {
	case c.Key != "":
		return fmt.Sprintf("The private reading key is in %s; it opens footage on this appliance.", c.Key)
	case c.Admin == "":
		return "Nobody can log in yet, so only the recovery words open footage and diary (unlock: login). Make the first person before anything is to be " +
			"looked at: varuh person first, which asks for the words."
	case !c.opens():
		return fmt.Sprintf("%s logs in and adds the others. The roles given open not both footage and diary, so that only the recovery words do (unlock: login): "+
			"once the others are there, varuh unlock --envelope opens them this once, and each who may gets the keys at the next log-in.", c.Admin)
	}
	return fmt.Sprintf("%s opens footage and diary by logging in (unlock: login), and adds the others. Nobody else can yet but whoever has the recovery words.", c.Admin)
}
