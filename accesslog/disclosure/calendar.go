package disclosure

import "time"

// fixed are the days of each year on which nobody works: Zakon o praznikih in dela prostih dnevih v Republiki Sloveniji
// (ZPDPD, Uradni list RS 112/05, last changed by 92/20), as in force since 2017, which gave 2 January back. Holidays on which
// people work, such as 8 June and 23 November, are not among them.
var fixed = map[[2]int]string{
	{1, 1}: "novo leto", {1, 2}: "novo leto", {2, 8}: "Prešernov dan", {4, 27}: "dan upora proti okupatorju",
	{5, 1}: "praznik dela", {5, 2}: "praznik dela", {6, 25}: "dan državnosti", {8, 15}: "Marijino vnebovzetje",
	{10, 31}: "dan reformacije", {11, 1}: "dan spomina na mrtve", {12, 25}: "božič", {12, 26}: "dan samostojnosti in enotnosti",
}

// movable are those that follow Easter Sunday by so many days.
var movable = map[int]string{0: "velika noč", 1: "velikonočni ponedeljek", 49: "binkošti"}

// WorkFree is the name of the holiday on whose day, by the clock of its zone, nobody works; "" for none.
// Saturdays and Sundays are no holidays.
func WorkFree(day time.Time) string {
	year, month, date := day.Date()
	if name := fixed[[2]int{int(month), date}]; name != "" {
		return name
	}
	if month < time.March || month > time.June {
		return ""
	}
	this := time.Date(year, month, date, 0, 0, 0, 0, time.UTC)
	return movable[int(this.Sub(easter(year))/(24*time.Hour))]
}

// Working tells whether people work on the day of a time, by the clock of its zone.
func Working(day time.Time) bool {
	return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday && WorkFree(day) == ""
}

// easter is Easter Sunday in the Gregorian calendar, at midnight UTC, by the algorithm of Meeus, Jones and Butcher.
func easter(year int) time.Time {
	a, b, c := year%19, year/100, year%100
	d, e, f := b/4, b%4, (b+8)/25
	g := (b - f + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return time.Date(year, time.Month(n/31), n%31+1, 0, 0, 0, 0, time.UTC)
}
