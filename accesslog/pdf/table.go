package pdf

// Column is one of a table; the widths of all are in proportion.
type Column struct {
	Label Text
	Wide  float64
}

// Table has the names of its columns on each page that it goes on to. A row has a text for each column.
func (p *Paper) Table(columns []Column, rows [][]Text) {
	at := edges(columns)
	p.room(22)
	p.names(columns, at)
	for _, row := range rows {
		cells, most := make([][]piece, len(columns)), 0
		for i := range columns {
			cells[i] = p.pieces(row[i], at[i+1]-at[i]-3)
			most = max(most, len(cells[i]))
		}
		p.row(columns, at, cells, most)
	}
	p.y += 2
}

// edges are where columns begin, and the last one ends.
func edges(columns []Column) []float64 {
	all, at := 0.0, []float64{left}
	for _, c := range columns {
		all += c.Wide
	}
	for i, c := range columns {
		at = append(at, at[i]+c.Wide*across/all)
	}
	return at
}

// piece is a line of a cell.
type piece struct {
	style style
	text  string
}

func (p *Paper) pieces(t Text, wide float64) (list []piece) {
	for i, text := range []string{t.SL, t.EN} {
		s := []style{{8.5, false, black}, {6.5, false, grey}}[i]
		for _, line := range p.wrap(s, text, wide) {
			if i == 0 || line != "" {
				list = append(list, piece{s, line})
			}
		}
	}
	return list
}

// row draws one. A short one stays together; a long one goes on to the next page.
func (p *Paper) row(columns []Column, at []float64, cells [][]piece, most int) {
	high, all := make([]float64, most), 1.6
	for n := range high {
		for _, c := range cells {
			if n < len(c) {
				high[n] = max(high[n], c[n].style.line())
			}
		}
		all += high[n]
	}
	if all < 60 && p.y+all > p.end {
		p.page()
		p.names(columns, at)
	}
	p.y += 0.8
	for n := range high {
		if p.y+high[n] > p.end {
			p.page()
			p.names(columns, at)
		}
		for i := range columns {
			if n < len(cells[i]) {
				p.block(cells[i][n].style, at[i]+1.5, p.y, []string{cells[i][n].text})
			}
		}
		p.y += high[n]
	}
	p.y += 0.8
	p.line(left, p.y, width-right, faint)
}

func (p *Paper) names(columns []Column, at []float64) {
	l, g := style{8, true, black}, style{6.5, false, grey}
	high := l.line() + g.line() + 1.6
	p.fill(mist, left, p.y, across, high)
	for i, c := range columns {
		y := p.block(l, at[i]+1.5, p.y+0.6, []string{p.plain(c.Label.SL)})
		p.block(g, at[i]+1.5, y-0.3, []string{p.plain(c.Label.EN)})
	}
	p.y += high
	p.line(left, p.y, width-right, pale)
}
