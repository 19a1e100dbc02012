package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"

	"varuh/configs"
	"varuh/recorder"
	"varuh/recorder/footage"
	"varuh/retention"
)

// promiseOrder asks how deep the disks carry, by the bitrates seen, if these policies were in force.
type promiseOrder struct {
	Policies map[string]retention.Policy // by camera
}

var askPromises = asking[promiseOrder, []retention.Depth]{"/promises", "", false, (*eraser).promises}

// promises computes how deep the disks carry. It needs no diary: what is held is counted only where one is open.
func (e *eraser) promises(_ context.Context, o promiseOrder) ([]retention.Depth, error) {
	now := e.time.boot.Now()
	seen, policies := rates{since: now.Add(-lately), of: map[string]rate{}}, retention.Policies{}
	for s, err := range e.index.All() {
		if err != nil {
			return nil, err
		}
		if !s.Start.IsZero() {
			seen.add(s)
		}
	}
	var cameras []string
	for id, p := range o.Policies {
		cameras = append(cameras, id)
		policies[id] = []retention.Version{{Policy: p}}
	}
	capacity, err := e.capacity()
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	_, held := e.stand.held()
	e.mu.Unlock()
	return retention.Depths(now, capacity, held, seen.loads(now, policies, cameras)), nil
}

// promised says which promises of a configuration the disks do not carry. Nothing is said of an appliance that is not
// made yet.
func promised(ctx context.Context, cli *cli, term terminal, cfg *configs.Config) (warnings []string, err error) {
	o, any := promiseOrder{Policies: map[string]retention.Policy{}}, false
	for _, c := range cfg.Cameras {
		o.Policies[c.ID] = retention.Policy{Limit: c.Limit, Keep: c.Keep}
		any = any || !c.Keep.IsZero()
	}
	if !any {
		return nil, nil
	}
	var depths []retention.Depth
	err = onSite(ctx, cli, term, func(s *site) (err error) {
		boot, err := recorder.ThisBoot()
		if err != nil {
			return err
		}
		index, err := footage.Open(indexFile(s.cfg.State))
		if err != nil {
			return err
		}
		log := slog.New(slog.DiscardHandler)
		depths, err = newEraser(s, index, &timekeeper{boot: boot, log: log}, log).promises(ctx, o)
		return errors.Join(err, index.Close())
	}, func(state string) error {
		body, err := json.Marshal(o)
		if err != nil {
			return err
		}
		answer, err := ask(ctx, state, "POST", askPromises.path, bytes.NewReader(body))
		if err != nil {
			return err
		}
		defer answer.Close() // only read
		return decodeAnswer(answer, &depths)
	})
	for _, d := range depths {
		warnings = append(warnings, d.Warnings...)
	}
	return warnings, err
}
