package web

import (
	"errors"
	"fmt"

	"varuh/accesslog/diary"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/packing"
	"varuh/accesslog/people"
)

// packageRoutes have packages built and handed over. No byte of one leaves before the entry of its disclosure, and that of
// the delivery.
var packageRoutes = []route{
	{"GET", "/packages", "listPackages", may(people.Extract, people.Approve), takes((*Site).packages), "The packages in scope that are there or being built."},
	{"GET", "/requests/{request}/package", "readPackage", may(people.Extract, people.Approve), gives((*Site).onePackage), "The last package of a request, and how far it has come."},
	{"POST", "/requests/{request}/build", "buildPackage", may(people.Extract), takes((*Site).buildPackage), "Has the package of an approved request built. Others are built before it."},
	{"DELETE", "/requests/{request}/package", "cancelPackage", may(people.Extract), gives((*Site).cancelPackage).ending(), "Ends the building of a package: nothing of it is left."},
	{"POST", "/requests/{request}/package/downloads", "takePackage", may(people.Extract), takes((*Site).takePackage),
		"Enters that a package is taken out, and for whom; then it can be downloaded once, by the same session, within ten minutes."},
	{"GET", "/requests/{request}/package/downloads/{download}", "downloadPackage", may(people.Extract), writes("application/zip", (*Site).downloadPackage).streaming(),
		"Gives a package that was taken out as a ZIP file, once."},
	{"POST", "/requests/{request}/package/record", "packageRecord", may(people.Extract), writes(pdfType, (*Site).packageRecord),
		"Gives the handover record of a package, to be printed and signed: of the last delivery by which all of it left, or with lines to write on while none did. That whoever asks reads what the request says is entered."},
	{"POST", "/requests/{request}/handover", "handOverPackage", may(people.Extract), takes((*Site).handOverPackage),
		"Enters that a package which was taken out was handed over: to whom, on what medium, and that he was warned."},
}

// PackagesAsked is which packages.
type PackagesAsked struct {
	Ended   bool   `json:"ended,omitempty"`   // those that ended, too
	Request string `json:"request,omitempty"` // the last one of a request alone, whether it ended or not
}

func (s *Site) packages(c *call, in PackagesAsked) (PackageList, error) {
	out := PackageList{Packages: []PackageInfo{}}
	list, err := s.jobs(c, in)
	if err != nil {
		return out, err
	}
	here := c.here()
	for _, job := range list {
		q, err := s.o.Requests.Request(c.Context(), job.Request)
		if err != nil {
			return out, err
		}
		if s.o.Requests.Sees(here, q) != nil {
			continue
		}
		info, err := s.packageInfo(c, job, q)
		if err != nil {
			return out, err
		}
		out.Packages = append(out.Packages, info)
	}
	return out, nil
}

// jobs are the packages that are asked for, whoever may see them.
func (s *Site) jobs(c *call, in PackagesAsked) ([]packing.Job, error) {
	if in.Request == "" {
		return s.o.Packages.List(c.Context(), in.Ended)
	}
	job, err := s.o.Packages.Job(c.Context(), in.Request)
	if errors.Is(err, packing.ErrUnknown) {
		return nil, nil
	}
	return []packing.Job{job}, err
}

func (s *Site) onePackage(c *call) (PackageInfo, error) {
	q, err := s.request(c)
	if err != nil {
		return PackageInfo{}, err
	}
	job, err := s.o.Packages.Job(c.Context(), q.ID)
	if err != nil {
		return PackageInfo{}, err
	}
	return s.packageInfo(c, job, q)
}

// packageInfo is a package as people are told of it.
func (s *Site) packageInfo(c *call, job packing.Job, q disclosure.Request) (PackageInfo, error) {
	info := PackageInfo{Request: job.Request, Entry: job.ID, Step: job.Step, Done: job.Done, Of: job.Of, Clips: job.Clips, Since: moment{job.Since},
		Bytes: job.Bytes, Manifest: job.Manifest, Disclose: job.Disclose, Delivered: footageOf(job.Delivered), Sound: job.Sound, Ended: job.Ended, Why: job.Why,
		Warning: disclosure.Warning.In(c.language), Links: s.o.Published != ""}
	if job.Error != nil {
		info.Failed = c.why(job.Error)
	}
	var err error
	if info.Deliveries, err = s.deliveries(c, q.ID); err != nil {
		return info, err
	}
	if job.Disclose != 0 {
		if info.Taken, err = s.o.Packages.Taken(c.Context(), job.Package); err != nil {
			return info, err
		}
	}
	if job.Staged() {
		info.Until = moment{packing.Until(job.Package, q)}
	}
	by, ok, err := s.o.Requests.BuildBy(c.Context(), q)
	if ok {
		info.BuildBy = moment{by}
	}
	return info, err
}

