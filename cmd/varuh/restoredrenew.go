package main

import (
	"context"
	"fmt"

	"varuh/accesslog/diary"
	"varuh/accesslog/people"
	"varuh/recorder"
	"varuh/retention/copies"
)

// opRenewed is the entry by which everybody has to choose another password, which package people writes.
const opRenewed = "person.recover"

// renewRestored enters, for an appliance that was made again from a backup, that the recovery key was used: everybody has to
// choose another password, and tokens of authorities end, for those in a backup may have been taken from their persons since. It
// is done once two persons have accepted that the diary went back, which comes first, and once for each restore. reg has no keys.
func renewRestored(ctx context.Context, d *diary.Diary, reg *people.Register) error {
	if d.Fault() != nil {
		return nil // no log-in opens anything meanwhile, see doubtedKeys
	}
	list, err := d.EntriesOf(ctx, copies.OpRestore, opRenewed)
	if err != nil || len(list) == 0 || list[len(list)-1].Op != copies.OpRestore {
		return err
	}
	persons, err := reg.Persons(ctx)
	if err != nil || len(persons) == 0 {
		return err
	}
	by := fmt.Sprintf("whoever restored the appliance, by entry %d", list[len(list)-1].Index)
	if err := reg.Recover(ctx, people.Recovery{By: by, Reason: "the appliance was made again from a backup"}); err != nil {
		return fmt.Errorf("couldn't make the passwords that came out of the backup to be changed: %w", err)
	}
	return nil
}

// renewRestored is the same at the first use of the persons of an appliance that says it was restored. The caller holds mu.
func (o *office) renewRestored(ctx context.Context) error {
	if !o.restored {
		return nil
	}
	reg, err := people.New(ctx, people.Options{Diary: o.diary, Now: o.boot.Now})
	if err != nil {
		return err
	}
	return renewRestored(ctx, o.diary, reg)
}

// renewed sees to that at once after the diary was accepted; a crash before it leaves it to the first use of persons.
func (s *site) renewed(ctx context.Context, d *diary.Diary) error {
	boot, err := recorder.ThisBoot()
	if err != nil {
		return err
	}
	return s.inOffice(ctx, boot, nil, d, func(o *office) error {
		_, err := o.persons(ctx)
		return err
	})
}
