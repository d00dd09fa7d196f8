package demo

import (
	"math/rand/v2"
	"strconv"
)

// A writer makes one operator's lines.
type writer struct {
	*rand.Rand
	operator *operator
	line     []byte
}

// kinds are what happens in a control centre, with how often it does: of 100
// lines, weight are of that kind.
var kinds = []struct {
	weight int
	write  func(*writer)
}{
	{22, (*writer).measurement},
	{16, (*writer).schedule},
	{14, (*writer).frequency},
	{13, (*writer).switching},
	{12, (*writer).alarm},
	{8, (*writer).balancing},
	{6, (*writer).shift},
	{5, (*writer).outage},
	{4, (*writer).trip},
}

// entry appends one line after its time.
func (w *writer) entry() {
	n := w.IntN(100)
	for _, k := range kinds {
		if n -= k.weight; n < 0 {
			k.write(w)
			return
		}
	}
}

func (w *writer) measurement() {
	w.say(" INFO telemetry ", w.operator.zone, " station ", w.station(), " 400 kV busbar ", w.pick("A", "B", "C"), ": voltage ")
	w.decimal(395, 421)
	w.say(" kV, load ")
	w.whole(40, 1200)
	w.say(" MW, transformer T")
	w.whole(1, 6)
	w.say(" oil temperature ")
	w.whole(31, 88)
	w.say(" degrees, ", w.pick("all values within limits", "no deviation from the forecast", "trend rising slowly",
		"trend falling", "the reading agrees with the state estimator", "quality flag good"))
}

func (w *writer) schedule() {
	to := w.neighbour()
	w.say(" INFO schedule cross-border schedule ", w.operator.zone, "-", to, " for hour ")
	w.whole(0, 23)
	w.say(" confirmed: ", w.pick("export ", "import "))
	w.whole(0, 1700)
	w.say(" MW of ")
	w.whole(600, 1800)
	w.say(" MW capacity, ", w.pick("day-ahead", "intraday", "intraday", "balancing"), " market, ",
		w.pick("counterpart agrees", "counterpart's value matches ours", "no congestion expected",
			"the ramping limit is reached in the first quarter", "congestion rent applies", "revised after the neighbour's request"))
}

func (w *writer) frequency() {
	deviation := w.IntN(161) - 80
	level, word := " INFO", "normal band"
	if deviation < -60 || deviation > 60 {
		level, word = " WARN", w.pick("outside the standard range", "automatic reserve activated", "frequency containment reserve at its limit")
	}
	w.say(level, " frequency deviation of ")
	w.line = strconv.AppendInt(w.line, int64(deviation), 10)
	w.say(" mHz in ", w.operator.zone, ", system frequency ")
	w.line = strconv.AppendFloat(w.line, 50+float64(deviation)/1000, 'f', 3, 64)
	w.say(" Hz, area control error ")
	w.whole(0, 240)
	w.say(" MW, ", word)
}

func (w *writer) switching() {
	w.say(" INFO switching order ")
	w.whole(1000, 9999)
	w.say(" at ", w.station(), ": ", w.pick("open", "close", "open", "close", "earth", "release"), " ",
		w.pick("breaker", "disconnector", "bus coupler", "earthing switch"), " Q")
	w.whole(1, 90)
	w.say(" of line ", w.station(), "-", w.station(), ", ordered by ", w.person(), ", ",
		w.pick("confirmed by the substation", "executed without remarks", "waiting for the field crew's confirmation",
			"refused by the interlocking", "cancelled because the crew isn't clear of the line", "executed by remote control"))
}

func (w *writer) alarm() {
	w.say(w.pick(" WARN", " WARN", " WARN", " ERROR"), " alarm ", w.pick("raised", "raised", "acknowledged", "cleared"), " at station ", w.station(), ": ",
		w.pick("transformer overload", "SF6 pressure low", "battery voltage low", "loss of telemetry", "distance protection started",
			"line overload", "cooling fan failure", "door open", "earth fault", "tap changer out of step", "busbar voltage high"),
		", priority ")
	w.whole(1, 4)
	w.say(", ", w.pick("operator "+w.person()+" informed", "the alarm doesn't need action now", "maintenance crew called",
		"same alarm as yesterday", "the operator's acknowledgement is pending", "no action taken", "under observation"))
}

func (w *writer) balancing() {
	w.say(" INFO balancing ", w.pick("up", "down"), "-regulation of ")
	w.whole(5, 320)
	w.say(" MW ", w.pick("activated", "ordered", "ended"), " at ", w.plant(), " for ", w.operator.zone, ", price ")
	w.decimal(-40, 290)
	w.say(" EUR per MWh, ", w.pick("wind forecast error", "load higher than forecast", "trip in a neighbouring area",
		"imbalance netting with "+w.neighbour(), "ramping of the interconnector"))
}

func (w *writer) shift() {
	w.say(" INFO log ", w.pick(
		"shift handed over from "+w.person()+" to "+w.person()+", nothing unusual to report",
		"it's quiet; the weather service warns of wind and ice on lines near "+w.station()+" tonight",
		"telephone call with the control centre of "+w.neighbour()+" about tomorrow's outage of line "+w.station()+"-"+w.station(),
		w.person()+": the crew at "+w.station()+" won't be finished before the evening, the line stays out of service",
		"restoration plan reviewed; black start at "+w.plant()+" tested with success",
		"“dry run” of the new operator’s training scenario ended, "+w.operator.zone+" back to normal operation"))
}

func (w *writer) outage() {
	w.say(" INFO outage planned outage ")
	w.whole(100, 999)
	w.say(" of ", w.pick("line ", "cable ", "transformer bay "), w.station(), "-", w.station(), " ",
		w.pick("begins", "ends", "is moved to next week", "is extended", "is approved by "+w.neighbour()), ", capacity to ", w.neighbour(), " limited to ")
	w.whole(0, 900)
	w.say(" MW, reason ", w.pick("maintenance", "maintenance", "replacement of insulators", "inspection", "work on the protection", "tree felling near the line"))
}

func (w *writer) trip() {
	w.say(" ERROR trip ", w.pick("line "+w.station()+"-"+w.station(), "unit 1 of "+w.plant(), "unit 2 of "+w.plant(), "interconnector to "+w.neighbour()),
		" tripped with ")
	w.whole(20, 1400)
	w.say(" MW, ", w.pick("protection operated correctly", "automatic reclosing succeeded", "automatic reclosing failed",
		"cause unknown", "lightning", "earth fault in phase L2"), ", frequency fell to ")
	w.decimal(49, 49.97)
	w.say(" Hz, ", w.pick("reserves activated", "n-1 is restored", "redispatch ordered", "no customer lost supply", "the neighbour's support requested"))
}

func (w *writer) say(parts ...string) {
	for _, p := range parts {
		w.line = append(w.line, p...)
	}
}

func (w *writer) whole(least, most int) {
	w.line = strconv.AppendInt(w.line, int64(least+w.IntN(most-least+1)), 10)
}

func (w *writer) decimal(least, most float64) {
	w.line = strconv.AppendFloat(w.line, least+(most-least)*w.Float64(), 'f', 2, 64)
}

func (w *writer) pick(choices ...string) string { return choices[w.IntN(len(choices))] }

func (w *writer) station() string   { return w.pick(w.operator.stations...) }
func (w *writer) neighbour() string { return w.pick(w.operator.neighbours...) }
func (w *writer) person() string    { return w.pick(w.operator.people...) }
func (w *writer) plant() string     { return w.pick(w.operator.plants...) }