// deliveries are those of a request as people are told of them.
func (s *Site) deliveries(c *call, request string) ([]Delivery, error) {
	out := []Delivery{}
	list, err := s.o.Packages.Deliveries(c.Context(), request)
	for _, d := range list {
		out = append(out, Delivery{Entry: d.Entry, Package: d.Package, Way: d.Way, Link: d.Link, At: moment{d.At}, End: d.Ended, Over: moment{d.Over}, Result: d.How, Bytes: d.Bytes, Files: d.Files})
	}
	return out, err
}

func (s *Site) buildPackage(c *call, in PackageAsked) (PackageInfo, error) {
	return s.withPackage(c, func(who people.Session, q disclosure.Request) error {
		_, err := s.o.Packages.Order(c.Context(), who, q.ID, packing.Asked{Sound: in.Sound, Ground: string(in.Ground), Remark: in.Remark})
		return err
	})
}

func (s *Site) cancelPackage(c *call) (PackageInfo, error) {
	return s.withPackage(c, func(who people.Session, q disclosure.Request) error {
		_, err := s.o.Packages.Cancel(c.Context(), who, q.ID)
		return err
	})
}

// withPackage does something about the package of the request in the path, and tells what has become of it.
func (s *Site) withPackage(c *call, do func(people.Session, disclosure.Request) error) (PackageInfo, error) {
	q, err := s.request(c)
	if err == nil {
		err = do(c.here(), q)
	}
	if err != nil {
		return PackageInfo{}, err
	}
	return s.onePackage(c)
}

func (s *Site) takePackage(c *call, in PackageTaking) (PackageReady, error) {
	q, err := s.request(c)
	if err != nil {
		return PackageReady{}, err
	}
	r, err := s.o.Packages.Prepare(c.Context(), c.here(), q.ID, packing.Taking{Way: packing.Download, Recipient: in.Recipient, Medium: in.Medium, Encrypted: in.Encrypted,
		Warned: in.Warned, Remark: in.Remark})
	if err != nil {
		return PackageReady{}, err
	}
	return PackageReady{Entry: r.Entry, Download: fmt.Sprintf("/requests/%s/package/downloads/%s", q.ID, r.ID), Passphrase: r.Passphrase, Until: moment{r.Until},
		Warning: disclosure.Warning.In(c.language)}, nil
}

// downloadPackage gives the package. What comes to no end is cut off, so that nobody takes a part for the whole.
func (s *Site) downloadPackage(c *call, _ nothing) error {
	q, err := s.request(c)
	if err != nil {
		return err
	}
	out, err := s.o.Packages.Fetch(c.Context(), c.here(), q.ID, c.PathValue("download"))
	if err != nil {
		return err
	}
	return c.hands(out, "paket-"+q.ID+".zip")
}

// hands gives a package on its way out, and closes it: whole once its last byte is written.
func (c *call) hands(out *packing.Out, name string) (err error) {
	defer func() { err = errors.Join(err, out.Close()) }()
	c.w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	to := &outlet{call: c, media: "application/zip", size: -1}
	if err = to.end(out.Zip(c.Context(), to)); err == nil {
		out.Whole()
	}
	return err
}

func (s *Site) handOverPackage(c *call, in PackageHandover) (RequestStepped, error) {
	return s.stepped(c, func(who people.Session, q disclosure.Request) (diary.Receipt, error) {
		return s.o.Packages.HandOver(c.Context(), who, q.ID, disclosure.Handing{Recipient: in.Recipient, Known: in.Known, Medium: in.Medium, Warned: in.Warned, Remark: in.Remark})
	})
}
