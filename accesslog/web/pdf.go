package web

import "bytes"

const pdfType = "application/pdf"

// pdf answers with a paper that is kept as a file.
func (c *call) pdf(name string, paper *bytes.Buffer) error {
	c.w.Header().Set("Content-Disposition", `attachment; filename="`+name+`.pdf"`)
	return c.bytes(pdfType, paper.Bytes())
}
